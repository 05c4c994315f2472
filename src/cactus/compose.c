/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compose.c - a list of micro-protocols becomes a composition: one block of memory, checked and laid out by ties.c,
 * columns.c and layout.c, and never changed again.
 */
#include <string.h>

#include "internal.h"

static bool packs(const struct cactus_spec *spec, int way)
{
	return spec->mp->packs && (way == DOWN ? spec->down : spec->up);
}

/* Cuts the tables of all parts; *PADS is room for the padding layers of all ways. */
static struct cactus_composition *carve(struct carver *carver, const struct cactus_service *service,
    const struct cactus_spec *specs, size_t count, struct pad **pads)
{
	struct cactus_composition *c = core_carve(carver, sizeof(*c));
	struct part *parts = core_carve(carver, count * sizeof(*parts));
	size_t *by_order = core_carve(carver, count * sizeof(*by_order));
	struct lane *lanes = core_carve(carver, service->chain_count * sizeof(*lanes));
	struct column *columns = core_carve(carver, CACTUS_COLUMNS_MAX * sizeof(*columns));

	*pads = core_carve(carver, 2 * count * sizeof(**pads));
	for (size_t i = 0; i < count; i++) {
		void *image = core_carve(carver, specs[i].mp->size);

		if (parts != NULL)
			parts[i] = (struct part){ .spec = specs[i], .image = image };
		for (int way = DOWN; way < WAYS; way++)
			if (packs(&specs[i], way)) {
				void *layout = core_carve(carver, sizeof(struct cactus_layout));

				if (parts != NULL)
					parts[i].layouts[way] = layout;
			}
	}
	if (c == NULL)
		return NULL;
	c->service = service;
	c->count = count;
	c->parts = parts;
	c->by_order = by_order;
	c->lanes = lanes;
	c->columns = columns;
	return c;
}

static void copy_images(struct cactus_composition *c)
{
	for (size_t i = 0; i < c->count; i++) {
		struct part *part = &c->parts[i];

		memcpy(part->image, part->spec.image, part->spec.mp->size);
		part->extra = part->spec.mp->extra == NULL ? 0 : part->spec.mp->extra(part->image);
		part->spec.image = part->image;
	}
}

static void sort_by_order(struct cactus_composition *c)
{
	for (size_t i = 0; i < c->count; i++) {
		size_t at = i;

		for (; at > 0 && c->parts[c->by_order[at - 1]].spec.order > c->parts[i].spec.order; at--)
			c->by_order[at] = c->by_order[at - 1];
		c->by_order[at] = i;
	}
}

/* Instances copy the images, numbers of columns and all. */
static void write_columns(struct cactus_composition *c)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct cactus_attribute *a = c->parts[i].spec.mp->attributes;

		for (; a != NULL && a->name != NULL; a++)
			if (a->at.size == sizeof(cactus_column))
				c->parts[i].image[a->at.offset] = core_column_of(c, i, a);
	}
}

int cactus_compose(const struct cactus_platform *platform, const struct cactus_service *service,
    const struct cactus_spec *specs, size_t count, void (*problem)(void *context, const struct cactus_problem *),
    void *context, struct cactus_composition **out)
{
	struct carver carver = { NULL, 0 };
	struct pad *pads;
	struct checker ck = { NULL, problem, context, 0 };

	(void)carve(&carver, service, specs, count, &pads);
	carver = (struct carver){ platform->allocate(platform->context, carver.used), 0 };
	if (carver.base == NULL)
		return CACTUS_NO_MEMORY;
	ck.composition = carve(&carver, service, specs, count, &pads);
	ck.composition->platform = platform;
	ck.composition->bytes = carver.used;
	copy_images(ck.composition);
	sort_by_order(ck.composition);
	core_check_orders(&ck);
	core_check_ties(&ck);
	core_number_columns(&ck);
	core_lay_values(&ck);
	core_lay_ways(&ck, pads);
	if (ck.problems > 0) {
		cactus_composition_free(ck.composition);
		return CACTUS_REFUSED;
	}
	write_columns(ck.composition);
	core_plan_instance(ck.composition);
	*out = ck.composition;
	return CACTUS_OK;
}

void cactus_composition_free(struct cactus_composition *c)
{
	if (c != NULL)
		core_release(c->platform, c, c->bytes);
}
