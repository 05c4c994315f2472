/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys.c - key pairs made, and in and out: raw bytes for Ed25519, PEM text for RSA and ECDSA.  What is in a PEM block goes
 * through OpenSSL's decoder, which never asks a terminal for a passphrase, unlike the older PEM calls for keys.
 */
#include "crypto/keys.h"
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/encoder.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RSA_BITS = 3072, RSA_LEAST_BITS = 2048, RSA_MOST_BITS = 8 * CRYPTO_SIGNATURE_MAX };

/* RSA keys are of any size. */
bool crypto_key_is_rsa(const struct crypto_algorithm *algorithm)
{
	return strcmp(algorithm->fetch, "RSA") == 0;
}

bool crypto_key_is_ecdsa(const struct crypto_algorithm *algorithm)
{
	return algorithm->kind == CRYPTO_SIGN && algorithm->group != NULL;
}

static bool has_keys(const struct crypto_algorithm *algorithm)
{
	return algorithm->kind == CRYPTO_SIGN || algorithm->kind == CRYPTO_PKE ||
	       (algorithm->kind == CRYPTO_KEM && algorithm->public_bytes == 0);
}

/* Such a key is text; the row has no raw key. */
static bool is_text(const struct crypto_algorithm *algorithm)
{
	return has_keys(algorithm) && algorithm->key_bytes == 0;
}

static int usable(const struct crypto *crypto, const struct crypto_algorithm *algorithm)
{
	const struct fetched *row = NULL;

	return has_keys(algorithm) ? crypto_fetched(crypto, algorithm, algorithm->kind, &row) : CRYPTO_BAD;
}

/* FIPS 186-5, A.1.1, and SP 800-56B, 6.2: more than 2^16. */
static bool has_good_exponent(const EVP_PKEY *pkey)
{
	BIGNUM *exponent = NULL;
	bool good = EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1 && BN_num_bits(exponent) > 16;

	BN_free(exponent);
	return good;
}

/* RSA by its size, a point by its curve. */
static bool is_allowed(const struct crypto_algorithm *algorithm, const EVP_PKEY *pkey)
{
	int bits = EVP_PKEY_get_bits(pkey);
	char curve[32] = "";

	if (crypto_key_is_rsa(algorithm))
		return bits >= RSA_LEAST_BITS && bits <= RSA_MOST_BITS && has_good_exponent(pkey);
	if (!crypto_key_is_ecdsa(algorithm))
		return true;
	return EVP_PKEY_get_group_name(pkey, curve, sizeof curve, NULL) == 1 && strcmp(curve, SN_X9_62_prime256v1) == 0;
}

int crypto_key_wrap(const struct crypto_algorithm *algorithm, EVP_PKEY *pkey, bool has_private, struct crypto_key **out)
{
	struct crypto_key *key;

	if (!is_allowed(algorithm, pkey)) {
		EVP_PKEY_free(pkey);
		return CRYPTO_BAD;
	}
	key = malloc(sizeof *key);
	if (!key) {
		EVP_PKEY_free(pkey);
		return CRYPTO_ERROR;
	}
	*key = (struct crypto_key){ algorithm, pkey, has_private };
	*out = key;
	return 0;
}

void crypto_key_free(struct crypto_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->pkey);
	free(key);
}

const struct crypto_algorithm *crypto_key_algorithm(const struct crypto_key *key)
{
	return key->algorithm;
}

size_t crypto_key_signature_bytes(const struct crypto_key *key)
{
	/* What OpenSSL makes of ECDSA is longer, and of no fixed size; sign.c has the numbers only. */
	return crypto_key_is_ecdsa(key->algorithm) ? key->algorithm->output_bytes : (size_t)EVP_PKEY_get_size(key->pkey);
}

unsigned crypto_key_bits(const struct crypto_key *key)
{
	return is_text(key->algorithm) ? (unsigned)EVP_PKEY_get_bits(key->pkey) : 8U * key->algorithm->key_bytes;
}

int crypto_key_generate(struct crypto *crypto, const struct crypto_algorithm *algorithm, struct crypto_key **out)
{
	int status = usable(crypto, algorithm);
	EVP_PKEY *pkey;

	if (status)
		return status;
	if (crypto_key_is_rsa(algorithm))
		pkey = EVP_PKEY_Q_keygen(crypto->context, NULL, algorithm->fetch, (size_t)RSA_BITS);
	else if (crypto_key_is_ecdsa(algorithm))
		pkey = EVP_PKEY_Q_keygen(crypto->context, NULL, algorithm->fetch, algorithm->group);
	else
		pkey = EVP_PKEY_Q_keygen(crypto->context, NULL, algorithm->fetch);
	if (!pkey)
		return crypto_failed(CRYPTO_ERROR);
	return crypto_key_wrap(algorithm, pkey, true, out);
}

/* "RSA-OAEP PRIVATE KEY": no key serves for two purposes because somebody took the wrong file. */
enum { TITLE = 48 };
static const char *title(const struct crypto_algorithm *algorithm, bool private, char out[TITLE])
{
	snprintf(out, TITLE, "%s%s%s KEY", algorithm->label ? algorithm->label : "", algorithm->label ? " " : "",
	    private ? "PRIVATE" : "PUBLIC");
	return out;
}

static EVP_PKEY *from_der(struct crypto *crypto, const char *type, const uint8_t *der, size_t length, bool private)
{
	EVP_PKEY *pkey = NULL;
	OSSL_DECODER_CTX *decoder =
	    OSSL_DECODER_CTX_new_for_pkey(&pkey, "DER", private ? "PrivateKeyInfo" : "SubjectPublicKeyInfo", type,
		private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, crypto->context, NULL);

	if (decoder && OSSL_DECODER_from_data(decoder, &der, &length) != 1)
		pkey = NULL;
	OSSL_DECODER_CTX_free(decoder);
	return pkey;
}

/* What the first PEM block says, if it has the row's title; NULL: it does not.  Secure: every copy on the way is wiped. */
static EVP_PKEY *from_pem(
    struct crypto *crypto, const struct crypto_algorithm *algorithm, const void *text, size_t length, bool private)
{
	BIO *bio = length <= INT_MAX ? BIO_new_mem_buf(text, (int)length) : NULL;
	char *name = NULL, *header = NULL, wanted[TITLE];
	unsigned char *der = NULL;
	EVP_PKEY *pkey = NULL;
	long size = 0;

	if (bio && PEM_read_bio_ex(bio, &name, &header, &der, &size, PEM_FLAG_SECURE) == 1 && !*header &&
	    strcmp(name, title(algorithm, private, wanted)) == 0)
		pkey = from_der(crypto, algorithm->fetch, der, (size_t)size, private);
	OPENSSL_secure_free(name);
	OPENSSL_secure_free(header);
	OPENSSL_secure_clear_free(der, (size_t)size);
	BIO_free(bio);
	return pkey;
}

static EVP_PKEY *from_raw(
    struct crypto *crypto, const struct crypto_algorithm *algorithm, const void *bytes, size_t length, bool private)
{
	if (length != algorithm->key_bytes)
		return NULL;
	return private ? EVP_PKEY_new_raw_private_key_ex(crypto->context, algorithm->fetch, NULL, bytes, length)
		       : EVP_PKEY_new_raw_public_key_ex(crypto->context, algorithm->fetch, NULL, bytes, length);
}

static int load(struct crypto *crypto, const struct crypto_algorithm *algorithm, const void *bytes, size_t length,
    bool private, struct crypto_key **out)
{
	int status = usable(crypto, algorithm);
	EVP_PKEY *pkey;

	if (status)
		return status;
	pkey = is_text(algorithm) ? from_pem(crypto, algorithm, bytes, length, private)
				  : from_raw(crypto, algorithm, bytes, length, private);
	/* The decoder leaves notes even where it succeeds. */
	crypto_failed(0);
	return pkey ? crypto_key_wrap(algorithm, pkey, private, out) : CRYPTO_BAD;
}

int crypto_key_private(struct crypto *crypto, const struct crypto_algorithm *algorithm, const void *bytes,
    size_t length, struct crypto_key **out)
{
	return load(crypto, algorithm, bytes, length, true, out);
}

int crypto_key_public(struct crypto *crypto, const struct crypto_algorithm *algorithm, const void *bytes, size_t length,
    struct crypto_key **out)
{
	return load(crypto, algorithm, bytes, length, false, out);
}

static BIGNUM *number(const uint8_t *bytes, size_t length)
{
	return bytes ? BN_bin2bn(bytes, (int)length, NULL) : NULL;
}

struct crypto_key *crypto_key_from_numbers(struct crypto *crypto, const struct crypto_algorithm *algorithm,
    const uint8_t *modulus, const uint8_t *private, size_t length)
{
	BIGNUM *n = number(modulus, length), *d = number(private, length);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(crypto->context, "RSA", NULL);
	OSSL_PARAM *parts = NULL;
	EVP_PKEY *pkey = NULL;
	struct crypto_key *key = NULL;

	if (n && build && maker && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
	    OSSL_PARAM_BLD_push_uint(build, OSSL_PKEY_PARAM_RSA_E, RSA_F4) == 1 &&
	    (!private || (d && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_D, d) == 1)))
		parts = OSSL_PARAM_BLD_to_param(build);
	if (parts && EVP_PKEY_fromdata_init(maker) == 1 &&
	    EVP_PKEY_fromdata(maker, &pkey, private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, parts) == 1 &&
	    crypto_key_wrap(algorithm, pkey, private != NULL, &key))
		key = NULL;
	OSSL_PARAM_free(parts);
	EVP_PKEY_CTX_free(maker);
	OSSL_PARAM_BLD_free(build);
	BN_clear_free(d);
	BN_free(n);
	return key;
}

/* Copies a PEM block and puts LABEL into both of its title lines; answers the length, and copies nothing if ROOM is less. */
static size_t labelled(const char *text, size_t size, const char *label, char *out, size_t room)
{
	static const char begin[] = "-----BEGIN ", end[] = "-----END ";
	const size_t first = sizeof begin - 1, more = label ? strlen(label) + 1 : 0;
	const char *last = memmem(text, size, end, sizeof end - 1);
	const size_t middle = last ? (size_t)(last - text) + sizeof end - 1 - first : 0;

	if (!last || size + 2 * more > room)
		return size + 2 * more;
	for (size_t i = 0; i < 3; i++) {
		const size_t from = i == 0 ? 0 : i == 1 ? first : first + middle, to = i == 0 ? first : i == 1 ? first + middle : size;

		memcpy(out, text + from, to - from);
		out += to - from;
		if (i < 2 && label)
			out += sprintf(out, "%s ", label);
	}
	return size + 2 * more;
}

/* *LENGTH: the room, then what was used. */
static int to_pem(const struct crypto_key *key, bool private, void *out, size_t *length)
{
	OSSL_ENCODER_CTX *encoder =
	    OSSL_ENCODER_CTX_new_for_pkey(key->pkey, private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, "PEM",
		private ? "PrivateKeyInfo" : "SubjectPublicKeyInfo", NULL);
	BIO *text = BIO_new(BIO_s_mem()); /* wipes what it frees */
	char *bytes = NULL;
	const size_t room = *length;
	long size = 0;
	int status = CRYPTO_ERROR;

	if (encoder && text && OSSL_ENCODER_to_bio(encoder, text) == 1)
		size = BIO_get_mem_data(text, &bytes);
	if (size > 0) {
		*length = labelled(bytes, (size_t)size, key->algorithm->label, out, room);
		status = *length <= room ? 0 : CRYPTO_BAD;
	}
	BIO_free(text);
	OSSL_ENCODER_CTX_free(encoder);
	return crypto_failed(status);
}

int crypto_key_export_public(const struct crypto_key *key, void *out, size_t *length)
{
	if (is_text(key->algorithm))
		return to_pem(key, false, out, length);
	if (*length < key->algorithm->key_bytes)
		return CRYPTO_BAD;
	return EVP_PKEY_get_raw_public_key(key->pkey, out, length) == 1 ? 0 : crypto_failed(CRYPTO_ERROR);
}

int crypto_key_export_private(const struct crypto_key *key, void *out, size_t *length)
{
	if (!key->has_private)
		return CRYPTO_BAD;
	if (is_text(key->algorithm))
		return to_pem(key, true, out, length);
	if (*length < key->algorithm->key_bytes)
		return CRYPTO_BAD;
	return EVP_PKEY_get_raw_private_key(key->pkey, out, length) == 1 ? 0 : crypto_failed(CRYPTO_ERROR);
}
