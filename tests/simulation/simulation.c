/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: whatever happens between sessions, what one gets is what its peer sent, in the order and number that the stack
 * promises; their keys are the same in every epoch; an end that is not told everything knows it; and on a good link all of
 * them work again.
 *
 *	simulation [--seeds N] [--from M]	N runs (2000), each with its seed
 *	simulation --seed K [--trace]		one of them again, with its log
 */
#include "sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 2000, AGAIN = 20 };

static void add_up(const struct sim *sim, struct totals *totals)
{
	totals->seeds++;
	totals->failures += sim->failed;
	for (const struct actor *actor = sim->actors; actor != NULL; actor = actor->next) {
		totals->sessions += actor->opened > 0 && actor->server;
		totals->delivered += actor->got;
		totals->epochs += actor->server ? actor->record_count : 0;
	}
}

static bool run(const struct people *people, uint64_t seed, bool trace, struct totals *totals, uint64_t *hash)
{
	struct sim *sim = malloc(sizeof(*sim));
	bool well;

	if (sim == NULL)
		abort();
	if (sim_make(sim, people, seed, trace))
		(void)(sim->link == SECCOMM_STREAM ? stream_run(sim) : datagram_run(sim));
	add_up(sim, totals);
	roll_count(sim, totals);
	sim_drop(sim);
	*hash = sim->hash;
	well = !sim->failed;
	if (!well)
		printf("# seed %" PRIu64 ": %s\n# reproduce: simulation --seed %" PRIu64 " --trace\n", seed, sim->why, seed);
	fflush(stdout);
	free(sim);
	return well;
}

static int run_test(const struct people *people, uint64_t from, uint64_t count)
{
	struct totals totals = { 0 }, again = { 0 };
	uint64_t first, second, differing = 0;
	bool all;

	printf("1..3\n");
	for (uint64_t seed = from; seed < from + count; seed++) {
		(void)run(people, seed, false, &totals, &first);
		if (seed % AGAIN != 0)
			continue;
		/* Nothing but the seed decides. */
		(void)run(people, seed, false, &again, &second);
		if (first != second)
			printf("# seed %" PRIu64 " has two traces\n", seed);
		differing += first != second;
	}
	printf("# %" PRIu64 " seeds, %" PRIu64 " sessions, %" PRIu64 " messages delivered, %" PRIu64 " epochs, %" PRIu64 " failures\n",
	    totals.seeds, totals.sessions, totals.delivered, totals.epochs, totals.failures);
	printf("%sok 1 - %" PRIu64 " seeds from %" PRIu64 "\n", totals.failures > 0 ? "not " : "", count, from);
	printf("%sok 2 - a seed gives the same trace again\n", differing > 0 ? "not " : "");
	all = roll_tell(&people->roll, &totals) || !roll_enough(&people->roll, count);
	printf("%sok 3 - messages passed every table%s\n", all ? "" : "not ",
	    roll_enough(&people->roll, count) ? "" : " # SKIP too few seeds for all of them");
	return totals.failures + differing > 0 || !all;
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
	uint64_t one = option(count, arguments, "--seed", 0), hash = 0;
	bool trace = count > 1 && strcmp(arguments[count - 1], "--trace") == 0;
	struct seccomm *library = seccomm_new(NULL);
	struct totals totals = { 0 };
	struct people people;
	int status = 1;

	if (library == NULL)
		return 1;
	if (!people_make(&people, library)) {
		printf("# no keys\n");
	} else if (one > 0) {
		status = !run(&people, one, trace, &totals, &hash);
		printf("# seed %" PRIu64 ": %s, trace %016" PRIx64 "\n", one, status == 0 ? "well" : "failed", hash);
	} else {
		status = run_test(&people, option(count, arguments, "--from", 1), option(count, arguments, "--seeds", SEEDS));
	}
	people_drop(&people);
	seccomm_free(library);
	return status;
}
