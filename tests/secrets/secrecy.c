/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secrecy.c - what is secret, as undefined memory: at the edge of src/crypto and where keys are made.  What is public
 * by then (a share, the answer of a comparison, what has been on the wire) is declared so; and AEADs and DES are given
 * defined keys, for what they do inside is OpenSSL's.
 */
#include "secrecy.h"

#include <string.h>

#include <valgrind/memcheck.h>

#include "crypto/crypto.h"
#include "seccomm_module.h"

/* ---- The edge of src/crypto ---- */

static bool begun;

void secrecy_begin(void)
{
	begun = true;
}

/* The linker puts __wrap_X in the place of X, which is then __real_X. */
#define AT_THE_EDGE(name) __typeof__(name) __real_##name, __wrap_##name

AT_THE_EDGE(crypto_equal);
bool __wrap_crypto_equal(const void *a, const void *b, size_t length)
{
	bool equal = __real_crypto_equal(a, b, length);

	VALGRIND_MAKE_MEM_DEFINED(&equal, sizeof(equal));
	return equal;
}

bool secrecy_equal(const void *a, const void *b, size_t length)
{
	return __real_crypto_equal(a, b, length);
}

AT_THE_EDGE(crypto_hmac_sha256);
int __wrap_crypto_hmac_sha256(struct crypto *crypto, const void *key, size_t key_length,
    const struct crypto_part *parts, size_t count, uint8_t *out)
{
	int status = __real_crypto_hmac_sha256(crypto, key, key_length, parts, count, out);

	if (begun)
		VALGRIND_MAKE_MEM_UNDEFINED(out, CRYPTO_HASH_BYTES);
	return status;
}

/* Names, transcripts, and what is signed: hashes of what was seen on the wire. */
AT_THE_EDGE(crypto_sha256);
int __wrap_crypto_sha256(struct crypto *crypto, const struct crypto_part *parts, size_t count, uint8_t *out)
{
	int status = __real_crypto_sha256(crypto, parts, count, out);

	VALGRIND_MAKE_MEM_DEFINED(out, CRYPTO_HASH_BYTES);
	return status;
}

AT_THE_EDGE(crypto_digest_run);
int __wrap_crypto_digest_run(struct crypto_digest *digest, const struct crypto_part *parts, size_t count, uint8_t *out)
{
	int status = __real_crypto_digest_run(digest, parts, count, out);

	if (begun)
		VALGRIND_MAKE_MEM_UNDEFINED(out, CRYPTO_HASH_BYTES);
	return status;
}

AT_THE_EDGE(crypto_kx_public);
int __wrap_crypto_kx_public(
    struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *own, uint8_t *open)
{
	int status = __real_crypto_kx_public(crypto, algorithm, own, open);

	VALGRIND_MAKE_MEM_DEFINED(open, algorithm->public_bytes);
	return status;
}

/* A defined copy of LENGTH bytes of a secret, for what happens inside OpenSSL. */
static const uint8_t *known(uint8_t copy[CRYPTO_KEY_MAX], const uint8_t *secret, size_t length)
{
	memcpy(copy, secret, length);
	VALGRIND_MAKE_MEM_DEFINED(copy, CRYPTO_KEY_MAX);
	return copy;
}

/* Whether it is all zeros is decided inside, and public. */
AT_THE_EDGE(crypto_kx_secret);
int __wrap_crypto_kx_secret(struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *own,
    const uint8_t *peer, uint8_t *secret)
{
	uint8_t copy[CRYPTO_KEY_MAX];
	int status = __real_crypto_kx_secret(crypto, algorithm, known(copy, own, algorithm->key_bytes), peer, secret);

	if (begun)
		VALGRIND_MAKE_MEM_UNDEFINED(secret, algorithm->output_bytes);
	return status;
}

AT_THE_EDGE(crypto_aead_new);
int __wrap_crypto_aead_new(struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *key,
    bool sealing, struct crypto_aead **out)
{
	uint8_t copy[CRYPTO_KEY_MAX];

	return __real_crypto_aead_new(crypto, algorithm, known(copy, key, algorithm->key_bytes), sealing, out);
}

AT_THE_EDGE(crypto_aead_seal);
int __wrap_crypto_aead_seal(struct crypto_aead *aead, const uint8_t *nonce, const void *ad, size_t ad_length,
    uint8_t *text, size_t length, uint8_t *tag)
{
	uint8_t copy[CRYPTO_KEY_MAX];

	return __real_crypto_aead_seal(aead, known(copy, nonce, crypto_aead_nonce_bytes(aead)), ad, ad_length, text, length, tag);
}

AT_THE_EDGE(crypto_aead_open);
int __wrap_crypto_aead_open(struct crypto_aead *aead, const uint8_t *nonce, const void *ad, size_t ad_length,
    uint8_t *text, size_t length, const uint8_t *tag)
{
	uint8_t copy[CRYPTO_KEY_MAX];

	return __real_crypto_aead_open(aead, known(copy, nonce, crypto_aead_nonce_bytes(aead)), ad, ad_length, text, length, tag);
}

/* DES looks up its tables by key and text. */
AT_THE_EDGE(crypto_cipher_new);
int __wrap_crypto_cipher_new(struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *key,
    bool encrypting, struct crypto_cipher **out)
{
	uint8_t copy[CRYPTO_KEY_MAX];

	return __real_crypto_cipher_new(crypto, algorithm, known(copy, key, algorithm->key_bytes), encrypting, out);
}

AT_THE_EDGE(crypto_cipher_run);
int __wrap_crypto_cipher_run(struct crypto_cipher *cipher, const uint8_t *iv, uint8_t *text, size_t length)
{
	VALGRIND_MAKE_MEM_DEFINED(text, length);
	return __real_crypto_cipher_run(cipher, iv, text, length);
}

/* ---- Where secrets and messages come from ---- */

AT_THE_EDGE(seccomm_create_key);
int __wrap_seccomm_create_key(void *self, uint32_t creation, uint8_t *out, size_t length)
{
	int status = __real_seccomm_create_key(self, creation, out, length);

	VALGRIND_MAKE_MEM_UNDEFINED(out, length);
	return status;
}

AT_THE_EDGE(seccomm_predefined);
int __wrap_seccomm_predefined(const void *self, const char *name, uint8_t *out)
{
	int status = __real_seccomm_predefined(self, name, out);

	VALGRIND_MAKE_MEM_UNDEFINED(out, CRYPTO_HASH_BYTES);
	return status;
}

/* Whoever is on the wire has seen it. */
AT_THE_EDGE(seccomm_pop);
ptrdiff_t __wrap_seccomm_pop(struct seccomm_session *session, uint8_t *bytes, size_t length)
{
	VALGRIND_MAKE_MEM_DEFINED(bytes, length);
	return __real_seccomm_pop(session, bytes, length);
}

AT_THE_EDGE(seccomm_listener_pop);
void __wrap_seccomm_listener_pop(
    struct seccomm_listener *listener, const void *address, size_t address_length, uint8_t *bytes, size_t length)
{
	VALGRIND_MAKE_MEM_DEFINED(bytes, length);
	__real_seccomm_listener_pop(listener, address, address_length, bytes, length);
}
