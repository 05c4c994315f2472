/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys.h - the inside of a key pair, for src/crypto only.
 */
#ifndef CRYPTO_KEYS_H
#define CRYPTO_KEYS_H

#include "crypto/library.h"

struct crypto_key {
	const struct crypto_algorithm *algorithm;
	EVP_PKEY *pkey;
	bool has_private;
};

bool crypto_key_is_rsa(const struct crypto_algorithm *algorithm);
bool crypto_key_is_ecdsa(const struct crypto_algorithm *algorithm);
/* Puts PKEY, which it owns from then on, into a new *OUT; CRYPTO_BAD, and PKEY freed, when its size is not allowed. */
int crypto_key_wrap(
    const struct crypto_algorithm *algorithm, EVP_PKEY *pkey, bool has_private, struct crypto_key **out);

#endif
