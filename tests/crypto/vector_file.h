/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vector_file.h - reads tests/vectors: lines "name = value", cases apart by empty lines, "#" comments, "count = N"
 * first.
 */
#ifndef VECTOR_FILE_H
#define VECTOR_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VECTOR_FIELDS = 12 };

struct vector_field {
	char *name;
	char *value;
	uint8_t *bytes; /* of exactly LENGTH bytes, so that a sanitizer sees one too many; NULL: VALUE is not hex */
	size_t length;
};

struct vector_case {
	const char *file;
	size_t line; /* of its end */
	size_t count;
	struct vector_field fields[VECTOR_FIELDS];
};

/* Calls RUN for each case of DIRECTORY/NAME.txt; fails the test when the file's count does not agree. */
void vector_each(
    const char *directory, const char *name, void (*run)(void *state, const struct vector_case *), void *state);
/* The field, or NULL. */
const struct vector_field *vector_find(const struct vector_case *, const char *name);
/* The field, as hex; fails the test when there is none. */
const struct vector_field *vector_hex(const struct vector_case *, const char *name);
const char *vector_text(const struct vector_case *, const char *name);
/* Whether the case has "result = valid"; anything but that and "invalid" fails the test. */
bool vector_valid(const struct vector_case *);

#endif
