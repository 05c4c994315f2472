/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: replay prevention accepts each message once, and refuses what is old, early or doubled for the right reason,
 * also when clocks step, messages overtake each other, and the memory of what was accepted is full.
 */
#include "roster.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CACHE = 1024, SIZE = 1024, SECOND = 1000000 };

static struct stack stack_of(const char *word)
{
	struct stack stack = { { seccomm_micro_protocol(roster.world.library, "anti-replay", word),
	    seccomm_micro_protocol(roster.world.library, "encrypt", "aes-256-gcm") } };

	assert_true(stack.mp[0] && stack.mp[1]);
	return stack;
}

static void begin(struct pair *pair, const char *word)
{
	const struct stack stack = stack_of(word);

	assert_int_equal(pair_plan(pair, &roster.world, SECCOMM_DATAGRAM, &stack), SECCOMM_OK);
	assert_int_equal(pair_open(pair), SECCOMM_OK);
}

static struct unit *push(struct pair *pair)
{
	struct unit *unit;

	assert_int_equal(seccomm_push_copy(pair->end[CLIENT].session, "m", 1), SECCOMM_OK);
	unit = pair_take(pair, CLIENT);
	assert_non_null(unit);
	return unit;
}

static void accepted(struct pair *pair, const struct unit *unit)
{
	const unsigned before = pair->end[SERVER].deliveries;

	pair_give(pair, SERVER, unit->bytes, unit->length);
	assert_int_equal(pair->end[SERVER].deliveries, before + 1);
}

static void refused(struct pair *pair, const struct unit *unit, enum seccomm_alert_id why)
{
	const unsigned before = pair->end[SERVER].deliveries, alerts = pair->end[SERVER].alerts;

	pair_give(pair, SERVER, unit->bytes, unit->length);
	assert_int_equal(pair->end[SERVER].deliveries, before);
	assert_int_equal(pair->end[SERVER].alerts, alerts + 1);
	assert_int_equal(pair->end[SERVER].alert, why);
}

static void sequence_never_goes_back(void **state)
{
	struct pair pair;
	struct unit *unit[3];

	(void)state;
	begin(&pair, "sequence");
	for (unsigned i = 0; i < 3; i++)
		unit[i] = push(&pair);
	accepted(&pair, unit[0]);
	refused(&pair, unit[0], SECCOMM_ALERT_REPLAYED);
	accepted(&pair, unit[2]);
	refused(&pair, unit[1], SECCOMM_ALERT_REPLAYED);
	for (unsigned i = 0; i < 3; i++)
		free(unit[i]);
	pair_drop(&pair);
}

/* Each of the last messages once, whatever their order; each refusal says why. */
static void takes_each_once(const char *word)
{
	static const unsigned order[] = { 3, 1, 4, 0, 5, 2, 7, 6 };
	struct pair pair;
	struct unit *unit[8];

	begin(&pair, word);
	for (unsigned i = 0; i < 8; i++)
		unit[i] = push(&pair);
	for (unsigned i = 0; i < 8; i++) {
		accepted(&pair, unit[order[i]]);
		for (unsigned j = 0; j <= i; j++)
			refused(&pair, unit[order[j]], SECCOMM_ALERT_REPLAYED);
	}
	for (unsigned i = 0; i < 8; i++)
		free(unit[i]);
	pair_drop(&pair);
}

static void window_takes_each_once(void **state)
{
	(void)state;
	takes_each_once("window");
}

/* What is SIZE behind the greatest is still told apart; what is farther than the whole ring is too old, seen or not. */
static void window_has_an_end(void **state)
{
	struct pair pair;
	struct unit *first[3], *unit;

	(void)state;
	begin(&pair, "window");
	for (unsigned i = 0; i < 3; i++)
		first[i] = push(&pair);
	accepted(&pair, first[0]);
	for (unsigned n = 3; n <= SIZE; n++)
		free(push(&pair));
	unit = push(&pair);
	accepted(&pair, unit);
	free(unit);
	accepted(&pair, first[1]);
	refused(&pair, first[1], SECCOMM_ALERT_REPLAYED);
	for (unsigned n = 0; n < 3 * SIZE; n++)
		free(push(&pair));
	unit = push(&pair);
	accepted(&pair, unit);
	free(unit);
	for (unsigned i = 0; i < 3; i++) {
		refused(&pair, first[i], SECCOMM_ALERT_TOO_OLD);
		free(first[i]);
	}
	pair_drop(&pair);
}

/* A number from the far future that nobody has proven does not push the window away. */
static void window_moves_after_proof(void **state)
{
	struct pair pair;
	struct unit *unit[2], *forged;

	(void)state;
	begin(&pair, "window");
	for (unsigned i = 0; i < 2; i++)
		unit[i] = push(&pair);
	forged = push(&pair);
	forged->bytes[6] = 0x7f; /* of the number that travels behind the header */
	accepted(&pair, unit[1]);
	refused(&pair, forged, SECCOMM_ALERT_BAD_TAG);
	accepted(&pair, unit[0]);
	forged->bytes[6] = 0;
	accepted(&pair, forged);
	refused(&pair, unit[0], SECCOMM_ALERT_REPLAYED);
	free(unit[0]);
	free(unit[1]);
	free(forged);
	pair_drop(&pair);
}

static void timestamp_has_two_bounds(void **state)
{
	struct pair pair;
	struct unit *unit[4];
	uint64_t sent;

	(void)state;
	begin(&pair, "timestamp");
	for (unsigned i = 0; i < 4; i++)
		unit[i] = push(&pair);
	sent = pair.wall_us; /* of the first; the others are one microsecond later each */
	pair.wall_us = sent + 5 * SECOND;
	accepted(&pair, unit[0]);
	pair.wall_us = sent + 1 + 5 * SECOND + 1;
	refused(&pair, unit[1], SECCOMM_ALERT_TOO_OLD);
	pair.wall_us = sent + 2 - SECOND - 1;
	refused(&pair, unit[2], SECCOMM_ALERT_FROM_FUTURE);
	pair.wall_us++;
	accepted(&pair, unit[2]);
	pair.wall_us = 0;
	refused(&pair, unit[3], SECCOMM_ALERT_FROM_FUTURE);
	pair.wall_us = UINT64_MAX;
	refused(&pair, unit[3], SECCOMM_ALERT_TOO_OLD);
	for (unsigned i = 0; i < 4; i++)
		free(unit[i]);
	pair_drop(&pair);
}

static void timestamps_may_overtake(void **state)
{
	(void)state;
	takes_each_once("timestamp");
}

/* What a full cache forgets stays refused, as too old, whatever the clock does; what comes now is accepted. */
static void full_cache_forgets_safely(void **state)
{
	struct pair pair;
	struct unit *unit, *first = NULL;

	(void)state;
	begin(&pair, "timestamp");
	for (unsigned i = 0; i < CACHE; i++) {
		unit = push(&pair);
		accepted(&pair, unit);
		if (i == 0)
			first = unit;
		else
			free(unit);
	}
	unit = push(&pair);
	refused(&pair, first, SECCOMM_ALERT_REPLAYED);
	accepted(&pair, unit);
	refused(&pair, unit, SECCOMM_ALERT_REPLAYED);
	free(unit);
	refused(&pair, first, SECCOMM_ALERT_TOO_OLD);
	pair.wall_us -= SECOND / 2;
	refused(&pair, first, SECCOMM_ALERT_TOO_OLD);
	free(first);
	pair_drop(&pair);
}

/* The ring goes around many times, and the sender's clock stands still or steps back meanwhile. */
static void ring_goes_around(void **state)
{
	struct pair pair;
	struct unit *last = NULL;

	(void)state;
	begin(&pair, "timestamp");
	for (unsigned i = 0; i < 5 * CACHE; i++) {
		struct unit *unit = push(&pair);

		accepted(&pair, unit);
		if (last)
			refused(&pair, last, SECCOMM_ALERT_REPLAYED);
		free(last);
		last = unit;
		pair.wall_us += i % 7 == 0 ? 0 : i % 11 == 0 ? (uint64_t)-1 : 10000;
	}
	free(last);
	pair_drop(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sequence_never_goes_back),
		cmocka_unit_test(window_takes_each_once),
		cmocka_unit_test(window_has_an_end),
		cmocka_unit_test(window_moves_after_proof),
		cmocka_unit_test(timestamp_has_two_bounds),
		cmocka_unit_test(timestamps_may_overtake),
		cmocka_unit_test(full_cache_forgets_safely),
		cmocka_unit_test(ring_goes_around),
	};

	return cmocka_run_group_tests_name("replay prevention", tests, roster_make, roster_drop);
}
