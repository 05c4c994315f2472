/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: sealing and opening allocate nothing, and an AEAD context stays small.  OpenSSL's allocator is replaced by one
 * that counts; that our own calls allocate nothing is seen from mallinfo2() where the C library's allocator is in use.
 */
#include "crypto/crypto.h"
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/crypto.h>
#include <cmocka.h>

static size_t calls, bytes; /* of the allocator below, which OpenSSL gives no state */

static void *count_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	calls++;
	bytes += size;
	return malloc(size);
}

static void *count_realloc(void *old, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	calls++;
	return realloc(old, size);
}

static void count_free(void *old, const char *file, int line)
{
	(void)file;
	(void)line;
	free(old);
}

static void measure(struct crypto *crypto, const struct crypto_algorithm *row)
{
	uint8_t key[CRYPTO_KEY_MAX] = { 1 }, nonce[CRYPTO_NONCE_MAX] = { 0 }, tag[CRYPTO_TAG_BYTES],
		text[1500] = { 0 };
	struct crypto_aead *seals = NULL, *opens = NULL;
	size_t before = bytes;

	assert_int_equal(crypto_aead_new(crypto, row, key, true, &seals), 0);
	print_message("# %s: %zu bytes in OpenSSL for a context\n", row->name, bytes - before);
	assert_in_range(bytes - before, strcmp(row->provider, "openssl") == 0, 1536); /* libsodium's has nothing there */
	assert_int_equal(crypto_aead_new(crypto, row, key, false, &opens), 0);
	for (unsigned i = 0; i < 100; i++) {
		size_t then = i == 0 ? SIZE_MAX : calls; /* the first warms up */
		size_t used = mallinfo2().uordblks;

		nonce[0] = (uint8_t)i;
		assert_int_equal(crypto_aead_seal(seals, nonce, key, 13, text, 15 * i, tag), 0);
		assert_int_equal(crypto_aead_open(opens, nonce, key, 13, text, 15 * i, tag), 0);
		tag[0] ^= 1;
		assert_int_equal(crypto_aead_open(opens, nonce, key, 13, text, 15 * i, tag), CRYPTO_BAD);
		assert_true(then == SIZE_MAX || (calls == then && mallinfo2().uordblks == used));
	}
	crypto_aead_free(seals);
	crypto_aead_free(opens);
}

static void test_aead(void **state)
{
	size_t count;
	const struct crypto_algorithm *rows = crypto_algorithms(&count);

	assert_true(calls > 0); /* it does count */
	for (size_t i = 0; i < count; i++)
		if (rows[i].kind == CRYPTO_AEAD)
			measure(*state, &rows[i]);
}

int main(void)
{
	char why[256];
	struct crypto *crypto;
	struct CMUnitTest tests[] = { cmocka_unit_test(test_aead) };
	int failed;

	if (CRYPTO_set_mem_functions(count_malloc, count_realloc, count_free) != 1)
		return 2;
	crypto = crypto_new(why, sizeof why);
	if (!crypto)
		return 2;
	tests[0].initial_state = crypto;
	failed = cmocka_run_group_tests_name("crypto allocations", tests, NULL, NULL);
	crypto_free(crypto);
	return failed;
}
