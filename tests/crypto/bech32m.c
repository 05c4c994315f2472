/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: what is written is read back, and one wrong character anywhere in a key's text is refused with its place.
 */
#include "crypto/bech32m.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { KEY_BYTES = 33 };

static void write_key(const char *prefix, char text[BECH32M_TEXT_MAX], uint8_t bytes[KEY_BYTES])
{
	for (unsigned i = 0; i < KEY_BYTES; i++)
		bytes[i] = (uint8_t)(i == 0 ? 1 : 37 * i);
	assert_int_equal(bech32m_write(prefix, bytes, KEY_BYTES, text), BECH32M_OK);
}

static void test_round_trip(void **state)
{
	static const char *const prefixes[] = { "sck", "scs", "scp" };
	char text[BECH32M_TEXT_MAX];
	uint8_t bytes[KEY_BYTES], back[KEY_BYTES];

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		write_key(prefixes[i], text, bytes);
		assert_int_equal(strlen(text), 63);
		assert_memory_equal(text, prefixes[i], 3);
		assert_int_equal(bech32m_read(prefixes[i], text, back, KEY_BYTES, NULL), BECH32M_OK);
		assert_memory_equal(back, bytes, KEY_BYTES);
		assert_int_equal(bech32m_read(prefixes[(i + 1) % 3], text, back, KEY_BYTES, NULL), BECH32M_BAD_PREFIX);
	}
}

static void test_sizes(void **state)
{
	char text[BECH32M_TEXT_MAX];
	uint8_t bytes[64], back[64];

	(void)state;
	memset(bytes, 0xa5, sizeof bytes);
	for (size_t length = 0; length <= 50; length++) {
		assert_int_equal(bech32m_write("a", bytes, length, text), BECH32M_OK);
		assert_int_equal(bech32m_read("a", text, back, length, NULL), BECH32M_OK);
		assert_memory_equal(back, bytes, length);
		assert_int_equal(bech32m_read("a", text, back, length + 1, NULL), BECH32M_BAD_LENGTH);
	}
	/* 90 characters are the end: 51 bytes are 82 symbols. */
	assert_int_equal(bech32m_write("a", bytes, 51, text), BECH32M_OK);
	assert_int_equal(bech32m_write("aa", bytes, 51, text), BECH32M_BAD_LENGTH);
	assert_int_equal(bech32m_write("a", bytes, SIZE_MAX, text), BECH32M_BAD_LENGTH);
	assert_int_equal(bech32m_write("", bytes, 1, text), BECH32M_BAD_PREFIX);
	assert_int_equal(bech32m_write("A", bytes, 1, text), BECH32M_BAD_PREFIX);
	assert_int_equal(bech32m_write("a b", bytes, 1, text), BECH32M_BAD_PREFIX);
}

/* All 255 other values of every character; NUL makes the text shorter. */
static void test_substitutions(void **state)
{
	char text[BECH32M_TEXT_MAX];
	uint8_t bytes[KEY_BYTES], back[KEY_BYTES];

	(void)state;
	write_key("sck", text, bytes);
	for (size_t i = 0; text[i]; i++)
		for (int other = 0; other < 256; other++) {
			char right = text[i];
			size_t at = SIZE_MAX;
			int status;

			if ((char)other == right)
				continue;
			text[i] = (char)other;
			status = bech32m_read("sck", text, back, KEY_BYTES, &at);
			text[i] = right;
			assert_int_not_equal(status, BECH32M_OK);
			/* A capital letter among small ones in the prefix is the first that differs from nothing. */
			if (i >= 4)
				assert_int_equal(at, i);
			else
				assert_true(at <= 4);
		}
}

/* Neighbours that changed places, and one left out or typed twice. */
static void test_slips(void **state)
{
	char text[BECH32M_TEXT_MAX], slip[BECH32M_TEXT_MAX + 1];
	uint8_t bytes[KEY_BYTES], back[KEY_BYTES];
	size_t length, at;

	(void)state;
	write_key("scs", text, bytes);
	length = strlen(text);
	for (size_t i = 4; i + 1 < length; i++) {
		memcpy(slip, text, sizeof text);
		slip[i] = text[i + 1];
		slip[i + 1] = text[i];
		if (text[i] != text[i + 1])
			assert_int_equal(bech32m_read("scs", slip, back, KEY_BYTES, &at), BECH32M_BAD_CHECKSUM);
		memmove(slip + i, text + i + 1, length - i);
		memcpy(slip, text, i);
		assert_int_equal(bech32m_read("scs", slip, back, KEY_BYTES, &at), BECH32M_BAD_LENGTH);
		assert_int_equal(at, length - 1);
		memcpy(slip, text, i + 1);
		memcpy(slip + i + 1, text + i, length - i + 1);
		assert_int_equal(bech32m_read("scs", slip, back, KEY_BYTES, &at), BECH32M_BAD_LENGTH);
		assert_int_equal(at, length);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_round_trip), cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_substitutions), cmocka_unit_test(test_slips) };

	return cmocka_run_group_tests_name("bech32m", tests, NULL, NULL);
}
