/* SPDX-License-Identifier: Apache-2.0 */
/* text.c - a finding as a compiler would show it, with its line of the file; and all of them as JSON for programs. */
#include "check/explain/explain.h"
#include "config/model.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN_MAX = 140, LEAD = 60 };

static const char *const names[] = { "error", "warning", "note" };
static const char *const colours[] = { "\033[1;31m", "\033[1;35m", "\033[1;36m" };

struct source {
	const char *from, *end;
};

/* Line NUMBER of the text; line ends as YAML sees them. */
static bool find_line(const char *text, size_t length, unsigned number, struct source *out)
{
	const size_t mark = config_mark(text, length);
	const char *s = text + mark, *end = text + length;

	for (unsigned line = 1;; line++) {
		const char *stop = s;

		while (stop < end && *stop != '\n' && *stop != '\r')
			stop++;
		if (line == number) {
			*out = (struct source){ s, stop };
			return true;
		}
		if (stop == end)
			return false;
		s = stop + (end - stop > 1 && stop[0] == '\r' && stop[1] == '\n' ? 2 : 1);
	}
}

static const char *next_character(const char *s, const char *end)
{
	do
		s++;
	while (s < end && ((unsigned char)*s & 0xc0) == 0x80);
	return s;
}

/* The characters from column FIRST to behind LAST, blanks for what a terminal must not get. */
static void show(FILE *out, struct source line, unsigned first, unsigned last)
{
	unsigned column = 1;

	for (const char *s = line.from; s < line.end && column < last; column++) {
		const char *next = next_character(s, line.end);

		if (column >= first) {
			if ((unsigned char)*s < 0x20 || *s == 0x7f || ((unsigned char)*s & 0xc0) == 0x80)
				fputc(' ', out);
			else
				fwrite(s, 1, (size_t)(next - s), out);
		}
		s = next;
	}
}

/* A part of one line, and what it is underlined with. */
struct span {
	unsigned line, column, end;
	char head, tail;
};

static const struct span *at(const struct span *spans, size_t count, unsigned column)
{
	for (size_t i = 0; i < count; i++)
		if (column >= spans[i].column && column < spans[i].end)
			return &spans[i];
	return NULL;
}

/* The line of all SPANS, and under it what they mark; the part around the first one, which has the colour ON. */
static void underline(FILE *out, const struct span *spans, size_t count, struct source line, const char *on, const char *off)
{
	const unsigned first = spans->column > SHOWN_MAX - LEAD ? spans->column - LEAD : 1, most = first + SHOWN_MAX;
	unsigned end = spans->column + 1;

	for (size_t i = 0; i < count; i++)
		end = spans[i].end > end ? spans[i].end : end;
	fprintf(out, "%5u | ", spans->line);
	show(out, line, first, most);
	fprintf(out, "\n      | ");
	for (unsigned column = first; column < (end > most ? most : end); column++) {
		const struct span *span = at(spans, count, column);

		fprintf(out, "%s%c", span == spans && column == span->column ? on : "",
		    !span ? ' ' : column == span->column ? span->head : span->tail);
		if (span == spans && column + 1 == (span->end < most ? span->end : most))
			fprintf(out, "%s", off);
	}
	fputc('\n', out);
}

/* The lines of a finding and of what it is in conflict with, in the order of the file. */
static void carets(FILE *out, const struct check_finding *f, const char *text, size_t length, const char *on, const char *off)
{
	const struct span spans[] = { { f->line, f->column, f->end, '^', '~' },
		{ f->other_line, f->other_column, f->other_end, '-', '-' } };
	const bool both = f->other_line == f->line;
	struct source line;

	if (f->other_line && f->other_line < f->line && find_line(text, length, f->other_line, &line))
		underline(out, &spans[1], 1, line, "", "");
	if (find_line(text, length, f->line, &line))
		underline(out, spans, both ? 2 : 1, line, on, off);
	if (f->other_line > f->line && find_line(text, length, f->other_line, &line))
		underline(out, &spans[1], 1, line, "", "");
}

static void lines(FILE *out, const char *lead, const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		fprintf(out, "   %s%.*s\n", lead, (int)length, text);
		text += length + (text[length] == '\n');
	}
}

static void whole(FILE *out, const struct check_result *result, const struct check_finding *f, const char *text,
    size_t length, bool colour)
{
	const char *on = colour ? colours[f->severity] : "", *off = colour ? "\033[0m" : "",
		   *bold = colour ? "\033[1m" : "";

	fprintf(out, "%s%s", bold, result->file);
	if (f->line)
		fprintf(out, ":%u:%u", f->line, f->column);
	fprintf(out, ":%s %s%s[%s]:%s %s%s%s\n", off, on, names[f->severity], f->id, off, bold, f->message, off);
	if (f->line && text)
		carets(out, f, text, length, on, off);
	if (f->reason)
		lines(out, "= ", f->reason);
	if (f->help)
		lines(out, "help: ", f->help);
}

struct rendering {
	const struct check_result *result;
	const struct check_finding *finding;
	const char *text;
	size_t length;
	bool colour;
};

static void render(FILE *out, const void *context)
{
	const struct rendering *r = context;

	whole(out, r->result, r->finding, r->text, r->length, r->colour);
}

char *check_finding_text(const struct check_result *result, const struct check_finding *finding, const char *text,
    size_t length, bool colour)
{
	const struct rendering rendering = { result, finding, text, length, colour };

	return check_stream_text(render, &rendering);
}

static json_t *json_place(unsigned line, unsigned column, unsigned end)
{
	return json_pack("{s:I, s:I, s:I}", "line", (json_int_t)line, "column", (json_int_t)column, "end", (json_int_t)end);
}

static json_t *json_finding(const struct check_result *result, const struct check_finding *f)
{
	json_t *other = f->other_line ? json_place(f->other_line, f->other_column, f->other_end) : NULL;

	return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:o*, s:s, s:s*, s:s*}", "id", f->id, "severity", names[f->severity],
	    "file", result->file, "line", (json_int_t)f->line, "column", (json_int_t)f->column, "end",
	    (json_int_t)f->end, "other", other, "message", f->message, "reason", f->reason, "help", f->help);
}

char *check_findings_json(const struct check_result *result)
{
	json_t *list = json_array();
	char *text = NULL;
	bool ok = list != NULL;

	for (size_t i = 0; ok && i < result->finding_count; i++)
		ok = json_array_append_new(list, json_finding(result, &result->findings[i])) == 0;
	if (ok)
		text = json_dumps(list, JSON_INDENT(2));
	json_decref(list);
	return text;
}
