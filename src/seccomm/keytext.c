/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keytext.c - keys as text: made, read, written, and the principals behind them.
 *
 * A secret file holds one word ("scs1..." an Ed25519 seed, "scp1..." a pre-shared secret) and may hold a PEM block
 * behind it for each other algorithm; a peer's holds "sck1..." and public PEM blocks.  Every word is bech32m of
 * type (1) || key (32).
 */
#include <stdio.h>
#include <string.h>

#include "crypto/bech32m.h"
#include "seccomm/keyring.h"
#include "seccomm/plan.h"

enum { KEY = KEYTEXT_BYTES, PAYLOAD = 1 + KEY, PEM_MAX = 8192 };

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
int keytext_read(const char *prefix, unsigned type, const char *text, uint8_t key[KEY], struct seccomm_error *error)
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
	return error_set(error, SECCOMM_INVALID,
	    "copy the whole word; public keys begin with sck1, secret ones with scs1, pre-shared ones with scp1",
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

int keytext_principal(struct crypto *crypto, const uint8_t key[KEY], uint8_t out[CRYPTO_HASH_BYTES])
{
	static const uint8_t type = KEYTEXT_ED25519;
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

int seccomm_key_fingerprint(struct seccomm *library, const char *public_key,
    uint8_t fingerprint[SECCOMM_FINGERPRINT_BYTES], struct seccomm_error *error)
{
	uint8_t key[KEY];
	int status = keytext_read("sck", KEYTEXT_ED25519, public_key, key, error);

	return status != SECCOMM_OK ? status : keytext_principal(library->crypto, key, fingerprint);
}

/* RSA keys for a layer or an exchange have the size that its table states. */
const struct keytext_purpose keytext_purposes[KEYS_EACH] = {
	{ CRYPTO_SIGN, "ed25519", "ed25519", 0 },
	{ CRYPTO_SIGN, "rsa-pss", "rsa-3072", 0 },
	{ CRYPTO_SIGN, "ecdsa-p256", "ecdsa-p256", 0 },
	{ CRYPTO_PKE, "rsa-oaep", "rsa-oaep-3072", 3072 },
	{ CRYPTO_KEM, "rsasve", "rsa-kem-3072", 3072 },
};

const struct keytext_purpose *keytext_purpose(const char *algorithm)
{
	size_t i = 0;

	while (strcmp(keytext_purposes[i].algorithm, algorithm) != 0)
		i++;
	return &keytext_purposes[i];
}

int keytext_pem(
    struct crypto *crypto, const char *text, size_t length, bool secret, size_t *which, struct crypto_key **out)
{
	for (size_t i = 1; i < KEYS_EACH && length <= PEM_MAX; i++) {
		const struct keytext_purpose *purpose = &keytext_purposes[i];
		const struct crypto_algorithm *algorithm = crypto_find(purpose->kind, purpose->algorithm);

		*which = i;
		if ((secret ? crypto_key_private(crypto, algorithm, text, length, out)
			    : crypto_key_public(crypto, algorithm, text, length, out)) != 0)
			continue;
		if (purpose->bits == 0 || crypto_key_bits(*out) == purpose->bits)
			return SECCOMM_OK;
		crypto_key_free(*out);
		*out = NULL;
	}
	return SECCOMM_INVALID;
}

const char *seccomm_key_fault(const struct seccomm *library, const char *text, const char *make)
{
	const char *pem = strstr(text, "-----BEGIN");
	struct crypto_key *key = NULL;
	size_t which;

	if (pem == NULL)
		return "there is no PEM block in it";
	if (keytext_pem(library->crypto, pem, strlen(pem), true, &which, &key) != SECCOMM_OK)
		return "its PEM block is damaged, encrypted, or no private key of a kind that serves here";
	crypto_key_free(key);
	return strcmp(keytext_purposes[which].make, make) == 0 ? NULL : "its PEM block is a private key of another kind";
}

/* ---- Making keys ---- */

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

static int generate_pem(struct crypto *crypto, const struct keytext_purpose *purpose, char *secret, size_t secret_room,
    char *public_key, size_t public_room)
{
	struct crypto_key *key = NULL;
	int status = SECCOMM_FAILED;

	if (secret_room == 0 || public_room == 0)
		return SECCOMM_TOO_LARGE;
	if (crypto_key_generate(crypto, crypto_find(purpose->kind, purpose->algorithm), &key) == 0)
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

	for (size_t i = 1; i < KEYS_EACH; i++)
		if (strcmp(algorithm, keytext_purposes[i].make) == 0)
			return generate_pem(library->crypto, &keytext_purposes[i], secret, secret_room, public_key, public_room);
	if (!psk && strcmp(algorithm, "ed25519") != 0)
		return SECCOMM_INVALID;
	if (public_room == 0)
		return SECCOMM_TOO_LARGE;
	public_key[0] = '\0';
	if (crypto_random(seed, sizeof(seed)) < 0)
		return SECCOMM_FAILED;
	status = write_word(psk ? "scp" : "scs", psk ? KEYTEXT_PSK : KEYTEXT_ED25519, seed, secret, secret_room);
	crypto_wipe(seed, sizeof(seed));
	return status != SECCOMM_OK || psk ? status : seccomm_key_public(library, secret, public_key, public_room);
}

/* A passphrase that can be tried offline has to be long, and each try has to be dear (RFC 9106, section 4). */
static int check_stretch(size_t length, const struct seccomm_stretch *stretch, struct seccomm_error *error)
{
	enum { MEMORY_MIN = 64 * 1024, MEMORY_MAX = 4 * 1024 * 1024, PASSES_MIN = 3, PASSES_MAX = 64 };

	if (length < SECCOMM_PASSPHRASE_MIN || length > SECCOMM_PASSPHRASE_MAX)
		return error_set(error, SECCOMM_INVALID, "use six words or more that dice or a program have chosen",
		    "a passphrase has %d to %d bytes", SECCOMM_PASSPHRASE_MIN, SECCOMM_PASSPHRASE_MAX);
	if (stretch->memory_kib < MEMORY_MIN || stretch->memory_kib > MEMORY_MAX)
		return error_set(error, SECCOMM_INVALID, NULL, "the memory is 64MiB to 4GiB");
	if (stretch->passes < PASSES_MIN || stretch->passes > PASSES_MAX)
		return error_set(error, SECCOMM_INVALID, NULL, "the passes are %d to %d", PASSES_MIN, PASSES_MAX);
	return SECCOMM_OK;
}

int seccomm_key_stretch(struct seccomm *library, const char *passphrase, size_t length,
    const struct seccomm_stretch *stretch, char *secret, size_t room, struct seccomm_error *error)
{
	struct crypto_argon2 cost = { stretch->memory_kib, stretch->passes, { 0 } };
	uint8_t key[KEY];
	int status = check_stretch(length, stretch, error);

	(void)library;
	if (status != SECCOMM_OK)
		return status;
	memcpy(cost.salt, stretch->salt, sizeof(cost.salt));
	status = crypto_argon2id(passphrase, length, &cost, key, KEY);
	if (status == 0)
		status = write_word("scp", KEYTEXT_PSK, key, secret, room);
	else if (status == CRYPTO_ERROR)
		status = error_set(error, SECCOMM_NO_MEMORY, "use less at both ends", "there is not so much memory");
	else
		status = error_set(error, SECCOMM_FAILED, NULL, "libsodium's Argon2id cannot be used");
	crypto_wipe(key, sizeof(key));
	return status;
}

int seccomm_key_public(struct seccomm *library, const char *secret, char *public_key, size_t room)
{
	struct crypto_key *key = NULL;
	uint8_t seed[KEY];
	size_t length = room, which;
	int status = SECCOMM_INVALID;

	if (strncmp(secret, "-----BEGIN", 10) == 0) {
		if (room > 0 && keytext_pem(library->crypto, secret, strlen(secret), true, &which, &key) == SECCOMM_OK) {
			length = room - 1;
			status =
			    crypto_key_export_public(key, public_key, &length) < 0 ? SECCOMM_TOO_LARGE : SECCOMM_OK;
			if (status == SECCOMM_OK)
				public_key[length] = '\0';
		}
	} else if (keytext_read("scs", KEYTEXT_ED25519, secret, seed, NULL) == SECCOMM_OK) {
		uint8_t raw[KEY];

		length = sizeof(raw);
		if (crypto_key_private(library->crypto, crypto_find(CRYPTO_SIGN, "ed25519"), seed, KEY, &key) == 0 &&
		    crypto_key_export_public(key, raw, &length) == 0)
			status = write_word("sck", KEYTEXT_ED25519, raw, public_key, room);
		crypto_wipe(seed, sizeof(seed));
	}
	crypto_key_free(key);
	return status;
}
