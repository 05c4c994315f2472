/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: what is only claimed counts for nothing.  An identity that no signature proves opens no session; an opening, an answer or
 * a message that is refused changes nothing for the true one; and after a fatal refusal nothing more goes out.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"
#include "seccomm/keyring.h"

enum { HEADER = 6, SHARE = HEADER + 1 + 1 + 4 + 3 * 32 + 2, MAC = 32 };

/* Even in the lab: an identity beside a bare pre-shared secret would be a claim that the application takes for a proof. */
static void an_identity_beside_a_shared_secret_is_refused(void **state)
{
	const char *peers[] = { "db1" };
	struct seccomm_plan *plan = NULL;
	struct seccomm_error error;

	assert_int_equal(seccomm_plan_stack(*state, SECCOMM_CLIENT, SECCOMM_STREAM, "anti-replay:sequence | encrypt:aes-256-gcm",
			     "psk,secret=office", "web1", peers, 1, true, &plan, &error),
	    SECCOMM_INVALID);
	assert_non_null(strstr(error.text, "identity"));
	assert_int_equal(seccomm_plan_stack(*state, SECCOMM_CLIENT, SECCOMM_STREAM, "anti-replay:sequence | encrypt:aes-256-gcm",
			     "psk,secret=office,protect=sign:ed25519", "web1", peers, 1, true, &plan, &error),
	    SECCOMM_OK);
	seccomm_plan_free(plan);
}

/* mac1 keeps out nobody who knows the server's public key: who forges an opening can give it a right one. */
static void right_the_mac(uint8_t *frame, size_t length)
{
	char why[64];
	struct crypto *crypto = crypto_new(why, sizeof(why));
	uint8_t public_key[32], key[32];
	const struct crypto_part name[] = { { "mac1", 4 }, { public_key, 32 } };
	const struct crypto_part body = { frame + HEADER, length - HEADER - MAC };

	assert_non_null(crypto);
	assert_int_equal(keytext_read("sck", KEYTEXT_ED25519, server_public, public_key, NULL), 0);
	assert_int_equal(crypto_sha256(crypto, name, 2, key), 0);
	assert_int_equal(crypto_hmac_sha256(crypto, key, 32, &body, 1, frame + length - MAC), 0);
	crypto_free(crypto);
}

static void a_refused_opening_moves_nothing(void **state)
{
	struct rig rig;
	struct unit *open;
	uint8_t *forged;

	rig_make(&rig, *state, &(struct setup){ .link = SECCOMM_DATAGRAM });
	assert_int_equal(rig_start(&rig), SECCOMM_OK);
	open = rig_take(&rig, CLIENT);
	forged = malloc(open->length);
	assert_non_null(forged);
	memcpy(forged, open->bytes, open->length);
	memset(forged + SHARE, 0, 32); /* a share of low order */
	right_the_mac(forged, open->length);
	rig_give(&rig, SERVER, forged, open->length);
	assert_int_equal(rig.end[SERVER].alert, SECCOMM_ALERT_BAD_SHARE);
	rig_give(&rig, SERVER, open->bytes, open->length);
	rig_pump(&rig);
	assert_int_equal(rig.end[CLIENT].opened, 1);
	assert_int_equal(rig.end[SERVER].opened, 1);
	free(forged);
	free(open);
	rig_drop(&rig);
}

static void a_refused_answer_costs_nothing(void **state)
{
	struct rig rig;
	struct unit *answer;

	rig_make(&rig, *state, &(struct setup){ .link = SECCOMM_DATAGRAM, .key = "dh", .lab = true });
	assert_int_equal(rig_start(&rig), SECCOMM_OK);
	rig_pass(&rig, CLIENT);
	answer = rig_take(&rig, SERVER);
	answer->bytes[answer->length - 1] ^= 1;
	rig_give(&rig, CLIENT, answer->bytes, answer->length);
	assert_int_equal(rig.end[CLIENT].alert, SECCOMM_ALERT_UNCONFIRMED);
	answer->bytes[answer->length - 1] ^= 1;
	rig_give(&rig, CLIENT, answer->bytes, answer->length);
	rig_pump(&rig);
	assert_int_equal(rig.end[CLIENT].opened, 1);
	free(answer);
	rig_drop(&rig);
}

static void push_anyway(void *context, const struct seccomm_alert *alert)
{
	struct end *end = context;

	if (alert->fatal)
		end->status = seccomm_push_copy(end->session, "after", 5);
}

static void nothing_follows_a_fatal_refusal(void **state)
{
	struct rig rig;
	struct unit *unit;

	rig_make(&rig, *state, &(struct setup){ 0 });
	rig_open(&rig);
	rig.end[SERVER].callbacks.alert = push_anyway;
	rig.end[SERVER].callbacks.closed = NULL;
	rig_push(&rig, CLIENT, "x");
	unit = rig_take(&rig, CLIENT);
	unit->bytes[unit->length - 1] ^= 1;
	rig_give(&rig, SERVER, unit->bytes, unit->length);
	assert_int_equal(rig.end[SERVER].status, SECCOMM_CLOSED);
	assert_null(rig.end[SERVER].sent.first);
	free(unit);
	rig_drop(&rig);
}

static void pop_again(struct end *end, struct seccomm_message *message)
{
	uint8_t frame[64] = { 0 };

	(void)message;
	end->status = (int)seccomm_pop(end->session, frame, sizeof(frame));
}

static void a_callback_cannot_pop(void **state)
{
	struct rig rig;

	rig_make(&rig, *state, &(struct setup){ 0 });
	rig_open(&rig);
	rig.end[SERVER].on_deliver = pop_again;
	rig_push(&rig, CLIENT, "hello");
	rig_pump(&rig);
	assert_int_equal(rig.end[SERVER].status, SECCOMM_INVALID);
	rig_got(&rig, SERVER, "hello");
	rig_drop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_identity_beside_a_shared_secret_is_refused),
		cmocka_unit_test(a_refused_opening_moves_nothing),
		cmocka_unit_test(a_refused_answer_costs_nothing),
		cmocka_unit_test(nothing_follows_a_fatal_refusal),
		cmocka_unit_test(a_callback_cannot_pop),
	};

	return cmocka_run_group_tests(tests, rig_library, rig_library_free);
}
