/* SPDX-License-Identifier: Apache-2.0 */
/*
 * freeze.c - turns the table of bindings into the flat array that raises walk.
 *
 * An array that is being walked is never rebuilt: it is retired, and dropped when the outermost raise returns.
 */
#include <string.h>

#include "internal.h"

static enum cactus_verdict silent(void *self, void *argument)
{
	(void)self;
	(void)argument;
	return CACTUS_NEXT;
}

size_t core_frozen_bytes(uint32_t names, uint32_t bindings)
{
	return sizeof(struct frozen) + bindings * (sizeof(struct slot) + sizeof(struct tag)) +
	       (names + 2) * sizeof(uint32_t);
}

void core_stale(struct cactus *c)
{
	c->stale = true;
	c->limit = 0;
}

static bool before(const struct binding *a, const struct binding *b)
{
	if (a->event != b->event)
		return a->event < b->event;
	return a->order != b->order ? a->order < b->order : a->id < b->id;
}

/* Shell's sort: in place, for qsort() may take memory from somewhere; no two bindings are equal, so it is stable. */
static void sort(struct binding *b, uint32_t count)
{
	for (uint32_t gap = count / 2; gap > 0; gap /= 2)
		for (uint32_t i = gap; i < count; i++) {
			const struct binding moving = b[i];
			uint32_t at = i;

			for (; at >= gap && before(&moving, &b[at - gap]); at -= gap)
				b[at] = b[at - gap];
			b[at] = moving;
		}
}

static bool in_use(const struct cactus *c, const struct frozen *frozen)
{
	if (c->depth == 0)
		return false;
	for (const struct frozen *f = c->retired; f != NULL; f = f->older)
		if (f == frozen)
			return true;
	return c->frozen == frozen;
}

/* Memory for an array of BYTES that nobody is walking. */
static struct frozen *place(struct cactus *c, size_t bytes)
{
	const size_t spacious = core_frozen_bytes(c->name_room, c->binding_room);
	struct frozen *f;

	if (bytes <= c->composition->frozen_bytes && !in_use(c, c->home)) {
		c->home->bytes = c->composition->frozen_bytes;
		return c->home;
	}
	if (c->frozen != NULL && bytes <= c->frozen->bytes && !in_use(c, c->frozen))
		return c->frozen;
	f = c->platform->allocate(c->platform->context, spacious);
	if (f != NULL)
		f->bytes = spacious;
	return f;
}

static void fill(struct cactus *c, struct frozen *f)
{
	uint32_t row = 0;

	f->count = c->binding_count;
	f->limit = c->name_count + 1;
	f->slots = (struct slot *)(f + 1);
	f->tags = (struct tag *)(f->slots + f->count);
	f->first = (uint32_t *)(f->tags + f->count);
	for (uint32_t event = 0; event < f->limit; event++) {
		f->first[event] = row;
		for (; row < f->count && c->bindings[row].event == event; row++) {
			const struct binding *b = &c->bindings[row];

			f->slots[row] = (struct slot){ b->handler, b->self };
			f->tags[row] = (struct tag){ b->id, b->order };
		}
	}
	f->first[f->limit] = row;
}

static void retire(struct cactus *c, struct frozen *f)
{
	if (c->depth == 0) {
		core_drop(c, f, f->bytes);
		return;
	}
	f->older = c->retired;
	c->retired = f;
	c->unsettled = true;
}

int cactus_freeze(struct cactus *c)
{
	struct frozen *f = place(c, core_frozen_bytes(c->name_count, c->binding_count));

	if (f == NULL)
		return CACTUS_NO_MEMORY;
	sort(c->bindings, c->binding_count);
	fill(c, f);
	if (c->frozen != NULL && c->frozen != f)
		retire(c, c->frozen);
	c->frozen = f;
	c->slots = f->slots;
	c->first = f->first;
	c->trace = c->next_trace;
	c->trace_context = c->next_trace_context;
	c->stale = false;
	c->limit = c->trace == NULL ? f->limit : 0;
	return CACTUS_OK;
}

static void silence_in(struct frozen *f, cactus_binding binding)
{
	for (uint32_t i = 0; i < f->count; i++)
		if (f->tags[i].binding == binding)
			f->slots[i].handler = silent;
}

void core_silence(struct cactus *c, cactus_binding binding)
{
	if (c->frozen != NULL)
		silence_in(c->frozen, binding);
	for (struct frozen *f = c->retired; f != NULL; f = f->older)
		silence_in(f, binding);
}

void core_drop_retired(struct cactus *c)
{
	while (c->retired != NULL) {
		struct frozen *f = c->retired;

		c->retired = f->older;
		core_drop(c, f, f->bytes);
	}
}

void cactus_trace(struct cactus *c, void (*trace)(void *context, const struct cactus_step *), void *context)
{
	c->next_trace = trace;
	c->next_trace_context = context;
	core_stale(c);
}
