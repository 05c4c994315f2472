/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyring.c - keys as text, and the lists of those a process knows.
 *
 * A secret file holds one word ("scs1..." an Ed25519 seed, "scp1..." a pre-shared secret) and may hold PEM blocks behind it; a
 * peer's holds "sck1..." and public PEM blocks.  Every word is bech32m of type (1) || key (32).
 */
#include "seccomm/keyring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/bech32m.h"

enum { TYPE_ED25519 = 1, TYPE_PSK = 2, KEY = 32, PAYLOAD = 1 + KEY, PEM_MAX = 8192 };

static const char *const signing[KEYS_EACH] = { "ed25519", "rsa-pss" };

struct crypto_key *keyring_key(struct crypto_key *const keys[KEYS_EACH], const char *algorithm)
{
	for (size_t i = 0; i < KEYS_EACH; i++)
		if (strcmp(signing[i], algorithm) == 0)
			return keys[i];
	return NULL;
}

/* ---- Words ------------------------------------------------------------------------------------------------------------ */

static const char *word_problem(int status)
{
	switch (status) {
	case BECH32M_BAD_PREFIX:
		return "it has another prefix";
	case BECH32M_BAD_LENGTH:
		return "it is too short or too long";
	case BECH32M_BAD_CHECKSUM:
		return "its checksum is wrong: a character was mistyped or left out";
	default:
		return "it has a character that no key has";
	}
}

/* Reads the word at the start of TEXT, which must be of PREFIX and TYPE. */
static int read_word(const char *prefix, unsigned type, const char *text, uint8_t key[KEY], struct seccomm_error *error)
{
	char word[BECH32M_TEXT_MAX] = "";
	uint8_t payload[PAYLOAD] = { 0 };
	size_t start = strspn(text, " \t\r\n"), length = strcspn(text + start, " \t\r\n"), at = 0;
	int status = BECH32M_BAD_LENGTH;

	if (length > 0 && length < sizeof(word)) {
		memcpy(word, text + start, length);
		status = bech32m_read(prefix, word, payload, PAYLOAD, &at);
	}
	crypto_wipe(word, sizeof(word));
	if (status == BECH32M_OK && payload[0] != type)
		status = BECH32M_BAD_PREFIX;
	if (status == BECH32M_OK)
		memcpy(key, payload + 1, KEY);
	crypto_wipe(payload, sizeof(payload));
	if (status == BECH32M_OK)
		return SECCOMM_OK;
	return error_set(error, SECCOMM_INVALID, "copy the whole word; public keys begin with sck1, secret ones with scs1, pre-shared ones with scp1",
	    "this is not a %s1 key: %s (near character %zu)", prefix, word_problem(status), at + 1);
}

static int write_word(const char *prefix, unsigned type, const uint8_t key[KEY], char *out, size_t room)
{
	uint8_t payload[PAYLOAD] = { (uint8_t)type };
	char text[BECH32M_TEXT_MAX];
	int status = SECCOMM_TOO_LARGE;

	memcpy(payload + 1, key, KEY);
	if (bech32m_write(prefix, payload, PAYLOAD, text) == BECH32M_OK && strlen(text) < room) {
		memcpy(out, text, strlen(text) + 1);
		status = SECCOMM_OK;
	}
	crypto_wipe(payload, sizeof(payload));
	crypto_wipe(text, sizeof(text));
	return status;
}

static int principal_of(struct crypto *crypto, const uint8_t key[KEY], uint8_t out[CRYPTO_HASH_BYTES])
{
	static const uint8_t type = TYPE_ED25519;
	const struct crypto_part parts[] = { { &type, 1 }, { key, KEY } };

	return crypto_sha256(crypto, parts, 2, out) < 0 ? SECCOMM_FAILED : SECCOMM_OK;
}

void seccomm_fingerprint_text(const uint8_t fingerprint[SECCOMM_FINGERPRINT_BYTES], char out[SECCOMM_FINGERPRINT_TEXT])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits = 0;
	unsigned held = 0;
	char *at = out + snprintf(out, SECCOMM_FINGERPRINT_TEXT, "SHA256:");

	for (size_t i = 0; i < SECCOMM_FINGERPRINT_BYTES; i++) {
		bits = bits << 8 | fingerprint[i];
		for (held += 8; held >= 6; held -= 6)
			*at++ = digits[bits >> (held - 6) & 63];
	}
	*at++ = digits[bits << (6 - held) & 63];
	*at = '\0';
}

int seccomm_key_fingerprint(struct seccomm *library, const char *public_key, uint8_t fingerprint[SECCOMM_FINGERPRINT_BYTES],
    struct seccomm_error *error)
{
	uint8_t key[KEY];
	int status = read_word("sck", TYPE_ED25519, public_key, key, error);

	return status != SECCOMM_OK ? status : principal_of(library->crypto, key, fingerprint);
}

/* ---- Making keys ------------------------------------------------------------------------------------------------------- */

static int export_pair(struct crypto_key *key, char *secret, size_t secret_room, char *public_key, size_t public_room)
{
	size_t secret_length = secret_room - 1, public_length = public_room - 1;

	if (crypto_key_export_private(key, secret, &secret_length) < 0 ||
	    crypto_key_export_public(key, public_key, &public_length) < 0)
		return SECCOMM_TOO_LARGE;
	secret[secret_length] = '\0';
	public_key[public_length] = '\0';
	return SECCOMM_OK;
}

static int generate_rsa(struct crypto *crypto, char *secret, size_t secret_room, char *public_key, size_t public_room)
{
	struct crypto_key *key = NULL;
	int status = SECCOMM_FAILED;

	if (secret_room == 0 || public_room == 0)
		return SECCOMM_TOO_LARGE;
	if (crypto_key_generate(crypto, crypto_find(CRYPTO_SIGN, "rsa-pss"), &key) == 0)
		status = export_pair(key, secret, secret_room, public_key, public_room);
	crypto_key_free(key);
	return status;
}

int seccomm_key_generate(struct seccomm *library, const char *algorithm, char *secret, size_t secret_room,
    char *public_key, size_t public_room)
{
	bool psk = strcmp(algorithm, "psk") == 0;
	uint8_t seed[KEY];
	int status;

	if (strcmp(algorithm, "rsa-3072") == 0)
		return generate_rsa(library->crypto, secret, secret_room, public_key, public_room);
	if (!psk && strcmp(algorithm, "ed25519") != 0)
		return SECCOMM_INVALID;
	if (public_room == 0)
		return SECCOMM_TOO_LARGE;
	public_key[0] = '\0';
	if (crypto_random(seed, sizeof(seed)) < 0)
		return SECCOMM_FAILED;
	status = write_word(psk ? "scp" : "scs", psk ? TYPE_PSK : TYPE_ED25519, seed, secret, secret_room);
	crypto_wipe(seed, sizeof(seed));
	return status != SECCOMM_OK || psk ? status : seccomm_key_public(library, secret, public_key, public_room);
}

static int load_pem(struct crypto *, const char *text, bool secret, struct crypto_key **out);

int seccomm_key_public(struct seccomm *library, const char *secret, char *public_key, size_t room)
{
	struct crypto_key *key = NULL;
	uint8_t seed[KEY];
	size_t length = room;
	int status = SECCOMM_INVALID;

	if (strncmp(secret, "-----BEGIN", 10) == 0) {
		if (room > 0 && load_pem(library->crypto, secret, true, &key) == SECCOMM_OK) {
			length = room - 1;
			status = crypto_key_export_public(key, public_key, &length) < 0 ? SECCOMM_TOO_LARGE : SECCOMM_OK;
			if (status == SECCOMM_OK)
				public_key[length] = '\0';
		}
	} else if (read_word("scs", TYPE_ED25519, secret, seed, NULL) == SECCOMM_OK) {
		uint8_t raw[KEY];

		length = sizeof(raw);
		if (crypto_key_private(library->crypto, crypto_find(CRYPTO_SIGN, "ed25519"), seed, KEY, &key) == 0 &&
		    crypto_key_export_public(key, raw, &length) == 0)
			status = write_word("sck", TYPE_ED25519, raw, public_key, room);
		crypto_wipe(seed, sizeof(seed));
	}
	crypto_key_free(key);
	return status;
}

/* ---- The keyring ---------------------------------------------------------------------------------------------------------- */

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
	free(keyring);
}

const struct identity *keyring_identity(const struct seccomm_keyring *keyring, const char *name)
{
	const struct identity *identity = keyring->identities;

	while (identity != NULL && strcmp(identity->name, name) != 0)
		identity = identity->next;
	return identity;
}

const struct peer *keyring_peer(const struct seccomm_keyring *keyring, const char *name)
{
	const struct peer *peer = keyring->peers;

	while (peer != NULL && strcmp(peer->name, name) != 0)
		peer = peer->next;
	return peer;
}

const struct peer *keyring_peer_by_principal(const struct seccomm_keyring *keyring, const uint8_t principal[CRYPTO_HASH_BYTES])
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

static int check_name(const char *name, struct seccomm_error *error)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t length = strlen(name);

	if (length > 0 && length < SECCOMM_NAME_MAX && strspn(name, good) == length && name[0] != '.' && name[0] != '-')
		return SECCOMM_OK;
	return error_set(error, SECCOMM_INVALID, "use 1 to 63 of a-z A-Z 0-9 . _ - and begin with a letter or digit", "this is not a name");
}

/* The one PEM block that TEXT may hold. */
static int load_pem(struct crypto *crypto, const char *text, bool secret, struct crypto_key **out)
{
	const struct crypto_algorithm *rsa = crypto_find(CRYPTO_SIGN, "rsa-pss");
	size_t length = strnlen(text, PEM_MAX + 1);
	int status;

	if (length > PEM_MAX)
		return SECCOMM_INVALID;
	status = secret ? crypto_key_private(crypto, rsa, text, length, out) : crypto_key_public(crypto, rsa, text, length, out);
	return status < 0 ? SECCOMM_INVALID : SECCOMM_OK;
}

static int add_pem(struct seccomm_keyring *keyring, const char *text, bool secret, struct crypto_key *keys[KEYS_EACH],
    struct seccomm_error *error)
{
	const char *pem = strstr(text, "-----BEGIN");

	if (pem == NULL)
		return SECCOMM_OK;
	if (load_pem(keyring->library->crypto, pem, secret, &keys[1]) == SECCOMM_OK)
		return SECCOMM_OK;
	return error_set(error, SECCOMM_INVALID, "make it with `seccomm key gen NAME --algorithm rsa-3072`",
	    "the PEM block is not an RSA %s key of 2048 bits or more", secret ? "private" : "public");
}

int seccomm_keyring_identity(struct seccomm_keyring *keyring, const char *name, const char *text, struct seccomm_error *error)
{
	struct crypto *crypto = keyring->library->crypto;
	struct identity *identity;
	uint8_t seed[KEY];
	size_t length = KEY;
	int status = check_name(name, error);

	if (status == SECCOMM_OK && keyring_identity(keyring, name) != NULL)
		status = error_set(error, SECCOMM_INVALID, NULL, "there is an identity '%s' already", name);
	if (status == SECCOMM_OK)
		status = read_word("scs", TYPE_ED25519, text, seed, error);
	if (status != SECCOMM_OK)
		return status;
	identity = calloc(1, sizeof(*identity));
	if (identity == NULL) {
		status = error_set(error, SECCOMM_NO_MEMORY, NULL, "out of memory");
		goto wipe_seed;
	}
	snprintf(identity->name, sizeof(identity->name), "%s", name);
	if (crypto_key_private(crypto, crypto_find(CRYPTO_SIGN, signing[0]), seed, KEY, &identity->keys[0]) < 0 ||
	    crypto_key_export_public(identity->keys[0], identity->public_key, &length) < 0)
		status = error_set(error, SECCOMM_FAILED, NULL, "the key of identity '%s' could not be loaded", name);
	if (status == SECCOMM_OK)
		status = principal_of(crypto, identity->public_key, identity->principal);
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

int seccomm_keyring_peer(struct seccomm_keyring *keyring, const char *name, const char *text, struct seccomm_error *error)
{
	struct crypto *crypto = keyring->library->crypto;
	struct peer *peer, **last = &keyring->peers;
	int status = check_name(name, error);

	if (status == SECCOMM_OK && keyring_peer(keyring, name) != NULL)
		status = error_set(error, SECCOMM_INVALID, NULL, "there is a peer '%s' already", name);
	if (status != SECCOMM_OK)
		return status;
	peer = calloc(1, sizeof(*peer));
	if (peer == NULL)
		return error_set(error, SECCOMM_NO_MEMORY, NULL, "out of memory");
	snprintf(peer->name, sizeof(peer->name), "%s", name);
	status = read_word("sck", TYPE_ED25519, text, peer->public_key, error);
	if (status == SECCOMM_OK && (status = principal_of(crypto, peer->public_key, peer->principal)) == SECCOMM_OK &&
	    keyring_peer_by_principal(keyring, peer->principal) != NULL)
		status = error_set(error, SECCOMM_INVALID, "give each peer a key of its own", "the key of '%s' is peer '%s' already", name,
		    keyring_peer_by_principal(keyring, peer->principal)->name);
	if (status == SECCOMM_OK &&
	    crypto_key_public(crypto, crypto_find(CRYPTO_SIGN, signing[0]), peer->public_key, KEY, &peer->keys[0]) < 0)
		status = error_set(error, SECCOMM_INVALID, NULL, "the key of peer '%s' is not a point of the curve", name);
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

int seccomm_keyring_psk(struct seccomm_keyring *keyring, const char *name, const char *text, struct seccomm_error *error)
{
	struct crypto *crypto = keyring->library->crypto;
	uint8_t prk[CRYPTO_HASH_BYTES];
	struct psk *psk;
	int status = check_name(name, error);

	if (status == SECCOMM_OK && keyring_psk(keyring, name) != NULL)
		status = error_set(error, SECCOMM_INVALID, NULL, "there is a pre-shared secret '%s' already", name);
	if (status != SECCOMM_OK)
		return status;
	psk = calloc(1, sizeof(*psk));
	if (psk == NULL)
		return error_set(error, SECCOMM_NO_MEMORY, NULL, "out of memory");
	status = read_word("scp", TYPE_PSK, text, psk->secret, error);
	if (status == SECCOMM_OK && (crypto_hkdf_extract(crypto, "seccomm/1", 9, psk->secret, KEY, prk) < 0 ||
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
