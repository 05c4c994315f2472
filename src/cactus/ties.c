/* SPDX-License-Identifier: Apache-2.0 */
/* ties.c - what micro-protocols need of each other (Figure 8), and their orders. */
#include <string.h>

#include "internal.h"

void core_problem(
    struct checker *ck, enum cactus_problem_kind kind, size_t spec, size_t other, const char *what, uint32_t index)
{
	const struct cactus_problem problem = { kind, spec, other, what, index };

	ck->problems++;
	if (ck->tell != NULL)
		ck->tell(ck->context, &problem);
}

uint32_t core_index(const void *state, struct cactus_field field)
{
	uint32_t index = CACTUS_NO_INDEX;

	if (field.size == sizeof(index))
		memcpy(&index, (const uint8_t *)state + field.offset, sizeof(index));
	return index;
}

static bool has_pair(const struct cactus_spec *spec)
{
	return spec->mp->down != NULL || spec->mp->up != NULL;
}

static void check_order(struct checker *ck, size_t at)
{
	const struct cactus_composition *c = ck->composition;
	const struct cactus_spec *spec = &c->parts[at].spec;

	if (!has_pair(spec)) {
		if (spec->order > CACTUS_ORDER_MAX + 1)
			core_problem(ck, CACTUS_BAD_ORDER, at, SIZE_MAX, spec->name, CACTUS_NO_INDEX);
		return;
	}
	if (spec->order == 0 || spec->order >= CACTUS_ORDER_MAX || spec->chain >= c->service->chain_count)
		core_problem(ck, CACTUS_BAD_ORDER, at, SIZE_MAX, spec->name, CACTUS_NO_INDEX);
	for (size_t i = 0; i < at; i++) {
		const struct cactus_spec *other = &c->parts[i].spec;

		if (has_pair(other) && other->chain == spec->chain && other->order == spec->order)
			core_problem(ck, CACTUS_EQUAL_ORDERS, at, i, spec->name, CACTUS_NO_INDEX);
	}
}

void core_check_orders(struct checker *ck)
{
	for (size_t i = 0; i < ck->composition->count; i++)
		check_order(ck, i);
}

/* How a need fares with the providers looked at so far. */
struct match {
	const struct cactus_spec *needer;
	const struct cactus_tie *need;
	uint32_t index;
	bool open[WAYS]; /* not met in that direction so far */
	bool rivals[WAYS]; /* a provider stands on the same chain in that direction */
	size_t sized, placed; /* the first provider of the wrong size; of the right one the innermost on the chain */
	unsigned order;	      /* of PLACED */
	bool found, wrong_size; /* whether there are such */
};

static bool fits(struct match *m, const struct cactus_tie *tie, uint32_t index, size_t provider)
{
	if (strcmp(tie->capability, m->need->capability) != 0 || index != m->index)
		return false;
	if (tie->bytes == 0 || m->need->bytes == 0 || tie->bytes == m->need->bytes)
		return true;
	if (!m->wrong_size)
		m->sized = provider;
	m->wrong_size = true;
	return false;
}

static bool runs(const struct cactus_spec *spec, int way)
{
	return way == DOWN ? spec->down : spec->up;
}

/* PROVIDER has what is needed; NULL is the service, which stands before everything. */
static void meet(struct match *m, const struct cactus_spec *provider, size_t place)
{
	const bool anywhere = provider == NULL || !m->need->inner;
	const bool near = provider != NULL && provider->chain == m->needer->chain;
	const unsigned order = near ? provider->order : CACTUS_ORDER_MAX;

	if (!m->found || order < m->order) {
		m->placed = place;
		m->order = order;
	}
	m->found = true;
	for (int way = DOWN; way < WAYS; way++) {
		const bool beside = anywhere || (provider->chain == m->needer->chain && runs(provider, way));

		m->rivals[way] |= beside;
		if (anywhere || (beside && provider->order < m->needer->order))
			m->open[way] = false;
	}
}

static void ask_service(const struct cactus_service *service, struct match *m)
{
	for (size_t i = 0; service->provides != NULL && service->provides[i].capability != NULL; i++) {
		const uint32_t index = service->provides_index == NULL ? CACTUS_NO_INDEX : service->provides_index[i];

		if (fits(m, &service->provides[i], index, SERVICE))
			meet(m, NULL, SERVICE);
	}
}

static void ask_part(const struct part *part, size_t place, struct match *m)
{
	for (const struct cactus_tie *t = part->spec.mp->provides; t != NULL && t->capability != NULL; t++)
		if (fits(m, t, core_index(part->image, t->index), place))
			meet(m, &part->spec, place);
}

static void check_need(struct checker *ck, size_t at, const struct cactus_tie *need)
{
	const struct cactus_composition *c = ck->composition;
	const struct part *part = &c->parts[at];
	struct match m = { .needer = &part->spec,
		.need = need,
		.index = core_index(part->image, need->index),
		.open = { part->spec.down, part->spec.up } };
	bool misplaced = false;

	ask_service(c->service, &m);
	for (size_t i = 0; i < c->count; i++)
		if (i != at)
			ask_part(&c->parts[i], i, &m);
	/* A soft need asks nothing of those that never meet it. */
	for (int way = DOWN; way < WAYS; way++)
		misplaced |= m.found && m.open[way] && (!need->soft || m.rivals[way]);
	if (misplaced)
		core_problem(ck, CACTUS_WRONG_PLACE, at, m.placed, need->capability, m.index);
	else if (!m.found && m.wrong_size)
		core_problem(ck, CACTUS_WRONG_SIZE, at, m.sized, need->capability, m.index);
	else if (!m.found && !need->soft)
		core_problem(ck, CACTUS_UNMET_NEED, at, SIZE_MAX, need->capability, m.index);
}

void core_check_ties(struct checker *ck)
{
	const struct cactus_composition *c = ck->composition;

	for (size_t i = 0; i < c->count; i++)
		for (const struct cactus_tie *t = c->parts[i].spec.mp->needs; t != NULL && t->capability != NULL; t++)
			check_need(ck, i, t);
}
