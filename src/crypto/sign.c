/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sign.c - signing and verifying.  Keys come from keys.c.
 */
#include "crypto/keys.h"
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

/* RSASSA-PSS as in TLS 1.3: SHA-256 for message and mask, a salt of exactly one hash.  Verifying asks for that length,
 * too. */
static bool start(struct crypto *crypto, EVP_MD_CTX *context, const struct crypto_key *key, bool signing)
{
	char padding[] = OSSL_PKEY_RSA_PAD_MODE_PSS, digest[] = "SHA2-256";
	int salt = CRYPTO_HASH_BYTES;
	const OSSL_PARAM pss[] = { OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, padding, sizeof padding - 1),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, digest, sizeof digest - 1),
		OSSL_PARAM_int(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, &salt), OSSL_PARAM_END };
	bool rsa = crypto_key_is_rsa(key->algorithm);
	const char *hash = rsa ? digest : NULL;
	const OSSL_PARAM *parameters = rsa ? pss : NULL;

	if (signing)
		return EVP_DigestSignInit_ex(context, NULL, hash, crypto->context, NULL, key->pkey, parameters) == 1;
	return EVP_DigestVerifyInit_ex(context, NULL, hash, crypto->context, NULL, key->pkey, parameters) == 1;
}

int crypto_sign(
    struct crypto *crypto, const struct crypto_key *key, const void *message, size_t length, uint8_t *signature)
{
	size_t size = crypto_key_signature_bytes(key);
	EVP_MD_CTX *context;
	bool good;

	if (!key->has_private)
		return CRYPTO_BAD;
	context = EVP_MD_CTX_new();
	good = context && start(crypto, context, key, true) &&
	       EVP_DigestSign(context, signature, &size, message, length) == 1 &&
	       size == crypto_key_signature_bytes(key);
	EVP_MD_CTX_free(context);
	return good ? 0 : crypto_failed(CRYPTO_ERROR);
}

int crypto_verify(struct crypto *crypto, const struct crypto_key *key, const void *message, size_t length,
    const uint8_t *signature, size_t signature_length)
{
	EVP_MD_CTX *context;
	int status = CRYPTO_ERROR;

	/* OpenSSL takes an RSA signature without its leading zeros, RFC 8017 8.1.2 does not. */
	if (signature_length != crypto_key_signature_bytes(key))
		return CRYPTO_BAD;
	context = EVP_MD_CTX_new();
	if (context && start(crypto, context, key, false))
		status = EVP_DigestVerify(context, signature, signature_length, message, length) == 1 ? 0 : CRYPTO_BAD;
	EVP_MD_CTX_free(context);
	return status ? crypto_failed(status) : 0;
}
