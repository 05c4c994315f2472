/* SPDX-License-Identifier: Apache-2.0 */
/* text.c - a finding as a compiler would show it, with its line of the file; and all of them as JSON for programs. */
#include "check/explain.h"

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
	const char *s = text, *end = text + length;

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

static void caret(FILE *out, const struct check_finding *f, struct source line, const char *on, const char *off)
{
	unsigned first = f->column > SHOWN_MAX - LEAD ? f->column - LEAD : 1, last = first + SHOWN_MAX;
	unsigned end = f->end > last ? last : f->end;

	fprintf(out, "%5u | ", f->line);
	show(out, line, first, last);
	fprintf(out, "\n      | %*s%s^", (int)(f->column - first), "", on);
	for (unsigned column = f->column + 1; column < end; column++)
		fputc('~', out);
	fprintf(out, "%s\n", off);
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
	struct source line;

	fprintf(out, "%s%s", bold, result->file);
	if (f->line)
		fprintf(out, ":%u:%u", f->line, f->column);
	fprintf(out, ":%s %s%s[%s]:%s %s%s%s\n", off, on, names[f->severity], f->id, off, bold, f->message, off);
	if (f->line && text && find_line(text, length, f->line, &line))
		caret(out, f, line, on, off);
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

static json_t *json_finding(const struct check_result *result, const struct check_finding *f)
{
	return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:s*, s:s*}", "id", f->id, "severity", names[f->severity],
	    "file", result->file, "line", (json_int_t)f->line, "column", (json_int_t)f->column, "end",
	    (json_int_t)f->end, "message", f->message, "reason", f->reason, "help", f->help);
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
