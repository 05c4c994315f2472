/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pke.c - encryption of a short text to a public key: RSAES-OAEP (RFC 8017, 7.1) with SHA-256 for hash and mask.
 */
#include "crypto/keys.h"
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <string.h>

/* A context for KEY with its padding; NULL: there is none. */
static EVP_PKEY_CTX *start(
    struct crypto *crypto, const struct crypto_key *key, const struct crypto_part *label, bool sealing)
{
	char padding[] = OSSL_PKEY_RSA_PAD_MODE_OAEP, digest[] = "SHA2-256";
	OSSL_PARAM parameters[] = { OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_PAD_MODE, padding, sizeof padding - 1),
		OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST, digest, sizeof digest - 1),
		OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST, digest, sizeof digest - 1), OSSL_PARAM_END,
		OSSL_PARAM_END };
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(crypto->context, key->pkey, NULL);

	if (label->length > 0) /* OpenSSL copies it */
		parameters[3] = OSSL_PARAM_construct_octet_string(
		    OSSL_ASYM_CIPHER_PARAM_OAEP_LABEL, (void *)(uintptr_t)label->bytes, label->length);
	if (context &&
	    (sealing ? EVP_PKEY_encrypt_init_ex(context, parameters) : EVP_PKEY_decrypt_init_ex(context, parameters)) == 1)
		return context;
	EVP_PKEY_CTX_free(context);
	return NULL;
}

int crypto_pke_seal(struct crypto *crypto, const struct crypto_key *key, const struct crypto_part *label, const void *text,
    size_t length, uint8_t *sealed)
{
	const size_t size = crypto_key_signature_bytes(key);
	size_t got = size;
	EVP_PKEY_CTX *context;
	bool good;

	if (key->algorithm->kind != CRYPTO_PKE)
		return CRYPTO_BAD;
	context = start(crypto, key, label, true);
	good = context && EVP_PKEY_encrypt(context, sealed, &got, text, length) == 1 && got == size;
	EVP_PKEY_CTX_free(context);
	return good ? 0 : crypto_failed(CRYPTO_ERROR);
}

/* OpenSSL undoes the padding in constant time and without a branch, to the last line: the answer is used likewise. */
int crypto_pke_open(struct crypto *crypto, const struct crypto_key *key, const struct crypto_part *label,
    const uint8_t *sealed, size_t sealed_length, const uint8_t *otherwise, uint8_t *text, size_t length)
{
	uint8_t room[CRYPTO_SIGNATURE_MAX] = { 0 };
	size_t got = sizeof room;
	EVP_PKEY_CTX *context;
	unsigned good;

	if (key->algorithm->kind != CRYPTO_PKE || !key->has_private || length > sizeof room)
		return CRYPTO_BAD;
	/* How long it is everybody has seen; OpenSSL takes one without its leading zeros, RFC 8017 7.1.2 does not. */
	if (sealed_length != crypto_key_signature_bytes(key)) {
		memcpy(text, otherwise, length);
		return 0;
	}
	context = start(crypto, key, label, false);
	if (!context)
		return crypto_failed(CRYPTO_ERROR);
	good = EVP_PKEY_decrypt(context, room, &got, sealed, sealed_length) == 1;
	good &= got == length;
	for (size_t i = 0; i < length; i++)
		text[i] = (uint8_t)((room[i] & (0 - good)) | (otherwise[i] & (good - 1)));
	EVP_PKEY_CTX_free(context);
	crypto_wipe(room, sizeof room);
	return crypto_failed(0);
}
