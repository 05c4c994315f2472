/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edit.c - repairs as changes of the text, so that what stands around them, comments too, stays as it is.
 *
 * A layer stands in the file in one of three notations, and what is put beside it is written in the same one:
 *	- mac: hmac-sha-256        [mac: hmac-sha-256]        mac:hmac-sha-256
 */
#include "check/mend/edit.h"

#include <string.h>

static const struct check_edit none;

static struct check_edit change(const struct check_run *run, size_t from, size_t to, const char *text)
{
	if (!text || from > to || to > run->length)
		return none;
	return (struct check_edit){ from, to, config_copy(run->arena, text, strlen(text)) };
}

/* The same with the comments that stand there, at the end of the line; what would stand behind them goes on in the next one. */
static struct check_edit replace(const struct check_run *run, size_t from, size_t to, const char *text)
{
	const char *comments = edit_comments(run, from, to);
	size_t rest = to, start = edit_line_start(run, from), deep = start;

	if (!text || !comments || !*comments)
		return comments ? change(run, from, to, text) : none;
	while (rest < run->length && (run->text[rest] == ' ' || run->text[rest] == '\t'))
		rest++;
	if (rest == run->length || config_blank(run->text[rest]) || run->text[rest] == '#')
		return change(run, from, to, config_print(run->arena, "%s%s", text, comments));
	while (run->text[deep] == ' ')
		deep++;
	return change(run, from, to,
	    config_print(run->arena, "%s%s%s%*s", text, comments, edit_break(run, from), (int)(deep - start) + 2, ""));
}

/* "a:WORD,name=value" as "a: {algorithm: WORD, name: value}", or as "a: WORD" when there is nothing more. */
static const char *as_yaml(struct config_arena *arena, const char *line)
{
	size_t layer = strcspn(line, ":,"), head = strcspn(line, ",");
	const char *text;

	if (!line[head])
		return line[layer] ? config_print(arena, "%.*s: %s", (int)layer, line, line + layer + 1) : line;
	text = config_print(arena, "%.*s: {algorithm: %.*s", (int)layer, line, (int)(head - layer - 1), line + layer + 1);
	while (text && line[head]) {
		const char *name = line + head + 1;
		size_t sign = strcspn(name, "="), end = strcspn(name, ",");

		text = config_print(arena, "%s, %.*s: %.*s", text, (int)sign, name, (int)(end - sign - 1), name + sign + 1);
		head += 1 + end;
	}
	return text ? config_print(arena, "%s}", text) : NULL;
}

static const char *written(const struct check_run *run, enum config_form form, const char *line)
{
	return form == CONFIG_IN_LINE ? line : as_yaml(run->arena, line);
}

/*
 * TEXT put into a line of layers.  In brackets a comma, and what opens or closes them, would end a line without quotes, so it gets some.
 */
struct check_edit check_edit_in_line(
    const struct check_run *run, const struct config_node *line, size_t from, size_t to, const char *text)
{
	if (!line->stands || !text || from > to)
		return none;
	if (line->quotes != CONFIG_BARE || !line->flow || !strpbrk(text, ",[]{}"))
		return change(run, from, to, text);
	return change(run, line->from, line->to, config_print(run->arena, "'%.*s%s%.*s'", (int)(from - line->from), run->text + line->from, text,
						      (int)(line->to - to), run->text + to));
}

struct check_edit check_edit_after(const struct check_run *run, const struct config_layer *layer, const char *line)
{
	const struct config_extent *at = &layer->extent;
	const struct edit_item item = edit_item(run, at);
	const char *text = written(run, at->form, line);

	if (!text)
		return none;
	switch (at->form) {
	case CONFIG_IN_BLOCK:
		return item.head ? change(run, item.to, item.to, config_print(run->arena, "%s%s%s", edit_break(run, at->from), item.head, text))
				 : none;
	case CONFIG_IN_FLOW:
		if (item.head && item.end > at->to)
			return change(run, item.to, item.to, config_print(run->arena, "%s%s%s,", edit_break(run, at->from), item.head, text));
		return change(run, at->to, at->to, config_print(run->arena, ", %s", text));
	case CONFIG_IN_LINE:
		return check_edit_in_line(run, at->of, at->to, at->to, config_print(run->arena, " | %s", text));
	case CONFIG_NOWHERE:
		break;
	}
	return none;
}

struct check_edit check_edit_before(const struct check_run *run, const struct config_layer *layer, const char *line)
{
	const struct config_extent *at = &layer->extent;
	const struct edit_item item = edit_item(run, at);
	const char *text = written(run, at->form, line), *more = edit_break(run, at->from);

	if (!text)
		return none;
	switch (at->form) {
	case CONFIG_IN_BLOCK:
		return item.head ? change(run, item.from, item.from, config_print(run->arena, "%s%s%s", item.head, text, more)) : none;
	case CONFIG_IN_FLOW:
		if (item.head)
			return change(run, item.from, item.from, config_print(run->arena, "%s%s,%s", item.head, text, more));
		return change(run, at->from, at->from, config_print(run->arena, "%s, ", text));
	case CONFIG_IN_LINE:
		return check_edit_in_line(run, at->of, at->from, at->from, config_print(run->arena, "%s | ", text));
	case CONFIG_NOWHERE:
		break;
	}
	return none;
}

struct check_edit check_edit_layer(const struct check_run *run, const struct config_layer *layer, const char *line)
{
	const struct config_extent *at = &layer->extent;
	/* The colon of a layer behind which nothing stands is its own, too. */
	const bool colon = at->form != CONFIG_IN_LINE && at->to < run->length && run->text[at->to] == ':';

	if (at->form == CONFIG_IN_LINE)
		return check_edit_in_line(run, at->of, at->from, at->to, line);
	return at->form == CONFIG_NOWHERE ? none : replace(run, at->from, at->to + colon, written(run, at->form, line));
}

/* Whole lines.  Where the last one has no end, neither has the one that is the last then. */
static struct check_edit without_lines(const struct check_run *run, const struct edit_item *item)
{
	size_t from = item->from, next = edit_line_next(run, item->to);

	if (item->to == run->length && from > 0)
		from = edit_line_before(run, from);
	return change(run, from, next, "");
}

static size_t behind(const struct check_run *run, size_t at, bool (*passed)(char))
{
	while (at < run->length && passed(run->text[at]))
		at++;
	return at;
}

static bool space(char c)
{
	return c == ' ' || c == '\t';
}

static const char *copied(const struct check_run *run, size_t from, size_t to)
{
	return config_copy(run->arena, run->text + from, to - from);
}

/* What shares its lines with others, with what joins it to them; in brackets a comment may stand before that, and stays. */
static struct check_edit without_text(const struct check_run *run, const struct config_extent *at)
{
	const char sign = at->form == CONFIG_IN_FLOW ? ',' : '|';
	bool (*passed)(char) = at->form == CONFIG_IN_LINE ? config_blank : space;
	size_t from = at->from, next = behind(run, at->to, passed), to;

	next = at->form == CONFIG_IN_FLOW ? edit_next(run, next) : next;
	if (next < run->length && run->text[next] == sign) {
		to = behind(run, next + 1, passed);
		if (at->form == CONFIG_IN_LINE)
			return change(run, from, to, "");
		if (to < run->length && run->text[to] == '#') /* what begins a comment has a blank before it */
			to = next + 1;
		return change(run, from, to, next > edit_line_end(run, at->to) ? copied(run, at->to, next) : "");
	}
	/* What closes the brackets may have to stand as deep as this line does. */
	while ((at->form == CONFIG_IN_LINE || !edit_is_first(run, from)) && (passed(run->text[from - 1]) || run->text[from - 1] == sign))
		from--;
	return change(run, from, at->to, "");
}

/* Comments right above it and on its line go, too, for they are about the layer. */
struct check_edit check_edit_without(const struct check_run *run, const struct config_layer *layer)
{
	const struct config_extent *at = &layer->extent;
	const struct edit_item item = edit_item(run, at);

	if (item.head)
		return without_lines(run, &item);
	return at->form == CONFIG_IN_FLOW || at->form == CONFIG_IN_LINE ? without_text(run, at) : none;
}

/* What stands on the lines of ITEM, with the comma that OF has. */
static const char *lines_of(const struct check_run *run, const struct config_extent *at, const struct edit_item *item,
    const struct config_extent *of_at, const struct edit_item *of)
{
	return config_print(run->arena, "%.*s%.*s%.*s", (int)(at->to - item->from), run->text + item->from, (int)(of->end - of_at->to),
	    run->text + of_at->to, (int)(item->to - item->end), run->text + item->end);
}

static bool apart(const struct config_extent *x, const struct config_extent *y)
{
	return x->form != CONFIG_NOWHERE && y->form == x->form && (x->from >= y->to || y->from >= x->to);
}

void check_edit_swap(const struct check_run *run, const struct config_layer *a, const struct config_layer *b,
    struct check_edit edit[CHECK_EDITS_MAX])
{
	const struct config_extent *x = &a->extent, *y = &b->extent;
	struct edit_item i, j;

	edit[0] = edit[1] = none;
	if (!apart(x, y))
		return;
	i = edit_item(run, x);
	j = edit_item(run, y);
	if (i.head && j.head) {
		edit[0] = change(run, i.from, i.to, lines_of(run, y, &j, x, &i));
		edit[1] = change(run, j.from, j.to, lines_of(run, x, &i, y, &j));
	} else if (x->form != CONFIG_IN_BLOCK) {
		edit[0] = change(run, x->from, x->to, copied(run, y->from, y->to));
		edit[1] = change(run, y->from, y->to, copied(run, x->from, x->to));
	}
}

void check_edit_move(const struct check_run *run, const struct config_layer *a, const struct config_layer *b,
    struct check_edit edit[CHECK_EDITS_MAX])
{
	const struct config_extent *x = &a->extent, *y = &b->extent;
	struct edit_item i, j;

	edit[0] = edit[1] = none;
	if (!apart(x, y))
		return;
	i = edit_item(run, x);
	j = edit_item(run, y);
	if (i.head && j.head) {
		edit[0] = change(run, j.from, j.from,
		    config_print(run->arena, "%.*s%s%.*s%s", (int)(x->to - i.from), run->text + i.from, x->form == CONFIG_IN_FLOW ? "," : "",
			(int)(i.to - i.end), run->text + i.end, edit_break(run, x->from)));
		edit[1] = without_lines(run, &i);
	} else if (x->form != CONFIG_IN_BLOCK) {
		edit[0] = change(run, y->from, y->from,
		    config_print(run->arena, x->form == CONFIG_IN_FLOW ? "%s, " : "%s | ", copied(run, x->from, x->to)));
		edit[1] = without_text(run, x);
	}
}

/* The byte in which COLUMN of LINE begins, both from 1; the file's end when there is none. */
static size_t byte_at(const struct check_run *run, unsigned line, unsigned column)
{
	size_t at = config_mark(run->text, run->length);

	for (unsigned n = 1; n < line && at < run->length; n++)
		at = edit_line_next(run, at);
	for (unsigned n = 1; n < column && at < run->length; n++)
		do
			at++;
		while (at < run->length && ((unsigned char)run->text[at] & 0xc0) == 0x80);
	return at < run->length ? at : run->length;
}

struct check_edit check_edit_place(const struct check_run *run, struct config_place at, const char *text)
{
	return at.line == 0 ? none : change(run, byte_at(run, at.line, at.column), byte_at(run, at.line, at.end), text);
}

/* What stands behind | or > ends with the end of a line, too, which no word has; a comment on the first line stays. */
static struct check_edit instead_of_lines(const struct check_run *run, const struct config_node *node, const char *text)
{
	size_t comment = node->from;
	const size_t end = edit_line_end(run, node->from);

	while (comment < end && run->text[comment] != '#')
		comment++;
	return change(run, node->from, node->to,
	    comment < end ? config_print(run->arena, "%s  %.*s", text, (int)(end - comment), run->text + comment) : text);
}

struct check_edit check_edit_word(const struct check_run *run, const struct config_node *node, const char *text)
{
	if (node->length > 0 && config_blank(node->text[node->length - 1]) && node->quotes == CONFIG_LINES)
		return check_edit_node(run, node, text);
	return node->stands ? change(run, node->stands[0], node->stands[node->length], text) : none;
}

struct check_edit check_edit_node(const struct check_run *run, const struct config_node *node, const char *text)
{
	if (node->to == 0 || !text)
		return none;
	/* A part of such lines begins where its text does. */
	if (node->quotes == CONFIG_LINES && (!node->stands || node->from < node->stands[0]))
		return instead_of_lines(run, node, text);
	return node->kind == CONFIG_SCALAR ? change(run, node->from, node->to, text) : replace(run, node->from, node->to, text);
}

/* Behind the last member, in the same notation. */
struct check_edit check_edit_member(
    const struct check_run *run, const struct config_node *map, const char *name, const char *value)
{
	const struct config_node *old = config_get(map, name), *last = map->last, *first = map->first;
	size_t column, end;

	if (old)
		return check_edit_node(run, old, value);
	if (!last || last->to == 0 || first->name->to == 0)
		return none;
	if (map->flow)
		return change(run, last->to, last->to, config_print(run->arena, ", %s: %s", name, value));
	column = first->name->from - edit_line_start(run, first->name->from);
	end = edit_tail(run, last->to, column);
	return change(run, end, end, config_print(run->arena, "%s%*s%s: %s", edit_break(run, last->from), (int)column, "", name, value));
}

/* In front of the member of a map that begins AT, on a line of its own if it is not in BRACES. */
static struct check_edit member_before(const struct check_run *run, size_t at, bool braces, const char *name, const char *value)
{
	const size_t lead = edit_lead(run, at);
	const int column = (int)(at - edit_line_start(run, at));
	const char *more = edit_break(run, at);

	if (!value)
		return none;
	if (braces)
		return change(run, at, at, config_print(run->arena, "%s: %s, ", name, value));
	if (edit_is_first(run, at))
		return change(run, lead, lead, config_print(run->arena, "%*s%s: %s%s", column, "", name, value, more));
	return change(run, at, at, config_print(run->arena, "%s: %s%s%*s", name, value, more, column, ""));
}

struct check_edit check_edit_member_before(const struct check_run *run, const struct config_node *map, const struct config_node *member,
    const char *name, const char *value)
{
	return member->to == 0 ? none : member_before(run, member->from, map->flow, name, value);
}

struct check_edit check_edit_given(
    const struct check_run *run, const struct config_layer *layer, const char *name, const char *value)
{
	const struct config_extent *at = &layer->extent;
	const struct config_node *first = layer->given_count ? layer->given[0].name : NULL;
	struct config_arena *arena = run->arena;

	if (at->form == CONFIG_NOWHERE || (first && first->to == 0))
		return none;
	if (at->form == CONFIG_IN_LINE)
		return check_edit_in_line(run, at->of, at->to, at->to, config_print(arena, ",%s=%s", name, value));
	if (!first && layer->word)
		return replace(run, at->from, at->to,
		    config_print(arena, "%s: {algorithm: %s, %s: %s}", layer->layer->text, layer->word->text, name, value));
	if (!first)
		return replace(run, at->from, at->to, config_print(arena, "%s: {%s: %s}", layer->layer->text, name, value));
	if (first->to < run->length && run->text[first->to] == '=')
		return change(run, first->from, first->from, config_print(arena, "%s=%s,", name, value));
	return member_before(run, first->from, first->flow, name, value);
}

const char *check_edit_yaml(struct config_arena *arena, const char *line)
{
	return line ? as_yaml(arena, line) : NULL;
}
