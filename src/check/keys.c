/* SPDX-License-Identifier: Apache-2.0 */
/* keys.c - key slots: how each key is established, created, and what protects its exchange. */
#include "check/internal.h"

#include <string.h>

static bool tell(struct check_draft *d, const char *id, struct config_place at, const char *message, const char *help)
{
	check_tell(d->run, &(struct check_report){ .id = id, .at = at, .message = message, .help = help });
	return message != NULL;
}

/* `creation` says which creator makes the keys of a distribution: that of the same slot. */
static void set_creation(const struct seccomm_mp *mp, struct plan_layer *layer, uint32_t slot)
{
	for (const struct cactus_param *p = mp->cactus.params; p && p->name; p++)
		if (strcmp(p->name, "creation") == 0 && p->at.size == sizeof slot)
			memcpy((unsigned char *)layer->image + p->at.offset, &slot, sizeof slot);
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

static bool part(
    struct check_draft *d, const struct config_layer *from, const char *layer, uint32_t slot, struct plan_layer *out)
{
	struct config_arena *arena = d->run->arena;
	const struct seccomm_mp *mp = by_word(d, layer, from->word->text);
	const char *const *words;
	const char *hint, *list;
	bool ok = true;

	if (mp) {
		if (!check_image(d, from, mp, slot, out, &ok))
			return false;
		out->image->key = slot;
		set_creation(mp, out, slot);
		return true;
	}
	d->partial = true;
	words = check_words(d->run, layer);
	hint = words ? config_hint(arena, from->word->text, words) : NULL;
	list = words ? config_names(arena, words) : NULL;
	return hint && list &&
	       tell(d, "SC011", from->word->at,
		   config_print(arena, "'%s' does not know '%s'%s", layer, from->word->text, hint),
		   config_print(arena, "it can be: %s", list));
}

/* A secret that several hold proves that the peer is one of them; an identity next to it is then only a claim. */
static bool unproven(
    struct check_draft *d, struct config_place at, const struct plan_slot *slot, const char *where)
{
	check_tell(d->run,
	    &(struct check_report){ "SC702", at,
		config_print(d->run->arena, "key '%s' proves nobody's identity %s", slot->name, where),
		"whoever has the pre-shared secret can say to be any of the peers",
		config_print(d->run->arena,
		    "add to key '%s':   protect: [sign: ed25519]\nor leave out identity and peers: the holders of the secret are the peers",
		    slot->name) });
	return !d->run->arena->failed;
}

/* A key that is agreed with whoever answers is a key agreed with the attacker. */
static bool agreement(struct check_draft *d, const struct config_key *key, const struct plan_slot *slot)
{
	struct config_place at = key->establish.word->at;
	const char *missing = NULL;

	bool open = check_slot_open(slot), named = d->from->field[CONFIG_IDENTITY] || d->from->field[CONFIG_PEERS] ||
					d->from->field[CONFIG_PEER];

	if (d->partial || !slot->establish.mp || (!open && !named))
		return true;
	for (enum seccomm_direction way = SECCOMM_C2S; way <= SECCOMM_S2C; way++) {
		struct check_levels levels;
		struct check_way layers;

		check_way_of(slot->protect, slot->protect_count, way, &layers);
		check_levels_of(&layers, NULL, 0, &levels);
		if (levels.level[PLAN_AUTHENTICITY] == SECCOMM_LEVEL_NONE)
			missing = missing              ? "in either direction"
				  : way == SECCOMM_C2S ? "from the client to the server"
						       : "from the server to the client";
	}
	if (!missing)
		return true;
	if (!open)
		return unproven(d, at, slot, missing);
	check_tell(
	    d->run, &(struct check_report){ "SC701", at,
			config_print(d->run->arena, "key '%s' is agreed without authentication %s", slot->name,
			    missing),
			"whoever sits in between agrees on a key with each end and reads and changes everything",
			config_print(d->run->arena, "add to key '%s':   protect: [sign: ed25519]", slot->name) });
	return !d->run->arena->failed;
}

static bool key(struct check_draft *d, const struct config_key *from, size_t i)
{
	struct plan_slot *slot = &d->slots[i];
	uint32_t number = (uint32_t)i + 1;
	struct config_layer create = from->create;

	d->partial = d->partial || from->faulty;
	if (!from->establish.word) {
		d->partial = true;
		return from->faulty ||
		       tell(d, "SC009", from->name->at,
			   config_print(d->run->arena, "key '%s' does not say how it is established", slot->name),
			   "add   establish: dh   with   protect: [sign: ed25519]");
	}
	if (!create.word)
		create.word = config_scalar(d->run->arena, "random", 6, from->name->at);
	if (!create.word || !part(d, &from->establish, "establish", number, &slot->establish) ||
	    !part(d, &create, "create", number, &slot->create))
		return false;
	d->protect[i].number = number;
	d->protect[i].at = from->protect_at ? from->protect_at->at : from->name->at;
	if (!check_lane_resolve(d, &from->protect, &d->protect[i]))
		return false;
	slot->protect = d->protect[i].layers;
	slot->protect_count = d->protect[i].count;
	return agreement(d, from, slot);
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
