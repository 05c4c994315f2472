/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: whatever a value holds, the line stays one line of plain characters with its quotes closed; a flood is counted.
 */
#include "cli/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

static const struct log text_log = { .fd = -1, .form = LOG_LOGFMT };

static const char *value(struct log_line *line, const char *text)
{
	line->log = &text_log;
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
	struct log_line line = { .log = &text_log };
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

/* What log_write() writes; FORM and whether it goes to the journal as said. */
static const char *written(struct log_line *line)
{
	static char text[LOG_LINE_MAX + 1];
	struct log log = *line->log;
	int ends[2];
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	log.fd = ends[1];
	line->log = &log;
	log_write(line);
	n = read(ends[0], text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	close(ends[0]);
	close(ends[1]);
	return text;
}

static void test_json(void **state)
{
	const struct log log = { .fd = -1, .form = LOG_JSON };
	struct log_line line;
	json_t *object;

	(void)state;
	log_begin(&line, &log, LOG_WARNING_LEVEL, "alert");
	log_text(&line, "addr", "tcp:127.0.0.1:9");
	log_text(&line, "text", "a\n\"b\\ \x01 \xc3\xa4 {");
	log_text(&line, "left", NULL);
	log_number(&line, "us", UINT64_C(1) << 60);
	object = json_loads(written(&line), 0, NULL);
	assert_non_null(object);
	assert_int_equal(strlen(json_string_value(json_object_get(object, "time"))), 24);
	assert_string_equal(json_string_value(json_object_get(object, "level")), "warning");
	assert_string_equal(json_string_value(json_object_get(object, "address")), "tcp:127.0.0.1:9");
	assert_string_equal(json_string_value(json_object_get(object, "text")), "a\n\"b\\ \\x01 \\xc3\\xa4 {");
	assert_null(json_object_get(object, "left"));
	assert_int_equal(json_integer_value(json_object_get(object, "us")), INT64_C(1) << 60);
	json_decref(object);
}

/* Whatever is too much for a line, the line is JSON, and the first values are whole. */
static void test_json_room(void **state)
{
	static const char characters[] = { 'a', '"', '\x01', '\n', '\xff' };
	const struct log log = { .fd = -1, .form = LOG_JSON };
	char text[LOG_LINE_MAX + 100];
	struct log_line line;

	(void)state;
	for (size_t c = 0; c < sizeof(characters); c++) {
		for (size_t length = LOG_LINE_MAX / 5 - 60; length < sizeof(text) - 1; length += 1 + length / 50) {
			json_t *object;

			memset(text, characters[c], length);
			text[length] = '\0';
			log_begin(&line, &log, LOG_INFO_LEVEL, "event");
			log_text(&line, "text", text);
			for (int i = 0; i < 200; i++)
				log_number(&line, "number", UINT64_MAX / 3);
			object = json_loads(written(&line), 0, NULL);
			if (!object)
				fail_msg("no JSON at length %zu", length);
			assert_string_equal(json_string_value(json_object_get(object, "event")), "event");
			json_decref(object);
		}
	}
}

static void test_journal(void **state)
{
	struct log log;
	struct log_line line;
	struct stat file;
	char stream[64];
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(fstat(ends[1], &file), 0);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)file.st_dev, (uintmax_t)file.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_open(&log, ends[1], LOG_JSON);
	log_begin(&line, &log, LOG_ERROR_LEVEL, "x");
	assert_int_equal(strncmp(written(&line), "<3>{\"time\":", 11), 0);
	setenv("JOURNAL_STREAM", "1:1", 1);
	log_open(&log, ends[1], LOG_LOGFMT);
	log_begin(&line, &log, LOG_INFO_LEVEL, "x");
	assert_int_equal(strncmp(written(&line), "ts=", 3), 0);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_values), cmocka_unit_test(test_room),
		cmocka_unit_test(test_limit), cmocka_unit_test(test_json), cmocka_unit_test(test_json_room),
		cmocka_unit_test(test_journal) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
