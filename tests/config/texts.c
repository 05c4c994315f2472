/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: whatever bytes a file has, reading it ends with a tree or with a fault at a place, never with a crash, and what
 * a tree says of places is true.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reading.h"

static void refused(const char *text, size_t length, const char *id, unsigned line, unsigned column)
{
	struct reading *r = read_text(text, length);

	assert_true(r->heard.count > 0);
	assert_string_equal(r->heard.id, id);
	assert_int_equal(r->heard.at.line, line);
	assert_int_equal(r->heard.at.column, column);
	assert_null(r->model.root);
	done(r);
}

static void places_are_true(void **state)
{
	struct reading *r = read_text(good, strlen(good));
	const struct config_session *s = r->model.sessions;

	(void)state;
	assert_int_equal(r->heard.count, 0);
	assert_int_equal(r->model.count, 1);
	assert_string_equal(s->name->text, "feed");
	assert_int_equal(s->name->at.line, 3);
	assert_int_equal(s->name->at.column, 3);
	assert_int_equal(s->name->at.end, 7);
	assert_string_equal(s->field[CONFIG_IDENTITY]->text, "feed1");
	assert_int_equal(s->field[CONFIG_IDENTITY]->at.column, 16);
	assert_int_equal(s->field[CONFIG_PEERS]->count, 2);
	assert_int_equal(s->field[CONFIG_PEERS]->first->next->at.column, 21);
	assert_int_equal(s->field[CONFIG_PEERS]->first->next->at.end, 26);
	done(r);
}

static void size_is_bounded(void **state)
{
	char *text = malloc(CONFIG_TEXT_MAX + 1);
	struct reading *r;

	(void)state;
	assert_non_null(text);
	memset(text, '#', CONFIG_TEXT_MAX + 1);
	refused(text, CONFIG_TEXT_MAX + 1, "SC006", 0, 0);
	/* One byte less is read: a comment without end, so an empty file. */
	r = read_text(text, CONFIG_TEXT_MAX);
	assert_string_equal(r->heard.id, "SC009");
	done(r);
	free(text);
}

static void depth_is_bounded(void **state)
{
	char text[4096] = "a: ";
	size_t n = 3;

	(void)state;
	while (n < 2000)
		text[n++] = '[';
	refused(text, n, "SC006", 1, 19);
	for (n = 0; n < 4000; n += 2)
		memcpy(text + n, "- ", 2);
	refused(text, n, "SC006", 1, 33);
}

static void a_mebibyte_of_brackets(void **state)
{
	char *text = malloc(CONFIG_TEXT_MAX);
	struct reading *r;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < CONFIG_TEXT_MAX; i++)
		text[i] = i % 2 ? ',' : 'a';
	text[0] = '[';
	text[CONFIG_TEXT_MAX - 1] = ']';
	r = read_text(text, CONFIG_TEXT_MAX);
	assert_true(r->heard.count > 0);
	done(r);
	free(text);
}

static void not_text(void **state)
{
	(void)state;
	refused("a: \0b", 5, "SC007", 1, 4);
	refused("a: b\nc: \x01", 9, "SC007", 2, 4);
	refused("a: \xff\xfe", 5, "SC007", 1, 4);
	refused("a: \xc0\xaf", 5, "SC007", 1, 4);
	refused("a: \xed\xa0\x80", 6, "SC007", 1, 4);
	refused("a: \xf4\x90\x80\x80", 7, "SC007", 1, 4);
	refused("a: \xc3", 4, "SC007", 1, 4);
	refused("\xff\xfe"
		"a\0:\0",
	    6, "SC007", 1, 1);
	refused("a: \"x\\0y\"\n", 10, "SC007", 1, 5);
	refused("\x7f"
		"ELF\x02\x01\x01",
	    7, "SC007", 1, 1);
}

static void no_aliases_and_tags(void **state)
{
	static const char bomb[] = "a: &a [x, x]\nb: &b [*a, *a]\n", alias[] = "a: *b\n", tag[] = "a: !!int 3\n",
			  own[] = "a: !x y\n", merge[] = "a: 1\n<<: *a\n", key[] = "&a b: c\n";

	(void)state;
	refused(bomb, strlen(bomb), "SC005", 1, 5);
	refused(alias, strlen(alias), "SC005", 1, 5);
	refused(tag, strlen(tag), "SC005", 1, 4);
	refused(own, strlen(own), "SC005", 1, 4);
	refused(merge, strlen(merge), "SC005", 2, 6);
	refused(key, strlen(key), "SC005", 1, 2);
}

static void keys_that_come_twice(void **state)
{
	static const char text[] = "seccomm: 1\nsessions: {b: {}, a: {}, 'b': {}}\n\"seccomm\": 1\n";
	struct reading *r = read_text(text, strlen(text));

	(void)state;
	assert_int_equal(r->heard.count, 2);
	assert_string_equal(r->heard.id, "SC004");
	done(r);
}

/* A hundred thousand keys, all different or all equal, take no quadratic time. */
static void many_keys(void **state)
{
	char *text = malloc(CONFIG_TEXT_MAX);

	(void)state;
	assert_non_null(text);
	for (int equal = 0; equal < 2; equal++) {
		size_t n = 0;
		struct reading *r;

		for (unsigned i = 0; i < 90000; i++)
			n += (size_t)snprintf(text + n, CONFIG_TEXT_MAX - n, "k%u: x\n", equal ? 7 : i);
		r = read_text(text, n);
		assert_true(r->heard.count > 0);
		done(r);
	}
	free(text);
}

static uint64_t next_number(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void mutations(void **state)
{
	static const char signs[] = "{}[]:,-|>&*!%@`'\"#?\t\n \\\0\x80\xff"
				    "abc019";
	uint64_t seed = UINT64_C(0x5ecc0001);

	(void)state;
	for (int round = 0; round < 2000; round++) {
		char text[sizeof good];
		size_t length = sizeof good - 1;
		struct reading *r;

		memcpy(text, good, sizeof good);
		for (uint64_t k = next_number(&seed) % 4; k < 4; k++)
			text[next_number(&seed) % length] = signs[next_number(&seed) % (sizeof signs - 1)];
		if (round % 5 == 0)
			length = next_number(&seed) % length;
		r = read_text(text, length);
		assert_true(r->model.root || r->heard.count > 0);
		if (r->heard.count > 0)
			assert_true(
			    r->heard.at.line >= 1 && r->heard.at.column >= 1 && r->heard.at.end > r->heard.at.column);
		done(r);
	}
}

static void junk(void **state)
{
	uint64_t seed = 42;

	(void)state;
	for (int round = 0; round < 500; round++) {
		char text[256];
		struct reading *r;

		for (size_t i = 0; i < sizeof text; i++)
			text[i] = (char)(round % 2 ? next_number(&seed) : 0x20 + next_number(&seed) % 0x5f);
		r = read_text(text, sizeof text);
		assert_true(r->heard.count > 0);
		done(r);
	}
}

/* What was meant is handed over as a word, beside the name; nobody has to read it out of the message. */
static void what_was_meant(void **state)
{
	static const char text[] = "seccomm: 1\nsessions: {s: {identiy: a}}\n", quoted[] = "seccomm: 1\nsessions: {}\n\"x; did you mean 'y'?\": 1\n";
	struct reading *r = read_text(text, strlen(text));

	(void)state;
	assert_string_equal(r->heard.meant, "identity");
	assert_int_equal(r->heard.at.column, 16);
	done(r);
	r = read_text(quoted, strlen(quoted));
	assert_string_equal(r->heard.id, "SC002");
	assert_string_equal(r->heard.meant, "");
	done(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_are_true),
		cmocka_unit_test(size_is_bounded),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(a_mebibyte_of_brackets),
		cmocka_unit_test(not_text),
		cmocka_unit_test(no_aliases_and_tags),
		cmocka_unit_test(keys_that_come_twice),
		cmocka_unit_test(many_keys),
		cmocka_unit_test(mutations),
		cmocka_unit_test(junk),
		cmocka_unit_test(what_was_meant),
	};

	return cmocka_run_group_tests_name("config texts", tests, NULL, NULL);
}
