/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the laws of hold.h for stacks of three to five tables, drawn from a seed: law_stacks [COUNT [SEED [all]]].  300
 * of them in ./test, thousands in dev/deep, and there with ALL sizes for public keys, too.
 *
 * A stack whose tables do not go together is not counted; that it is refused is part of the law.
 */
#include "hold.h"
#include "roster.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LEAST = 3, MOST = 5, COUNT = 300 };

static uint64_t wanted = COUNT, seed = 1;
static struct effort effort;

static uint64_t draw(uint64_t below)
{
	uint64_t r;

	fill(&seed, &r, sizeof(r));
	return r % below;
}

static void sampled_stacks(void **state)
{
	uint64_t held = 0, refused = 0;

	(void)state;
	while (held < wanted) {
		struct stack stack = { { NULL } };
		const size_t length = LEAST + draw(MOST - LEAST + 1);

		for (size_t i = 0; i < length; i++)
			stack.mp[i] = roster.tables[draw(roster.count)];
		/* Those that are refused cost nothing, but say little. */
		if (!hold_admissible(&stack) && ++refused > wanted)
			continue;
		hold_all(&roster.world, draw(2) ? SECCOMM_STREAM : SECCOMM_DATAGRAM, &stack, &effort);
		held += hold_admissible(&stack);
	}
	print_message("# %llu stacks of %d to %d of %zu tables, and as many refused as %llu\n",
	    (unsigned long long)held, LEAST, MOST, roster.count, (unsigned long long)refused);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(sampled_stacks) };

	effort = effort_pair;
	if (argc > 1)
		wanted = strtoull(argv[1], NULL, 10);
	if (argc > 2)
		seed = strtoull(argv[2], NULL, 10);
	effort.all_sizes = argc > 3 && strcmp(argv[3], "all") == 0;
	return cmocka_run_group_tests_name("stacks", tests, roster_make, roster_drop);
}
