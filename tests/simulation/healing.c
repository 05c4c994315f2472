/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must become of every run over datagrams when the network is good again, whatever has happened before.
 */
#include "sim.h"

/* Longer than the longest that anybody waits: 60 s for the end of a renewal, then 15 s for an answer, then an opening. */
enum { WELL_WITHIN_S = 110, THEN_S = 32, EVERY_S = 5, SETTLES = 15 };
/* What is sent again is the same bytes, and a clock may find them too old by the time they can be answered: then a renewal is tried again, 10 s later. */
enum { SETTLES_TIMED = 120 };

/* Everybody's clock shows the same, and nobody's has ever shown more. */
static void heal(struct sim *sim)
{
	sim_say(sim, "---- from now on the network is good");
	for (unsigned n = 0; n <= sim->clients; n++)
		sim->host[n].step_us = sim->latest_step_us;
	sim->healed = true;
}

/*
 * Every client's session works, and the server has no other ones that it calls open.  Without an exchange nobody can know
 * that; there it is enough that what a client sends arrives.
 */
static const struct actor *not_well(const struct sim *sim)
{
	if (sim->keys->salted)
		return NULL;
	for (unsigned n = 1; n <= sim->clients; n++)
		if (!judge_agreed(sim->host[n].actor))
			return sim->host[n].actor;
	for (const struct actor *actor = sim->actors; actor != NULL; actor = actor->next)
		if (actor->server && actor->session != NULL && actor->opened > 0 &&
		    (actor->peer == NULL || actor->peer->host->actor != actor->peer))
			return actor;
	return NULL;
}

/* The same, when what is being agreed on has been. */
static const struct actor *ill(struct sim *sim)
{
	const struct actor *found = not_well(sim);

	for (unsigned i = 0; i < (sim->timed ? SETTLES_TIMED : SETTLES) && found != NULL && !sim->failed; i++) {
		datagram_until(sim, sim->monotonic_us + 100 * MS);
		found = not_well(sim);
	}
	return found;
}

static void everybody_sends(struct sim *sim)
{
	for (struct actor *actor = sim->actors; actor != NULL; actor = actor->next)
		if (actor->session != NULL)
			actor_send(actor, (size_t)sim_between(sim, 8, 24));
}

static bool last_arrived(const struct actor *actor)
{
	return actor != NULL && actor->sent_count > 0 && actor->sent[actor->sent_count - 1].delivered > 0;
}

/* A message each way in each session arrives within the latency. */
static bool messages_pass(struct sim *sim)
{
	sim->echo = false;
	everybody_sends(sim);
	datagram_until(sim, sim->monotonic_us + sim->network.latency_us);
	for (unsigned n = 1; n <= sim->clients && !sim->failed; n++) {
		const struct actor *actor = sim->host[n].actor;

		if (!last_arrived(actor) || (!sim->keys->salted && !last_arrived(actor->peer)))
			return sim_fail(sim, "a message of %s or to it does not arrive on a good network", sim->host[n].name);
	}
	return !sim->failed;
}

/* Who has asked for another stack that has not come, and was not told that it will not. */
static const struct actor *owed(const struct sim *sim)
{
	for (const struct actor *actor = sim->actors; actor != NULL; actor = actor->next)
		if (actor->session != NULL && actor->wanted != NULL)
			return actor;
	return NULL;
}

/* The peer may have had to change its keys first; then its old epoch has to go before it can begin with anything else. */
static bool nothing_stays_owed(struct sim *sim)
{
	const uint64_t until = sim->monotonic_us + THEN_S * (uint64_t)SECOND;

	while (!sim->failed && owed(sim) != NULL && sim->monotonic_us < until)
		datagram_until(sim, sim->monotonic_us + SECOND);
	if (owed(sim) != NULL)
		return sim_fail(sim, "%s has asked for another stack and was never answered", actor_name(owed(sim)));
	return !sim->failed;
}

bool gets_well(struct sim *sim)
{
	uint64_t until = sim->monotonic_us + WELL_WITHIN_S * (uint64_t)SECOND;
	const struct actor *still = NULL;

	heal(sim);
	do {
		if (sim_chance(sim, sim->network.attacks))
			fault_attack(sim);
		everybody_sends(sim);
		datagram_until(sim, sim->monotonic_us + EVERY_S * (uint64_t)SECOND);
		still = ill(sim);
	} while (!sim->failed && still != NULL && sim->monotonic_us < until);
	if (still != NULL)
		return sim_fail(sim, "%s is not well on a good network", actor_name(still));
	for (until = sim->monotonic_us + THEN_S * (uint64_t)SECOND; !sim->failed && sim->monotonic_us < until;) {
		everybody_sends(sim);
		datagram_until(sim, sim->monotonic_us + EVERY_S * (uint64_t)SECOND);
	}
	still = ill(sim);
	if (still != NULL)
		return sim_fail(sim, "%s does not stay well on a good network", actor_name(still));
	return messages_pass(sim) && nothing_stays_owed(sim);
}
