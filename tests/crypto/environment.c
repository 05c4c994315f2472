/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: without OpenSSL's legacy provider only its algorithms are missing, with the reason, and so are libsodium's where that
 * cannot be initialised; and a configuration file that OPENSSL_CONF names is not read, neither for our context nor on the way
 * for the process's own.
 */
#include "crypto/crypto.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <openssl/evp.h>
#include <cmocka.h>

/* Would leave the default context without any algorithm. */
static const char configuration[] = "openssl_conf = a\n[a]\nalg_section = b\n[b]\ndefault_properties = provider=none\n";

struct place {
	char directory[64], file[96];
	struct crypto *crypto;
};

static void test_legacy(void **state)
{
	struct place *place = *state;
	size_t count, missing = 0;
	const struct crypto_algorithm *rows = crypto_algorithms(&count);
	struct crypto_cipher *cipher = NULL;
	const uint8_t key[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };

	for (size_t i = 0; i < count; i++) {
		const char *why = crypto_unavailable(place->crypto, &rows[i]);

		if (strcmp(rows[i].provider, "openssl-legacy") == 0) {
			assert_string_equal(
			    why, "needs OpenSSL's legacy provider (legacy.so), which this machine does not have");
			missing++;
		} else if (strcmp(rows[i].provider, "openssl-3.5") == 0) {
			assert_true(why == NULL || strstr(why, "needs OpenSSL 3.5")); /* what there is depends on OpenSSL */
		} else {
			assert_null(why);
		}
	}
	assert_true(missing > 0);
	assert_int_equal(crypto_cipher_new(place->crypto, crypto_find(CRYPTO_CIPHER, "des-cbc"), key, true, &cipher),
	    CRYPTO_UNAVAILABLE);
	assert_null(cipher);
}

/* In place of libsodium's own. */
static int sodium_answer = 1;
int __wrap_sodium_init(void);
int __wrap_sodium_init(void)
{
	return sodium_answer;
}

static void test_sodium(void **state)
{
	char why[256];
	size_t count;
	const struct crypto_algorithm *rows = crypto_algorithms(&count),
				      *xchacha = crypto_find(CRYPTO_AEAD, "xchacha20-poly1305");
	const uint8_t key[32] = { 1 };
	struct crypto_aead *aead = NULL;
	struct crypto *crypto;

	(void)state;
	sodium_answer = -1;
	crypto = crypto_new(why, sizeof why);
	sodium_answer = 1;
	assert_non_null(crypto);
	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i].provider, "openssl") == 0)
			assert_null(crypto_unavailable(crypto, &rows[i]));
	assert_string_equal(crypto_unavailable(crypto, xchacha), "needs libsodium, which could not be initialised");
	assert_int_equal(crypto_aead_new(crypto, xchacha, key, true, &aead), CRYPTO_UNAVAILABLE);
	assert_null(aead);
	crypto_free(crypto);
}

static void test_configuration(void **state)
{
	EVP_MD *digest = EVP_MD_fetch(NULL, "SHA2-256", NULL);

	(void)state;
	assert_non_null(digest); /* by the process's own context: it has not read the file */
	EVP_MD_free(digest);
}

static int set_up(void **state)
{
	struct place *place = *state;
	char why[256];
	FILE *file;

	snprintf(place->directory, sizeof place->directory, "%s", P_tmpdir "/seccomm-environment-XXXXXX");
	if (!mkdtemp(place->directory))
		return -1;
	snprintf(place->file, sizeof place->file, "%.63s/openssl.cnf", place->directory);
	file = fopen(place->file, "w");
	if (!file || fputs(configuration, file) < 0 || fclose(file) != 0)
		return -1;
	if (setenv("OPENSSL_MODULES", place->directory, 1) || setenv("OPENSSL_CONF", place->file, 1))
		return -1;
	place->crypto = crypto_new(why, sizeof why);
	return place->crypto ? 0 : -1;
}

static int tear_down(void **state)
{
	struct place *place = *state;

	crypto_free(place->crypto);
	unlink(place->file);
	return rmdir(place->directory);
}

int main(void)
{
	struct place place = { 0 };
	struct CMUnitTest tests[] = { cmocka_unit_test_prestate(test_legacy, &place),
		cmocka_unit_test(test_sodium), cmocka_unit_test_prestate(test_configuration, &place) };
	void *state = &place;
	int failed;

	if (set_up(&state)) {
		fprintf(stderr, "cannot set up %s\n", place.directory);
		return 2;
	}
	failed = cmocka_run_group_tests_name("crypto environment", tests, NULL, NULL);
	return tear_down(&state) ? 2 : failed;
}
