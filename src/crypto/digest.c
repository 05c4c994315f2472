/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digest.c - digests, HMAC, and HKDF on top of HMAC.  OpenSSL 3.0 allocates a small state of its own in each run of a
 * digest (once) and of a MAC (twice); no EVP call avoids that.
 */
#include "crypto/library.h"
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct crypto_digest {
	EVP_MD_CTX *context;
	const EVP_MD *digest;
};

struct crypto_mac {
	EVP_MAC_CTX *context;
	size_t output_bytes;
	bool is_copied; /* OpenSSL 3.0's CMAC does not go back to the key's state: each run takes a copy */
};

static int digest_run(
    EVP_MD_CTX *context, const EVP_MD *digest, const struct crypto_part *parts, size_t count, uint8_t *out)
{
	bool good = EVP_DigestInit_ex2(context, digest, NULL) == 1;

	for (size_t i = 0; good && i < count; i++)
		good = EVP_DigestUpdate(context, parts[i].bytes, parts[i].length) == 1;
	good = good && EVP_DigestFinal_ex(context, out, NULL) == 1;
	return good ? 0 : crypto_failed(CRYPTO_ERROR);
}

int crypto_digest_new(struct crypto *crypto, const struct crypto_algorithm *algorithm, struct crypto_digest **out)
{
	const struct fetched *row = NULL;
	struct crypto_digest *digest;
	int status = crypto_fetched(crypto, algorithm, CRYPTO_DIGEST, &row);

	if (status)
		return status;
	digest = calloc(1, sizeof *digest);
	if (!digest)
		return CRYPTO_ERROR;
	digest->digest = row->digest;
	digest->context = EVP_MD_CTX_new();
	if (!digest->context) {
		free(digest);
		return crypto_failed(CRYPTO_ERROR);
	}
	*out = digest;
	return 0;
}

void crypto_digest_free(struct crypto_digest *digest)
{
	if (!digest)
		return;
	EVP_MD_CTX_free(digest->context);
	free(digest);
}

int crypto_digest_run(struct crypto_digest *digest, const struct crypto_part *parts, size_t count, uint8_t *out)
{
	return digest_run(digest->context, digest->digest, parts, count, out);
}

/* A keyed copy of the row's template.  HMAC fills keys up with zeros, so that one zero byte is the empty key. */
static EVP_MAC_CTX *keyed(const EVP_MAC_CTX *template, const void *key, size_t key_length)
{
	static const uint8_t zero[1];
	EVP_MAC_CTX *context = EVP_MAC_CTX_dup(template);

	if (key_length == 0) {
		key = zero;
		key_length = sizeof zero;
	}
	if (context && EVP_MAC_init(context, key, key_length, NULL) != 1) {
		EVP_MAC_CTX_free(context);
		context = NULL;
	}
	return context;
}

/* CMAC's template cannot be copied before it has a key. */
static EVP_MAC_CTX *keyed_cmac(EVP_MAC_CTX *template, const char *cipher, const void *key, size_t key_length)
{
	char name[32];
	OSSL_PARAM parameters[] = { OSSL_PARAM_END, OSSL_PARAM_END };
	EVP_MAC_CTX *context = EVP_MAC_CTX_new(EVP_MAC_CTX_get0_mac(template));

	snprintf(name, sizeof name, "%s", cipher);
	parameters[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, name, 0);
	if (context && EVP_MAC_init(context, key, key_length, parameters) != 1) {
		EVP_MAC_CTX_free(context);
		context = NULL;
	}
	return context;
}

/* From the key's state on. */
static int mac_rest(EVP_MAC_CTX *context, const struct crypto_part *parts, size_t count, uint8_t *out, size_t room)
{
	size_t length = 0;
	bool good = true;

	for (size_t i = 0; good && i < count; i++)
		good = EVP_MAC_update(context, parts[i].bytes, parts[i].length) == 1;
	good = good && EVP_MAC_final(context, out, &length, room) == 1 && length == room;
	return good ? 0 : crypto_failed(CRYPTO_ERROR);
}

static int mac_run(EVP_MAC_CTX *context, const struct crypto_part *parts, size_t count, uint8_t *out, size_t room)
{
	return EVP_MAC_init(context, NULL, 0, NULL) == 1 ? mac_rest(context, parts, count, out, room)
							 : crypto_failed(CRYPTO_ERROR);
}

int crypto_mac_new(struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *key,
    size_t key_length, struct crypto_mac **out)
{
	const struct fetched *row = NULL;
	struct crypto_mac *mac;
	int status = crypto_fetched(crypto, algorithm, CRYPTO_MAC, &row);

	if (status)
		return status;
	if (key_length == 0)
		return CRYPTO_BAD;
	mac = calloc(1, sizeof *mac);
	if (!mac)
		return CRYPTO_ERROR;
	mac->output_bytes = algorithm->output_bytes;
	mac->is_copied = strcmp(algorithm->fetch, "CMAC") == 0;
	mac->context = mac->is_copied ? keyed_cmac(row->mac, algorithm->inner, key, key_length)
				      : keyed(row->mac, key, key_length);
	if (!mac->context) {
		free(mac);
		return crypto_failed(CRYPTO_ERROR);
	}
	*out = mac;
	return 0;
}

void crypto_mac_free(struct crypto_mac *mac)
{
	if (!mac)
		return;
	EVP_MAC_CTX_free(mac->context);
	free(mac);
}

int crypto_mac_run(struct crypto_mac *mac, const struct crypto_part *parts, size_t count, uint8_t *out)
{
	EVP_MAC_CTX *copy;
	int status;

	if (!mac->is_copied)
		return mac_run(mac->context, parts, count, out, mac->output_bytes);
	copy = EVP_MAC_CTX_dup(mac->context);
	status = copy ? mac_rest(copy, parts, count, out, mac->output_bytes) : crypto_failed(CRYPTO_ERROR);
	EVP_MAC_CTX_free(copy);
	return status;
}

int crypto_sha256(struct crypto *crypto, const struct crypto_part *parts, size_t count, uint8_t out[CRYPTO_HASH_BYTES])
{
	const struct fetched *row = &crypto->rows[ROW_SHA_256];
	EVP_MD_CTX *context;
	int status;

	if (row->why)
		return CRYPTO_UNAVAILABLE;
	context = EVP_MD_CTX_new();
	if (!context)
		return crypto_failed(CRYPTO_ERROR);
	status = digest_run(context, row->digest, parts, count, out);
	EVP_MD_CTX_free(context);
	return status;
}

int crypto_hmac_sha256(struct crypto *crypto, const void *key, size_t key_length, const struct crypto_part *parts,
    size_t count, uint8_t out[CRYPTO_HASH_BYTES])
{
	const struct fetched *row = &crypto->rows[ROW_HMAC_SHA_256];
	EVP_MAC_CTX *context;
	int status;

	if (row->why)
		return CRYPTO_UNAVAILABLE;
	context = keyed(row->mac, key, key_length);
	if (!context)
		return crypto_failed(CRYPTO_ERROR);
	status = mac_run(context, parts, count, out, CRYPTO_HASH_BYTES);
	EVP_MAC_CTX_free(context);
	crypto_wipe_stack(); /* keys are made of what was read here */
	return status;
}

int crypto_hkdf_extract(struct crypto *crypto, const void *salt, size_t salt_length, const void *ikm, size_t ikm_length,
    uint8_t prk[CRYPTO_HASH_BYTES])
{
	const struct crypto_part part = { ikm, ikm_length };

	return crypto_hmac_sha256(crypto, salt, salt_length, &part, 1, prk);
}

/* T(n) = HMAC(PRK, T(n-1) || info || n); the output is T(1) || T(2) || ..., cut off (RFC 5869 2.3). */
static int expand(EVP_MAC_CTX *context, const void *info, size_t info_length, uint8_t *out, size_t length)
{
	uint8_t block[CRYPTO_HASH_BYTES], number = 0;
	struct crypto_part parts[] = { { block, 0 }, { info, info_length }, { &number, 1 } };
	int status = 0;

	while (!status && length > 0) {
		size_t step = length < sizeof block ? length : sizeof block;

		number++;
		status = mac_run(context, parts, 3, block, sizeof block);
		parts[0].length = sizeof block;
		memcpy(out, block, step);
		out += step;
		length -= step;
	}
	crypto_wipe(block, sizeof block);
	return status;
}

int crypto_hkdf_expand(struct crypto *crypto, const uint8_t prk[CRYPTO_HASH_BYTES], const void *info,
    size_t info_length, uint8_t *out, size_t length)
{
	const struct fetched *row = &crypto->rows[ROW_HMAC_SHA_256];
	EVP_MAC_CTX *context;
	int status;

	if (row->why)
		return CRYPTO_UNAVAILABLE;
	if (length > (size_t)255 * CRYPTO_HASH_BYTES) /* the block number is one byte */
		return CRYPTO_BAD;
	context = keyed(row->mac, prk, CRYPTO_HASH_BYTES);
	if (!context)
		return crypto_failed(CRYPTO_ERROR);
	status = expand(context, info, info_length, out, length);
	EVP_MAC_CTX_free(context);
	return status;
}
