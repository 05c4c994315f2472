/* SPDX-License-Identifier: Apache-2.0 */
/* schema_values.c - numbers, durations, sizes, words and texts, as a schema says what they can be. */
#include "check/explain/schema.h"

#include <ctype.h>
#include <string.h>

const char *schema_literal(struct schema *s, const char *text)
{
	char *out = config_take(&s->arena, 2 * strlen(text) + 1);
	size_t n = 0;

	for (; out && *text; text++) {
		if (!isalnum((unsigned char)*text) && *text != '-' && *text != '_' && *text != '@')
			out[n++] = '\\';
		out[n++] = *text;
	}
	return out;
}

json_t *schema_words(struct schema *s, const char *const *words)
{
	json_t *list = json_array();

	for (; *words; words++)
		schema_push(s, list, json_string(*words));
	return json_pack("{s:o}", "enum", list);
}

json_t *schema_text(struct schema *s, const char *pattern)
{
	(void)s;
	return pattern ? json_pack("{s:[s, s, s], s:s}", "type", "string", "number", "boolean", "pattern", pattern)
		       : json_pack("{s:[s, s, s], s:i}", "type", "string", "number", "boolean", "maxLength", 255);
}

/* A number with one of the units that NTH knows. */
static json_t *with_unit(struct schema *s, const char *(*nth)(size_t))
{
	const char *units = "";

	for (size_t i = 0; units && nth(i); i++)
		units = config_print(&s->arena, "%s%s%s", units, i ? "|" : "", nth(i));
	units = units ? config_print(&s->arena, "^[0-9]+(%s)$", units) : NULL;
	return json_pack("{s:s, s:s?}", "type", "string", "pattern", units);
}

/* JSON's numbers are those of jansson; a limit that is larger is none for an editor. */
static json_t *integer(struct schema *s, uint64_t least, uint64_t most)
{
	json_t *number = json_pack("{s:s, s:I}", "type", "integer", "minimum", (json_int_t)least);

	if (most <= INT64_MAX)
		schema_set(s, number, "maximum", json_integer((json_int_t)most));
	return number;
}

json_t *schema_value(struct schema *s, enum cactus_kind kind, uint64_t least, uint64_t most)
{
	if (kind == CACTUS_DURATION)
		return with_unit(s, config_duration_unit);
	if (kind == CACTUS_SIZE)
		return schema_either(s, integer(s, least, most), with_unit(s, config_size_unit));
	return schema_either(
	    s, integer(s, least, most), json_pack("{s:s, s:s}", "type", "string", "pattern", "^[0-9]+$"));
}

json_t *schema_param(struct schema *s, const struct cactus_param *p)
{
	const char *range = check_param_range(&s->arena, p), *dflt = check_param_default(&s->arena, p);
	const char *doc =
	    range && *range ? config_print(&s->arena, "%s (%s)", p->doc ? p->doc : p->name, range) : p->doc;
	json_t *value = p->kind == CACTUS_WORD   ? schema_words(s, p->words)
			: p->kind == CACTUS_TEXT ? schema_text(s, NULL)
						 : schema_value(s, p->kind, p->min, check_param_most(p));

	value = schema_described(s, value, doc);
	if (dflt && *dflt)
		schema_set(s, value, "default",
		    p->kind == CACTUS_COUNT ? json_integer((json_int_t)p->dflt) : json_string(dflt));
	return value;
}

json_t *schema_timed(struct schema *s, const struct check_timed *what)
{
	return schema_described(s,
	    schema_either(
		s, json_pack("{s:s}", "const", "never"), schema_value(s, what->kind, what->least, what->most)),
	    what->shape);
}

json_t *schema_rekey(struct schema *s)
{
	const struct check_timed after = check_timed_field(CONFIG_REKEY);
	json_t *members = json_object();
	struct check_timed member;

	for (size_t i = 0; check_rekey_member(i, &member); i++)
		schema_set(s, members, member.name, schema_timed(s, &member));
	return schema_either(s, schema_timed(s, &after), schema_map(s, members));
}
