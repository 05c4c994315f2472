/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vector_file.c - the reader of tests/vectors.  It is strict: a line that it does not understand fails the test.
 */
#include "vector_file.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = c ? strchr(digits, c) : NULL;

	return found ? (int)(found - digits) : -1;
}

static void decode(struct vector_field *field)
{
	size_t digits = strlen(field->value);

	for (size_t i = 0; i < digits; i++)
		if (digit(field->value[i]) < 0)
			return;
	if (digits % 2)
		return;
	field->length = digits / 2;
	field->bytes = malloc(field->length ? field->length : 1);
	assert_non_null(field->bytes);
	for (size_t i = 0; i < field->length; i++)
		field->bytes[i] = (uint8_t)(digit(field->value[2 * i]) << 4 | digit(field->value[2 * i + 1]));
}

static void add(struct vector_case *c, char *line)
{
	char *sign = strstr(line, " =");
	struct vector_field *field = &c->fields[c->count];

	if (!sign || c->count == VECTOR_FIELDS)
		fail_msg("%s:%zu: not \"name = value\"", c->file, c->line);
	*sign = '\0';
	field->name = strdup(line);
	field->value = strdup(sign[2] == ' ' ? sign + 3 : "");
	assert_true(field->name && field->value);
	decode(field);
	c->count++;
}

static void clear(struct vector_case *c)
{
	for (size_t i = 0; i < c->count; i++) {
		free(c->fields[i].name);
		free(c->fields[i].value);
		free(c->fields[i].bytes);
	}
	memset(c->fields, 0, sizeof c->fields);
	c->count = 0;
}

/* The first block of a file says how many cases follow. */
static size_t announced(const struct vector_case *c)
{
	const char *value = vector_text(c, "count");
	char *end;
	size_t count = strtoul(value, &end, 10);

	assert_true(*end == '\0' && count > 0 && c->count == 1);
	return count;
}

void vector_each(
    const char *directory, const char *name, void (*run)(void *state, const struct vector_case *), void *state)
{
	char path[1024], *line = NULL;
	size_t room = 0, expected = 0, seen = 0;
	struct vector_case c = { .file = name };
	FILE *file;
	ssize_t length;

	snprintf(path, sizeof path, "%s/%s.txt", directory, name);
	file = fopen(path, "r");
	if (!file)
		fail_msg("%s: no vectors", path);
	do {
		length = getline(&line, &room, file);
		c.line++;
		if (length > 0 && line[length - 1] == '\n')
			line[--length] = '\0';
		if (length > 0 && line[0] != '#') {
			add(&c, line);
		} else if (length <= 0 && c.count > 0) {
			if (expected == 0) {
				expected = announced(&c);
			} else {
				run(state, &c);
				seen++;
			}
			clear(&c);
		}
	} while (length >= 0);
	free(line);
	fclose(file);
	assert_int_equal(seen, expected);
}

const struct vector_field *vector_find(const struct vector_case *c, const char *name)
{
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->fields[i].name, name) == 0)
			return &c->fields[i];
	return NULL;
}

const struct vector_field *vector_hex(const struct vector_case *c, const char *name)
{
	const struct vector_field *field = vector_find(c, name);

	if (!field || !field->bytes)
		fail_msg("%s:%zu: needs %s in hex", c->file, c->line, name);
	return field;
}

const char *vector_text(const struct vector_case *c, const char *name)
{
	const struct vector_field *field = vector_find(c, name);

	if (!field)
		fail_msg("%s:%zu: needs %s", c->file, c->line, name);
	return field->value;
}

bool vector_valid(const struct vector_case *c)
{
	const char *result = vector_text(c, "result");

	if (strcmp(result, "valid") != 0 && strcmp(result, "invalid") != 0)
		fail_msg("%s:%zu: result is neither valid nor invalid", c->file, c->line);
	return strcmp(result, "valid") == 0;
}
