/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: on a stream, what is cut, out of its place, of another session, direction or time, or too long ends the session with
 * the right alert, and none of it is delivered.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "seccomm/session.h"

static void begin(struct rig *rig, void **state)
{
	rig_make(rig, *state, &(struct setup){ 0 });
	rig_open(rig);
}

/* ---- Cutting ---------------------------------------------------------------------------------------------------- */

enum { FRAMES = 8 };

/* The N-th step of a session: who transmits, and what must be done for it first. */
static unsigned step(struct rig *rig, unsigned n)
{
	static const unsigned from[FRAMES] = { CLIENT, SERVER, CLIENT, SERVER, CLIENT, SERVER, CLIENT, SERVER };

	if (n == 4 || n == 5)
		rig_push(rig, from[n], "message");
	if (n >= 6)
		assert_int_equal(seccomm_close(rig->end[from[n]].session), SECCOMM_OK);
	return from[n];
}

static void check_cut(const struct end *end, bool peer_closed, bool both)
{
	assert_int_equal(end->closed, 1);
	if (both) {
		assert_int_equal(end->status, SECCOMM_OK);
	} else if (peer_closed) {
		assert_int_equal(end->status, SECCOMM_CLOSED);
		assert_int_equal(end->alerts, 0);
	} else {
		assert_int_equal(end->status, SECCOMM_REFUSED);
		assert_int_equal(end->alert, SECCOMM_ALERT_TRUNCATED);
	}
}

/* The stream ends behind each frame, and in the midst of it: only what was closed before is complete. */
static void an_end_at_every_frame(void **state)
{
	struct rig rig;

	rig_make(&rig, *state, &(struct setup){ 0 });
	for (unsigned cut = 0; cut <= FRAMES; cut++) {
		assert_int_equal(rig_start(&rig), SECCOMM_OK);
		for (unsigned n = 0; n < cut; n++)
			rig_pass(&rig, step(&rig, n));
		if (cut < FRAMES) {
			unsigned from = step(&rig, cut);
			struct unit *unit = rig_take(&rig, from);

			for (size_t part = 0; part < unit->length; part++)
				assert_int_equal(rig_give(&rig, !from, unit->bytes, part), 0);
			free(unit);
		}
		for (unsigned n = CLIENT; n <= SERVER; n++)
			seccomm_ended(rig.end[n].session);
		check_cut(&rig.end[SERVER], cut >= 7, cut >= 7);
		check_cut(&rig.end[CLIENT], cut >= 8, cut >= 8);
		rig_shut(&rig);
	}
	rig_drop(&rig);
}

static void an_end_after_the_peers_close_is_no_truncation(void **state)
{
	struct rig rig;

	begin(&rig, state);
	assert_int_equal(seccomm_close(rig.end[CLIENT].session), SECCOMM_OK);
	rig_pump(&rig);
	seccomm_ended(rig.end[SERVER].session);
	check_cut(&rig.end[SERVER], true, false);
	rig_drop(&rig);
}

/* Only the peer itself could count wrong; it is told all the same. */
static void a_close_that_counts_wrong(void **state)
{
	struct rig rig;

	for (int wrong = -1; wrong <= 1; wrong += 2) {
		begin(&rig, state);
		rig_push(&rig, CLIENT, "one");
		rig.end[CLIENT].session->epoch->data_sent += (uint64_t)wrong;
		assert_int_equal(seccomm_close(rig.end[CLIENT].session), SECCOMM_OK);
		rig_pump(&rig);
		rig_refused(&rig, SERVER, SECCOMM_ALERT_TRUNCATED);
		assert_int_equal(rig.end[SERVER].peer_closed, 0);
		rig_drop(&rig);
	}
}

static void nothing_may_follow_a_close(void **state)
{
	struct rig rig, twin;
	struct unit *unit;

	begin(&rig, state);
	begin(&twin, state); /* the same keys, for everything is seeded alike */
	assert_int_equal(seccomm_close(rig.end[CLIENT].session), SECCOMM_OK);
	rig_pass(&rig, CLIENT);
	twin.end[CLIENT].session->epoch->sent++;
	rig_push(&twin, CLIENT, "after");
	unit = rig_take(&twin, CLIENT);
	rig_give(&rig, SERVER, unit->bytes, unit->length);
	rig_refused(&rig, SERVER, SECCOMM_ALERT_UNEXPECTED);
	assert_int_equal(rig.end[SERVER].delivered, 0);
	free(unit);
	rig_drop(&twin);
	rig_drop(&rig);
}

/* ---- Out of place ----------------------------------------------------------------------------------------------- */

/* A frame of one session, in another one at the same place. */
static void splicing(void **state)
{
	struct rig a, b;
	struct unit *unit;

	for (unsigned from = CLIENT; from <= SERVER; from++) {
		begin(&a, state);
		rig_make(&b, *state, &(struct setup){ 0 });
		b.seed = 77;
		rig_open(&b);
		rig_push(&a, from, "for a");
		unit = rig_take(&a, from);
		rig_give(&b, !from, unit->bytes, unit->length);
		rig_refused(&b, !from, SECCOMM_ALERT_BAD_TAG);
		assert_int_equal(b.end[!from].delivered, 0);
		free(unit);
		rig_drop(&a);
		rig_drop(&b);
	}
}

/* Opening frames of one opening in another one, at the same place. */
static void splicing_openings(void **state)
{
	static const enum seccomm_alert_id expected[] = { SECCOMM_ALERT_BAD_SIGNATURE, SECCOMM_ALERT_BAD_SIGNATURE,
		SECCOMM_ALERT_BAD_TAG };

	for (unsigned n = 1; n <= 3; n++) {
		struct rig rigs[2];
		struct unit *unit;

		for (unsigned i = 0; i < 2; i++) {
			rig_make(&rigs[i], *state, &(struct setup){ 0 });
			rigs[i].seed = i + 1;
			assert_int_equal(rig_start(&rigs[i]), SECCOMM_OK);
			for (unsigned k = 0; k < n; k++)
				rig_pass(&rigs[i], k % 2);
		}
		unit = rig_take(&rigs[0], n % 2);
		rig_give(&rigs[1], !(n % 2), unit->bytes, unit->length);
		rig_refused(&rigs[1], !(n % 2), expected[n - 1]);
		assert_int_equal(rigs[1].end[!(n % 2)].opened, 0);
		free(unit);
		rig_drop(&rigs[0]);
		rig_drop(&rigs[1]);
	}
}

/* What an end sent comes back to it, under the number that it awaits. */
static void reflection(void **state)
{
	struct rig rig;

	for (unsigned from = CLIENT; from <= SERVER; from++) {
		struct unit *unit;

		begin(&rig, state);
		rig_push(&rig, CLIENT, "now both ends have sent two frames");
		rig_pump(&rig);
		assert_int_equal(rig.end[from].session->epoch->sent, rig.end[from].session->epoch->received);
		rig_push(&rig, from, "mirror");
		unit = rig_take(&rig, from);
		rig_give(&rig, from, unit->bytes, unit->length);
		free(unit);
		rig_refused(&rig, from, SECCOMM_ALERT_BAD_TAG);
		rig_drop(&rig);
	}
}

static void reflection_in_the_opening(void **state)
{
	for (unsigned n = 0; n < 4; n++) {
		struct rig rig;
		struct unit *unit;

		rig_make(&rig, *state, &(struct setup){ 0 });
		assert_int_equal(rig_start(&rig), SECCOMM_OK);
		for (unsigned k = 0; k < n; k++)
			rig_pass(&rig, k % 2);
		unit = rig_take(&rig, n % 2);
		rig_give(&rig, n % 2, unit->bytes, unit->length);
		assert_int_equal(rig.end[n % 2].closed, 1);
		assert_int_equal(rig.end[n % 2].status, SECCOMM_REFUSED);
		assert_int_equal(rig.end[n % 2].delivered, 0);
		free(unit);
		rig_drop(&rig);
	}
}

static void replay_and_reordering(void **state)
{
	for (unsigned swapped = 0; swapped < 2; swapped++) {
		struct rig rig;
		struct unit *first, *second;

		begin(&rig, state);
		rig_push(&rig, CLIENT, "first");
		rig_push(&rig, CLIENT, "second");
		first = rig_take(&rig, CLIENT);
		second = rig_take(&rig, CLIENT);
		if (!swapped)
			rig_give(&rig, SERVER, first->bytes, first->length);
		rig_give(&rig, SERVER, (swapped ? second : first)->bytes, (swapped ? second : first)->length);
		rig_refused(&rig, SERVER, SECCOMM_ALERT_BAD_TAG);
		assert_int_equal(rig.end[SERVER].delivered, !swapped);
		free(first);
		free(second);
		rig_drop(&rig);
	}
}

/* ---- Frames that are not expected, at every state --------------------------------------------------------------- */

enum { STATES = 6 };

/* Brings REACHED frames of the opening to their end, and a message each way at last. */
static void reach(struct rig *rig, void **state, unsigned reached)
{
	rig_make(rig, *state, &(struct setup){ 0 });
	assert_int_equal(rig_start(rig), SECCOMM_OK);
	for (unsigned n = 0; n < reached && n < STATES; n++)
		rig_pass(rig, step(rig, n));
}

static void give_frame(struct rig *rig, unsigned n, unsigned lane, uint8_t epoch, size_t stated, size_t given)
{
	uint8_t bytes[FRAME_HEADER + 64] = { 0 };
	struct frame frame = { .lane = lane, .epoch = epoch, .length = stated };

	frame_write(SECCOMM_STREAM, &frame, bytes);
	rig_give(rig, n, bytes, FRAME_HEADER + given);
}

/* Lanes, epochs and lengths that nobody sends: the header alone is enough to end it, or the frame is judged and refused. */
static void foreign_frames_at_every_state(void **state)
{
	struct rig rig;

	for (unsigned reached = 0; reached <= STATES; reached++)
		for (unsigned n = CLIENT; n <= SERVER; n++)
			for (unsigned lane = 0; lane < 32; lane++)
				for (unsigned epoch = 0; epoch < 3; epoch++) {
					unsigned before;

					reach(&rig, state, reached);
					before = rig.end[n].delivered;
					give_frame(&rig, n, lane, (uint8_t)epoch, 40, 40);
					assert_int_equal(rig.end[n].closed, 1);
					assert_int_equal(rig.end[n].status, SECCOMM_REFUSED);
					assert_int_equal(rig.end[n].delivered, before);
					rig_drop(&rig);
				}
}

static void oversize_at_every_state(void **state)
{
	static const size_t lengths[] = { PLAN_STREAM_MESSAGE_MAX + 17, 0x7fffffff, 0x80000000, 0xffffffff };
	struct rig rig;

	for (unsigned reached = 0; reached <= STATES; reached++)
		for (unsigned n = CLIENT; n <= SERVER; n++)
			for (unsigned lane = 0; lane < 3; lane++)
				for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
					reach(&rig, state, reached);
					give_frame(&rig, n, lane, 1, lengths[i], 0);
					assert_int_equal(rig.end[n].closed, 1);
					assert_true(rig.end[n].alert == SECCOMM_ALERT_OVERSIZE ||
					    rig.end[n].alert == SECCOMM_ALERT_UNEXPECTED);
					rig_drop(&rig);
				}
}

static void data_before_the_end_of_the_opening(void **state)
{
	struct rig rig;

	for (unsigned reached = 0; reached < 4; reached++) {
		unsigned n = reached % 2 == 0 ? SERVER : CLIENT; /* who awaits the next one */

		reach(&rig, state, reached);
		give_frame(&rig, n, LANE_DATA, 1, 30, 30);
		rig_refused(&rig, n, SECCOMM_ALERT_UNEXPECTED);
		assert_int_equal(rig.end[n].delivered, 0);
		rig_drop(&rig);
	}
}

static void a_second_opening(void **state)
{
	for (unsigned reached = 1; reached <= 4; reached++) {
		struct rig rig;
		struct unit *open;

		reach(&rig, state, 0);
		open = rig_take(&rig, CLIENT);
		rig_give(&rig, SERVER, open->bytes, open->length);
		for (unsigned n = 1; n < reached; n++)
			rig_pass(&rig, n % 2);
		rig_give(&rig, SERVER, open->bytes, open->length);
		rig_refused(&rig, SERVER, SECCOMM_ALERT_UNEXPECTED);
		free(open);
		rig_drop(&rig);
	}
}

static void garbage_instead_of_an_opening(void **state)
{
	static const char http[] = "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n";
	struct rig rig;

	reach(&rig, state, 0);
	rig_give(&rig, SERVER, http, sizeof(http) - 1);
	rig_refused(&rig, SERVER, SECCOMM_ALERT_MALFORMED);
	assert_null(rig.end[SERVER].sent.first);
	rig_drop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_end_at_every_frame),
		cmocka_unit_test(an_end_after_the_peers_close_is_no_truncation),
		cmocka_unit_test(a_close_that_counts_wrong),
		cmocka_unit_test(nothing_may_follow_a_close),
		cmocka_unit_test(splicing),
		cmocka_unit_test(splicing_openings),
		cmocka_unit_test(reflection),
		cmocka_unit_test(reflection_in_the_opening),
		cmocka_unit_test(replay_and_reordering),
		cmocka_unit_test(foreign_frames_at_every_state),
		cmocka_unit_test(oversize_at_every_state),
		cmocka_unit_test(data_before_the_end_of_the_opening),
		cmocka_unit_test(a_second_opening),
		cmocka_unit_test(garbage_instead_of_an_opening),
	};

	return cmocka_run_group_tests_name("refusing on streams", tests, rig_library, rig_library_free);
}
