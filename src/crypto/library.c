/* SPDX-License-Identifier: Apache-2.0 */
/*
 * library.c - OpenSSL behind the table: a library context of our own, its providers, every algorithm fetched once and
 * asked for a known answer.  Also the helpers that need no context: wiping, the operating system's generator.
 */
#include "crypto/library.h"
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <sodium/core.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static const char no_legacy[] = "needs OpenSSL's legacy provider (legacy.so), which this machine does not have";
static const char no_sodium[] = "needs libsodium, which could not be initialised";
static const char too_old[] = "needs OpenSSL 3.5 or later";
static const char not_offered[] = "this machine's OpenSSL does not offer it";
static const char wrong_answer[] = "gave a wrong answer in its self-test and is not used";

/* A context that knows its digest or cipher: copies of it take a key at once, without looking it up by name. */
static EVP_MAC_CTX *mac_template(OSSL_LIB_CTX *context, const struct crypto_algorithm *algorithm)
{
	char inner[32] = "";
	const bool cipher = strcmp(algorithm->fetch, "CMAC") == 0;
	OSSL_PARAM parameters[] = { OSSL_PARAM_END, OSSL_PARAM_END };
	EVP_MAC *mac = EVP_MAC_fetch(context, algorithm->fetch, NULL);
	EVP_MAC_CTX *template = mac ? EVP_MAC_CTX_new(mac) : NULL;

	if (algorithm->inner) {
		snprintf(inner, sizeof inner, "%s", algorithm->inner);
		parameters[0] = OSSL_PARAM_construct_utf8_string(cipher ? OSSL_MAC_PARAM_CIPHER : OSSL_MAC_PARAM_DIGEST, inner, 0);
	}
	if (template && EVP_MAC_CTX_set_params(template, parameters) != 1) {
		EVP_MAC_CTX_free(template);
		template = NULL;
	}
	EVP_MAC_free(mac); /* the template holds its own reference */
	return template;
}

static bool offers_kem(const struct crypto *crypto, const struct crypto_algorithm *algorithm)
{
	EVP_KEM *kem = EVP_KEM_fetch(crypto->context, algorithm->fetch, NULL);

	EVP_KEM_free(kem);
	return kem != NULL;
}

static bool fetch(struct crypto *crypto, const struct crypto_algorithm *algorithm, struct fetched *row)
{
	if (strcmp(algorithm->provider, "libsodium") == 0)
		return true;
	switch (algorithm->kind) {
	case CRYPTO_AEAD:
	case CRYPTO_CIPHER:
		row->cipher = EVP_CIPHER_fetch(crypto->context, algorithm->fetch, NULL);
		return row->cipher != NULL;
	case CRYPTO_DIGEST:
		row->digest = EVP_MD_fetch(crypto->context, algorithm->fetch, NULL);
		return row->digest != NULL;
	case CRYPTO_MAC:
	case CRYPTO_ONETIME:
		row->mac = mac_template(crypto->context, algorithm);
		return row->mac != NULL;
	case CRYPTO_SIGN:
	case CRYPTO_KX:
	case CRYPTO_PKE:
		break;
	case CRYPTO_KEM:
		return algorithm->public_bytes == 0 || offers_kem(crypto, algorithm);
	}
	return true; /* the known answer tells */
}

static bool is_too_old(void)
{
	const unsigned major = OPENSSL_version_major();

	return major < 3 || (major == 3 && OPENSSL_version_minor() < 5);
}

static void open_row(struct crypto *crypto, const struct crypto_algorithm *algorithm, enum row row)
{
	struct fetched *fetched = &crypto->rows[row];

	if (strcmp(algorithm->provider, "openssl-legacy") == 0 && !crypto->legacy)
		fetched->why = no_legacy;
	else if (strcmp(algorithm->provider, "libsodium") == 0 && !crypto->sodium)
		fetched->why = no_sodium;
	else if (strcmp(algorithm->provider, "openssl-3.5") == 0 && is_too_old())
		fetched->why = too_old;
	else if (!fetch(crypto, algorithm, fetched))
		fetched->why = not_offered;
	else if (!crypto_known_answer(crypto, row))
		fetched->why = wrong_answer;
}

static bool open_library(struct crypto *crypto)
{
	size_t count;
	const struct crypto_algorithm *algorithms = crypto_algorithms(&count);

	/* Else OpenSSL reads OPENSSL_CONF for the process's default context, and loads what that names. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	crypto->context = OSSL_LIB_CTX_new();
	crypto->base = crypto->context ? OSSL_PROVIDER_load(crypto->context, "default") : NULL;
	if (!crypto->base)
		return false;
	crypto->legacy = OSSL_PROVIDER_load(crypto->context, "legacy");
	crypto->sodium = sodium_init() >= 0; /* 1: it has been, for this process */
	for (size_t i = 0; i < count; i++)
		open_row(crypto, &algorithms[i], (enum row)i);
	return true;
}

struct crypto *crypto_new(char *why, size_t why_size)
{
	struct crypto *crypto = calloc(1, sizeof *crypto);

	if (!crypto) {
		snprintf(why, why_size, "out of memory");
		return NULL;
	}
	if (!open_library(crypto)) {
		snprintf(why, why_size, "%s cannot load its default provider", crypto_version());
		crypto_free(crypto);
		crypto = NULL;
	}
	ERR_clear_error();
	return crypto;
}

void crypto_free(struct crypto *crypto)
{
	if (!crypto)
		return;
	for (size_t i = 0; i < ROWS; i++) {
		EVP_CIPHER_free(crypto->rows[i].cipher);
		EVP_MD_free(crypto->rows[i].digest);
		EVP_MAC_CTX_free(crypto->rows[i].mac);
	}
	if (crypto->legacy)
		OSSL_PROVIDER_unload(crypto->legacy);
	if (crypto->base)
		OSSL_PROVIDER_unload(crypto->base);
	OSSL_LIB_CTX_free(crypto->context);
	free(crypto);
}

static const struct fetched *find(const struct crypto *crypto, const struct crypto_algorithm *algorithm)
{
	size_t count;
	const struct crypto_algorithm *algorithms = crypto_algorithms(&count);

	for (size_t i = 0; i < count; i++)
		if (&algorithms[i] == algorithm)
			return &crypto->rows[i];
	return NULL;
}

const char *crypto_unavailable(const struct crypto *crypto, const struct crypto_algorithm *algorithm)
{
	const struct fetched *row = find(crypto, algorithm);

	return row ? row->why : "not a row of the table";
}

int crypto_fetched(const struct crypto *crypto, const struct crypto_algorithm *algorithm, enum crypto_kind kind,
    const struct fetched **out)
{
	const struct fetched *row = find(crypto, algorithm);

	if (!row || algorithm->kind != kind)
		return CRYPTO_BAD;
	if (row->why)
		return CRYPTO_UNAVAILABLE;
	*out = row;
	return 0;
}

int crypto_failed(int status)
{
	ERR_clear_error();
	return status;
}

const char *crypto_version(void)
{
	return OpenSSL_version(OPENSSL_VERSION);
}

void crypto_wipe(void *memory, size_t length)
{
	OPENSSL_cleanse(memory, length);
}

/* Not inlined: its frame is to lie where the frames of the calls before it lay.  768 bytes were enough where it was seen. */
__attribute__((noinline)) void crypto_wipe_stack(void)
{
	uint8_t frames[2048];

	explicit_bzero(frames, sizeof frames);
}

int crypto_random(void *out, size_t length)
{
	uint8_t *next = out;

	while (length > 0) {
		ssize_t got = getrandom(next, length, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return CRYPTO_ERROR;
		next += got;
		length -= (size_t)got;
	}
	return 0;
}
