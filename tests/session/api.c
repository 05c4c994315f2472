/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the calls of seccomm.h do what their comments say: opening, pushing, popping in any pieces, closing one direction and
 * both, messages and their references, what may be called from inside callbacks, time, statistics.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void begin(struct rig *rig, void **state)
{
	rig_make(rig, *state, &(struct setup){ 0 });
	rig_open(rig);
}

static void opens_and_carries_both_ways(void **state)
{
	struct rig rig;

	begin(&rig, state);
	rig_push(&rig, CLIENT, "ping");
	rig_push(&rig, CLIENT, "");
	rig_push(&rig, SERVER, "pong");
	rig_pump(&rig);
	rig_got(&rig, SERVER, "ping");
	rig_got(&rig, SERVER, "");
	rig_got(&rig, CLIENT, "pong");
	assert_string_equal(seccomm_peer(rig.end[CLIENT].session)->name, "friend");
	assert_ptr_equal(seccomm_context(rig.end[SERVER].session), &rig.end[SERVER]);
	assert_int_equal(rig.end[CLIENT].alerts + rig.end[SERVER].alerts, 0);
	assert_true(rig.end[SERVER].sender_known);
	rig_drop(&rig);
}

static void default_stack_adds_22_bytes(void **state)
{
	struct rig rig;
	struct unit *unit;

	begin(&rig, state);
	rig_push(&rig, CLIENT, "0123456789");
	unit = rig_take(&rig, CLIENT);
	assert_int_equal(unit->length, 10 + 22);
	assert_int_equal(seccomm_plan_overhead(rig.end[CLIENT].plan), 22);
	free(unit);
	rig_drop(&rig);
}

/* The client may send right behind M3, the server once it has seen it. */
static void sending_before_the_end_of_the_opening(void **state)
{
	struct rig rig;

	rig_make(&rig, *state, &(struct setup){ 0 });
	assert_int_equal(rig_start(&rig), SECCOMM_OK);
	assert_int_equal(seccomm_push_copy(rig.end[CLIENT].session, "early", 5), SECCOMM_NOT_READY);
	assert_int_equal(seccomm_push_copy(rig.end[SERVER].session, "early", 5), SECCOMM_NOT_READY);
	assert_int_equal(seccomm_close(rig.end[CLIENT].session), SECCOMM_NOT_READY);
	assert_null(seccomm_peer(rig.end[SERVER].session));
	rig_pass(&rig, CLIENT);
	rig_pass(&rig, SERVER);
	assert_int_equal(rig.end[CLIENT].writable, 1);
	assert_int_equal(rig.end[CLIENT].opened, 0);
	rig_push(&rig, CLIENT, "right behind");
	rig_pass(&rig, CLIENT);
	assert_int_equal(rig.end[SERVER].opened, 1);
	assert_int_equal(rig.end[SERVER].writable, 1);
	rig_pump(&rig);
	assert_int_equal(rig.end[CLIENT].opened, 1);
	rig_got(&rig, SERVER, "right behind");
	rig_drop(&rig);
}

/* ---- Streams in pieces ------------------------------------------------------------------------------------------ */

/* Hands BYTES to END in two pieces with a cut behind AT; the way a driver does it, which keeps what was not taken. */
static void give_in_two(struct rig *rig, unsigned n, const uint8_t *bytes, size_t length, size_t at)
{
	const size_t ends[] = { at, length };
	size_t from = 0;

	for (size_t piece = 0; piece < 2; piece++) {
		for (;;) {
			size_t left = ends[piece] - from, wanted = seccomm_wanted(rig->end[n].session, bytes + from, left);
			uint8_t *copy;
			ptrdiff_t used;

			if (left == 0)
				break;
			copy = malloc(left);
			assert_non_null(copy);
			memcpy(copy, bytes + from, left);
			used = seccomm_pop(rig->end[n].session, copy, left);
			free(copy);
			assert_true(used >= 0);
			assert_int_equal(used > 0 ? (size_t)used : 0, left >= wanted ? wanted : 0);
			if (used == 0)
				break;
			from += (size_t)used;
		}
	}
	assert_int_equal(from, length);
}

static size_t collect(struct rig *rig, unsigned n, uint8_t *out, size_t room)
{
	size_t length = 0;

	for (struct unit *unit; (unit = units_take(&rig->end[n].sent)) != NULL; free(unit)) {
		assert_true(unit->length <= room - length);
		memcpy(out + length, unit->bytes, unit->length);
		length += unit->length;
	}
	return length;
}

/* Each flight is cut at AT, if it is as long; answers whether one was. */
static bool whole_session(struct rig *rig, size_t at)
{
	uint8_t bytes[2048];
	bool cut = false;

	assert_int_equal(rig_start(rig), SECCOMM_OK);
	for (unsigned flight = 0; flight < 6; flight++) {
		unsigned from = flight % 2 == 0 ? CLIENT : SERVER;
		size_t length;

		if (flight == 2 || flight == 3) {
			rig_push(rig, from, "first");
			rig_push(rig, from, "");
			rig_push(rig, from, "third");
			assert_int_equal(seccomm_close(rig->end[from].session), SECCOMM_OK);
		}
		length = collect(rig, from, bytes, sizeof(bytes));
		cut |= at < length;
		if (length > 0)
			give_in_two(rig, !from, bytes, length, at < length ? at : length);
	}
	return cut;
}

static void every_cut_of_a_stream(void **state)
{
	struct rig rig;
	bool cut = true;

	rig_make(&rig, *state, &(struct setup){ 0 });
	for (size_t at = 0; cut; at++) {
		cut = whole_session(&rig, at);
		for (unsigned n = CLIENT; n <= SERVER; n++) {
			assert_int_equal(rig.end[n].delivered, 3);
			assert_int_equal(rig.end[n].status, SECCOMM_OK);
			assert_int_equal(rig.end[n].closed, 1);
		}
		rig_shut(&rig);
	}
	rig_drop(&rig);
}

static void wanted_is_never_more_than_is_allowed(void **state)
{
	struct rig rig;
	uint8_t header[6] = { 1 << 5, 1, 0xff, 0xff, 0xff, 0xff };

	begin(&rig, state);
	assert_int_equal(seccomm_wanted(rig.end[CLIENT].session, header, 0), 6);
	assert_int_equal(seccomm_wanted(rig.end[CLIENT].session, header, 5), 6);
	assert_int_equal(seccomm_wanted(rig.end[CLIENT].session, header, 6), 6);
	cactus_put_u32(header + 2, 100);
	assert_int_equal(seccomm_wanted(rig.end[CLIENT].session, header, 6), 106);
	rig_drop(&rig);
}

/* ---- Closing ---------------------------------------------------------------------------------------------------- */

static void half_close_leaves_the_other_half(void **state)
{
	struct rig rig;

	begin(&rig, state);
	rig_push(&rig, CLIENT, "last");
	assert_int_equal(seccomm_close(rig.end[CLIENT].session), SECCOMM_OK);
	assert_int_equal(seccomm_close(rig.end[CLIENT].session), SECCOMM_CLOSED);
	assert_int_equal(seccomm_push_copy(rig.end[CLIENT].session, "x", 1), SECCOMM_CLOSED);
	rig_pump(&rig);
	assert_int_equal(rig.end[SERVER].peer_closed, 1);
	assert_int_equal(rig.end[SERVER].closed, 0);
	rig_push(&rig, SERVER, "answer");
	rig_push(&rig, SERVER, "and more");
	assert_int_equal(seccomm_close(rig.end[SERVER].session), SECCOMM_OK);
	assert_int_equal(rig.end[SERVER].closed, 1);
	assert_int_equal(rig.end[SERVER].status, SECCOMM_OK);
	rig_pump(&rig);
	rig_got(&rig, CLIENT, "answer");
	rig_got(&rig, CLIENT, "and more");
	assert_int_equal(rig.end[CLIENT].closed, 1);
	assert_int_equal(rig.end[CLIENT].status, SECCOMM_OK);
	assert_int_equal(seccomm_push_copy(rig.end[CLIENT].session, "x", 1), SECCOMM_CLOSED);
	assert_int_equal(seccomm_pop(rig.end[CLIENT].session, (uint8_t[8]){ 0 }, 8), SECCOMM_CLOSED);
	rig_drop(&rig);
}

static void closing_right_behind_the_third_message(void **state)
{
	struct rig rig;

	rig_make(&rig, *state, &(struct setup){ 0 });
	assert_int_equal(rig_start(&rig), SECCOMM_OK);
	rig_pass(&rig, CLIENT);
	rig_pass(&rig, SERVER);
	rig_push(&rig, CLIENT, "only");
	assert_int_equal(seccomm_close(rig.end[CLIENT].session), SECCOMM_OK);
	rig_pump(&rig);
	rig_got(&rig, SERVER, "only");
	assert_int_equal(rig.end[CLIENT].opened, 1);
	assert_int_equal(rig.end[SERVER].peer_closed, 1);
	rig_drop(&rig);
}

/* ---- Inside callbacks ------------------------------------------------------------------------------------------- */

static void answer_and_close(struct end *end, struct seccomm_message *message)
{
	size_t length;
	const uint8_t *bytes = seccomm_message_bytes(message, &length);

	assert_int_equal(seccomm_push_copy(end->session, bytes, length), SECCOMM_OK);
	assert_int_equal(seccomm_push_copy(end->session, "bye", 3), SECCOMM_OK);
	assert_int_equal(seccomm_close(end->session), SECCOMM_OK);
	assert_int_equal(seccomm_push_copy(end->session, "x", 1), SECCOMM_CLOSED);
	assert_int_equal(seccomm_close(end->session), SECCOMM_CLOSED);
}

static void pushing_and_closing_inside_deliver(void **state)
{
	struct rig rig;

	begin(&rig, state);
	rig.end[SERVER].on_deliver = answer_and_close;
	rig_push(&rig, CLIENT, "question");
	assert_int_equal(seccomm_close(rig.end[CLIENT].session), SECCOMM_OK);
	rig_pump(&rig);
	rig_got(&rig, CLIENT, "question");
	rig_got(&rig, CLIENT, "bye");
	assert_int_equal(rig.end[CLIENT].status + rig.end[SERVER].status, SECCOMM_OK);
	assert_int_equal(rig.end[CLIENT].closed + rig.end[SERVER].closed, 2);
	rig_drop(&rig);
}

static void close_again(struct end *end)
{
	end->on_transmit = NULL;
	assert_int_equal(seccomm_push_copy(end->session, "x", 1), SECCOMM_CLOSED);
	assert_int_equal(seccomm_close(end->session), SECCOMM_CLOSED);
}

/* What is called while the CLOSE is on its way out comes too late. */
static void closing_inside_the_transmission_of_a_close(void **state)
{
	struct rig rig;

	begin(&rig, state);
	rig.end[CLIENT].on_transmit = close_again;
	assert_int_equal(seccomm_close(rig.end[CLIENT].session), SECCOMM_OK);
	rig_pump(&rig);
	assert_int_equal(rig.end[SERVER].peer_closed, 1);
	assert_int_equal(rig.end[SERVER].alerts, 0);
	rig_drop(&rig);
}

static void push_twice(struct end *end)
{
	end->on_opened = NULL;
	rig_push(end->rig, (unsigned)(end - end->rig->end), "greeting");
	assert_int_equal(seccomm_close(end->session), SECCOMM_OK);
}

static void pushing_and_closing_inside_opened(void **state)
{
	struct rig rig;

	rig_make(&rig, *state, &(struct setup){ 0 });
	rig.end[CLIENT].on_opened = rig.end[SERVER].on_opened = push_twice;
	rig_open(&rig);
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		rig_got(&rig, n, "greeting");
		assert_int_equal(rig.end[n].closed, 1);
		assert_int_equal(rig.end[n].status, SECCOMM_OK);
	}
	rig_drop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_and_carries_both_ways),
		cmocka_unit_test(default_stack_adds_22_bytes),
		cmocka_unit_test(sending_before_the_end_of_the_opening),
		cmocka_unit_test(every_cut_of_a_stream),
		cmocka_unit_test(wanted_is_never_more_than_is_allowed),
		cmocka_unit_test(half_close_leaves_the_other_half),
		cmocka_unit_test(closing_right_behind_the_third_message),
		cmocka_unit_test(pushing_and_closing_inside_deliver),
		cmocka_unit_test(closing_inside_the_transmission_of_a_close),
		cmocka_unit_test(pushing_and_closing_inside_opened),
	};

	return cmocka_run_group_tests_name("session calls", tests, rig_library, rig_library_free);
}
