/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: over datagrams an end that hears nothing for 15 s says so and ends; but one lost message, traffic in one direction only,
 * or a pause is no silence; and a session without data closes in order at both ends.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint64_t second = 1000000;
static const struct setup datagram = { .link = SECCOMM_DATAGRAM, .stack = "anti-replay:window | encrypt:aes-256-gcm" };

/* SECONDS pass on a link that carries everything. */
static void pass(struct rig *rig, unsigned seconds)
{
	for (unsigned i = 0; i < 2 * seconds; i++) {
		rig_wait(rig, second / 2);
		rig_pump(rig);
	}
}

static void nobody_was_silent(const struct rig *rig)
{
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		assert_string_equal(rig->end[n].detail, "");
		assert_int_equal(rig->end[n].alerts, 0);
		assert_int_equal(rig->end[n].closed, 0);
	}
}

static void a_lost_message_is_no_silence(void **state)
{
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		struct rig rig;

		rig_make(&rig, *state, &datagram);
		rig_open(&rig);
		rig_talk(&rig);
		pass(&rig, 20); /* nobody owes anything */
		rig_push(&rig, n, "lost");
		rig_lose(&rig, n);
		pass(&rig, 60);
		nobody_was_silent(&rig);
		rig_talk(&rig);
		rig_drop(&rig);
	}
}

/* Neither is one whose first question is lost, too, or the answer to it. */
static void a_lost_question_is_no_silence(void **state)
{
	for (unsigned loser = CLIENT; loser <= SERVER; loser++) {
		struct rig rig;

		rig_make(&rig, *state, &datagram);
		rig_open(&rig);
		rig_talk(&rig);
		pass(&rig, 20);
		rig_push(&rig, CLIENT, "lost");
		rig_lose(&rig, CLIENT);
		for (unsigned i = 0; i < 24; i++) {
			rig_wait(&rig, second / 2);
			if (loser == CLIENT)
				rig_lose(&rig, CLIENT);
			while (rig.end[CLIENT].sent.first)
				rig_pass(&rig, CLIENT);
			rig_lose(&rig, SERVER);
		}
		pass(&rig, 60);
		nobody_was_silent(&rig);
		rig_drop(&rig);
	}
}

enum { LOST = 20, SESSIONS = 400 };

/* Carries what is there, but LOST % of it; the server answers what it is asked; a tenth of a second passes. */
static void tenth(struct rig *rig, uint64_t *seed)
{
	for (unsigned n = CLIENT; n <= SERVER; n++)
		while (rig->end[n].sent.first != NULL) {
			struct unit *unit = rig_take(rig, n);

			if (rig_random(seed) % 100 >= LOST)
				(void)rig_give(rig, !n, unit->bytes, unit->length);
			free(unit);
		}
	for (; rig->end[SERVER].got.first != NULL; free(units_take(&rig->end[SERVER].got)))
		rig_push(rig, SERVER, "an answer");
	rig_wait(rig, second / 10);
}

/*
 * Nor is a link that loses a fifth of all messages: a question and its answer pass with 0.64, so that of four hundred sessions with
 * one question each asking twice would leave a dozen silent, and asking eight times leaves none.  And who is open has a peer who is.
 */
static void a_bad_link_is_no_silence(void **state)
{
	uint64_t seed = 1;
	unsigned asked = 0;

	for (unsigned i = 0; i < SESSIONS; i++) {
		struct rig rig;

		rig_make(&rig, *state, &datagram);
		assert_int_equal(rig_start(&rig), SECCOMM_OK);
		for (unsigned n = 0; n < 100 && rig.end[CLIENT].opened == 0 && rig.end[CLIENT].closed == 0; n++)
			tenth(&rig, &seed);
		if (rig.end[CLIENT].opened == 0) {
			assert_int_equal(rig.end[CLIENT].alert, SECCOMM_ALERT_TIMED_OUT);
			rig_drop(&rig);
			continue;
		}
		asked++;
		assert_int_equal(rig.end[SERVER].opened, 1);
		rig_push(&rig, CLIENT, "a question");
		for (unsigned n = 0; n < 400; n++)
			tenth(&rig, &seed);
		nobody_was_silent(&rig);
		rig_drop(&rig);
	}
	assert_in_range(asked, SESSIONS * 98 / 100, SESSIONS); /* the others did not open within 10 s */
}

static void a_peer_that_is_gone_is_silent(void **state)
{
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		struct rig rig;
		unsigned halves = 0;

		rig_make(&rig, *state, &datagram);
		rig_open(&rig);
		rig_talk(&rig);
		rig_wait(&rig, second);
		rig_push(&rig, n, "anybody there");
		while (!rig.end[n].closed && halves < 60) {
			rig_lose(&rig, CLIENT);
			rig_lose(&rig, SERVER);
			rig_wait(&rig, second / 2);
			halves++;
		}
		assert_in_range(halves, 30, 34);
		assert_int_equal(rig.end[n].alert, SECCOMM_ALERT_SILENT);
		assert_int_equal(rig.end[n].status, SECCOMM_CLOSED);
		rig_drop(&rig);
	}
}

static void traffic_in_one_direction_is_no_silence(void **state)
{
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		struct rig rig;

		rig_make(&rig, *state, &datagram);
		rig_open(&rig);
		for (unsigned i = 0; i < 300; i++) {
			rig_push(&rig, n, "a line of a log");
			rig_pump(&rig);
			pass(&rig, 1);
		}
		nobody_was_silent(&rig);
		assert_int_equal(rig.end[!n].delivered, 300);
		rig_drop(&rig);
	}
}

static void without_data_both_ends_close(void **state)
{
	struct rig rig;

	rig_make(&rig, *state, &datagram);
	rig_open(&rig);
	rig_talk(&rig);
	pass(&rig, 170);
	nobody_was_silent(&rig);
	pass(&rig, 20);
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		assert_int_equal(rig.end[n].alerts, 0);
		assert_int_equal(rig.end[n].closed, 1);
		assert_int_equal(rig.end[n].status, SECCOMM_OK);
	}
	rig_drop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lost_message_is_no_silence),
		cmocka_unit_test(a_lost_question_is_no_silence),
		cmocka_unit_test(a_bad_link_is_no_silence),
		cmocka_unit_test(a_peer_that_is_gone_is_silent),
		cmocka_unit_test(traffic_in_one_direction_is_no_silence),
		cmocka_unit_test(without_data_both_ends_close),
	};

	return cmocka_run_group_tests_name("silence", tests, rig_library, rig_library_free);
}
