/* SPDX-License-Identifier: Apache-2.0 */
/* world.c - the platform for tests. */
#include "world.h"

static uint64_t monotonic(void *context)
{
	return ((struct world *)context)->monotonic;
}

static uint64_t wall(void *context)
{
	return ((struct world *)context)->wall;
}

static int no_random(void *context, void *out, size_t length)
{
	(void)context;
	(void)out;
	(void)length;
	return -1;
}

static void *allocate(void *context, size_t size)
{
	struct world *w = context;
	void *memory;

	if (++w->allocations == w->fail_at)
		return NULL;
	memory = calloc(1, size);
	assert_non_null(memory);
	w->blocks++;
	w->bytes += size;
	if (w->bytes > w->peak)
		w->peak = w->bytes;
	return memory;
}

static void release(void *context, void *memory, size_t size)
{
	struct world *w = context;
	const uint8_t *bytes = memory;

	for (size_t i = 0; i < size; i++)
		assert_int_equal(bytes[i], 0);
	w->blocks--;
	w->bytes -= size;
	free(memory);
}

static void no_log(void *context, int level, const char *line)
{
	(void)context;
	(void)level;
	(void)line;
}

static void wake(void *context)
{
	((struct world *)context)->wakes++;
}

static int sync_later(void *context, const char *name, void (*done)(void *, int), void *argument)
{
	struct world *w = context;

	(void)name;
	if (w->sync_at_once) {
		done(argument, CACTUS_OK);
		return CACTUS_OK;
	}
	if (w->sync_count == STORE_MAX)
		return CACTUS_FULL;
	w->syncs[w->sync_count].done = done;
	w->syncs[w->sync_count++].argument = argument;
	return CACTUS_OK;
}

void world_sync(struct world *w)
{
	const size_t count = w->sync_count;

	for (size_t i = 0; i < count; i++)
		w->syncs[i].done(w->syncs[i].argument, CACTUS_OK);
	w->sync_count -= count;
	memmove(w->syncs, w->syncs + count, w->sync_count * sizeof(w->syncs[0]));
}

void world_start(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->store.sync = sync_later;
	w->platform =
	    (struct cactus_platform){ w, monotonic, wall, no_random, allocate, release, no_log, wake, &w->store };
	w->monotonic = 1000;
}

static void note(void *context, const struct cactus_problem *problem)
{
	struct world *w = context;

	assert_true(w->problem_count < PROBLEMS_MAX);
	w->problems[w->problem_count++] = *problem;
}

int world_compose(struct world *w, const struct cactus_service *service, const struct cactus_spec *specs, size_t count)
{
	static const struct cactus_service nothing = { 0 };

	w->problem_count = 0;
	return cactus_compose(
	    &w->platform, service == NULL ? &nothing : service, specs, count, note, w, &w->composition);
}

void world_open(struct world *w, const struct cactus_service *service, const struct cactus_spec *specs, size_t count)
{
	assert_int_equal(world_compose(w, service, specs, count), CACTUS_OK);
	assert_int_equal(cactus_create(w->composition, &w->platform, w, NULL, NULL, &w->c), CACTUS_OK);
}

void world_end(struct world *w)
{
	cactus_destroy(w->c);
	cactus_composition_free(w->composition);
	assert_int_equal(w->blocks, 0);
	assert_int_equal(w->bytes, 0);
}

bool world_has(
    const struct world *w, enum cactus_problem_kind kind, size_t spec, size_t other, const char *what, uint32_t index)
{
	for (size_t i = 0; i < w->problem_count; i++) {
		const struct cactus_problem *p = &w->problems[i];

		if (p->kind == kind && p->spec == spec && p->other == other && p->index == index &&
		    strcmp(p->what, what) == 0)
			return true;
	}
	return false;
}

void tell(struct world *w, const char *word)
{
	assert_true(strlen(w->story) + strlen(word) + 2 < sizeof(w->story));
	if (w->story[0] != '\0')
		strcat(w->story, " ");
	strcat(w->story, word);
}

void assert_story(struct world *w, const char *expected)
{
	assert_string_equal(w->story, expected);
	w->story[0] = '\0';
}

enum cactus_verdict act(void *self, void *argument)
{
	struct actor *a = self;

	tell(a->world, a->word);
	if (a->deed != NULL)
		a->deed(a, argument);
	return a->verdict;
}

cactus_event named(struct world *w, const char *stem)
{
	const cactus_event e = cactus_event_named(w->c, stem, CACTUS_NO_INDEX);

	assert_int_not_equal(e, 0);
	return e;
}

cactus_binding bind_actor(struct world *w, cactus_event e, unsigned order, struct actor *a)
{
	a->world = w;
	a->binding = cactus_bind(w->c, e, act, order, a);
	assert_int_not_equal(a->binding, 0);
	return a->binding;
}
