/* SPDX-License-Identifier: Apache-2.0 */
/*
 * difference.c - two texts as a unified diff, for `check --fix --dry-run`.
 *
 * Repairs change a few lines of a file, so the plain table of longest common subsequences does, after what is equal at both
 * ends has been left out.
 */
#include "check/explain/explain.h"

#include <stdlib.h>
#include <string.h>

enum { CONTEXT = 3, TABLE_MAX = 4000 }; /* lines that differ; more are told as all old, then all new */

struct lines {
	const char **at;
	size_t *length, count; /* with the line feed, which the last one may lack */
};

static bool cut(const char *text, struct lines *out)
{
	size_t count = 0;

	for (const char *c = text; *c; c++)
		count += *c == '\n';
	out->at = malloc((count + 1) * sizeof *out->at);
	out->length = malloc((count + 1) * sizeof *out->length);
	out->count = 0;
	for (const char *line = text; out->at && out->length && *line;) {
		size_t length = strcspn(line, "\n");

		length += line[length] == '\n';
		out->at[out->count] = line;
		out->length[out->count++] = length;
		line += length;
	}
	return out->at && out->length;
}

static void drop(struct lines *lines)
{
	free(lines->at);
	free(lines->length);
}

static bool same(const struct lines *a, size_t i, const struct lines *b, size_t j)
{
	return a->length[i] == b->length[j] && memcmp(a->at[i], b->at[j], a->length[i]) == 0;
}

/* ---- What goes and what comes: a step for each line ---- */

enum step { KEEP, GO, COME };
struct script {
	enum step *steps;
	size_t count;
};

static void walk(struct script *s, const struct lines *a, const struct lines *b, size_t first, size_t n, size_t m, const unsigned short *table)
{
	size_t i = 0, j = 0;

	while (i < n || j < m) {
		bool alike = i < n && j < m && same(a, first + i, b, first + j);
		bool go = i < n && (j == m || !table || table[(i + 1) * (m + 1) + j] >= table[i * (m + 1) + j + 1]);

		s->steps[s->count++] = alike ? KEEP : go ? GO : COME;
		i += alike || go;
		j += alike || !go;
	}
}

static unsigned short *common(const struct lines *a, const struct lines *b, size_t first, size_t n, size_t m)
{
	unsigned short *table = calloc((n + 1) * (m + 1), sizeof *table);

	for (size_t i = n; table && i-- > 0;)
		for (size_t j = m; j-- > 0;) {
			unsigned short down = table[(i + 1) * (m + 1) + j], right = table[i * (m + 1) + j + 1];

			table[i * (m + 1) + j] = same(a, first + i, b, first + j)
						     ? (unsigned short)(table[(i + 1) * (m + 1) + j + 1] + 1)
						 : down > right ? down
								: right;
		}
	return table;
}

static bool compare(const struct lines *a, const struct lines *b, struct script *s)
{
	size_t shorter = a->count < b->count ? a->count : b->count, first = 0, last = 0, n, m;
	unsigned short *table = NULL;

	s->count = 0;
	s->steps = malloc((a->count + b->count + 1) * sizeof *s->steps);
	if (!s->steps)
		return false;
	while (first < shorter && same(a, first, b, first))
		first++;
	while (last < shorter - first && same(a, a->count - 1 - last, b, b->count - 1 - last))
		last++;
	n = a->count - first - last;
	m = b->count - first - last;
	for (size_t i = 0; i < first; i++)
		s->steps[s->count++] = KEEP;
	if (n <= TABLE_MAX && m <= TABLE_MAX)
		table = common(a, b, first, n, m);
	walk(s, a, b, first, n, m, table);
	free(table);
	for (size_t i = 0; i < last; i++)
		s->steps[s->count++] = KEEP;
	return true;
}

/* ---- Writing ---- */

struct difference {
	const char *file;
	struct lines before, after;
	struct script script;
};

static size_t next_change(const struct script *s, size_t from)
{
	while (from < s->count && s->steps[from] == KEEP)
		from++;
	return from;
}

/* Behind the last change that no more than twice the context keeps apart from the one before. */
static size_t hunk_end(const struct script *s, size_t change)
{
	size_t end = change, next = change;

	while (next < s->count && next <= end + 2 * (size_t)CONTEXT) {
		end = next + 1;
		next = next_change(s, end);
	}
	return end;
}

/* A line that has no end is told as one, or who applies this would give it one. */
static void put_line(FILE *out, char sign, const char *line, size_t length)
{
	fprintf(out, "%c%.*s", sign, (int)length, line);
	if (length == 0 || line[length - 1] != '\n')
		fputs("\n\\ No newline at end of file\n", out);
}

static void hunk(FILE *out, const struct difference *d, size_t from, size_t to, size_t *i, size_t *j)
{
	size_t olds = 0, news = 0;

	for (size_t k = from; k < to; k++) {
		olds += d->script.steps[k] != COME;
		news += d->script.steps[k] != GO;
	}
	fprintf(out, "@@ -%zu,%zu +%zu,%zu @@\n", *i + (olds > 0), olds, *j + (news > 0), news);
	for (size_t k = from; k < to; k++) {
		enum step step = d->script.steps[k];
		const struct lines *of = step == COME ? &d->after : &d->before;
		size_t line = step == COME ? *j : *i;

		put_line(out, step == KEEP ? ' ' : step == GO ? '-' : '+', of->at[line], of->length[line]);
		*i += step != COME;
		*j += step != GO;
	}
}

static void write_difference(FILE *out, const void *context)
{
	const struct difference *d = context;
	const struct script *s = &d->script;
	const char *tab = strchr(d->file, ' ') ? "\t" : ""; /* ends a name with blanks in it, for `patch` */
	size_t i = 0, j = 0, at = 0;

	if (next_change(s, 0) == s->count)
		return;
	fprintf(out, "--- %s%s\n+++ %s%s\n", d->file, tab, d->file, tab);
	for (size_t change = next_change(s, 0); change < s->count; change = next_change(s, at)) {
		size_t from = change > at + CONTEXT ? change - CONTEXT : at, end = hunk_end(s, change);
		size_t to = end + CONTEXT < s->count ? end + CONTEXT : s->count;

		i += from - at;
		j += from - at;
		hunk(out, d, from, to, &i, &j);
		at = to;
	}
}

char *check_text_diff(const char *file, const char *before, const char *after)
{
	struct difference d = { .file = file };
	char *text = NULL;
	bool ok = cut(before, &d.before);

	ok = cut(after, &d.after) && ok;
	if (ok && compare(&d.before, &d.after, &d.script))
		text = check_stream_text(write_difference, &d);
	free(d.script.steps);
	drop(&d.before);
	drop(&d.after);
	return text;
}
