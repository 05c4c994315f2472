/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: from one epoch to the next nothing is lost, doubled, reordered or judged by two stacks; either end may ask; what is old is
 * wiped when the rules say; and a stack that is not allowed leaves the session as it was.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "seccomm/exchange.h"

static const uint64_t second = 1000000;
static const enum seccomm_link links[] = { SECCOMM_STREAM, SECCOMM_DATAGRAM };

static const struct setup *setup_of(enum seccomm_link link)
{
	static const struct setup stream = { 0 };
	static const struct setup datagram = { .link = SECCOMM_DATAGRAM, .stack = "anti-replay:sequence | encrypt:aes-256-gcm" };

	return link == SECCOMM_STREAM ? &stream : &datagram;
}

/* ---- Asking ----------------------------------------------------------------------------------------------------- */

static void either_end_asks(void **state)
{
	for (size_t i = 0; i < 2; i++)
		for (unsigned n = CLIENT; n <= SERVER; n++) {
			struct rig rig;

			rig_make(&rig, *state, setup_of(links[i]));
			rig_open(&rig);
			rig_talk(&rig);
			for (uint64_t number = 2; number < 300; number++) {
				assert_int_equal(seccomm_rekey(rig.end[n].session), SECCOMM_OK);
				rig_pump(&rig);
				rig_both_in(&rig, number);
				rig_talk(&rig);
				if (links[i] == SECCOMM_DATAGRAM) {
					assert_int_equal(seccomm_rekey(rig.end[n].session), SECCOMM_NOT_READY);
					rig_wait(&rig, 31 * second);
				}
				assert_null(rig.end[CLIENT].session->previous);
				assert_null(rig.end[SERVER].session->previous);
			}
			assert_int_equal(rig.end[CLIENT].alerts + rig.end[SERVER].alerts, 0);
			rig_drop(&rig);
		}
}

static void both_ends_ask_at_once(void **state)
{
	for (size_t i = 0; i < 2; i++) {
		struct rig rig;

		rig_make(&rig, *state, setup_of(links[i]));
		rig_open(&rig);
		assert_int_equal(seccomm_rekey(rig.end[SERVER].session), SECCOMM_OK);
		assert_int_equal(seccomm_rekey(rig.end[CLIENT].session), SECCOMM_OK);
		assert_int_equal(seccomm_rekey(rig.end[CLIENT].session), SECCOMM_NOT_READY);
		rig_pump(&rig);
		rig_both_in(&rig, 2);
		rig_talk(&rig);
		for (int k = 0; k < 40; k++) {
			rig_wait(&rig, second);
			rig_pump(&rig);
		}
		rig_both_in(&rig, 2);
		assert_int_equal(rig.end[CLIENT].alerts + rig.end[SERVER].alerts, 0);
		rig_drop(&rig);
	}
}

static void time_asks(void **state)
{
	struct rig rig;

	rig_make(&rig, *state, setup_of(SECCOMM_STREAM));
	rig_open(&rig);
	rig_wait(&rig, 3599 * second);
	rig_pump(&rig);
	rig_both_in(&rig, 1);
	rig_wait(&rig, second);
	rig_pump(&rig);
	rig_both_in(&rig, 2);
	rig_talk(&rig);
	rig_drop(&rig);
}

/* ---- Data goes on ----------------------------------------------------------------------------------------------- */

/* A message is pushed by each end between any two frames of the exchange; all arrive, in order. */
static void nothing_is_lost_on_a_stream(void **state)
{
	struct rig rig;
	unsigned sent[2] = { 0 };

	rig_make(&rig, *state, setup_of(SECCOMM_STREAM));
	rig_open(&rig);
	for (unsigned round = 0; round < 20; round++) {
		assert_int_equal(seccomm_rekey(rig.end[round % 2].session), SECCOMM_OK);
		for (unsigned step = 0; step < 24; step++) {
			unsigned n = (step + round / 2) % 2;
			char text[32];

			snprintf(text, sizeof(text), "message %u", sent[n]++);
			rig_push(&rig, n, text);
			if (rig.end[!n].sent.first != NULL)
				rig_pass(&rig, !n);
		}
		rig_pump(&rig);
		rig_both_in(&rig, round + 2);
	}
	for (unsigned n = CLIENT; n <= SERVER; n++)
		for (unsigned k = 0; k < sent[!n]; k++) {
			char text[32];

			snprintf(text, sizeof(text), "message %u", k);
			rig_got(&rig, n, text);
		}
	assert_int_equal(rig.end[CLIENT].alerts + rig.end[SERVER].alerts, 0);
	rig_drop(&rig);
}

static void push_inside(struct end *end)
{
	end->on_transmit = NULL; /* its own frame asks for no other */
	if (seccomm_may_push(end->session))
		assert_int_equal(seccomm_push_copy(end->session, "inside", 6), SECCOMM_OK);
	else
		assert_int_equal(seccomm_push_copy(end->session, "inside", 6), SECCOMM_NOT_READY);
	end->on_transmit = push_inside;
}

/* Whatever frame an application pushes behind, inside the callback that takes it, no end refuses what comes. */
static void pushes_inside_callbacks(void **state)
{
	for (size_t i = 0; i < 2; i++)
		for (unsigned n = CLIENT; n <= SERVER; n++) {
			struct rig rig;

			rig_make(&rig, *state, setup_of(links[i]));
			rig_open(&rig);
			rig.end[CLIENT].on_transmit = rig.end[SERVER].on_transmit = push_inside;
			assert_int_equal(seccomm_rekey(rig.end[n].session), SECCOMM_OK);
			rig_pump(&rig);
			rig_both_in(&rig, 2);
			assert_true(rig.end[CLIENT].delivered > 0 && rig.end[SERVER].delivered > 0);
			assert_int_equal(rig.end[CLIENT].alerts + rig.end[SERVER].alerts, 0);
			rig_drop(&rig);
		}
}

/* On datagrams what is under way in the old epoch still arrives, and not a day later. */
static void the_old_epoch_is_kept_for_a_while(void **state)
{
	struct rig rig;
	struct unit *late, *too_late;

	rig_make(&rig, *state, &(struct setup){ .link = SECCOMM_DATAGRAM, .stack = "encrypt:aes-256-gcm", .lab = true });
	rig_open(&rig);
	rig_push(&rig, CLIENT, "late");
	late = rig_take(&rig, CLIENT);
	rig_push(&rig, CLIENT, "too late");
	too_late = rig_take(&rig, CLIENT);
	assert_int_equal(seccomm_rekey(rig.end[CLIENT].session), SECCOMM_OK);
	rig_pump(&rig);
	rig_both_in(&rig, 2);
	rig_talk(&rig);
	rig_wait(&rig, 29 * second);
	rig_give(&rig, SERVER, late->bytes, late->length);
	rig_got(&rig, SERVER, "late");
	rig_wait(&rig, second);
	assert_null(rig.end[SERVER].session->previous);
	rig_give(&rig, SERVER, too_late->bytes, too_late->length);
	assert_int_equal(rig.end[SERVER].alert, SECCOMM_ALERT_UNEXPECTED);
	assert_int_equal(rig.end[SERVER].closed, 0);
	free(late);
	free(too_late);
	rig_drop(&rig);
}

/* ---- Another stack ---------------------------------------------------------------------------------------------- */

static void the_stack_changes(void **state)
{
	static const char stack[] = "anti-replay:sequence | sign:ed25519 | encrypt:chacha20-poly1305";

	for (size_t i = 0; i < 2; i++)
		for (unsigned n = CLIENT; n <= SERVER; n++) {
			struct rig rig;
			struct seccomm_plan *plans[2];
			struct seccomm_message *old;
			size_t length;

			rig_make(&rig, *state, setup_of(links[i]));
			rig_open(&rig);
			old = seccomm_message_new(rig.end[CLIENT].session, 3);
			for (unsigned k = CLIENT; k <= SERVER; k++)
				plans[k] = rig_plan(&rig, k, links[i], stack);
			assert_int_equal(seccomm_allow(rig.end[!n].session, plans[!n]), SECCOMM_OK);
			assert_int_equal(seccomm_change(rig.end[n].session, plans[n]), SECCOMM_OK);
			rig_pump(&rig);
			rig_both_in(&rig, 2);
			rig_talk(&rig);
			memcpy(seccomm_message_bytes(old, &length), "old", 3);
			assert_int_equal(seccomm_push(rig.end[CLIENT].session, old), SECCOMM_OK);
			rig_pump(&rig);
			rig_got(&rig, SERVER, "old");
			seccomm_message_release(old);
			assert_int_equal(rig.end[CLIENT].alerts + rig.end[SERVER].alerts, 0);
			for (unsigned k = CLIENT; k <= SERVER; k++) {
				assert_memory_equal(seccomm_plan_digest(rig.end[k].session->plan), seccomm_plan_digest(plans[k]), 32);
				seccomm_plan_free(plans[k]);
			}
			rig_drop(&rig);
		}
}

static void a_stack_that_is_not_allowed(void **state)
{
	for (size_t i = 0; i < 2; i++)
		for (unsigned n = CLIENT; n <= SERVER; n++) {
			struct rig rig;
			struct seccomm_plan *other;

			rig_make(&rig, *state, setup_of(links[i]));
			rig_open(&rig);
			other = rig_plan(&rig, n, links[i], "anti-replay:sequence | encrypt:chacha20-poly1305");
			assert_int_equal(seccomm_change(rig.end[n].session, other), SECCOMM_OK);
			rig_pump(&rig);
			rig_both_in(&rig, 1);
			assert_int_equal(rig.end[n].alert, SECCOMM_ALERT_REKEY_FAILED);
			assert_false(rig.end[n].fatal);
			rig_talk(&rig);
			assert_int_equal(seccomm_rekey(rig.end[n].session), SECCOMM_OK);
			rig_pump(&rig);
			rig_both_in(&rig, 2);
			seccomm_plan_free(other);
			rig_drop(&rig);
		}
}

/* What a program does not read keeps the exchange behind it from the peer: that is told once, and ends nothing. */
static void a_stream_waits(void **state)
{
	for (unsigned asks = CLIENT; asks <= SERVER; asks++)
		for (unsigned stuck = 0; stuck < 4; stuck++) {
			struct rig rig;

			rig_make(&rig, *state, setup_of(SECCOMM_STREAM));
			rig_open(&rig);
			assert_int_equal(seccomm_rekey(rig.end[asks].session), SECCOMM_OK);
			for (unsigned n = 0; n < stuck; n++)
				rig_pass(&rig, (asks + n) % 2);
			for (int k = 0; k < 10; k++) {
				rig_push(&rig, CLIENT, "meanwhile");
				rig_wait(&rig, 60 * second);
			}
			for (unsigned n = CLIENT; n <= SERVER; n++) {
				assert_true(rig.end[n].alerts <= 1);
				assert_false(rig.end[n].fatal);
			}
			rig_pump(&rig);
			for (int k = 0; k < 10; k++)
				rig_got(&rig, SERVER, "meanwhile");
			rig_both_in(&rig, 2);
			rig_talk(&rig);
			rig_drop(&rig);
		}
}

/* ---- The end ---------------------------------------------------------------------------------------------------- */

/* A close at any point of a renewal is a close. */
static void closes_between(void **state)
{
	for (unsigned when = 0; when < 12; when++) {
		struct rig rig;

		rig_make(&rig, *state, setup_of(SECCOMM_STREAM));
		rig_open(&rig);
		assert_int_equal(seccomm_rekey(rig.end[when % 2].session), SECCOMM_OK);
		for (unsigned n = 0; n < when; n++)
			if (rig.end[n % 2].sent.first != NULL)
				rig_pass(&rig, n % 2);
		rig_push(&rig, CLIENT, "last");
		assert_int_equal(seccomm_close(rig.end[CLIENT].session), SECCOMM_OK);
		rig_pump(&rig);
		rig_got(&rig, SERVER, "last");
		assert_int_equal(rig.end[SERVER].peer_closed, 1);
		rig_push(&rig, SERVER, "after");
		assert_int_equal(seccomm_close(rig.end[SERVER].session), SECCOMM_OK);
		rig_pump(&rig);
		rig_got(&rig, CLIENT, "after");
		for (unsigned n = CLIENT; n <= SERVER; n++) {
			assert_int_equal(rig.end[n].closed, 1);
			assert_int_equal(rig.end[n].status, SECCOMM_OK);
		}
		rig_drop(&rig);
	}
}

/* A SWITCH whose count is not what has come is a cut, and is called one. */
static void a_cut_before_the_switch(void **state)
{
	struct rig rig;

	rig_make(&rig, *state, setup_of(SECCOMM_STREAM));
	rig_open(&rig);
	assert_int_equal(seccomm_rekey(rig.end[CLIENT].session), SECCOMM_OK);
	rig_pass(&rig, CLIENT);
	rig_pass(&rig, SERVER);
	rig.end[SERVER].session->epoch->data_sent++; /* as if one had been cut out, and its number with it */
	rig_pump(&rig);
	rig_refused(&rig, CLIENT, SECCOMM_ALERT_TRUNCATED);
	rig_drop(&rig);
}

/* Keys of an epoch are gone when it has been retired. */
static void retired_keys_are_gone(void **state)
{
	for (size_t i = 0; i < 2; i++) {
		uint8_t keys[2][HASH];
		struct rig rig;

		rig_make(&rig, *state, setup_of(links[i]));
		rig_open(&rig);
		rig.bury = true;
		for (unsigned n = CLIENT; n <= SERVER; n++)
			memcpy(keys[n], rig.end[n].session->epoch->keys[0], HASH);
		assert_int_equal(seccomm_rekey(rig.end[CLIENT].session), SECCOMM_OK);
		rig_pump(&rig);
		rig_wait(&rig, 31 * second);
		assert_null(rig.end[CLIENT].session->previous);
		assert_null(rig.end[SERVER].session->previous);
		assert_true(rig.buried > 0);
		for (unsigned n = CLIENT; n <= SERVER; n++) {
			assert_null(memmem(rig.graves, rig.buried, keys[n], HASH));
			assert_memory_not_equal(rig.end[n].session->epoch->keys[0], keys[n], HASH);
		}
		assert_memory_equal(rig.end[0].session->epoch->keys[0], rig.end[1].session->epoch->keys[0], HASH);
		rig_drop(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(either_end_asks),
		cmocka_unit_test(both_ends_ask_at_once),
		cmocka_unit_test(time_asks),
		cmocka_unit_test(nothing_is_lost_on_a_stream),
		cmocka_unit_test(a_stream_waits),
		cmocka_unit_test(pushes_inside_callbacks),
		cmocka_unit_test(the_old_epoch_is_kept_for_a_while),
		cmocka_unit_test(the_stack_changes),
		cmocka_unit_test(a_stack_that_is_not_allowed),
		cmocka_unit_test(closes_between),
		cmocka_unit_test(a_cut_before_the_switch),
		cmocka_unit_test(retired_keys_are_gone),
	};

	return cmocka_run_group_tests_name("epochs", tests, rig_library, rig_library_free);
}
