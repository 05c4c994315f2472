/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edit.c - repairs as changes of the text, so that what stands around them, comments too, stays as it is.
 *
 * A layer stands in the file in one of three notations, and what is put beside it is written in the same one:
 *	- mac: hmac-sha-256        [mac: hmac-sha-256]        mac:hmac-sha-256
 */
#include "check/internal.h"

#include <string.h>

static const struct check_edit none;

static struct check_edit change(const struct check_run *run, size_t from, size_t to, const char *text)
{
	if (!text || from > to || to > run->length)
		return none;
	return (struct check_edit){ from, to, config_copy(run->arena, text, strlen(text)) };
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

/* The beginning of the line of the file in which the byte AT stands, and its end, before the line feed. */
static size_t line_start(const struct check_run *run, size_t at)
{
	while (at > 0 && run->text[at - 1] != '\n')
		at--;
	return at;
}

static size_t line_end(const struct check_run *run, size_t at)
{
	const char *end = memchr(run->text + at, '\n', run->length - at);

	return end ? (size_t)(end - run->text) : run->length;
}

/* The blanks and the dash in front of an item of a block list; NULL: something else stands before it. */
static const char *dash(const struct check_run *run, size_t at)
{
	size_t start = line_start(run, at), i = start;

	while (i < at && (run->text[i] == ' ' || run->text[i] == '-'))
		i++;
	return i == at && at > start ? config_copy(run->arena, run->text + start, at - start) : NULL;
}

struct check_edit check_edit_after(const struct check_run *run, const struct config_layer *layer, const char *line)
{
	const struct config_extent *at = &layer->extent;
	const char *text = written(run, at->form, line), *before;

	if (!text)
		return none;
	switch (at->form) {
	case CONFIG_IN_BLOCK:
		before = dash(run, at->from);
		return before ? change(run, line_end(run, at->to), line_end(run, at->to), config_print(run->arena, "\n%s%s", before, text))
			      : none;
	case CONFIG_IN_FLOW:
		return change(run, at->to, at->to, config_print(run->arena, ", %s", text));
	case CONFIG_IN_LINE:
		return change(run, at->to, at->to, config_print(run->arena, " | %s", text));
	case CONFIG_NOWHERE:
		break;
	}
	return none;
}

/* TEXT in front of what stands AT, in its notation. */
static struct check_edit in_front(const struct check_run *run, const struct config_extent *at, const char *text)
{
	const char *before;

	if (!text)
		return none;
	switch (at->form) {
	case CONFIG_IN_BLOCK:
		before = dash(run, at->from);
		return before ? change(run, line_start(run, at->from), line_start(run, at->from),
				    config_print(run->arena, "%s%s\n", before, text))
			      : none;
	case CONFIG_IN_FLOW:
		return change(run, at->from, at->from, config_print(run->arena, "%s, ", text));
	case CONFIG_IN_LINE:
		return change(run, at->from, at->from, config_print(run->arena, "%s | ", text));
	case CONFIG_NOWHERE:
		break;
	}
	return none;
}

struct check_edit check_edit_before(const struct check_run *run, const struct config_layer *layer, const char *line)
{
	return in_front(run, &layer->extent, written(run, layer->extent.form, line));
}

struct check_edit check_edit_layer(const struct check_run *run, const struct config_layer *layer, const char *line)
{
	const struct config_extent *at = &layer->extent;
	/* The colon of a layer behind which nothing stands is its own, too. */
	const bool colon = at->form != CONFIG_IN_LINE && at->to < run->length && run->text[at->to] == ':';

	return at->form == CONFIG_NOWHERE ? none : change(run, at->from, at->to + colon, written(run, at->form, line));
}

/* With what joins it to its neighbours; a comment on its line goes, too, for it was about the layer. */
struct check_edit check_edit_without(const struct check_run *run, const struct config_layer *layer)
{
	const struct config_extent *at = &layer->extent;
	const char sign = at->form == CONFIG_IN_FLOW ? ',' : '|';
	size_t from = at->from, to = at->to;

	if (at->form == CONFIG_NOWHERE)
		return none;
	if (at->form == CONFIG_IN_BLOCK) {
		to = line_end(run, to);
		return change(run, line_start(run, from), to < run->length ? to + 1 : to, "");
	}
	while (to < run->length && run->text[to] == ' ')
		to++;
	if (to < run->length && run->text[to] == sign) {
		to++;
		while (to < run->length && run->text[to] == ' ')
			to++;
		return change(run, from, to, "");
	}
	to = at->to;
	while (from > 0 && (run->text[from - 1] == ' ' || run->text[from - 1] == sign))
		from--;
	return change(run, from, to, "");
}

/* Where a layer's text ends: in a block list with its line, for a comment there is about the layer. */
static size_t whole(const struct check_run *run, const struct config_extent *at)
{
	return at->form == CONFIG_IN_BLOCK ? line_end(run, at->to) : at->to;
}

static const char *text_of(const struct check_run *run, const struct config_extent *at)
{
	return config_copy(run->arena, run->text + at->from, whole(run, at) - at->from);
}

void check_edit_swap(const struct check_run *run, const struct config_layer *a, const struct config_layer *b,
    struct check_edit edit[CHECK_EDITS_MAX])
{
	const struct config_extent *x = &a->extent, *y = &b->extent;

	edit[0] = edit[1] = none;
	if (x->form == CONFIG_NOWHERE || y->form != x->form || (x->from < y->to && y->from < x->to))
		return;
	edit[0] = change(run, x->from, whole(run, x), text_of(run, y));
	edit[1] = change(run, y->from, whole(run, y), text_of(run, x));
}

void check_edit_move(const struct check_run *run, const struct config_layer *a, const struct config_layer *b,
    struct check_edit edit[CHECK_EDITS_MAX])
{
	const struct config_extent *x = &a->extent, *y = &b->extent;

	edit[0] = edit[1] = none;
	if (x->form == CONFIG_NOWHERE || y->form != x->form || (x->from < y->to && y->from < x->to))
		return;
	edit[0] = in_front(run, y, text_of(run, x));
	edit[1] = check_edit_without(run, a);
}

/* The byte in which COLUMN of LINE begins, both from 1; the file's end when there is none. */
static size_t byte_at(const struct check_run *run, unsigned line, unsigned column)
{
	size_t at = 0;

	for (unsigned n = 1; n < line && at < run->length; n++)
		at = line_end(run, at) + 1;
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

struct check_edit check_edit_node(const struct check_run *run, const struct config_node *node, const char *text)
{
	return node->to == 0 ? none : change(run, node->from, node->to, text);
}

/* Behind the last member, in the same notation. */
struct check_edit check_edit_member(
    const struct check_run *run, const struct config_node *map, const char *name, const char *value)
{
	const struct config_node *old = config_get(map, name), *last = map->last, *first = map->first;
	size_t start, end;

	if (old)
		return check_edit_node(run, old, value);
	if (!last || last->to == 0 || first->name->to == 0)
		return none;
	if (map->flow)
		return change(run, last->to, last->to, config_print(run->arena, ", %s: %s", name, value));
	start = line_start(run, first->name->from);
	end = line_end(run, last->to);
	return change(run, end, end, config_print(run->arena, "\n%*s%s: %s", (int)(first->name->from - start), "", name, value));
}

struct check_edit check_edit_member_before(const struct check_run *run, const struct config_node *map, const struct config_node *member,
    const char *name, const char *value)
{
	size_t at = member->from;

	if (member->to == 0)
		return none;
	if (map->flow)
		return change(run, at, at, config_print(run->arena, "%s: %s, ", name, value));
	return change(run, at, at, config_print(run->arena, "%s: %s\n%*s", name, value, (int)(at - line_start(run, at)), ""));
}

/* Whether AT stands in braces, behind one of them or behind another member. */
static bool in_braces(const struct check_run *run, size_t at)
{
	while (at > 0 && (run->text[at - 1] == ' ' || run->text[at - 1] == '\n'))
		at--;
	return at > 0 && (run->text[at - 1] == '{' || run->text[at - 1] == ',');
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
		return change(run, at->to, at->to, config_print(arena, ",%s=%s", name, value));
	if (!first && layer->word)
		return change(run, at->from, at->to,
		    config_print(arena, "%s: {algorithm: %s, %s: %s}", layer->layer->text, layer->word->text, name, value));
	if (!first)
		return change(run, at->from, at->to, config_print(arena, "%s: {%s: %s}", layer->layer->text, name, value));
	if (first->to < run->length && run->text[first->to] == '=')
		return change(run, first->from, first->from, config_print(arena, "%s=%s,", name, value));
	if (in_braces(run, first->from))
		return change(run, first->from, first->from, config_print(arena, "%s: %s, ", name, value));
	return change(run, first->from, first->from,
	    config_print(arena, "%s: %s\n%*s", name, value, (int)(first->from - line_start(run, first->from)), ""));
}

const char *check_edit_yaml(struct config_arena *arena, const char *line)
{
	return line ? as_yaml(arena, line) : NULL;
}
