/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: delayed raises, posts of other threads and the deadline, on clocks that only the test moves. */
#include <pthread.h>
#include <stdatomic.h>

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

static cactus_event make(struct world *w, const char *stem, struct actor *a)
{
	a->world = w;
	a->event = cactus_event_named(w->c, stem, CACTUS_NO_INDEX);
	assert_int_not_equal(cactus_bind(w->c, a->event, act, 1, a), 0);
	return a->event;
}

static cactus_timer later(struct world *w, cactus_event e, uint64_t delay_us)
{
	const cactus_timer t = cactus_raise_later(w->c, e, NULL, delay_us);

	assert_int_not_equal(t, 0);
	return t;
}

static void run_at(struct world *w, uint64_t monotonic)
{
	w->monotonic = monotonic;
	cactus_run_due(w->c);
}

static void delayed_raises_run_when_due(void **state)
{
	struct world *w = *state;
	struct actor a = { .word = "a" }, b = { .word = "b" }, c = { .word = "c" };
	cactus_timer first;

	make(w, "a", &a);
	make(w, "b", &b);
	make(w, "c", &c);
	assert_true(cactus_deadline(w->c) == UINT64_MAX);
	later(w, c.event, 30);
	first = later(w, a.event, 10);
	later(w, b.event, 10);
	later(w, b.event, 20);
	assert_true(cactus_deadline(w->c) == 1010);
	run_at(w, 1009);
	assert_story(w, "");
	run_at(w, 1010);
	assert_story(w, "a b");
	assert_true(cactus_deadline(w->c) == 1020);
	run_at(w, 5000);
	assert_story(w, "b c");
	cactus_cancel(w->c, first);
	cactus_cancel(w->c, 0);
	assert_true(later(w, a.event, 1) > first);
}

static void cancelled_ones_do_not_run(void **state)
{
	struct world *w = *state;
	struct actor a = { .word = "a" };
	cactus_timer t[50];

	make(w, "a", &a);
	for (unsigned i = 0; i < 50; i++)
		t[i] = later(w, a.event, (i * 37) % 50);
	for (unsigned i = 0; i < 50; i++)
		if (i != 17)
			cactus_cancel(w->c, t[i]);
	assert_true(cactus_deadline(w->c) == 1000 + (17 * 37) % 50);
	run_at(w, 2000);
	assert_story(w, "a");
}

static void deed_again(struct actor *a, void *argument)
{
	(void)argument;
	later(a->world, a->event, 0);
}

static void no_delay_waits_for_the_next_call(void **state)
{
	struct world *w = *state;
	struct actor a = { .word = "a", .deed = deed_again };

	make(w, "a", &a);
	later(w, a.event, 0);
	cactus_run_due(w->c);
	assert_story(w, "a");
	assert_true(cactus_deadline(w->c) <= w->monotonic);
	cactus_run_due(w->c);
	assert_story(w, "a");
}

static void endless_delays_do_not_wrap(void **state)
{
	struct world *w = *state;
	struct actor a = { .word = "a" };

	make(w, "a", &a);
	later(w, a.event, UINT64_MAX);
	cactus_run_due(w->c);
	assert_story(w, "");
}

static void years_pass_in_no_time(void **state)
{
	struct world *w = *state;
	struct actor a = { .word = "" };
	const uint64_t hour = 3600000000u, year = 8766 * hour;
	int runs = 0;

	a.deed = NULL;
	make(w, "a", &a);
	later(w, a.event, hour);
	while (cactus_deadline(w->c) < year) {
		run_at(w, cactus_deadline(w->c));
		later(w, a.event, hour);
		w->story[0] = '\0';
		runs++;
	}
	assert_int_equal(runs, 8765);
}

static void deed_name_argument(struct actor *a, void *argument)
{
	tell(a->world, argument);
}

static void posts_run_in_order(void **state)
{
	struct world *w = *state;
	struct actor a = { .word = "post", .deed = deed_name_argument }, b = { .word = "wrong" };
	struct cactus_post posts[3] = { { .argument = (char[]){ "1" } }, { .argument = (char[]){ "2" } },
		{ .argument = (char[]){ "3" } } };

	make(w, "a", &a);
	make(w, "b", &b);
	posts[0].event = posts[2].event = a.event;
	posts[1].event = b.event;
	for (int i = 0; i < 3; i++)
		cactus_post(w->c, &posts[i]);
	assert_int_equal(w->wakes, 3);
	assert_true(cactus_deadline(w->c) <= w->monotonic);
	assert_story(w, "");
	cactus_event_delete(w->c, b.event);
	cactus_run_due(w->c);
	assert_story(w, "post 1 post 3");
	assert_true(cactus_deadline(w->c) == UINT64_MAX);
}

enum { POSTS = 20000 };
struct poster {
	struct cactus *c;
	struct cactus_post posts[POSTS];
	atomic_int seen;
};

static void *post_all(void *argument)
{
	struct poster *p = argument;

	for (int i = 0; i < POSTS; i++)
		cactus_post(p->c, &p->posts[i]);
	return NULL;
}

static enum cactus_verdict in_order(void *self, void *argument)
{
	struct poster *p = self;

	assert_ptr_equal(argument, &p->posts[p->seen]);
	p->seen++;
	return CACTUS_NEXT;
}

static void wake_nobody(void *context)
{
	(void)context;
}

static void another_thread_posts(void **state)
{
	struct world *w = *state;
	static struct poster p;
	const cactus_event e = cactus_event_named(w->c, "e", CACTUS_NO_INDEX);
	pthread_t thread;

	w->platform.wake = wake_nobody;
	p.c = w->c;
	for (int i = 0; i < POSTS; i++)
		p.posts[i] = (struct cactus_post){ .event = e, .argument = &p.posts[i] };
	assert_int_not_equal(cactus_bind(w->c, e, in_order, 1, &p), 0);
	assert_int_equal(pthread_create(&thread, NULL, post_all, &p), 0);
	while (p.seen < POSTS)
		cactus_run_due(w->c);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(p.seen, POSTS);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(delayed_raises_run_when_due),
		CASE(cancelled_ones_do_not_run),
		CASE(no_delay_waits_for_the_next_call),
		CASE(endless_delays_do_not_wrap),
		CASE(years_pass_in_no_time),
		CASE(posts_run_in_order),
		CASE(another_thread_posts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
