/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a list of layers is composed, or refused with every reason; and what a layer adds is what is on the wire. */
#include "rig.h"

#include "rpc_module.h"

static void composes(const struct rpc_layer *layers, size_t count, const char *problems)
{
	struct rig rig;

	rig_init(&rig);
	assert_int_equal(rig_compose(&rig, layers, count), problems[0] == '\0' ? RPC_OK : RPC_REFUSED);
	assert_string_equal(rig.problems, problems);
	rig_end(&rig);
}
#define COMPOSES(problems, ...)                                                                                        \
	composes((const struct rpc_layer[]){ __VA_ARGS__ },                                                            \
	    sizeof((const struct rpc_layer[]){ __VA_ARGS__ }) / sizeof(struct rpc_layer), problems)

static void needs_are_met_or_told(void **state)
{
	(void)state;
	composes(NULL, 0, "");
	COMPOSES("", { &rpc_call_identity }, { &rpc_at_most_once }, { &rpc_retransmit }, { &rpc_time_out },
	    { &rpc_checksum });
	COMPOSES("", { &rpc_time_out });
	COMPOSES("", { &rpc_checksum });
	COMPOSES("", { &rpc_checksum }, { &rpc_checksum });
	COMPOSES("", { &rpc_time_out }, { &rpc_retransmit }, { &rpc_call_identity });
	COMPOSES("retransmit: add a layer that provides call-identity\n"
		 "retransmit: add a layer that provides bounded-termination\n",
	    { &rpc_retransmit });
	COMPOSES("at-most-once: add a layer that provides call-identity\n", { &rpc_at_most_once }, { &rpc_time_out });
}

static void places_matter(void **state)
{
	(void)state;
	COMPOSES("checksum: put it behind the layer that provides call-identity\n", { &rpc_checksum },
	    { &rpc_call_identity });
	COMPOSES("checksum: put it behind the layer that provides unique-execution\n", { &rpc_call_identity },
	    { &rpc_checksum }, { &rpc_at_most_once });
}

static void settings_are_checked(void **state)
{
	(void)state;
	COMPOSES("", { &rpc_time_out, { { "after", 1000 } } });
	COMPOSES("", { &rpc_time_out, { { "after", 86400000000 } } });
	COMPOSES("time-out: after is 999, and may be 1000 to 86400000000\n", { &rpc_time_out, { { "after", 999 } } });
	COMPOSES("time-out: it has no parameter 'before'\n"
		 "retransmit: attempts is 101, and may be 1 to 100\n"
		 "retransmit: add a layer that provides call-identity\n",
	    { &rpc_time_out, { { "before", 1 } } }, { &rpc_retransmit, { { "attempts", 101 } } });
	COMPOSES("checksum: it has no parameter 'bits'\n", { &rpc_checksum, { { "bits", 16 } } });
}

static void lists_are_limited(void **state)
{
	struct rpc_layer layers[RPC_LAYERS_MAX + 1];

	(void)state;
	for (size_t i = 0; i <= RPC_LAYERS_MAX; i++)
		layers[i] = (struct rpc_layer){ .mp = &rpc_checksum };
	composes(layers, RPC_LAYERS_MAX, "");
	composes(layers, RPC_LAYERS_MAX + 1, "there are 17 layers, and may be 16\n");
}

/* A layer that a user of the library brings: it sends a number along.  Some numbers make it misbehave. */
enum { MUTE = 97, FORGETFUL = 98, UNWILLING = 99 };
struct stranger {
	struct cactus_instance cactus;
	uint32_t number;
	cactus_column column;
};

static enum cactus_verdict stranger_down(void *self, void *argument)
{
	const struct stranger *s = self;

	if (s->number == MUTE && s->cactus.chain == RPC_REPLY)
		return CACTUS_HOLD;
	return s->number == FORGETFUL || cactus_set_u64(argument, s->column, s->number) ? CACTUS_NEXT : CACTUS_STOP;
}

static enum cactus_verdict stranger_up(void *self, void *argument)
{
	const struct stranger *s = self;
	uint64_t number;

	return cactus_get_u64(argument, s->column, &number) && number == s->number ? CACTUS_NEXT
										   : rpc_refuse(argument, RPC_UNKNOWN);
}

static enum cactus_verdict stranger_begun(void *self, void *argument)
{
	(void)argument;
	return ((const struct stranger *)self)->number == UNWILLING ? CACTUS_STOP : CACTUS_NEXT;
}

static const struct cactus_mp stranger = {
	.name = "stranger",
	.summary = "sends a number along",
	.size = sizeof(struct stranger),
	.params = (const struct cactus_param[]){
		{ .name = "number", .kind = CACTUS_COUNT, .at = CACTUS_AT(struct stranger, number), .max = 99, .dflt = 5 },
		{ 0 } },
	.attributes = (const struct cactus_attribute[]){
		{ .name = "number", .scope = CACTUS_PEER, .bytes = 8, .shared = true,
		    .at = CACTUS_AT(struct stranger, column) },
		{ 0 } },
	.events = (const struct cactus_event_row[]){ { .event = RPC_CALL_BEGUN, .handler = stranger_begun }, { 0 } },
	.down = stranger_down,
	.up = stranger_up,
};

static void layers_of_others_are_welcome(void **state)
{
	const struct rpc_layer layers[] = { { .mp = &stranger }, { .mp = &rpc_checksum } };
	struct rig rig;

	(void)state;
	rig_start(&rig, layers, 2);
	rig_call(&rig, "hello");
	assert_int_equal(rig.requests[0].length, 8 + 5 + 4);
	assert_int_equal(rig.requests[0].bytes[7], 5);
	assert_int_equal(rig_request(&rig, 0), RPC_OK);
	assert_int_equal(rig_reply(&rig, 0), RPC_OK);
	rig_assert_reply(&rig, 0, "hello", 1);
	rig_end(&rig);
}

/* The others' timers, set or not, are gone. */
static void a_call_that_a_layer_refuses_has_not_been(void **state)
{
	const struct rpc_layer layers[] = { { .mp = &rpc_call_identity }, { .mp = &rpc_time_out },
		{ .mp = &stranger, .settings = { { "number", UNWILLING } } }, { .mp = &rpc_retransmit } };
	struct rig rig;

	(void)state;
	rig_start(&rig, layers, 4);
	assert_int_equal(rig_try_call(&rig, "x", 1), RPC_REFUSED);
	assert_true(rpc_client_deadline(rig.client) == UINT64_MAX);
	assert_int_equal(rig.request_count, 0);
	rig_end(&rig);
}

/* It declares an attribute to be sent and does not set it: the one who packs notices, a layer or the service. */
static void a_layer_that_breaks_its_word_is_noticed(void **state)
{
	const struct rpc_layer layers[] = { { .mp = &rpc_time_out },
		{ .mp = &stranger, .settings = { { "number", FORGETFUL } } }, { .mp = &rpc_checksum } };

	(void)state;
	for (size_t count = 2; count <= 3; count++) {
		struct rig rig;

		rig_start(&rig, layers, count);
		assert_int_equal(rig_try_call(&rig, "x", 1), RPC_REFUSED);
		assert_true(rpc_client_deadline(rig.client) == UINT64_MAX);
		assert_int_equal(rig.request_count, 0);
		rig_end(&rig);
	}
}

/* It has run, and at-most-once has kept a reply that was never finished: nobody gets that. */
static void a_reply_that_a_layer_stops_is_not_sent(void **state)
{
	const struct rpc_layer layers[] = { { .mp = &rpc_call_identity }, { .mp = &rpc_at_most_once },
		{ .mp = &stranger, .settings = { { "number", MUTE } } } };
	struct rig rig;

	(void)state;
	rig_start(&rig, layers, 3);
	rig_call(&rig, "x");
	assert_int_equal(rig_request(&rig, 0), RPC_REFUSED);
	assert_int_equal(rig_request(&rig, 0), RPC_DUPLICATE);
	assert_int_equal(rig.runs, 1);
	assert_int_equal(rig.reply_count, 0);
	rig_end(&rig);
}

static void a_call_has_a_client_a_number_and_a_checksum(void **state)
{
	static const uint8_t expected[] = { 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0, 0, 0, 0, 0, 0, 0, 2, 'h',
		'i' };
	const struct rpc_layer layers[] = { { .mp = &rpc_call_identity }, { .mp = &rpc_checksum } };
	struct rig rig;

	(void)state;
	rig_start(&rig, layers, 2);
	rig_call(&rig, "first");
	rig_call(&rig, "hi");
	assert_int_equal(rig.requests[1].length, sizeof(expected) + 4);
	assert_memory_equal(rig.requests[1].bytes, expected, sizeof(expected));
	assert_int_equal(rig_request(&rig, 1), RPC_OK);
	assert_int_equal(rig.replies[0].length, sizeof(expected) + 1 + 4);
	assert_memory_equal(rig.replies[0].bytes, expected, 16);
	assert_int_equal(rig.replies[0].address, FROM);
	rig_end(&rig);
}

static void nothing_adds_nothing(void **state)
{
	struct rig rig;

	(void)state;
	rig_start(&rig, NULL, 0);
	rig_call(&rig, "plain");
	assert_int_equal(rig.requests[0].length, 5);
	assert_memory_equal(rig.requests[0].bytes, "plain", 5);
	assert_int_equal(rig_request(&rig, 0), RPC_OK);
	assert_int_equal(rig_reply(&rig, 0), RPC_OK);
	rig_assert_reply(&rig, 0, "plain", 1);
	assert_int_equal(rig_reply(&rig, 0), RPC_UNKNOWN);
	rig_end(&rig);
}

/* The check value that every description of this CRC-32 gives. */
static void the_checksum_is_the_known_one(void **state)
{
	const struct rpc_layer layers[] = { { .mp = &rpc_checksum } };
	struct rig rig;

	(void)state;
	rig_start(&rig, layers, 1);
	rig_call(&rig, "123456789");
	assert_int_equal(rig.requests[0].length, 9 + 4);
	assert_true(cactus_u32(rig.requests[0].bytes + 9) == 0xcbf43926);
	rig_end(&rig);
}

static void every_status_has_a_sentence(void **state)
{
	(void)state;
	assert_string_equal(rpc_status_text(RPC_TIMED_OUT), "no reply came in time");
	assert_string_equal(rpc_status_text(-15), "unknown status");
	for (int status = RPC_CROWDED; status <= RPC_TOO_LONG; status++)
		assert_string_not_equal(rpc_status_text(status), "unknown status");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(needs_are_met_or_told),
		cmocka_unit_test(places_matter),
		cmocka_unit_test(settings_are_checked),
		cmocka_unit_test(lists_are_limited),
		cmocka_unit_test(layers_of_others_are_welcome),
		cmocka_unit_test(a_call_that_a_layer_refuses_has_not_been),
		cmocka_unit_test(a_layer_that_breaks_its_word_is_noticed),
		cmocka_unit_test(a_reply_that_a_layer_stops_is_not_sent),
		cmocka_unit_test(a_call_has_a_client_a_number_and_a_checksum),
		cmocka_unit_test(nothing_adds_nothing),
		cmocka_unit_test(the_checksum_is_the_known_one),
		cmocka_unit_test(every_status_has_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
