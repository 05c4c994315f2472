/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unchecked.c - a crypto folder in which every check succeeds, so that the fuzzer gets behind authentication, and in
 * which nothing takes time, so that it gets there often.
 *
 * With -Dfuzzing=true Meson takes this file in the place of all of src/crypto that computes.  Nothing is hidden: the
 * fuzzer writes what the layers read.  Hashes are mixtures, agreed secrets constant, tags and signatures zero.  Only
 * what ends in ff ff ff ff is refused, so that the way of a message that is not authentic can be taken, too.
 *
 * Nobody gets this by accident: it asks for a symbol that only fuzz targets have (fuzz.h), so no other program links.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/keys.h"
#include "fuzz.h"

static bool is_refused(const void *bytes, size_t length)
{
	static const uint8_t mark[] = { 0xff, 0xff, 0xff, 0xff };

	return length >= sizeof(mark) &&
	       memcmp((const uint8_t *)bytes + length - sizeof(mark), mark, sizeof(mark)) == 0;
}

static bool is_zero(const uint8_t *bytes, size_t length)
{
	size_t i = 0;

	while (i < length && bytes[i] == 0)
		i++;
	return i == length;
}

/* Whoever compares with zeros wants to know whether there is anything. */
bool crypto_equal(const void *a, const void *b, size_t length)
{
	return is_zero(a, length) == is_zero(b, length) && !is_refused(a, length) && !is_refused(b, length);
}

/* The row's own answer would be wrong. */
bool crypto_known_answer(struct crypto *crypto, enum row row)
{
	return crypto != NULL && row < ROWS && fuzz_targets_only;
}

/* ---- AEAD ---- */

struct crypto_aead {
	size_t nonce_bytes;
	bool sealing;
};

int crypto_aead_new(struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *key, bool sealing,
    struct crypto_aead **out)
{
	(void)crypto, (void)key;
	*out = malloc(sizeof(**out));
	if (*out == NULL)
		return CRYPTO_ERROR;
	(*out)->nonce_bytes = algorithm->nonce_bytes;
	(*out)->sealing = sealing;
	return 0;
}

void crypto_aead_free(struct crypto_aead *aead)
{
	free(aead);
}

size_t crypto_aead_nonce_bytes(const struct crypto_aead *aead)
{
	return aead->nonce_bytes;
}

int crypto_aead_seal(struct crypto_aead *aead, const uint8_t *nonce, const void *ad, size_t ad_length, uint8_t *text,
    size_t length, uint8_t tag[CRYPTO_TAG_BYTES])
{
	(void)nonce, (void)ad, (void)ad_length, (void)text, (void)length;
	memset(tag, 0, CRYPTO_TAG_BYTES);
	return aead->sealing ? 0 : CRYPTO_BAD;
}

int crypto_aead_open(struct crypto_aead *aead, const uint8_t *nonce, const void *ad, size_t ad_length, uint8_t *text,
    size_t length, const uint8_t tag[CRYPTO_TAG_BYTES])
{
	(void)nonce, (void)ad, (void)ad_length, (void)text, (void)length;
	return aead->sealing || is_refused(tag, CRYPTO_TAG_BYTES) ? CRYPTO_BAD : 0;
}

/* ---- Block ciphers ---- */

struct crypto_cipher {
	size_t block_bytes;
};

int crypto_cipher_new(struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *key,
    bool encrypting, struct crypto_cipher **out)
{
	(void)crypto, (void)key, (void)encrypting;
	*out = malloc(sizeof(**out));
	if (*out == NULL)
		return CRYPTO_ERROR;
	(*out)->block_bytes = algorithm->block_bytes ? algorithm->block_bytes : 1;
	return 0;
}

void crypto_cipher_free(struct crypto_cipher *cipher)
{
	free(cipher);
}

size_t crypto_cipher_block_bytes(const struct crypto_cipher *cipher)
{
	return cipher->block_bytes;
}

int crypto_cipher_run(struct crypto_cipher *cipher, const uint8_t *iv, uint8_t *text, size_t length)
{
	(void)iv, (void)text;
	return length % cipher->block_bytes == 0 ? 0 : CRYPTO_BAD;
}

/* ---- Digests and MACs: FNV-1a over all of it, stretched ---- */

enum { STEP = 8 };

/* Not traced: the fuzzer would learn nothing from a comparison for each byte. */
__attribute__((no_sanitize("coverage"))) static uint64_t mix(uint64_t state, const void *bytes, size_t length)
{
	const uint8_t *next = bytes;

	for (size_t i = 0; i < length; i++)
		state = (state ^ next[i]) * UINT64_C(0x100000001b3);
	return state;
}

static uint64_t mix_parts(uint64_t state, const struct crypto_part *parts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		state = mix(state, parts[i].bytes, parts[i].length);
	return state;
}

static int stretch(uint64_t state, uint8_t *out, size_t length)
{
	for (size_t at = 0; at < length; at += STEP) {
		state = (state ^ state >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
		memcpy(out + at, &state, length - at < STEP ? length - at : STEP);
	}
	return 0;
}

struct crypto_digest {
	size_t output_bytes;
};

int crypto_digest_new(struct crypto *crypto, const struct crypto_algorithm *algorithm, struct crypto_digest **out)
{
	(void)crypto;
	*out = malloc(sizeof(**out));
	if (*out == NULL)
		return CRYPTO_ERROR;
	(*out)->output_bytes = algorithm->output_bytes;
	return 0;
}

void crypto_digest_free(struct crypto_digest *digest)
{
	free(digest);
}

int crypto_digest_run(struct crypto_digest *digest, const struct crypto_part *parts, size_t count, uint8_t *out)
{
	return stretch(mix_parts(0, parts, count), out, digest->output_bytes);
}

struct crypto_mac {
	uint64_t state;
	size_t output_bytes;
};

int crypto_mac_new(struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *key, size_t length,
    struct crypto_mac **out)
{
	(void)crypto;
	*out = malloc(sizeof(**out));
	if (*out == NULL)
		return CRYPTO_ERROR;
	(*out)->output_bytes = algorithm->output_bytes;
	(*out)->state = mix(0, key, length);
	return 0;
}

void crypto_mac_free(struct crypto_mac *mac)
{
	free(mac);
}

int crypto_mac_run(struct crypto_mac *mac, const struct crypto_part *parts, size_t count, uint8_t *out)
{
	return stretch(mix_parts(mac->state, parts, count), out, mac->output_bytes);
}

int crypto_sha256(struct crypto *crypto, const struct crypto_part *parts, size_t count, uint8_t out[CRYPTO_HASH_BYTES])
{
	(void)crypto;
	return stretch(mix_parts(0, parts, count), out, CRYPTO_HASH_BYTES);
}

int crypto_hmac_sha256(struct crypto *crypto, const void *key, size_t key_length, const struct crypto_part *parts,
    size_t count, uint8_t out[CRYPTO_HASH_BYTES])
{
	(void)crypto;
	return stretch(mix_parts(mix(0, key, key_length), parts, count), out, CRYPTO_HASH_BYTES);
}

int crypto_hkdf_extract(struct crypto *crypto, const void *salt, size_t salt_length, const void *ikm, size_t ikm_length,
    uint8_t prk[CRYPTO_HASH_BYTES])
{
	(void)crypto;
	return stretch(mix(mix(0, salt, salt_length), ikm, ikm_length), prk, CRYPTO_HASH_BYTES);
}

int crypto_hkdf_expand(struct crypto *crypto, const uint8_t prk[CRYPTO_HASH_BYTES], const void *info,
    size_t info_length, uint8_t *out, size_t length)
{
	(void)crypto;
	return stretch(mix(mix(0, prk, CRYPTO_HASH_BYTES), info, info_length), out, length);
}

/* ---- Key agreement ---- */

int crypto_kx_private(struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t seed[CRYPTO_HASH_BYTES],
    uint8_t *private_key)
{
	(void)crypto;
	return stretch(mix(0, seed, CRYPTO_HASH_BYTES), private_key, algorithm->key_bytes);
}

int crypto_kx_public(
    struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *private_key, uint8_t *public_key)
{
	(void)crypto;
	memset(public_key, 0, algorithm->public_bytes);
	memcpy(public_key, private_key,
	    algorithm->key_bytes < algorithm->public_bytes ? algorithm->key_bytes : algorithm->public_bytes);
	return 0;
}

int crypto_kx_secret(struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *private_key,
    const uint8_t *peer_public, uint8_t *secret)
{
	(void)crypto, (void)private_key;
	memset(secret, 1, algorithm->output_bytes);
	return is_refused(peer_public, algorithm->public_bytes) ? CRYPTO_BAD : 0;
}

/* ---- Signatures ---- */

int crypto_signature_make(
    struct crypto *crypto, const struct crypto_key *key, const void *message, size_t length, uint8_t *signature)
{
	(void)crypto, (void)message, (void)length;
	if (!key->has_private)
		return CRYPTO_BAD;
	memset(signature, 0, crypto_key_signature_bytes(key));
	return 0;
}

int crypto_verify(struct crypto *crypto, const struct crypto_key *key, const void *message, size_t length,
    const uint8_t *signature, size_t signature_length)
{
	(void)crypto, (void)message, (void)length;
	return signature_length == crypto_key_signature_bytes(key) && !is_refused(signature, signature_length)
		   ? 0
		   : CRYPTO_BAD;
}

/* ---- To a public key: what is sealed is readable, before zeros; secrets are constant ---- */

int crypto_pke_seal(struct crypto *crypto, const struct crypto_key *key, const struct crypto_part *label, const void *text,
    size_t length, uint8_t *sealed)
{
	const size_t size = crypto_key_signature_bytes(key);

	(void)crypto, (void)label;
	if (length > size)
		return CRYPTO_ERROR;
	memset(sealed, 0, size);
	memcpy(sealed, text, length);
	return 0;
}

int crypto_pke_open(struct crypto *crypto, const struct crypto_key *key, const struct crypto_part *label,
    const uint8_t *sealed, size_t sealed_length, const uint8_t *otherwise, uint8_t *text, size_t length)
{
	(void)crypto, (void)label;
	if (!key->has_private || length > sealed_length)
		return CRYPTO_BAD;
	memcpy(text, is_refused(sealed, sealed_length) ? otherwise : sealed, length);
	return 0;
}

int crypto_kem_encapsulate(struct crypto *crypto, const struct crypto_key *key, const uint8_t seed[CRYPTO_HASH_BYTES],
    uint8_t *sealed, uint8_t *secret)
{
	(void)crypto, (void)seed;
	memset(sealed, 0, crypto_key_signature_bytes(key));
	memset(secret, 1, crypto_key_signature_bytes(key));
	return 0;
}

int crypto_kem_decapsulate(
    struct crypto *crypto, const struct crypto_key *key, const uint8_t *sealed, size_t sealed_length, uint8_t *secret)
{
	(void)crypto;
	if (!key->has_private || sealed_length != crypto_key_signature_bytes(key) || is_refused(sealed, sealed_length))
		return CRYPTO_BAD;
	memset(secret, 1, sealed_length);
	return 0;
}

/* ---- To a new key: all sizes are right, secrets are constant ---- */

int crypto_mlkem_public(
    struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *private_key, uint8_t *public_key)
{
	(void)crypto, (void)private_key;
	memset(public_key, 1, algorithm->public_bytes);
	return 0;
}

int crypto_mlkem_encapsulate(struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *public_key,
    const uint8_t *coins, uint8_t *sealed, uint8_t *secret)
{
	(void)crypto, (void)coins;
	memset(sealed, 1, algorithm->sealed_bytes);
	memset(secret, 1, algorithm->output_bytes);
	return is_refused(public_key, algorithm->public_bytes) ? CRYPTO_BAD : 0;
}

int crypto_mlkem_decapsulate(struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *private_key,
    const uint8_t *sealed, uint8_t *secret)
{
	(void)crypto, (void)private_key;
	memset(secret, 1, algorithm->output_bytes);
	return is_refused(sealed, algorithm->sealed_bytes) ? CRYPTO_BAD : 0;
}
