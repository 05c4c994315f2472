/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: on a network that loses, doubles, damages, delays and reorders, every call ends exactly once, and what else is
 * true of it is what its layers promise: each twin, which lacks one layer, breaks just that promise on the same seeds.
 *
 *	simulation		500 seeds
 *	simulation SEED		one of them with all layers, with its log
 */
#include <inttypes.h>
#include <stdio.h>

#include "sim.h"

enum { SEEDS = 500 };

static struct tally run_all(enum twin twin, bool only_loss)
{
	struct tally tally = { 0 };

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		const struct tally before = tally;

		(void)sim_run(seed, twin, only_loss, false, &tally);
		if (twin == ALL &&
		    (tally.again > before.again || tally.wrong > before.wrong || tally.strange > before.strange))
			fail_msg("seed %" PRIu64 ": %u runs again, %u wrong replies, %u strange requests", seed,
			    tally.again - before.again, tally.wrong - before.wrong, tally.strange - before.strange);
	}
	printf("# of %u calls %u replies (%u wrong), %u time-outs; %u runs again, %u strange ones; %u datagrams lost\n",
	    tally.calls, tally.replies, tally.wrong, tally.timed_out, tally.again, tally.strange, tally.lost);
	return tally;
}

static void with_all_layers_a_call_runs_at_most_once(void **state)
{
	const struct tally t = run_all(ALL, false);

	(void)state;
	assert_int_equal(t.replies + t.timed_out, t.calls);
	assert_true(t.lost > t.calls / 2); /* it was no easy network */
	assert_true(t.timed_out < t.calls / 20);
}

static void without_at_most_once_procedures_run_again(void **state)
{
	const struct tally t = run_all(NO_AT_MOST_ONCE, false);

	(void)state;
	assert_true(t.again > t.calls / 10);
	assert_int_equal(t.wrong + t.strange, 0);
}

/* A call needs one request and one reply, so every loss is one call's end. */
static void without_retransmission_every_loss_is_a_time_out(void **state)
{
	const struct tally t = run_all(NO_RETRANSMISSION, true), better = run_all(ALL, true);

	(void)state;
	assert_int_equal(t.timed_out, t.lost);
	assert_true(t.timed_out > t.calls / 5);
	assert_true(better.timed_out < t.timed_out / 20);
}

static void without_a_checksum_damage_passes(void **state)
{
	const struct tally t = run_all(NO_CHECKSUM, false);

	(void)state;
	assert_true(t.wrong > 100);
	assert_true(t.strange > 100);
}

static void without_identity_replies_go_astray(void **state)
{
	const struct tally t = run_all(NO_IDENTITY, true);

	(void)state;
	assert_true(t.wrong > t.calls / 10);
}

static void a_seed_gives_the_same_run_again(void **state)
{
	struct tally tally = { 0 };
	uint64_t last = 0;

	(void)state;
	for (enum twin twin = ALL; twin < TWINS; twin++)
		for (uint64_t seed = 1; seed <= SEEDS; seed += 10) {
			const uint64_t hash = sim_run(seed, twin, false, false, &tally);

			assert_true(sim_run(seed, twin, false, false, &tally) == hash);
			assert_true(hash != last);
			last = hash;
		}
}

int main(int count_of, char **arguments)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_all_layers_a_call_runs_at_most_once),
		cmocka_unit_test(without_at_most_once_procedures_run_again),
		cmocka_unit_test(without_retransmission_every_loss_is_a_time_out),
		cmocka_unit_test(without_a_checksum_damage_passes),
		cmocka_unit_test(without_identity_replies_go_astray),
		cmocka_unit_test(a_seed_gives_the_same_run_again),
	};
	struct tally tally = { 0 };

	if (count_of < 2)
		return cmocka_run_group_tests(tests, NULL, NULL);
	printf("# %016" PRIx64 "\n", sim_run(strtoull(arguments[1], NULL, 10), ALL, false, true, &tally));
	return 0;
}
