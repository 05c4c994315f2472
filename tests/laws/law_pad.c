/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: no byte of a one-time pad serves twice in whatever sessions; what a pad lacks, has given, or does not have any
 * more is refused with the right alert; and the message that ends it is the last one.
 */
#include "roster.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { HEADER = 6, NUMBER = 8 };

static struct stack both, hidden, proven;

static void begin(struct pair *pair, enum seccomm_link link, const struct stack *stack)
{
	assert_int_equal(pair_plan(pair, &roster.world, link, stack), SECCOMM_OK);
	assert_int_equal(pair_open(pair), SECCOMM_OK);
}

static struct unit *push(struct pair *pair, unsigned from, size_t length)
{
	static const uint8_t zeros[64 * 1024];
	struct unit *unit;

	assert_int_equal(seccomm_push_copy(pair->end[from].session, zeros, length), SECCOMM_OK);
	unit = pair_take(pair, from);
	assert_non_null(unit);
	return unit;
}

static void accepted(struct pair *pair, unsigned to, const struct unit *unit)
{
	const unsigned before = pair->end[to].deliveries;

	pair_give(pair, to, unit->bytes, unit->length);
	assert_int_equal(pair->end[to].deliveries, before + 1);
}

static void refused(struct pair *pair, unsigned to, const struct unit *unit, enum seccomm_alert_id why)
{
	const unsigned before = pair->end[to].deliveries;

	pair_give(pair, to, unit->bytes, unit->length);
	assert_int_equal(pair->end[to].deliveries, before);
	assert_int_equal(pair->end[to].alert, why);
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, SECCOMM_PAD_UNIT);
}

/* A message of zeros is the pad itself: no 16 bytes of what is sent come again, in both directions and over four
 * sessions. */
static void no_bytes_serve_twice(void **state)
{
	enum { MESSAGES = 60, LENGTH = 160, PIECES = LENGTH / SECCOMM_PAD_UNIT };
	static uint8_t seen[4 * 2 * MESSAGES * PIECES][SECCOMM_PAD_UNIT];
	size_t count = 0;
	struct pair pair;

	(void)state;
	begin(&pair, SECCOMM_DATAGRAM, &hidden);
	for (unsigned session = 0; session < 4; session++) {
		for (unsigned n = 0; n < 2 * MESSAGES; n++) {
			struct unit *unit = push(&pair, n % 2, LENGTH);

			for (size_t i = 0; i < PIECES; i++)
				memcpy(seen[count++], unit->bytes + unit->length - LENGTH + i * SECCOMM_PAD_UNIT,
				    SECCOMM_PAD_UNIT);
			accepted(&pair, !(n % 2), unit);
			free(unit);
		}
		pair_shut(&pair);
		assert_int_equal(pair_open(&pair), SECCOMM_OK);
	}
	qsort(seen, count, SECCOMM_PAD_UNIT, compare);
	for (size_t i = 1; i < count; i++)
		assert_memory_not_equal(seen[i - 1], seen[i], SECCOMM_PAD_UNIT);
	pair_drop(&pair);
}

static void offset_is_accepted_once(void **state)
{
	struct pair pair;
	struct unit *unit[3];

	(void)state;
	begin(&pair, SECCOMM_DATAGRAM, &both);
	for (unsigned i = 0; i < 3; i++)
		unit[i] = push(&pair, CLIENT, 100);
	accepted(&pair, SERVER, unit[1]);
	refused(&pair, SERVER, unit[1], SECCOMM_ALERT_REPLAYED);
	accepted(&pair, SERVER, unit[0]);
	accepted(&pair, SERVER, unit[2]);
	for (unsigned i = 0; i < 3; i++) {
		refused(&pair, SERVER, unit[i], SECCOMM_ALERT_REPLAYED);
		free(unit[i]);
	}
	pair_drop(&pair);
}

/* What is not authentic uses up nothing. */
static void forgeries_spend_nothing(void **state)
{
	struct pair pair;
	struct unit *unit;

	(void)state;
	begin(&pair, SECCOMM_DATAGRAM, &both);
	unit = push(&pair, CLIENT, 100);
	for (size_t i = HEADER; i < unit->length; i++) {
		const unsigned before = pair.end[SERVER].deliveries;

		unit->bytes[i] ^= 1;
		pair_give(&pair, SERVER, unit->bytes, unit->length);
		assert_int_equal(pair.end[SERVER].deliveries, before);
		unit->bytes[i] ^= 1;
	}
	assert_int_equal(pair.end[SERVER].pad->admitted, 0);
	accepted(&pair, SERVER, unit);
	free(unit);
	pair_drop(&pair);
}

static void offsets_outside_are_malformed(void **state)
{
	static const uint64_t offsets[] = { PAD_BYTES, PAD_BYTES - 16, 1, UINT64_MAX, UINT64_MAX - 15,
		UINT64_C(1) << 63 };
	struct pair pair;
	struct unit *unit;

	(void)state;
	begin(&pair, SECCOMM_DATAGRAM, &proven);
	unit = push(&pair, CLIENT, 100);
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		cactus_put_u64(unit->bytes + HEADER + NUMBER, offsets[i]);
		refused(&pair, SERVER, unit, SECCOMM_ALERT_MALFORMED);
	}
	free(unit);
	pair_drop(&pair);
}

static void another_pad_does_not_fit(void **state)
{
	struct pair pair;
	struct unit *unit;

	(void)state;
	begin(&pair, SECCOMM_DATAGRAM, &both);
	pair.end[SERVER].pad->seed++;
	unit = push(&pair, CLIENT, 100);
	refused(&pair, SERVER, unit, SECCOMM_ALERT_BAD_MAC);
	free(unit);
	pair_drop(&pair);
}

/* Sessions share the pad, and each counts from 0: nothing but the transcript tells their first messages apart. */
static void another_session_does_not_fit(void **state)
{
	struct pair here, there;
	struct unit *unit;

	(void)state;
	begin(&here, SECCOMM_STREAM, &proven);
	begin(&there, SECCOMM_STREAM, &proven);
	pair_shut(&there);
	assert_int_equal(pair_open(&there), SECCOMM_OK);
	unit = push(&there, CLIENT, 100);
	refused(&here, SERVER, unit, SECCOMM_ALERT_BAD_MAC);
	accepted(&there, SERVER, unit);
	free(unit);
	pair_drop(&here);
	pair_drop(&there);
}

/* Whatever the lengths, the pad ends with an alert at the sender, and nothing is sent with what is not there. */
static void pad_ends(void **state)
{
	static const size_t lengths[] = { 0, 1, 16, 4000, 4096, 5000, 60000 };

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct unit *unit;
		struct pair pair;
		size_t passed = 0;

		begin(&pair, SECCOMM_DATAGRAM, &hidden);
		pair.end[CLIENT].pad->limit = pair.end[SERVER].pad->limit = 64 * 1024;
		while (seccomm_push_copy(pair.end[CLIENT].session, (uint8_t[60000]){ 0 }, lengths[i]) == SECCOMM_OK) {
			pair_pump(&pair);
			assert_int_equal(pair.end[SERVER].deliveries, ++passed);
		}
		assert_int_equal(pair.end[CLIENT].alert, SECCOMM_ALERT_KEY_LIMIT);
		assert_null(pair_take(&pair, CLIENT));
		assert_true(passed > 0 && passed * (lengths[i] ? lengths[i] : 1) <= 64 * 1024);
		/* The other direction has its own. */
		unit = push(&pair, SERVER, 10);
		accepted(&pair, CLIENT, unit);
		free(unit);
		pair_drop(&pair);
	}
}

/* On a stream the refusal ends the session: its number is used up. */
static void pad_ends_a_stream(void **state)
{
	struct pair pair;

	(void)state;
	begin(&pair, SECCOMM_STREAM, &both);
	pair.end[CLIENT].pad->limit = pair.end[CLIENT].pad->mark;
	assert_int_equal(seccomm_push_copy(pair.end[CLIENT].session, "m", 1), SECCOMM_LIMIT);
	assert_int_equal(pair.end[CLIENT].alert, SECCOMM_ALERT_KEY_LIMIT);
	assert_true(pair.end[CLIENT].closed);
	pair_drop(&pair);
}

/* Each of the two layers takes a block: with one less no session opens, and the error says which pad ended where. */
static void used_up_pad_opens_nothing(void **state)
{
	struct seccomm_callbacks callbacks = { 0 };
	struct seccomm_session *session;
	struct seccomm_error error;
	struct memory_pad *pad;
	struct pair pair;

	(void)state;
	begin(&pair, SECCOMM_STREAM, &both);
	pad = pair.end[CLIENT].pad;
	pad->mark = pad->limit - 2 * SECCOMM_PAD_BLOCK + 1;
	assert_int_equal(seccomm_plan_pads(pair.end[CLIENT].plan, pair.end[CLIENT].keyring, &error), SECCOMM_LIMIT);
	assert_int_equal(seccomm_open(pair.end[CLIENT].plan, pair.end[CLIENT].keyring, &pair.platform, &callbacks, &session, &error),
	    SECCOMM_LIMIT);
	assert_non_null(strstr(error.text, "'psk' is used up at byte 4186113 of direction c2s"));
	assert_non_null(strstr(error.remedy, "pad gen"));
	pad->mark--;
	assert_int_equal(seccomm_plan_pads(pair.end[CLIENT].plan, pair.end[CLIENT].keyring, &error), SECCOMM_OK);
	pair_drop(&pair);
}

static void broken_disk_is_internal(void **state)
{
	struct pair pair;
	struct unit *unit;

	(void)state;
	begin(&pair, SECCOMM_DATAGRAM, &both);
	unit = push(&pair, CLIENT, 100);
	pair.end[SERVER].pad->broken = true;
	refused(&pair, SERVER, unit, SECCOMM_ALERT_INTERNAL);
	pair.end[SERVER].pad->broken = false;
	accepted(&pair, SERVER, unit);
	pair.end[CLIENT].pad->broken = true;
	assert_int_equal(seccomm_push_copy(pair.end[CLIENT].session, "m", 1), SECCOMM_FAILED);
	assert_int_equal(pair.end[CLIENT].alert, SECCOMM_ALERT_INTERNAL);
	free(unit);
	pair_drop(&pair);
}

static void missing_pad_is_told(void **state)
{
	struct seccomm_callbacks callbacks = { 0 };
	struct seccomm_session *session;
	struct seccomm_error error;
	struct seccomm_keyring *keyring = seccomm_keyring_new(roster.world.library);
	struct pair pair;

	(void)state;
	assert_int_equal(pair_plan(&pair, &roster.world, SECCOMM_STREAM, &both), SECCOMM_OK);
	assert_int_equal(seccomm_keyring_identity(keyring, "self", roster.world.identity[CLIENT], &error), SECCOMM_OK);
	assert_int_equal(seccomm_open(pair.end[CLIENT].plan, keyring, &pair.platform, &callbacks, &session, &error),
	    SECCOMM_UNKNOWN_KEY);
	assert_non_null(strstr(error.text, "pad 'psk'"));
	assert_non_null(strstr(error.remedy, "pad gen"));
	seccomm_keyring_free(keyring);
	pair_drop(&pair);
}

static int set_up(void **state)
{
	if (roster_make(state) != 0)
		return -1;
	hidden.mp[0] = both.mp[0] = seccomm_micro_protocol(roster.world.library, "OneTimePadPrivacy", NULL);
	proven.mp[0] = both.mp[1] = seccomm_micro_protocol(roster.world.library, "mac", "one-time-poly1305");
	return !both.mp[0] || !both.mp[1];
}
int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_bytes_serve_twice),
		cmocka_unit_test(offset_is_accepted_once),
		cmocka_unit_test(forgeries_spend_nothing),
		cmocka_unit_test(offsets_outside_are_malformed),
		cmocka_unit_test(another_pad_does_not_fit),
		cmocka_unit_test(another_session_does_not_fit),
		cmocka_unit_test(pad_ends),
		cmocka_unit_test(pad_ends_a_stream),
		cmocka_unit_test(used_up_pad_opens_nothing),
		cmocka_unit_test(broken_disk_is_internal),
		cmocka_unit_test(missing_pad_is_told),
	};

	return cmocka_run_group_tests_name("one-time pads", tests, set_up, roster_drop);
}
