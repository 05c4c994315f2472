/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kx.c - key agreement on raw keys.  Nothing is kept: a handshake uses a private value once.
 */
#include "crypto/library.h"
#include <openssl/core_names.h>
#include <openssl/params.h>

enum { MOST_BYTES = 64 };

int crypto_kx_public(
    struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *private_key, uint8_t *public_key)
{
	const struct fetched *row = NULL;
	size_t length = algorithm->key_bytes;
	int status = crypto_fetched(crypto, algorithm, CRYPTO_KX, &row);
	EVP_PKEY *key;

	if (status)
		return status;
	key = EVP_PKEY_new_raw_private_key_ex(crypto->context, algorithm->fetch, NULL, private_key, length);
	if (!key || EVP_PKEY_get_raw_public_key(key, public_key, &length) != 1 || length != algorithm->key_bytes)
		status = crypto_failed(CRYPTO_ERROR);
	EVP_PKEY_free(key);
	return status;
}

/*
 * A private key with a public half of zeros, which the agreement does not read: OpenSSL would compute the true one, and
 * that costs as much as the agreement itself.
 */
static EVP_PKEY *half_key(struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *private_key)
{
	uint8_t secret[MOST_BYTES], nothing[MOST_BYTES] = { 0 };
	size_t length = algorithm->key_bytes;
	OSSL_PARAM parts[] = { OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PRIV_KEY, secret, length),
		OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, nothing, length), OSSL_PARAM_END };
	EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(crypto->context, algorithm->fetch, NULL);
	EVP_PKEY *key = NULL;

	for (size_t i = 0; i < length; i++)
		secret[i] = private_key[i];
	if (maker && EVP_PKEY_fromdata_init(maker) == 1 && EVP_PKEY_fromdata(maker, &key, EVP_PKEY_KEYPAIR, parts) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(maker);
	crypto_wipe(secret, sizeof secret);
	return key;
}

/* Also RFC 7748 6.1: an all-zero secret comes from a peer value of low order and is no secret. */
static int agree(struct crypto *crypto, EVP_PKEY *own, EVP_PKEY *peer, uint8_t *secret, size_t length)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(crypto->context, own, NULL);
	size_t got = length;
	uint8_t any = 0;
	int status = CRYPTO_ERROR;

	if (context && EVP_PKEY_derive_init(context) == 1)
		status = EVP_PKEY_derive_set_peer(context, peer) == 1 && EVP_PKEY_derive(context, secret, &got) == 1 &&
				 got == length
			     ? 0
			     : CRYPTO_BAD;
	for (size_t i = 0; !status && i < length; i++)
		any |= secret[i];
	EVP_PKEY_CTX_free(context);
	return !status && any == 0 ? CRYPTO_BAD : status;
}

int crypto_kx_secret(struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *private_key,
    const uint8_t *peer_public, uint8_t *secret)
{
	const struct fetched *row = NULL;
	int status = crypto_fetched(crypto, algorithm, CRYPTO_KX, &row);
	EVP_PKEY *own, *peer;

	if (status)
		return status;
	own = half_key(crypto, algorithm, private_key);
	peer =
	    EVP_PKEY_new_raw_public_key_ex(crypto->context, algorithm->fetch, NULL, peer_public, algorithm->key_bytes);
	status = own && peer ? agree(crypto, own, peer, secret, algorithm->output_bytes) : CRYPTO_ERROR;
	EVP_PKEY_free(peer);
	EVP_PKEY_free(own);
	if (status) {
		crypto_wipe(secret, algorithm->output_bytes);
		crypto_failed(status);
	}
	return status;
}
