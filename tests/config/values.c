/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: numbers, durations and sizes mean what is written, with the exact bounds, and nothing else is taken for one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "config/model.h"

static void counts(void **state)
{
	uint64_t n = 1;

	(void)state;
	assert_int_equal(config_count("0", &n), CONFIG_VALUE_OK);
	assert_int_equal(n, 0);
	assert_int_equal(config_count("18446744073709551615", &n), CONFIG_VALUE_OK);
	assert_true(n == UINT64_MAX);
	assert_int_equal(config_count("18446744073709551616", &n), CONFIG_VALUE_TOO_LARGE);
	assert_int_equal(config_count("99999999999999999999999", &n), CONFIG_VALUE_TOO_LARGE);
	assert_int_equal(config_count("", &n), CONFIG_VALUE_BAD);
	assert_int_equal(config_count("-1", &n), CONFIG_VALUE_BAD);
	assert_int_equal(config_count("+1", &n), CONFIG_VALUE_BAD);
	assert_int_equal(config_count(" 1", &n), CONFIG_VALUE_BAD);
	assert_int_equal(config_count("1 ", &n), CONFIG_VALUE_BAD);
	assert_int_equal(config_count("0x10", &n), CONFIG_VALUE_BAD);
	assert_int_equal(config_count("1e3", &n), CONFIG_VALUE_BAD);
	assert_int_equal(config_count("1.5", &n), CONFIG_VALUE_BAD);
	assert_int_equal(config_count("5s", &n), CONFIG_VALUE_BAD);
}

struct pair {
	const char *text;
	uint64_t value;
};

static void durations(void **state)
{
	static const struct pair good[] = { { "250us", 250 }, { "250ms", 250000 }, { "5s", 5000000 },
		{ "2m", 120000000 }, { "1h", UINT64_C(3600000000) }, { "1d", UINT64_C(86400000000) }, { "0s", 0 } };
	static const char *const bad[] = { "5", "5 s", "s", "5S", "5sec", "5m3s", "-5s", "1w", "" };
	uint64_t n;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_int_equal(config_duration(good[i].text, &n), CONFIG_VALUE_OK);
		assert_true(n == good[i].value);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(config_duration(bad[i], &n), CONFIG_VALUE_BAD);
	assert_int_equal(config_duration("213503983d", &n), CONFIG_VALUE_TOO_LARGE);
}

static void sizes(void **state)
{
	static const struct pair good[] = { { "4096", 4096 }, { "4096B", 4096 }, { "64KiB", 65536 },
		{ "1MiB", 1048576 }, { "64GiB", UINT64_C(1) << 36 }, { "1TiB", UINT64_C(1) << 40 } };
	static const char *const bad[] = { "64KB", "64k", "64kib", "1 MiB", "MiB", "" };
	uint64_t n;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_int_equal(config_size(good[i].text, &n), CONFIG_VALUE_OK);
		assert_true(n == good[i].value);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(config_size(bad[i], &n), CONFIG_VALUE_BAD);
	assert_int_equal(config_size("16777216TiB", &n), CONFIG_VALUE_TOO_LARGE);
	assert_int_equal(config_size("16777215TiB", &n), CONFIG_VALUE_OK);
}

/* What is written for a number is read as that number. */
static void there_and_back(void **state)
{
	static const uint64_t numbers[] = { 0, 1, 999, 1000, 1024, 1500, 60000000, 65536, 5000000,
		UINT64_C(86400000000), UINT64_MAX };
	struct config_arena arena = { 0 };
	uint64_t n;

	(void)state;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		assert_int_equal(config_duration(config_duration_text(&arena, numbers[i]), &n), CONFIG_VALUE_OK);
		assert_true(n == numbers[i]);
		assert_int_equal(config_size(config_size_text(&arena, numbers[i]), &n), CONFIG_VALUE_OK);
		assert_true(n == numbers[i]);
	}
	assert_string_equal(config_duration_text(&arena, 90000000), "90s");
	assert_string_equal(config_size_text(&arena, 3 << 20), "3MiB");
	config_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts),
		cmocka_unit_test(durations),
		cmocka_unit_test(sizes),
		cmocka_unit_test(there_and_back),
	};

	return cmocka_run_group_tests_name("config values", tests, NULL, NULL);
}
