/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema.h - what the files share that write the JSON Schema of a configuration; private to src/check.
 *
 * YAML gives a plain 5 as a number and a quoted one as text, and the configuration takes both; so does the schema. What
 * it cannot say - limits of durations, which key a layer means, what is achieved - is left to `check`.
 */
#ifndef CHECK_SCHEMA_H
#define CHECK_SCHEMA_H

#include <jansson.h>

#include "check/internal.h"

struct schema {
	const struct seccomm *library;
	struct config_arena arena; /* failed: no memory, also that of JSON */
};

/* VALUE, which it takes, as NAME of OBJECT, or at the end of LIST. */
void schema_set(struct schema *, json_t *object, const char *name, json_t *value);
void schema_push(struct schema *, json_t *list, json_t *value);
/* {"$ref": "#/$defs/NAME"}. */
json_t *schema_ref(struct schema *, const char *name);
/* {"anyOf": [A, B]}. */
json_t *schema_either(struct schema *, json_t *a, json_t *b);
/* An object of PROPERTIES and nothing else. */
json_t *schema_map(struct schema *, json_t *properties);
/* VALUE with what it is about. */
json_t *schema_described(struct schema *, json_t *value, const char *text);

/* schema_values.c */
json_t *schema_words(struct schema *, const char *const *words);
json_t *schema_value(struct schema *, enum cactus_kind kind, uint64_t least, uint64_t most);
json_t *schema_text(struct schema *, const char *pattern);
json_t *schema_param(struct schema *, const struct cactus_param *);
/* A value of WHAT, or never. */
json_t *schema_timed(struct schema *, const struct check_timed *what);
json_t *schema_rekey(struct schema *);
/* TEXT as a regular expression that is this text. */
const char *schema_literal(struct schema *, const char *text);

/* schema_layers.c: the definitions that the others refer to, into DEFINITIONS: layers, key, and what they are made of.
 */
void schema_layers(struct schema *, json_t *definitions);

#endif
