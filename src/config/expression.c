/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expression.c - layers in one line: layer[:WORD][,name=value...] | ...
 *
 * Blanks around words, commas, bars and signs mean nothing.  There is no quoting: a value with a comma or a bar in it
 * is written as YAML.
 */
#include "config/expression.h"

#include <string.h>

static struct config_span trimmed(struct config_span s)
{
	while (s.from < s.to && config_blank(s.node->text[s.from]))
		s.from++;
	while (s.from < s.to && config_blank(s.node->text[s.to - 1]))
		s.to--;
	return s;
}

struct config_span config_span_all(const struct config_node *node)
{
	return trimmed((struct config_span){ node, 0, node->length });
}

struct config_span config_cut(struct config_span s, char sign, struct config_span *rest)
{
	const char *found = s.to > s.from ? memchr(s.node->text + s.from, sign, s.to - s.from) : NULL;

	*rest = (struct config_span){ 0 };
	if (found) {
		size_t at = (size_t)(found - s.node->text);

		*rest = trimmed((struct config_span){ s.node, at + 1, s.to });
		s.to = at;
	}
	return trimmed(s);
}

static struct config_place span_place(struct config_span s)
{
	const uint32_t *stands = s.node->stands;

	return stands ? config_place_between(s.node->file, stands[0], s.node->at, stands[s.from], stands[s.to]) : s.node->at;
}

const struct config_node *config_span_node(struct config_arena *arena, struct config_span s)
{
	struct config_node *node = config_scalar(arena, s.node->text + s.from, s.to - s.from, span_place(s));

	if (!node)
		return NULL;
	node->quotes = s.node->quotes;
	node->flow = s.node->flow;
	if (s.node->stands) {
		node->file = s.node->file;
		node->stands = s.node->stands + s.from;
		node->from = s.node->stands[s.from];
		node->to = s.node->stands[s.to];
	}
	return node;
}

static size_t commas(struct config_span s)
{
	size_t n = 0;

	for (size_t i = s.from; i < s.to; i++)
		n += s.node->text[i] == ',';
	return n;
}

static const char syntax_help[] = "a layer is written   layer:WORD,name=value,...   and layers are joined by |";

bool config_expression_given(
    const struct config_sink *sink, struct config_span rest, struct config_given **given, size_t *count, bool *faulty)
{
	*count = 0;
	*given = NULL;
	if (!rest.node)
		return true;
	*given = config_take(sink->arena, (commas(rest) + 1) * sizeof **given);
	if (!*given)
		return false;
	while (rest.node) {
		struct config_span value, item = config_cut(rest, ',', &rest), name = config_cut(item, '=', &value);

		if (name.from == name.to || !value.node || value.from == value.to) {
			config_tell(sink, "SC021", span_place(item), "expected name=value here", syntax_help);
			*faulty = true;
			continue;
		}
		(*given)[*count].name = config_span_node(sink->arena, name);
		(*given)[*count].value = config_span_node(sink->arena, value);
		if (!(*given)[*count].name || !(*given)[*count].value)
			return false;
		(*count)++;
	}
	return true;
}

bool config_expression_layer(
    const struct config_sink *sink, struct config_span s, struct config_layer *out, bool *faulty)
{
	struct config_span rest, word, head = config_cut(s, ',', &rest), layer = config_cut(head, ':', &word);

	*out = (struct config_layer){ 0 };
	if (s.node->stands)
		out->extent = (struct config_extent){ CONFIG_IN_LINE, s.node->stands[s.from], s.node->stands[s.to], s.node };
	if (layer.from == layer.to || (word.node && word.from == word.to)) {
		config_tell(sink, "SC021", span_place(s), "expected a layer here", syntax_help);
		*faulty = true;
		return true;
	}
	out->layer = config_span_node(sink->arena, layer);
	if (!out->layer)
		return false;
	if (word.node) {
		out->word = config_span_node(sink->arena, word);
		if (!out->word)
			return false;
	}
	return config_expression_given(sink, rest, &out->given, &out->given_count, faulty);
}

bool config_expression(const struct config_sink *sink, const struct config_node *line, struct config_layers *out)
{
	struct config_span s = config_span_all(line);
	size_t room = 1;

	*out = (struct config_layers){ 0 };
	for (size_t i = s.from; i < s.to; i++)
		room += line->text[i] == '|';
	if (room > CONFIG_LAYERS_MAX) {
		config_tell(sink, "SC114", line->at, "more than 32 layers", NULL);
		out->faulty = true;
		return true;
	}
	out->list = config_take(sink->arena, room * sizeof *out->list);
	if (!out->list)
		return false;
	while (s.node) {
		struct config_span one = config_cut(s, '|', &s);

		if (!config_expression_layer(sink, one, &out->list[out->count], &out->faulty))
			return false;
		if (out->list[out->count].layer)
			out->count++;
	}
	return true;
}
