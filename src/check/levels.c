/* SPDX-License-Identifier: Apache-2.0 */
/*
 * levels.c - achieved levels of a list of layers.
 *
 * Deliberately simple: a property is as good as the best single layer that gives it, never better for being given
 * twice, and never better than the key under it.  Freshness counts only as far as something outside it proves that it
 * was not altered.
 */
#include "check/levels.h"

#include <string.h>

enum seccomm_level check_standing_level(const struct seccomm_mp *mp)
{
	switch (mp->standing) {
	case SECCOMM_MODERN:
		return mp->quantum ? SECCOMM_LEVEL_QUANTUM : SECCOMM_LEVEL_MODERN;
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
	way->direction = direction;
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

/* ---- One layer ---- */

struct grade {
	enum seccomm_level level;
	enum check_why why;
	const struct plan_layer *by;
	uint32_t key;
};

static void at_most(struct grade *grade, enum seccomm_level level, enum check_why why)
{
	if (level >= grade->level)
		return;
	grade->level = level;
	grade->why = why;
}

static bool sets(const struct seccomm_mp *mp, const char *attribute)
{
	for (const struct cactus_attribute *a = mp->cactus.attributes; a && a->name; a++)
		if (a->act == CACTUS_SETS && strcmp(a->name, attribute) == 0)
			return true;
	return false;
}

/* A layer is no better than its key, and one that works on what an inner layer computed than the weakest it may mean. */
static struct grade grade_at(const struct check_way *way, size_t at, const enum seccomm_level *keys, size_t key_count)
{
	const struct plan_layer *layer = way->layer[at];
	struct grade grade = { check_standing_level(layer->mp), CHECK_BY_STANDING, layer, layer->image->key };

	if (keys && grade.key >= 1 && grade.key <= key_count)
		at_most(&grade, keys[grade.key - 1], CHECK_BY_KEY);
	for (const struct cactus_attribute *a = layer->mp->cactus.attributes; a && a->name; a++)
		for (size_t i = 0; i < at && a->act == CACTUS_READS; i++)
			if (sets(way->layer[i]->mp, a->name))
				at_most(&grade, check_standing_level(way->layer[i]->mp), CHECK_BY_INNER);
	return grade;
}

/* A key that several know is to blame, where it gives no more than MOST. */
static void blame_shared(struct grade *grade, const struct check_keys *keys, enum seccomm_level most)
{
	if (grade->why == CHECK_BY_KEY && grade->level <= most && keys->shared[grade->key - 1])
		grade->why = CHECK_BY_SHARED;
}

static struct grade hiding(const struct check_way *way, size_t at, const struct check_keys *keys, enum seccomm_level most)
{
	struct grade grade = grade_at(way, at, keys ? keys->hides : NULL, keys ? keys->count : 0);

	blame_shared(&grade, keys, most);
	return grade;
}

/* What is proven depends on who signs the exchange, and on a secret only where that is all. */
static struct grade proving(const struct check_way *way, size_t at, const struct check_keys *keys)
{
	struct grade grade = grade_at(way, at, keys ? keys->proves : NULL, keys ? keys->count : 0);

	blame_shared(&grade, keys, SECCOMM_LEVEL_NONE);
	return grade;
}

/* ---- Freshness ---- */

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
		enum seccomm_level level = proving(way, i, keys).level;

		if ((way->layer[i]->mp->gives & SECCOMM_GIVES_INTEGRITY) && covers(way, i, from) && level > best)
			best = level;
	}
	return best;
}

static struct grade fresh(const struct check_way *way, size_t at, const struct check_keys *keys)
{
	struct grade grade = proving(way, at, NULL);
	enum seccomm_level best = cover(way, at, keys);

	at_most(&grade, best, cover(way, at, NULL) == SECCOMM_LEVEL_NONE ? CHECK_UNCOVERED : CHECK_BY_COVER);
	if (keys && keys->salted)
		at_most(&grade, SECCOMM_LEVEL_NONE, CHECK_SALTED);
	return grade;
}

/* ---- What outlives the session ---- */

/* Who keeps a signed ciphertext can show that something was signed, but not what. */
static struct grade evidence(const struct check_way *way, size_t at)
{
	struct grade grade = grade_at(way, at, NULL, 0);

	for (size_t i = 0; i < at; i++)
		if (way->layer[i]->mp->gives & SECCOMM_GIVES_CONFIDENTIALITY)
			at_most(&grade, SECCOMM_LEVEL_NONE, CHECK_CIPHERTEXT);
	return grade;
}

/* The bytes of a pad are destroyed when they are used; what needs no key, or a key pair, hides nothing from its owner. */
static struct grade forward(const struct check_way *way, size_t at, const struct check_keys *keys)
{
	struct grade grade = hiding(way, at, keys, SECCOMM_LEVEL_NONE); /* a secret lasts, whoever has it */

	if (seccomm_layer_pad(grade.by))
		return grade;
	if (grade.key == 0)
		at_most(&grade, SECCOMM_LEVEL_NONE, CHECK_LASTING);
	else if (keys && grade.key <= keys->count)
		at_most(&grade, keys->forward[grade.key - 1], CHECK_LASTING);
	return grade;
}

/* ---- All of it ---- */

static const unsigned gives[PLAN_PROPERTIES] = { [PLAN_CONFIDENTIALITY] = SECCOMM_GIVES_CONFIDENTIALITY,
	[PLAN_INTEGRITY] = SECCOMM_GIVES_INTEGRITY, [PLAN_AUTHENTICITY] = SECCOMM_GIVES_AUTHENTICITY,
	[PLAN_FRESHNESS] = SECCOMM_GIVES_FRESHNESS, [PLAN_NON_REPUDIATION] = SECCOMM_GIVES_SIGNATURE,
	[PLAN_FORWARD_SECRECY] = SECCOMM_GIVES_CONFIDENTIALITY };

static struct grade property(
    const struct check_way *way, size_t at, const struct check_keys *keys, enum seccomm_property p)
{
	switch (p) {
	case PLAN_CONFIDENTIALITY:
		return hiding(way, at, keys, SECCOMM_LEVEL_MODERN);
	case PLAN_FRESHNESS:
		return fresh(way, at, keys);
	case PLAN_NON_REPUDIATION:
		return evidence(way, at);
	case PLAN_FORWARD_SECRECY:
		return forward(way, at, keys);
	default:
		return proving(way, at, keys);
	}
}

static void put(struct check_levels *out, enum seccomm_property p, const struct grade *grade)
{
	out->level[p] = grade->level;
	out->why[p] = grade->why;
	out->by[p] = grade->by;
	out->key[p] = grade->key;
}

/* Who takes part is a matter of the exchanges alone. */
static void peer(const struct check_keys *keys, enum seccomm_direction direction, struct check_levels *out)
{
	struct grade grade = { SECCOMM_LEVEL_QUANTUM, CHECK_BY_STANDING, NULL, 0 };

	if (keys)
		grade = (struct grade){ keys->peer[direction],
			keys->salted                                     ? CHECK_SALTED
			: keys->peer[direction] == SECCOMM_LEVEL_NONE ? CHECK_BY_NOTHING
								      : CHECK_BY_STANDING,
			keys->peer_by[direction], keys->peer_key[direction] };
	put(out, PLAN_PEER_AUTHENTICITY, &grade);
}

void check_levels_of(const struct check_way *way, const struct check_keys *keys, struct check_levels *out)
{
	*out = (struct check_levels){ 0 };
	for (size_t i = 0; i < way->count; i++)
		for (int p = 0; p < PLAN_PROPERTIES; p++) {
			struct grade grade;

			if (!(way->layer[i]->mp->gives & gives[p]))
				continue;
			grade = property(way, i, keys, (enum seccomm_property)p);
			if (grade.level > out->level[p] || !out->by[p])
				put(out, (enum seccomm_property)p, &grade);
		}
	peer(keys, way->direction, out);
}
