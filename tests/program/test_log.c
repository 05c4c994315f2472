/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: whatever a value holds, the line stays one line of plain characters with its quotes closed; a flood is counted.
 */
#include "cli/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *value(struct log_line *line, const char *text)
{
	line->length = 0;
	log_text(line, "k", text);
	line->text[line->length] = '\0';
	return line->text;
}

static void test_values(void **state)
{
	struct log_line line;

	(void)state;
	assert_string_equal(value(&line, "plain:1.2/3"), "k=plain:1.2/3");
	assert_string_equal(value(&line, ""), "k=\"\"");
	assert_string_equal(value(&line, "two words"), "k=\"two words\"");
	assert_string_equal(value(&line, "a=b"), "k=\"a=b\"");
	assert_string_equal(value(&line, "say \"x\\\""), "k=\"say \\\"x\\\\\\\"\"");
	assert_string_equal(
	    value(&line, "a\nevent=forged\x1b[2J\x7f\xc2\x9b"), "k=\"a\\nevent=forged\\x1b[2J\\x7f\\xc2\\x9b\"");
	line.length = 0;
	log_text(&line, "k", NULL);
	assert_int_equal(line.length, 0);
}

/* Every length around the room, of characters that need one, two and four places. */
static void test_room(void **state)
{
	static const char characters[] = { 'a', '"', '\x01', ' ' };
	char text[LOG_LINE_MAX + 100];
	struct log_line line;

	(void)state;
	for (size_t c = 0; c < sizeof(characters); c++) {
		for (size_t length = LOG_LINE_MAX / 4 - 40; length < sizeof(text) - 1;
		     length += length < 1000 ? 1 : 13) {
			memset(text, characters[c], length);
			text[length] = '\0';
			value(&line, text);
			assert_true(line.length < sizeof(line.text) - 1);
			if (line.text[2] == '"') {
				assert_true(line.text[line.length - 1] == '"');
				assert_true(
				    line.text[line.length - 2] != '\\' || line.text[line.length - 3] == '\\' || c != 1);
			}
			for (int i = 0; i < 200; i++)
				log_number(&line, "number", UINT64_MAX);
			assert_true(line.length < sizeof(line.text));
			for (size_t i = 0; i < line.length; i++)
				assert_true(line.text[i] >= ' ' && line.text[i] < 0x7f);
		}
	}
}

static void test_limit(void **state)
{
	struct log_limit limit = { .since_us = 0 };
	struct log_line line = { .length = 0 };
	unsigned written = 0;

	(void)state;
	for (uint64_t us = 5000000; us < 6000000; us += 1000)
		written += !log_limited(&limit, us);
	assert_int_equal(written, LOG_PER_SECOND);
	assert_int_equal(limit.suppressed, 1000 - LOG_PER_SECOND);
	assert_false(log_limited(&limit, 6000000));
	log_suppressed(&line, &limit);
	line.text[line.length] = '\0';
	assert_string_equal(line.text, "suppressed=990");
	log_suppressed(&line, &limit);
	assert_int_equal(line.length, 14);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_values), cmocka_unit_test(test_room),
		cmocka_unit_test(test_limit) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
