/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: one more layer that authenticates, outside of all others, never lowers a level,
 * for every stack of up to two layers and for triples drawn from a seed; with an argument N for one in N of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "rig.h"
#include "verdict.h"

enum { TRIPLES = 500 };

static uint64_t step = 1;

/* How many pairs of a stack and a layer outside it there were. */
static unsigned compared;

static bool authenticates(const struct seccomm *library, const struct row *row)
{
	const struct seccomm_mp *mp = seccomm_micro_protocol(library, row->layer, row->word);

	assert_non_null(mp);
	return mp->gives & SECCOMM_GIVES_AUTHENTICITY;
}

/* Who signs has identities and agrees on a key, who does not has a secret, which even a quantum computer leaves one. */
static enum seccomm_level of_layers(enum seccomm_level level)
{
	return level < SECCOMM_LEVEL_MODERN ? level : SECCOMM_LEVEL_MODERN;
}

static void not_lower(const struct stack *stack, const struct verdict *inner, const struct verdict *outer)
{
	char name[STACK_NAME];

	for (unsigned end = CLIENT; end <= SERVER; end++)
		for (int p = 0; p < PLAN_PROPERTIES; p++)
			if (outer->level[end][p] < of_layers(inner->level[end][p]))
				fail_msg("%s: %s is %s, and without the outermost layer %s", stack_name(stack, name),
				    seccomm_property_name((enum seccomm_property)p), seccomm_level_name(outer->level[end][p]),
				    seccomm_level_name(inner->level[end][p]));
}

static void enclosed(struct seccomm *library, const struct stack *stack, enum seccomm_link link)
{
	struct verdict inner, outer;

	assert_null(verdict_make(library, stack, link, &inner));
	for (size_t row = 0; row < row_count && inner.plan[CLIENT] != NULL; row++) {
		struct stack more = *stack;
		bool used = false;

		for (size_t i = 0; i < stack->count; i++)
			used = used || stack->row[i] == row;
		if (used || !authenticates(library, &rows[row]))
			continue;
		more.row[more.count++] = row;
		assert_null(verdict_make(library, &more, link, &outer));
		if (outer.plan[CLIENT] != NULL) {
			not_lower(&more, &inner, &outer);
			compared++;
		}
		verdict_drop(&outer);
	}
	verdict_drop(&inner);
}

static void authentication_outside_lowers_nothing(void **state)
{
	uint64_t seed = 2;
	struct stack stack;

	for (uint64_t n = 0; n < stacks_count(row_count, 2); n += step) {
		stack_nth(row_count, n, &stack);
		enclosed(*state, &stack, SECCOMM_STREAM);
	}
	for (uint64_t n = 0; n < TRIPLES / step; n++) {
		stack_draw(&seed, 3, &stack);
		enclosed(*state, &stack, n % 2 == 0 ? SECCOMM_STREAM : SECCOMM_DATAGRAM);
	}
	print_message("# %u stacks with an authenticating layer more\n", compared);
	assert_true(compared > 1000 / step);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(authentication_outside_lowers_nothing) };

	if (argc > 1)
		step = strtoull(argv[1], NULL, 10);
	return cmocka_run_group_tests_name("one layer more", tests, rig_library, rig_library_free);
}
