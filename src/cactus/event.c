/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event.c - names of events and the table of bindings.  Only the table changes here; freeze.c makes of it what raises
 * walk, and what is being walked is touched only to silence handlers.
 */
#include <string.h>

#include "internal.h"

cactus_event cactus_event_named(struct cactus *c, const char *stem, unsigned index)
{
	uint32_t number = 0;

	for (uint32_t i = 0; i < c->name_count; i++) {
		const struct name *n = &c->names[i];

		if (n->stem == NULL)
			number = number == 0 ? i + 1 : number;
		else if (n->index == index && strcmp(n->stem, stem) == 0)
			return (cactus_event)(i + 1);
	}
	if (number == 0) {
		struct name *names = c->names;

		if (c->name_count == UINT16_MAX)
			return 0;
		if (c->name_count == c->name_room)
			names = core_enlarge(c, names, sizeof(*names), &c->name_room);
		if (names == NULL)
			return 0;
		c->names = names;
		number = ++c->name_count;
	}
	c->names[number - 1] = (struct name){ stem, index };
	return (cactus_event)number;
}

static bool exists(const struct cactus *c, cactus_event event)
{
	return event != 0 && event <= c->name_count && c->names[event - 1].stem != NULL;
}

static void remove_binding(struct cactus *c, uint32_t at)
{
	struct binding *b = &c->bindings[at];

	core_silence(c, b->id);
	memmove(b, b + 1, (--c->binding_count - at) * sizeof(*b));
	core_stale(c);
}

void cactus_event_delete(struct cactus *c, cactus_event event)
{
	if (!exists(c, event))
		return;
	for (uint32_t i = c->binding_count; i-- > 0;)
		if (c->bindings[i].event == event)
			remove_binding(c, i);
	core_forget_timers(c, event);
	c->names[event - 1].stem = NULL;
	/* Last, for it calls out: a message's destroy function may look at this instance. */
	core_forget_parked(c, event);
}

cactus_binding cactus_bind(struct cactus *c, cactus_event event, cactus_handler *handler, unsigned order, void *self)
{
	struct binding *table = c->bindings;

	if (!exists(c, event) || handler == NULL || order > CACTUS_ORDER_MAX + 1 || c->last_binding == UINT32_MAX)
		return 0;
	if (c->binding_count == c->binding_room)
		table = core_enlarge(c, table, sizeof(*table), &c->binding_room);
	if (table == NULL)
		return 0;
	c->bindings = table;
	table[c->binding_count++] = (struct binding){ handler, self, ++c->last_binding, event, (uint16_t)order };
	core_stale(c);
	return c->last_binding;
}

void cactus_unbind(struct cactus *c, cactus_binding binding)
{
	for (uint32_t i = 0; binding != 0 && i < c->binding_count; i++)
		if (c->bindings[i].id == binding) {
			remove_binding(c, i);
			return;
		}
}
