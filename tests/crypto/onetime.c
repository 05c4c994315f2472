/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: Poly1305 gives the published tags, in one piece or in several, one context with key after key; and another key or one
 * bit gives another tag.
 */
#include "crypto/crypto.h"
#include "vector_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct crypto *crypto;
static struct crypto_onetime *onetime;
static const char *folder;

static void agrees(void *state, const struct vector_case *c)
{
	const struct vector_field *key = vector_hex(c, "key"), *message = vector_hex(c, "message"), *output = vector_hex(c, "output");
	uint8_t tag[CRYPTO_TAG_BYTES], changed[CRYPTO_ONETIME_KEY];

	(void)state;
	assert_int_equal(key->length, CRYPTO_ONETIME_KEY);
	assert_int_equal(output->length, CRYPTO_TAG_BYTES);
	for (size_t cut = 0; cut <= message->length; cut++) {
		const struct crypto_part parts[] = { { message->bytes, cut }, { message->bytes + cut, message->length - cut } };

		assert_int_equal(crypto_onetime_run(onetime, key->bytes, parts, 2, tag), 0);
		assert_int_equal(memcmp(tag, output->bytes, sizeof(tag)) == 0, vector_valid(c));
		memcpy(changed, key->bytes, sizeof(changed));
		changed[CRYPTO_ONETIME_KEY - 1] ^= 1;
		assert_int_equal(crypto_onetime_run(onetime, changed, parts, 2, tag), 0);
		assert_int_not_equal(memcmp(tag, output->bytes, sizeof(tag)), 0);
	}
}

static void published_tags(void **state)
{
	(void)state;
	vector_each(folder, "onetime/poly1305", agrees, NULL);
}

static int set_up(void **state)
{
	char why[128];

	(void)state;
	crypto = crypto_new(why, sizeof(why));
	return !crypto || crypto_onetime_new(crypto, &onetime) < 0;
}
static int tear_down(void **state)
{
	(void)state;
	crypto_onetime_free(onetime);
	crypto_free(crypto);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(published_tags) };

	folder = argc > 1 ? argv[1] : ".";
	return cmocka_run_group_tests_name("one-time authenticator", tests, set_up, tear_down);
}
