/* SPDX-License-Identifier: Apache-2.0 */
/* compare_text.c - what compare.c found, for people. */
#include "check/explain/compare.h"

#include <string.h>

static const char *text_of(const json_t *row, const char *name)
{
	const char *text = json_string_value(json_object_get(row, name));

	return text ? text : "nothing";
}

static const char *note_of(const json_t *change)
{
	return json_is_true(json_object_get(change, "local")) ? "  (this end's own affair)" : "";
}

static void level(FILE *out, const json_t *row)
{
	fprintf(out, "  %-12s %-4s %-18s %s -> %s  (%s)\n", text_of(row, "lane"), text_of(row, "direction"),
	    text_of(row, "property"), text_of(row, "from"), text_of(row, "to"), text_of(row, "change"));
}

static void changes(FILE *out, const json_t *row)
{
	size_t i;
	const json_t *one;

	json_array_foreach(json_object_get(row, "changes"), i, one) fprintf(out, "      %s: %s -> %s%s\n",
	    text_of(one, "what"), text_of(one, "from"), text_of(one, "to"), note_of(one));
}

static void place(FILE *out, const json_t *layer)
{
	fprintf(out, "%s at place %" JSON_INTEGER_FORMAT, text_of(layer, "micro-protocol"),
	    json_integer_value(json_object_get(layer, "place")));
}

static void layer(FILE *out, const json_t *row)
{
	const json_t *from = json_object_get(row, "from"), *to = json_object_get(row, "to");
	const bool moved = strcmp(text_of(row, "change"), "moved") == 0;

	fprintf(out, "  %-12s %-8s ", text_of(row, "lane"), text_of(row, "change"));
	place(out, json_is_null(from) ? to : from);
	if (moved)
		fprintf(out, " -> %" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(to, "place")));
	fputc('\n', out);
	changes(out, row);
}

static void key(FILE *out, const json_t *row)
{
	fprintf(out, "  %-12s %s\n", text_of(row, "key"), text_of(row, "change"));
	changes(out, row);
}

static void bytes(FILE *out, const json_t *row)
{
	const json_int_t from = json_integer_value(json_object_get(row, "from")),
			 to = json_integer_value(json_object_get(row, "to"));

	fprintf(out,
	    "  %-4s a message of %" JSON_INTEGER_FORMAT ": %" JSON_INTEGER_FORMAT " -> %" JSON_INTEGER_FORMAT
	    "  (%+lld)\n",
	    text_of(row, "direction"), json_integer_value(json_object_get(row, "length")), from, to,
	    (long long)(to - from));
}

static void setting(FILE *out, const json_t *row)
{
	fprintf(
	    out, "  %-20s %s -> %s%s\n", text_of(row, "what"), text_of(row, "from"), text_of(row, "to"), note_of(row));
}

static const struct section {
	const char *name, *title;
	void (*row)(FILE *, const json_t *);
} sections[] = {
	{ "levels", "levels achieved", level },
	{ "layers", "layers, places in the sender's order", layer },
	{ "keys", "keys", key },
	{ "bytes", "bytes on the wire", bytes },
	{ "settings", "settings", setting },
};

static void heads(FILE *out, const json_t *whole)
{
	const json_t *a = json_object_get(whole, "a"), *b = json_object_get(whole, "b");

	fprintf(out, "A  %s  %s\nB  %s  %s\n\n", text_of(a, "configuration-digest"), text_of(a, "name"),
	    text_of(b, "configuration-digest"), text_of(b, "name"));
	if (json_is_true(json_object_get(whole, "equal"))) {
		fputs("equal: an end with A and an end with B talk to each other\n", out);
		return;
	}
	fprintf(out,
	    "different: an end with A and an end with B do not talk to each other\n  told at A: %s\n  told at B: %s\n",
	    text_of(whole, "told-at-a"), text_of(whole, "told-at-b"));
}

void compare_write(FILE *out, const void *whole)
{
	heads(out, whole);
	for (size_t s = 0; s < sizeof sections / sizeof *sections; s++) {
		const json_t *list = json_object_get(whole, sections[s].name), *one;
		size_t i;

		fprintf(out, "\n%s%s\n", sections[s].title, json_array_size(list) ? "" : ": no change");
		json_array_foreach(list, i, one) sections[s].row(out, one);
	}
}
