/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyring.h - the keys that a process knows: its identities, its peers, its pre-shared secrets.
 */
#ifndef SECCOMM_KEYRING_H
#define SECCOMM_KEYRING_H

#include "seccomm/library.h"

enum { KEYS_EACH = 5 }; /* as in keytext_purposes */

struct identity {
	struct identity *next;
	char name[SECCOMM_NAME_MAX];
	uint8_t principal[CRYPTO_HASH_BYTES];
	uint8_t public_key[32];
	struct crypto_key *keys[KEYS_EACH];
};
struct peer {
	struct peer *next;
	char name[SECCOMM_NAME_MAX];
	uint8_t principal[CRYPTO_HASH_BYTES];
	uint8_t public_key[32]; /* zero for a pre-shared secret */
	struct crypto_key *keys[KEYS_EACH];
};
struct psk {
	struct psk *next;
	char name[SECCOMM_NAME_MAX];
	uint8_t secret[32];
	struct peer as_peer; /* whoever holds it: principal = HKDF(secret, "id") */
};
struct pad {
	struct pad *next;
	char name[SECCOMM_NAME_MAX];
	enum seccomm_role role;
	struct seccomm_pad pad;
};
struct cover {
	struct cover *next;
	char name[SECCOMM_NAME_MAX];
	struct seccomm_medium medium;
	uint8_t bytes[];
};
struct seccomm_keyring {
	struct seccomm *library;
	struct identity *identities;
	struct peer *peers;
	struct psk *psks;
	struct pad *pads;
	struct cover *covers;
};

/* ---- keytext.c: keys as text ---- */

enum { KEYTEXT_ED25519 = 1, KEYTEXT_PSK = 2, KEYTEXT_BYTES = 32 };
/* Reads the word at the start of TEXT, which must be of PREFIX and TYPE; ERROR (may be NULL) says what is wrong with
 * it. */
int keytext_read(
    const char *prefix, unsigned type, const char *text, uint8_t key[KEYTEXT_BYTES], struct seccomm_error *error);
/* SHA-256(type (1) || public key). */
int keytext_principal(struct crypto *, const uint8_t key[KEYTEXT_BYTES], uint8_t out[CRYPTO_HASH_BYTES]);
/* What a participant has keys for: Ed25519, and then what is PEM text. */
struct keytext_purpose {
	enum crypto_kind kind;
	const char *algorithm, *make; /* MAKE: what seccomm_key_generate() calls such a key */
	unsigned bits; /* that it must have; 0: any that the algorithm allows */
};
extern const struct keytext_purpose keytext_purposes[KEYS_EACH];
/* The purpose of ALGORITHM, which one of them is. */
const struct keytext_purpose *keytext_purpose(const char *algorithm);
/* The key in the LENGTH bytes of TEXT, one PEM block, and *WHICH of keytext_purposes it is for. */
int keytext_pem(struct crypto *, const char *text, size_t length, bool secret, size_t *which, struct crypto_key **out);

/* ---- keyring.c ---- */

const struct identity *keyring_identity(const struct seccomm_keyring *, const char *name);
const struct peer *keyring_peer_by_principal(
    const struct seccomm_keyring *, const uint8_t principal[CRYPTO_HASH_BYTES]);
const struct psk *keyring_psk(const struct seccomm_keyring *, const char *name);
const struct seccomm_pad *keyring_pad(const struct seccomm_keyring *, const char *name, enum seccomm_role role);
const struct seccomm_medium *keyring_cover(const struct seccomm_keyring *, const char *name);
/* A name for an entry; ERROR says why it is none. */
int keyring_check_name(const char *name, struct seccomm_error *error);

/* The key for ALGORITHM, of keytext_purposes, or NULL. */
struct crypto_key *keyring_key(struct crypto_key *const keys[KEYS_EACH], const char *algorithm);

/* ---- cover.c ---- */

void keyring_free_covers(struct seccomm_keyring *);

#endif
