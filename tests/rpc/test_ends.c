/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: the two ends hold out: wrong lengths, wrong datagrams, callbacks that call, memory that runs out, and years. */
#include "rig.h"

#include "network.h"

enum { SECOND = 1000000 };

static const struct rpc_layer all[] = { { .mp = &rpc_call_identity }, { .mp = &rpc_at_most_once },
	{ .mp = &rpc_retransmit }, { .mp = &rpc_time_out }, { .mp = &rpc_checksum } };
enum { ALL = 5 };

static void lengths_have_an_end(void **state)
{
	static const uint8_t request[RPC_BODY_MAX + 1];
	struct rig rig;

	(void)state;
	rig_start(&rig, all, ALL);
	assert_int_equal(rig_try_call(&rig, request, RPC_BODY_MAX + 1), RPC_TOO_LONG);
	assert_int_equal(rig_try_call(&rig, request, RPC_BODY_MAX), RPC_OK);
	assert_int_equal(rig_try_call(&rig, NULL, 0), RPC_OK);
	assert_int_equal(rig.request_count, 2);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(rig_request(&rig, i), RPC_OK);
		assert_int_equal(rig_reply(&rig, i), RPC_OK);
	}
	assert_int_equal(rig.ends[0].length, RPC_BODY_MAX); /* the procedure claimed one byte more */
	rig_assert_reply(&rig, 1, "", 2);
	rig_end(&rig);
}

static void datagrams_of_others_are_refused(void **state)
{
	uint8_t bytes[64];
	uint64_t seed = 1;
	struct rig rig;

	(void)state;
	rig_start(&rig, all, 4); /* without the checksum, which would refuse them all */
	rig_call(&rig, "x");
	for (size_t length = 0; length < sizeof(bytes); length++) {
		for (size_t i = 0; i < length; i++)
			bytes[i] = (uint8_t)network_draw(&seed, 256);
		assert_int_equal(rig_pop_client(&rig, bytes, length), length < 16 ? RPC_MALFORMED : RPC_UNKNOWN);
		assert_int_equal(rig_pop_server(&rig, FROM, bytes, length), length < 16 ? RPC_MALFORMED : RPC_OK);
	}
	assert_int_equal(rig.ended, 0);
	rig_end(&rig);
}

/* ---- Callbacks that call ---- */

struct eager {
	struct rig *rig;
	unsigned left, ended;
	int refused;
};

static void call_again(void *context, int status, const uint8_t *reply, size_t length)
{
	struct eager *e = context;

	(void)status;
	(void)reply;
	(void)length;
	e->ended++;
	if (e->left == 0)
		return;
	e->left--;
	e->refused = rpc_call(e->rig->client, "again", 5, call_again, e);
}

static void a_callback_may_call(void **state)
{
	struct rig rig;
	struct eager e = { .rig = &rig, .left = 20 };

	(void)state;
	rig_start(&rig, all, ALL);
	assert_int_equal(rpc_call(rig.client, "first", 5, call_again, &e), RPC_OK);
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(rig_request(&rig, i), RPC_OK);
		assert_int_equal(rig_reply(&rig, i), RPC_OK);
	}
	rig_pass(&rig, 3600 * (uint64_t)SECOND); /* the others time out, each in its turn */
	assert_int_equal(e.ended, 21);
	assert_int_equal(e.refused, RPC_OK);
	assert_true(rpc_client_deadline(rig.client) == UINT64_MAX);
	rig_end(&rig);
}

static void closing_ends_calls_and_begins_none(void **state)
{
	struct rig rig;
	struct eager e = { .rig = &rig, .left = 5 };

	(void)state;
	rig_start(&rig, all, ALL);
	rig_call(&rig, "one");
	rig_call(&rig, "two");
	assert_int_equal(rpc_call(rig.client, "three", 5, call_again, &e), RPC_OK);
	rig_end(&rig);
	assert_int_equal(e.ended, 1);
	assert_int_equal(e.refused, RPC_CLOSED);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(rig.ends[i].status, RPC_CLOSED);
}

/* ---- Memory ---- */

enum { CALLED = 3 };

/* Runs with a failure somewhere; those in which both ends were made; those in which all calls began. */
struct tries {
	long all, made, called;
};

/* Answers whether the allocation that is to fail has been tried since BEFORE were made. */
static bool has_failed(const struct rig *rig, long before)
{
	return before < rig->world.fail_at && rig->world.allocations >= rig->world.fail_at;
}

static void try_call(struct rig *rig)
{
	const long before = rig->world.allocations;
	const int status = rig_try_call(rig, "hello", 5);

	assert_int_equal(status, has_failed(rig, before) ? RPC_NO_MEMORY : RPC_OK);
}

static void try_request(struct rig *rig, unsigned n)
{
	const long before = rig->world.allocations;
	const int status = rig_request(rig, n);

	assert_true(has_failed(rig, before) ? status == RPC_NO_MEMORY : status == RPC_OK || status == RPC_DUPLICATE);
}

/* The second request is lost.  What fails says so, and a retransmission makes up for it. */
static void talk(struct rig *rig)
{
	unsigned requests = 0, replies = 0;

	for (unsigned i = 0; i < CALLED; i++)
		try_call(rig);
	for (unsigned round = 0; round < 40; round++) {
		for (; requests < rig->request_count; requests++)
			if (requests != 1)
				try_request(rig, requests);
		for (; replies < rig->reply_count; replies++)
			assert_true(rig_reply(rig, replies) <= RPC_OK);
		rig_pass(rig, SECOND);
	}
	assert_int_equal(rig->ended, rig->calls);
	for (unsigned i = 0; i < rig->calls; i++)
		assert_int_equal(rig->ends[i].status, RPC_OK);
	assert_int_equal(rig->runs, rig->calls);
	assert_true(rpc_client_deadline(rig->client) == UINT64_MAX);
}

/* Answers whether allocation number FAILING was ever tried. */
static bool fail_at(const struct rpc_layer *layers, long failing, struct tries *tries)
{
	struct rig rig;
	int status;

	rig_init(&rig);
	rig.world.fail_at = failing;
	status = rig_make(&rig, layers, ALL);
	assert_int_equal(status, rig.world.allocations < failing ? RPC_OK : RPC_NO_MEMORY);
	if (status == RPC_OK) {
		tries->made++;
		talk(&rig);
		tries->called += rig.calls == CALLED;
	}
	tries->all++;
	rig_end(&rig);
	return rig.world.allocations >= failing;
}

/* The third call asks for more timers than an instance has room for: the first layer that wants one meets that. */
static void any_allocation_may_fail(void **state)
{
	const struct rpc_layer swapped[ALL] = { all[0], all[1], all[3], all[2], all[4] };

	(void)state;
	for (unsigned order = 0; order < 2; order++) {
		struct tries tries = { 0, 0, 0 };

		while (fail_at(order == 0 ? all : swapped, tries.all + 1, &tries))
			;
		assert_true(tries.all - tries.made > 5); /* it has failed when making, */
		assert_true(tries.made - tries.called > 3); /* when calling, */
		assert_true(tries.called > 3); /* and when serving */
	}
}

/* A client that a server cannot plan to forget is not admitted, and its procedure has not run. */
static void a_client_that_finds_no_memory_may_try_again(void **state)
{
	enum { OTHERS = 9 };
	unsigned refused = 0;

	(void)state;
	for (unsigned failing = 1; failing <= 3 * OTHERS; failing++) {
		struct rig rig;
		size_t blocks;

		rig_start(&rig, all, 2);
		rig_call(&rig, "x");
		rig_pass(&rig, SECOND);
		blocks = rig.world.blocks;
		rig.world.fail_at = rig.world.allocations + failing;
		for (uint8_t i = 0; i < OTHERS; i++) {
			rig.requests[0].bytes[0] = i; /* another client */
			if (rig_request(&rig, 0) == RPC_NO_MEMORY) {
				refused++;
				assert_int_equal(rig.runs, i);
				assert_int_equal(rig_request(&rig, 0), RPC_OK);
			}
		}
		assert_int_equal(rig.runs, OTHERS);
		rig_pass(&rig, 3600 * (uint64_t)SECOND);
		assert_true(rpc_server_deadline(rig.server) == UINT64_MAX);
		assert_true(rig.world.blocks <= blocks + 1); /* the table of timers has grown */
		rig_end(&rig);
	}
	assert_true(refused > 2 * OTHERS); /* record and reply of each, and timers */
}

/* ---- Time ---- */

/* A call on most days of a hundred years; every third request and every fourth reply is lost. */
static void a_hundred_years_leave_nothing_behind(void **state)
{
	const uint64_t day = 86400 * (uint64_t)SECOND;
	size_t blocks, bytes;
	struct rig rig;

	(void)state;
	rig_start(&rig, all, ALL);
	blocks = rig.world.blocks;
	bytes = rig.world.bytes;
	for (unsigned n = 0, lost = 0; n < 36525; n += 1 + n % 3, lost++) {
		rig.calls = rig.ended = rig.request_count = rig.reply_count = rig.runs = 0;
		memset(&rig.ends[0], 0, sizeof(rig.ends[0]));
		rig_call(&rig, "tomorrow");
		if (lost % 3 == 0)
			rig_pass(&rig, SECOND);
		assert_int_equal(rig_request(&rig, rig.request_count - 1), RPC_OK);
		if (lost % 4 == 0) {
			rig_pass(&rig, 3 * SECOND);
			assert_int_equal(rig_request(&rig, rig.request_count - 1), RPC_DUPLICATE);
		}
		assert_int_equal(rig_reply(&rig, rig.reply_count - 1), RPC_OK);
		rig_assert_reply(&rig, 0, "tomorrow", 1);
		rig_pass(&rig, day * (1 + n % 3));
		assert_int_equal(rig.world.blocks, blocks);
		assert_int_equal(rig.world.bytes, bytes);
		assert_true(rpc_client_deadline(rig.client) == UINT64_MAX);
		assert_true(rpc_server_deadline(rig.server) == UINT64_MAX);
	}
	assert_true(rig.world.monotonic > 99 * 365 * day);
	rig_end(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths_have_an_end),
		cmocka_unit_test(datagrams_of_others_are_refused),
		cmocka_unit_test(a_callback_may_call),
		cmocka_unit_test(closing_ends_calls_and_begins_none),
		cmocka_unit_test(any_allocation_may_fail),
		cmocka_unit_test(a_client_that_finds_no_memory_may_try_again),
		cmocka_unit_test(a_hundred_years_leave_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
