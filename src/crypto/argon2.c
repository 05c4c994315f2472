/* SPDX-License-Identifier: Apache-2.0 */
/*
 * argon2.c - Argon2id (RFC 9106), which OpenSSL has from 3.2 on only: libsodium's, with one lane.
 */
#include "crypto/crypto.h"
#include <assert.h>
#include <errno.h>
#include <sodium/core.h>
#include <sodium/crypto_pwhash_argon2id.h> /* not sodium.h, which has a crypto_signature_make() of its own */
#include <string.h>

static_assert(CRYPTO_ARGON2_SALT == crypto_pwhash_argon2id_SALTBYTES, "the size of a salt");

static int run(const void *passphrase, size_t length, const struct crypto_argon2 *cost, uint8_t *out, size_t out_length)
{
	errno = 0;
	if (crypto_pwhash_argon2id(out, out_length, passphrase, length, cost->salt, cost->passes,
		(size_t)cost->memory_kib * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13) == 0)
		return 0;
	return errno == ENOMEM ? CRYPTO_ERROR : CRYPTO_BAD;
}

/* The third of libsodium's strings (test/default/pwhash_argon2id.c, tv3): no passphrase, 4882 KiB, two passes. */
static bool known_answer(void)
{
	static const struct crypto_argon2 cost = { 4882, 2,
		{ 0x6c, 0x0f, 0x35, 0x6a, 0xbb, 0x22, 0x5f, 0x2b, 0x1d, 0xdd, 0x66, 0xd3, 0x47, 0x39, 0x84, 0x3b } };
	static const uint8_t answer[] = { 0x36, 0x6f, 0x10, 0x04, 0xcf, 0xbb, 0x44, 0x7d, 0x43, 0x5e, 0x8f, 0x6b, 0xbe,
		0x9e, 0x5c, 0xc0, 0xa1, 0x0e, 0x38, 0xe7, 0xc3, 0xda, 0x0e, 0x89, 0xbb, 0x19, 0x57, 0x8a, 0x1a,
		0x0d, 0x72, 0x91 };
	uint8_t out[sizeof answer];

	return run("", 0, &cost, out, sizeof out) == 0 && memcmp(out, answer, sizeof out) == 0;
}

int crypto_argon2id(
    const void *passphrase, size_t length, const struct crypto_argon2 *cost, uint8_t *out, size_t out_length)
{
	if (sodium_init() < 0 || !known_answer())
		return CRYPTO_UNAVAILABLE;
	return run(passphrase, length, cost, out, out_length);
}
