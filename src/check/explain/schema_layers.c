/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema_layers.c - layers and keys in both notations, from the tables of all micro-protocols: a word, a map with its
 * parameters, or a line with all of them.
 */
#include "check/explain/schema.h"

#include <string.h>

/* Blanks mean nothing; values end at a comma, in a line of layers at a bar, too. */
#define BLANKS      "[ \\t\\n\\r]*"
#define VALUE(ends) "[^" ends "]*[^" ends " \\t\\n\\r][^" ends "]*"

static bool is_layer(const struct seccomm_mp *mp)
{
	return mp->class_of != SECCOMM_KEY_CREATION && mp->class_of != SECCOMM_KEY_DISTRIBUTION;
}

static bool of(const struct seccomm_mp *mp, const char *layer)
{
	return strcmp(mp->layer, layer) == 0;
}

static bool has_required(const struct seccomm_mp *mp)
{
	for (const struct cactus_param *p = mp->cactus.params; p && p->name; p++)
		if (p->required)
			return true;
	return false;
}

/* ---- A micro-protocol's map ---- */

/* What every layer has beside its own parameters. */
static void add_universal(struct schema *s, json_t *properties, const struct seccomm_mp *mp)
{
	const char *directions[4] = { NULL };

	for (int d = SECCOMM_BOTH; d <= SECCOMM_S2C; d++)
		directions[d] = seccomm_direction_name((enum seccomm_direction)d);
	if (check_needs_key(mp))
		schema_set(s, properties, "key", schema_ref(s, "name"));
	schema_set(s, properties, "direction", schema_words(s, directions));
	schema_set(s, properties, "order", schema_value(s, CACTUS_COUNT, 1, CACTUS_ORDER_MAX - 1));
	schema_set(s, properties, "name", schema_ref(s, "name"));
}

static json_t *params_of(struct schema *s, const struct seccomm_mp *mp, json_t *required)
{
	json_t *properties = json_object();

	for (const struct cactus_param *p = mp->cactus.params; p && p->name; p++) {
		schema_set(s, properties, p->name, schema_param(s, p));
		if (p->required && required)
			schema_push(s, required, json_string(p->name));
	}
	if (is_layer(mp))
		add_universal(s, properties, mp);
	return properties;
}

/* WORD: the map names it by `algorithm` or `method`; NULL: what the map is of does.  STRICT: what it requires must be
 * in the map. */
static json_t *map_of(struct schema *s, const struct seccomm_mp *mp, const char *word, bool strict)
{
	json_t *required = json_array(), *map = schema_map(s, params_of(s, mp, strict ? required : NULL));
	json_t *properties = json_object_get(map, "properties");

	schema_set(s, map, "required", required);
	if (word) {
		schema_set(s, properties, "algorithm", json_pack("{s:s}", "const", word));
		schema_set(s, properties, "method", json_pack("{s:s}", "const", word));
		schema_set(
		    s, map, "oneOf", json_pack("[{s:[s]}, {s:[s]}]", "required", "algorithm", "required", "method"));
	}
	return schema_described(s, map, mp->cactus.summary);
}

/* The words of LAYER, PAPER names among them, and each with a map of its parameters. */
static json_t *choice(struct schema *s, const char *layer, bool paper, bool strict)
{
	size_t count;
	const struct seccomm_mp *const *list = seccomm_micro_protocols(s->library, &count);
	json_t *words = json_array(), *any = json_array();

	schema_push(s, any, json_pack("{s:O?}", "enum", words));
	for (size_t i = 0; i < count; i++) {
		const char *const names[] = { list[i]->word, paper ? list[i]->paper : NULL };

		for (size_t n = 0; of(list[i], layer) && n < 2; n++) {
			if (!names[n])
				continue;
			if (!strict || !has_required(list[i]))
				schema_push(s, words, json_string(names[n]));
			schema_push(s, any, map_of(s, list[i], names[n], strict));
		}
	}
	json_decref(words);
	return json_pack("{s:o}", "anyOf", any);
}

/* ---- Lines ---- */

/* What a line of LAYER may begin with, as "A|B"; NULL: one of layers, with their words. */
static const char *alternatives(struct schema *s, const char *layer)
{
	size_t count;
	const struct seccomm_mp *const *list = seccomm_micro_protocols(s->library, &count);
	const char *text = "";

	for (size_t i = 0; i < count && text; i++) {
		const struct seccomm_mp *mp = list[i];
		const char *word = schema_literal(s, mp->word), *kind = schema_literal(s, mp->layer),
			   *paper = mp->paper ? schema_literal(s, mp->paper) : "";

		if ((layer ? !of(mp, layer) : !is_layer(mp)) || !word || !kind || !paper)
			continue;
		text = config_print(&s->arena, "%s%s%s%s%s%s%s", text, *text ? "|" : "", layer ? "" : kind,
		    layer ? "" : BLANKS ":" BLANKS, word, *paper ? "|" : "", paper);
	}
	return text;
}

static bool among(const char *name, const char *names)
{
	const size_t length = strlen(name);

	for (const char *at = names; (at = strstr(at, name)); at += length)
		if ((at == names || at[-1] == '|') && (at[length] == '|' || !at[length]))
			return true;
	return false;
}

/* The names that may stand before a '=' in a line of LAYER, or of layers (NULL). */
static const char *line_names(struct schema *s, const char *layer)
{
	size_t count;
	const struct seccomm_mp *const *list = seccomm_micro_protocols(s->library, &count);
	const char *names = layer ? "protect|create|rekey" : "key|direction|order|name";

	for (size_t i = 0; i < count; i++)
		for (const struct cactus_param *p = list[i]->cactus.params; p && p->name && names; p++)
			if ((layer ? of(list[i], layer) : is_layer(list[i])) && !among(p->name, names))
				names = config_print(&s->arena, "%s|%s", names, p->name);
	return names;
}

/* "WORD,name=value...", as a pattern; MORE: and further ones, behind bars. */
static json_t *line(struct schema *s, const char *layer, bool more, const char *text)
{
	const char *words = alternatives(s, layer), *names = line_names(s, layer);
	const char *value = layer ? VALUE(",") : VALUE(",|"), *one = NULL;
	const char *pattern;

	if (words && names)
		one = config_print(
		    &s->arena, BLANKS "(?:%s)" BLANKS "(?:," BLANKS "(?:%s)" BLANKS "=%s)*", words, names, value);
	pattern = one ? config_print(&s->arena, more ? "^%s(?:\\|%s)*$" : "^%s$", one, one) : NULL;
	return schema_described(s, json_pack("{s:s, s:s?}", "type", "string", "pattern", pattern), text);
}

/* ---- Layers ---- */

static void add_papers(struct schema *s, json_t *properties)
{
	size_t count;
	const struct seccomm_mp *const *list = seccomm_micro_protocols(s->library, &count);

	for (size_t i = 0; i < count; i++) {
		json_t *map;

		if (!is_layer(list[i]) || !list[i]->paper)
			continue;
		map = map_of(s, list[i], NULL, true);
		if (!has_required(list[i]))
			map = schema_either(s, json_pack("{s:s}", "type", "null"), map);
		schema_set(s, properties, list[i]->paper, schema_described(s, map, list[i]->cactus.summary));
	}
}

static json_t *layer_maps(struct schema *s)
{
	size_t count;
	const struct seccomm_mp *const *list = seccomm_micro_protocols(s->library, &count);
	json_t *properties = json_object(), *map = schema_map(s, properties);

	for (size_t i = 0; i < count; i++)
		if (is_layer(list[i]) && !json_object_get(properties, list[i]->layer))
			schema_set(s, properties, list[i]->layer, choice(s, list[i]->layer, false, true));
	add_papers(s, properties);
	schema_set(s, map, "minProperties", json_integer(1));
	schema_set(s, map, "maxProperties", json_integer(1));
	return map;
}

/* ---- Keys ---- */

/* What establishes a key may have its parameters beside it. */
static void add_beside(struct schema *s, json_t *properties)
{
	size_t count;
	const struct seccomm_mp *const *list = seccomm_micro_protocols(s->library, &count);

	for (size_t i = 0; i < count; i++)
		for (const struct cactus_param *p = list[i]->cactus.params; of(list[i], "establish") && p && p->name;
		     p++) {
			json_t *old = json_object_get(properties, p->name),
			       *any = old ? json_object_get(old, "anyOf") : NULL;

			if (any && json_object_size(old) == 1)
				schema_push(s, any, schema_param(s, p));
			else if (!old)
				schema_set(s, properties, p->name, json_pack("{s:[o]}", "anyOf", schema_param(s, p)));
		}
}

static json_t *key_map(struct schema *s)
{
	json_t *properties = json_object(), *map = schema_map(s, properties);

	schema_set(s, properties, "establish",
	    schema_described(s, choice(s, "establish", true, false), "how the key is agreed on"));
	schema_set(s, properties, "create",
	    schema_described(s, choice(s, "create", true, true), "what makes this end's part of it (random)"));
	schema_set(s, properties, "protect",
	    schema_described(s, schema_ref(s, "layers"), "the layers under which it is agreed on"));
	schema_set(s, properties, "rekey", schema_ref(s, "rekey"));
	add_beside(s, properties);
	schema_set(s, map, "required", json_pack("[s]", "establish"));
	return map;
}

void schema_layers(struct schema *s, json_t *definitions)
{
	schema_set(s, definitions, "layer",
	    schema_either(s, line(s, NULL, false, "a layer in one line: encrypt:aes-256-gcm,key=data"), layer_maps(s)));
	schema_set(s, definitions, "layers",
	    schema_either(s, line(s, NULL, true, "layers in one line: anti-replay:sequence | encrypt:aes-256-gcm"),
		json_pack("{s:s, s:i, s:o}", "type", "array", "maxItems", (int)PLAN_LAYERS_MAX, "items",
		    schema_ref(s, "layer"))));
	schema_set(s, definitions, "key",
	    schema_either(s, line(s, "establish", false, "a key in one line: dh,protect=sign:ed25519"), key_map(s)));
}
