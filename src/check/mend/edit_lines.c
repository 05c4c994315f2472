/* SPDX-License-Identifier: Apache-2.0 */
/* edit_lines.c - the lines of a file, and which of them belong to a layer: comments right above it are about it (see edit.h). */
#include "check/mend/edit.h"

#include <string.h>

static bool breaks(const struct check_run *run, size_t at)
{
	return run->text[at] == '\n' || run->text[at] == '\r';
}

static bool blank(const struct check_run *run, size_t at)
{
	return run->text[at] == ' ' || run->text[at] == '\t';
}

size_t edit_line_start(const struct check_run *run, size_t at)
{
	while (at > 0 && !breaks(run, at - 1))
		at--;
	return at;
}

size_t edit_line_end(const struct check_run *run, size_t at)
{
	while (at < run->length && !breaks(run, at))
		at++;
	return at;
}

size_t edit_line_next(const struct check_run *run, size_t at)
{
	at = edit_line_end(run, at);
	if (at + 1 < run->length && run->text[at] == '\r' && run->text[at + 1] == '\n')
		return at + 2;
	return at < run->length ? at + 1 : at;
}

size_t edit_line_before(const struct check_run *run, size_t start)
{
	return start - (start > 1 && run->text[start - 2] == '\r' && run->text[start - 1] == '\n' ? 2 : 1);
}

const char *edit_break(const struct check_run *run, size_t at)
{
	size_t end = edit_line_end(run, at), start = edit_line_start(run, at);

	if (end == run->length && start > 0) /* the last line may have none: as the one before it */
		end = edit_line_before(run, start);
	if (end == run->length || run->text[end] == '\n')
		return "\n";
	return end + 1 < run->length && run->text[end + 1] == '\n' ? "\r\n" : "\r";
}

bool edit_is_first(const struct check_run *run, size_t at)
{
	size_t i = edit_line_start(run, at);

	while (i < at && blank(run, i))
		i++;
	return i == at;
}

/* How deep the comment stands that the line from START on is; -1: it is none. */
static ptrdiff_t comment(const struct check_run *run, size_t start)
{
	size_t i = start;

	while (i < run->length && blank(run, i))
		i++;
	return i < run->length && run->text[i] == '#' ? (ptrdiff_t)(i - start) : -1;
}

/* The first byte of the line before the one that begins at START. */
static size_t line_before(const struct check_run *run, size_t start)
{
	return edit_line_start(run, edit_line_before(run, start));
}

size_t edit_lead(const struct check_run *run, size_t at)
{
	size_t start = edit_line_start(run, at);
	const ptrdiff_t column = (ptrdiff_t)(at - start);

	while (start > 0 && comment(run, line_before(run, start)) == column)
		start = line_before(run, start);
	return start;
}

size_t edit_tail(const struct check_run *run, size_t at, size_t column)
{
	size_t next = edit_line_next(run, at);

	while (next < run->length && comment(run, next) > (ptrdiff_t)column) {
		at = next;
		next = edit_line_next(run, at);
	}
	return edit_line_end(run, at);
}

static bool is_dash(const struct check_run *run, size_t at)
{
	return at < run->length && run->text[at] == '-' && (at + 1 == run->length || blank(run, at + 1) || breaks(run, at + 1)) &&
	       edit_is_first(run, at);
}

/* All dashes of a list are in one column; the item's is on its line, or on one above. */
static struct edit_item in_block(const struct check_run *run, const struct config_extent *at)
{
	const size_t column = at->of->from - edit_line_start(run, at->of->from);
	size_t start = edit_line_start(run, at->from);
	struct edit_item item = { .end = at->to };

	if (!is_dash(run, at->of->from))
		return item;
	while (start + column > at->of->from && !is_dash(run, start + column))
		start = line_before(run, start);
	if (!is_dash(run, start + column) || start + column >= at->from)
		return item;
	item.from = edit_lead(run, start + column);
	item.to = edit_tail(run, at->to, column);
	item.head = edit_line_start(run, at->from) == start ? config_copy(run->arena, run->text + start, at->from - start)
							    : config_print(run->arena, "%*s- ", (int)column, "");
	return item;
}

size_t edit_next(const struct check_run *run, size_t at)
{
	while (at < run->length && (config_blank(run->text[at]) || run->text[at] == '#'))
		at = run->text[at] == '#' ? edit_line_next(run, at) : at + 1;
	return at;
}

/* In brackets, on lines of its own, with its comma. */
static struct edit_item in_flow(const struct check_run *run, const struct config_extent *at)
{
	size_t start = edit_line_start(run, at->from), i = at->to;
	struct edit_item item = { 0 };

	while (i < run->length && blank(run, i))
		i++;
	item.end = i < run->length && run->text[i] == ',' ? ++i : at->to;
	while (i < run->length && blank(run, i))
		i++;
	if (!edit_is_first(run, at->from) || (i < run->length && !breaks(run, i) && run->text[i] != '#'))
		return item;
	i = item.end == at->to ? edit_next(run, i) : i;
	if (item.end == at->to && i < run->length && run->text[i] == ',')
		return item;
	item.from = edit_lead(run, at->from);
	item.to = edit_line_end(run, item.end);
	item.head = config_copy(run->arena, run->text + start, at->from - start);
	return item;
}

const char *edit_comments(const struct check_run *run, size_t from, size_t to)
{
	const char *kept = "";
	char quote = 0;

	for (size_t i = from; kept && i < to; i++) {
		const char c = run->text[i];

		if (quote ? c == quote : c == '"' || c == '\'')
			quote = quote ? 0 : c;
		else if (quote == '"' && c == '\\')
			i++;
		if (quote || c != '#' || i == from || !config_blank(run->text[i - 1]))
			continue;
		kept = config_print(run->arena, "%s   %.*s", kept, (int)(edit_line_end(run, i) - i), run->text + i);
		i = edit_line_end(run, i);
	}
	return kept;
}

struct edit_item edit_item(const struct check_run *run, const struct config_extent *at)
{
	if (at->form == CONFIG_IN_BLOCK)
		return in_block(run, at);
	return at->form == CONFIG_IN_FLOW ? in_flow(run, at) : (struct edit_item){ .end = at->to };
}
