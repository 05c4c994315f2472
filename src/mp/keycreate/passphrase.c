/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Creates keys from a passphrase and the platform's generator together: who knows one of the two knows no key.
 *
 * Argon2id (RFC 9106) has made a secret of the passphrase before, once, in `seccomm key passphrase`: here it would be work
 * that any stranger could ask a server for.  Key = HKDF-SHA-256 of that secret with 32 random bytes as salt, which are kept
 * nowhere: neither two sessions nor two epochs get the same key, and a key says nothing about the passphrase.
 */
#include "keycreate.h"

enum { SECRET = 32, FRESH = 32 };

struct passphrase {
	struct seccomm_self self;
	const char *secret; /* its name in the keyring */
	uint8_t fresh[FRESH]; /* while a key is created */
};

static enum cactus_verdict create(void *self, void *argument)
{
	struct passphrase *passphrase = self;
	struct seccomm_key_request *request = argument;
	uint8_t secret[SECRET];
	const struct seccomm_part salt = { passphrase->fresh, FRESH }, from = { secret, SECRET };

	request->made = seccomm_random(self, passphrase->fresh, FRESH) >= 0 && seccomm_predefined(self, passphrase->secret, secret) >= 0 &&
			seccomm_derive(self, &salt, &from, "key", request->key, request->length) >= 0;
	seccomm_wipe(secret, sizeof(secret));
	seccomm_wipe(passphrase->fresh, FRESH);
	return request->made ? CACTUS_NEXT : CACTUS_STOP;
}

const struct seccomm_mp mp_create_passphrase = {
	.cactus = {
		.name = "create:passphrase",
		.summary = "creates keys from the platform's random numbers and a secret that a passphrase was made into",
		.size = sizeof(struct passphrase),
		.params = (const struct cactus_param[]){
			{ .name = "secret", .doc = "Name of the secret in this end's keyring: seccomm key passphrase NAME.",
			    .at = CACTUS_AT(struct passphrase, secret), .kind = CACTUS_TEXT, .required = true, .local = true },
			{ 0 } },
		.provides = KEYCREATE_PROVIDES,
		.events = KEYCREATE_EVENTS(create),
	},
	.layer = "create",
	.word = "passphrase",
	.class_of = SECCOMM_KEY_CREATION,
	.standing = SECCOMM_MODERN,
	.quantum = true,
	.revision = 1,
};
