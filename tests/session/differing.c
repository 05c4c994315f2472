/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: over datagrams two ends whose configurations differ both tell the difference, and nobody else is told anything: only a
 * known client with a cookie, never in more bytes than it has sent, and nothing that was changed is believed.
 */
#include "crowd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint64_t second = 1000000;
static const struct setup differing = { .server_stack = "anti-replay:window | encrypt:chacha20-poly1305" };

static size_t mismatch_size(const struct crowd *crowd) { return HEADER + mismatch_length(crowd->rig.end[SERVER].plan); }

/* The client's first OPEN is too short, so a RETRY asks for a longer one; that is what CLIENT has sent then. */
static void ask(struct crowd *crowd, struct guest *client)
{
	struct unit *opening = crowd_take(client);
	struct retry retry;

	assert_true(opening->length < mismatch_size(crowd));
	crowd_arrive(crowd, client->address, opening->bytes, opening->length);
	assert_true(retry_read(crowd->first->bytes + HEADER, crowd->first->length - HEADER, &retry));
	assert_int_equal(HEADER + retry.size, mismatch_size(crowd));
	crowd_has(crowd, 0, 0);
	crowd_return(crowd);
	free(opening);
}

static void has_told(const struct end *end)
{
	assert_int_equal(end->alerts, 1);
	assert_int_equal(end->alert, SECCOMM_ALERT_MISMATCH);
	assert_non_null(strstr(end->detail, "aes-256-gcm"));
	assert_non_null(strstr(end->detail, "chacha20-poly1305"));
	assert_int_equal(end->closed, 1);
	assert_int_equal(end->status, SECCOMM_REFUSED);
	assert_int_equal(end->opened, 0);
}

static void both_ends_tell_the_difference(void **state)
{
	struct crowd *crowd = crowd_new(*state, &differing, NULL);
	struct guest *client = crowd_enter(crowd);
	struct unit *opening;

	ask(crowd, client);
	opening = crowd_take(client);
	assert_int_equal(opening->length, mismatch_size(crowd));
	crowd_arrive(crowd, client->address, opening->bytes, opening->length);
	crowd_has(crowd, 1, 1);
	assert_int_equal(crowd->first->length, mismatch_size(crowd));
	crowd_pump(crowd);
	has_told(&client->end);
	has_told(&crowd->server[0].end);
	crowd_wait(crowd, 0);
	crowd_has(crowd, 0, 0);
	free(opening);
	crowd_drop(crowd);
}

/* Long enough, but from who may not be there: it is asked for a cookie. */
static void nothing_without_a_cookie(void **state)
{
	struct crowd *crowd = crowd_new(*state, &differing, NULL);
	struct guest *client = crowd_enter(crowd);
	struct unit *opening;
	uint8_t wire[HEADER + OPEN_MAX];
	struct opening read;
	size_t length;

	ask(crowd, client);
	opening = crowd_take(client);
	assert_true(opening_read(opening->bytes + HEADER, opening->length - HEADER, &read));
	read.cookie_length = 0;
	memcpy(wire, opening->bytes, HEADER);
	length = opening_write(session_crypto(client->end.session), &read, client->end.session->peer, wire + HEADER);
	crowd_arrive(crowd, client->address, wire, HEADER + length);
	crowd_arrive(crowd, client->address + 1, opening->bytes, opening->length);
	for (int i = 0; i < 2; i++) {
		struct letter *letter = crowd_letter(crowd);

		assert_int_equal(letter->length, HEADER + RETRY_BODY);
		free(letter);
	}
	crowd_has(crowd, 0, 0);
	free(opening);
	crowd_drop(crowd);
}

static void silence(struct crowd *crowd, enum seccomm_alert_id id)
{
	struct guest *client = crowd_enter(crowd);

	crowd_pump(crowd);
	assert_int_equal(client->end.alerts, 0);
	crowd_has(crowd, 0, 0);
	assert_int_equal(crowd_statistics(crowd).retries, 0);
	assert_int_equal(crowd->alert, id);
	crowd_drop(crowd);
}

static void silence_for_strangers(void **state)
{
	struct setup setup = differing;

	setup.identity[CLIENT] = stranger_secret;
	silence(crowd_new(*state, &setup, NULL), SECCOMM_ALERT_UNKNOWN_PEER);
}

static void silence_with_a_shared_secret_only(void **state)
{
	struct setup setup = differing;

	setup.key = "psk,secret=shared";
	setup.identity[CLIENT] = setup.identity[SERVER] = "";
	silence(crowd_new(*state, &setup, NULL), SECCOMM_ALERT_MISMATCH);
}

/* What does not fit into a datagram that every path carries is told at the server only. */
static void silence_about_long_configurations(void **state)
{
#define MACS4 "mac:hmac-sha-256 | mac:hmac-sha-256 | mac:hmac-sha-256 | mac:hmac-sha-256 | "
	struct setup setup = { .server_stack = "anti-replay:window | " MACS4 MACS4 MACS4 MACS4 MACS4 MACS4 "encrypt:aes-256-gcm" };

	silence(crowd_new(*state, &setup, NULL), SECCOMM_ALERT_MISMATCH);
}

/* A MISMATCH that was lost comes again, byte for byte, when the OPEN does. */
static void a_lost_mismatch(void **state)
{
	struct crowd *crowd = crowd_new(*state, &differing, NULL);
	struct guest *client = crowd_enter(crowd);
	struct letter *first, *again;

	ask(crowd, client);
	crowd_pass(client);
	first = crowd_letter(crowd);
	crowd_wait(crowd, second / 4);
	crowd_pass(client);
	again = crowd_letter(crowd);
	assert_int_equal(again->length, first->length);
	assert_memory_equal(again->bytes, first->bytes, first->length);
	assert_true(seccomm_pop(client->end.session, again->bytes, again->length) != 0);
	crowd_pump(crowd);
	has_told(&client->end);
	has_told(&crowd->server[0].end);
	free(first);
	free(again);
	crowd_drop(crowd);
}

/* Whatever byte of it is another one, nothing ends and nothing is told of a difference. */
static void a_changed_mismatch(void **state)
{
	struct crowd *crowd = crowd_new(*state, &differing, NULL);
	struct guest *client = crowd_enter(crowd);
	struct letter *letter;
	struct unit *answer;

	ask(crowd, client);
	crowd_pass(client);
	letter = crowd_letter(crowd);
	for (size_t i = HEADER; i < letter->length; i++) {
		uint8_t changed[HEADER + MISMATCH_MAX];

		memcpy(changed, letter->bytes, letter->length);
		changed[i] ^= 1;
		assert_true(seccomm_pop(client->end.session, changed, letter->length) > 0);
		assert_int_equal(client->end.closed, 0);
		assert_int_not_equal(client->end.alert, SECCOMM_ALERT_MISMATCH);
	}
	client->end.alerts = 0;
	client->end.session->alert_total = 0;
	assert_true(seccomm_pop(client->end.session, letter->bytes, letter->length) != 0);
	has_told(&client->end);
	answer = crowd_take(client);
	for (size_t i = HEADER; i < answer->length; i++) {
		answer->bytes[i] ^= 1;
		crowd_arrive(crowd, client->address, answer->bytes, answer->length);
		answer->bytes[i] ^= 1;
		assert_int_equal(crowd->server[0].end.closed, 0);
		assert_int_not_equal(crowd->server[0].end.alert, SECCOMM_ALERT_MISMATCH);
	}
	crowd_wait(crowd, 10 * second);
	crowd_has(crowd, 0, 0);
	assert_null(crowd_letter(crowd));
	free(letter);
	free(answer);
	crowd_drop(crowd);
}

/* One that is right beside one that differs: neither disturbs the other. */
static void others_are_not_disturbed(void **state)
{
	struct crowd *crowd = crowd_new(*state, NULL, NULL);
	struct guest *client = crowd_enter(crowd), *other;
	struct seccomm_plan *right = crowd->rig.end[CLIENT].plan,
			    *wrong = rig_plan(&crowd->rig, CLIENT, SECCOMM_DATAGRAM, differing.server_stack);

	crowd_pump(crowd);
	crowd->rig.end[CLIENT].plan = wrong;
	other = crowd_enter(crowd);
	crowd_pump(crowd);
	crowd->rig.end[CLIENT].plan = right;
	has_told(&other->end);
	crowd_wait(crowd, 0);
	crowd_has(crowd, 1, 0);
	crowd_talk(client);
	rig_end_drop(&other->end);
	seccomm_plan_free(wrong);
	crowd_drop(crowd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ends_tell_the_difference),
		cmocka_unit_test(nothing_without_a_cookie),
		cmocka_unit_test(silence_for_strangers),
		cmocka_unit_test(silence_with_a_shared_secret_only),
		cmocka_unit_test(silence_about_long_configurations),
		cmocka_unit_test(a_lost_mismatch),
		cmocka_unit_test(a_changed_mismatch),
		cmocka_unit_test(others_are_not_disturbed),
	};

	return cmocka_run_group_tests_name("differing configurations", tests, rig_library, rig_library_free);
}
