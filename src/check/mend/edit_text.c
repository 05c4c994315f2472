/* SPDX-License-Identifier: Apache-2.0 */
/* edit_text.c - a change of the text in words: "added mac: hmac-sha-256 behind encrypt: aes-256-cbc". */
#include "check/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct span {
	const char *from, *to;
};

/* Without what only joins an item to others: blanks, ends of lines, dashes, and one comma or bar; and without comments above it. */
static struct span bare(struct span s)
{
	while (s.from < s.to && strchr(" \t\r\n,|-#", *s.from))
		s.from += *s.from == '#' ? strcspn(s.from, "\r\n") : 1;
	s.from = s.from < s.to ? s.from : s.to;
	while (s.from < s.to && strchr(" \t\r\n,|", s.to[-1]))
		s.to--;
	return s;
}

static bool opens(char c)
{
	return c == '{' || c == '[';
}

static bool closes(char c)
{
	return c == '}' || c == ']';
}

static bool quotes(char c)
{
	return c == '\'' || c == '"';
}

/* Where the quote that ends before AT began, on the same line; NULL: it begins there, around what is looked at. */
static const char *opened(const char *text, const char *at)
{
	const char *from = at - 1;

	while (from > text && from[-1] != at[-1] && from[-1] != '\n')
		from--;
	return from > text && from[-1] == at[-1] ? from - 1 : NULL;
}

/* Behind the quote that AT begins, on the same line; NULL: it ends there. */
static const char *closed(const char *at)
{
	const char *to = at + 1;

	while (*to && *to != *at && *to != '\n')
		to++;
	return *to == *at ? to + 1 : NULL;
}

/* Without "stack: " in front of a layer in a line. */
static struct span unnamed(struct span s)
{
	const char *colon = memchr(s.from, ':', (size_t)(s.to - s.from)), *next;

	if (!colon || colon + 2 >= s.to || colon[1] != ' ')
		return s;
	next = memchr(colon + 2, ':', (size_t)(s.to - colon - 2));
	if (next && next + 1 < s.to && next[1] != ' ' && !memchr(colon + 2, '{', (size_t)(next - colon - 2)))
		s.from = colon + 2;
	return s;
}

/* The item that ends before AT: back to what separates it from others, with all that is in its brackets and quotes. */
static struct span item_before(const char *text, const char *at)
{
	const char *from = at;
	int depth = 0;

	while (from > text && (depth > 0 || !strchr(",|\r\n", from[-1]))) {
		if (quotes(from[-1])) {
			const char *start = opened(text, from);

			if (!start)
				break;
			from = start;
			continue;
		}
		depth += closes(from[-1]) - opens(from[-1]);
		if (depth < 0)
			break;
		from--;
	}
	return unnamed(bare((struct span){ from, at }));
}

static struct span item_after(const char *at)
{
	const struct span rest = bare((struct span){ at, at + strlen(at) });
	const char *to = rest.from;
	int depth = 0;

	while (*to && (depth > 0 || !strchr(",|\r\n", *to))) {
		if (quotes(*to)) {
			const char *end = closed(to);

			if (!end)
				break;
			to = end;
			continue;
		}
		depth += opens(*to) - closes(*to);
		if (depth < 0)
			break;
		to++;
	}
	return bare((struct span){ at, to });
}

static void put(FILE *out, const char *words, struct span s)
{
	const char *comment = memchr(s.from, '#', (size_t)(s.to - s.from));

	if (comment && comment > s.from && comment[-1] == ' ')
		s = bare((struct span){ s.from, comment });
	fputs(s.from < s.to ? words : "", out);
	for (bool gap = false; s.from < s.to; s.from++) {
		const bool blank = strchr(" \t\r\n", *s.from) != NULL;

		if (!blank || !gap)
			fputc(blank ? ' ' : *s.from, out);
		gap = blank;
	}
}

static void added(FILE *out, const char *words, const char *text, const struct check_edit *edit)
{
	const struct span whole = { edit->text, edit->text + strlen(edit->text) }, what = bare(whole);

	put(out, words, what);
	/* What joins it to others follows it, or goes before it. */
	if (what.to < whole.to)
		put(out, " before ", item_after(text + edit->from));
	else
		put(out, " behind ", item_before(text, text + edit->from));
}

static void changed(FILE *out, const char *text, const struct check_edit *edit)
{
	const struct span was = bare((struct span){ text + edit->from, text + edit->to }),
			  is = bare((struct span){ edit->text, edit->text + strlen(edit->text) });

	put(out, is.from < is.to ? "changed " : "removed ", was);
	put(out, " to ", is);
}

static bool adds(const struct check_edit *edit)
{
	return edit->from == edit->to;
}

/* Whether one of two edits takes away what the other one adds. */
static bool moves(const char *text, const struct check_edit *add, const struct check_edit *take)
{
	const struct span what = bare((struct span){ add->text, add->text + strlen(add->text) }),
			  gone = bare((struct span){ text + take->from, text + take->to });
	const size_t length = (size_t)(what.to - what.from);

	return adds(add) && !adds(take) && !*take->text && length <= (size_t)(gone.to - gone.from) &&
	       strncmp(what.from, gone.from, length) == 0;
}

char *check_edits_text(const char *text, const struct check_edit *edit, unsigned count)
{
	char *made = NULL;
	size_t size;
	FILE *out = open_memstream(&made, &size);

	if (!out)
		return NULL;
	for (unsigned i = 0; i < count; i++) {
		const struct check_edit *other = count == 2 ? &edit[1 - i] : NULL;

		if (other && moves(text, other, &edit[i]))
			continue;
		fputs(i && !(other && moves(text, &edit[i], other)) ? "; " : "", out);
		if (adds(&edit[i]))
			added(out, other && moves(text, &edit[i], other) ? "moved " : "added ", text, &edit[i]);
		else
			changed(out, text, &edit[i]);
	}
	if (fclose(out) == 0)
		return made;
	free(made);
	return NULL;
}
