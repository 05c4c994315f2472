/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kx.c - key agreement on raw values: curves of RFC 7748, P-256 (SP 800-56A), and the groups of RFC 7919.  Nothing is kept:
 * a handshake uses a private value once.  All numbers are big-endian and of full size, but for RFC 7748's own forms.
 */
#include "crypto/library.h"
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/params.h>
#include <string.h>

/*
 * Never inlined: what a compiler puts by from a register while it copies a secret lies in the function's own frame, and only
 * frames below the caller's are wiped.  gcc does so even with 16 of the 32 bytes of a plain memcpy().
 */
#define APART __attribute__((noinline))

/* How a row's values are made: the provider's name of its group, NULL where the algorithm is the group. */
static const char *group_of(const struct crypto_algorithm *algorithm)
{
	return algorithm->group;
}
static bool is_curve(const struct crypto_algorithm *algorithm)
{
	return strcmp(algorithm->fetch, "EC") == 0;
}

/* ---- Private values ---- */

/*
 * FIPS 186-5, A.2.1: 64 bits more than the order N has, modulo N - 1, plus 1.  What is off from an even distribution is
 * less than 2^-64.
 */
enum { WIDE = 40, EXPONENT = 40 };

static int scalar(struct crypto *crypto, const uint8_t wide[WIDE], uint8_t *private_key, size_t length)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name_ex(crypto->context, NULL, NID_X9_62_prime256v1);
	BN_CTX *scratch = BN_CTX_secure_new_ex(crypto->context);
	BIGNUM *number = BN_secure_new(), *most = group ? BN_dup(EC_GROUP_get0_order(group)) : NULL;
	bool made = scratch && number && most && BN_bin2bn(wide, WIDE, number) && BN_sub_word(most, 1) == 1;

	if (made)
		BN_set_flags(number, BN_FLG_CONSTTIME);
	made = made && BN_mod(number, number, most, scratch) == 1 && BN_add_word(number, 1) == 1 &&
	       BN_bn2binpad(number, private_key, (int)length) == (int)length;
	BN_free(most);
	BN_clear_free(number);
	BN_CTX_free(scratch);
	EC_GROUP_free(group);
	return made ? 0 : crypto_failed(CRYPTO_ERROR);
}

/*
 * Of RFC 7919 an exponent of 320 bits: 225 are enough for 2048 bits and 275 for 3072, and the order is far greater, so that
 * nothing need be rejected (SP 800-56A, 5.6.1.1.3 and 5.6.1.1.4).
 */
static APART int private_value(struct crypto *crypto, const struct crypto_algorithm *algorithm,
    const uint8_t seed[CRYPTO_HASH_BYTES], uint8_t *private_key)
{
	static const char info[] = "seccomm/1 private value";
	const size_t length = algorithm->key_bytes;
	uint8_t wide[CRYPTO_KEY_MAX];
	int status = 0;

	if (length == CRYPTO_HASH_BYTES && !group_of(algorithm)) {
		memcpy(private_key, seed, length);
		return 0;
	}
	if (!group_of(algorithm))
		return crypto_hkdf_expand(crypto, seed, info, sizeof info - 1, private_key, length);
	status = crypto_hkdf_expand(crypto, seed, info, sizeof info - 1, wide, is_curve(algorithm) ? WIDE : EXPONENT);
	if (!status && is_curve(algorithm)) {
		status = scalar(crypto, wide, private_key, length);
	} else if (!status) {
		memset(private_key, 0, length);
		memcpy(private_key + length - EXPONENT, wide, EXPONENT);
	}
	crypto_wipe(wide, sizeof wide);
	return status;
}

int crypto_kx_private(struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t seed[CRYPTO_HASH_BYTES],
    uint8_t *private_key)
{
	int status = private_value(crypto, algorithm, seed, private_key);

	crypto_wipe_stack();
	return status;
}

/* ---- Keys of OpenSSL's ---- */

static EVP_PKEY *from_parts(
    struct crypto *crypto, const struct crypto_algorithm *algorithm, OSSL_PARAM *parts, int selection)
{
	EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(crypto->context, algorithm->fetch, NULL);
	EVP_PKEY *key = NULL;

	if (maker && EVP_PKEY_fromdata_init(maker) == 1 &&
	    EVP_PKEY_fromdata(maker, &key, selection, parts) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(maker);
	return key;
}

/* A private value of a group, without its public one: the agreement does not read that. */
static EVP_PKEY *number_key(struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *private_key)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *number = BN_secure_new();
	OSSL_PARAM *parts = NULL;
	EVP_PKEY *key = NULL;

	if (build && number && BN_bin2bn(private_key, algorithm->key_bytes, number) &&
	    OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, group_of(algorithm), 0) == 1 &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, number) == 1)
		parts = OSSL_PARAM_BLD_to_param(build);
	if (parts)
		key = from_parts(crypto, algorithm, parts, EVP_PKEY_KEYPAIR);
	OSSL_PARAM_free(parts);
	BN_clear_free(number);
	OSSL_PARAM_BLD_free(build);
	return key;
}

/*
 * A private key of RFC 7748 with a public half of zeros, which the agreement does not read: OpenSSL would compute the true
 * one, and that costs as much as the agreement itself.
 */
static EVP_PKEY *half_key(struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *private_key)
{
	uint8_t secret[CRYPTO_KEY_MAX], nothing[CRYPTO_KEY_MAX] = { 0 };
	size_t length = algorithm->key_bytes;
	OSSL_PARAM parts[] = { OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PRIV_KEY, secret, length),
		OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, nothing, length), OSSL_PARAM_END };
	EVP_PKEY *key;

	if (group_of(algorithm))
		return number_key(crypto, algorithm, private_key);
	memcpy(secret, private_key, length);
	key = from_parts(crypto, algorithm, parts, EVP_PKEY_KEYPAIR);
	crypto_wipe(secret, sizeof secret);
	return key;
}

static EVP_PKEY *peer_key(struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *value)
{
	const size_t length = algorithm->public_bytes;
	OSSL_PARAM_BLD *build;
	BIGNUM *number = NULL;
	OSSL_PARAM *parts = NULL;
	EVP_PKEY *key = NULL;
	bool pushed;

	if (!group_of(algorithm))
		return EVP_PKEY_new_raw_public_key_ex(crypto->context, algorithm->fetch, NULL, value, length);
	if (is_curve(algorithm) && value[0] != POINT_CONVERSION_UNCOMPRESSED)
		return NULL;
	build = OSSL_PARAM_BLD_new();
	pushed = build && OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, group_of(algorithm), 0) == 1;
	if (is_curve(algorithm))
		pushed = pushed && OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, value, length) == 1;
	else
		pushed = pushed && (number = BN_bin2bn(value, (int)length, NULL)) != NULL &&
			 OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PUB_KEY, number) == 1;
	if (pushed && (parts = OSSL_PARAM_BLD_to_param(build)) != NULL)
		key = from_parts(crypto, algorithm, parts, EVP_PKEY_PUBLIC_KEY);
	OSSL_PARAM_free(parts);
	BN_free(number);
	OSSL_PARAM_BLD_free(build);
	return key;
}

/* ---- Public values and secrets ---- */

/*
 * Also RFC 7748 6.1: there an all-zero secret comes from a peer value of low order and is no secret; P-256 has one point
 * with x = 0, as good as any other.  A point is on its curve, and a number between 1 and p - 1, or else OpenSSL refuses it:
 * the quick check is all that is needed where the cofactor is 1 or p a safe prime (SP 800-56A, 5.6.2.3).
 */
static int agree(struct crypto *crypto, const struct crypto_algorithm *algorithm, EVP_PKEY *own, EVP_PKEY *peer, uint8_t *secret)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(crypto->context, own, NULL);
	EVP_PKEY_CTX *judge = EVP_PKEY_CTX_new_from_pkey(crypto->context, peer, NULL);
	unsigned full_size = 1;
	const OSSL_PARAM pad[] = { OSSL_PARAM_uint(OSSL_EXCHANGE_PARAM_PAD, &full_size), OSSL_PARAM_END };
	const bool number = group_of(algorithm) && !is_curve(algorithm);
	size_t length = algorithm->output_bytes, got = length;
	uint8_t any = 0;
	int status = CRYPTO_ERROR;

	if (context && judge && EVP_PKEY_derive_init_ex(context, number ? pad : NULL) == 1)
		status = EVP_PKEY_public_check_quick(judge) == 1 && EVP_PKEY_derive_set_peer_ex(context, peer, 0) == 1 &&
				 EVP_PKEY_derive(context, secret, &got) == 1 && got == length
			     ? 0
			     : CRYPTO_BAD;
	for (size_t i = 0; !status && i < length; i++)
		any |= secret[i];
	EVP_PKEY_CTX_free(judge);
	EVP_PKEY_CTX_free(context);
	return !status && any == 0 && !group_of(algorithm) ? CRYPTO_BAD : status;
}

static APART int secret_value(struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *private_key,
    const uint8_t *peer_public, uint8_t *secret)
{
	const struct fetched *row = NULL;
	int status = crypto_fetched(crypto, algorithm, CRYPTO_KX, &row);
	EVP_PKEY *own, *peer;

	if (status)
		return status;
	own = half_key(crypto, algorithm, private_key);
	peer = peer_key(crypto, algorithm, peer_public);
	if (own)
		status = peer ? agree(crypto, algorithm, own, peer, secret) : CRYPTO_BAD;
	else
		status = CRYPTO_ERROR;
	EVP_PKEY_free(peer);
	EVP_PKEY_free(own);
	if (status)
		crypto_wipe(secret, algorithm->output_bytes);
	return crypto_failed(status);
}

int crypto_kx_secret(struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *private_key,
    const uint8_t *peer_public, uint8_t *secret)
{
	int status = secret_value(crypto, algorithm, private_key, peer_public, secret);

	crypto_wipe_stack();
	return status;
}

static int multiply(struct crypto *crypto, const uint8_t *private_key, size_t length, uint8_t *public_key, size_t public_length)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name_ex(crypto->context, NULL, NID_X9_62_prime256v1);
	EC_POINT *point = group ? EC_POINT_new(group) : NULL;
	BIGNUM *number = BN_secure_new();
	bool made = point && number && BN_bin2bn(private_key, (int)length, number) &&
		    EC_POINT_mul(group, point, number, NULL, NULL, NULL) == 1 &&
		    EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, public_key, public_length, NULL) ==
			public_length;

	BN_clear_free(number);
	EC_POINT_free(point);
	EC_GROUP_free(group);
	return made ? 0 : crypto_failed(CRYPTO_ERROR);
}

static APART int public_value(
    struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *private_key, uint8_t *public_key)
{
	const struct fetched *row = NULL;
	size_t length = algorithm->public_bytes;
	int status = crypto_fetched(crypto, algorithm, CRYPTO_KX, &row);
	EVP_PKEY *key;

	if (status)
		return status;
	if (is_curve(algorithm))
		return multiply(crypto, private_key, algorithm->key_bytes, public_key, length);
	if (group_of(algorithm)) {
		/* What is agreed on with a peer whose public value is the generator, 2. */
		uint8_t generator[CRYPTO_SHARE_MAX] = { 0 };

		generator[length - 1] = 2;
		return crypto_kx_secret(crypto, algorithm, private_key, generator, public_key);
	}
	key = EVP_PKEY_new_raw_private_key_ex(crypto->context, algorithm->fetch, NULL, private_key, algorithm->key_bytes);
	if (!key || EVP_PKEY_get_raw_public_key(key, public_key, &length) != 1 || length != algorithm->public_bytes)
		status = crypto_failed(CRYPTO_ERROR);
	EVP_PKEY_free(key);
	return status;
}

int crypto_kx_public(
    struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *private_key, uint8_t *public_key)
{
	int status = public_value(crypto, algorithm, private_key, public_key);

	crypto_wipe_stack();
	return status;
}
