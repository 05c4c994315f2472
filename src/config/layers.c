/* SPDX-License-Identifier: Apache-2.0 */
/* layers.c - layers and keys as YAML writes them; one line in their place goes to expression.c. */
#include "config/expression.h"

#include <string.h>

static bool is_principal(const char *name)
{
	return strcmp(name, "algorithm") == 0 || strcmp(name, "method") == 0;
}

static bool wrong(
    const struct config_sink *sink, struct config_place at, const char *message, const char *help, bool *faulty)
{
	*faulty = true;
	if (!message)
		return false;
	config_tell(sink, "SC003", at, message, help);
	return true;
}

static bool not_one_value(const struct config_sink *sink, const struct config_node *value, bool *faulty)
{
	const char *what = config_what(sink->arena, value);

	return wrong(sink, value->at,
	    what ? config_print(sink->arena, "'%s' wants one value, not %s", value->name->text, what) : NULL, NULL,
	    faulty);
}

/* The map of a layer's parameters; the principal one becomes its word. */
static bool parameters(
    const struct config_sink *sink, const struct config_node *map, struct config_layer *out, bool *faulty)
{
	out->given = config_take(sink->arena, (map->count + 1) * sizeof *out->given);
	out->given_count = 0; /* it may have been said twice, which is told elsewhere */
	if (!out->given)
		return false;
	for (const struct config_node *m = map->first; m; m = m->next) {
		if (m->kind != CONFIG_SCALAR || m->empty) {
			if (!not_one_value(sink, m, faulty))
				return false;
		} else if (!is_principal(m->name->text)) {
			out->given[out->given_count++] = (struct config_given){ m->name, m };
		} else if (out->word) {
			config_tell(sink, "SC004", m->name->at, "the algorithm is said twice",
			    "keep one of 'algorithm' and 'method'");
			*faulty = true;
		} else {
			out->word = m;
		}
	}
	return true;
}

static const char layer_help[] = "write   - layer: WORD   or   - layer: {algorithm: WORD, name: value}";

static bool layer_map(
    const struct config_sink *sink, const struct config_node *item, struct config_layer *out, bool *faulty)
{
	const struct config_node *value = item->first;

	if (item->count > 1)
		return wrong(sink, value->next->name->at,
		    config_print(sink->arena, "'%s' stands beside the layer, not inside it", value->next->name->text),
		    "put a layer's parameters into its braces:   - encrypt: {algorithm: aes-256-gcm, key: data}",
		    faulty);
	if (!value)
		return wrong(sink, item->at, "an empty layer", layer_help, faulty);
	if (value->kind == CONFIG_LIST)
		return wrong(sink, value->at, "a layer takes a word or a map, not a list", layer_help, faulty);
	out->layer = value->name;
	if (value->kind == CONFIG_MAP)
		return parameters(sink, value, out, faulty);
	if (!value->empty)
		out->word = value;
	return true;
}

static bool layer(
    const struct config_sink *sink, const struct config_node *item, struct config_layer *out, bool *faulty)
{
	if (item->kind == CONFIG_LIST)
		return wrong(sink, item->at, "a layer is a word or a map, not a list", layer_help, faulty);
	if (item->kind == CONFIG_MAP)
		return layer_map(sink, item, out, faulty);
	if (strchr(item->text, '|'))
		return wrong(sink, item->at, "a list has one layer on each line",
		    "remove the dash to write all layers in one line", faulty);
	return config_expression_layer(sink, config_span_all(item), out, faulty);
}

/* A pair without braces in a list in brackets is said to begin behind its name. */
static size_t item_from(const struct config_node *item)
{
	const struct config_node *name = item->kind == CONFIG_MAP && item->first ? item->first->name : NULL;

	return name && name->to > 0 && name->from < item->from ? name->from : item->from;
}

bool config_layers_read(const struct config_sink *sink, const struct config_node *node, struct config_layers *out)
{
	*out = (struct config_layers){ 0 };
	if (node->kind == CONFIG_SCALAR)
		return config_expression(sink, node, out);
	if (node->kind == CONFIG_MAP)
		return wrong(sink, node->at, "layers are a list: their order matters", "put a dash before each layer",
		    &out->faulty);
	if (node->count > CONFIG_LAYERS_MAX) {
		config_tell(sink, "SC114", node->at, "more than 32 layers", NULL);
		out->faulty = true;
		return true;
	}
	out->list = config_take(sink->arena, (node->count + 1) * sizeof *out->list);
	if (!out->list)
		return false;
	for (const struct config_node *m = node->first; m; m = m->next) {
		if (!layer(sink, m, &out->list[out->count], &out->faulty))
			return false;
		if (m->to > 0)
			out->list[out->count].extent = (struct config_extent){ node->flow ? CONFIG_IN_FLOW : CONFIG_IN_BLOCK, item_from(m), m->to, node };
		if (out->list[out->count].layer)
			out->count++;
	}
	return true;
}

/* ---- Keys ---- */

static bool add_protect(const struct config_sink *sink, const struct config_node *value, struct config_key *out)
{
	struct config_layers more;
	struct config_layer *list;

	if (!config_layers_read(sink, value, &more))
		return false;
	if (out->protect.count + more.count > CONFIG_LAYERS_MAX) {
		config_tell(sink, "SC114", value->at, "more than 32 layers", NULL);
		out->faulty = true;
		return true;
	}
	list = config_take(sink->arena, (out->protect.count + more.count + 1) * sizeof *list);
	if (!list)
		return false;
	for (size_t i = 0; i < out->protect.count; i++)
		list[i] = out->protect.list[i];
	for (size_t i = 0; i < more.count; i++)
		list[out->protect.count + i] = more.list[i];
	out->protect =
	    (struct config_layers){ list, out->protect.count + more.count, out->protect.faulty || more.faulty };
	out->protect_at = value;
	out->faulty = out->faulty || more.faulty;
	return true;
}

/* "dh,protect=sign:ed25519": the first word establishes; `create`, `protect` and `rekey` are taken out of the rest. */
static bool key_line(const struct config_sink *sink, const struct config_node *line, struct config_key *out)
{
	struct config_span rest, word = config_cut(config_span_all(line), ',', &rest);
	struct config_given *given;
	size_t count, kept = 0;

	if (word.from == word.to)
		return wrong(sink, line->at, "expected how the key is established",
		    "for example   dh,protect=sign:ed25519", &out->faulty);
	out->establish.word = config_span_node(sink->arena, word);
	if (!out->establish.word || !config_expression_given(sink, rest, &given, &count, &out->faulty))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(given[i].name->text, "protect") == 0) {
			if (!add_protect(sink, given[i].value, out))
				return false;
		} else if (strcmp(given[i].name->text, "create") == 0) {
			out->create.word = given[i].value;
		} else if (strcmp(given[i].name->text, "rekey") == 0) {
			out->rekey = given[i].value;
		} else {
			given[kept++] = given[i];
		}
	}
	out->establish.given = given;
	out->establish.given_count = kept;
	return true; /* all of them are its own */
}

const char *const config_key_members[] = { "establish", "create", "protect", "rekey", NULL };

/* Of a key, and no parameter, for those have one value. */
static bool no_member(const struct config_sink *sink, const struct config_node *m, const char *meant, bool *faulty)
{
	const char *message = config_print(sink->arena, "a key has no '%s'", m->name->text);

	*faulty = true;
	if (!message)
		return false;
	sink->tell(sink->context,
	    &(struct config_fault){ .id = "SC002", .at = m->name->at, .message = message,
		.help = "a key has: establish, create, protect, rekey", .name = m->name, .meant = meant });
	return true;
}

/* `establish:` or `create:` - a word, or a map with it as `method`. */
static bool method(
    const struct config_sink *sink, const struct config_node *value, struct config_layer *out, bool *faulty)
{
	if (value->kind == CONFIG_LIST || value->empty)
		return not_one_value(sink, value, faulty);
	if (value->kind == CONFIG_MAP)
		return parameters(sink, value, out, faulty);
	out->word = value;
	return true;
}

/* Parameters of the establishing micro-protocol may stand in the key's own map: OWN of them. */
static bool adopt(
    const struct config_sink *sink, struct config_layer *establish, const struct config_given *own, size_t count)
{
	struct config_given *list = config_take(sink->arena, (establish->given_count + count + 1) * sizeof *list);

	if (!list)
		return false;
	for (size_t i = 0; i < establish->given_count; i++)
		list[i] = establish->given[i];
	for (size_t i = 0; i < count; i++)
		list[establish->given_count++] = own[i];
	establish->given = list;
	return true;
}

static bool key_member(const struct config_sink *sink, const struct config_node *m, struct config_key *out,
    struct config_given *own, size_t *count)
{
	if (strcmp(m->name->text, "establish") == 0)
		return method(sink, m, &out->establish, &out->faulty);
	if (strcmp(m->name->text, "create") == 0)
		return method(sink, m, &out->create, &out->faulty);
	if (strcmp(m->name->text, "protect") == 0)
		return add_protect(sink, m, out);
	if (strcmp(m->name->text, "rekey") == 0 && m->kind != CONFIG_LIST && !m->empty) {
		out->rekey = m;
		return true;
	}
	if (m->kind != CONFIG_SCALAR || m->empty) {
		const char *meant = config_nearest(m->name->text, config_key_members);

		return meant && strcmp(meant, m->name->text) != 0 ? no_member(sink, m, meant, &out->faulty) : not_one_value(sink, m, &out->faulty);
	}
	own[(*count)++] = (struct config_given){ m->name, m };
	return true;
}

bool config_key_read(const struct config_sink *sink, const struct config_node *node, struct config_key *out)
{
	struct config_given *own;
	size_t count = 0;

	*out = (struct config_key){ .name = node->name, .body = node };
	if (node->kind == CONFIG_SCALAR && !node->empty)
		return key_line(sink, node, out);
	if (node->kind != CONFIG_MAP)
		return wrong(sink, node->at, "a key is a map such as {establish: dh, protect: [sign: ed25519]}", NULL,
		    &out->faulty);
	own = config_take(sink->arena, (node->count + 1) * sizeof *own);
	if (!own)
		return false;
	for (const struct config_node *m = node->first; m; m = m->next)
		if (!key_member(sink, m, out, own, &count))
			return false;
	out->own = out->establish.given_count;
	return adopt(sink, &out->establish, own, count);
}
