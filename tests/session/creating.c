/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: every creator serves every way to a key, over epochs; a seed gives the same keys again, and different ones to the two
 * ends, keys and epochs; a passphrase's secret never gives the same key twice; and a chain goes on over epochs and failed
 * attempts, never back, keeps no state that it has left, and needs no luck with the random numbers.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mp/keydist/keydist.h"
#include "seccomm/exchange.h"

enum { KEY = 32, KEYS = 8, TEXT = 1024 };

#define DH      "establish: dh, protect: [sign: ed25519], "
#define OUTER   "      outer: {" DH "}\n"
#define UNDER   ", protect: [encrypt: {algorithm: aes-256-gcm, key: outer}], "
#define CHAIN   "create: chain}\n"
#define SEEDED  "create: {method: seeded, seed: 7}}\n"
#define SECRET  "create: {method: passphrase, secret: shared}}\n"
#define STARTED "create: {method: chain, secret: shared}}\n"

static const char *const creators[] = { CHAIN, STARTED, SECRET, SEEDED };

static void make(struct rig *rig, void **state, enum seccomm_link link, const char *keys)
{
	rig_make_keys(rig, *state, &(struct key_setup){ .link = link, .keys = keys, .lab = true });
}

/* ---- Asking a creator ---- */

static bool create(struct rig *rig, unsigned n, unsigned slot, uint8_t out[KEY])
{
	struct cactus *c = rig->end[n].session->epoch->cactus;
	struct seccomm_key_request request = { .key = out, .length = KEY };
	const cactus_event event = cactus_event_named(c, "keyCreate_", slot);

	assert_int_not_equal(event, 0);
	memset(out, 0, KEY);
	return cactus_raise(c, event, &request) == CACTUS_NEXT && request.made;
}

static bool known(uint8_t keys[][KEY], size_t count, const uint8_t key[KEY])
{
	for (size_t i = 0; i < count; i++)
		if (memcmp(keys[i], key, KEY) == 0)
			return true;
	return false;
}

static void renew(struct rig *rig, unsigned n)
{
	assert_int_equal(seccomm_rekey(rig->end[n].session), SECCOMM_OK);
	rig_pump(rig);
	rig_talk(rig);
}

/* Keys of slot 1 of an end that is open: four, and four more in the next epoch. */
static void eight(struct rig *rig, unsigned n, uint8_t out[KEYS][KEY])
{
	for (unsigned i = 0; i < KEYS; i++) {
		if (i == KEYS / 2)
			renew(rig, n);
		assert_true(create(rig, n, 1, out[i]));
	}
}

static void all_differ(uint8_t keys[][KEY], size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_false(known(keys, i, keys[i]));
}

/* From now on every random number is the same, and is known to everybody. */
static int stuck(void *context, void *out, size_t length)
{
	(void)context;
	memset(out, 0x55, length);
	return 0;
}

/* ---- All of them ---- */

static void each_creator_serves_each_way(void **state)
{
	static const char *const ways[] = { "      data: {" DH, OUTER "      data: {establish: client-creates" UNDER,
		OUTER "      data: {establish: server-creates" UNDER, OUTER "      data: {establish: both" UNDER };

	for (size_t w = 0; w < sizeof(ways) / sizeof(ways[0]); w++)
		for (size_t k = 0; k < 2 * sizeof(creators) / sizeof(creators[0]); k++) {
			const enum seccomm_link link = k % 2 ? SECCOMM_DATAGRAM : SECCOMM_STREAM;
			struct rig rig;
			char keys[TEXT];

			snprintf(keys, sizeof(keys), "%s%s", ways[w], creators[k / 2]);
			make(&rig, state, link, keys);
			rig_open(&rig);
			rig_talk(&rig);
			for (unsigned n = 0; n < 3; n++) {
				renew(&rig, n % 2);
				if (link == SECCOMM_DATAGRAM)
					rig_wait(&rig, 31000000);
			}
			rig_both_in(&rig, 4);
			assert_int_equal(rig.end[CLIENT].alerts + rig.end[SERVER].alerts, 0);
			rig_drop(&rig);
		}
}

static void no_secret_is_told_at_once(void **state)
{
	static const char *const lacking[] = { "      data: {" DH "create: {method: passphrase, secret: office}}\n",
		"      data: {" DH "create: {method: chain, secret: office}}\n" };

	for (size_t i = 0; i < 2; i++) {
		struct rig rig;
		struct seccomm_error error = { 0 };

		make(&rig, state, SECCOMM_STREAM, lacking[i]);
		assert_int_equal(seccomm_open(rig.end[CLIENT].plan, rig.end[CLIENT].keyring, &rig.platform,
				     &rig.end[CLIENT].callbacks, &rig.end[CLIENT].session, &error),
		    SECCOMM_UNKNOWN_KEY);
		assert_non_null(strstr(error.text, "office"));
		rig_drop(&rig);
	}
}

static void no_random_numbers_no_key(void **state)
{
	for (size_t i = 0; i < 3; i++) {
		struct rig rig;
		char keys[TEXT];
		uint8_t key[KEY];

		snprintf(keys, sizeof(keys), "      data: {" DH "%s", creators[i]);
		make(&rig, state, SECCOMM_STREAM, keys);
		rig_open(&rig);
		rig.drawn = 0;
		rig.fail_random = 1;
		assert_false(create(&rig, CLIENT, 1, key));
		assert_true(create(&rig, CLIENT, 1, key));
		rig_drop(&rig);
	}
}

/* ---- One by one ---- */

static const char two_seeded[] = "      data: {" DH SEEDED "      more: {" DH SEEDED;

static void a_seed_gives_the_same_keys_again(void **state)
{
	uint8_t keys[2][2][KEYS][KEY], other[KEY];

	for (unsigned run = 0; run < 2; run++) {
		struct rig rig;

		make(&rig, state, SECCOMM_STREAM, two_seeded);
		rig.seed = run + 1;
		rig_open(&rig);
		eight(&rig, CLIENT, keys[run][CLIENT]);
		rig_drop(&rig);
		make(&rig, state, SECCOMM_STREAM, two_seeded);
		rig_open(&rig);
		eight(&rig, SERVER, keys[run][SERVER]);
		assert_true(create(&rig, CLIENT, 2, other));
		assert_false(known(keys[run][CLIENT], KEYS, other));
		assert_false(known(keys[run][SERVER], KEYS, other));
		rig_drop(&rig);
	}
	assert_memory_equal(keys[0], keys[1], sizeof(keys[0]));
	all_differ(keys[0][0], 2 * KEYS);
}

static void a_passphrase_never_gives_a_key_twice(void **state)
{
	uint8_t keys[2 * KEYS][KEY], known_random[2][KEY];

	for (unsigned run = 0; run < 2; run++) {
		struct rig rig;

		make(&rig, state, SECCOMM_STREAM, "      data: {" DH SECRET);
		rig.seed = run + 1;
		rig_open(&rig);
		eight(&rig, CLIENT, keys + run * KEYS);
		/* Who knows the random numbers still does not know the secret. */
		rig.platform.random = stuck;
		((struct psk *)(uintptr_t)keyring_psk(rig.end[CLIENT].keyring, "shared"))->secret[0] ^= (uint8_t)run;
		assert_true(create(&rig, CLIENT, 1, known_random[run]));
		rig_drop(&rig);
	}
	all_differ(keys, 2 * KEYS);
	assert_memory_not_equal(known_random[0], known_random[1], KEY);
}

static const struct kept *chain_of(const struct rig *rig, unsigned n)
{
	assert_non_null(rig->end[n].session->kept);
	assert_null(rig->end[n].session->kept->next);
	return rig->end[n].session->kept;
}

static void a_chain_goes_on_without_luck(void **state)
{
	static const char *const chains[] = { "      data: {" DH CHAIN, "      data: {" DH STARTED };

	for (size_t i = 0; i < 2; i++) {
		struct rig rig;
		uint8_t keys[KEYS][KEY];

		make(&rig, state, SECCOMM_STREAM, chains[i]);
		rig_open(&rig);
		rig.platform.random = stuck;
		eight(&rig, SERVER, keys);
		all_differ(keys, KEYS);
		rig_drop(&rig);
	}
}

/* The control: without a state the same random numbers are the same keys. */
static void what_has_no_state_needs_it(void **state)
{
	struct rig rig;
	uint8_t keys[2][KEY];

	make(&rig, state, SECCOMM_STREAM, "      data: {" DH SECRET);
	rig_open(&rig);
	rig.platform.random = stuck;
	assert_true(create(&rig, CLIENT, 1, keys[0]) && create(&rig, CLIENT, 1, keys[1]));
	assert_memory_equal(keys[0], keys[1], KEY);
	rig_drop(&rig);
}

/* A chain that begins with a secret begins with its own: another secret, or none, is another chain. */
static void a_chain_begins_with_its_secret(void **state)
{
#define SERVERS OUTER "      data: {establish: server-creates" UNDER
	static const char *const chains[] = { SERVERS CHAIN, SERVERS STARTED, SERVERS STARTED };
	uint8_t keys[3][KEY];

	for (unsigned i = 0; i < 3; i++) {
		struct rig rig;

		make(&rig, state, SECCOMM_STREAM, chains[i]);
		((struct psk *)(uintptr_t)keyring_psk(rig.end[CLIENT].keyring, "shared"))->secret[0] ^= i == 2;
		rig_open(&rig);
		rig.platform.random = stuck;
		assert_null(rig.end[CLIENT].session->kept); /* the server creates */
		assert_true(create(&rig, CLIENT, 2, keys[i]));
		rig_drop(&rig);
	}
	all_differ(keys, 3);
}

static void state_of(const struct rig *rig, unsigned n, uint8_t out[KEY])
{
	const struct kept *kept = chain_of(rig, n);

	memcpy(out, kept->bytes + kept->size - KEY, KEY);
}

/* On datagrams the client gives up after ten seconds, and tries again later. */
static void a_failed_attempt_does_not_lead_back(void **state)
{
	enum { ATTEMPTS = 3 };
	uint8_t states[2 * ATTEMPTS + 1][KEY];
	struct rig rig;

	make(&rig, state, SECCOMM_DATAGRAM, "      data: {" DH CHAIN);
	rig_open(&rig);
	rig_talk(&rig);
	for (unsigned n = 0; n < ATTEMPTS; n++) {
		state_of(&rig, CLIENT, states[2 * n]);
		assert_int_equal(seccomm_rekey(rig.end[CLIENT].session), SECCOMM_OK);
		for (unsigned seconds = 0; seconds < 11; seconds++) {
			rig_lose(&rig, CLIENT);
			rig_wait(&rig, 1000000);
		}
		assert_null(rig.end[CLIENT].session->next);
		assert_int_equal(rig.end[CLIENT].session->epoch->number, n + 1);
		state_of(&rig, CLIENT, states[2 * n + 1]);
		for (unsigned seconds = 0; seconds < 45; seconds++) {
			rig_talk(&rig);
			rig_wait(&rig, 1000000);
			rig_pump(&rig);
		}
		rig_both_in(&rig, n + 2);
	}
	state_of(&rig, CLIENT, states[2 * ATTEMPTS]);
	all_differ(states, 2 * ATTEMPTS + 1);
	rig.bury = true;
	rig_shut(&rig);
	for (unsigned n = 0; n <= 2 * ATTEMPTS; n++)
		assert_null(memmem(rig.graves, rig.buried, states[n], KEY));
	rig_drop(&rig);
}

/* A key whose part another key's creator makes uses that one's chain. */
static void a_creator_serves_several_keys(void **state)
{
	struct rig rig;

	make(&rig, state, SECCOMM_STREAM,
	    "      outer: {" DH CHAIN "      data: {establish: both, creation: 1, protect: [encrypt: aes-256-gcm]}\n");
	rig_open(&rig);
	rig_talk(&rig);
	assert_int_equal(chain_of(&rig, CLIENT)->key, 1);
	assert_int_equal(chain_of(&rig, SERVER)->key, 1);
	rig_drop(&rig);
}

/* ---- The attack behind SC509 ---- */

/* What the client's first message shows, and the private value behind it. */
static void first_message(struct rig *rig, void **state, const char *keys, struct unit **sent, uint8_t private_value[KEY])
{
	struct cactus *c;

	make(rig, state, SECCOMM_STREAM, keys);
	assert_int_equal(rig_start(rig), SECCOMM_OK);
	*sent = rig_take(rig, CLIENT);
	c = rig->end[CLIENT].session->epoch->cactus;
	for (unsigned i = 0; i < cactus_state_count(c); i++) {
		const struct keydist *k = cactus_state(c, i);

		if (strcmp(k->self.cactus.mp->name, "establish:dh") == 0)
			memcpy(private_value, k->own, KEY);
	}
}

/* Whoever has recorded SENT tries seeds; answers whether one of a hundred gave away the private value behind it. */
static bool guessed(void **state, const struct unit *sent, const uint8_t private_value[KEY])
{
	struct crypto *crypto = seccomm_crypto(*state);
	const struct crypto_algorithm *x25519 = crypto_find(CRYPTO_KX, "x25519");
	bool found = false;

	for (unsigned seed = 0; seed < 100 && !found; seed++) {
		struct rig rig;
		struct unit *own;
		char keys[TEXT];
		uint8_t guess[KEY], share[KEY];

		snprintf(keys, sizeof(keys), "      data: {" DH "create: {method: seeded, seed: %u}}\n", seed);
		first_message(&rig, state, keys, &own, guess);
		assert_int_equal(crypto_kx_public(crypto, x25519, guess, share), 0);
		found = memmem(sent->bytes, sent->length, share, KEY) != NULL;
		assert_int_equal(found, memcmp(guess, private_value, KEY) == 0);
		free(own);
		rig_drop(&rig);
	}
	return found;
}

static void a_seed_is_guessed_and_the_remedy_is_not(void **state)
{
	static const char *const keys[] = { "      data: {" DH "create: {method: seeded, seed: 77}}\n",
		"      data: {" DH "create: random}\n" };

	for (unsigned i = 0; i < 2; i++) {
		uint8_t private_value[KEY];
		struct unit *sent;
		struct rig rig;

		first_message(&rig, state, keys[i], &sent, private_value);
		assert_int_equal(guessed(state, sent, private_value), i == 0);
		free(sent);
		rig_drop(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_creator_serves_each_way),
		cmocka_unit_test(no_secret_is_told_at_once),
		cmocka_unit_test(no_random_numbers_no_key),
		cmocka_unit_test(a_seed_gives_the_same_keys_again),
		cmocka_unit_test(a_passphrase_never_gives_a_key_twice),
		cmocka_unit_test(a_chain_goes_on_without_luck),
		cmocka_unit_test(what_has_no_state_needs_it),
		cmocka_unit_test(a_chain_begins_with_its_secret),
		cmocka_unit_test(a_failed_attempt_does_not_lead_back),
		cmocka_unit_test(a_creator_serves_several_keys),
		cmocka_unit_test(a_seed_is_guessed_and_the_remedy_is_not),
	};

	return cmocka_run_group_tests_name("creating", tests, rig_library, rig_library_free);
}
