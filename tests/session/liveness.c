/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: over datagrams an end whose peer is gone knows it 15 s after it sent something that would have been answered; an end
 * whose peer lives is never told otherwise; and a close that was lost is said again.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "seccomm/exchange.h"

enum { SILENT_WITHIN_S = 17 };
static const uint64_t second = 1000000;

static void open_datagrams(struct rig *rig, struct seccomm *library)
{
	rig_make(rig, library, &(struct setup){ .link = SECCOMM_DATAGRAM });
	rig_open(rig);
}

/* The same with more lines in the configuration of each end. */
static void open_timed(struct rig *rig, struct seccomm *library, const char *client, const char *server)
{
	const char *const lines[] = { client, server };
	struct seccomm_error error = { 0 };

	rig_make(rig, library, &(struct setup){ .link = SECCOMM_DATAGRAM });
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		char text[1024];
		int length = snprintf(text, sizeof(text),
		    "seccomm: 1\nsessions:\n  s:\n    role: %s\n    listen: \"memory-datagram:\"\n    connect: \"memory-datagram:\"\n"
		    "    identity: self\n    peers: [friend]\n    stack: [anti-replay: window, encrypt: aes-256-gcm]\n%s",
		    n == CLIENT ? "client" : "server", lines[n]);

		seccomm_plan_free(rig->end[n].plan);
		if (seccomm_plan_read(library, "test", text, (size_t)length, NULL, &rig->end[n].plan, &error) < 0)
			fail_msg("%s %s", error.place, error.text);
	}
	rig_open(rig);
}

/* Everything arrives. */
static void pass(struct rig *rig, unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i++) {
		rig_wait(rig, second);
		rig_pump(rig);
	}
}

/* END's peer is gone: within which second END has ended; 0: it has not. */
static unsigned alone(struct rig *rig, unsigned n, unsigned seconds)
{
	for (unsigned i = 1; i <= seconds; i++) {
		rig_lose(rig, n);
		rig->monotonic_us += second;
		if (seccomm_deadline(rig->end[n].session) <= rig->monotonic_us)
			seccomm_run_due(rig->end[n].session);
		if (rig->end[n].closed > 0) {
			assert_int_equal(rig->end[n].status, SECCOMM_CLOSED);
			assert_int_equal(rig->end[n].alert, SECCOMM_ALERT_SILENT);
			assert_false(rig->end[n].fatal);
			return i;
		}
	}
	return 0;
}

static void ends_alone(struct rig *rig, unsigned n)
{
	unsigned when = alone(rig, n, SILENT_WITHIN_S);

	assert_in_range(when, 15, SILENT_WITHIN_S);
	rig_drop(rig);
}

static void data_is_missed(void **state)
{
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		struct rig rig;

		open_datagrams(&rig, *state);
		rig_push(&rig, n, "lost");
		ends_alone(&rig, n);
	}
}

/* Who waits for the peer's close waits for an answer, too. */
static void a_close_is_missed(void **state)
{
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		struct rig rig;

		open_datagrams(&rig, *state);
		assert_int_equal(seccomm_close(rig.end[n].session), SECCOMM_OK);
		ends_alone(&rig, n);
	}
}

/* An end that only renews its keys now and then. */
static void a_request_for_keys_is_missed(void **state)
{
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		struct rig rig;

		open_datagrams(&rig, *state);
		assert_int_equal(seccomm_rekey(rig.end[n].session), SECCOMM_OK);
		assert_in_range(alone(&rig, n, SILENT_WITHIN_S), 15, SILENT_WITHIN_S);
		rig_drop(&rig);
	}
}

/* The server has the new keys, and the client that was to use them is gone. */
static void a_client_that_left_in_between_is_missed(void **state)
{
	struct rig rig;

	open_datagrams(&rig, *state);
	assert_int_equal(seccomm_rekey(rig.end[CLIENT].session), SECCOMM_OK);
	for (unsigned n = 0; n < 3; n++)
		rig_pass(&rig, n % 2);
	assert_non_null(rig.end[SERVER].session->previous);
	assert_in_range(alone(&rig, SERVER, SILENT_WITHIN_S + 1), 15, SILENT_WITHIN_S + 1);
	rig_drop(&rig);
}

static void a_keepalive_is_missed(void **state)
{
	struct rig rig;

	open_timed(&rig, *state, "    keepalive: 5s\n    idle: never\n", "    idle: never\n");
	pass(&rig, 3);
	assert_in_range(alone(&rig, CLIENT, 5 + SILENT_WITHIN_S), 15, 5 + SILENT_WITHIN_S);
	rig_drop(&rig);
}

/* Ten minutes in which only one end, or nobody, or only keepalives speak. */
static void a_quiet_peer_is_not_missed(void **state)
{
	static const char *const lines[] = { "    idle: never\n", "    keepalive: 5s\n    idle: never\n",
		"    keepalive: 25s\n    idle: never\n    rekey: 40s\n" };

	for (unsigned i = 0; i < 9; i++)
		for (unsigned speaker = CLIENT; speaker <= SERVER + 1; speaker++) {
			struct rig rig;

			open_timed(&rig, *state, lines[i % 3], lines[i / 3]);
			for (unsigned s = 0; s < 600; s += 20) {
				if (speaker <= SERVER)
					rig_push(&rig, speaker, "still here");
				pass(&rig, 20);
			}
			for (unsigned n = CLIENT; n <= SERVER; n++)
				if (rig.end[n].alerts + rig.end[n].closed > 0)
					fail_msg("%u %u: %s %s", i, speaker, seccomm_alert_text(rig.end[n].alert), rig.end[n].detail);
			rig_drop(&rig);
		}
}

/* Both are in epoch 2, and the client keeps the one before as if it had heard of the new one much later. */
static void open_and_hold(struct rig *rig, struct seccomm *library)
{
	open_datagrams(rig, library);
	assert_int_equal(seccomm_rekey(rig->end[CLIENT].session), SECCOMM_OK);
	rig_pump(rig);
	rig->end[CLIENT].session->previous->retire_us += 60 * second;
	pass(rig, 31);
}

/* A client that cannot begin yet still shows that it is there. */
static void who_cannot_begin_yet_is_not_missed(void **state)
{
	struct rig rig;

	open_and_hold(&rig, *state);
	assert_int_equal(seccomm_rekey(rig.end[SERVER].session), SECCOMM_OK);
	pass(&rig, 40);
	rig_both_in(&rig, 2);
	pass(&rig, 40);
	rig_both_in(&rig, 3);
	assert_int_equal(rig.end[CLIENT].alerts + rig.end[SERVER].alerts, 0);
	rig_drop(&rig);
}

/* The peer goes on sending, and learns of the close that it has missed. */
static void a_lost_close_is_said_again(void **state)
{
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		struct rig rig;

		open_datagrams(&rig, *state);
		assert_int_equal(seccomm_close(rig.end[n].session), SECCOMM_OK);
		rig_lose(&rig, n);
		rig_push(&rig, !n, "heard");
		rig_pump(&rig);
		rig_got(&rig, n, "heard");
		assert_int_equal(rig.end[!n].peer_closed, 0);
		pass(&rig, 12);
		assert_int_equal(rig.end[!n].peer_closed, 1);
		rig_push(&rig, !n, "last");
		assert_int_equal(seccomm_close(rig.end[!n].session), SECCOMM_OK);
		rig_pump(&rig);
		rig_got(&rig, n, "last");
		for (unsigned k = CLIENT; k <= SERVER; k++) {
			assert_int_equal(rig.end[k].closed, 1);
			assert_int_equal(rig.end[k].status, SECCOMM_OK);
			assert_int_equal(rig.end[k].alerts, 0);
		}
		rig_drop(&rig);
	}
}

/* Also by who goes on asking for new keys, which the client cannot begin with before an old epoch is gone. */
static void a_lost_close_is_said_again_between_others(void **state)
{
	struct rig rig;

	open_and_hold(&rig, *state);
	assert_int_equal(seccomm_close(rig.end[SERVER].session), SECCOMM_OK);
	rig_lose(&rig, SERVER);
	assert_int_equal(seccomm_rekey(rig.end[SERVER].session), SECCOMM_OK);
	for (unsigned i = 0; i < 12; i++) {
		rig_push(&rig, CLIENT, "heard");
		pass(&rig, 1);
		rig_got(&rig, SERVER, "heard");
	}
	assert_int_equal(rig.end[CLIENT].session->epoch->number, 2);
	assert_int_equal(rig.end[CLIENT].peer_closed, 1);
	rig_drop(&rig);
}

/* An end that has closed hears once more of its peer, whose own close is lost. */
static void who_has_closed_does_not_wait_for_nobody(void **state)
{
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		struct rig rig;

		open_timed(&rig, *state, "    idle: never\n", "    idle: never\n");
		assert_int_equal(seccomm_close(rig.end[n].session), SECCOMM_OK);
		rig_push(&rig, !n, "heard");
		rig_pump(&rig);
		assert_int_equal(seccomm_close(rig.end[!n].session), SECCOMM_OK);
		assert_int_equal(rig.end[!n].closed, 1);
		rig_lose(&rig, !n);
		assert_in_range(alone(&rig, n, 10 + SILENT_WITHIN_S + 1), 15, 10 + SILENT_WITHIN_S + 1);
		rig_drop(&rig);
	}
}

/* Without an exchange no answer is to come, so nobody waits for one: a close is said once. */
static void nothing_follows_a_close_without_an_exchange(void **state)
{
	struct rig rig;

	rig_make_keys(&rig, *state, &rig_predefined[SECCOMM_DATAGRAM]);
	assert_int_equal(rig_start(&rig), SECCOMM_OK);
	rig_push(&rig, CLIENT, "one way");
	assert_int_equal(seccomm_close(rig.end[CLIENT].session), SECCOMM_OK);
	rig_pump(&rig);
	rig_got(&rig, SERVER, "one way");
	assert_int_equal(rig.end[SERVER].peer_closed, 1);
	for (unsigned i = 0; i < 100; i++) {
		rig_wait(&rig, second);
		assert_null(rig.end[CLIENT].sent.first);
		assert_null(rig.end[SERVER].sent.first);
	}
	assert_int_equal(rig.end[CLIENT].alerts + rig.end[SERVER].alerts, 0);
	rig_drop(&rig);
}

/* Half a session lives as long as its other half sends, or answers. */
static void half_a_session_lives(void **state)
{
	struct rig rig;

	open_timed(&rig, *state, "    idle: never\n", "    idle: never\n");
	assert_int_equal(seccomm_close(rig.end[CLIENT].session), SECCOMM_OK);
	pass(&rig, 300);
	for (unsigned i = 0; i < 30; i++) {
		rig_push(&rig, SERVER, "more");
		pass(&rig, 10);
		rig_got(&rig, CLIENT, "more");
	}
	assert_int_equal(seccomm_close(rig.end[SERVER].session), SECCOMM_OK);
	rig_pump(&rig);
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		assert_int_equal(rig.end[n].status, SECCOMM_OK);
		assert_int_equal(rig.end[n].closed, 1);
		assert_int_equal(rig.end[n].alerts, 0);
	}
	rig_drop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_is_missed),
		cmocka_unit_test(a_close_is_missed),
		cmocka_unit_test(a_request_for_keys_is_missed),
		cmocka_unit_test(a_client_that_left_in_between_is_missed),
		cmocka_unit_test(a_keepalive_is_missed),
		cmocka_unit_test(a_quiet_peer_is_not_missed),
		cmocka_unit_test(who_cannot_begin_yet_is_not_missed),
		cmocka_unit_test(a_lost_close_is_said_again),
		cmocka_unit_test(a_lost_close_is_said_again_between_others),
		cmocka_unit_test(who_has_closed_does_not_wait_for_nobody),
		cmocka_unit_test(nothing_follows_a_close_without_an_exchange),
		cmocka_unit_test(half_a_session_lives),
	};

	return cmocka_run_group_tests_name("liveness", tests, rig_library, rig_library_free);
}
