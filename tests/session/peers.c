/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: who is not known, is somebody else, or is configured in another way is refused by both ends, and both operators are
 * told enough to mend it: fingerprints, and the difference of the configurations.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CHACHA "anti-replay:sequence | encrypt:chacha20-poly1305"

static const char *fingerprint(struct seccomm *library, const char *key, char out[SECCOMM_FINGERPRINT_TEXT])
{
	uint8_t bytes[SECCOMM_FINGERPRINT_BYTES];

	assert_int_equal(seccomm_key_fingerprint(library, key, bytes, NULL), SECCOMM_OK);
	seccomm_fingerprint_text(bytes, out);
	return out;
}

static void assert_told(const struct end *end, const char *what)
{
	if (strstr(end->detail, what) == NULL)
		fail_msg("'%s' does not say '%s'", end->detail, what);
}

static void an_unknown_client(void **state)
{
	struct rig rig;
	char text[SECCOMM_FINGERPRINT_TEXT];

	rig_make(&rig, *state, &(struct setup){ .peer = { NULL, stranger_public } });
	assert_int_equal(rig_start(&rig), SECCOMM_OK);
	rig_pump(&rig);
	rig_refused(&rig, SERVER, SECCOMM_ALERT_UNKNOWN_PEER);
	assert_told(&rig.end[SERVER], fingerprint(*state, client_public, text));
	assert_told(&rig.end[SERVER], fingerprint(*state, stranger_public, text));
	assert_int_equal(rig.end[SERVER].alerts, 1);
	seccomm_ended(rig.end[CLIENT].session);
	rig_refused(&rig, CLIENT, SECCOMM_ALERT_TRUNCATED);
	rig_never_opened(&rig);
	rig_drop(&rig);
}

/* Whether the client expects another key, or another server answers: it names both. */
static void a_server_with_another_key(void **state)
{
	const struct setup setups[] = { { .peer = { stranger_public, NULL } }, { .identity = { NULL, stranger_secret } } };
	const char *const expected[] = { stranger_public, server_public }, *const real[] = { server_public, stranger_public };

	for (size_t i = 0; i < 2; i++) {
		struct rig rig;
		char text[SECCOMM_FINGERPRINT_TEXT];

		rig_make(&rig, *state, &setups[i]);
		assert_int_equal(rig_start(&rig), SECCOMM_OK);
		rig_pump(&rig);
		rig_refused(&rig, CLIENT, SECCOMM_ALERT_WRONG_PEER);
		assert_told(&rig.end[CLIENT], fingerprint(*state, expected[i], text));
		assert_told(&rig.end[CLIENT], fingerprint(*state, real[i], text));
		assert_told(&rig.end[CLIENT], "'friend'");
		seccomm_ended(rig.end[SERVER].session);
		rig_refused(&rig, SERVER, SECCOMM_ALERT_TRUNCATED);
		rig_never_opened(&rig);
		rig_drop(&rig);
	}
}

/* Somebody who claims to be the server, without its key: the principal in M2 is right, the signature is not. */
static void a_server_that_lies_about_its_key(void **state)
{
	struct rig rig;
	struct unit *unit;
	uint8_t principal[SECCOMM_FINGERPRINT_BYTES];

	rig_make(&rig, *state, &(struct setup){ .identity = { NULL, stranger_secret } });
	assert_int_equal(rig_start(&rig), SECCOMM_OK);
	rig_pass(&rig, CLIENT);
	unit = rig_take(&rig, SERVER);
	assert_int_equal(seccomm_key_fingerprint(*state, server_public, principal, NULL), SECCOMM_OK);
	memcpy(unit->bytes + 6 + 9, principal, sizeof(principal));
	rig_give(&rig, CLIENT, unit->bytes, unit->length);
	rig_refused(&rig, CLIENT, SECCOMM_ALERT_BAD_SIGNATURE);
	assert_string_equal(rig.end[CLIENT].layer, "sign:ed25519");
	rig_never_opened(&rig);
	free(unit);
	rig_drop(&rig);
}

static void keys_that_are_not_there(void **state)
{
	struct rig rig;
	struct seccomm_keyring *empty = seccomm_keyring_new(*state);
	struct seccomm_session *session;
	struct seccomm_error error;

	assert_non_null(empty);
	rig_make(&rig, *state, &(struct setup){ 0 });
	assert_int_equal(seccomm_open(rig.end[CLIENT].plan, empty, &rig.platform, &rig.end[CLIENT].callbacks, &session, &error),
	    SECCOMM_UNKNOWN_KEY);
	assert_null(session);
	assert_non_null(strstr(error.text, "'self'"));
	assert_int_equal(seccomm_keyring_identity(empty, "self", client_secret, &error), SECCOMM_OK);
	assert_int_equal(seccomm_open(rig.end[CLIENT].plan, empty, &rig.platform, &rig.end[CLIENT].callbacks, &session, &error),
	    SECCOMM_UNKNOWN_KEY);
	assert_non_null(strstr(error.text, "'friend'"));
	assert_true(error.remedy[0] != '\0');
	seccomm_keyring_free(empty);
	rig_drop(&rig);
}

/* A stack of signatures only needs no key for itself, but the session does. */
static void a_session_without_a_key(void **state)
{
	struct rig rig;

	rig_make(&rig, *state, &(struct setup){ .stack = "anti-replay:sequence | sign:ed25519", .lab = true });
	assert_true(rig_start(&rig) == SECCOMM_INVALID || rig.end[CLIENT].session != NULL);
	rig_drop(&rig);
}

/* ---- Configurations that differ --------------------------------------------------------------------------------- */

static void begin_mismatch(struct rig *rig, void **state)
{
	rig_make(rig, *state, &(struct setup){ .server_stack = CHACHA });
	assert_int_equal(rig_start(rig), SECCOMM_OK);
	rig_pass(rig, CLIENT);
}

static void both_ends_tell_the_difference(void **state)
{
	struct rig rig;

	begin_mismatch(&rig, state);
	rig_pump(&rig);
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		assert_int_equal(rig.end[n].alerts, 1);
		assert_int_equal(rig.end[n].alert, SECCOMM_ALERT_MISMATCH);
		assert_int_equal(rig.end[n].status, SECCOMM_REFUSED);
		assert_int_equal(rig.end[n].closed, 1);
		assert_told(&rig.end[n], "'friend'");
		assert_told(&rig.end[n], "the peer's layer 2 is encrypt:");
		assert_told(&rig.end[n], n == CLIENT ? "ours is encrypt:aes-256-gcm" : "ours is encrypt:chacha20-poly1305");
	}
	rig_never_opened(&rig);
	rig_drop(&rig);
}

/* A MISMATCH of which one bit is wrong: nothing of it is told, and the session ends. */
static void a_tampered_mismatch_is_not_believed(void **state)
{
	struct rig rig;

	rig_make(&rig, *state, &(struct setup){ .server_stack = CHACHA });
	for (unsigned answer = 0; answer < 2; answer++)
		for (size_t byte = 0, length = 1; byte < length; byte++) {
			unsigned from = answer ? CLIENT : SERVER;
			struct unit *unit;

			assert_int_equal(rig_start(&rig), SECCOMM_OK);
			rig_pass(&rig, CLIENT);
			if (answer)
				rig_pass(&rig, SERVER);
			unit = rig_take(&rig, from);
			length = unit->length;
			unit->bytes[byte] ^= (uint8_t)(1 << byte % 8);
			rig_give(&rig, !from, unit->bytes, unit->length);
			seccomm_ended(rig.end[!from].session);
			assert_int_equal(rig.end[!from].status, SECCOMM_REFUSED);
			assert_int_equal(rig.end[!from].alerts, 1);
			assert_null(strstr(rig.end[!from].detail, "encrypt:"));
			free(unit);
			rig_shut(&rig);
		}
	rig_drop(&rig);
}

/* That of another opening, and of the other direction. */
static void a_mismatch_of_another_time(void **state)
{
	struct rig old, rig;
	struct unit *unit;

	begin_mismatch(&old, state);
	unit = rig_take(&old, SERVER);
	rig_make(&rig, *state, &(struct setup){ .server_stack = CHACHA });
	rig.seed = 99;
	assert_int_equal(rig_start(&rig), SECCOMM_OK);
	rig_give(&rig, CLIENT, unit->bytes, unit->length);
	rig_refused(&rig, CLIENT, SECCOMM_ALERT_UNEXPECTED);
	rig_give(&old, SERVER, unit->bytes, unit->length);
	rig_refused(&old, SERVER, SECCOMM_ALERT_UNEXPECTED);
	free(unit);
	rig_drop(&rig);
	rig_drop(&old);
}

static void a_client_that_does_not_answer_a_mismatch(void **state)
{
	struct rig rig;

	begin_mismatch(&rig, state);
	seccomm_ended(rig.end[SERVER].session);
	rig_refused(&rig, SERVER, SECCOMM_ALERT_MISMATCH);
	rig_drop(&rig);
	begin_mismatch(&rig, state);
	rig.monotonic_us += 10000000;
	seccomm_run_due(rig.end[SERVER].session);
	rig_refused(&rig, SERVER, SECCOMM_ALERT_TIMED_OUT);
	rig_drop(&rig);
}

/* A stranger, and somebody with another pre-shared secret's configuration, learn nothing. */
static void strangers_are_not_told(void **state)
{
	struct rig rig;

	rig_make(&rig, *state, &(struct setup){ .server_stack = CHACHA, .peer = { NULL, stranger_public } });
	assert_int_equal(rig_start(&rig), SECCOMM_OK);
	rig_pass(&rig, CLIENT);
	assert_null(rig.end[SERVER].sent.first);
	rig_refused(&rig, SERVER, SECCOMM_ALERT_UNKNOWN_PEER);
	rig_drop(&rig);
}

static void on_datagrams_nothing_is_answered(void **state)
{
	struct rig rig;

	rig_make(&rig, *state, &(struct setup){ .link = SECCOMM_DATAGRAM, .server_stack = CHACHA });
	assert_int_equal(rig_start(&rig), SECCOMM_OK);
	rig_pass(&rig, CLIENT);
	assert_null(rig.end[SERVER].sent.first);
	assert_int_equal(rig.end[SERVER].alert, SECCOMM_ALERT_MISMATCH);
	assert_false(rig.end[SERVER].fatal);
	rig_drop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unknown_client),
		cmocka_unit_test(a_server_with_another_key),
		cmocka_unit_test(a_server_that_lies_about_its_key),
		cmocka_unit_test(keys_that_are_not_there),
		cmocka_unit_test(a_session_without_a_key),
		cmocka_unit_test(both_ends_tell_the_difference),
		cmocka_unit_test(a_tampered_mismatch_is_not_believed),
		cmocka_unit_test(a_mismatch_of_another_time),
		cmocka_unit_test(a_client_that_does_not_answer_a_mismatch),
		cmocka_unit_test(strangers_are_not_told),
		cmocka_unit_test(on_datagrams_nothing_is_answered),
	};

	return cmocka_run_group_tests_name("peers", tests, rig_library, rig_library_free);
}
