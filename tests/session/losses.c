/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: whatever of a renewal the network loses, doubles or delays, both ends agree on the epoch in the end, and no attack is told
 * where there was none; an attempt that nobody answers is made again, or ends the session where there is no way back.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "seccomm/session.h"

static const uint64_t second = 1000000;
static const struct setup datagram = { .link = SECCOMM_DATAGRAM, .stack = "anti-replay:sequence | encrypt:aes-256-gcm" };

/* Each message of the exchange is lost once, at each of its places; the epoch is renewed all the same. */
static void any_message_is_lost(void **state)
{
	for (unsigned lost = 0; lost < 6; lost++) {
		struct rig rig;

		rig_make(&rig, *state, &datagram);
		rig_open(&rig);
		assert_int_equal(seccomm_rekey(rig.end[CLIENT].session), SECCOMM_OK);
		for (unsigned n = 0; n < lost; n++)
			if (rig.end[n % 2].sent.first != NULL)
				rig_pass(&rig, n % 2);
		rig_lose(&rig, CLIENT);
		rig_lose(&rig, SERVER);
		for (int k = 0; k < 20; k++) {
			rig_wait(&rig, second / 4);
			rig_pump(&rig);
		}
		rig_both_in(&rig, 2);
		rig_talk(&rig);
		for (int k = 0; k < 60; k++) {
			rig_wait(&rig, second);
			rig_pump(&rig);
		}
		assert_null(rig.end[CLIENT].session->previous);
		assert_null(rig.end[SERVER].session->previous);
		assert_int_equal(rig.end[CLIENT].alerts + rig.end[SERVER].alerts, 0);
		rig_drop(&rig);
	}
}

/* What a network doubles, at once or late, is no attack: a key message that was taken is answered again or passed over. */
static void doubled_key_messages_are_no_alert(void **state)
{
	enum { KEPT = 16 };
	struct unit *kept[2][KEPT];
	unsigned count[2] = { 0 };
	struct rig rig;

	rig_make(&rig, *state, &datagram);
	assert_int_equal(rig_start(&rig), SECCOMM_OK);
	while (rig.end[CLIENT].sent.first != NULL || rig.end[SERVER].sent.first != NULL)
		for (unsigned n = CLIENT; n <= SERVER; n++) {
			struct unit *unit = units_take(&rig.end[n].sent);

			if (unit == NULL)
				continue;
			rig_give(&rig, !n, unit->bytes, unit->length);
			if ((unit->bytes[0] & 31) > LANE_KEY && count[n] < KEPT) {
				rig_give(&rig, !n, unit->bytes, unit->length);
				kept[n][count[n]++] = unit;
			} else {
				free(unit);
			}
		}
	assert_true(count[CLIENT] > 0 && count[SERVER] > 0);
	rig_talk(&rig);
	for (unsigned n = CLIENT; n <= SERVER; n++)
		while (count[n] > 0) {
			struct unit *unit = kept[n][--count[n]];

			if (cactus_u32(unit->bytes + 1) != 0) /* an OPEN is the listener's to know */
				rig_give(&rig, !n, unit->bytes, unit->length);
			free(unit);
		}
	rig_pump(&rig);
	rig_talk(&rig);
	assert_int_equal(rig.end[CLIENT].alerts + rig.end[SERVER].alerts, 0);
	rig_drop(&rig);
}

/* A resent M1 that was overtaken by all that followed it begins no other attempt: the client has no way back by then. */
static void a_late_beginning_begins_nothing(void **state)
{
	static const struct key_setup setup = { .link = SECCOMM_DATAGRAM,
		.keys = "      outer: {establish: dh, protect: [sign: ed25519]}\n"
			"      data: {establish: both, protect: [encrypt: {algorithm: chacha20-poly1305, key: outer}]}\n" };
	struct unit *late;
	struct rig rig;

	rig_make_keys(&rig, *state, &setup);
	rig_open(&rig);
	assert_int_equal(seccomm_rekey(rig.end[CLIENT].session), SECCOMM_OK);
	rig_pass(&rig, CLIENT);
	rig_wait(&rig, second / 4);
	late = rig_take(&rig, CLIENT);
	rig_pass(&rig, SERVER);
	while (rig.end[CLIENT].sent.first != NULL)
		rig_pass(&rig, CLIENT);
	rig_give(&rig, SERVER, late->bytes, late->length);
	rig_pump(&rig);
	rig_both_in(&rig, 2);
	rig_talk(&rig);
	assert_int_equal(rig.end[CLIENT].alerts + rig.end[SERVER].alerts, 0);
	free(late);
	rig_drop(&rig);
}

/* Before M3 is sent an attempt is dropped, told, and made again; the session goes on in between. */
static void an_unanswered_attempt_is_made_again(void **state)
{
	struct rig rig;

	rig_make(&rig, *state, &datagram);
	rig_open(&rig);
	assert_int_equal(seccomm_rekey(rig.end[CLIENT].session), SECCOMM_OK);
	for (int k = 0; k < 11; k++) {
		rig_wait(&rig, second);
		rig_lose(&rig, CLIENT);
	}
	assert_int_equal(rig.end[CLIENT].alert, SECCOMM_ALERT_REKEY_FAILED);
	assert_false(rig.end[CLIENT].fatal);
	assert_null(rig.end[CLIENT].session->next);
	rig_both_in(&rig, 1);
	rig_talk(&rig);
	for (int k = 0; k < 12; k++) {
		rig_wait(&rig, second);
		rig_pump(&rig);
	}
	rig_both_in(&rig, 2);
	rig_talk(&rig);
	rig_drop(&rig);
}

/* After M3 there is no way back: the client closes when nothing of the new epoch is heard in 60 s. */
static void a_committed_client_closes(void **state)
{
	struct rig rig;

	rig_make(&rig, *state, &datagram);
	rig_open(&rig);
	assert_int_equal(seccomm_rekey(rig.end[CLIENT].session), SECCOMM_OK);
	rig_pass(&rig, CLIENT);
	rig_pass(&rig, SERVER);
	for (int k = 0; k < 61 && rig.end[CLIENT].closed == 0; k++) {
		assert_true(seccomm_rekey(rig.end[CLIENT].session) == SECCOMM_NOT_READY);
		rig_lose(&rig, CLIENT);
		rig_wait(&rig, second);
		rig_lose(&rig, SERVER);
	}
	assert_int_equal(rig.end[CLIENT].closed, 1);
	assert_int_equal(rig.end[CLIENT].alert, SECCOMM_ALERT_REKEY_FAILED);
	assert_true(rig.end[CLIENT].fatal);
	rig_drop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_message_is_lost),
		cmocka_unit_test(doubled_key_messages_are_no_alert),
		cmocka_unit_test(a_late_beginning_begins_nothing),
		cmocka_unit_test(an_unanswered_attempt_is_made_again),
		cmocka_unit_test(a_committed_client_closes),
	};

	return cmocka_run_group_tests_name("losses", tests, rig_library, rig_library_free);
}
