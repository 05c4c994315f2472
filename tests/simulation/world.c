/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run stands on: its random numbers, its trace, its hosts.
 */
#include "sim.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Random numbers ------------------------------------------------------------------------------------------------ */

uint64_t sim_draw(struct sim *sim, uint64_t bound) { return bound == 0 ? 0 : rig_random(&sim->random) % bound; }

uint64_t sim_between(struct sim *sim, uint64_t least, uint64_t most) { return least + sim_draw(sim, most - least + 1); }

bool sim_chance(struct sim *sim, unsigned percent) { return sim_draw(sim, 100) < percent; }

void sim_fill(uint64_t *seed, void *out, size_t length)
{
	uint8_t *bytes = out;

	for (size_t n; length > 0; length -= n, bytes += n) {
		const uint64_t word = rig_random(seed);

		n = length < sizeof(word) ? length : sizeof(word);
		memcpy(bytes, &word, n);
	}
}

/* ---- The trace ----------------------------------------------------------------------------------------------------- */

void sim_mix(struct sim *sim, const void *bytes, size_t length)
{
	const uint8_t *at = bytes;
	uint64_t word = length;

	for (size_t n = length; length > 0; length -= n, at += n) {
		n = length < sizeof(word) ? length : sizeof(word);
		memcpy(&word, at, n);
		sim->hash = (sim->hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		sim->hash ^= sim->hash >> 29;
	}
}

void sim_say(struct sim *sim, const char *format, ...)
{
	char line[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	sim_mix(sim, line, strlen(line));
	sim_mix(sim, &sim->monotonic_us, sizeof(sim->monotonic_us));
	if (sim->trace)
		printf("# %12.6f s  %s\n", (double)sim->monotonic_us / 1e6, line);
}

bool sim_fail(struct sim *sim, const char *format, ...)
{
	va_list arguments;

	if (!sim->failed) {
		va_start(arguments, format);
		vsnprintf(sim->why, sizeof(sim->why), format, arguments);
		va_end(arguments);
		sim_say(sim, "FAILED %s", sim->why);
	}
	sim->failed = true;
	return false;
}

/* ---- A run --------------------------------------------------------------------------------------------------------- */

static void make_host(struct sim *sim, unsigned n)
{
	struct host *host = &sim->host[n];
	/* Two clients may be the same principal. */
	uint64_t who = sim_draw(sim, CLIENTS_MAX);

	*host = (struct host){ .sim = sim, .number = n, .address = SERVER_ADDRESS + n };
	host->who = n == 0 ? 0 : 1 + (unsigned)who;
	snprintf(host->name, sizeof(host->name), n == 0 ? "server" : "client %u", n);
}

bool sim_make(struct sim *sim, const struct people *people, uint64_t seed, bool trace)
{
	const struct seccomm_mp *turn = roll_turn(&people->roll, seed);

	*sim = (struct sim){ .people = people, .seed = seed, .trace = trace, .random = seed, .monotonic_us = SECOND };
	sim->random = rig_random(&sim->random);
	generator_seed(rig_random(&sim->random));
	sim->last_actor = &sim->actors;
	sim->link = sim_draw(sim, 5) < 2 ? SECCOMM_STREAM : SECCOMM_DATAGRAM;
	sim->clients = sim->link == SECCOMM_STREAM || sim_draw(sim, 6) > 0 ? 1 : (unsigned)sim_between(sim, 2, CLIENTS_MAX);
	sim->echo = sim_chance(sim, 30);
	sim->allows = sim_chance(sim, 80);
	if (turn != NULL && compose_needs(turn, "pad"))
		sim->clients = 1;
	for (unsigned n = 0; n <= sim->clients; n++)
		make_host(sim, n);
	sim_say(sim, "seed %" PRIu64 ": %s, clients: %u", seed, sim->link == SECCOMM_STREAM ? "streams" : "datagrams", sim->clients);
	if (sim->link == SECCOMM_DATAGRAM)
		network_make(sim);
	if (!sim_plans(sim))
		return false;
	for (unsigned n = 0; n <= sim->clients; n++)
		if (!people_keyring(sim, &sim->host[n]))
			return false;
	return true;
}

static void drop_actor(struct sim *sim, struct actor *actor)
{
	if (actor->blocks != 0 || actor->bytes != 0)
		sim_fail(sim, "%s leaves %zu blocks of %zu bytes", actor_name(actor), actor->blocks, actor->bytes);
	free(actor->records);
	free(actor->sent);
	free(actor);
}

void sim_drop(struct sim *sim)
{
	for (struct actor *actor = sim->actors; actor != NULL; actor = actor->next)
		actor_free_session(actor);
	seccomm_listener_free(sim->listener);
	for (struct actor *actor = sim->actors, *next; actor != NULL; actor = next) {
		next = actor->next;
		drop_actor(sim, actor);
	}
	network_drop(sim);
	for (unsigned n = 0; n <= sim->clients; n++) {
		seccomm_keyring_free(sim->host[n].keyring);
		pad_drop(sim->host[n].pad);
	}
	for (unsigned role = CLIENT; role <= SERVER; role++) {
		seccomm_plan_free(sim->plan[role]);
		seccomm_plan_free(sim->other[role]);
	}
}
