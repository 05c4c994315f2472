/* SPDX-License-Identifier: Apache-2.0 */
/*
 * levels.c - achieved levels.
 *
 * Deliberately simple: a property is as good as the best single layer that gives it, never better for being given
 * twice, and never better than the key under it.  Freshness counts only as far as something outside it proves that it
 * was not altered.
 */
#include "check/levels.h"

#include <string.h>

static enum seccomm_level standing_level(enum seccomm_standing standing)
{
	switch (standing) {
	case SECCOMM_MODERN:
		return SECCOMM_LEVEL_MODERN;
	case SECCOMM_LEGACY:
	case SECCOMM_BROKEN:
		return SECCOMM_LEVEL_LEGACY;
	case SECCOMM_TOY:
		return SECCOMM_LEVEL_TOY;
	}
	return SECCOMM_LEVEL_NONE;
}

static bool layer_runs(const struct plan_layer *layer, enum seccomm_direction direction)
{
	return layer->image->direction == SECCOMM_BOTH || layer->image->direction == (uint32_t)direction;
}

void check_way_of(const struct plan_layer *list, size_t count, enum seccomm_direction direction, struct check_way *way)
{
	way->count = 0;
	for (size_t i = 0; i < count && way->count < PLAN_LAYERS_MAX; i++) {
		size_t at = way->count;

		if (!layer_runs(&list[i], direction))
			continue;
		for (; at > 0 && way->layer[at - 1]->order > list[i].order; at--) {
			way->layer[at] = way->layer[at - 1];
			way->place[at] = way->place[at - 1];
		}
		way->layer[at] = &list[i];
		way->place[at] = i;
		way->count++;
	}
}

bool check_slot_open(const struct plan_slot *slot)
{
	const struct seccomm_mp *mp = slot->establish.mp;

	return mp &&
	       (mp->wraps || (mp->gives & SECCOMM_GIVES_FORWARD_SECRECY) || (mp->kind && strcmp(mp->kind, "kx") == 0));
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

static enum seccomm_level weaker(enum seccomm_level a, enum seccomm_level b)
{
	return a < b ? a : b;
}

static const unsigned gives_property[PLAN_PROPERTIES] = { SECCOMM_GIVES_CONFIDENTIALITY, SECCOMM_GIVES_INTEGRITY,
	SECCOMM_GIVES_AUTHENTICITY, SECCOMM_GIVES_FRESHNESS };

static enum seccomm_level layer_level(const struct plan_layer *layer, const struct check_keys *keys)
{
	enum seccomm_level level = standing_level(layer->mp->standing);

	if (keys && layer->image->key >= 1 && layer->image->key <= keys->count)
		level = weaker(level, keys->level[layer->image->key - 1]);
	return level;
}

static bool sets(const struct seccomm_mp *mp, const char *attribute)
{
	for (const struct cactus_attribute *a = mp->cactus.attributes; a && a->name; a++)
		if (a->act == CACTUS_SETS && strcmp(a->name, attribute) == 0)
			return true;
	return false;
}

/* A layer that works on what an inner layer computed is no stronger than the weakest that it may mean. */
static enum seccomm_level level_at(const struct check_way *way, size_t at, const struct check_keys *keys)
{
	enum seccomm_level level = layer_level(way->layer[at], keys);

	for (const struct cactus_attribute *a = way->layer[at]->mp->cactus.attributes; a && a->name; a++)
		for (size_t i = 0; i < at && a->act == CACTUS_READS; i++)
			if (sets(way->layer[i]->mp, a->name))
				level = weaker(level, standing_level(way->layer[i]->mp->standing));
	return level;
}

static bool adds(const struct seccomm_mp *mp)
{
	for (const struct cactus_attribute *a = mp->cactus.attributes; a && a->name; a++)
		if (a->act == CACTUS_SETS)
			return true;
	return false;
}

/* What the layer at FROM adds behind a digest is not covered by what protects that digest at AT. */
static bool covers(const struct check_way *way, size_t at, size_t from)
{
	for (const struct cactus_attribute *a = way->layer[at]->mp->cactus.attributes; a && a->name; a++)
		for (size_t i = 0; i < from && a->act == CACTUS_READS; i++)
			if (sets(way->layer[i]->mp, a->name) && adds(way->layer[from]->mp))
				return false;
	return true;
}

/* The best integrity that the layers from FROM outwards give. */
static enum seccomm_level cover(const struct check_way *way, size_t from, const struct check_keys *keys)
{
	enum seccomm_level best = SECCOMM_LEVEL_NONE;

	for (size_t i = from; i < way->count; i++) {
		enum seccomm_level level = level_at(way, i, keys);

		if ((way->layer[i]->mp->gives & SECCOMM_GIVES_INTEGRITY) && covers(way, i, from) && level > best)
			best = level;
	}
	return keys && keys->salted ? SECCOMM_LEVEL_NONE : best;
}

void check_levels_of(const struct check_way *way, const struct check_keys *keys, struct check_levels *out)
{
	*out = (struct check_levels){ 0 };
	for (size_t i = 0; i < way->count; i++) {
		for (size_t p = 0; p < PLAN_PROPERTIES; p++) {
			enum seccomm_level level = level_at(way, i, keys);

			if (!(way->layer[i]->mp->gives & gives_property[p]))
				continue;
			if (p == PLAN_FRESHNESS)
				level = weaker(level, cover(way, i, keys));
			if (level > out->level[p] || !out->by[p]) {
				out->level[p] = level;
				out->by[p] = way->layer[i];
			}
		}
	}
}

/* ---- Keys ---- */

enum seccomm_level check_exchange_level(
    const struct plan_slot *slot, const struct check_keys *keys, enum seccomm_property property, unsigned ways)
{
	enum seccomm_level least = SECCOMM_LEVEL_MODERN;

	for (enum seccomm_direction d = SECCOMM_C2S; d <= SECCOMM_S2C; d++) {
		struct check_levels levels;
		struct check_way way;

		if (!(ways >> d & 1))
			continue;
		check_way_of(slot->protect, slot->protect_count, d, &way);
		check_levels_of(&way, keys, &levels);
		least = weaker(least, levels.level[property]);
	}
	return least;
}

/* No key is better than what creates it, whichever slot's that is. */
enum seccomm_level check_creator_level(const struct plan_slot *slots, size_t count, size_t i)
{
	const uint32_t creator = check_slot_creator(&slots[i], (uint32_t)i + 1);
	const struct seccomm_mp *mp = creator >= 1 && creator <= count ? slots[creator - 1].create.mp : NULL;

	return mp ? standing_level(mp->standing) : SECCOMM_LEVEL_MODERN;
}

/* What hides and proves a slot's exchange has keys of lower slots, whose levels are in KEYS already. */
static enum seccomm_level slot_level(const struct plan_slot *slots, size_t count, size_t i, const struct check_keys *keys)
{
	const struct plan_slot *slot = &slots[i];
	enum seccomm_level own = slot->establish.mp ? standing_level(slot->establish.mp->standing) : SECCOMM_LEVEL_NONE;

	if (!check_slot_open(slot))
		return own;
	own = weaker(own, check_creator_level(slots, count, i));
	own = weaker(own, check_exchange_level(slot, keys, PLAN_AUTHENTICITY, CHECK_BOTH_WAYS));
	return weaker(own, check_exchange_level(slot, keys, PLAN_CONFIDENTIALITY, slot->establish.mp->wraps));
}

void check_keys_of(const struct plan_slot *slots, size_t count, struct check_keys *out)
{
	*out = (struct check_keys){ 0 };
	for (size_t i = 0; i < count && i < PLAN_SLOTS_MAX; i++) {
		enum seccomm_level level = slot_level(slots, count, i, out);

		out->salted = out->salted || check_slot_salted(&slots[i]);
		out->level[out->count++] = level;
	}
}
