/* SPDX-License-Identifier: Apache-2.0 */
/* finding.c - collecting findings: cleaned of what a terminal or a log must not see, and in the order of the file. */
#include "check/internal.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_MOST = 600, FINDINGS_MAX = 200, HELP_LINES = 4 };

size_t check_utf8(const char *text, size_t length)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t at = 0, one = 1;

	while (at < length && one > 0) {
		one = config_character(s + at, length - at);
		at += one;
	}
	return at;
}

char *check_clean(struct config_arena *arena, const char *text, size_t most)
{
	size_t length = strnlen(text, most + 1), n = 0;
	bool cut = length > most;
	const unsigned char *s = (const unsigned char *)text, *end = s + (cut ? most : length);
	char *out = config_take(arena, length + 4);

	while (out && s < end) {
		size_t sane = config_character(s, (size_t)(end - s));

		if (sane == 0 || *s < 0x20 || *s == 0x7f) {
			out[n++] = '?';
			s++;
			continue;
		}
		memcpy(out + n, s, sane);
		n += sane;
		s += sane;
	}
	if (out && cut)
		memcpy(out + n, "...", 4);
	return out;
}

/* The help has a few lines, each cleaned for itself; a name with line feeds in it does not make it endless. */
static char *clean_lines(struct config_arena *arena, const char *text)
{
	char *whole = NULL;

	for (int n = 0; *text && n < HELP_LINES; n++) {
		size_t length = strcspn(text, "\n");
		char *line = config_copy(arena, text, length < LINE_MOST + 8 ? length : LINE_MOST + 8);

		line = line ? check_clean(arena, line, LINE_MOST) : NULL;
		whole = !line ? NULL : n == 0 ? line : config_print(arena, "%s\n%s", whole, line);
		if (!whole)
			return NULL;
		text += length + (text[length] == '\n');
	}
	return whole;
}

static struct check_finding *another(struct check_run *run)
{
	struct check_result *result = run->result;

	if (result->finding_count == run->room) {
		size_t room = 2 * run->room + 16;
		struct check_finding *more = config_take(run->arena, room * sizeof *more);

		if (!more)
			return NULL;
		if (result->finding_count)
			memcpy(more, result->findings, result->finding_count * sizeof *more);
		result->findings = more;
		run->room = room;
	}
	return &result->findings[result->finding_count];
}

static const char *with_meant(struct config_arena *arena, const struct check_report *report)
{
	return report->meant ? config_print(arena, "%s; did you mean '%s'?", report->message, report->meant) : report->message;
}

static enum check_severity severity(const struct check_run *run, const struct check_rule *rule)
{
	if (rule->accept && check_accepts(run->session, rule->id))
		return CHECK_NOTE;
	return rule->level && run->lab ? CHECK_WARNING : rule->severity;
}

static bool count(struct check_run *run, const struct check_rule *rule)
{
	struct check_result *result = run->result;
	const enum check_severity how = severity(run, rule);
	size_t rules = 0;

	while (!result->told && check_rules[rules].id)
		rules++;
	result->told = result->told ? result->told : config_take(run->arena, (rules + 1) * sizeof *result->told);
	if (!result->told)
		return false;
	result->told[rule - check_rules]++;
	result->errors += how == CHECK_ERROR;
	result->warnings += how == CHECK_WARNING;
	return true;
}

static void add(struct check_run *run, const struct check_report *report)
{
	const struct check_rule *rule = check_rule(report->id);
	const char *message = with_meant(run->arena, report);
	struct check_finding *f = another(run);

	if (!f || !message)
		return;
	f->id = rule->id ? rule->id : "SC000";
	f->severity = severity(run, rule);
	f->line = report->at.line;
	f->column = report->at.column;
	f->end = report->at.end;
	f->other_line = report->other.line;
	f->other_column = report->other.column;
	f->other_end = report->other.end;
	f->message = check_clean(run->arena, message, LINE_MOST);
	f->reason = report->reason ? check_clean(run->arena, report->reason, LINE_MOST) : NULL;
	f->help = report->help && *report->help ? clean_lines(run->arena, report->help) : NULL;
	for (size_t i = 0; i < CHECK_EDITS_MAX; i++)
		if (report->edit[i].text)
			f->edit[f->edits++] = report->edit[i];
	if (f->edits == 0 && report->meant) {
		f->edit[0] = check_edit_word(run, report->name, report->meant);
		f->edits = f->edit[0].text != NULL;
		f->guess = f->edits > 0;
	}
	if (f->edits == 2 && f->edit[0].from > f->edit[1].from) {
		f->edit[0] = report->edit[1];
		f->edit[1] = report->edit[0];
	}
	run->result->finding_count++;
}

void check_tell(struct check_run *run, const struct check_report *report)
{
	static const struct check_report enough = { .id = "SC022", .message = "more than 200 findings; the rest is not shown" };

	if (!report->message || run->arena->failed) {
		run->arena->failed = true;
		return;
	}
	if (!count(run, check_rule(report->id)))
		return;
	/* A file that is wrong from end to end needs no list of all of it; it stays counted as wrong. */
	if (run->result->finding_count < FINDINGS_MAX)
		add(run, report);
	else if (run->result->finding_count == FINDINGS_MAX)
		add(run, &enough);
}

bool check_tell_unknown(struct check_run *run, const char *id, const struct config_node *name, const char *const *names, const char *message,
    const char *help)
{
	if (!message || !names || !help)
		return false;
	check_tell(run, &(struct check_report){ .id = id, .at = name->at, .message = message, .help = help, .name = name,
			    .meant = config_nearest(name->text, names) });
	return true;
}

static int by_place(const void *a, const void *b)
{
	const struct check_finding *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return strcmp(x->id, y->id);
}

void check_sort(struct check_result *result)
{
	if (result->finding_count)
		qsort(result->findings, result->finding_count, sizeof *result->findings, by_place);
}
