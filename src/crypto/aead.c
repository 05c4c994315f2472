/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aead.c - sealing and opening on a kept EVP context, or by libsodium, which wants nothing but the key.  A message costs no
 * allocation and no look-up in OpenSSL; counting messages against the row's limits is left to the caller.
 */
#include "crypto/library.h"
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <sodium/crypto_aead_xchacha20poly1305.h>
#include <stdlib.h>
#include <string.h>

struct crypto_aead {
	EVP_CIPHER_CTX *context; /* NULL: libsodium's */
	uint8_t key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES]; /* libsodium's */
	size_t nonce_bytes;
	bool sealing, spills;
};

int crypto_aead_new(struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *key, bool sealing,
    struct crypto_aead **out)
{
	const struct fetched *row = NULL;
	struct crypto_aead *aead;
	int status = crypto_fetched(crypto, algorithm, CRYPTO_AEAD, &row);

	if (status)
		return status;
	aead = calloc(1, sizeof *aead);
	if (!aead)
		return CRYPTO_ERROR;
	aead->sealing = sealing;
	aead->spills = algorithm->spills;
	aead->nonce_bytes = algorithm->nonce_bytes;
	*out = aead;
	if (!row->cipher) {
		memcpy(aead->key, key, sizeof aead->key);
		return 0;
	}
	aead->context = EVP_CIPHER_CTX_new();
	if (!aead->context || EVP_CipherInit_ex2(aead->context, row->cipher, key, NULL, sealing, NULL) != 1) {
		crypto_aead_free(aead);
		*out = NULL;
		return crypto_failed(CRYPTO_ERROR);
	}
	return 0;
}

void crypto_aead_free(struct crypto_aead *aead)
{
	if (!aead)
		return;
	EVP_CIPHER_CTX_free(aead->context); /* wipes the key */
	crypto_wipe(aead->key, sizeof aead->key);
	free(aead);
}

size_t crypto_aead_nonce_bytes(const struct crypto_aead *aead)
{
	return aead->nonce_bytes;
}

/* EVP counts in int. */
static bool fits(size_t ad_length, size_t length)
{
	return ad_length <= INT_MAX && length <= INT_MAX;
}

/* Authenticates AD, then encrypts or decrypts.  Empty parts are left out: EVP would take a NULL for the end. */
static bool run(EVP_CIPHER_CTX *context, const void *ad, size_t ad_length, uint8_t *text, size_t length)
{
	int done;

	if (ad_length > 0 && EVP_CipherUpdate(context, NULL, &done, ad, (int)ad_length) != 1)
		return false;
	return length == 0 || EVP_CipherUpdate(context, text, &done, text, (int)length) == 1;
}

static int seal(EVP_CIPHER_CTX *context, const uint8_t *nonce, const void *ad, size_t ad_length, uint8_t *text,
    size_t length, uint8_t *tag)
{
	/* Parameters cost less than EVP_CIPHER_CTX_ctrl(), which builds the same ones behind a switch. */
	OSSL_PARAM fetch_tag[] = { OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag, CRYPTO_TAG_BYTES),
		OSSL_PARAM_END };
	uint8_t nothing[CRYPTO_TAG_BYTES];
	int done;

	if (EVP_EncryptInit_ex2(context, NULL, NULL, nonce, NULL) != 1 || !run(context, ad, ad_length, text, length) ||
	    EVP_EncryptFinal_ex(context, nothing, &done) != 1 || EVP_CIPHER_CTX_get_params(context, fetch_tag) != 1)
		return crypto_failed(CRYPTO_ERROR);
	return 0;
}

static int unseal(EVP_CIPHER_CTX *context, const uint8_t *nonce, const void *ad, size_t ad_length, uint8_t *text,
    size_t length, const uint8_t *tag)
{
	uint8_t expected[CRYPTO_TAG_BYTES]; /* a copy, as parameters are not const */
	OSSL_PARAM give_tag[] = { OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, expected, CRYPTO_TAG_BYTES),
		OSSL_PARAM_END };
	uint8_t nothing[CRYPTO_TAG_BYTES];
	int done;

	for (size_t i = 0; i < sizeof expected; i++)
		expected[i] = tag[i];
	if (EVP_DecryptInit_ex2(context, NULL, NULL, nonce, give_tag) != 1 || !run(context, ad, ad_length, text, length))
		return crypto_failed(CRYPTO_ERROR);
	return EVP_DecryptFinal_ex(context, nothing, &done) == 1 ? 0 : crypto_failed(CRYPTO_BAD);
}

/* libsodium wants a text that is somewhere, be it empty. */
static int seal_sodium(const struct crypto_aead *aead, const uint8_t *nonce, const void *ad, size_t ad_length, uint8_t *text,
    size_t length, uint8_t *tag)
{
	uint8_t nothing = 0, *at = text ? text : &nothing;

	return crypto_aead_xchacha20poly1305_ietf_encrypt_detached(
		   at, tag, NULL, at, length, ad, ad_length, NULL, nonce, aead->key) == 0
		   ? 0
		   : CRYPTO_ERROR;
}

static int unseal_sodium(const struct crypto_aead *aead, const uint8_t *nonce, const void *ad, size_t ad_length, uint8_t *text,
    size_t length, const uint8_t *tag)
{
	uint8_t nothing = 0, *at = text ? text : &nothing;

	return crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
		   at, NULL, at, length, tag, ad, ad_length, nonce, aead->key) == 0
		   ? 0
		   : CRYPTO_BAD;
}

int crypto_aead_seal(struct crypto_aead *aead, const uint8_t *nonce, const void *ad, size_t ad_length, uint8_t *text,
    size_t length, uint8_t tag[CRYPTO_TAG_BYTES])
{
	int status;

	if (!aead->sealing || !fits(ad_length, length))
		return CRYPTO_BAD;
	status = aead->context ? seal(aead->context, nonce, ad, ad_length, text, length, tag)
			       : seal_sodium(aead, nonce, ad, ad_length, text, length, tag);
	if (aead->spills)
		crypto_wipe_stack();
	return status;
}

int crypto_aead_open(struct crypto_aead *aead, const uint8_t *nonce, const void *ad, size_t ad_length, uint8_t *text,
    size_t length, const uint8_t tag[CRYPTO_TAG_BYTES])
{
	int status;

	if (aead->sealing || !fits(ad_length, length))
		return CRYPTO_BAD;
	status = aead->context ? unseal(aead->context, nonce, ad, ad_length, text, length, tag)
			       : unseal_sodium(aead, nonce, ad, ad_length, text, length, tag);
	if (aead->spills)
		crypto_wipe_stack();
	return status;
}
