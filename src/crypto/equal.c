/* SPDX-License-Identifier: Apache-2.0 */
/*
 * equal.c - comparing what an enemy may have made with what it should be.
 */
#include "crypto/crypto.h"
#include <openssl/crypto.h>

bool crypto_equal(const void *a, const void *b, size_t length)
{
	return CRYPTO_memcmp(a, b, length) == 0;
}
