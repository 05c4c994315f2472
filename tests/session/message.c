/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: messages and their references, sizes and limits, statistics, time, and several sessions from one plan.
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

static void write_message(struct seccomm_message *message, const char *text)
{
	size_t length;
	uint8_t *bytes = seccomm_message_bytes(message, &length);

	assert_int_equal(length, strlen(text));
	memcpy(bytes, text, length);
}

static void a_message_is_used_again(void **state)
{
	struct rig rig;
	struct seccomm_message *message;
	size_t length;

	begin(&rig, state);
	message = seccomm_message_new(rig.end[CLIENT].session, 5);
	assert_non_null(message);
	write_message(message, "first");
	assert_int_equal(seccomm_push(rig.end[CLIENT].session, message), SECCOMM_OK);
	seccomm_message_reset(message, 100);
	seccomm_message_bytes(message, &length);
	assert_int_equal(length, 5);
	write_message(message, "again");
	seccomm_message_truncate(message, 9);
	seccomm_message_truncate(message, 2);
	assert_ptr_equal(seccomm_message_keep(message), message);
	assert_int_equal(seccomm_push(rig.end[CLIENT].session, message), SECCOMM_OK);
	seccomm_message_release(message);
	seccomm_message_reset(message, 0);
	assert_int_equal(seccomm_push(rig.end[CLIENT].session, message), SECCOMM_OK);
	seccomm_message_release(message);
	seccomm_message_release(NULL);
	rig_pump(&rig);
	rig_got(&rig, SERVER, "first");
	rig_got(&rig, SERVER, "ag");
	rig_got(&rig, SERVER, "");
	rig_drop(&rig);
}

static void keep_it(struct end *end, struct seccomm_message *message)
{
	struct seccomm_message *twin = seccomm_message_keep(message);
	size_t length;

	assert_non_null(twin);
	assert_ptr_not_equal(twin, message);
	assert_non_null(seccomm_message_sender(twin));
	assert_string_equal(seccomm_message_sender(twin)->name, "friend");
	assert_memory_equal(seccomm_message_bytes(twin, &length), "keep me", 7);
	assert_int_equal(seccomm_push(end->session, twin), SECCOMM_OK);
	seccomm_message_release(twin);
}

/* A kept copy has room for everything the stack adds, so it can be sent on. */
static void a_delivered_message_is_kept_as_a_copy(void **state)
{
	struct rig rig;

	begin(&rig, state);
	rig.end[SERVER].on_deliver = keep_it;
	rig_push(&rig, CLIENT, "keep me");
	rig_pump(&rig);
	rig_got(&rig, CLIENT, "keep me");
	rig_drop(&rig);
}

static void send_it_back(struct end *end, struct seccomm_message *message)
{
	assert_int_equal(seccomm_push(end->session, message), SECCOMM_INVALID);
}

/* It lies in the driver's bytes, without room: an answer, not the end of the session. */
static void a_delivered_message_cannot_be_pushed(void **state)
{
	struct rig rig;

	begin(&rig, state);
	rig.end[SERVER].on_deliver = send_it_back;
	rig_push(&rig, CLIENT, "echo");
	rig_pump(&rig);
	assert_int_equal(rig.end[SERVER].alerts, 0);
	rig_push(&rig, SERVER, "still here");
	rig_pump(&rig);
	rig_got(&rig, CLIENT, "still here");
	rig_drop(&rig);
}

static void sizes_have_a_limit(void **state)
{
	struct rig rig;
	size_t most;
	uint8_t *bytes;
	struct unit *unit;

	begin(&rig, state);
	most = seccomm_plan_max_message(rig.end[CLIENT].plan);
	bytes = calloc(1, most + 1);
	assert_non_null(bytes);
	assert_null(seccomm_message_new(rig.end[CLIENT].session, most + 1));
	assert_null(seccomm_message_new(rig.end[CLIENT].session, SIZE_MAX));
	assert_int_equal(seccomm_push_copy(rig.end[CLIENT].session, bytes, most + 1), SECCOMM_TOO_LARGE);
	assert_int_equal(seccomm_push_copy(rig.end[CLIENT].session, bytes, most), SECCOMM_OK);
	rig_pump(&rig);
	unit = units_take(&rig.end[SERVER].got);
	assert_non_null(unit);
	assert_int_equal(unit->length, most);
	free(unit);
	free(bytes);
	rig_drop(&rig);
}

/* DES has a limit of 8 MiB under one key; it is never extended: what comes after it is sent under the next. */
static void a_key_that_is_used_up(void **state)
{
	struct rig rig;
	uint8_t *bytes = calloc(1, 1 << 20);

	assert_non_null(bytes);
	rig_make(&rig, *state,
	    &(struct setup){ .stack = "anti-replay:sequence | encrypt:des-cbc | mac:hmac-sha-256", .lab = true });
	rig_open(&rig);
	for (int i = 0; i < 8; i++)
		assert_int_equal(seccomm_push_copy(rig.end[CLIENT].session, bytes, 1 << 20), SECCOMM_OK);
	assert_int_equal(seccomm_push_copy(rig.end[CLIENT].session, bytes, 1), SECCOMM_NOT_READY);
	assert_int_equal(seccomm_push_copy(rig.end[CLIENT].session, bytes, 1), SECCOMM_NOT_READY);
	assert_true(seccomm_deadline(rig.end[CLIENT].session) <= rig.monotonic_us);
	seccomm_run_due(rig.end[CLIENT].session);
	rig_pump(&rig);
	assert_int_equal(rig.end[CLIENT].writable, 1);
	assert_int_equal(seccomm_push_copy(rig.end[CLIENT].session, bytes, 1), SECCOMM_OK);
	assert_int_equal(rig.end[CLIENT].closed, 0);
	assert_int_equal(seccomm_close(rig.end[CLIENT].session), SECCOMM_OK);
	rig_pump(&rig);
	assert_int_equal(rig.end[SERVER].delivered, 9);
	assert_int_equal(rig.end[SERVER].peer_closed, 1);
	free(bytes);
	rig_drop(&rig);
}

/* ---- Statistics and time ---------------------------------------------------------------------------------------- */

static void statistics_count(void **state)
{
	struct rig rig;
	struct seccomm_statistics client, server;

	rig_make(&rig, *state, &(struct setup){ 0 });
	assert_int_equal(rig_start(&rig), SECCOMM_OK);
	seccomm_statistics(rig.end[CLIENT].session, &client);
	assert_int_equal(client.opening_us, 0);
	rig.monotonic_us += 1234;
	rig_pump(&rig);
	rig_push(&rig, CLIENT, "12345");
	rig_push(&rig, CLIENT, "678");
	rig_pump(&rig);
	seccomm_statistics(rig.end[CLIENT].session, &client);
	seccomm_statistics(rig.end[SERVER].session, &server);
	assert_int_equal(client.sent, 2);
	assert_int_equal(client.sent_bytes, 8);
	assert_int_equal(client.received, 0);
	assert_int_equal(client.opening_us, 1234);
	assert_int_equal(server.received, 2);
	assert_int_equal(server.received_bytes, 8);
	assert_int_equal(server.refused, 0);
	assert_int_equal(client.memory + server.memory, rig.bytes);
	rig_give(&rig, SERVER, "garbage that is no frame", 24);
	seccomm_statistics(rig.end[SERVER].session, &server);
	assert_int_equal(server.refused, 1);
	assert_int_equal(client.memory + server.memory, rig.bytes);
	rig_drop(&rig);
}

/* The numbers are for ever; unknown ones count nothing. */
static void alerts_have_ids_and_texts(void **state)
{
	static const struct {
		enum seccomm_alert_id id;
		int number;
	} known[] = { { SECCOMM_ALERT_MALFORMED, 1 }, { SECCOMM_ALERT_BAD_TAG, 2 }, { SECCOMM_ALERT_UNEXPECTED, 8 },
		{ SECCOMM_ALERT_REPLAYED, 11 }, { SECCOMM_ALERT_UNKNOWN_PEER, 21 }, { SECCOMM_ALERT_TIMED_OUT, 26 },
		{ SECCOMM_ALERT_TRUNCATED, 31 }, { SECCOMM_ALERT_INTERNAL, 41 } };
	struct rig rig;

	begin(&rig, state);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		assert_int_equal(known[i].id, known[i].number);
		assert_string_not_equal(seccomm_alert_text(known[i].id), seccomm_alert_text((enum seccomm_alert_id)99));
		assert_int_equal(seccomm_alert_count(rig.end[CLIENT].session, known[i].id), 0);
	}
	assert_int_equal(seccomm_alert_count(rig.end[CLIENT].session, (enum seccomm_alert_id)42), 0);
	assert_int_equal(seccomm_alert_count(rig.end[CLIENT].session, (enum seccomm_alert_id)-1), 0);
	assert_string_equal(seccomm_status_name(SECCOMM_NOT_READY), "NOT_READY");
	assert_string_equal(seccomm_status_name(77), "UNKNOWN");
	rig_drop(&rig);
}

static void an_opening_has_ten_seconds(void **state)
{
	struct rig rig;

	for (unsigned passed = 0; passed < 3; passed++) {
		rig_make(&rig, *state, &(struct setup){ 0 });
		assert_int_equal(rig_start(&rig), SECCOMM_OK);
		for (unsigned i = 0; i < passed; i++)
			rig_pass(&rig, i % 2);
		for (unsigned n = CLIENT; n <= SERVER; n++)
			assert_int_equal(seccomm_deadline(rig.end[n].session), rig.monotonic_us + 10000000);
		rig.wall_us += UINT64_C(3600) * 1000000;
		rig.monotonic_us += 9999999;
		for (unsigned n = CLIENT; n <= SERVER; n++) {
			seccomm_run_due(rig.end[n].session);
			assert_int_equal(rig.end[n].closed, 0);
		}
		rig.monotonic_us++;
		for (unsigned n = CLIENT; n <= SERVER; n++) {
			seccomm_run_due(rig.end[n].session);
			rig_refused(&rig, n, SECCOMM_ALERT_TIMED_OUT);
			assert_true(seccomm_deadline(rig.end[n].session) == UINT64_MAX);
			seccomm_run_due(rig.end[n].session);
		}
		rig_drop(&rig);
	}
	begin(&rig, state);
	assert_true(seccomm_deadline(rig.end[CLIENT].session) == rig.monotonic_us + UINT64_C(3600) * 1000000);
	rig_drop(&rig);
}

/* ---- Several clients at one server ------------------------------------------------------------------------------ */

enum { CLIENTS = 5 };

/* One plan and keyring each, many sessions: each pair talks only to itself, and each has keys of its own. */
static void many_clients_at_one_server(void **state)
{
	static const char *const texts[CLIENTS] = { "a", "bb", "ccc", "dddd", "eeeee" };
	struct rig rigs[CLIENTS];
	struct seccomm_plan *plans[2];
	struct seccomm_keyring *keyrings[2];

	for (size_t i = 0; i < CLIENTS; i++) {
		rig_make(&rigs[i], *state, &(struct setup){ 0 });
		rigs[i].seed = i + 1;
		for (unsigned n = CLIENT; n <= SERVER; n++) {
			plans[n] = rigs[i].end[n].plan;
			keyrings[n] = rigs[i].end[n].keyring;
			rigs[i].end[n].plan = rigs[0].end[n].plan;
			rigs[i].end[n].keyring = rigs[0].end[n].keyring;
		}
		rig_open(&rigs[i]);
		for (unsigned n = CLIENT; i > 0 && n <= SERVER; n++) {
			seccomm_plan_free(plans[n]);
			seccomm_keyring_free(keyrings[n]);
		}
	}
	for (size_t i = 0; i < CLIENTS; i++)
		rig_push(&rigs[i], i % 2 == 0 ? CLIENT : SERVER, texts[i]);
	for (size_t i = CLIENTS; i-- > 0;) {
		rig_pump(&rigs[i]);
		rig_got(&rigs[i], i % 2 == 0 ? SERVER : CLIENT, texts[i]);
	}
	for (size_t i = 1; i < CLIENTS; i++) {
		for (unsigned n = CLIENT; n <= SERVER; n++)
			rigs[i].end[n].plan = NULL, rigs[i].end[n].keyring = NULL;
		for (unsigned n = CLIENT; n <= SERVER; n++) {
			seccomm_session_free(rigs[i].end[n].session);
			rigs[i].end[n].session = NULL;
		}
		rig_drop(&rigs[i]);
	}
	rig_drop(&rigs[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_used_again),
		cmocka_unit_test(a_delivered_message_is_kept_as_a_copy),
		cmocka_unit_test(a_delivered_message_cannot_be_pushed),
		cmocka_unit_test(sizes_have_a_limit),
		cmocka_unit_test(a_key_that_is_used_up),
		cmocka_unit_test(statistics_count),
		cmocka_unit_test(alerts_have_ids_and_texts),
		cmocka_unit_test(an_opening_has_ten_seconds),
		cmocka_unit_test(many_clients_at_one_server),
	};

	return cmocka_run_group_tests_name("messages and time", tests, rig_library, rig_library_free);
}
