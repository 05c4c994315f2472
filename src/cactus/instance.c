/* SPDX-License-Identifier: Apache-2.0 */
/*
 * instance.c - one running instance: struct cactus, states, tables and the frozen array in one block.
 *
 * The tables have room for what the composition binds and names, and a little more for the service; bindings at run
 * time may outgrow it.
 */
#include <string.h>

#include "internal.h"

enum { SPARE_NAMES = 6, SPARE_BINDINGS = 6, FIRST_TIMERS = 4, FIRST_QUEUED = 4 };

/* Whether an earlier row of the list names the same event, or a chain does. */
static bool is_named_before(const struct cactus_composition *c, size_t at, const struct cactus_event_row *row)
{
	const unsigned index = core_index(c->parts[at].image, row->index);

	for (size_t i = 0; i <= at; i++) {
		const struct cactus_event_row *r = c->parts[i].spec.mp->events;

		for (; r != NULL && r->event != NULL && r != row; r++)
			if (core_index(c->parts[i].image, r->index) == index && strcmp(r->event, row->event) == 0)
				return true;
	}
	return false;
}

static void count_rows(struct cactus_composition *c, size_t at)
{
	const struct cactus_spec *spec = &c->parts[at].spec;

	for (const struct cactus_event_row *r = spec->mp->events; r != NULL && r->event != NULL; r++) {
		c->binding_room++;
		c->name_room += !is_named_before(c, at, r);
	}
	c->binding_room += (uint32_t)(spec->down && spec->mp->down != NULL) + (spec->up && spec->mp->up != NULL);
}

/* Cuts the block; called with nothing to cut to learn its size.  Only a const part of the composition is read then. */
static struct cactus *carve(struct carver *carver, const struct cactus_composition *c)
{
	struct cactus *new = core_carve(carver, sizeof(*new));
	void *chains = core_carve(carver, c->service->chain_count * sizeof(*new->chains));
	void *home = core_carve(carver, c->frozen_bytes);
	void *names = core_carve(carver, c->name_room * sizeof(struct name));
	void *bindings = core_carve(carver, c->binding_room * sizeof(struct binding));
	void *timers = core_carve(carver, FIRST_TIMERS * sizeof(struct timer));
	void *queue = core_carve(carver, FIRST_QUEUED * sizeof(struct queued));

	if (new == NULL)
		return NULL;
	new->chains = chains;
	new->home = home;
	new->names = names;
	new->bindings = bindings;
	new->timers = timers;
	new->queue = queue;
	new->name_room = c->name_room;
	new->binding_room = c->binding_room;
	new->timer_room = FIRST_TIMERS;
	new->queue_room = FIRST_QUEUED;
	return new;
}

void core_plan_instance(struct cactus_composition *c)
{
	struct carver carver = { NULL, 0 };

	c->name_room = (uint32_t)(2 * c->service->chain_count) + SPARE_NAMES;
	c->binding_room = SPARE_BINDINGS;
	for (size_t i = 0; i < c->count; i++)
		count_rows(c, i);
	c->frozen_bytes = core_frozen_bytes(c->name_room, c->binding_room);
	(void)carve(&carver, c);
	for (size_t i = 0; i < c->count; i++) {
		c->parts[i].state_at = carver.used;
		(void)core_carve(&carver, c->parts[i].spec.mp->size);
		(void)core_carve(&carver, c->parts[i].extra);
	}
	c->instance_size = carver.used;
}

size_t cactus_instance_size(const struct cactus_composition *c)
{
	return c->instance_size;
}

static struct cactus_instance *state(const struct cactus *c, size_t n)
{
	return (struct cactus_instance *)((uintptr_t)c + c->composition->parts[n].state_at);
}

static bool name_chains(struct cactus *c)
{
	const struct cactus_service *service = c->composition->service;

	for (size_t i = 0; i < service->chain_count; i++) {
		c->chains[i][DOWN] = cactus_event_named(c, service->chains[i].down, service->chains[i].index);
		c->chains[i][UP] = cactus_event_named(c, service->chains[i].up, service->chains[i].index);
		if (c->chains[i][DOWN] == 0 || c->chains[i][UP] == 0)
			return false;
	}
	return true;
}

static void place_states(struct cactus *c)
{
	for (size_t i = 0; i < c->composition->count; i++) {
		const struct part *part = &c->composition->parts[i];
		const struct cactus_spec *spec = &part->spec;
		struct cactus_instance *head = state(c, i);

		memcpy(head, part->image, spec->mp->size);
		*head = (struct cactus_instance){ c, spec->mp, part->layouts[DOWN], part->layouts[UP], spec->name,
			(uint16_t)spec->order, (uint16_t)i, spec->chain };
	}
}

static bool bind_pair(struct cactus *c, const struct cactus_spec *spec, void *self)
{
	const cactus_event *events = c->chains[spec->chain];

	if (spec->down && spec->mp->down != NULL &&
	    cactus_bind(c, events[DOWN], spec->mp->down, spec->order, self) == 0)
		return false;
	return !spec->up || spec->mp->up == NULL ||
	       cactus_bind(c, events[UP], spec->mp->up, cactus_mirror(spec->order), self) != 0;
}

static bool bind_rows(struct cactus *c, const struct cactus_spec *spec, void *self)
{
	for (const struct cactus_event_row *r = spec->mp->events; r != NULL && r->event != NULL; r++) {
		const cactus_event event = cactus_event_named(c, r->event, core_index(self, r->index));

		if (cactus_bind(c, event, r->handler, r->order != 0 ? r->order : spec->order, self) == 0)
			return false;
	}
	return true;
}

static bool bind_all(struct cactus *c)
{
	for (size_t i = 0; i < c->composition->count; i++) {
		const struct cactus_spec *spec = &c->composition->parts[i].spec;
		void *self = state(c, i);

		if (!bind_pair(c, spec, self) || !bind_rows(c, spec, self))
			return false;
	}
	return true;
}

static bool begin_all(struct cactus *c)
{
	for (; c->begun < c->composition->count; c->begun++) {
		const struct cactus_mp *mp = c->composition->parts[c->begun].spec.mp;

		if (mp->begin != NULL && mp->begin(state(c, c->begun)) < 0)
			return false;
	}
	return true;
}

/* Handlers are bound behind the begin hooks, so that none runs on a state that has not begun. */
static int start(struct cactus *c, void (*prepare)(void *context, void *state, size_t n), void *context)
{
	core_stale(c);
	if (!name_chains(c))
		return CACTUS_NO_MEMORY;
	place_states(c);
	for (size_t i = 0; prepare != NULL && i < c->composition->count; i++)
		prepare(context, state(c, i), i);
	if (!begin_all(c))
		return CACTUS_REFUSED;
	return bind_all(c) ? cactus_freeze(c) : CACTUS_NO_MEMORY;
}

int cactus_create(const struct cactus_composition *composition, const struct cactus_platform *platform, void *owner,
    void (*prepare)(void *context, void *state, size_t n), void *context, struct cactus **out)
{
	struct carver carver = { platform->allocate(platform->context, composition->instance_size), 0 };
	struct cactus *c;
	int status;

	if (carver.base == NULL)
		return CACTUS_NO_MEMORY;
	c = carve(&carver, composition);
	atomic_init(&c->posted, NULL);
	c->composition = composition;
	c->platform = platform;
	c->owner = owner;
	status = start(c, prepare, context);
	if (status < 0)
		cactus_destroy(c);
	else
		*out = c;
	return status;
}

void cactus_destroy(struct cactus *c)
{
	if (c == NULL)
		return;
	while (c->begun > 0) {
		const struct cactus_mp *mp = c->composition->parts[--c->begun].spec.mp;

		if (mp->end != NULL)
			mp->end(state(c, c->begun));
	}
	core_forget_parked(c, 0);
	core_drop_retired(c);
	core_drop(c, c->frozen, c->frozen == NULL ? 0 : c->frozen->bytes);
	core_drop(c, c->names, c->name_room * sizeof(*c->names));
	core_drop(c, c->bindings, c->binding_room * sizeof(*c->bindings));
	core_drop(c, c->timers, c->timer_room * sizeof(*c->timers));
	core_drop(c, c->queue, c->queue_room * sizeof(*c->queue));
	core_release(c->platform, c, c->composition->instance_size);
}

size_t cactus_memory(const struct cactus *c)
{
	size_t bytes = c->composition->instance_size;

	for (const struct frozen *f = c->retired; f != NULL; f = f->older)
		bytes += core_outside(c, f, f->bytes);
	bytes += c->frozen == NULL ? 0 : core_outside(c, c->frozen, c->frozen->bytes);
	bytes += core_outside(c, c->names, c->name_room * sizeof(*c->names));
	bytes += core_outside(c, c->bindings, c->binding_room * sizeof(*c->bindings));
	bytes += core_outside(c, c->timers, c->timer_room * sizeof(*c->timers));
	return bytes + core_outside(c, c->queue, c->queue_room * sizeof(*c->queue));
}

void *cactus_owner(const struct cactus *c)
{
	return c->owner;
}

const struct cactus_platform *cactus_platform_of(const struct cactus *c)
{
	return c->platform;
}

void *cactus_state(struct cactus *c, size_t n)
{
	return n < c->composition->count ? state(c, n) : NULL;
}

size_t cactus_state_count(const struct cactus *c)
{
	return c->composition->count;
}

cactus_event cactus_down_event(const struct cactus *c, unsigned chain)
{
	return c->chains[chain][DOWN];
}

cactus_event cactus_up_event(const struct cactus *c, unsigned chain)
{
	return c->chains[chain][UP];
}

void *cactus_extra(void *self)
{
	const struct cactus_instance *head = self;

	return (uint8_t *)self + core_aligned(head->mp->size);
}

const struct cactus_instance *core_instance_of(const struct cactus *c, const void *self)
{
	for (size_t i = 0; i < c->composition->count; i++) {
		const struct cactus_instance *head = state(c, i);
		const uintptr_t offset = (uintptr_t)self - (uintptr_t)head;

		if (offset < c->composition->parts[i].spec.mp->size)
			return head;
	}
	return NULL;
}
