/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kem.c - key encapsulation, RSASVE (NIST SP 800-56B, 7.2.1): a number below the modulus is the secret, and its power what is
 * sent.  OpenSSL opens what it calls RSASVE; it would seal a number of its own, and here that comes from whoever asks.
 */
#include "crypto/keys.h"
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <stdio.h>

/*
 * A number from 2 to N - 2 out of SEED, as in FIPS 186-5, A.2.1: 64 bits more than N has, modulo N - 3, plus 2.  What is off
 * from an even distribution is less than 2^-64.
 */
static int number(struct crypto *crypto, const struct crypto_key *key, const uint8_t seed[CRYPTO_HASH_BYTES], uint8_t *out,
    size_t size)
{
	static const char info[] = "seccomm/1 encapsulated";
	uint8_t wide[CRYPTO_SIGNATURE_MAX + 8];
	BN_CTX *scratch = BN_CTX_secure_new_ex(crypto->context);
	BIGNUM *value = BN_secure_new(), *most = NULL;
	bool made = scratch && value && EVP_PKEY_get_bn_param(key->pkey, OSSL_PKEY_PARAM_RSA_N, &most) == 1 &&
		    BN_sub_word(most, 3) == 1 && crypto_hkdf_expand(crypto, seed, info, sizeof info - 1, wide, size + 8) == 0 &&
		    BN_bin2bn(wide, (int)size + 8, value);

	if (made)
		BN_set_flags(value, BN_FLG_CONSTTIME);
	made = made && BN_mod(value, value, most, scratch) == 1 && BN_add_word(value, 2) == 1 &&
	       BN_bn2binpad(value, out, (int)size) == (int)size;
	crypto_wipe(wide, sizeof wide);
	BN_free(most);
	BN_clear_free(value);
	BN_CTX_free(scratch);
	return made ? 0 : CRYPTO_ERROR;
}

int crypto_kem_encapsulate(struct crypto *crypto, const struct crypto_key *key, const uint8_t seed[CRYPTO_HASH_BYTES],
    uint8_t *sealed, uint8_t *secret)
{
	char padding[] = OSSL_PKEY_RSA_PAD_MODE_NONE;
	const OSSL_PARAM parameters[] = { OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_PAD_MODE, padding, sizeof padding - 1),
		OSSL_PARAM_END };
	const size_t size = crypto_key_signature_bytes(key);
	size_t length = size;
	EVP_PKEY_CTX *context;
	bool good;

	if (key->algorithm->kind != CRYPTO_KEM || size > CRYPTO_SIGNATURE_MAX)
		return CRYPTO_BAD;
	context = EVP_PKEY_CTX_new_from_pkey(crypto->context, key->pkey, NULL);
	good = context && number(crypto, key, seed, secret, size) == 0 && EVP_PKEY_encrypt_init_ex(context, parameters) == 1 &&
	       EVP_PKEY_encrypt(context, sealed, &length, secret, size) == 1 && length == size;
	EVP_PKEY_CTX_free(context);
	crypto_wipe_stack();
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
	char operation[16];
	const OSSL_PARAM parameters[] = { OSSL_PARAM_utf8_string(OSSL_KEM_PARAM_OPERATION, operation, sizeof operation),
		OSSL_PARAM_END };
	const size_t size = crypto_key_signature_bytes(key);
	size_t length = size;
	EVP_PKEY_CTX *context;
	int status = CRYPTO_ERROR;

	if (key->algorithm->kind != CRYPTO_KEM || !key->has_private || sealed_length != size || !in_range(key, sealed, size))
		return crypto_failed(CRYPTO_BAD);
	snprintf(operation, sizeof operation, "%s", key->algorithm->inner);
	context = EVP_PKEY_CTX_new_from_pkey(crypto->context, key->pkey, NULL);
	if (context && EVP_PKEY_decapsulate_init(context, parameters) == 1)
		status = EVP_PKEY_decapsulate(context, secret, &length, sealed, sealed_length) == 1 && length == size ? 0 : CRYPTO_BAD;
	EVP_PKEY_CTX_free(context);
	crypto_wipe_stack();
	if (status)
		crypto_wipe(secret, size);
	return crypto_failed(status);
}
