/* SPDX-License-Identifier: Apache-2.0 */
/* keys.c - key slots: how each key is established, created, and what protects its exchange. */
#include "check/internal.h"

#include <inttypes.h>
#include <string.h>

static bool tell(struct check_draft *d, const char *id, struct config_place at, const char *message, const char *help)
{
	check_tell(d->run, &(struct check_report){ .id = id, .at = at, .message = message, .help = help });
	return message != NULL;
}

/* The micro-protocol of LAYER ("establish", "create") that is meant by WORD, or by its paper name. */
static const struct seccomm_mp *by_word(const struct check_draft *d, const char *layer, const char *word)
{
	const struct seccomm_mp *mp = seccomm_micro_protocol(d->run->library, layer, word);

	if (mp)
		return mp;
	mp = seccomm_micro_protocol(d->run->library, word, NULL);
	return mp && strcmp(mp->layer, layer) == 0 ? mp : NULL;
}

/* `creation` is the number of a key, which there must be. */
static bool creation(struct check_draft *d, const struct config_layer *from, const struct plan_slot *slot)
{
	const uint32_t number = check_slot_creator(slot, 0);
	size_t i = 0;

	if (number <= d->slot_count)
		return true;
	d->partial = true;
	while (strcmp(from->given[i].name->text, "creation") != 0)
		i++;
	return tell(d, "SC103", from->given[i].value->at,
	    config_print(d->run->arena, "there is no key %" PRIu32 " whose creator could make this one", number),
	    "leave 'creation' out: then its own does");
}

static bool part(
    struct check_draft *d, const struct config_layer *from, const char *layer, uint32_t slot, struct plan_layer *out)
{
	struct config_arena *arena = d->run->arena;
	const struct seccomm_mp *mp = by_word(d, layer, from->word->text);
	const char *const *words;
	const char *list;
	bool ok = true;

	if (mp) {
		if (!check_image(d, from, mp, slot, out, &ok))
			return false;
		out->image->key = slot;
		return true;
	}
	d->partial = true;
	words = check_words(d->run, layer);
	list = words ? config_names(arena, words) : NULL;
	return list && check_tell_unknown(d->run, "SC011", from->word, words,
			   config_print(arena, "'%s' does not know '%s'", layer, from->word->text),
			   config_print(arena, "it can be: %s", list));
}

/* What is no secret is no key, whatever else the configuration says of it. */
static bool guessable(struct check_draft *d, const struct config_key *key, const struct config_layer *from, const struct plan_slot *slot)
{
	struct config_arena *arena = d->run->arena;
	const struct config_node *said = key->body ? config_get(key->body, "create") : NULL, *at = said ? said : from->word;
	const struct seccomm_mp *mp = slot->create.mp;

	if (!mp || mp->standing == SECCOMM_MODERN)
		return true;
	check_tell(d->run, &(struct check_report){ "SC509", from->word->at,
			       config_print(arena, "what '%s' creates for key '%s' can be computed by others", mp->word,
				   slot->name),
			       "whoever knows or guesses what the keys follow from has all of them, of every session",
			       "leave 'create' out: then every key comes from the system's random numbers",
			       { at && at->to ? check_edit_node(d->run, at, "random") : (struct check_edit){ 0 } } });
	return !arena->failed;
}

/* A secret that several hold proves that the peer is one of them; an identity next to it is then only a claim. */
static bool unproven(struct check_draft *d, struct config_place at, const struct plan_slot *slot, const char *where)
{
	static const char leave_out[] = "leave out identity and peers: the holders of the secret are the peers";
	const bool several = check_several(d->session->peers, d->session->peer_count), salted = check_slot_salted(slot);
	const char *agree = several ? "use   establish: dh   , for several have the secret, and " : "";

	check_tell(d->run,
	    &(struct check_report){ "SC702", at, config_print(d->run->arena, "key '%s' proves nobody's identity %s", slot->name, where),
		"whoever has the pre-shared secret can say to be any of the peers",
		salted ? leave_out
		       : config_print(d->run->arena, "%sadd to key '%s':   protect: [sign: ed25519]\nor %s", agree, slot->name, leave_out),
		{ salted ? (struct check_edit){ 0 } : check_mend_protect(d, (size_t)(slot - d->slots), "sign:ed25519"),
		    several && !salted ? check_edit_place(d->run, at, "dh") : (struct check_edit){ 0 } } });
	return !d->run->arena->failed;
}

/* In which of WAYS the layers under a key do not give PROPERTY at all; NULL: they do in all of them. */
static const char *lacks(const struct plan_slot *slot, enum seccomm_property property, unsigned ways)
{
	const char *missing = NULL;

	for (enum seccomm_direction way = SECCOMM_C2S; way <= SECCOMM_S2C; way++)
		if ((ways >> way & 1) && check_exchange_level(slot, NULL, property, 1U << way) == SECCOMM_LEVEL_NONE)
			missing = missing              ? "in either direction"
				  : way == SECCOMM_C2S ? "from the client to the server"
						       : "from the server to the client";
	return missing;
}

/* What can be done where nothing proves the one end, or the other, or both. */
static const char *intruder(const struct plan_slot *slot)
{
	if (!lacks(slot, PLAN_AUTHENTICITY, 1U << SECCOMM_S2C))
		return "whoever comes is taken for the client: the server agrees on the key with him";
	if (!lacks(slot, PLAN_AUTHENTICITY, 1U << SECCOMM_C2S))
		return "whoever sits in between is taken for the server: the client agrees on the key with him, and tells him all";
	return "whoever sits in between agrees on a key with each end and reads and changes everything";
}

/* A key that is agreed with whoever answers is a key agreed with the attacker. */
static bool agreement(struct check_draft *d, const struct config_key *key, const struct plan_slot *slot)
{
	struct config_place at = key->establish.word->at;
	bool open = check_slot_open(slot),
	     named = d->from->field[CONFIG_IDENTITY] || d->from->field[CONFIG_PEERS] || d->from->field[CONFIG_PEER];
	const char *missing = open || named ? lacks(slot, PLAN_AUTHENTICITY, CHECK_BOTH_WAYS) : NULL, *line, *yaml;

	if (!missing)
		return true;
	if (!open)
		return unproven(d, at, slot, missing);
	line = check_mend_proving(d, (size_t)(slot - d->slots));
	yaml = check_edit_yaml(d->run->arena, line);
	if (!yaml)
		return false;
	check_tell(d->run,
	    &(struct check_report){ "SC701", at,
		config_print(d->run->arena, "key '%s' is agreed without authentication %s", slot->name, missing), intruder(slot),
		config_print(d->run->arena, "add to key '%s':   protect: [%s]", slot->name, yaml),
		{ check_mend_protect(d, (size_t)(slot - d->slots), line) } });
	return !d->run->arena->failed;
}

/* A key that is sent must be hidden, by a key that is there already; BEFORE is the slot before this one, or NULL. */
static bool transport(
    struct check_draft *d, const struct config_key *key, const struct plan_slot *slot, const struct plan_slot *before)
{
	struct config_arena *arena = d->run->arena;
	const char *readable = lacks(slot, PLAN_CONFIDENTIALITY, slot->establish.mp->wraps), *first, *help;
	const size_t i = (size_t)(slot - d->slots);

	if (!readable)
		return true;
	first = before ? "" : "put before it   outer: {establish: dh, protect: [sign: ed25519]}\n";
	help = config_print(arena, "%sadd to key '%s':   protect: [encrypt: {algorithm: aes-256-gcm, key: %s}]", first,
	    slot->name, before ? before->name : "outer");
	check_tell(d->run, &(struct check_report){ "SC713", key->establish.word->at,
			       config_print(arena, "key '%s' travels readable %s", slot->name, readable),
			       "whoever listens reads the key, and with it all that it is to hide", help,
			       { check_mend_hide(d, i, config_print(arena, "encrypt:aes-256-gcm,key=%s", before ? before->name : "outer")),
				   before ? (struct check_edit){ 0 } : check_mend_key_before(d, i, "outer") } });
	return help && !arena->failed;
}

/* Without an exchange there is nothing to protect, and no transcript that a further key could follow. */
static bool exchangeless(struct check_draft *d, const struct config_key *key, const struct plan_slot *slot)
{
	if (!check_slot_salted(slot))
		return true;
	if (key->protect_at &&
	    !tell(d, "SC013", key->protect_at->at,
		config_print(d->run->arena, "key '%s' has no exchange that layers could protect", slot->name),
		"remove 'protect', or use   establish: psk"))
		return false;
	if (d->slot_count == 1)
		return true;
	check_tell(
	    d->run, &(struct check_report){ "SC714", key->name->at,
			config_print(d->run->arena, "key '%s' has no exchange and must be the only one", slot->name),
			"keys are agreed in messages, one after the other, and here no message is sent",
			"use   establish: psk   , or remove the other keys",
			{ check_mend_establish(d, (size_t)(key - d->keys), "psk") } });
	return !d->run->arena->failed;
}

static bool has_param(const struct seccomm_mp *mp, const char *name)
{
	const struct cactus_param *p = mp ? mp->cactus.params : NULL;

	while (p && p->name && strcmp(p->name, name) != 0)
		p++;
	return p && p->name;
}

/* What stands beside `establish` is a parameter of what establishes the key; what is none, and nearly a member of the key, is taken out. */
static bool misspelt_members(struct check_draft *d, struct config_key *key)
{
	const struct seccomm_mp *mp = key->establish.word ? by_word(d, "establish", key->establish.word->text) : NULL;
	const char *const *params = mp ? check_param_names(d->run, mp, false) : NULL;
	size_t kept = key->own;

	if (mp && !params)
		return false;
	for (size_t i = key->own; i < key->establish.given_count; i++) {
		const struct config_node *name = key->establish.given[i].name;

		if (has_param(mp, name->text) || (params && config_nearest(name->text, params)) ||
		    !config_nearest(name->text, config_key_members)) {
			key->establish.given[kept++] = key->establish.given[i];
			continue;
		}
		key->faulty = true;
		if (!check_tell_unknown(d->run, "SC002", name, config_key_members,
			config_print(d->run->arena, "a key has no '%s'", name->text), "a key has: establish, create, protect, rekey"))
			return false;
	}
	key->establish.given_count = kept;
	return true;
}

static bool key(struct check_draft *d, struct config_key *from, size_t i)
{
	struct plan_slot *slot = &d->slots[i];
	uint32_t number = (uint32_t)i + 1;
	struct config_layer create = from->create;

	if (!misspelt_members(d, from))
		return false;
	d->partial = d->partial || from->faulty;
	if (!from->establish.word) {
		d->partial = true;
		if (from->faulty)
			return true;
		check_tell(d->run, &(struct check_report){ "SC009", from->name->at,
				       config_print(d->run->arena, "key '%s' does not say how it is established", slot->name), NULL,
				       "add   establish: dh   with   protect: [sign: ed25519]", { check_mend_key(d, i, "establish", "dh") } });
		return !d->run->arena->failed;
	}
	if (!create.word)
		create.word = config_scalar(d->run->arena, "random", 6, from->name->at);
	if (!create.word || !part(d, &from->establish, "establish", number, &slot->establish) ||
	    !creation(d, &from->establish, slot) || !part(d, &create, "create", number, &slot->create) ||
	    !guessable(d, from, &create, slot))
		return false;
	d->protect[i].number = number;
	d->protect[i].at = from->protect_at ? from->protect_at->at : from->name->at;
	if (!check_lane_resolve(d, &from->protect, &d->protect[i]))
		return false;
	slot->protect = d->protect[i].layers;
	slot->protect_count = d->protect[i].count;
	if (!slot->establish.mp)
		return true;
	if (!exchangeless(d, from, slot))
		return false;
	return d->partial || (agreement(d, from, slot) && transport(d, from, slot, i ? &d->slots[i - 1] : NULL));
}

bool check_keys(struct check_draft *d)
{
	size_t count = d->slot_count;

	d->slots = config_take(d->run->arena, (count + 1) * sizeof *d->slots);
	d->protect = config_take(d->run->arena, (count + 1) * sizeof *d->protect);
	if (!d->slots || !d->protect)
		return false;
	for (size_t i = 0; i < count; i++) {
		d->slots[i].name = d->keys[i].name->text;
		if (!check_name(d, d->keys[i].name, false))
			return false;
	}
	for (size_t i = 0; i < count; i++)
		if (!key(d, &d->keys[i], i))
			return false;
	return true;
}

static bool uses(const struct check_lane *lane, uint32_t key)
{
	for (size_t i = 0; i < lane->count; i++)
		if (lane->layers[i].image->key == key)
			return true;
	return false;
}

bool check_keys_used(struct check_draft *d)
{
	/* An only key seals the session's own messages; who wrote several had something else in mind. */
	for (uint32_t key = 1; d->slot_count > 1 && key <= d->slot_count; key++) {
		bool used = uses(&d->stack, key);

		for (size_t i = 0; i < d->slot_count; i++)
			used = used || uses(&d->protect[i], key);
		if (!used && !tell(d, "SC115", d->keys[key - 1].name->at,
				 config_print(d->run->arena, "no layer uses key '%s'", d->slots[key - 1].name),
				 "name it in a layer, as in   key: NAME   , or remove it"))
			return false;
	}
	return true;
}
