/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cipher.c - cipher modes on a kept EVP context, without padding; and the DES keys that must not be used.
 */
#include "crypto/library.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { DES_BYTES = 8 };

struct crypto_cipher {
	EVP_CIPHER_CTX *context;
	size_t block_bytes; /* 1: any length */
	bool spills;
};

/* FIPS 74 3.6: four keys for which encrypting twice gives the text back, and six pairs that undo each other. */
static const uint8_t weak[][DES_BYTES] = {
	{ 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01 },
	{ 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe },
	{ 0x1f, 0x1f, 0x1f, 0x1f, 0x0e, 0x0e, 0x0e, 0x0e },
	{ 0xe0, 0xe0, 0xe0, 0xe0, 0xf1, 0xf1, 0xf1, 0xf1 },
	{ 0x01, 0xfe, 0x01, 0xfe, 0x01, 0xfe, 0x01, 0xfe },
	{ 0xfe, 0x01, 0xfe, 0x01, 0xfe, 0x01, 0xfe, 0x01 },
	{ 0x1f, 0xe0, 0x1f, 0xe0, 0x0e, 0xf1, 0x0e, 0xf1 },
	{ 0xe0, 0x1f, 0xe0, 0x1f, 0xf1, 0x0e, 0xf1, 0x0e },
	{ 0x01, 0xe0, 0x01, 0xe0, 0x01, 0xf1, 0x01, 0xf1 },
	{ 0xe0, 0x01, 0xe0, 0x01, 0xf1, 0x01, 0xf1, 0x01 },
	{ 0x1f, 0xfe, 0x1f, 0xfe, 0x0e, 0xfe, 0x0e, 0xfe },
	{ 0xfe, 0x1f, 0xfe, 0x1f, 0xfe, 0x0e, 0xfe, 0x0e },
	{ 0x01, 0x1f, 0x01, 0x1f, 0x01, 0x0e, 0x01, 0x0e },
	{ 0x1f, 0x01, 0x1f, 0x01, 0x0e, 0x01, 0x0e, 0x01 },
	{ 0xe0, 0xfe, 0xe0, 0xfe, 0xf1, 0xfe, 0xf1, 0xfe },
	{ 0xfe, 0xe0, 0xfe, 0xe0, 0xfe, 0xf1, 0xfe, 0xf1 },
};

/* The lowest bit of a byte is parity and not part of the key.  Time does not tell how far two keys agree. */
static bool same_key(const uint8_t a[DES_BYTES], const uint8_t b[DES_BYTES])
{
	unsigned differs = 0;

	for (size_t i = 0; i < DES_BYTES; i++)
		differs |= (unsigned)((a[i] ^ b[i]) & 0xfe);
	return differs == 0;
}

static bool is_weak(const uint8_t key[DES_BYTES])
{
	unsigned found = 0;

	for (size_t i = 0; i < sizeof weak / sizeof *weak; i++)
		found |= (unsigned)same_key(key, weak[i]);
	return found != 0;
}

/* SP 800-67r2 3.3.2 for three keys: no weak one among them, and no two that are equal, which would undo each other. */
static bool has_weak_key(const struct crypto_algorithm *algorithm, const uint8_t *key)
{
	if (strncmp(algorithm->name, "des-", 4) == 0)
		return is_weak(key);
	if (strncmp(algorithm->name, "3des-", 5) != 0)
		return false;
	return is_weak(key) || is_weak(key + DES_BYTES) || is_weak(key + 2 * DES_BYTES) ||
	       same_key(key, key + DES_BYTES) || same_key(key + DES_BYTES, key + 2 * DES_BYTES);
}

int crypto_cipher_new(struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *key,
    bool encrypting, struct crypto_cipher **out)
{
	const struct fetched *row = NULL;
	struct crypto_cipher *cipher;
	int status = crypto_fetched(crypto, algorithm, CRYPTO_CIPHER, &row);

	if (status)
		return status;
	if (has_weak_key(algorithm, key))
		return CRYPTO_BAD;
	cipher = calloc(1, sizeof *cipher);
	if (!cipher)
		return CRYPTO_ERROR;
	cipher->block_bytes = algorithm->block_bytes ? algorithm->block_bytes : 1;
	cipher->spills = algorithm->spills;
	cipher->context = EVP_CIPHER_CTX_new();
	if (!cipher->context || EVP_CipherInit_ex2(cipher->context, row->cipher, key, NULL, encrypting, NULL) != 1 ||
	    EVP_CIPHER_CTX_set_padding(cipher->context, 0) != 1) {
		crypto_cipher_free(cipher);
		return crypto_failed(CRYPTO_ERROR);
	}
	*out = cipher;
	return 0;
}

void crypto_cipher_free(struct crypto_cipher *cipher)
{
	if (!cipher)
		return;
	EVP_CIPHER_CTX_free(cipher->context);
	free(cipher);
}

size_t crypto_cipher_block_bytes(const struct crypto_cipher *cipher)
{
	return cipher->block_bytes;
}

static int run(EVP_CIPHER_CTX *context, const uint8_t *iv, uint8_t *text, size_t length)
{
	int done = 0;

	if (EVP_CipherInit_ex2(context, NULL, NULL, iv, -1, NULL) != 1)
		return crypto_failed(CRYPTO_ERROR);
	/* Without padding all comes out at once, and nothing is left for a final call. */
	if (length > 0 && (EVP_CipherUpdate(context, text, &done, text, (int)length) != 1 || (size_t)done != length))
		return crypto_failed(CRYPTO_ERROR);
	return 0;
}

int crypto_cipher_run(struct crypto_cipher *cipher, const uint8_t *iv, uint8_t *text, size_t length)
{
	int status;

	if (length > INT_MAX || length % cipher->block_bytes != 0)
		return CRYPTO_BAD;
	status = run(cipher->context, iv, text, length);
	if (cipher->spills)
		crypto_wipe_stack();
	return status;
}
