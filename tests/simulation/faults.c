/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may happen between and to the hosts of a run over datagrams.
 */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

enum { BURST = 24, GARBAGE = 1600, REPLAYS = 24 };

/* ---- Users --------------------------------------------------------------------------------------------------------- */

/* A session that lives; NULL: there is none. */
static struct actor *somebody(struct sim *sim)
{
	struct actor *found = NULL;
	uint64_t alive = 0;

	for (struct actor *actor = sim->actors; actor != NULL; actor = actor->next)
		if (actor->session != NULL && actor->closed == 0 && sim_draw(sim, ++alive) == 0)
			found = actor;
	return found;
}

static void talk(struct sim *sim)
{
	struct actor *actor = somebody(sim);
	uint64_t count = sim_chance(sim, 10) ? sim_between(sim, 1, 3 * BURST) : sim_between(sim, 1, 8);

	count = sim->slow ? 1 : count;
	for (; actor != NULL && count > 0; count--)
		actor_send(actor, draw_length(sim));
}

static void rekey(struct sim *sim)
{
	struct actor *actor = somebody(sim);

	if (actor == NULL)
		return;
	actor_rekey(actor);
	if (sim_chance(sim, 30) && actor->peer != NULL)
		actor_rekey(actor->peer);
}

static void change(struct sim *sim)
{
	struct actor *actor = somebody(sim);

	/* Where nothing is wrong nobody asks for what is not allowed. */
	if (actor != NULL && (sim->allows || !sim->network.gentle))
		actor_change(actor);
}

static void close_one(struct sim *sim)
{
	struct actor *actor = somebody(sim);

	/* Without an exchange an end that has closed may wait for a peer that is gone until it is idle. */
	if (actor != NULL && !sim->network.gentle && !sim->keys->salted && sim_chance(sim, 30))
		actor_close(actor);
}

static void pause(struct sim *sim)
{
	uint64_t seconds = sim_chance(sim, 90) ? sim_between(sim, 1, 60) : sim_between(sim, 60, 400);

	if (sim_draw(sim, 400) == 0)
		seconds = 3500;
	datagram_until(sim, sim->monotonic_us + seconds * SECOND);
}

/* ---- Networks and hosts -------------------------------------------------------------------------------------------- */

static struct host *some_client(struct sim *sim) { return &sim->host[sim_between(sim, 1, sim->clients)]; }

static void cut(struct sim *sim)
{
	struct host *host = &sim->host[sim_draw(sim, sim->clients + 1)];
	uint64_t seconds = sim_chance(sim, 80) ? sim_between(sim, 1, 20) : sim_between(sim, 20, 200);
	unsigned ways = (unsigned)sim_between(sim, 1, 3);

	sim_say(sim, "%s is cut off for %u s%s%s", host->name, (unsigned)seconds, ways & 1 ? ", cannot send" : "",
	    ways & 2 ? ", cannot receive" : "");
	for (unsigned way = 0; way < 2; way++)
		if (ways >> way & 1)
			host->cut_us[way] = sim->monotonic_us + seconds * SECOND;
	if (sim_chance(sim, 50))
		datagram_until(sim, sim->monotonic_us + seconds * SECOND);
}

static void move(struct sim *sim) { datagram_new_address(sim, some_client(sim)); }

/* Its memory is gone, and nobody is told. */
static void restart_client(struct sim *sim)
{
	struct host *host = some_client(sim);

	sim_say(sim, "%s starts again", host->name);
	pad_halt(host->pad);
	if (host->actor != NULL)
		actor_free_session(host->actor);
	host->actor = NULL;
	pad_start(host->pad);
	host->reopen_us = sim->monotonic_us + (sim_chance(sim, 50) ? 0 : sim_between(sim, 1, 30000) * MS);
	if (sim_chance(sim, 30))
		datagram_new_address(sim, host);
}

static void restart_server(struct sim *sim)
{
	if (sim_chance(sim, 50))
		datagram_restart_server(sim);
}

static void step_clock(struct sim *sim)
{
	struct host *host = &sim->host[sim_draw(sim, sim->clients + 1)];

	host->step_us = host->step_us == 0 || sim_draw(sim, 2) ? host->step_us + HOUR : host->step_us - HOUR;
	if (host->step_us > sim->latest_step_us)
		sim->latest_step_us = host->step_us;
	sim_say(sim, "the clock of %s steps", host->name);
}

/* ---- Attackers ----------------------------------------------------------------------------------------------------- */

static uint32_t any_address(struct sim *sim)
{
	uint64_t n = sim_draw(sim, sim->clients + 2);

	return n <= sim->clients ? sim->host[n].address : ATTACKER_ADDRESS + (uint32_t)sim_draw(sim, 3);
}

/* Something old, from where it came or from anywhere, to where it went or to anywhere: its sender, too. */
static void replay(struct sim *sim)
{
	for (uint64_t count = sim_between(sim, 1, REPLAYS); count > 0; count--) {
		const struct packet *old = network_old(sim);
		struct packet like;

		if (old == NULL)
			return;
		like = *old;
		if (sim_chance(sim, 30))
			like.from = any_address(sim);
		if (sim_chance(sim, 20))
			like.to = any_address(sim);
		network_add(sim, &like, old->bytes, old->length, sim_draw(sim, 100) * MS);
	}
}

static void reflect(struct sim *sim)
{
	const struct packet *old = network_old(sim);
	struct packet like;

	if (old == NULL)
		return;
	like = *old;
	like.from = old->to;
	like.to = old->from;
	network_add(sim, &like, old->bytes, old->length, 0);
}

/* Bytes of no meaning, or a header that has one. */
static void garbage(struct sim *sim)
{
	const struct packet *old = network_old(sim);
	struct packet like = { .from = any_address(sim), .to = any_address(sim) };
	uint8_t bytes[GARBAGE];
	size_t length = (size_t)sim_draw(sim, sim_chance(sim, 50) ? 40 : GARBAGE);

	sim_fill(&sim->random, bytes, length);
	if (length >= FRAME_HEADER && sim_chance(sim, 70))
		bytes[0] = (uint8_t)(FRAME_VERSION << 5 | sim_draw(sim, 5));
	if (old != NULL && old->length >= FRAME_HEADER && length >= FRAME_HEADER && sim_chance(sim, 70))
		memcpy(bytes + 1, old->bytes + 1, FRAME_HEADER - 1);
	network_add(sim, &like, bytes, length, 0);
}

void fault_attack(struct sim *sim)
{
	static void (*const attacks[])(struct sim *) = { replay, replay, reflect, garbage };

	attacks[sim_draw(sim, sizeof(attacks) / sizeof(attacks[0]))](sim);
}

/* ---- Any of them --------------------------------------------------------------------------------------------------- */

void fault_any(struct sim *sim)
{
	static void (*const gentle[])(struct sim *) = { talk, talk, talk, talk, rekey, change, pause };
	static void (*const rough[])(struct sim *) = { talk, talk, talk, talk, talk, rekey, change, close_one, pause, cut, move,
		restart_client, restart_server, step_clock };

	if (sim->network.gentle) {
		gentle[sim_draw(sim, sizeof(gentle) / sizeof(gentle[0]))](sim);
		return;
	}
	if (sim_chance(sim, sim->network.attacks))
		fault_attack(sim);
	rough[sim_draw(sim, sizeof(rough) / sizeof(rough[0]))](sim);
}
