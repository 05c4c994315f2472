/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clients and one server with a listener, over datagrams: first with all that may happen to them, then on a good network, where
 * in the end everybody has a session that works, and nobody thinks to have one that does not.
 */
#include "sim.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 100000 };

/* ---- The server's listener ----------------------------------------------------------------------------------------- */

/* Until its address is proven, whoever asks gets no more bytes than it has sent. */
static void judge_answer(struct sim *sim, size_t length)
{
	const struct packet *request = sim->network.arriving;

	if (request == NULL || request->length < length)
		sim_fail(sim, "an answer of %zu bytes to %zu bytes of somebody unproven", length, request != NULL ? request->length : 0);
}

static uint32_t address_of(const void *address, size_t length)
{
	uint32_t out = 0;

	if (length == sizeof(out))
		memcpy(&out, address, length);
	return out;
}

static void answer(void *context, const void *address, size_t address_length, const uint8_t *bytes, size_t length)
{
	struct sim *sim = context;

	sim_mix(sim, bytes, length);
	sim_say(sim, "the listener answers %zu bytes", length);
	judge_answer(sim, length);
	network_send(sim, NULL, SERVER_ADDRESS, address_of(address, address_length), bytes, length);
}

static struct seccomm_session *accept(void *context, const void *address, size_t address_length)
{
	struct sim *sim = context;
	struct actor *actor = actor_open(sim, &sim->host[0]);

	if (actor == NULL)
		return NULL;
	actor->address = address_of(address, address_length);
	return actor->session;
}

static struct actor *actor_of(struct sim *sim, const struct seccomm_session *session)
{
	for (struct actor *actor = sim->actors; actor != NULL; actor = actor->next)
		if (actor->session == session)
			return actor;
	return NULL;
}

static void evict(void *context, struct seccomm_session *session)
{
	struct sim *sim = context;
	struct actor *actor = actor_of(sim, session);

	sim_say(sim, "%s gives way", actor_name(actor));
	if (actor->opened > 0)
		sim_fail(sim, "%s had to give way and was open", actor_name(actor));
	actor_free_session(actor);
}

/* Only its peer's own datagram can move a session, and only one newer than all that moved it before. */
static void moved(void *context, struct seccomm_session *session, const void *address, size_t address_length)
{
	struct sim *sim = context;
	struct actor *actor = actor_of(sim, session);
	const struct packet *packet = sim->network.arriving;
	unsigned lane = packet->bytes[0] & 31;
	uint64_t newness = (uint64_t)packet->bytes[5] << 32;

	judge_actor(actor); /* who its peer is may be known only now */
	if (address_of(address, address_length) != packet->from)
		sim_fail(sim, "%s was moved to where nothing came from", actor_name(actor));
	if (actor->address != packet->from)
		sim_say(sim, "%s is moved to %08x", actor_name(actor), packet->from);
	actor->address = packet->from;
	/* Between two slots of an opening the peer is not known yet. */
	if (!packet->intact || packet->origin == NULL || (actor->record_count > 0 && packet->origin != actor->peer))
		sim_fail(sim, "%s was moved by a datagram that is not its peer's", actor_name(actor));
	if (lane > LANE_CONTROL)
		return;
	if (packet->bytes[5] < actor->newest_epoch)
		sim_fail(sim, "%s was moved by epoch %u", actor_name(actor), packet->bytes[5]);
	actor->newest_epoch = packet->bytes[5];
	if (lane == LANE_CONTROL || actor->session->plan->counts) {
		newness |= 1 + cactus_u64(packet->bytes + FRAME_HEADER + actor->session->plan->salt);
		if (newness <= actor->newest[lane])
			sim_fail(sim, "%s was moved by an old message", actor_name(actor));
		actor->newest[lane] = newness;
	}
}

static const struct seccomm_listener_callbacks *callbacks_of(struct sim *sim)
{
	sim->callbacks = (struct seccomm_listener_callbacks){
		.context = sim, .answer = answer, .accept = accept, .evict = evict, .moved = moved
	};
	return &sim->callbacks;
}

static bool make_listener(struct sim *sim)
{
	struct seccomm_listener_limits limits = { .half_open = 64, .cookies_above = (size_t)sim_draw(sim, 4) };

	if (sim_chance(sim, 30))
		limits = (struct seccomm_listener_limits){ .half_open = (size_t)sim_between(sim, CLIENTS_MAX, 10), .cookies_above = 16 };
	return seccomm_listener_new(sim->plan[SERVER], sim->host[0].keyring, &actor_make(sim, &sim->host[0])->platform,
		   callbacks_of(sim), &limits, &sim->listener, NULL) == SECCOMM_OK ||
	       sim_fail(sim, "no listener");
}

void datagram_restart_server(struct sim *sim)
{
	sim_say(sim, "the server starts again");
	pad_halt(sim->host[0].pad);
	for (struct actor *actor = sim->actors; actor != NULL; actor = actor->next)
		if (actor->server)
			actor_free_session(actor);
	seccomm_listener_free(sim->listener);
	sim->listener = NULL;
	pad_start(sim->host[0].pad);
	(void)make_listener(sim);
}

/* ---- Carrying ------------------------------------------------------------------------------------------------------ */

void datagram_transmit(struct actor *actor, const uint8_t *bytes, size_t length)
{
	struct sim *sim = actor->sim;

	if (!actor->server) {
		network_send(sim, actor, actor->host->address, SERVER_ADDRESS, bytes, length);
		return;
	}
	if (actor->session->epoch->ready == 0)
		judge_answer(sim, length);
	network_send(sim, actor, SERVER_ADDRESS, actor->address, bytes, length);
}

void datagram_new_address(struct sim *sim, struct host *host)
{
	host->address_before = host->address;
	host->address_before_until_us = sim->monotonic_us + (sim_chance(sim, 50) ? 0 : sim_between(sim, 0, 5000) * MS);
	host->address += 1000;
	sim_say(sim, "%s is at %08x now", host->name, host->address);
}

static struct host *host_at(struct sim *sim, uint32_t address)
{
	for (unsigned n = 0; n <= sim->clients; n++) {
		struct host *host = &sim->host[n];

		if (host->address == address ||
		    (host->address_before == address && sim->monotonic_us < host->address_before_until_us))
			return host;
	}
	return NULL;
}

static void judge_listener(struct sim *sim)
{
	for (struct actor *actor = sim->actors; actor != NULL; actor = actor->next)
		if (actor->server)
			judge_actor(actor);
}

static void arrive(struct sim *sim, struct packet *packet)
{
	const struct host *host = host_at(sim, packet->to);
	uint8_t *copy = malloc(packet->length + 1); /* of its size, so that a step beyond is seen */

	if (copy == NULL)
		abort();
	if (packet->length > 0)
		memcpy(copy, packet->bytes, packet->length);
	sim_say(sim, "%zu bytes arrive at %08x from %08x%s", packet->length, packet->to, packet->from, packet->intact ? "" : ", changed");
	sim->network.arriving = packet;
	if (host != NULL && host->number == 0) {
		seccomm_listener_pop(sim->listener, &packet->from, sizeof(packet->from), copy, packet->length);
		judge_listener(sim);
	} else if (host != NULL && host->actor != NULL) {
		ptrdiff_t used = actor_pop(host->actor, copy, packet->length);

		if (used != (ptrdiff_t)packet->length && host->actor->closed == 0)
			sim_fail(sim, "pop answered %td for a datagram of %zu bytes", used, packet->length);
	}
	sim->network.arriving = NULL;
	free(copy);
	free(packet);
}

/* ---- Time ---------------------------------------------------------------------------------------------------------- */

/* What drivers do: free what has ended, and open again what should be there. */
static void tend(struct sim *sim)
{
	for (struct actor *actor = sim->actors; actor != NULL; actor = actor->next) {
		if (actor->session == NULL)
			continue;
		if (actor->closed == 0 && actor->peer_closed > 0)
			actor_close(actor);
		if (actor->closed == 0)
			continue;
		actor_free_session(actor);
		if (actor->host->actor == actor) {
			actor->host->actor = NULL;
			actor->host->reopen_us =
			    sim->monotonic_us + (sim->healed || sim_chance(sim, 50) ? 0 : sim_between(sim, 1, 3000) * MS);
		}
	}
	for (unsigned n = 1; n <= sim->clients; n++)
		if (sim->host[n].actor == NULL && sim->monotonic_us >= sim->host[n].reopen_us)
			sim->host[n].actor = actor_open(sim, &sim->host[n]);
}

static uint64_t due_us(const struct actor *actor)
{
	uint64_t at = actor->session != NULL ? seccomm_deadline(actor->session) : UINT64_MAX;

	return at > UINT64_MAX - actor->sim->network.slack_us ? at : at + actor->sim->network.slack_us;
}

static uint64_t next_us(const struct sim *sim)
{
	uint64_t at = network_next(sim);

	for (const struct actor *actor = sim->actors; actor != NULL; actor = actor->next)
		if (due_us(actor) < at)
			at = due_us(actor);
	for (unsigned n = 1; n <= sim->clients; n++)
		if (sim->host[n].actor == NULL && sim->host[n].reopen_us < at)
			at = sim->host[n].reopen_us;
	return at;
}

static void run_timers(struct sim *sim)
{
	for (struct actor *actor = sim->actors; actor != NULL; actor = actor->next)
		if (due_us(actor) <= sim->monotonic_us)
			actor_run_due(actor);
}

void datagram_until(struct sim *sim, uint64_t end_us)
{
	for (uint64_t at; !sim->failed && (at = next_us(sim)) <= end_us;) {
		if (at > sim->monotonic_us)
			sim->monotonic_us = at;
		if (++sim->steps > STEPS_MAX)
			sim_fail(sim, "it does not come to rest");
		else if (network_next(sim) <= sim->monotonic_us)
			arrive(sim, network_take(sim));
		else
			run_timers(sim);
		tend(sim);
	}
	if (end_us > sim->monotonic_us)
		sim->monotonic_us = end_us;
}

/* ---- A run --------------------------------------------------------------------------------------------------------- */

/* Where nothing is lost everything arrives. */
static bool all_arrived(struct sim *sim)
{
	for (const struct actor *actor = sim->actors; actor != NULL; actor = actor->next)
		for (size_t n = 0; n < actor->sent_count && sim->network.gentle; n++)
			if (actor->sent[n].delivered != 1)
				return sim_fail(sim, "message %zu of %s was delivered %u times on a good network", n, actor_name(actor),
				    (unsigned)actor->sent[n].delivered);
	return true;
}

bool datagram_run(struct sim *sim)
{
	uint64_t actions = sim_between(sim, 4, 40);

	if (!make_listener(sim))
		return false;
	for (unsigned n = 1; n <= sim->clients; n++)
		sim->host[n].reopen_us = sim->monotonic_us + sim_draw(sim, 2000) * MS;
	tend(sim);
	for (; actions > 0 && !sim->failed; actions--) {
		datagram_until(sim, sim->monotonic_us + sim_draw(sim, sim_chance(sim, 80) ? 1000 : 20000) * MS);
		fault_any(sim);
	}
	return !sim->failed && gets_well(sim) && all_arrived(sim);
}
