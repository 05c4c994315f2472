/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: sessions of other stacks, keys and links: pre-shared secret, RSA, a stack for each direction, who is proven to have sent
 * what, and datagrams with explicit numbers.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "seccomm/session.h"

static void talk(struct rig *rig, bool client_known, bool server_known)
{
	rig_open(rig);
	rig_push(rig, CLIENT, "question");
	rig_push(rig, SERVER, "answer");
	rig_pump(rig);
	rig_got(rig, SERVER, "question");
	rig_got(rig, CLIENT, "answer");
	assert_int_equal(rig->end[SERVER].sender_known, client_known);
	assert_int_equal(rig->end[CLIENT].sender_known, server_known);
	for (unsigned n = CLIENT; n <= SERVER; n++)
		assert_int_equal(seccomm_close(rig->end[n].session), SECCOMM_OK);
	rig_pump(rig);
	assert_int_equal(rig->end[CLIENT].closed + rig->end[SERVER].closed, 2);
	assert_int_equal(rig->end[CLIENT].status + rig->end[SERVER].status, SECCOMM_OK);
	rig_drop(rig);
}

static void pre_shared_secret(void **state)
{
	struct rig rig;

	rig_make(&rig, *state, &(struct setup){ .key = "psk,secret=shared", .identity = { "", "" } });
	talk(&rig, true, true);
}

/* With another secret at the other end the principals differ already. */
static void another_pre_shared_secret(void **state)
{
	struct rig rig;
	char secret[SECCOMM_KEY_TEXT_MAX], none[1];

	assert_int_equal(seccomm_key_generate(*state, "psk", secret, sizeof(secret), none, sizeof(none)), SECCOMM_OK);
	rig_make(&rig, *state, &(struct setup){ .key = "psk,secret=shared", .identity = { "", "" } });
	seccomm_keyring_free(rig.end[SERVER].keyring);
	rig.end[SERVER].keyring = seccomm_keyring_new(*state);
	assert_int_equal(seccomm_keyring_psk(rig.end[SERVER].keyring, "shared", secret, NULL), SECCOMM_OK);
	assert_int_equal(rig_start(&rig), SECCOMM_OK);
	rig_pump(&rig);
	rig_refused(&rig, SERVER, SECCOMM_ALERT_UNKNOWN_PEER);
	rig_never_opened(&rig);
	rig_drop(&rig);
}

static void rsa_pss(void **state)
{
	enum { ROOM = 4096 };
	char text[2][2 * ROOM], open[2][2 * ROOM], secret[ROOM], public_key[ROOM];
	const char *const own[] = { client_secret, server_secret }, *const known[] = { client_public, server_public };
	struct rig rig;

	for (unsigned n = CLIENT; n <= SERVER; n++) {
		assert_int_equal(seccomm_key_generate(*state, "rsa-3072", secret, ROOM, public_key, ROOM), SECCOMM_OK);
		snprintf(text[n], sizeof(text[n]), "%s\n%s", own[n], secret);
		snprintf(open[n], sizeof(open[n]), "%s\n%s", known[n], public_key);
	}
	rig_make(&rig, *state, &(struct setup){ .stack = "anti-replay:sequence | sign:rsa-pss | encrypt:aes-256-gcm",
	    .key = "dh,protect=sign:rsa-pss", .identity = { text[CLIENT], text[SERVER] }, .peer = { open[SERVER], open[CLIENT] } });
	talk(&rig, true, true);
	rig_make(&rig, *state, &(struct setup){ .key = "dh,protect=sign:rsa-pss", .identity = { text[CLIENT], text[SERVER] } });
	assert_int_equal(rig_start(&rig), SECCOMM_UNKNOWN_KEY); /* the peer's RSA key is not there */
	rig_drop(&rig);
}

static void a_stack_for_each_direction(void **state)
{
	struct rig rig;

	rig_make(&rig, *state, &(struct setup){ .stack = "anti-replay:sequence | sign:ed25519,direction=c2s | "
		"encrypt:aes-256-gcm,direction=c2s | encrypt:chacha20-poly1305,direction=s2c" });
	rig_open(&rig);
	rig_push(&rig, CLIENT, "12345678");
	rig_push(&rig, SERVER, "12345678");
	assert_int_equal(rig.end[CLIENT].sent.first->length, 6 + 8 + 64 + 16);
	assert_int_equal(rig.end[SERVER].sent.first->length, 6 + 8 + 16);
	rig_pump(&rig);
	rig_shut(&rig);
	talk(&rig, true, true);
}

/* A digest proves nothing about who sent it, so nobody is named. */
static void the_sender_is_named_only_if_proven(void **state)
{
	struct rig rig;

	rig_make(&rig, *state, &(struct setup){ .stack = "digest:sha-256 | encrypt:des-cbc", .lab = true });
	talk(&rig, false, false);
	rig_make(&rig, *state, &(struct setup){ .stack = "mac:hmac-sha-256,direction=c2s | encrypt:des-cbc", .lab = true });
	talk(&rig, true, false);
}

/* ---- Datagrams -------------------------------------------------------------------------------------------------- */

enum { NUMBER_AT = 6, DATAGRAM_HEAD = 14 };

static struct unit *datagram(struct rig *rig, const char *text)
{
	rig_push(rig, CLIENT, text);
	return rig_take(rig, CLIENT);
}

static void give(struct rig *rig, const struct unit *unit, unsigned delivered, enum seccomm_alert_id alert)
{
	const struct end *end = &rig->end[SERVER];
	unsigned before = end->delivered, alerts = end->alerts;

	assert_int_equal(rig_give(rig, SERVER, unit->bytes, unit->length), unit->length);
	assert_int_equal(end->delivered - before, delivered);
	assert_int_equal(end->alerts - alerts, !delivered);
	if (!delivered)
		assert_int_equal(end->alert, alert);
	assert_false(end->fatal);
	assert_int_equal(end->closed, 0);
}

static void datagrams_carry_their_number(void **state)
{
	struct rig rig;
	struct unit *unit[5];

	rig_make(&rig, *state, &(struct setup){ .link = SECCOMM_DATAGRAM });
	rig_open(&rig);
	for (size_t i = 0; i < 5; i++) {
		unit[i] = datagram(&rig, "12345");
		assert_int_equal(unit[i]->length, DATAGRAM_HEAD + 5 + 16);
		assert_int_equal(cactus_u64(unit[i]->bytes + NUMBER_AT), i);
	}
	give(&rig, unit[0], 1, 0);
	give(&rig, unit[0], 0, SECCOMM_ALERT_REPLAYED);
	give(&rig, unit[3], 1, 0);
	give(&rig, unit[1], 0, SECCOMM_ALERT_REPLAYED); /* overtaken: this layer is strict */
	unit[4]->bytes[NUMBER_AT] = 0xff;		/* far in the future: refused, and nothing has moved */
	give(&rig, unit[4], 0, SECCOMM_ALERT_BAD_TAG);
	unit[4]->bytes[NUMBER_AT] = 0;
	give(&rig, unit[4], 1, 0);
	for (size_t i = 0; i < 5; i++)
		free(unit[i]);
	rig_drop(&rig);
}

static void every_bit_of_a_datagram(void **state)
{
	struct rig rig;
	struct unit *unit;

	rig_make(&rig, *state, &(struct setup){ .link = SECCOMM_DATAGRAM });
	rig_open(&rig);
	unit = datagram(&rig, "message");
	for (size_t bit = 0; bit < unit->length * 8; bit++) {
		unit->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(rig_give(&rig, SERVER, unit->bytes, unit->length), unit->length);
		assert_int_equal(rig.end[SERVER].delivered, 0);
		unit->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t length = 0; length < unit->length; length++)
		assert_int_equal(rig_give(&rig, SERVER, unit->bytes, length), length);
	assert_int_equal(rig.end[SERVER].delivered, 0);
	assert_int_equal(rig.end[SERVER].closed, 0);
	give(&rig, unit, 1, 0);
	free(unit);
	rig_drop(&rig);
}

/* An invalid answer is ignored, and the exchange stays alive. */
static void forged_answers_do_not_end_an_opening(void **state)
{
	struct rig rig;
	struct unit *unit;

	rig_make(&rig, *state, &(struct setup){ .link = SECCOMM_DATAGRAM });
	assert_int_equal(rig_start(&rig), SECCOMM_OK);
	for (unsigned n = 0; n < 4; n++) {
		unit = rig_take(&rig, n % 2);
		for (size_t byte = 0; byte < unit->length && n > 0; byte++) {
			unit->bytes[byte] ^= 4;
			assert_int_equal(rig_give(&rig, !(n % 2), unit->bytes, unit->length), unit->length);
			unit->bytes[byte] ^= 4;
		}
		assert_int_equal(rig_give(&rig, !(n % 2), unit->bytes, unit->length), unit->length);
		free(unit);
	}
	assert_int_equal(rig.end[CLIENT].opened + rig.end[SERVER].opened, 2);
	assert_int_equal(rig.end[CLIENT].delivered + rig.end[SERVER].delivered, 0);
	rig_drop(&rig);
}

static void datagram_sessions_close(void **state)
{
	struct rig rig;
	struct unit *unit;

	rig_make(&rig, *state, &(struct setup){ .link = SECCOMM_DATAGRAM });
	talk(&rig, true, true);
	rig_make(&rig, *state, &(struct setup){ .link = SECCOMM_DATAGRAM });
	rig_open(&rig);
	assert_int_equal(seccomm_close(rig.end[CLIENT].session), SECCOMM_OK);
	unit = rig_take(&rig, CLIENT);
	rig_give(&rig, SERVER, unit->bytes, unit->length);
	rig_give(&rig, SERVER, unit->bytes, unit->length);
	assert_int_equal(rig.end[SERVER].peer_closed, 1);
	assert_int_equal(rig.end[SERVER].alert, SECCOMM_ALERT_REPLAYED);
	free(unit);
	rig_drop(&rig);
}

static void each_end_has_its_own_index(void **state)
{
	struct rig rig;
	struct unit *unit;

	rig_make(&rig, *state, &(struct setup){ .link = SECCOMM_DATAGRAM });
	rig_open(&rig);
	assert_int_not_equal(rig.end[CLIENT].session->receive_index, rig.end[SERVER].session->receive_index);
	assert_int_equal(rig.end[CLIENT].session->send_index, rig.end[SERVER].session->receive_index);
	unit = datagram(&rig, "for another session");
	cactus_put_u32(unit->bytes + 1, rig.end[SERVER].session->receive_index + 1);
	give(&rig, unit, 0, SECCOMM_ALERT_UNEXPECTED);
	free(unit);
	rig_drop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pre_shared_secret),
		cmocka_unit_test(another_pre_shared_secret),
		cmocka_unit_test(rsa_pss),
		cmocka_unit_test(a_stack_for_each_direction),
		cmocka_unit_test(the_sender_is_named_only_if_proven),
		cmocka_unit_test(datagrams_carry_their_number),
		cmocka_unit_test(every_bit_of_a_datagram),
		cmocka_unit_test(forged_answers_do_not_end_an_opening),
		cmocka_unit_test(datagram_sessions_close),
		cmocka_unit_test(each_end_has_its_own_index),
	};

	return cmocka_run_group_tests_name("stacks, keys and links", tests, rig_library, rig_library_free);
}
