/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: each micro-protocol keeps what it promises, to the microsecond and the byte; the test carries the datagrams. */
#include "rig.h"

enum { MS = 1000, SECOND = 1000 * MS };

static const struct rpc_layer at_most_once[] = { { .mp = &rpc_call_identity },
	{ .mp = &rpc_at_most_once, .settings = { { "window", 4 }, { "clients", 2 }, { "remember", SECOND } } } };
static const struct rpc_layer patient[] = { { .mp = &rpc_call_identity },
	{ .mp = &rpc_retransmit,
	    .settings = { { "first-delay", 100 * MS }, { "max-delay", 500 * MS }, { "attempts", 6 } } },
	{ .mp = &rpc_time_out, .settings = { { "after", 5 * SECOND } } } };

/* ---- at-most-once ---- */

static void a_duplicate_gets_the_reply_of_before(void **state)
{
	struct rig rig;

	(void)state;
	rig_start(&rig, at_most_once, 2);
	rig_call(&rig, "add");
	assert_int_equal(rig_request(&rig, 0), RPC_OK);
	assert_int_equal(rig_request(&rig, 0), RPC_DUPLICATE);
	assert_int_equal(rig_pop_server(&rig, 8, rig.requests[0].bytes, rig.requests[0].length), RPC_DUPLICATE);
	assert_int_equal(rig.runs, 1);
	assert_int_equal(rig.reply_count, 3);
	for (unsigned i = 1; i < 3; i++) {
		assert_int_equal(rig.replies[i].length, rig.replies[0].length);
		assert_memory_equal(rig.replies[i].bytes, rig.replies[0].bytes, rig.replies[0].length);
	}
	assert_int_equal(rig.replies[1].address, FROM);
	assert_int_equal(rig.replies[2].address, 8); /* to where it was asked from */
	assert_int_equal(rig_reply(&rig, 2), RPC_OK);
	assert_int_equal(rig_reply(&rig, 0), RPC_UNKNOWN);
	rig_assert_reply(&rig, 0, "add", 1);
	rig_end(&rig);
}

static void without_it_a_duplicate_runs(void **state)
{
	struct rig rig;

	(void)state;
	rig_start(&rig, at_most_once, 1);
	rig_call(&rig, "add");
	for (unsigned i = 1; i <= 3; i++) {
		assert_int_equal(rig_request(&rig, 0), RPC_OK);
		assert_int_equal(rig.runs, i);
	}
	rig_end(&rig);
}

/* Of calls 0 to 9 the last four are remembered; older ones are refused, whether they have run or not. */
static void what_was_forgotten_does_not_run_again(void **state)
{
	struct rig rig;

	(void)state;
	rig_start(&rig, at_most_once, 2);
	for (unsigned i = 0; i < 10; i++)
		rig_call(&rig, "add");
	for (unsigned i = 0; i < 10; i++)
		if (i != 3)
			assert_int_equal(rig_request(&rig, i), RPC_OK);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(rig_request(&rig, i), i < 6 ? RPC_STALE : RPC_DUPLICATE);
	assert_int_equal(rig.runs, 9);
	assert_int_equal(rig.reply_count, 9 + 4);
	rig_end(&rig);
}

/* Requests of other clients: the first eight bytes say whose it is. */
static int request_of(struct rig *rig, uint8_t client, unsigned n)
{
	struct sent sent = rig->requests[n];

	sent.bytes[0] = client;
	return rig_pop_server(rig, FROM, sent.bytes, sent.length);
}

static void clients_are_limited_and_forgotten(void **state)
{
	size_t before;
	struct rig rig;

	(void)state;
	rig_start(&rig, at_most_once, 2);
	rig_call(&rig, "add");
	before = rig.world.blocks;
	assert_int_equal(request_of(&rig, 1, 0), RPC_OK);
	rig_pass(&rig, SECOND - 1);
	assert_int_equal(request_of(&rig, 2, 0), RPC_OK);
	assert_int_equal(request_of(&rig, 3, 0), RPC_CROWDED);
	assert_int_equal(request_of(&rig, 1, 0), RPC_DUPLICATE); /* heard of again, so remembered longer */
	rig_pass(&rig, SECOND - 1);
	assert_int_equal(request_of(&rig, 1, 0), RPC_DUPLICATE);
	rig_pass(&rig, 1);
	assert_int_equal(request_of(&rig, 3, 0), RPC_OK);
	assert_int_equal(request_of(&rig, 2, 0), RPC_CROWDED);
	assert_int_equal(rig.runs, 3);
	rig_pass(&rig, 2 * SECOND);
	assert_true(rpc_server_deadline(rig.server) == UINT64_MAX);
	assert_int_equal(rig.world.blocks, before);
	rig_end(&rig);
}

/* ---- retransmit ---- */

static void requests_are_sent_again_after_doubled_delays(void **state)
{
	static const uint64_t at[] = { 0, 100, 300, 700, 1200, 1700 };
	uint64_t begun;
	struct rig rig;

	(void)state;
	rig_start(&rig, patient, 3);
	begun = rig.world.monotonic;
	rig_call(&rig, "hello");
	rig_pass(&rig, 4 * SECOND);
	assert_int_equal(rig.request_count, 6);
	for (unsigned i = 0; i < 6; i++) {
		assert_true(rig.requests[i].at_us == begun + at[i] * MS);
		assert_int_equal(rig.requests[i].length, rig.requests[0].length);
		assert_memory_equal(rig.requests[i].bytes, rig.requests[0].bytes, rig.requests[0].length);
	}
	assert_int_equal(rig.ended, 0); /* it gives up, and the call goes on */
	assert_int_equal(rig_request(&rig, 5), RPC_OK);
	assert_int_equal(rig_reply(&rig, 0), RPC_OK);
	rig_assert_reply(&rig, 0, "hello", 1);
	rig_end(&rig);
}

static void a_reply_ends_all_that_was_planned(void **state)
{
	struct rig rig;

	(void)state;
	rig_start(&rig, patient, 3);
	rig_call(&rig, "hello");
	rig_pass(&rig, 150 * MS);
	assert_int_equal(rig_request(&rig, 1), RPC_OK);
	assert_int_equal(rig_reply(&rig, 0), RPC_OK);
	assert_true(rpc_client_deadline(rig.client) == UINT64_MAX);
	rig_pass(&rig, 10 * SECOND);
	assert_int_equal(rig.request_count, 2);
	assert_int_equal(rig.ended, 1);
	rig_end(&rig);
}

static void one_attempt_is_no_retransmission(void **state)
{
	const struct rpc_layer layers[] = { { .mp = &rpc_call_identity }, { .mp = &rpc_time_out },
		{ .mp = &rpc_retransmit, .settings = { { "attempts", 1 } } } };
	struct rig rig;

	(void)state;
	rig_start(&rig, layers, 3);
	rig_call(&rig, "hello");
	rig_pass(&rig, 60 * SECOND);
	assert_int_equal(rig.request_count, 1);
	assert_int_equal(rig.ends[0].status, RPC_TIMED_OUT);
	rig_end(&rig);
}

/* ---- time-out ---- */

static void calls_end_when_their_time_is_up(void **state)
{
	uint64_t begun;
	struct rig rig;

	(void)state;
	rig_start(&rig, patient, 3);
	begun = rig.world.monotonic;
	rig_call(&rig, "hello");
	rig_pass(&rig, 5 * SECOND - 1);
	assert_int_equal(rig.ended, 0);
	rig_pass(&rig, 60 * SECOND);
	assert_int_equal(rig.ends[0].status, RPC_TIMED_OUT);
	assert_int_equal(rig.ends[0].length, 0);
	assert_true(rig.ends[0].at_us == begun + 5 * SECOND);
	assert_true(rpc_client_deadline(rig.client) == UINT64_MAX);
	assert_int_equal(rig_request(&rig, 0), RPC_OK);
	assert_int_equal(rig_reply(&rig, 0), RPC_UNKNOWN); /* too late */
	rig_end(&rig);
}

/* ---- call-identity ---- */

static void a_reply_belongs_to_its_call(void **state)
{
	struct sent foreign;
	struct rig rig;

	(void)state;
	rig_start(&rig, at_most_once, 1);
	rig_call(&rig, "one");
	rig_call(&rig, "two");
	rig_call(&rig, "three");
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(rig_request(&rig, i), RPC_OK);
	foreign = rig.replies[0];
	foreign.bytes[0] ^= 1;
	assert_int_equal(rig_pop_client(&rig, foreign.bytes, foreign.length), RPC_UNKNOWN);
	for (unsigned i = 3; i-- > 0;)
		assert_int_equal(rig_reply(&rig, i), RPC_OK);
	rig_assert_reply(&rig, 0, "one", 1);
	rig_assert_reply(&rig, 1, "two", 2);
	rig_assert_reply(&rig, 2, "three", 3);
	rig_end(&rig);
}

static void without_it_the_oldest_call_gets_it(void **state)
{
	struct rig rig;

	(void)state;
	rig_start(&rig, NULL, 0);
	rig_call(&rig, "one");
	rig_call(&rig, "two");
	assert_int_equal(rig_request(&rig, 1), RPC_OK);
	assert_int_equal(rig_reply(&rig, 0), RPC_OK);
	rig_assert_reply(&rig, 0, "two", 1);
	rig_end(&rig);
}

static void no_random_number_is_no_call(void **state)
{
	struct rig rig;

	(void)state;
	rig_start(&rig, patient, 3);
	rig.no_random = true;
	assert_int_equal(rig_try_call(&rig, "x", 1), RPC_NO_RANDOM);
	assert_int_equal(rig.request_count, 0);
	assert_true(rpc_client_deadline(rig.client) == UINT64_MAX);
	rig.no_random = false;
	rig_call(&rig, "x");
	assert_int_equal(rig_request(&rig, 0), RPC_OK);
	assert_int_equal(rig_reply(&rig, 0), RPC_OK);
	rig_assert_reply(&rig, 0, "x", 1);
	rig_end(&rig);
}

/* ---- checksum ---- */

static void try_damages(struct rig *rig, const struct sent *sent, int (*give)(struct rig *, const uint8_t *, size_t))
{
	for (size_t i = 0; i < 8 * sent->length; i++) {
		struct sent damaged = *sent;

		damaged.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_int_equal(give(rig, damaged.bytes, damaged.length), RPC_CORRUPT);
	}
	for (size_t length = 0; length < sent->length; length++)
		assert_int_equal(give(rig, sent->bytes, length), RPC_CORRUPT);
}

static int give_server(struct rig *rig, const uint8_t *bytes, size_t length)
{
	return rig_pop_server(rig, FROM, bytes, length);
}

static int give_client(struct rig *rig, const uint8_t *bytes, size_t length)
{
	return rig_pop_client(rig, bytes, length);
}

static void every_damaged_datagram_is_refused(void **state)
{
	const struct rpc_layer layers[] = { at_most_once[0], at_most_once[1], { .mp = &rpc_checksum } };
	struct rig rig;

	(void)state;
	rig_start(&rig, layers, 3);
	rig_call(&rig, "hello");
	try_damages(&rig, &rig.requests[0], give_server);
	assert_int_equal(rig.runs, 0);
	assert_int_equal(rig_request(&rig, 0), RPC_OK);
	try_damages(&rig, &rig.replies[0], give_client);
	assert_int_equal(rig.ended, 0);
	assert_int_equal(rig_reply(&rig, 0), RPC_OK);
	rig_assert_reply(&rig, 0, "hello", 1);
	rig_end(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_duplicate_gets_the_reply_of_before),
		cmocka_unit_test(without_it_a_duplicate_runs),
		cmocka_unit_test(what_was_forgotten_does_not_run_again),
		cmocka_unit_test(clients_are_limited_and_forgotten),
		cmocka_unit_test(requests_are_sent_again_after_doubled_delays),
		cmocka_unit_test(a_reply_ends_all_that_was_planned),
		cmocka_unit_test(one_attempt_is_no_retransmission),
		cmocka_unit_test(calls_end_when_their_time_is_up),
		cmocka_unit_test(a_reply_belongs_to_its_call),
		cmocka_unit_test(without_it_the_oldest_call_gets_it),
		cmocka_unit_test(no_random_number_is_no_call),
		cmocka_unit_test(every_damaged_datagram_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
