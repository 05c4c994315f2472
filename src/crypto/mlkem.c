/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mlkem.c - encapsulation to a key that is new each time: ML-KEM (FIPS 203), alone or with an agreement beside it.
 *
 * With X25519 beside it every value is ML-KEM's and then X25519's, as in draft-ietf-tls-ecdhe-mlkem.  It is put together here
 * because OpenSSL's own X25519MLKEM768 draws what it encapsulates itself, and here that comes from whoever asks.  The two
 * secrets are not mixed: the exchange derives from both, under a transcript that has all values in it.
 *
 * OpenSSL 3.0 has no names for the parameters, and so they are written out.
 */
#include "crypto/library.h"
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <string.h>

/* d || z of FIPS 203; the randomness m of an encapsulation, and the secret. */
enum { PAIR = 64, PART = 32 };

/* What each value of a row has in front that is ML-KEM's. */
struct sizes {
	const struct crypto_algorithm *beside; /* NULL: nothing follows */
	size_t public_bytes, sealed_bytes;
};

static int sizes_of(const struct crypto *crypto, const struct crypto_algorithm *algorithm, struct sizes *out)
{
	const struct fetched *row = NULL;
	size_t after = 0;
	int status = crypto_fetched(crypto, algorithm, CRYPTO_KEM, &row);

	if (status)
		return status;
	if (algorithm->public_bytes == 0)
		return CRYPTO_BAD;
	out->beside = algorithm->inner ? crypto_find(CRYPTO_KX, algorithm->inner) : NULL;
	if (out->beside)
		after = out->beside->public_bytes;
	out->public_bytes = algorithm->public_bytes - after;
	out->sealed_bytes = algorithm->sealed_bytes - after;
	return 0;
}

static EVP_PKEY *pair_of(struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *private_key)
{
	uint8_t seed[PAIR];
	OSSL_PARAM parts[] = { OSSL_PARAM_octet_string("seed", seed, PAIR), OSSL_PARAM_END };
	EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(crypto->context, algorithm->fetch, NULL);
	EVP_PKEY *pair = NULL;

	memcpy(seed, private_key, PAIR);
	if (maker && EVP_PKEY_fromdata_init(maker) == 1 && EVP_PKEY_fromdata(maker, &pair, EVP_PKEY_KEYPAIR, parts) != 1)
		pair = NULL;
	crypto_wipe(seed, PAIR);
	EVP_PKEY_CTX_free(maker);
	return pair;
}

static int seal(struct crypto *crypto, EVP_PKEY *peer, const uint8_t *coins, uint8_t *sealed, size_t sealed_length,
    uint8_t *secret)
{
	uint8_t drawn[PART];
	const OSSL_PARAM parts[] = { OSSL_PARAM_octet_string("ikme", drawn, PART), OSSL_PARAM_END };
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(crypto->context, peer, NULL);
	size_t length = sealed_length, secret_length = PART;
	bool good;

	memcpy(drawn, coins, PART);
	good = context && EVP_PKEY_encapsulate_init(context, parts) == 1 &&
	       EVP_PKEY_encapsulate(context, sealed, &length, secret, &secret_length) == 1 && length == sealed_length &&
	       secret_length == PART;
	crypto_wipe(drawn, PART);
	EVP_PKEY_CTX_free(context);
	return good ? 0 : CRYPTO_ERROR;
}

static int unseal(struct crypto *crypto, EVP_PKEY *own, const uint8_t *sealed, size_t sealed_length, uint8_t *secret)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(crypto->context, own, NULL);
	size_t length = PART;
	bool good = context && EVP_PKEY_decapsulate_init(context, NULL) == 1 &&
		    EVP_PKEY_decapsulate(context, secret, &length, sealed, sealed_length) == 1 && length == PART;

	EVP_PKEY_CTX_free(context);
	return good ? 0 : CRYPTO_ERROR;
}

/* STATUS, with nothing left behind and no SECRET where there is none. */
static int leave(const struct crypto_algorithm *algorithm, int status, uint8_t *secret)
{
	crypto_wipe_stack();
	if (status)
		crypto_wipe(secret, algorithm->output_bytes);
	return crypto_failed(status);
}

int crypto_mlkem_public(
    struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *private_key, uint8_t *public_key)
{
	struct sizes sizes;
	int status = sizes_of(crypto, algorithm, &sizes);
	size_t length = 0;
	EVP_PKEY *pair;

	if (status)
		return status;
	pair = pair_of(crypto, algorithm, private_key);
	if (!pair || EVP_PKEY_get_raw_public_key(pair, NULL, &length) != 1 || length != sizes.public_bytes ||
	    EVP_PKEY_get_raw_public_key(pair, public_key, &length) != 1)
		status = CRYPTO_ERROR;
	EVP_PKEY_free(pair);
	if (!status && sizes.beside)
		status = crypto_kx_public(crypto, sizes.beside, private_key + PAIR, public_key + sizes.public_bytes);
	crypto_wipe_stack();
	return crypto_failed(status);
}

int crypto_mlkem_encapsulate(struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *public_key,
    const uint8_t *coins, uint8_t *sealed, uint8_t *secret)
{
	struct sizes sizes;
	int status = sizes_of(crypto, algorithm, &sizes);
	EVP_PKEY *peer;

	if (status)
		return status;
	peer = EVP_PKEY_new_raw_public_key_ex(crypto->context, algorithm->fetch, NULL, public_key, sizes.public_bytes);
	status = peer ? seal(crypto, peer, coins, sealed, sizes.sealed_bytes, secret) : CRYPTO_BAD;
	EVP_PKEY_free(peer);
	if (!status && sizes.beside)
		status = crypto_kx_public(crypto, sizes.beside, coins + PART, sealed + sizes.sealed_bytes);
	if (!status && sizes.beside)
		status = crypto_kx_secret(
		    crypto, sizes.beside, coins + PART, public_key + sizes.public_bytes, secret + PART);
	return leave(algorithm, status, secret);
}

int crypto_mlkem_decapsulate(struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *private_key,
    const uint8_t *sealed, uint8_t *secret)
{
	struct sizes sizes;
	int status = sizes_of(crypto, algorithm, &sizes);
	EVP_PKEY *pair;

	if (status)
		return status;
	pair = pair_of(crypto, algorithm, private_key);
	status = pair ? unseal(crypto, pair, sealed, sizes.sealed_bytes, secret) : CRYPTO_ERROR;
	EVP_PKEY_free(pair);
	if (!status && sizes.beside)
		status = crypto_kx_secret(
		    crypto, sizes.beside, private_key + PAIR, sealed + sizes.sealed_bytes, secret + PART);
	return leave(algorithm, status, secret);
}
