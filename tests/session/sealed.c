/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: what is sealed to a public key: keys by encapsulation and messages by encrypt:rsa, on streams and datagrams; whoever has
 * another key, or changes a byte, ends in a refusal that tells nothing.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "seccomm/session.h"

enum { ROOM = 4096, TEXT = 4 * ROOM, SEALED = 384, TAG = 16, HEADER = 6, NUMBER = 8, OPEN_SHARE = HEADER + 1 + 1 + 4 + 32 + 32 + 32 + 2 };

/* RSA keys take long to make: each end has one, under both labels. */
struct keys {
	struct seccomm *library;
	char own[2][TEXT], known[2][TEXT]; /* of the end itself, and what the other one has of it */
};

static void add(char *text, const char *pem, const char *label)
{
	const char *at = pem;
	size_t used = strlen(text);

	for (const char *found; (found = strstr(at, "RSA-OAEP")); at = found + strlen("RSA-OAEP"))
		used += (size_t)snprintf(text + used, TEXT - used, "%.*s%s", (int)(found - at), at, label);
	used += (size_t)snprintf(text + used, TEXT - used, "%s", at);
	assert_true(used < TEXT);
}

static int make_keys(void **state)
{
	struct keys *keys = calloc(1, sizeof(*keys));
	const char *const own[] = { client_secret, server_secret }, *const known[] = { client_public, server_public };
	char secret[ROOM], open[ROOM];

	if (!keys || rig_library(state) != 0)
		return -1;
	keys->library = *state;
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		assert_int_equal(seccomm_key_generate(keys->library, "rsa-oaep-3072", secret, ROOM, open, ROOM), SECCOMM_OK);
		snprintf(keys->own[n], TEXT, "%s\n", own[n]);
		snprintf(keys->known[n], TEXT, "%s\n", known[n]);
		add(keys->own[n], secret, "RSA-OAEP");
		add(keys->own[n], secret, "RSA-KEM");
		add(keys->known[n], open, "RSA-OAEP");
		add(keys->known[n], open, "RSA-KEM");
	}
	*state = keys;
	return 0;
}

static int free_keys(void **state)
{
	struct keys *keys = *state;
	void *library = keys->library;

	free(keys);
	return rig_library_free(&library);
}

static void make(struct rig *rig, const struct keys *keys, enum seccomm_link link, const char *stack, const char *key)
{
	rig_make(rig, keys->library, &(struct setup){ .link = link, .stack = stack, .key = key,
	    .identity = { keys->own[CLIENT], keys->own[SERVER] }, .peer = { keys->known[SERVER], keys->known[CLIENT] }, .lab = true });
}

static const char kem[] = "kem,protect=sign:ed25519", window[] = "anti-replay:window | encrypt:aes-256-gcm";
static const char rsa[] = "anti-replay:window | encrypt:rsa | sign:ed25519", rsa_alone[] = "encrypt:rsa";

/* ---- Honest ends ------------------------------------------------------------------------------------------------ */

static void opens_and_renews(const struct keys *keys, enum seccomm_link link, const char *stack, const char *key)
{
	struct rig rig;

	make(&rig, keys, link, stack, key);
	rig_open(&rig);
	rig_talk(&rig);
	for (unsigned n = 0; n < 2; n++) {
		assert_int_equal(seccomm_rekey(rig.end[n].session), SECCOMM_OK);
		rig_pump(&rig);
		rig_talk(&rig);
		if (link == SECCOMM_DATAGRAM)
			rig_wait(&rig, 31000000);
		rig_both_in(&rig, n + 2);
	}
	assert_int_equal(rig.end[CLIENT].alerts + rig.end[SERVER].alerts, 0);
	rig_drop(&rig);
}

static void opens_and_renews_by_encapsulation(void **state)
{
	opens_and_renews(*state, SECCOMM_STREAM, window, kem);
	opens_and_renews(*state, SECCOMM_DATAGRAM, window, kem);
}

static void messages_are_sealed(void **state)
{
	opens_and_renews(*state, SECCOMM_STREAM, rsa, kem);
	opens_and_renews(*state, SECCOMM_DATAGRAM, rsa, "dh,protect=sign:ed25519");
}

/* RSA under a key hides that key when there is no other one yet: the key transport of old. */
static void a_key_travels_sealed(void **state)
{
	static const enum seccomm_link links[] = { SECCOMM_STREAM, SECCOMM_DATAGRAM };
	static const char *const words[] = { "client-creates", "server-creates", "both" };
	const struct keys *keys = *state;

	for (size_t i = 0; i < 6; i++) {
		struct rig rig;
		char text[128];

		snprintf(text, sizeof(text), "      data: {establish: %s, protect: [encrypt: rsa, sign: ed25519]}\n", words[i / 2]);
		rig_make_keys(&rig, keys->library, &(struct key_setup){ links[i % 2], text, false, false, NULL });
		for (unsigned n = CLIENT; n <= SERVER; n++) {
			seccomm_keyring_free(rig.end[n].keyring);
			rig.end[n].keyring = seccomm_keyring_new(keys->library);
			assert_int_equal(seccomm_keyring_identity(rig.end[n].keyring, "self", keys->own[n], NULL), SECCOMM_OK);
			assert_int_equal(seccomm_keyring_peer(rig.end[n].keyring, "friend", keys->known[!n], NULL), SECCOMM_OK);
		}
		rig_open(&rig);
		rig_talk(&rig);
		rig_drop(&rig);
	}
}

/* The same text is never the same twice, has 400 bytes more, and names no sender. */
static void each_message_has_its_own_key(void **state)
{
	struct rig rig;
	struct unit *first, *second;

	make(&rig, *state, SECCOMM_STREAM, rsa_alone, kem);
	rig_open(&rig);
	rig_push(&rig, CLIENT, "attack at dawn");
	rig_push(&rig, CLIENT, "attack at dawn");
	first = rig_take(&rig, CLIENT);
	second = rig_take(&rig, CLIENT);
	assert_int_equal(first->length, HEADER + SEALED + 14 + TAG);
	assert_memory_not_equal(first->bytes + HEADER, second->bytes + HEADER, SEALED);
	assert_memory_not_equal(first->bytes + HEADER + SEALED, second->bytes + HEADER + SEALED, 14);
	assert_null(memmem(first->bytes, first->length, "attack", 6));
	rig_give(&rig, SERVER, first->bytes, first->length);
	rig_give(&rig, SERVER, second->bytes, second->length);
	rig_got(&rig, SERVER, "attack at dawn");
	rig_got(&rig, SERVER, "attack at dawn");
	assert_false(rig.end[SERVER].sender_known);
	free(first);
	free(second);
	rig_drop(&rig);
}

/* Carries what END has sent: of ten datagrams about three are lost, one comes twice, and some overtake others. */
static void carry_badly(struct rig *rig, unsigned end)
{
	struct unit *late = NULL;

	while (rig->end[end].sent.first) {
		struct unit *unit = rig_take(rig, end);
		const uint64_t chance = rig_random(&rig->seed) % 10;

		if (chance == 0 && !late) {
			late = unit;
			continue;
		}
		for (unsigned n = 0; (chance == 0 || chance > 3) && n < (chance == 4 ? 2U : 1U); n++)
			rig_give(rig, !end, unit->bytes, unit->length);
		free(unit);
	}
	if (late)
		rig_give(rig, !end, late->bytes, late->length);
	free(late);
}

/* Whether both ends are open within 10 s. */
static bool opens_badly(struct rig *rig)
{
	assert_int_equal(rig_start(rig), SECCOMM_OK);
	for (unsigned tries = 0; tries < 39 && rig->end[CLIENT].opened + rig->end[SERVER].opened < 2; tries++) {
		for (unsigned n = 0; n < 4; n++)
			carry_badly(rig, n % 2);
		rig_wait(rig, 250000);
	}
	return rig->end[CLIENT].opened + rig->end[SERVER].opened == 2;
}

static void a_bad_network_is_got_over(void **state)
{
	unsigned failed = 0;

	for (unsigned seed = 0; seed < 20; seed++) {
		struct rig rig;

		make(&rig, *state, SECCOMM_DATAGRAM, seed % 2 ? window : rsa, kem);
		rig.seed = seed + 1;
		/* So bad a network may last longer than a try. */
		for (; !opens_badly(&rig); rig_shut(&rig))
			assert_true(++failed < 10);
		rig_pump(&rig);
		rig_talk(&rig);
		rig_drop(&rig);
	}
}

/* ---- Others ----------------------------------------------------------------------------------------------------- */

/* Whatever byte was changed, of its number, what is sealed, the body or the tag, and cut where it may be: one alert, one text. */
static void one_refusal_for_everything(void **state)
{
	static const size_t places[] = { NUMBER - 1, NUMBER, NUMBER + 1, NUMBER + SEALED - 1, NUMBER + SEALED, NUMBER + SEALED + 13,
		NUMBER + SEALED + 14, NUMBER + SEALED + 14 + TAG - 1 };
	static const size_t lengths[] = { 0, TAG, SEALED, SEALED + TAG - 1, SEALED + TAG, SEALED + TAG + 13 };
	enum { PLACES = sizeof(places) / sizeof(places[0]), LENGTHS = sizeof(lengths) / sizeof(lengths[0]) };
	char detail[DETAIL] = "";
	struct rig rig;
	struct unit *unit;

	make(&rig, *state, SECCOMM_DATAGRAM, rsa_alone, kem);
	rig_open(&rig);
	rig_push(&rig, CLIENT, "attack at dawn");
	unit = rig_take(&rig, CLIENT);
	assert_int_equal(unit->length, HEADER + NUMBER + SEALED + 14 + TAG);
	for (size_t i = 0; i < PLACES + LENGTHS; i++) {
		const size_t length = i < PLACES ? unit->length : HEADER + NUMBER + lengths[i - PLACES];
		const unsigned alerts = rig.end[SERVER].alerts;

		if (i < PLACES)
			unit->bytes[HEADER + places[i]] ^= 1;
		rig_give(&rig, SERVER, unit->bytes, length);
		if (i < PLACES)
			unit->bytes[HEADER + places[i]] ^= 1;
		assert_int_equal(rig.end[SERVER].alerts, alerts + 1);
		assert_int_equal(rig.end[SERVER].alert, SECCOMM_ALERT_BAD_DECRYPTION);
		assert_string_equal(rig.end[SERVER].layer, "encrypt:rsa");
		assert_true(i == 0 || strcmp(detail, rig.end[SERVER].detail) == 0);
		snprintf(detail, sizeof(detail), "%s", rig.end[SERVER].detail);
		assert_null(rig.end[SERVER].sent.first);
	}
	rig_give(&rig, SERVER, unit->bytes, unit->length);
	rig_got(&rig, SERVER, "attack at dawn");
	free(unit);
	rig_drop(&rig);
}

/* Sealed to somebody else: the client has another key under the server's name, whose modulus may be greater than the server's. */
static void another_key_does_not_open(void **state)
{
	const struct keys *keys = *state;
	char known[TEXT];
	struct rig rig;

	snprintf(known, sizeof(known), "%s\n%s", server_public, strstr(keys->known[CLIENT], "-----BEGIN"));
	for (unsigned data = 0; data < 2; data++) {
		rig_make(&rig, keys->library, &(struct setup){ .stack = data ? rsa_alone : window, .key = data ? NULL : kem, .lab = true,
		    .identity = { keys->own[CLIENT], keys->own[SERVER] }, .peer = { known, keys->known[CLIENT] } });
		assert_int_equal(rig_start(&rig), SECCOMM_OK);
		rig_pump(&rig);
		if (data) {
			rig_push(&rig, CLIENT, "attack at dawn");
			rig_pass(&rig, CLIENT);
			rig_refused(&rig, SERVER, SECCOMM_ALERT_BAD_DECRYPTION);
		} else {
			if (rig.end[SERVER].alerts > 0)
				rig_refused(&rig, SERVER, SECCOMM_ALERT_BAD_SHARE);
			else
				rig_refused(&rig, CLIENT, SECCOMM_ALERT_UNCONFIRMED);
			rig_never_opened(&rig);
		}
		rig_drop(&rig);
	}
}

/* A ciphertext changed on its way is another secret; the client sees it by the signature, and without one as unconfirmed. */
static void a_changed_ciphertext_does_not_open(void **state)
{
	for (unsigned bare = 0; bare < 2; bare++) {
		struct rig rig;
		struct unit *unit;

		make(&rig, *state, SECCOMM_STREAM, window, bare ? "kem" : kem);
		assert_int_equal(rig_start(&rig), SECCOMM_OK);
		unit = rig_take(&rig, CLIENT);
		assert_true(unit->length > OPEN_SHARE + SEALED);
		unit->bytes[OPEN_SHARE + SEALED - 1] ^= 1;
		rig_give(&rig, SERVER, unit->bytes, unit->length);
		rig_pass(&rig, SERVER);
		rig_refused(&rig, CLIENT, bare ? SECCOMM_ALERT_UNCONFIRMED : SECCOMM_ALERT_BAD_SIGNATURE);
		rig_never_opened(&rig);
		free(unit);
		rig_drop(&rig);
	}
}

/* Of 0 and 1, and of what is no number below the modulus, everybody knows the secret or nobody has one. */
static void a_ciphertext_that_nobody_makes_is_refused(void **state)
{
	static const uint8_t first[] = { 0, 0, 0xff }, last[] = { 0, 1, 0xff };

	for (size_t i = 0; i < 3; i++) {
		struct rig rig;
		struct unit *unit;

		make(&rig, *state, SECCOMM_STREAM, window, kem);
		assert_int_equal(rig_start(&rig), SECCOMM_OK);
		unit = rig_take(&rig, CLIENT);
		memset(unit->bytes + OPEN_SHARE, first[i], SEALED);
		unit->bytes[OPEN_SHARE + SEALED - 1] = last[i];
		rig_give(&rig, SERVER, unit->bytes, unit->length);
		rig_refused(&rig, SERVER, SECCOMM_ALERT_BAD_SHARE);
		rig_never_opened(&rig);
		free(unit);
		rig_drop(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_and_renews_by_encapsulation),
		cmocka_unit_test(messages_are_sealed),
		cmocka_unit_test(a_key_travels_sealed),
		cmocka_unit_test(each_message_has_its_own_key),
		cmocka_unit_test(a_bad_network_is_got_over),
		cmocka_unit_test(one_refusal_for_everything),
		cmocka_unit_test(another_key_does_not_open),
		cmocka_unit_test(a_changed_ciphertext_does_not_open),
		cmocka_unit_test(a_ciphertext_that_nobody_makes_is_refused),
	};

	return cmocka_run_group_tests_name("sealed to a public key", tests, make_keys, free_keys);
}
