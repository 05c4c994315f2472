/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyring.c - the identities, peers and pre-shared secrets that a process knows.
 */
#include "seccomm/keyring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY = KEYTEXT_BYTES };
static const char pem_begin[] = "-----BEGIN";

struct crypto_key *keyring_key(struct crypto_key *const keys[KEYS_EACH], const char *algorithm)
{
	for (size_t i = 0; i < KEYS_EACH; i++)
		if (strcmp(keytext_purposes[i].algorithm, algorithm) == 0)
			return keys[i];
	return NULL;
}

struct seccomm_keyring *seccomm_keyring_new(struct seccomm *library)
{
	struct seccomm_keyring *keyring = calloc(1, sizeof(*keyring));

	if (keyring != NULL)
		keyring->library = library;
	return keyring;
}

static void free_keys(struct crypto_key *keys[KEYS_EACH])
{
	for (size_t i = 0; i < KEYS_EACH; i++)
		crypto_key_free(keys[i]);
}

void seccomm_keyring_free(struct seccomm_keyring *keyring)
{
	if (keyring == NULL)
		return;
	for (struct identity *i = keyring->identities, *next; i != NULL; i = next) {
		next = i->next;
		free_keys(i->keys);
		free(i);
	}
	for (struct peer *p = keyring->peers, *next; p != NULL; p = next) {
		next = p->next;
		free_keys(p->keys);
		free(p);
	}
	for (struct psk *p = keyring->psks, *next; p != NULL; p = next) {
		next = p->next;
		crypto_wipe(p, sizeof(*p));
		free(p);
	}
	for (struct pad *p = keyring->pads, *next; p != NULL; p = next) {
		next = p->next;
		free(p);
	}
	keyring_free_covers(keyring);
	free(keyring);
}

const struct identity *keyring_identity(const struct seccomm_keyring *keyring, const char *name)
{
	const struct identity *identity = keyring->identities;

	while (identity != NULL && strcmp(identity->name, name) != 0)
		identity = identity->next;
	return identity;
}

static const struct peer *find_peer(const struct seccomm_keyring *keyring, const char *name)
{
	const struct peer *peer = keyring->peers;

	while (peer != NULL && strcmp(peer->name, name) != 0)
		peer = peer->next;
	return peer;
}

const struct peer *keyring_peer_by_principal(
    const struct seccomm_keyring *keyring, const uint8_t principal[CRYPTO_HASH_BYTES])
{
	const struct peer *peer = keyring->peers;

	while (peer != NULL && memcmp(peer->principal, principal, CRYPTO_HASH_BYTES) != 0)
		peer = peer->next;
	return peer;
}

const struct psk *keyring_psk(const struct seccomm_keyring *keyring, const char *name)
{
	const struct psk *psk = keyring->psks;

	while (psk != NULL && strcmp(psk->name, name) != 0)
		psk = psk->next;
	return psk;
}

const struct seccomm_pad *keyring_pad(const struct seccomm_keyring *keyring, const char *name, enum seccomm_role role)
{
	const struct pad *pad = keyring->pads;

	while (pad != NULL && (pad->role != role || strcmp(pad->name, name) != 0))
		pad = pad->next;
	return pad != NULL ? &pad->pad : NULL;
}

int keyring_check_name(const char *name, struct seccomm_error *error)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t length = strlen(name);

	if (length > 0 && length < SECCOMM_NAME_MAX && strspn(name, good) == length && name[0] != '.' && name[0] != '-')
		return SECCOMM_OK;
	return error_set(error, SECCOMM_INVALID, "use 1 to 63 of a-z A-Z 0-9 . _ - and begin with a letter or digit",
	    "this is not a name");
}

/* Every PEM block of TEXT: one key of each kind. */
static int add_pem(struct seccomm_keyring *keyring, const char *text, bool secret, struct crypto_key *keys[KEYS_EACH],
    struct seccomm_error *error)
{
	const char *next;

	for (const char *pem = strstr(text, pem_begin); pem != NULL; pem = next) {
		struct crypto_key *key = NULL;
		size_t which;

		next = strstr(pem + 1, pem_begin);
		if (keytext_pem(keyring->library->crypto, pem, next != NULL ? (size_t)(next - pem) : strlen(pem), secret,
			&which, &key) != SECCOMM_OK)
			return error_set(error, SECCOMM_INVALID,
			    "make it with `seccomm key gen NAME --algorithm rsa-3072`, ecdsa-p256, rsa-oaep-3072 or rsa-kem-3072",
			    "the PEM block is no %s key of P-256, of RSA with 2048 bits or more and an exponent of 65537 or more, or of RSA-OAEP or RSA-KEM with 3072",
			    secret ? "private" : "public");
		if (keys[which] != NULL) {
			crypto_key_free(key);
			return error_set(error, SECCOMM_INVALID, "leave one of them out", "there are two keys for %s",
			    keytext_purposes[which].algorithm);
		}
		keys[which] = key;
	}
	return SECCOMM_OK;
}

int seccomm_keyring_identity(
    struct seccomm_keyring *keyring, const char *name, const char *text, struct seccomm_error *error)
{
	struct crypto *crypto = keyring->library->crypto;
	struct identity *identity;
	uint8_t seed[KEY];
	size_t length = KEY;
	int status = keyring_check_name(name, error);

	if (status == SECCOMM_OK && keyring_identity(keyring, name) != NULL)
		status = error_set(error, SECCOMM_INVALID, NULL, "there is an identity '%s' already", name);
	if (status == SECCOMM_OK)
		status = keytext_read("scs", KEYTEXT_ED25519, text, seed, error);
	if (status != SECCOMM_OK)
		return status;
	identity = calloc(1, sizeof(*identity));
	if (identity == NULL) {
		status = error_set(error, SECCOMM_NO_MEMORY, NULL, "out of memory");
		goto wipe_seed;
	}
	snprintf(identity->name, sizeof(identity->name), "%s", name);
	if (crypto_key_private(crypto, crypto_find(CRYPTO_SIGN, "ed25519"), seed, KEY, &identity->keys[0]) < 0 ||
	    crypto_key_export_public(identity->keys[0], identity->public_key, &length) < 0)
		status = error_set(error, SECCOMM_FAILED, NULL, "the key of identity '%s' could not be loaded", name);
	if (status == SECCOMM_OK)
		status = keytext_principal(crypto, identity->public_key, identity->principal);
	if (status == SECCOMM_OK)
		status = add_pem(keyring, text, true, identity->keys, error);
	if (status == SECCOMM_OK) {
		identity->next = keyring->identities;
		keyring->identities = identity;
	} else {
		free_keys(identity->keys);
		free(identity);
	}
wipe_seed:
	crypto_wipe(seed, sizeof(seed));
	return status;
}

int seccomm_keyring_peer(
    struct seccomm_keyring *keyring, const char *name, const char *text, struct seccomm_error *error)
{
	struct crypto *crypto = keyring->library->crypto;
	struct peer *peer, **last = &keyring->peers;
	int status = keyring_check_name(name, error);

	if (status == SECCOMM_OK && find_peer(keyring, name) != NULL)
		status = error_set(error, SECCOMM_INVALID, NULL, "there is a peer '%s' already", name);
	if (status != SECCOMM_OK)
		return status;
	peer = calloc(1, sizeof(*peer));
	if (peer == NULL)
		return error_set(error, SECCOMM_NO_MEMORY, NULL, "out of memory");
	snprintf(peer->name, sizeof(peer->name), "%s", name);
	status = keytext_read("sck", KEYTEXT_ED25519, text, peer->public_key, error);
	if (status == SECCOMM_OK &&
	    (status = keytext_principal(crypto, peer->public_key, peer->principal)) == SECCOMM_OK &&
	    keyring_peer_by_principal(keyring, peer->principal) != NULL)
		status = error_set(error, SECCOMM_INVALID, "give each peer a key of its own",
		    "the key of '%s' is peer '%s' already", name,
		    keyring_peer_by_principal(keyring, peer->principal)->name);
	if (status == SECCOMM_OK &&
	    crypto_key_public(crypto, crypto_find(CRYPTO_SIGN, "ed25519"), peer->public_key, KEY, &peer->keys[0]) < 0)
		status =
		    error_set(error, SECCOMM_INVALID, NULL, "the key of peer '%s' is not a point of the curve", name);
	if (status == SECCOMM_OK)
		status = add_pem(keyring, text, false, peer->keys, error);
	if (status != SECCOMM_OK) {
		free_keys(peer->keys);
		free(peer);
		return status;
	}
	while (*last != NULL)
		last = &(*last)->next;
	*last = peer;
	return SECCOMM_OK;
}

int seccomm_keyring_psk(
    struct seccomm_keyring *keyring, const char *name, const char *text, struct seccomm_error *error)
{
	struct crypto *crypto = keyring->library->crypto;
	uint8_t prk[CRYPTO_HASH_BYTES];
	struct psk *psk;
	int status = keyring_check_name(name, error);

	if (status == SECCOMM_OK && keyring_psk(keyring, name) != NULL)
		status = error_set(error, SECCOMM_INVALID, NULL, "there is a pre-shared secret '%s' already", name);
	if (status != SECCOMM_OK)
		return status;
	psk = calloc(1, sizeof(*psk));
	if (psk == NULL)
		return error_set(error, SECCOMM_NO_MEMORY, NULL, "out of memory");
	status = keytext_read("scp", KEYTEXT_PSK, text, psk->secret, error);
	if (status == SECCOMM_OK &&
	    (crypto_hkdf_extract(crypto, "seccomm/1", 9, psk->secret, KEY, prk) < 0 ||
		crypto_hkdf_expand(crypto, prk, "id", 2, psk->as_peer.principal, CRYPTO_HASH_BYTES) < 0))
		status = error_set(error, SECCOMM_FAILED, NULL, "the pre-shared secret could not be loaded");
	crypto_wipe(prk, sizeof(prk));
	if (status != SECCOMM_OK) {
		crypto_wipe(psk, sizeof(*psk));
		free(psk);
		return status;
	}
	snprintf(psk->name, sizeof(psk->name), "%s", name);
	snprintf(psk->as_peer.name, sizeof(psk->as_peer.name), "%s", name);
	memcpy(psk->as_peer.public_key, psk->as_peer.principal, KEY);
	psk->next = keyring->psks;
	keyring->psks = psk;
	return SECCOMM_OK;
}

int seccomm_keyring_pad(struct seccomm_keyring *keyring, const char *name, enum seccomm_role role,
    const struct seccomm_pad *source, struct seccomm_error *error)
{
	struct pad *pad;
	int status = keyring_check_name(name, error);

	if (status == SECCOMM_OK && keyring_pad(keyring, name, role) != NULL)
		status = error_set(error, SECCOMM_INVALID, NULL, "there is a pad '%s' already", name);
	if (status != SECCOMM_OK)
		return status;
	pad = calloc(1, sizeof(*pad));
	if (pad == NULL)
		return error_set(error, SECCOMM_NO_MEMORY, NULL, "out of memory");
	snprintf(pad->name, sizeof(pad->name), "%s", name);
	pad->role = role;
	pad->pad = *source;
	pad->next = keyring->pads;
	keyring->pads = pad;
	return SECCOMM_OK;
}
