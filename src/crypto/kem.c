/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kem.c - key encapsulation by the provider's name of it: RSASVE (NIST SP 800-56B, 7.2.1), in which a random number below the
 * modulus is the secret, and its power what is sent.
 */
#include "crypto/keys.h"
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <stdio.h>

/* A context for KEY that has its operation; NULL: there is none. */
static EVP_PKEY_CTX *start(struct crypto *crypto, const struct crypto_key *key, bool sealing)
{
	char operation[16];
	const OSSL_PARAM parameters[] = { OSSL_PARAM_utf8_string(OSSL_KEM_PARAM_OPERATION, operation, sizeof operation),
		OSSL_PARAM_END };
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(crypto->context, key->pkey, NULL);

	snprintf(operation, sizeof operation, "%s", key->algorithm->inner);
	if (context && (sealing ? EVP_PKEY_encapsulate_init(context, parameters)
				: EVP_PKEY_decapsulate_init(context, parameters)) == 1)
		return context;
	EVP_PKEY_CTX_free(context);
	return NULL;
}

int crypto_kem_encapsulate(struct crypto *crypto, const struct crypto_key *key, uint8_t *sealed, uint8_t *secret)
{
	const size_t size = crypto_key_signature_bytes(key);
	size_t length = size, secret_length = size;
	EVP_PKEY_CTX *context;
	bool good;

	if (key->algorithm->kind != CRYPTO_KEM)
		return CRYPTO_BAD;
	context = start(crypto, key, true);
	good = context && EVP_PKEY_encapsulate(context, sealed, &length, secret, &secret_length) == 1 && length == size &&
	       secret_length == size;
	EVP_PKEY_CTX_free(context);
	if (good)
		return 0;
	crypto_wipe(secret, size);
	return crypto_failed(CRYPTO_ERROR);
}

/* SP 800-56B, 7.1.2.1: a ciphertext is a number from 2 to n - 2; of 0, 1 and n - 1 everybody knows the secret. */
static bool in_range(const struct crypto_key *key, const uint8_t *sealed, size_t length)
{
	BIGNUM *number = BN_bin2bn(sealed, (int)length, NULL), *most = NULL;
	bool good = number && EVP_PKEY_get_bn_param(key->pkey, OSSL_PKEY_PARAM_RSA_N, &most) == 1 && BN_sub_word(most, 1) == 1 &&
		    !BN_is_zero(number) && !BN_is_one(number) && BN_cmp(number, most) < 0;

	BN_free(most);
	BN_free(number);
	return good;
}

int crypto_kem_decapsulate(
    struct crypto *crypto, const struct crypto_key *key, const uint8_t *sealed, size_t sealed_length, uint8_t *secret)
{
	const size_t size = crypto_key_signature_bytes(key);
	size_t length = size;
	EVP_PKEY_CTX *context;
	int status = CRYPTO_ERROR;

	if (key->algorithm->kind != CRYPTO_KEM || !key->has_private || sealed_length != size || !in_range(key, sealed, size))
		return crypto_failed(CRYPTO_BAD);
	context = start(crypto, key, false);
	if (context)
		status = EVP_PKEY_decapsulate(context, secret, &length, sealed, sealed_length) == 1 && length == size ? 0 : CRYPTO_BAD;
	EVP_PKEY_CTX_free(context);
	if (status)
		crypto_wipe(secret, size);
	return crypto_failed(status);
}
