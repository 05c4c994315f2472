/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: whichever of a session's allocations fails, once or from then on, and whichever random number: openings with
 * one key and several, at a listener, without an exchange; renewals and stack changes by either end; messages; the end.
 * What must hold is in failing.h.
 */
#include "failing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static uint64_t arm_allocations(struct rig *rig, uint64_t at, bool persistent)
{
	uint64_t count = rig->allocations;

	rig->allocations = 0;
	rig->fail_at = at;
	rig->persistent = persistent;
	return count;
}

static uint64_t arm_random(struct rig *rig, uint64_t at, bool persistent)
{
	uint64_t count = rig->drawn;

	rig->drawn = 0;
	rig->fail_random = at;
	rig->persistent = persistent;
	return count;
}

static void all(void **state, const struct failing_means *means, const char *what)
{
	const uint64_t tries = failing_try(*state, means);

	print_message("# %llu failures of %s\n", (unsigned long long)tries, what);
}

static void every_allocation_fails(void **state)
{
	all(state, &(struct failing_means){ .arm = arm_allocations, .every = failing_every() }, "the platform's memory");
}

static void every_random_number_fails(void **state)
{
	all(state, &(struct failing_means){ .arm = arm_random, .every = failing_every() }, "the platform's random numbers");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allocation_fails),
		cmocka_unit_test(every_random_number_fails),
	};

	return cmocka_run_group_tests_name("allocations", tests, rig_library, rig_library_free);
}
