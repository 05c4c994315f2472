/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: no branch and no address depends on a secret: not on a byte of an expected tag, MAC, digest, cookie or
 * confirmation, nor on a private value, an agreed one, a key or a message; neither in comparing and in taking padding
 * off, nor in whole sessions, with what an attacker sends in between.
 *
 * Under valgrind, whose memory that is "undefined" stands for what is secret: it complains when a branch or an address
 * depends on it. What is secret, and what is public by then, is said in secrecy.c.
 */
#include "../session/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <valgrind/memcheck.h>

#include "seccomm/exchange.h"
#include "secrecy.h"

/* Its padding is a matter of its own; its tables have other names here than in the library. */
#define mp_des_cbc of_this_test_des_cbc
#define mp_des_ecb of_this_test_des_ecb
#define mp_des_cfb of_this_test_des_cfb
#define mp_des_ofb of_this_test_des_ofb
#define mp_3des_ede_cbc of_this_test_3des_ede_cbc
#define mp_aes_128_cbc of_this_test_aes_128_cbc
#define mp_aes_256_cbc of_this_test_aes_256_cbc
#define mp_aes_128_ctr of_this_test_aes_128_ctr
#define mp_aes_256_ctr of_this_test_aes_256_ctr
#define mp_chacha20 of_this_test_chacha20
extern const struct seccomm_mp mp_des_cbc, mp_des_ecb, mp_des_cfb, mp_des_ofb, mp_3des_ede_cbc,
    mp_aes_128_cbc, mp_aes_256_cbc, mp_aes_128_ctr, mp_aes_256_ctr, mp_chacha20;
#include "../../src/mp/privacy/cipher.c"

/* ---- Counting ---- */

/* How often valgrind has complained since the last call. */
static unsigned complaints(void)
{
	static unsigned before;
	unsigned now = VALGRIND_COUNT_ERRORS, since = now - before;

	before = now;
	return since;
}

static void secret_of(uint8_t *bytes, size_t length, uint8_t value)
{
	memset(bytes, value, length);
	VALGRIND_MAKE_MEM_UNDEFINED(bytes, length);
}

static volatile unsigned sink; /* so that what is computed is not left out */
/* The compiler does not see which ones these are, and leaves them as they are elsewhere. */
static int (*volatile const compare)(const void *, const void *, size_t) = memcmp;
static size_t (*volatile const take_off)(const uint8_t *, size_t) = padding;

/* ---- The method ---- */

static void what_depends_on_secrets_is_seen(void **state)
{
	static const uint8_t table[256] = { 1 };
	uint8_t a[32], b[32] = { 0 };

	(void)state;
	(void)complaints();
	secret_of(a, sizeof(a), 0);
	if (compare(a, b, sizeof(a)) == 0)
		sink = 1;
	assert_true(complaints() > 0);
	sink = table[a[7]];
	assert_true(complaints() > 0);
	if (secrecy_equal(a, b, sizeof(a)))
		sink = 3;
	assert_true(complaints() > 0);
}

static void comparing(void **state)
{
	uint8_t a[64], b[64];

	(void)state;
	(void)complaints();
	for (size_t length = 0; length <= sizeof(a); length++)
		for (size_t differs = 0; differs <= length; differs++) {
			memset(b, 7, sizeof(b));
			if (differs < length)
				b[differs] ^= 0x80;
			secret_of(a, sizeof(a), 7);
			assert_int_equal(crypto_equal(a, b, length), differs == length);
			assert_int_equal(seccomm_equal(b, a, length), differs == length);
		}
	assert_int_equal(complaints(), 0);
}

/* Every last byte, with padding that is right and that is wrong at one place. */
static void taking_padding_off(void **state)
{
	enum { BLOCK = 8 };
	uint8_t text[2 * BLOCK];

	(void)state;
	(void)complaints();
	for (unsigned last = 0; last < 256; last++)
		for (size_t wrong = 0; wrong < BLOCK; wrong++) {
			bool right = last >= 1 && last <= BLOCK && (wrong == 0 || wrong >= last);
			size_t n;

			memset(text, (int)last, sizeof(text));
			text[sizeof(text) - 1 - wrong] ^= wrong > 0;
			VALGRIND_MAKE_MEM_UNDEFINED(text, sizeof(text));
			n = take_off(text + sizeof(text), BLOCK);
			VALGRIND_MAKE_MEM_DEFINED(&n, sizeof(n));
			assert_int_equal(n, right ? last : 0);
		}
	assert_int_equal(complaints(), 0);
}

/* ---- Sessions ---- */

enum { FORGED_STEP = 5 };

static void push_secret(struct rig *rig, unsigned end)
{
	uint8_t text[100];

	secret_of(text, sizeof(text), 'x');
	assert_int_equal(seccomm_push_copy(rig->end[end].session, text, sizeof(text)), SECCOMM_OK);
}

/* Before anything arrives, many of its bytes have been wrong once; on datagrams that does no harm. */
static void pass_forged(struct rig *rig, unsigned from)
{
	struct unit *unit = rig_take(rig, from);

	for (size_t at = FRAME_HEADER; at < unit->length; at += FORGED_STEP) {
		VALGRIND_MAKE_MEM_DEFINED(unit->bytes, unit->length);
		unit->bytes[at] ^= 1;
		(void)rig_give(rig, !from, unit->bytes, unit->length);
		unit->bytes[at] ^= 1;
	}
	(void)rig_give(rig, !from, unit->bytes, unit->length);
	free(unit);
}

static void pump(struct rig *rig, bool forged)
{
	while (rig->end[CLIENT].sent.first != NULL || rig->end[SERVER].sent.first != NULL)
		for (unsigned n = CLIENT; n <= SERVER; n++)
			while (rig->end[n].sent.first != NULL)
				forged ? pass_forged(rig, n) : rig_pass(rig, n);
}

static int begin(void **state)
{
	int status = rig_library(state);

	secrecy_begin();
	return status;
}

static void life(struct rig *rig, bool forged, bool renews)
{
	(void)complaints();
	assert_int_equal(rig_start(rig), SECCOMM_OK);
	pump(rig, forged);
	rig_wait(rig, 1);
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned n = CLIENT; n <= SERVER; n++) {
			push_secret(rig, n);
			pump(rig, forged);
		}
		if (renews && round == 0) {
			assert_int_equal(seccomm_rekey(rig->end[SERVER].session), SECCOMM_OK);
			pump(rig, forged);
		}
	}
	assert_int_equal(rig->end[CLIENT].delivered, 2);
	assert_int_equal(rig->end[SERVER].delivered, 2);
	for (unsigned n = CLIENT; n <= SERVER; n++)
		assert_int_equal(seccomm_close(rig->end[n].session), SECCOMM_OK);
	pump(rig, forged);
	assert_int_equal(rig->end[CLIENT].closed + rig->end[SERVER].closed, 2);
	assert_int_equal(complaints(), 0);
	rig_drop(rig);
}

static void sessions(void **state)
{
	static const char *const stacks[] = { "anti-replay:window | encrypt:aes-256-gcm",
		"anti-replay:window | encrypt:chacha20-poly1305", "digest:sha-256 | encrypt:des-cbc | mac:hmac-sha-256",
		"anti-replay:window | encrypt:xchacha20-poly1305", "digest:sha-1 | protect-digest:aes-256-cbc | mac:poly1305",
		"digest:hmac-sha-256 | protect-digest:des-cbc", "sign:ed25519 | digest:sha-1 | encrypt:aes-256-gcm" };

	for (enum seccomm_link link = SECCOMM_STREAM; link <= SECCOMM_DATAGRAM; link++)
		for (size_t i = 0; i < sizeof(stacks) / sizeof(stacks[0]); i++) {
			struct rig rig;

			rig_make(&rig, *state, &(struct setup){ .link = link, .stack = stacks[i], .lab = true });
			life(&rig, link == SECCOMM_DATAGRAM, true);
		}
}

static void sessions_with_other_keys(void **state)
{
	static const struct key_setup keys[] = {
		{ .keys = "      outer: {establish: dh, protect: [sign: ed25519]}\n"
			  "      data: {establish: both, protect: [encrypt: {algorithm: chacha20-poly1305, key: "
			  "outer}]}\n" },
		{ .keys = "      outer: {establish: dh, create: {method: passphrase, secret: shared}, protect: [sign: ed25519]}\n"
			  "      data: {establish: both, create: {method: chain, secret: shared}, protect: [encrypt: "
			  "{algorithm: chacha20-poly1305, key: outer}]}\n" },
		{ .keys = "      data: {establish: psk, secret: shared}\n", .alone = true },
	};

	for (enum seccomm_link link = SECCOMM_STREAM; link <= SECCOMM_DATAGRAM; link++) {
		struct rig rig;

		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
			struct key_setup setup = keys[i];

			setup.link = link;
			rig_make_keys(&rig, *state, &setup);
			life(&rig, link == SECCOMM_DATAGRAM, true);
		}
		rig_make_keys(&rig, *state, &rig_predefined[link]);
		life(&rig, false, false); /* what is forged would use up the trials of salts */
	}
}

/* ---- A listener's cookies ---- */

static void answer(void *context, const void *address, size_t address_length, const uint8_t *bytes, size_t length)
{
	struct rig *rig = context;

	(void)address;
	(void)address_length;
	units_add(&rig->end[SERVER].sent, bytes, length);
}

static struct seccomm_session *accept(void *context, const void *address, size_t address_length)
{
	struct rig *rig = context;
	struct end *end = &rig->end[SERVER];
	struct seccomm_error error;

	(void)address;
	(void)address_length;
	assert_int_equal(
	    seccomm_open(end->plan, end->keyring, &rig->platform, &end->callbacks, &end->session, &error), SECCOMM_OK);
	return end->session;
}

/* From one address the cookie is right, from the other one it is not. */
static void cookies(void **state)
{
	const struct seccomm_listener_limits limits = { .cookies_above = 0 };
	struct rig rig;
	const struct seccomm_listener_callbacks callbacks = { .context = &rig, .answer = answer, .accept = accept };
	struct seccomm_listener_statistics statistics;
	struct seccomm_listener *listener;
	struct seccomm_error error;
	struct end *client = &rig.end[CLIENT];
	struct unit *opening;

	rig_make(&rig, *state, &(struct setup){ .link = SECCOMM_DATAGRAM });
	(void)complaints();
	assert_int_equal(seccomm_listener_new(rig.end[SERVER].plan, rig.end[SERVER].keyring, &rig.platform, &callbacks,
			     &limits, &listener, &error),
	    SECCOMM_OK);
	assert_int_equal(
	    seccomm_open(client->plan, client->keyring, &rig.platform, &client->callbacks, &client->session, &error),
	    SECCOMM_OK);
	opening = rig_take(&rig, CLIENT);
	seccomm_listener_pop(listener, "client", 6, opening->bytes, opening->length);
	free(opening);
	rig_pass(&rig, SERVER);
	opening = rig_take(&rig, CLIENT);
	for (unsigned other = 0; other < 2; other++)
		seccomm_listener_pop(
		    listener, other == 0 ? "elsewhere" : "client", other == 0 ? 9 : 6, opening->bytes, opening->length);
	free(opening);
	seccomm_listener_statistics(listener, &statistics);
	assert_int_equal(statistics.accepted, 1);
	assert_int_equal(statistics.retries, 2);
	assert_int_equal(complaints(), 0);
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		seccomm_session_free(rig.end[n].session); /* before the listener */
		rig.end[n].session = NULL;
	}
	seccomm_listener_free(listener);
	rig_drop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_depends_on_secrets_is_seen),
		cmocka_unit_test(comparing),
		cmocka_unit_test(taking_padding_off),
		cmocka_unit_test(sessions),
		cmocka_unit_test(sessions_with_other_keys),
		cmocka_unit_test(cookies),
	};

	if (!RUNNING_ON_VALGRIND) {
		printf("1..1\nok 1 - constant time # SKIP valgrind is not running this program\n");
		return 0;
	}
	return cmocka_run_group_tests_name("constant time", tests, begin, rig_library_free);
}
