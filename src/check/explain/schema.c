/* SPDX-License-Identifier: Apache-2.0 */
/* schema.c - the JSON Schema of a configuration: the file's frame and what a session says, from the tables that read
 * them. */
#include "check/explain/schema.h"
#include "config/url.h"

#include <stdlib.h>
#include <string.h>

#define NAME_LETTERS "A-Za-z0-9._" /* and "-", which must come last */

/* ---- JSON ---- */

void schema_set(struct schema *s, json_t *object, const char *name, json_t *value)
{
	if (json_object_set_new(object, name, value) != 0)
		s->arena.failed = true;
}

void schema_push(struct schema *s, json_t *list, json_t *value)
{
	if (json_array_append_new(list, value) != 0)
		s->arena.failed = true;
}

json_t *schema_ref(struct schema *s, const char *name)
{
	const char *text = config_print(&s->arena, "#/$defs/%s", name);

	return json_pack("{s:s?}", "$ref", text);
}

json_t *schema_either(struct schema *s, json_t *a, json_t *b)
{
	(void)s;
	return json_pack("{s:[o, o]}", "anyOf", a, b);
}

json_t *schema_map(struct schema *s, json_t *properties)
{
	(void)s;
	return json_pack("{s:s, s:o, s:b}", "type", "object", "properties", properties, "additionalProperties", 0);
}

json_t *schema_described(struct schema *s, json_t *value, const char *text)
{
	if (text)
		schema_set(s, value, "description", json_string(text));
	return value;
}

/* ---- What a session says ---- */

static json_t *role(struct schema *s)
{
	return schema_words(s, check_roles);
}

static json_t *address(struct schema *s)
{
	const char *schemes = "";

	for (size_t i = 0; schemes && config_url_scheme(i); i++)
		schemes = config_print(&s->arena, "%s%s%s", schemes, i ? "|" : "", config_url_scheme(i));
	schemes = schemes ? config_print(&s->arena, "^(%s)[^ \\t]*$", schemes) : NULL;
	return json_pack("{s:s, s:s?}", "type", "string", "pattern", schemes);
}

static json_t *identity(struct schema *s)
{
	return schema_ref(s, "name");
}

static json_t *peer(struct schema *s)
{
	return schema_ref(s, "pattern");
}

static json_t *peers(struct schema *s)
{
	return schema_either(
	    s, peer(s), json_pack("{s:s, s:i, s:o}", "type", "array", "minItems", 1, "items", peer(s)));
}

static json_t *profile(struct schema *s)
{
	json_t *list = json_array();

	for (const char *const *name = check_profiles(); *name; name++)
		schema_push(s, list, json_string(*name));
	schema_push(s, list, json_string("lab"));
	return json_pack("{s:o}", "enum", list);
}

static json_t *require(struct schema *s)
{
	json_t *properties = json_object(), *levels = json_array();

	for (int l = SECCOMM_LEVEL_NONE; l < SECCOMM_LEVELS; l++)
		schema_push(s, levels, json_string(seccomm_level_name((enum seccomm_level)l)));
	for (int p = 0; p < PLAN_PROPERTIES; p++) {
		const enum seccomm_property property = (enum seccomm_property)p;

		schema_set(s, properties, seccomm_property_name(property),
		    json_pack("{s:O?, s:s}", "enum", levels, "default",
			seccomm_level_name(seccomm_require_default(property))));
	}
	json_decref(levels);
	return schema_map(s, properties);
}

static json_t *accept(struct schema *s)
{
	json_t *properties = json_object();

	for (const struct check_rule *rule = check_rules; rule->id; rule++)
		if (rule->accept)
			schema_set(
			    s, properties, rule->id, schema_described(s, schema_text(s, "[^ \\t]"), rule->title));
	return schema_map(s, properties);
}

static json_t *stack(struct schema *s)
{
	json_t *layers = schema_ref(s, "layers");

	schema_set(s, layers, "minItems", json_integer(1));
	return layers;
}

static json_t *keys(struct schema *s)
{
	return json_pack("{s:s, s:i, s:i, s:o, s:o}", "type", "object", "minProperties", 1, "maxProperties",
	    (int)PLAN_SLOTS_MAX, "propertyNames", schema_ref(s, "name"), "additionalProperties", schema_ref(s, "key"));
}

static json_t *rekey(struct schema *s)
{
	return schema_ref(s, "rekey");
}

static json_t *idle(struct schema *s)
{
	const struct check_timed what = check_timed_field(CONFIG_IDLE);

	return schema_timed(s, &what);
}

static json_t *keepalive(struct schema *s)
{
	const struct check_timed what = check_timed_field(CONFIG_KEEPALIVE);

	return schema_timed(s, &what);
}

static json_t *(*const values[CONFIG_FIELDS])(struct schema *) = {
	[CONFIG_ROLE] = role,
	[CONFIG_LISTEN] = address,
	[CONFIG_CONNECT] = address,
	[CONFIG_IDENTITY] = identity,
	[CONFIG_PEERS] = peers,
	[CONFIG_PEER] = peer,
	[CONFIG_PROFILE] = profile,
	[CONFIG_REQUIRE] = require,
	[CONFIG_ACCEPT] = accept,
	[CONFIG_STACK] = stack,
	[CONFIG_KEYS] = keys,
	[CONFIG_REKEY] = rekey,
	[CONFIG_IDLE] = idle,
	[CONFIG_KEEPALIVE] = keepalive,
};

/* A profile brings a stack and keys, but for the lab; without one there must be a stack. */
static void add_conditions(struct schema *s, json_t *session)
{
	schema_set(s, session, "required", json_pack("[s, s, s]", "role", "listen", "connect"));
	schema_set(s, session, "not", json_pack("{s:[s, s]}", "required", "peer", "peers"));
	schema_set(s, session, "if",
	    json_pack(
		"{s:[s], s:{s:{s:{s:s}}}}", "required", "profile", "properties", "profile", "not", "const", "lab"));
	schema_set(s, session, "then", json_pack("{s:{s:b, s:b}}", "properties", "stack", 0, "keys", 0));
	schema_set(s, session, "else", json_pack("{s:[s]}", "required", "stack"));
}

static json_t *session(struct schema *s)
{
	json_t *properties = json_object(), *map = schema_map(s, properties);

	for (int f = 0; f < CONFIG_FIELDS; f++)
		schema_set(s, properties, config_field_name((enum config_field)f),
		    schema_described(s, values[f](s), config_field_shape((enum config_field)f)));
	add_conditions(s, map);
	return map;
}

static json_t *definitions(struct schema *s)
{
	json_t *all = json_object();

	schema_set(s, all, "session", session(s));
	schema_set(s, all, "name", schema_text(s, "^[" NAME_LETTERS "-]{1,63}$"));
	schema_set(s, all, "pattern", schema_text(s, "^[" NAME_LETTERS "*?!\\[\\]-]{1,63}$"));
	schema_set(s, all, "rekey", schema_rekey(s));
	schema_layers(s, all);
	return all;
}

static json_t *whole(struct schema *s)
{
	json_t *sessions = json_pack("{s:s, s:i, s:o, s:o}", "type", "object", "minProperties", 1, "propertyNames",
	    schema_ref(s, "name"), "additionalProperties", schema_ref(s, "session"));
	json_t *version = json_pack("{s:[i, s], s:s}", "enum", 1, "1", "description", "the version of the format");

	return json_pack("{s:s, s:s, s:s, s:s, s:{s:o, s:o}, s:[s, s], s:b, s:o}", "$schema",
	    "https://json-schema.org/draft/2020-12/schema", "title", "seccomm.yaml", "description",
	    "Sessions of seccomm, version 1 of the format; see seccomm.yaml(5).", "type", "object", "properties",
	    "seccomm", version, "sessions", sessions, "required", "seccomm", "sessions", "additionalProperties", 0,
	    "$defs", definitions(s));
}

char *check_schema(const struct seccomm *library)
{
	struct schema s = { .library = library };
	json_t *schema = whole(&s);
	char *text = schema && !s.arena.failed ? json_dumps(schema, JSON_INDENT(2)) : NULL;

	json_decref(schema);
	config_release(&s.arena);
	return text;
}
