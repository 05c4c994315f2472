/* SPDX-License-Identifier: Apache-2.0 */
/* print.c - a tree as YAML text: what --print-config and `explain` show. */
#include "config/model.h"

#include <stdio.h>
#include <string.h>

struct text {
	struct config_arena *arena;
	char *bytes;
	size_t length, room;
};

static void put(struct text *out, const char *bytes, size_t length)
{
	if (out->room - out->length <= length) {
		size_t room = 2 * out->room + length + 256;
		char *more = config_take(out->arena, room);

		if (!more)
			return;
		if (out->length)
			memcpy(more, out->bytes, out->length);
		out->bytes = more;
		out->room = room;
	}
	memcpy(out->bytes + out->length, bytes, length);
	out->length += length;
	out->bytes[out->length] = 0;
}

static void puts_(struct text *out, const char *s)
{
	put(out, s, strlen(s));
}

/* Plain YAML scalars of these characters mean themselves in any place we write them. */
static bool is_plain(const struct config_node *node)
{
	static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./@+-";

	for (size_t i = 0; i < node->length; i++) {
		char c = node->text[i];

		if (c == ':' && i > 0 && i + 1 < node->length && node->text[i + 1] != ' ')
			continue;
		if (!strchr(safe, c))
			return false;
	}
	return node->length > 0 && !strchr("-./@+", node->text[0]);
}

static void scalar(struct text *out, const struct config_node *node)
{
	char code[8];

	if (is_plain(node)) {
		put(out, node->text, node->length);
		return;
	}
	puts_(out, "\"");
	for (size_t i = 0; i < node->length; i++) {
		unsigned char c = (unsigned char)node->text[i];

		if (c < 0x20 || c == 0x7f) {
			(void)snprintf(code, sizeof code, "\\x%02x", c);
			puts_(out, code);
			continue;
		}
		if (c == '"' || c == '\\')
			puts_(out, "\\");
		put(out, node->text + i, 1);
	}
	puts_(out, "\"");
}

static void indent(struct text *out, size_t depth)
{
	while (depth--)
		puts_(out, "  ");
}

/* The value of a member that has begun its line; ends the line. */
static void value(struct text *out, const struct config_node *node, size_t depth)
{
	if (node->kind == CONFIG_SCALAR) {
		puts_(out, " ");
		scalar(out, node);
		puts_(out, "\n");
		return;
	}
	if (!node->first) {
		puts_(out, node->kind == CONFIG_LIST ? " []\n" : " {}\n");
		return;
	}
	puts_(out, "\n");
	for (const struct config_node *m = node->first; m; m = m->next) {
		indent(out, depth);
		if (node->kind == CONFIG_LIST) {
			puts_(out, "-");
		} else {
			scalar(out, m->name);
			puts_(out, ":");
		}
		value(out, m, depth + 1);
	}
}

char *config_yaml_text(struct config_arena *arena, const struct config_node *node)
{
	struct text out = { .arena = arena };

	value(&out, node, 0);
	if (arena->failed)
		return NULL;
	/* A collection's first line feed belongs to a member's line, and there is none. */
	return out.bytes[0] == '\n' || out.bytes[0] == ' ' ? out.bytes + 1 : out.bytes;
}
