/* SPDX-License-Identifier: Apache-2.0 */
/* key_levels.c - how good the keys of a session are, and what their exchanges achieve. */
#include "check/levels.h"

#include <string.h>

bool check_slot_open(const struct plan_slot *slot)
{
	const struct seccomm_mp *mp = slot->establish.mp;

	return mp &&
	       (mp->wraps || (mp->gives & SECCOMM_GIVES_FORWARD_SECRECY) || (mp->kind && (strcmp(mp->kind, "kx") == 0 || strcmp(mp->kind, "kem") == 0)));
}

uint32_t check_slot_creator(const struct plan_slot *slot, uint32_t number)
{
	const struct cactus_mp *mp = slot->establish.mp ? &slot->establish.mp->cactus : NULL;
	uint32_t creation = 0;

	for (const struct cactus_param *p = mp ? mp->params : NULL; p && p->name; p++) {
		if (strcmp(p->name, "creation") != 0 || p->at.size != sizeof creation)
			continue;
		memcpy(&creation, (const unsigned char *)slot->establish.image + p->at.offset, sizeof creation);
		return creation ? creation : number;
	}
	return 0;
}

bool check_slot_salted(const struct plan_slot *slot)
{
	return slot->establish.mp && slot->establish.mp->salted;
}

enum seccomm_level check_exchange_level(
    const struct plan_slot *slot, const struct check_keys *keys, enum seccomm_property property, unsigned ways)
{
	enum seccomm_level least = SECCOMM_LEVEL_QUANTUM;

	for (enum seccomm_direction d = SECCOMM_C2S; d <= SECCOMM_S2C; d++) {
		struct check_levels levels;
		struct check_way way;

		if (!(ways >> d & 1))
			continue;
		check_way_of(slot->protect, slot->protect_count, d, &way);
		check_levels_of(&way, keys, &levels);
		least = check_weaker(least, levels.level[property]);
	}
	return least;
}

/* No key is better than what creates it, whichever slot's that is. */
enum seccomm_level check_creator_level(const struct plan_slot *slots, size_t count, size_t i)
{
	const uint32_t creator = check_slot_creator(&slots[i], (uint32_t)i + 1);
	const struct seccomm_mp *mp = creator >= 1 && creator <= count ? slots[creator - 1].create.mp : NULL;

	return mp ? check_standing_level(mp) : SECCOMM_LEVEL_QUANTUM;
}

bool check_several(const char *const *peers, size_t count)
{
	return count > 1 || (count == 1 && strpbrk(peers[0], "*?["));
}

static bool has_psk(const struct plan_slot *slot)
{
	return slot->establish.mp && seccomm_slot_psk(slot);
}

/*
 * A secret that is mixed in stands against quantum computers even if what it is mixed into does not.  One that several peers have
 * keeps nothing from any of them: what is not agreed on beside it follows from what is on the wire, enciphered or not.
 */
static enum seccomm_level own_level(const struct plan_slot *slot, bool shared)
{
	enum seccomm_level own = slot->establish.mp ? check_standing_level(slot->establish.mp) : SECCOMM_LEVEL_NONE;

	if (shared && !check_slot_open(slot))
		return SECCOMM_LEVEL_NONE;
	return own == SECCOMM_LEVEL_MODERN && ((has_psk(slot) && !shared) || seccomm_slot_quantum(slot)) ? SECCOMM_LEVEL_QUANTUM : own;
}

/* In one direction of an exchange, the best layer that keeps a key which long-term keys do not give away. */
static enum seccomm_level wrapped_forward(
    const struct plan_slot *slot, const struct check_keys *keys, enum seccomm_direction direction)
{
	struct check_levels levels;
	struct check_way way;

	check_way_of(slot->protect, slot->protect_count, direction, &way);
	check_levels_of(&way, keys, &levels);
	return levels.level[PLAN_FORWARD_SECRECY];
}

static enum seccomm_level forward_level(
    const struct plan_slot *slots, size_t count, size_t i, const struct check_keys *keys)
{
	const struct plan_slot *slot = &slots[i];
	enum seccomm_level level = keys->hides[i];

	if (check_creator_level(slots, count, i) < SECCOMM_LEVEL_MODERN)
		return SECCOMM_LEVEL_NONE;
	if (slot->establish.mp && seccomm_slot_forward(slot)) /* a secret mixed in is a long-term key */
		return check_weaker(level, seccomm_slot_quantum(slot) ? SECCOMM_LEVEL_QUANTUM : check_standing_level(slot->establish.mp));
	if (!slot->establish.mp || !slot->establish.mp->wraps)
		return SECCOMM_LEVEL_NONE;
	for (enum seccomm_direction d = SECCOMM_C2S; d <= SECCOMM_S2C; d++)
		if (slot->establish.mp->wraps >> d & 1)
			level = check_weaker(level, wrapped_forward(slot, keys, d));
	return level;
}

/* All exchanges are one opening, so who is proven by one of them is proven. */
static void peers(const struct plan_slot *slot, size_t i, struct check_keys *out)
{
	for (enum seccomm_direction d = SECCOMM_C2S; d <= SECCOMM_S2C; d++) {
		struct check_levels levels;
		struct check_way way;

		check_way_of(slot->protect, slot->protect_count, d, &way);
		check_levels_of(&way, out, &levels);
		if (levels.level[PLAN_AUTHENTICITY] > out->peer[d]) {
			out->peer[d] = levels.level[PLAN_AUTHENTICITY];
			out->peer_by[d] = levels.by[PLAN_AUTHENTICITY];
			out->peer_key[d] = (uint32_t)i + 1;
		}
		/* Holding the secret tells its holders apart from others, and not from one another. */
		if (levels.level[PLAN_AUTHENTICITY] == SECCOMM_LEVEL_NONE && !check_slot_open(slot) && !check_slot_salted(slot) &&
		    out->proves[i] > out->peer[d]) {
			out->peer[d] = out->proves[i];
			out->peer_by[d] = NULL;
			out->peer_key[d] = (uint32_t)i + 1;
		}
	}
}

/* What hides and proves a slot's exchange has keys of lower slots, whose levels are in OUT already. */
static void grade(const struct plan_slot *slots, size_t count, size_t i, struct check_keys *out)
{
	const struct plan_slot *slot = &slots[i];
	enum seccomm_level own = own_level(slot, out->shared[i]), proven = SECCOMM_LEVEL_QUANTUM;

	if (check_slot_open(slot)) {
		own = check_weaker(own, check_creator_level(slots, count, i));
		own = check_weaker(own, check_exchange_level(slot, out, PLAN_CONFIDENTIALITY, slot->establish.mp->wraps));
		proven = check_exchange_level(slot, out, PLAN_AUTHENTICITY, CHECK_BOTH_WAYS);
	}
	out->proves[i] = check_weaker(own, proven);
	out->hides[i] = proven < SECCOMM_LEVEL_MODERN ? out->proves[i] : own;
	out->forward[i] = forward_level(slots, count, i, out);
}

/* BEYOND: a key that proves nothing is taken for one that is as good as can be. */
static void all(const struct plan_slot *slots, size_t count, bool several, bool beyond, struct check_keys *out)
{
	bool lifted = false;

	*out = (struct check_keys){ 0 };
	for (size_t i = 0; i < count && i < PLAN_SLOTS_MAX; i++) {
		out->shared[i] = (several || slots[i].shared) && has_psk(&slots[i]);
		out->salted = out->salted || check_slot_salted(&slots[i]);
		grade(slots, count, i, out);
		if (beyond && out->proves[i] == SECCOMM_LEVEL_NONE) {
			out->proves[i] = out->hides[i] = out->forward[i] = SECCOMM_LEVEL_QUANTUM;
			lifted = true;
		}
		out->count = i + 1;
		peers(&slots[i], i, out);
	}
	for (enum seccomm_direction d = SECCOMM_C2S; d <= SECCOMM_S2C && lifted; d++)
		if (out->peer[d] == SECCOMM_LEVEL_NONE)
			out->peer[d] = SECCOMM_LEVEL_QUANTUM;
}

void check_keys_of(const struct plan_slot *slots, size_t count, bool several, struct check_keys *out)
{
	all(slots, count, several, false, out);
}

void check_keys_beyond(const struct plan_slot *slots, size_t count, bool several, struct check_keys *out)
{
	all(slots, count, several, true, out);
}

void check_plan_keys(const struct seccomm_plan *plan, struct check_keys *out)
{
	size_t count, peer_count;
	const struct plan_slot *slots = seccomm_plan_slots(plan, &count);
	const char *const *peers = seccomm_plan_peers(plan, &peer_count);

	check_keys_of(slots, count, check_several(peers, peer_count), out);
}

static void say(struct check_levels *out, enum seccomm_property p, enum seccomm_level level, enum check_why why)
{
	out->level[p] = level;
	out->why[p] = level == SECCOMM_LEVEL_NONE && why == CHECK_BY_STANDING ? CHECK_BY_NOTHING : why;
}

void check_key_levels_of(const struct plan_slot *slots, const struct check_keys *keys, size_t i,
    enum seccomm_direction direction, struct check_levels *out)
{
	const struct plan_slot *slot = &slots[i];
	bool open = check_slot_open(slot), salted = check_slot_salted(slot);
	struct check_way way;
	enum seccomm_level proven;

	check_way_of(slot->protect, slot->protect_count, direction, &way);
	check_levels_of(&way, keys, out);
	if (!open && out->level[PLAN_AUTHENTICITY] == SECCOMM_LEVEL_NONE) {
		say(out, PLAN_AUTHENTICITY, keys->proves[i], CHECK_BY_STANDING);
		say(out, PLAN_INTEGRITY, keys->proves[i], CHECK_BY_STANDING);
		out->by[PLAN_AUTHENTICITY] = out->by[PLAN_INTEGRITY] = NULL;
	}
	proven = out->level[PLAN_AUTHENTICITY];
	/* Nonces of both ends are in the transcript that is authenticated. */
	say(out, PLAN_FRESHNESS, salted ? SECCOMM_LEVEL_NONE : proven, salted ? CHECK_SALTED : out->why[PLAN_AUTHENTICITY]);
	say(out, PLAN_PEER_AUTHENTICITY, salted ? SECCOMM_LEVEL_NONE : proven, salted ? CHECK_SALTED : out->why[PLAN_AUTHENTICITY]);
	out->by[PLAN_FRESHNESS] = out->by[PLAN_PEER_AUTHENTICITY] = out->by[PLAN_AUTHENTICITY];
	say(out, PLAN_CONFIDENTIALITY, keys->hides[i], keys->shared[i] ? CHECK_BY_SHARED : CHECK_BY_STANDING);
	say(out, PLAN_FORWARD_SECRECY, keys->forward[i], keys->forward[i] < keys->hides[i] ? CHECK_LASTING : CHECK_BY_STANDING);
	for (int p = 0; p < PLAN_PROPERTIES; p++)
		out->key[p] = (uint32_t)i + 1;
}
