/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source.c - where in the file each byte of a scalar stands, though lines are folded and characters are escaped in it.
 *
 * The text and what it was read from are walked side by side: what is blank in the one is blank in the other, however much of it;
 * anything else is the same character, or an escape that stands for it.
 */
#include "config/model.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

size_t config_mark(const char *text, size_t length)
{
	static const char mark[] = "\xef\xbb\xbf";

	return length >= sizeof mark - 1 && memcmp(text, mark, sizeof mark - 1) == 0 ? sizeof mark - 1 : 0;
}

bool config_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* How many bytes of UTF-8 the escape behind a backslash stands for, and how many it takes, backslash too. */
struct escape {
	size_t bytes, taken;
	bool blank;
};

static struct escape coded(const char *digits, size_t count)
{
	char copy[9] = "";
	unsigned long value;

	memcpy(copy, digits, count);
	value = strtoul(copy, NULL, 16);
	return (struct escape){ value < 0x80 ? 1 : value < 0x800 ? 2 : value < 0x10000 ? 3 : 4, 2 + count,
		value < 0x80 && config_blank((char)value) };
}

static struct escape escape(const char *s, const char *end)
{
	static const char blanks[] = " \tntr\n\r";
	const char c = end - s > 1 ? s[1] : 0;
	const size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;

	/* Two escapes of four digits are one character when the first is half of it. */
	if (c == 'u' && end - s >= 12 && strncasecmp(s + 2, "d8", 2) >= 0 && strncasecmp(s + 2, "dc", 2) < 0 && s[6] == '\\' && s[7] == 'u')
		return (struct escape){ 4, 12, false };
	if (digits && (size_t)(end - s) >= 2 + digits)
		return coded(s + 2, digits);
	return (struct escape){ c == 'N' || c == '_' ? 2 : c == 'L' || c == 'P' ? 3 : 1, 2, c && strchr(blanks, c) };
}

static const char *behind_blanks(const char *s, const char *end, enum config_quotes quotes)
{
	while (s < end) {
		if (config_blank(*s))
			s++;
		else if (quotes == CONFIG_DOUBLE && *s == '\\' && escape(s, end).blank)
			s += escape(s, end).taken;
		else
			break;
	}
	return s < end ? s : end;
}

/* The character at S stands for the one at TEXT; *BYTES of it.  0: it does not, else how many bytes of the file it takes. */
static size_t same(const char *s, const char *end, enum config_quotes quotes, const char *text, size_t *bytes)
{
	*bytes = 1;
	if (quotes == CONFIG_DOUBLE && *s == '\\') {
		struct escape e = escape(s, end);

		*bytes = e.bytes;
		return e.taken;
	}
	if (*s != *text)
		return 0;
	return quotes == CONFIG_SINGLE && *s == '\'' ? 2 : 1;
}

bool config_stands(struct config_arena *arena, struct config_node *node, size_t from, size_t to)
{
	const char *s = node->file + from, *end = node->file + to;
	uint32_t *at = config_take(arena, (node->length + 1) * sizeof *at);

	if (!at)
		return false;
	for (size_t i = 0;;) {
		const char *last = s;
		size_t bytes, taken;

		s = behind_blanks(s, end, node->quotes);
		while (i < node->length && config_blank(node->text[i]))
			at[i++] = (uint32_t)(last - node->file);
		if (i == node->length) {
			at[i] = (uint32_t)(last - node->file);
			node->stands = at;
			return true;
		}
		taken = s < end ? same(s, end, node->quotes, node->text + i, &bytes) : 0;
		if (taken == 0 || taken > (size_t)(end - s) || bytes > node->length - i)
			return true; /* read in a way that is not known here */
		while (bytes-- > 0)
			at[i++] = (uint32_t)(s - node->file);
		s += taken;
	}
}

struct config_place config_place_between(const char *file, size_t mark, struct config_place at, size_t from, size_t to)
{
	size_t i = mark;

	for (; i < from; i++) {
		if (file[i] == '\n' || (file[i] == '\r' && (i + 1 == from || file[i + 1] != '\n'))) {
			at.line++;
			at.column = 1;
		} else if (file[i] != '\r' && (file[i] & 0xc0) != 0x80) {
			at.column++;
		}
	}
	for (at.end = at.column; i < to && file[i] != '\n' && file[i] != '\r'; i++)
		at.end += (file[i] & 0xc0) != 0x80;
	at.end += at.end == at.column;
	return at;
}
