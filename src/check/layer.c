/* SPDX-License-Identifier: Apache-2.0 */
/* layer.c - one layer as written to one micro-protocol with its image: which table is meant, and what its parameters
 * are. */
#include "check/internal.h"

#include <string.h>

bool check_needs_key(const struct seccomm_mp *mp)
{
	const struct cactus_tie *tie = mp->cactus.needs;

	for (; tie && tie->capability; tie++)
		if (strcmp(tie->capability, "key") == 0 && !tie->soft)
			return true;
	return mp->key_bytes != 0;
}

static bool tell(struct check_draft *d, const char *id, struct config_place at, const char *message, const char *help)
{
	check_tell(d->run, &(struct check_report){ .id = id, .at = at, .message = message, .help = help });
	return message != NULL;
}

/* ---- Which table ---- */

static bool unknown_layer(struct check_draft *d, const struct config_node *layer)
{
	struct config_arena *arena = d->run->arena;
	const char *const *names = check_layer_names(d->run);
	const char *list = names ? config_names(arena, names) : NULL;

	return list && check_tell_unknown(d->run, "SC010", layer, names, config_print(arena, "unknown layer '%s'", layer->text),
			   config_print(arena, "the layers known here: %s", list));
}

static bool of_layer(const struct seccomm_mp *mp, const void *layer)
{
	return strcmp(mp->layer, layer) == 0;
}

static bool unknown_word(struct check_draft *d, const struct config_layer *from, const char *const *words)
{
	struct config_arena *arena = d->run->arena;
	const char *list = config_names(arena, words), *layer = from->layer->text;

	if (!list)
		return false;
	if (!from->word) {
		const char *line = from->given_count ? NULL : check_provider(d->run, of_layer, layer);

		check_tell(d->run, &(struct check_report){ "SC009", from->layer->at,
				       config_print(arena, "'%s' does not say which algorithm or method", layer), NULL,
				       config_print(arena, "write   %s: WORD   with one of: %s", layer, list),
				       { line ? check_edit_layer(d->run, from, line) : (struct check_edit){ 0 } } });
		return !arena->failed;
	}
	return check_tell_unknown(d->run, "SC011", from->word, words,
	    config_print(arena, "'%s' does not know '%s'", layer, from->word->text), config_print(arena, "it can be: %s", list));
}

/* *OUT stays NULL when there is none and that has been told. */
static bool find(struct check_draft *d, const struct config_layer *from, const struct seccomm_mp **out)
{
	const char *layer = from->layer->text;
	const struct seccomm_mp *paper = seccomm_micro_protocol(d->run->library, layer, NULL);
	const char *const *words;

	if (paper && from->word)
		return tell(d, "SC013", from->word->at,
		    config_print(d->run->arena, "'%s' names its algorithm already", layer), "leave the algorithm out");
	if (paper) {
		*out = paper;
	} else {
		words = check_words(d->run, layer);
		if (!words)
			return false;
		if (!words[0])
			return unknown_layer(d, from->layer);
		if (from->word)
			*out = seccomm_micro_protocol(d->run->library, layer, from->word->text);
		if (!*out)
			return unknown_word(d, from, words);
	}
	if ((*out)->class_of == SECCOMM_KEY_CREATION || (*out)->class_of == SECCOMM_KEY_DISTRIBUTION) {
		*out = NULL;
		return tell(d, "SC010", from->layer->at,
		    config_print(d->run->arena, "'%s' is no layer: it makes a key", layer),
		    "it belongs under keys:   data: {establish: ...}");
	}
	return true;
}

/* ---- Its image ---- */

static void defaults(const struct seccomm_mp *mp, void *image)
{
	for (const struct cactus_param *p = mp->cactus.params; p && p->name; p++) {
		unsigned char *field = (unsigned char *)image + p->at.offset;
		uint32_t small = (uint32_t)p->dflt;

		if (p->kind == CACTUS_TEXT)
			memcpy(field, &p->text, sizeof p->text);
		else if (p->at.size == sizeof small)
			memcpy(field, &small, sizeof small);
		else
			memcpy(field, &p->dflt, sizeof p->dflt);
	}
}

static const struct cactus_param *param_named(const struct seccomm_mp *mp, const char *name)
{
	for (const struct cactus_param *p = mp->cactus.params; p && p->name; p++)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

static bool missing_params(
    struct check_draft *d, const struct config_layer *from, const struct seccomm_mp *mp, bool *ok)
{
	const struct config_node *at = from->word ? from->word : from->layer;

	for (const struct cactus_param *p = mp->cactus.params; p && p->name; p++) {
		size_t i = 0;

		while (i < from->given_count && strcmp(from->given[i].name->text, p->name) != 0)
			i++;
		if (!p->required || i < from->given_count)
			continue;
		*ok = false;
		if (!tell(d, "SC009", at->at, config_print(d->run->arena, "'%s' needs '%s'", mp->cactus.name, p->name),
			config_print(d->run->arena, "add   %s: ...   %s", p->name, p->doc ? p->doc : "")))
			return false;
	}
	return true;
}

static bool unknown_param(
    struct check_draft *d, const struct config_node *name, const struct seccomm_mp *mp, bool layer)
{
	struct config_arena *arena = d->run->arena;
	const char *const *names = check_param_names(d->run, mp, layer);
	const char *list = names ? config_names(arena, names) : NULL;

	return list && check_tell_unknown(d->run, "SC012", name, names,
			   config_print(arena, "'%s' has no parameter '%s'", mp->cactus.name, name->text),
			   *list ? config_print(arena, "it has: %s", list) : "it has none");
}

static bool is_universal(const char *name)
{
	return strcmp(name, "key") == 0 || strcmp(name, "direction") == 0 || strcmp(name, "order") == 0 ||
	       strcmp(name, "name") == 0;
}

/* The algorithm that a parameter names is as much needed as the table's own. */
static bool choice_available(
    struct check_draft *d, const struct config_layer *from, const struct seccomm_mp *mp, const void *image)
{
	const struct config_node *at = from->word ? from->word : from->layer;
	const struct cactus_param *p = mp->cactus.params;
	const char *why;
	uint32_t chosen;

	if (mp->choice.size == 0 || !at)
		return true;
	while (p->at.offset != mp->choice.offset)
		p++;
	memcpy(&chosen, (const char *)image + p->at.offset, sizeof chosen);
	for (size_t i = 0; i < from->given_count; i++)
		at = strcmp(from->given[i].name->text, p->name) == 0 ? from->given[i].value : at;
	why = seccomm_choice_unavailable(d->run->library, mp, p->words[chosen]);
	return !why || strcmp(p->words[chosen], mp->algorithm) == 0 ||
	       tell(d, "SC017", at->at,
		   config_print(d->run->arena, "%s cannot be used here: %s", p->words[chosen], why),
		   "`seccomm list algorithms` shows what this machine has");
}

bool check_image(struct check_draft *d, const struct config_layer *from, const struct seccomm_mp *mp, uint32_t lane,
    struct plan_layer *out, bool *ok)
{
	const char *why = seccomm_mp_unavailable(d->run->library, mp);
	const struct config_node *at = from->word ? from->word : from->layer;
	bool layer = from->layer != NULL;

	*out = (struct plan_layer){ .mp = mp, .name = mp->cactus.name, .order = 10 };
	out->image = config_take(d->run->arena, mp->cactus.size);
	if (!out->image)
		return false;
	defaults(mp, out->image);
	out->image->lane = lane;
	if (why && at &&
	    !tell(d, "SC017", at->at, config_print(d->run->arena, "%s cannot be used here: %s", mp->cactus.name, why),
		"`seccomm list algorithms` shows what this machine has"))
		return false;
	for (size_t i = 0; i < from->given_count; i++) {
		const struct cactus_param *p = param_named(mp, from->given[i].name->text);

		if (p ? !check_param(d, p, from->given[i].value, out->image, ok)
		      : !(layer && is_universal(from->given[i].name->text)) &&
			    !unknown_param(d, from->given[i].name, mp, layer))
			return false;
	}
	return choice_available(d, from, mp, out->image) && missing_params(d, from, mp, ok);
}

/* ---- What every layer has: direction, order, name, key ---- */

static bool direction(struct check_draft *d, const struct config_node *value, struct plan_layer *out)
{
	static const char *const words[] = { "both", "c2s", "s2c", NULL };

	for (uint32_t i = 0; words[i]; i++) {
		if (strcmp(words[i], value->text) == 0) {
			out->image->direction = i;
			return true;
		}
	}
	return check_tell_unknown(d->run, "SC011", value, words, config_print(d->run->arena, "'%s' is no direction", value->text),
	    "c2s: from the client to the server; s2c: back; both");
}

static bool order(struct check_draft *d, const struct config_node *value, struct plan_layer *out)
{
	uint64_t n;
	enum config_value status = config_count(value->text, &n);

	if (status == CONFIG_VALUE_BAD)
		return tell(d, "SC003", value->at,
		    config_print(d->run->arena, "'order' wants a number, not '%s'", value->text), NULL);
	if (status != CONFIG_VALUE_OK || n < 1 || n >= CACTUS_ORDER_MAX)
		return tell(d, "SC101", value->at, config_print(d->run->arena, "order %s is not 1 to 999", value->text),
		    "leave it out: the position in the list counts, 10 for each");
	out->order = (uint16_t)n;
	return true;
}

/* Keys that exist when a layer of LANE runs: all for data, those established before for an exchange. */
static size_t keys_before(const struct check_draft *d, const struct check_lane *lane)
{
	return lane->number == 0 ? d->slot_count : lane->number - 1;
}

static bool no_such_key(struct check_draft *d, const struct config_layer *from, const struct check_lane *lane,
    const struct config_node *value)
{
	struct config_arena *arena = d->run->arena;
	const char **names = config_take(arena, (d->slot_count + 1) * sizeof *names), *name = value->text, *meant;
	size_t usable = keys_before(d, lane);

	if (!names)
		return false;
	for (size_t i = 0; i < d->slot_count; i++) {
		names[i] = d->slots[i].name;
		if (strcmp(names[i], name) == 0)
			return tell(d, "SC103", value->at,
			    i + 1 == lane->number
				? config_print(arena, "key '%s' is not there yet when its own exchange needs it", name)
				: config_print(arena,
				      "key '%s' is not there yet when the exchange of key '%s' needs it", name,
				      d->slots[lane->number - 1].name),
			    "protect the exchange with   sign: ed25519   , or with a key that stands before it");
	}
	names[usable] = NULL;
	meant = config_nearest(name, names);
	check_tell(d->run,
	    &(struct check_report){ "SC103", value->at,
		config_print(arena, "'%s' uses key '%s', which nothing establishes", from->layer->text, name),
		"the paper's rule: a secret-key micro-protocol needs a predefined key or a key-distribution "
		"micro-protocol",
		config_print(arena, "add under keys:   %s: {establish: dh, protect: [sign: ed25519]}",
		    check_is_name(name, false) ? name : "data"),
		{ meant || !check_is_name(name, false) ? (struct check_edit){ 0 }
		  : lane->number                        ? check_mend_key_before(d, lane->number - 1, name)
							: check_mend_new_key(d, name, NULL) },
		.name = value, .meant = meant });
	return true;
}

static bool implied_key(struct check_draft *d, const struct config_layer *from, const struct check_lane *lane,
    struct plan_layer *out, bool *ok)
{
	size_t usable = keys_before(d, lane);

	if (!check_needs_key(out->mp))
		return true;
	if (usable == 1) {
		out->image->key = 1;
		return true;
	}
	*ok = false;
	if (usable > 1) {
		check_tell(d->run, &(struct check_report){ "SC009", check_layer_place(from),
				       config_print(d->run->arena, "'%s' does not say which of the keys it uses", from->layer->text), NULL,
				       "add   key: NAME", { check_edit_given(d->run, from, "key", d->slots[0].name) } });
		return !d->run->arena->failed;
	}
	check_tell(d->run, &(struct check_report){ "SC103", check_layer_place(from),
			       config_print(d->run->arena, "'%s' needs a key, and there is none %s", from->layer->text,
				   lane->number ? "before this exchange" : "in this session"),
			       "the paper's rule: a secret-key micro-protocol needs a predefined key or a "
			       "key-distribution micro-protocol",
			       lane->number ? "protect the first key's exchange with   sign: ed25519"
					    : "add under keys:   data: {establish: dh, protect: [sign: ed25519]}",
			       { lane->number ? check_mend_key_before(d, lane->number - 1, "outer") : (struct check_edit){ 0 } } });
	return true;
}

static bool named_key(struct check_draft *d, const struct config_layer *from, const struct check_lane *lane,
    const struct config_node *value, struct plan_layer *out)
{
	if (!check_needs_key(out->mp))
		return tell(d, "SC012", value->at,
		    config_print(d->run->arena, "'%s' uses no key", out->mp->cactus.name),
		    !seccomm_mp_pairs(out->mp) ? "leave 'key' out"
		    : out->mp->class_of == SECCOMM_PRIVACY
			? "it seals to the key pair of who receives; leave 'key' out"
			: "it signs with the session's identity; leave 'key' out");
	for (size_t i = 0; i < keys_before(d, lane); i++) {
		if (strcmp(d->slots[i].name, value->text) == 0) {
			out->image->key = (uint32_t)i + 1;
			return true;
		}
	}
	return no_such_key(d, from, lane, value);
}

static bool universal(struct check_draft *d, const struct config_layer *from, const struct check_lane *lane,
    struct plan_layer *out, bool *ok)
{
	const struct config_node *key = NULL, *named = NULL;

	for (size_t i = 0; i < from->given_count; i++) {
		const char *name = from->given[i].name->text;
		const struct config_node *value = from->given[i].value;

		if (strcmp(name, "key") == 0)
			key = value;
		else if (strcmp(name, "name") == 0)
			named = value;
		else if (strcmp(name, "direction") == 0 ? !direction(d, value, out)
			 : strcmp(name, "order") == 0   ? !order(d, value, out)
							: false)
			return false;
	}
	if (named && !check_name(d, named, false))
		return false;
	out->name = named ? named->text : out->name;
	return key ? named_key(d, from, lane, key, out) : implied_key(d, from, lane, out, ok);
}

bool check_layer(struct check_draft *d, const struct config_layer *from, const struct check_lane *lane, size_t position,
    struct plan_layer *out, bool *ok)
{
	const struct seccomm_mp *mp = NULL;
	size_t before = d->run->result->errors;

	*ok = true;
	if (!find(d, from, &mp))
		return false;
	if (!mp) {
		*ok = false;
		return true;
	}
	if (!check_image(d, from, mp, lane->number, out, ok))
		return false;
	out->order = (uint16_t)(10 * position);
	if (!universal(d, from, lane, out, ok))
		return false;
	*ok = *ok && d->run->result->errors == before;
	return true;
}
