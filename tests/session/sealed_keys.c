/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: a key that keys or messages would be sealed to and that is not there is missed at once, by name and with what makes it;
 * one that is there for something else does not count.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../rsa_key.h"

enum { OWN = 8192, KNOWN = 4096 };

static const char own_oaep[] = RSA_SECRET("RSA-OAEP"), own_kem[] = RSA_SECRET("RSA-KEM");
static const char known_oaep[] = RSA_PUBLIC("RSA-OAEP"), known_kem[] = RSA_PUBLIC("RSA-KEM");
static const char kem[] = "kem,protect=sign:ed25519", window[] = "anti-replay:window | encrypt:aes-256-gcm";
static const char rsa[] = "anti-replay:window | encrypt:rsa | sign:ed25519";

/* What each end has, and what the other one has of it: one RSA key for both. */
static void make_texts(char own[2][OWN], char known[2][KNOWN])
{
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		snprintf(own[n], OWN, "%s\n%s%s", n == CLIENT ? client_secret : server_secret, own_oaep, own_kem);
		snprintf(known[n], KNOWN, "%s\n%s%s", n == CLIENT ? client_public : server_public, known_oaep, known_kem);
	}
}

struct lack {
	const char *stack, *key;
	unsigned without; /* the end whose key is missing */
	bool peers;	  /* at the other one, that is */
	int status;	  /* of the start */
	const char *text;
};

static void a_missing_key_is_missed_at_once(void **state)
{
	static const struct lack lacks[] = {
		{ window, kem, SERVER, false, SECCOMM_UNKNOWN_KEY, "rsasve" },
		{ window, kem, SERVER, true, SECCOMM_UNKNOWN_KEY, "rsasve" },
		{ window, kem, CLIENT, false, SECCOMM_OK, NULL },
		{ window, kem, CLIENT, true, SECCOMM_OK, NULL },
		{ rsa, NULL, CLIENT, false, SECCOMM_UNKNOWN_KEY, "rsa-oaep" },
		{ rsa, NULL, SERVER, true, SECCOMM_UNKNOWN_KEY, "rsa-oaep" },
		{ "encrypt:rsa,direction=c2s", NULL, CLIENT, false, SECCOMM_OK, NULL },
		{ "encrypt:rsa,direction=s2c", NULL, SERVER, false, SECCOMM_OK, NULL },
		{ "encrypt:rsa,direction=c2s", NULL, SERVER, false, SECCOMM_UNKNOWN_KEY, "rsa-oaep" },
	};
	const char *const bare_secret[] = { client_secret, server_secret }, *const bare_public[] = { client_public, server_public };
	char own[2][OWN], known[2][KNOWN];

	make_texts(own, known);
	for (size_t i = 0; i < sizeof(lacks) / sizeof(lacks[0]); i++) {
		const struct lack *lack = &lacks[i];
		struct setup setup = { .stack = lack->stack, .key = lack->key, .lab = true,
			.identity = { own[CLIENT], own[SERVER] }, .peer = { known[SERVER], known[CLIENT] } };
		struct seccomm_error error = { 0 };
		struct rig rig;

		if (lack->peers)
			setup.peer[!lack->without] = bare_public[lack->without];
		else
			setup.identity[lack->without] = bare_secret[lack->without];
		rig_make(&rig, *state, &setup);
		assert_int_equal(rig_start(&rig), lack->status);
		if (lack->status == SECCOMM_OK) {
			rig_pump(&rig);
			rig_talk(&rig);
		} else {
			struct end *end = &rig.end[lack->peers ? !lack->without : lack->without];
			struct seccomm_session *none;

			seccomm_session_free(end->session);
			end->session = NULL;
			assert_int_equal(seccomm_open(end->plan, end->keyring, &rig.platform, &end->callbacks, &none, &error), lack->status);
			assert_non_null(strstr(error.text, lack->text));
			assert_non_null(strstr(error.remedy, lack->peers ? "peer add" : "-3072"));
		}
		rig_drop(&rig);
	}
}

/* The server only knows who it is when the client has said so. */
static void a_client_whose_key_is_not_here(void **state)
{
	struct rig rig;
	char own[2][OWN], known[2][KNOWN];

	make_texts(own, known);

	rig_make(&rig, *state, &(struct setup){ .stack = rsa, .lab = true,
	    .identity = { own[CLIENT], own[SERVER] }, .peer = { known[SERVER], client_public } });
	assert_int_equal(rig_start(&rig), SECCOMM_OK);
	rig_pump(&rig);
	rig_refused(&rig, SERVER, SECCOMM_ALERT_UNKNOWN_PEER);
	assert_non_null(strstr(rig.end[SERVER].detail, "rsa-oaep"));
	rig_never_opened(&rig);
	rig_drop(&rig);
}

/* A key file says what the key is for, and two of a kind are one too many. */
static void keys_are_told_apart(void **state)
{
	struct seccomm_keyring *keyring = seccomm_keyring_new(*state);
	struct seccomm_error error = { 0 };
	char text[OWN];

	assert_non_null(keyring);
	snprintf(text, sizeof(text), "%s\n%s%s", client_secret, own_oaep, own_kem);
	assert_int_equal(seccomm_keyring_identity(keyring, "both", text, &error), SECCOMM_OK);
	snprintf(text, sizeof(text), "%s\n%s%s", client_secret, own_kem, own_kem);
	assert_int_equal(seccomm_keyring_identity(keyring, "twice", text, &error), SECCOMM_INVALID);
	assert_non_null(strstr(error.text, "two keys for rsasve"));
	snprintf(text, sizeof(text), "%s\n%s", client_secret, RSA_SECRET("RSA-WHAT"));
	assert_int_equal(seccomm_keyring_identity(keyring, "what", text, &error), SECCOMM_INVALID);
	snprintf(text, sizeof(text), "%s\n%s", client_public, RSA_SECRET("RSA-KEM"));
	assert_int_equal(seccomm_keyring_peer(keyring, "secret", text, &error), SECCOMM_INVALID);
	seccomm_keyring_free(keyring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_missing_key_is_missed_at_once),
		cmocka_unit_test(a_client_whose_key_is_not_here),
		cmocka_unit_test(keys_are_told_apart),
	};

	return cmocka_run_group_tests_name("keys to seal to", tests, rig_library, rig_library_free);
}
