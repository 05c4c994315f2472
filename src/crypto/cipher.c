/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cipher.c - block cipher modes on a kept EVP context, without padding; and the DES keys that must not be used.
 */
#include "crypto/library.h"
#include <limits.h>
#include <stdlib.h>

enum { DES_BYTES = 8 };

struct crypto_cipher {
	EVP_CIPHER_CTX *context;
	size_t block_bytes;
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

/* The lowest bit of a byte is parity and not part of the key.  Time does not tell how far a key agrees. */
static bool is_weak(const uint8_t key[DES_BYTES])
{
	unsigned found = 0;

	for (size_t i = 0; i < sizeof weak / sizeof *weak; i++) {
		unsigned differs = 0;

		for (size_t j = 0; j < DES_BYTES; j++)
			differs |= (unsigned)((key[j] ^ weak[i][j]) & 0xfe);
		found |= (unsigned)(differs == 0);
	}
	return found != 0;
}

int crypto_cipher_new(struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *key,
    bool encrypting, struct crypto_cipher **out)
{
	const struct fetched *row = NULL;
	struct crypto_cipher *cipher;
	int status = crypto_fetched(crypto, algorithm, CRYPTO_CIPHER, &row);

	if (status)
		return status;
	if (row == &crypto->rows[ROW_DES_CBC] && is_weak(key))
		return CRYPTO_BAD;
	cipher = calloc(1, sizeof *cipher);
	if (!cipher)
		return CRYPTO_ERROR;
	cipher->block_bytes = algorithm->block_bytes;
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

int crypto_cipher_run(struct crypto_cipher *cipher, const uint8_t *iv, uint8_t *text, size_t length)
{
	int done = 0;

	if (length > INT_MAX || length % cipher->block_bytes != 0)
		return CRYPTO_BAD;
	if (EVP_CipherInit_ex2(cipher->context, NULL, NULL, iv, -1, NULL) != 1)
		return crypto_failed(CRYPTO_ERROR);
	/* Without padding all blocks come out at once, and nothing is left for a final call. */
	if (length > 0 &&
	    (EVP_CipherUpdate(cipher->context, text, &done, text, (int)length) != 1 || (size_t)done != length))
		return crypto_failed(CRYPTO_ERROR);
	return 0;
}
