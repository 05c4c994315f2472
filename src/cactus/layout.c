/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layout.c - walks each chain as the sender will, to know what every pack point packs and how far a body grows.
 *
 * At one layer the order is: it consumes, it packs, it sets.  So what a layer sets itself is packed by a later one, and
 * the mirrored handler finds it before it undoes anything.
 */
#include "internal.h"

static uint64_t bit(cactus_column column)
{
	return column == CACTUS_NO_COLUMN ? 0 : (uint64_t)1 << column;
}

static bool is_variable(const struct cactus_layout *layout)
{
	return layout->fixed_count < layout->count;
}

/* Appends the columns in SET that are VARIABLE or not; false when there are too many. */
static bool append(const struct cactus_composition *c, struct cactus_layout *layout, uint64_t set, bool variable)
{
	for (size_t i = 0; i < c->column_count; i++) {
		const struct cactus_attribute *row = c->columns[i].row;

		if (!(set & bit((cactus_column)i)) || row->variable != variable)
			continue;
		if (layout->count == CACTUS_PACK_MAX)
			return false;
		layout->columns[layout->count++] = (cactus_column)i;
		layout->most += row->bytes + (variable ? 4 : 0);
	}
	return true;
}

static bool lay_out(const struct cactus_composition *c, struct cactus_layout *layout, uint64_t set)
{
	if (!append(c, layout, set, false))
		return false;
	layout->fixed = layout->most;
	layout->fixed_count = layout->count;
	return append(c, layout, set, true);
}

static uint64_t services_own(const struct cactus_composition *c)
{
	uint64_t set = 0;

	for (size_t i = 0; i < c->column_count; i++)
		if (c->columns[i].spec == SERVICE)
			set |= bit((cactus_column)i);
	return set;
}

/* What is set after the layer's rows of kind ACT have done their work on SET; reading comes when consuming does. */
static uint64_t act(struct checker *ck, size_t at, enum cactus_act kind, uint64_t set)
{
	struct cactus_composition *c = ck->composition;
	struct part *part = &c->parts[at];

	for (const struct cactus_attribute *a = part->spec.mp->attributes; a != NULL && a->name != NULL; a++) {
		const uint64_t column = bit(core_column_of(c, at, a));

		/* What nobody sets has no column: it is remembered as the last one. */
		const uint64_t mark = column != 0 ? column : UINT64_C(1) << (CACTUS_COLUMNS_MAX - 1);

		if ((a->act == CACTUS_SETS) != (kind == CACTUS_SETS))
			continue;
		if (kind == CACTUS_SETS) {
			set |= column;
			continue;
		}
		if (!(set & column) && !(part->told & mark))
			core_problem(ck, CACTUS_NOTHING_TO_CONSUME, at, SIZE_MAX, a->name, CACTUS_NO_INDEX);
		part->told |= set & column ? 0 : mark;
		if (a->act == CACTUS_CONSUMES)
			set &= ~column;
	}
	return set;
}

/* Adds the growth of a layer, its packing included, to PATH; EXACT is false once a variable attribute was packed. */
static void grow(struct path *path, const struct part *part, size_t at, const struct cactus_layout *layout, bool *exact)
{
	const struct cactus_mp *mp = part->spec.mp;
	const struct cactus_growth *growth = &mp->growth;
	const struct cactus_filling filling = mp->filling == NULL ? (struct cactus_filling){ growth->block, 0 } : mp->filling(part->image);
	const uint32_t packed = layout == NULL ? 0 : layout->most;

	path->front += packed + growth->prefix;
	path->back += growth->suffix;
	path->tail += packed;
	*exact = *exact && (layout == NULL || !is_variable(layout));
	if (filling.to != 0) {
		path->pads[path->pad_count++] = (struct pad){ at, path->tail, filling.to, filling.most, *exact };
		path->tail = 0;
	}
	path->tail += (uint32_t)growth->prefix + growth->suffix;
}

static bool runs(const struct cactus_spec *spec, unsigned chain, int way)
{
	return spec->chain == chain && (way == DOWN ? spec->down : spec->up);
}

static uint64_t lay_layer(struct checker *ck, struct path *path, size_t at, int way, uint64_t set, bool *exact)
{
	const struct cactus_composition *c = ck->composition;
	struct part *part = &ck->composition->parts[at];
	struct cactus_layout *layout = part->layouts[way];

	set = act(ck, at, CACTUS_CONSUMES, set);
	if (layout != NULL) {
		if (!lay_out(c, layout, set & c->peers) && !part->crowded) {
			core_problem(ck, CACTUS_TOO_MANY, at, SIZE_MAX, part->spec.name, CACTUS_NO_INDEX);
			part->crowded = true;
		}
		set &= ~c->peers;
	}
	grow(path, part, at, layout, exact);
	return act(ck, at, CACTUS_SETS, set);
}

static size_t padded(const struct pad *pad, size_t length)
{
	length += pad->before;
	return length + pad->block - length % pad->block;
}

/* The empty body is the shortest there is. */
static void try_empty(struct checker *ck, const struct path *path)
{
	size_t length = 0;

	for (uint32_t i = 0; i < path->pad_count; i++) {
		const struct pad *p = &path->pads[i];
		struct part *part = &ck->composition->parts[p->part];

		if (p->most != 0 && (length + p->before > p->most || p->most >= p->block) && !part->overfull) {
			core_problem(ck, CACTUS_DOES_NOT_FIT, p->part, SIZE_MAX, part->spec.name, CACTUS_NO_INDEX);
			part->overfull = true;
		}
		length = padded(p, length);
	}
}

static struct pad *lay_way(struct checker *ck, unsigned chain, int way, struct pad *pads)
{
	const struct cactus_composition *c = ck->composition;
	struct path *path = &ck->composition->lanes[chain].ways[way];
	uint64_t set = services_own(c);
	bool exact = true;

	path->pads = pads;
	for (size_t i = 0; i < c->count; i++)
		if (runs(&c->parts[c->by_order[i]].spec, chain, way))
			set = lay_layer(ck, path, c->by_order[i], way, set, &exact);
	if (!lay_out(c, &path->rest, set & c->peers))
		core_problem(ck, CACTUS_TOO_MANY, SIZE_MAX, SIZE_MAX, c->service->chains[chain].down, CACTUS_NO_INDEX);
	path->front += path->rest.most;
	path->tail += path->rest.most;
	try_empty(ck, path);
	return pads + path->pad_count;
}

void core_lay_ways(struct checker *ck, struct pad *pads)
{
	for (unsigned chain = 0; chain < ck->composition->service->chain_count; chain++)
		for (int way = DOWN; way < WAYS; way++)
			pads = lay_way(ck, chain, way, pads);
}

void cactus_room(
    const struct cactus_composition *c, unsigned chain, bool down, size_t length, size_t *front, size_t *back)
{
	const struct path *path = &c->lanes[chain].ways[down ? DOWN : UP];

	*front = path->front + c->lanes[chain].clear;
	*back = path->back;
	for (uint32_t i = 0; i < path->pad_count; i++) {
		const struct pad *p = &path->pads[i];
		size_t filling;

		length += p->before;
		filling = p->block - length % p->block;
		length += filling;
		*back += p->exact ? filling : p->block;
	}
}

size_t cactus_grown(const struct cactus_composition *c, unsigned chain, bool down, size_t length)
{
	const struct path *path = &c->lanes[chain].ways[down ? DOWN : UP];

	for (uint32_t i = 0; i < path->pad_count; i++)
		length = padded(&path->pads[i], length);
	return length + path->tail;
}

/* From the outermost inwards; that nothing falls below zero was seen to when it was composed. */
size_t cactus_most(const struct cactus_composition *c, unsigned chain, bool down)
{
	const struct path *path = &c->lanes[chain].ways[down ? DOWN : UP];
	size_t most = SIZE_MAX;

	for (uint32_t i = path->pad_count; i-- > 0;) {
		const struct pad *p = &path->pads[i];

		if (p->most != 0)
			most = p->most - p->before;
		else if (most != SIZE_MAX)
			most = most / p->block * p->block - 1 - p->before;
	}
	return most;
}
