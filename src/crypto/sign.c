/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sign.c - signing and verifying.  Keys come from keys.c.
 */
#include "crypto/keys.h"
#include <openssl/core_names.h>
#include <openssl/ec.h>
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
	const char *hash = rsa || crypto_key_is_ecdsa(key->algorithm) ? digest : NULL;
	const OSSL_PARAM *parameters = rsa ? pss : NULL;

	if (signing)
		return EVP_DigestSignInit_ex(context, NULL, hash, crypto->context, NULL, key->pkey, parameters) == 1;
	return EVP_DigestVerifyInit_ex(context, NULL, hash, crypto->context, NULL, key->pkey, parameters) == 1;
}

/* ---- ECDSA: OpenSSL has DER of varying size, the wire r (32) || s (32) (IEEE P1363) ---- */

enum { NUMBER = 32, DER_MAX = 80 };

static bool from_der(const uint8_t *der, size_t length, uint8_t numbers[2 * NUMBER])
{
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)length);
	bool good = pair && BN_bn2binpad(ECDSA_SIG_get0_r(pair), numbers, NUMBER) == NUMBER &&
		    BN_bn2binpad(ECDSA_SIG_get0_s(pair), numbers + NUMBER, NUMBER) == NUMBER;

	ECDSA_SIG_free(pair);
	return good;
}

/* 0: no memory. */
static size_t to_der(const uint8_t numbers[2 * NUMBER], uint8_t der[DER_MAX])
{
	ECDSA_SIG *pair = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(numbers, NUMBER, NULL), *s = BN_bin2bn(numbers + NUMBER, NUMBER, NULL);
	int length = 0;

	if (pair && r && s && ECDSA_SIG_set0(pair, r, s) == 1) {
		r = s = NULL; /* the pair's now */
		length = i2d_ECDSA_SIG(pair, &der);
	}
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(pair);
	return length > 0 ? (size_t)length : 0;
}

int crypto_signature_make(
    struct crypto *crypto, const struct crypto_key *key, const void *message, size_t length, uint8_t *signature)
{
	const bool ecdsa = crypto_key_is_ecdsa(key->algorithm);
	size_t size = ecdsa ? DER_MAX : crypto_key_signature_bytes(key);
	uint8_t der[DER_MAX];
	EVP_MD_CTX *context;
	bool good;

	if (key->algorithm->kind != CRYPTO_SIGN || !key->has_private)
		return CRYPTO_BAD;
	context = EVP_MD_CTX_new();
	good = context && start(crypto, context, key, true) &&
	       EVP_DigestSign(context, ecdsa ? der : signature, &size, message, length) == 1 &&
	       (ecdsa ? from_der(der, size, signature) : size == crypto_key_signature_bytes(key));
	EVP_MD_CTX_free(context);
	return good ? 0 : crypto_failed(CRYPTO_ERROR);
}

int crypto_verify(struct crypto *crypto, const struct crypto_key *key, const void *message, size_t length,
    const uint8_t *signature, size_t signature_length)
{
	uint8_t der[DER_MAX];
	EVP_MD_CTX *context;
	int status = CRYPTO_ERROR;

	/* OpenSSL takes an RSA signature without its leading zeros, RFC 8017 8.1.2 does not. */
	if (key->algorithm->kind != CRYPTO_SIGN || signature_length != crypto_key_signature_bytes(key))
		return CRYPTO_BAD;
	if (crypto_key_is_ecdsa(key->algorithm)) {
		signature_length = to_der(signature, der);
		signature = der;
	}
	context = signature_length > 0 ? EVP_MD_CTX_new() : NULL;
	if (context && start(crypto, context, key, false))
		status = EVP_DigestVerify(context, signature, signature_length, message, length) == 1 ? 0 : CRYPTO_BAD;
	EVP_MD_CTX_free(context);
	return status ? crypto_failed(status) : 0;
}
