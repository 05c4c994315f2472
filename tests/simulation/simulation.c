/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: whatever happens between two sessions, what one gets is what the other sent, in the order and number that its stack
 * promises; and an end that is not told everything knows it.
 *
 *	simulation [--seeds N] [--from M]	N runs (500), each with its seed
 *	simulation --seed K [--trace]		one of them again, with its log
 */
#include "sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct composition compositions[] = {
	{ .stack = "anti-replay:sequence | encrypt:aes-256-gcm", .fresh = true, .ordered = true },
	{ .stack = "anti-replay:sequence | encrypt:chacha20-poly1305", .fresh = true, .ordered = true },
	{ .stack = "anti-replay:sequence | sign:ed25519 | encrypt:aes-256-gcm", .fresh = true, .ordered = true },
	{ .stack = "anti-replay:sequence | encrypt:des-cbc | mac:hmac-sha-256", .fresh = true, .ordered = true },
	{ .stack = "anti-replay:timestamp | encrypt:aes-256-gcm", .fresh = true, .timed = true },
	{ .stack = "anti-replay:timestamp | anti-replay:sequence | mac:hmac-sha-256", .fresh = true, .ordered = true,
	    .timed = true },
	{ .stack = "anti-replay:sequence | sign:ed25519,direction=c2s | encrypt:aes-256-gcm,direction=c2s | "
		   "encrypt:chacha20-poly1305,direction=s2c",
	    .fresh = true, .ordered = true },
	{ .stack = "anti-replay:sequence | encrypt:aes-256-gcm", .key = "psk,secret=shared", .alone = true, .fresh = true,
	    .ordered = true },
	{ .stack = "anti-replay:timestamp | digest:sha-256 | sign:ed25519", .key = "dh,protect=sign:ed25519", .fresh = true,
	    .timed = true },
	{ .stack = "digest:sha-1 | encrypt:des-cbc | mac:hmac-sha-256" },
};

static const struct composition *draw_composition(struct sim *sim)
{
	return &compositions[sim_draw(sim, sizeof(compositions) / sizeof(compositions[0]))];
}

static bool run(struct seccomm *library, uint64_t seed, bool trace, uint64_t *hash)
{
	struct sim *sim = calloc(1, sizeof(*sim));
	const struct composition *composition;
	enum seccomm_link link;
	bool well;

	if (sim == NULL)
		return false;
	sim->random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	sim->hash = UINT64_C(0xcbf29ce484222325);
	sim->trace = trace;
	composition = draw_composition(sim);
	link = sim_draw(sim, 5) < 3 ? SECCOMM_STREAM : SECCOMM_DATAGRAM;
	sim_make(sim, library, composition, link, seed);
	well = link == SECCOMM_STREAM ? stream_run(sim) : datagram_run(sim);
	*hash = sim->hash;
	if (!well)
		printf("# seed %" PRIu64 ": %s\n# reproduce: simulation --seed %" PRIu64 " --trace\n", seed, sim->why, seed);
	sim_drop(sim);
	free(sim);
	return well;
}

static unsigned run_all(struct seccomm *library, uint64_t from, uint64_t count)
{
	unsigned failed = 0;
	uint64_t hash;

	for (uint64_t seed = from; seed < from + count; seed++)
		failed += !run(library, seed, false, &hash);
	return failed;
}

/* Every tenth seed again: nothing but the seed decides. */
static unsigned run_twice(struct seccomm *library, uint64_t from, uint64_t count)
{
	unsigned failed = 0;

	for (uint64_t seed = from; seed < from + count; seed += 10) {
		uint64_t first = 0, second = 1;

		if (run(library, seed, false, &first) && run(library, seed, false, &second) && first == second)
			continue;
		printf("# seed %" PRIu64 " has two traces\n", seed);
		failed++;
	}
	return failed;
}

static int run_test(struct seccomm *library, uint64_t from, uint64_t count)
{
	unsigned failed, differing;

	printf("1..2\n");
	fflush(stdout);
	failed = run_all(library, from, count);
	printf("%sok 1 - %" PRIu64 " seeds from %" PRIu64 "\n", failed > 0 ? "not " : "", count, from);
	differing = run_twice(library, from, count);
	printf("%sok 2 - a seed gives the same trace again\n", differing > 0 ? "not " : "");
	return failed + differing > 0;
}

static uint64_t option(int count, char **arguments, const char *name, uint64_t usual)
{
	for (int i = 1; i + 1 < count; i++)
		if (strcmp(arguments[i], name) == 0)
			return strtoull(arguments[i + 1], NULL, 10);
	return usual;
}

int main(int count, char **arguments)
{
	const char *wanted = getenv("SIMULATION_SEEDS");
	uint64_t one = option(count, arguments, "--seed", 0), hash = 0;
	bool trace = count > 1 && strcmp(arguments[count - 1], "--trace") == 0;
	struct seccomm *library = seccomm_new(NULL);
	int status;

	if (library == NULL)
		return 1;
	if (one > 0) {
		status = !run(library, one, trace, &hash);
		printf("# seed %" PRIu64 ": %s, trace %016" PRIx64 "\n", one, status == 0 ? "well" : "failed", hash);
	} else {
		status = run_test(library, option(count, arguments, "--from", 1),
		    option(count, arguments, "--seeds", wanted != NULL ? strtoull(wanted, NULL, 10) : 500));
	}
	seccomm_free(library);
	return status;
}
