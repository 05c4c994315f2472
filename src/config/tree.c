/* SPDX-License-Identifier: Apache-2.0 */
/* tree.c - the checks of a text that need no YAML, keys that come twice, and small questions to a tree. */
#include "config/model.h"

#include <stdlib.h>
#include <string.h>

size_t config_character(const unsigned char *s, size_t left)
{
	uint32_t value;
	size_t length;

	if (s[0] < 0x80)
		return 1;
	length = s[0] >= 0xf0 && s[0] < 0xf5 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (s[0] < 0xc2 || s[0] >= 0xf5 || left < length)
		return 0;
	value = s[0] & (0xffU >> (length + 1));
	for (size_t i = 1; i < length; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (s[i] & 0x3fU);
	}
	if ((length == 3 && value < 0x800) || (length == 4 && (value < 0x10000 || value > 0x10ffff)))
		return 0;
	return value >= 0xd800 && value <= 0xdfff ? 0 : length;
}

static const char *wrong_character(unsigned char c, size_t length)
{
	if (length == 0)
		return "not text: this is no UTF-8";
	if (c == 0)
		return "not text: a NUL character";
	if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
		return "not text: a control character";
	return NULL;
}

static bool is_text(const struct config_sink *sink, const char *text, size_t length)
{
	const unsigned char *s = (const unsigned char *)text;
	struct config_place at = { 1, 1, 2 };

	for (size_t i = config_mark(text, length); i < length;) {
		size_t n = config_character(s + i, length - i);
		const char *wrong = wrong_character(s[i], n);

		if (wrong) {
			config_tell(sink, "SC007", at, wrong, "write the configuration as UTF-8 text");
			return false;
		}
		at.column++;
		if (s[i] == '\n' || (s[i] == '\r' && (i + 1 == length || s[i + 1] != '\n'))) {
			at.line++;
			at.column = 1;
		}
		at.end = at.column + 1;
		i += n;
	}
	return true;
}

/* By name, then by place, so that of equal ones the first stays. */
static int by_name(const void *a, const void *b)
{
	const struct config_node *x = *(const struct config_node *const *)a, *y = *(const struct config_node *const *)b;
	int order = strcmp(x->name->text, y->name->text);

	if (order != 0)
		return order;
	if (x->name->at.line != y->name->at.line)
		return x->name->at.line < y->name->at.line ? -1 : 1;
	return x->name->at.column < y->name->at.column ? -1 : x->name->at.column > y->name->at.column;
}

static bool single(const struct config_sink *sink, const struct config_node *map)
{
	const struct config_node **members = config_take(sink->arena, map->count * sizeof *members);
	size_t n = 0;

	if (!members)
		return false;
	for (const struct config_node *m = map->first; m; m = m->next)
		members[n++] = m;
	qsort(members, n, sizeof *members, by_name);
	for (size_t i = 1; i < n; i++) {
		const struct config_node *name = members[i]->name;
		const char *message, *reason;

		if (strcmp(members[i - 1]->name->text, name->text) != 0)
			continue;
		message = config_print(sink->arena, "'%s' is here twice", name->text);
		reason = config_print(sink->arena, "the other one is on line %u", members[i - 1]->name->at.line);
		if (!message || !reason)
			return false;
		sink->tell(sink->context, &(struct config_fault){ "SC004", name->at, message, reason,
					      "remove one of them, or give it another name" });
	}
	return true;
}

/* The depth is bounded by CONFIG_DEPTH_MAX. */
static bool no_doubles(const struct config_sink *sink, const struct config_node *node)
{
	if (node->kind == CONFIG_MAP && node->count > 1 && !single(sink, node))
		return false;
	for (const struct config_node *m = node->first; m; m = m->next)
		if (m->kind != CONFIG_SCALAR && !no_doubles(sink, m))
			return false;
	return true;
}

struct config_node *config_tree(const struct config_sink *sink, const char *text, size_t length)
{
	struct config_node *root;

	if (length > CONFIG_TEXT_MAX) {
		config_tell(sink, "SC006", (struct config_place){ 0 }, "the file is larger than 1 MiB and was not read",
		    "split it: one file for each group of sessions");
		return NULL;
	}
	if (!is_text(sink, text, length))
		return NULL;
	root = config_yaml(sink, text, length);
	return root && no_doubles(sink, root) ? root : NULL;
}

void config_tell(
    const struct config_sink *sink, const char *id, struct config_place at, const char *message, const char *help)
{
	sink->tell(sink->context, &(struct config_fault){ .id = id, .at = at, .message = message, .help = help });
}

struct config_node *config_scalar(struct config_arena *arena, const char *text, size_t length, struct config_place at)
{
	struct config_node *node = config_take(arena, sizeof *node);

	if (!node)
		return NULL;
	node->kind = CONFIG_SCALAR;
	node->at = at;
	node->length = length;
	node->text = config_copy(arena, text, length);
	return node->text ? node : NULL;
}

static void place(struct config_node *node, struct config_place at)
{
	node->at = at;
	node->from = node->to = 0;
	node->stands = NULL;
}

void config_place_all(struct config_node *node, struct config_place at)
{
	place(node, at);
	if (node->name)
		place(node->name, at);
	for (struct config_node *m = node->first; m; m = m->next)
		config_place_all(m, at);
}

const struct config_node *config_get(const struct config_node *map, const char *name)
{
	if (map->kind != CONFIG_MAP)
		return NULL;
	for (const struct config_node *m = map->first; m; m = m->next)
		if (strcmp(m->name->text, name) == 0)
			return m;
	return NULL;
}

const char *config_what(struct config_arena *arena, const struct config_node *node)
{
	if (node->kind != CONFIG_SCALAR)
		return node->kind == CONFIG_LIST ? "a list" : "a map";
	return node->empty ? "nothing" : config_print(arena, "'%.60s'", node->text);
}
