/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: without memory everything goes on as it was, and a trace tells every step. */
#include "world.h"

static int setup(void **state)
{
	static struct world w;

	world_start(&w);
	world_open(&w, NULL, NULL, 0);
	*state = &w;
	return 0;
}

static int teardown(void **state)
{
	world_end(*state);
	return 0;
}

static void no_memory_leaves_the_old_array(void **state)
{
	struct world *w = *state;
	static struct actor many[40];
	struct actor a = { .word = "a" };
	const cactus_event e = named(w, "e");

	bind_actor(w, e, 1, &a);
	assert_int_equal(cactus_freeze(w->c), CACTUS_OK);
	for (int i = 0; i < 40; i++) {
		many[i] = (struct actor){ .word = "m" };
		bind_actor(w, named(w, "other"), 1, &many[i]);
	}
	cactus_unbind(w->c, many[0].binding);
	w->fail_at = w->allocations + 1;
	assert_int_equal(cactus_freeze(w->c), CACTUS_NO_MEMORY);
	w->fail_at = w->allocations + 1;
	cactus_raise(w->c, e, NULL);
	assert_story(w, "a");
	cactus_raise(w->c, e, NULL);
	assert_story(w, "a");
	cactus_raise(w->c, named(w, "other"), NULL);
	assert_int_equal(strlen(w->story), 39 * 2 - 1);
	w->story[0] = '\0';
}

static void tables_that_cannot_grow(void **state)
{
	struct world *w = *state;
	static struct actor x = { .word = "x" };
	const cactus_event e = named(w, "e");
	unsigned i = 0;

	w->fail_at = w->allocations + 1;
	while (cactus_event_named(w->c, "n", i) != 0)
		i++;
	w->fail_at = w->allocations + 1;
	while (cactus_bind(w->c, e, act, 1, &x) != 0)
		;
	w->fail_at = w->allocations + 1;
	while (cactus_raise_later(w->c, e, NULL, 1) != 0)
		;
	w->fail_at = 0;
	assert_int_not_equal(cactus_event_named(w->c, "n", i), 0);
	bind_actor(w, e, 1, &x);
	assert_int_not_equal(cactus_raise_later(w->c, e, NULL, 1), 0);
}

static void deed_queue_to_the_brim(struct actor *a, void *argument)
{
	(void)argument;
	a->world->fail_at = a->world->allocations + 1;
	while (cactus_raise_async(a->world->c, a->event, NULL) == CACTUS_OK)
		;
	assert_int_equal(cactus_raise_async(a->world->c, a->event, NULL), CACTUS_OK);
}

static void queue_that_cannot_grow(void **state)
{
	struct world *w = *state;
	struct actor q = { .word = "q" }, a = { .word = "a", .deed = deed_queue_to_the_brim };

	a.event = named(w, "q");
	bind_actor(w, a.event, 1, &q);
	bind_actor(w, named(w, "e"), 1, &a);
	cactus_raise(w->c, named(w, "e"), NULL);
	assert_story(w, "a q q q q q");
}

struct steps {
	struct world *world;
	struct cactus_step step[8];
	size_t count;
};

static void record(void *context, const struct cactus_step *step)
{
	struct steps *s = context;

	assert_true(s->count < 8);
	s->step[s->count++] = *step;
}

static void deed_work(struct actor *a, void *argument)
{
	a->world->monotonic += 7;
	if (argument != NULL)
		assert_non_null(cactus_prefix(argument, 3));
}

static void a_trace_tells_every_step(void **state)
{
	struct world *w = *state;
	struct steps s = { .world = w };
	struct actor a = { .word = "a", .deed = deed_work }, b = { .word = "b", .verdict = CACTUS_STOP };
	const cactus_event e = named(w, "e");
	uint8_t buffer[16];
	struct cactus_msg msg;

	cactus_msg_init(&msg, w->composition, buffer, sizeof(buffer), 8, 4, NULL);
	bind_actor(w, e, 10, &a);
	bind_actor(w, e, 20, &b);
	cactus_raise(w->c, e, NULL);
	cactus_trace(w->c, record, &s);
	assert_int_equal(cactus_raise_msg(w->c, e, &msg), CACTUS_STOP);
	assert_int_equal(s.count, 2);
	assert_null(s.step[0].instance);
	assert_int_equal(s.step[0].event, e);
	assert_int_equal(s.step[0].order, 10);
	assert_int_equal(s.step[0].before, 4);
	assert_int_equal(s.step[0].after, 7);
	assert_true(s.step[0].elapsed_us == 7);
	assert_int_equal(s.step[0].verdict, CACTUS_NEXT);
	assert_int_equal(s.step[1].order, 20);
	assert_int_equal(s.step[1].verdict, CACTUS_STOP);
	cactus_raise(w->c, e, NULL);
	assert_int_equal(s.count, 4);
	assert_int_equal(s.step[2].before, 0);
	assert_int_equal(s.step[2].after, 0);
	cactus_trace(w->c, NULL, NULL);
	cactus_raise(w->c, e, NULL);
	assert_int_equal(s.count, 4);
	assert_story(w, "a b a b a b a b");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(no_memory_leaves_the_old_array),
		CASE(tables_that_cannot_grow),
		CASE(queue_that_cannot_grow),
		CASE(a_trace_tells_every_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
