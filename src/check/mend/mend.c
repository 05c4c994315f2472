/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mend.c - what is missing, as changes of the text: a stack, a key, a member of a key, what protects an exchange.
 *
 * What a profile brings is not in the text, so nothing is offered for it.
 */
#include "check/internal.h"

#include <string.h>

static const struct check_edit none;

#define NEW_KEY "{establish: dh, protect: [sign: ed25519]}"

bool check_wanted(const struct seccomm_mp *mp, const void *context)
{
	const struct check_want *want = context;

	return (mp->gives & want->gives) == want->gives && mp->class_of != SECCOMM_KEY_DISTRIBUTION &&
	       (want->link == SECCOMM_STREAM || !mp->ordered) && (!want->quantum || mp->quantum);
}

const char *check_kem_missing(const struct check_run *run)
{
	return seccomm_choice_unavailable(run->library, seccomm_micro_protocol(run->library, "establish", "kem"), "x25519-ml-kem-768");
}

const char *check_mend_proving(const struct check_draft *d, size_t below)
{
	const struct config_node *const *field = d->from->field;
	struct check_keys keys;

	if (field[CONFIG_IDENTITY] || field[CONFIG_PEERS] || field[CONFIG_PEER])
		return "sign:ed25519";
	check_keys_of(d->slots, below, false, &keys);
	for (size_t i = 0; i < keys.count; i++)
		if (keys.proves[i] >= SECCOMM_LEVEL_MODERN)
			return config_print(d->run->arena, "mac:hmac-sha-256,key=%s", d->slots[i].name);
	return "sign:ed25519";
}

/* Something that a session can be asked to say; a profile says it in its place. */
static struct check_edit in_session(const struct check_draft *d, const char *name, const char *value)
{
	return d->profile[CONFIG_STACK] || !d->from->body ? none : check_edit_member(d->run, d->from->body, name, value);
}

/* What numbers messages or dates them, if they are to be fresh; then one layer that hides, if that is required, and proves. */
static const char *least_stack(const struct check_draft *d)
{
	const enum seccomm_link link = d->session->link;
	const bool hide = d->require[PLAN_CONFIDENTIALITY] > SECCOMM_LEVEL_NONE;
	const struct check_want fresh = { SECCOMM_GIVES_FRESHNESS, link, false },
				 main = { SECCOMM_GIVES_INTEGRITY | SECCOMM_GIVES_AUTHENTICITY | (hide ? SECCOMM_GIVES_CONFIDENTIALITY : 0), link,
					 d->require[hide ? PLAN_CONFIDENTIALITY : PLAN_INTEGRITY] == SECCOMM_LEVEL_QUANTUM };
	const char *first = check_edit_yaml(d->run->arena, check_provider(d->run, check_wanted, &fresh)),
		   *second = check_edit_yaml(d->run->arena, check_provider(d->run, check_wanted, &main));

	if (!first || !second)
		return NULL;
	return d->require[PLAN_FRESHNESS] > SECCOMM_LEVEL_NONE ? config_print(d->run->arena, "[%s, %s]", first, second)
								: config_print(d->run->arena, "[%s]", second);
}

struct check_edit check_mend_stack(const struct check_draft *d)
{
	const struct config_node *own = d->from->field[CONFIG_STACK];

	return own ? check_edit_node(d->run, own, least_stack(d)) : in_session(d, "stack", least_stack(d));
}

struct check_edit check_mend_keys(const struct check_draft *d)
{
	return check_edit_node(d->run, d->from->field[CONFIG_KEYS], "{data: " NEW_KEY "}");
}

/* Behind a key that is one line, within its quotes. */
static struct check_edit in_line(const struct check_draft *d, const struct config_node *body, const char *text)
{
	return check_edit_in_line(d->run, body, body->stands ? body->stands[body->length] : 0,
	    body->stands ? body->stands[body->length] : 0, text);
}

struct check_edit check_mend_key(const struct check_draft *d, size_t i, const char *name, const char *value)
{
	const struct config_node *body = d->keys[i].body;

	if (!d->from->field[CONFIG_KEYS])
		return in_session(d, "keys", config_print(d->run->arena, "{data: {establish: dh, %s: %s, protect: [sign: ed25519]}}", name, value));
	if (body->kind == CONFIG_MAP)
		return check_edit_member(d->run, body, name, value);
	return in_line(d, body, config_print(d->run->arena, ",%s=%s", name, value));
}

struct check_edit check_mend_establish(const struct check_draft *d, size_t i, const char *word)
{
	return check_edit_node(d->run, d->keys[i].establish.word, word);
}

/* LAYER as it is written in one line, for a list in brackets. */
static const char *as_item(const struct check_draft *d, const struct config_layer *layer)
{
	const char *text = config_print(d->run->arena, "%s%s%s", layer->layer->text, layer->word ? ":" : "", layer->word ? layer->word->text : "");

	for (size_t i = 0; text && i < layer->given_count; i++)
		text = config_print(d->run->arena, "%s,%s=%s", text, layer->given[i].name->text, layer->given[i].value->text);
	return layer->extent.form == CONFIG_IN_LINE ? check_edit_yaml(d->run->arena, text) : NULL;
}

/* The I-th key, which is one line, as a map, with the layer LINE innermost: a line has no place for the commas of a layer in it. */
static struct check_edit as_map(const struct check_draft *d, size_t i, const char *line)
{
	const struct config_key *key = &d->keys[i];
	struct config_arena *arena = d->run->arena;
	const char *text = config_print(arena, "{establish: %s", key->establish.word->text);

	for (size_t n = 0; text && n < key->establish.given_count; n++)
		text = config_print(arena, "%s, %s: %s", text, key->establish.given[n].name->text, key->establish.given[n].value->text);
	if (text && key->create.word)
		text = config_print(arena, "%s, create: %s", text, key->create.word->text);
	if (text && key->rekey && key->rekey->text)
		text = config_print(arena, "%s, rekey: %s", text, key->rekey->text);
	text = text ? config_print(arena, "%s, protect: [%s", text, check_edit_yaml(arena, line)) : NULL;
	for (size_t n = 0; text && n < key->protect.count; n++) {
		const char *item = as_item(d, &key->protect.list[n]);

		text = item ? config_print(arena, "%s, %s", text, item) : NULL;
	}
	return text ? check_edit_node(d->run, key->body, config_print(arena, "%s]}", text)) : none;
}

struct check_edit check_mend_hide(const struct check_draft *d, size_t i, const char *line)
{
	const struct config_key *key = &d->keys[i];

	if (!line || !d->from->field[CONFIG_KEYS])
		return none;
	if (key->body->kind == CONFIG_SCALAR)
		return as_map(d, i, line);
	return key->protect.count ? check_edit_before(d->run, &key->protect.list[0], line) : check_mend_protect(d, i, line);
}

struct check_edit check_mend_protect(const struct check_draft *d, size_t i, const char *line)
{
	const struct config_key *key = &d->keys[i];
	const bool map = key->body && key->body->kind == CONFIG_MAP;
	const char *yaml = check_edit_yaml(d->run->arena, line), *list = yaml ? config_print(d->run->arena, "[%s]", yaml) : NULL;

	if (!list || !d->from->field[CONFIG_KEYS])
		return none;
	if (key->protect.count > 0)
		return check_edit_after(d->run, &key->protect.list[key->protect.count - 1], line);
	if (key->protect_at)
		return check_edit_node(d->run, key->protect_at, list);
	if (!map && strchr(line, ',')) /* a line has commas of its own */
		return none;
	return check_mend_key(d, i, "protect", map ? list : line);
}

struct check_edit check_mend_only_key(const struct check_draft *d, const char *text)
{
	return d->from->field[CONFIG_KEYS] ? none : in_session(d, "keys", config_print(d->run->arena, "{data: %s}", text));
}

struct check_edit check_mend_new_key(const struct check_draft *d, const char *name, const char *text)
{
	const struct config_node *keys = d->from->field[CONFIG_KEYS];

	text = text ? text : NEW_KEY;
	if (keys)
		return check_edit_member(d->run, keys, name, text);
	return in_session(d, "keys", config_print(d->run->arena, "{data: " NEW_KEY ", %s: %s}", name, text));
}

struct check_edit check_mend_key_before(const struct check_draft *d, size_t i, const char *name)
{
	const struct config_node *keys = d->from->field[CONFIG_KEYS];

	return keys ? check_edit_member_before(d->run, keys, d->keys[i].name, name, NEW_KEY) : none;
}
