/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: events, bindings and raises do what cactus.h says, sentence by sentence. */
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

static void names_are_stem_and_index(void **state)
{
	struct world *w = *state;
	const char copy[] = "a";
	const cactus_event a = named(w, "a"), a1 = cactus_event_named(w->c, "a", 1);

	assert_int_not_equal(a, a1);
	assert_int_not_equal(a, named(w, "b"));
	assert_int_equal(named(w, copy), a);
	assert_int_equal(cactus_event_named(w->c, "a", 1), a1);
}

static void many_events_and_bindings(void **state)
{
	struct world *w = *state;
	static struct actor actors[300];
	cactus_event e[300];

	for (unsigned i = 0; i < 300; i++) {
		e[i] = cactus_event_named(w->c, "n", i);
		actors[i] = (struct actor){ .word = i == 123 ? "this" : "other" };
		bind_actor(w, e[i], 1, &actors[i]);
	}
	assert_int_equal(cactus_raise(w->c, e[123], NULL), CACTUS_NEXT);
	assert_story(w, "this");
}

static void deleted_numbers_come_again(void **state)
{
	struct world *w = *state;
	struct actor x = { .word = "x" };
	const cactus_event old = named(w, "old");

	bind_actor(w, old, 1, &x);
	assert_int_equal(cactus_raise_later(w->c, old, NULL, 5) != 0, true);
	cactus_event_delete(w->c, old);
	assert_int_equal(cactus_raise(w->c, old, NULL), CACTUS_NEXT);
	assert_true(cactus_deadline(w->c) == UINT64_MAX);
	assert_int_equal(cactus_bind(w->c, old, act, 1, &x), 0);
	assert_int_equal(named(w, "new"), old);
	w->monotonic += 100;
	cactus_run_due(w->c);
	cactus_raise(w->c, old, NULL);
	cactus_event_delete(w->c, 0);
	cactus_event_delete(w->c, 9999);
	assert_story(w, "");
}

static void order_then_time(void **state)
{
	struct world *w = *state;
	struct actor a = { .word = "a" }, b = { .word = "b" }, c = { .word = "c" }, d = { .word = "d" },
		     z = { .word = "z" };
	const cactus_event e = named(w, "e");

	bind_actor(w, e, 1001, &z);
	bind_actor(w, e, 50, &b);
	bind_actor(w, e, 0, &a);
	bind_actor(w, e, 50, &c);
	bind_actor(w, e, 50, &d);
	assert_int_equal(cactus_raise(w->c, e, NULL), CACTUS_NEXT);
	assert_story(w, "a b c d z");
	assert_int_equal(cactus_bind(w->c, e, act, 1002, &a), 0);
	assert_int_equal(cactus_bind(w->c, 0, act, 1, &a), 0);
	assert_int_equal(cactus_mirror(10), 990);
}

static void stop_and_hold_end_a_raise(void **state)
{
	struct world *w = *state;
	struct actor a = { .word = "a", .verdict = CACTUS_STOP }, b = { .word = "b" };
	const cactus_event e = named(w, "e");

	bind_actor(w, e, 1, &a);
	bind_actor(w, e, 2, &b);
	assert_int_equal(cactus_raise(w->c, e, NULL), CACTUS_STOP);
	a.verdict = CACTUS_HOLD;
	assert_int_equal(cactus_raise(w->c, e, NULL), CACTUS_STOP);
	assert_story(w, "a a");
	assert_int_equal(cactus_raise(w->c, 0, NULL), CACTUS_NEXT);
	assert_int_equal(cactus_raise(w->c, 7777, NULL), CACTUS_NEXT);
}

static void unbind_ignores_strangers(void **state)
{
	struct world *w = *state;
	struct actor a = { .word = "a" };
	const cactus_event e = named(w, "e");
	const cactus_binding first = bind_actor(w, e, 1, &a);

	cactus_unbind(w->c, 0);
	cactus_unbind(w->c, 12345);
	cactus_unbind(w->c, first);
	cactus_unbind(w->c, first);
	assert_true(bind_actor(w, e, 1, &a) > first);
	cactus_raise(w->c, e, NULL);
	assert_story(w, "a");
}

static void deed_bind(struct actor *a, void *argument)
{
	(void)argument;
	a->deed = NULL;
	bind_actor(a->world, a->event, 900, a->other);
}

static void bound_in_a_raise_waits(void **state)
{
	struct world *w = *state;
	struct actor late = { .word = "late" }, a = { .word = "a", .deed = deed_bind, .other = &late },
		     b = { .word = "b" };

	a.event = named(w, "e");
	bind_actor(w, a.event, 1, &a);
	bind_actor(w, a.event, 2, &b);
	cactus_raise(w->c, a.event, NULL);
	assert_story(w, "a b");
	cactus_raise(w->c, a.event, NULL);
	assert_story(w, "a b late");
}

static void deed_unbind_and_nest(struct actor *a, void *argument)
{
	(void)argument;
	a->deed = NULL;
	cactus_unbind(a->world->c, a->other->binding);
	cactus_unbind(a->world->c, a->binding);
	tell(a->world, "(");
	cactus_raise(a->world->c, a->event, NULL); /* refreezes while the old array is walked */
	tell(a->world, ")");
}

static void unbound_in_a_raise_does_not_run(void **state)
{
	struct world *w = *state;
	struct actor b = { .word = "b" }, c = { .word = "c" },
		     a = { .word = "a", .deed = deed_unbind_and_nest, .other = &b };

	a.event = named(w, "e");
	bind_actor(w, a.event, 1, &a);
	bind_actor(w, a.event, 2, &b);
	bind_actor(w, a.event, 3, &c);
	cactus_raise(w->c, a.event, NULL);
	assert_story(w, "a ( c ) c");
	cactus_raise(w->c, a.event, NULL);
	assert_story(w, "c");
}

static void deed_churn(struct actor *a, void *argument)
{
	int *depth = argument;

	if (*depth == 0)
		return;
	--*depth;
	for (int i = 0; i < 3; i++) {
		cactus_unbind(a->world->c, a->other->binding);
		bind_actor(a->world, a->event, 900, a->other);
	}
	cactus_raise(a->world->c, a->event, depth);
}

static void arrays_live_until_the_outermost_returns(void **state)
{
	struct world *w = *state;
	struct actor b = { .word = "b" }, c = { .word = "c" }, a = { .word = "a", .deed = deed_churn, .other = &b };
	const size_t before = w->bytes;
	int depth = 3;

	a.event = named(w, "e");
	bind_actor(w, a.event, 1, &a);
	bind_actor(w, a.event, 2, &b);
	bind_actor(w, a.event, 950, &c);
	cactus_raise(w->c, a.event, &depth);
	assert_story(w, "a a a a b c c c c");
	assert_true(w->peak > before);
	cactus_raise(w->c, a.event, &depth);
	cactus_unbind(w->c, b.binding);
	cactus_raise(w->c, a.event, &depth); /* back in the instance's own block */
	assert_story(w, "a b c a c");
	assert_int_equal(w->bytes, before);
}

static void deed_delete(struct actor *a, void *argument)
{
	(void)argument;
	a->deed = NULL;
	cactus_event_delete(a->world->c, a->event);
	assert_int_equal(named(a->world, "again"), a->event);
	bind_actor(a->world, a->event, 1, a->other);
}

static void deleted_in_its_own_raise(void **state)
{
	struct world *w = *state;
	struct actor new = { .word = "new" }, b = { .word = "b" },
		     a = { .word = "a", .deed = deed_delete, .other = &new };

	a.event = named(w, "e");
	bind_actor(w, a.event, 1, &a);
	bind_actor(w, a.event, 2, &b);
	cactus_raise(w->c, a.event, NULL);
	assert_story(w, "a");
	cactus_raise(w->c, a.event, NULL);
	assert_story(w, "new");
}

static void deed_async(struct actor *a, void *argument)
{
	for (int i = 0; i < 9; i++)
		assert_int_equal(cactus_raise_async(a->world->c, a->event, argument), CACTUS_OK);
	cactus_raise(a->world->c, a->other->event, NULL);
}

static void deed_chain(struct actor *a, void *argument)
{
	int *left = argument;

	if (left != NULL && (*left)-- > 0)
		assert_int_equal(cactus_raise_async(a->world->c, a->event, left), CACTUS_OK);
}

static void async_waits_for_the_running_raise(void **state)
{
	struct world *w = *state;
	struct actor q = { .word = "q" }, n = { .word = "nested" }, b = { .word = "b" },
		     a = { .word = "a", .deed = deed_async, .other = &n };
	int left = 40;

	a.event = named(w, "queued");
	n.event = named(w, "n");
	bind_actor(w, n.event, 1, &n);
	bind_actor(w, a.event, 1, &q);
	bind_actor(w, named(w, "e"), 1, &a);
	bind_actor(w, named(w, "e"), 2, &b);
	assert_int_equal(cactus_raise_async(w->c, a.event, NULL), CACTUS_OK);
	assert_story(w, "q");
	cactus_raise(w->c, named(w, "e"), NULL);
	assert_story(w, "a nested b q q q q q q q q q");
	q.deed = deed_chain;
	q.event = a.event;
	assert_int_equal(cactus_raise_async(w->c, a.event, &left), CACTUS_OK);
	assert_int_equal(left, -1);
	w->story[0] = '\0';
}

static void deed_async_delete(struct actor *a, void *argument)
{
	(void)argument;
	assert_int_equal(cactus_raise_async(a->world->c, a->event, NULL), CACTUS_OK);
	cactus_event_delete(a->world->c, a->event);
	a->event = named(a->world, "successor");
	bind_actor(a->world, a->event, 1, a->other);
}

static void queued_raises_of_a_deleted_event(void **state)
{
	struct world *w = *state;
	struct actor s = { .word = "wrong" }, a = { .word = "a", .deed = deed_async_delete, .other = &s };

	a.event = named(w, "victim");
	bind_actor(w, named(w, "e"), 1, &a);
	cactus_raise(w->c, named(w, "e"), NULL);
	assert_story(w, "a");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(names_are_stem_and_index),
		CASE(many_events_and_bindings),
		CASE(deleted_numbers_come_again),
		CASE(order_then_time),
		CASE(stop_and_hold_end_a_raise),
		CASE(unbind_ignores_strangers),
		CASE(bound_in_a_raise_waits),
		CASE(unbound_in_a_raise_does_not_run),
		CASE(arrays_live_until_the_outermost_returns),
		CASE(deleted_in_its_own_raise),
		CASE(async_waits_for_the_running_raise),
		CASE(queued_raises_of_a_deleted_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
