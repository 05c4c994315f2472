/* SPDX-License-Identifier: Apache-2.0 */
/*
 * timer.c - what happens later: delayed raises, posts of other threads, and when the owner has to look.
 *
 * Delayed raises are a heap by (time, number), so that equal times keep the order in which they were asked for.
 */
#include "internal.h"

static bool sooner(const struct timer *a, const struct timer *b)
{
	return a->due_us != b->due_us ? a->due_us < b->due_us : a->id < b->id;
}

static void swap(struct timer *a, struct timer *b)
{
	const struct timer t = *a;

	*a = *b;
	*b = t;
}

static void sift_up(struct timer *heap, uint32_t i)
{
	for (; i > 0 && sooner(&heap[i], &heap[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&heap[i], &heap[(i - 1) / 2]);
}

static void sift_down(struct timer *heap, uint32_t count, uint32_t i)
{
	for (;;) {
		uint32_t child = 2 * i + 1;

		if (child + 1 < count && sooner(&heap[child + 1], &heap[child]))
			child++;
		if (child >= count || !sooner(&heap[child], &heap[i]))
			return;
		swap(&heap[i], &heap[child]);
		i = child;
	}
}

static void remove_timer(struct cactus *c, uint32_t i)
{
	c->timers[i] = c->timers[--c->timer_count];
	if (i < c->timer_count) {
		sift_up(c->timers, i);
		sift_down(c->timers, c->timer_count, i);
	}
}

cactus_timer cactus_raise_later(struct cactus *c, cactus_event event, void *argument, uint64_t delay_us)
{
	const uint64_t now = c->platform->monotonic_us(c->platform->context);
	const uint64_t due = delay_us > UINT64_MAX - now ? UINT64_MAX : now + delay_us;
	struct timer *heap = c->timers;

	if (c->last_timer == UINT32_MAX)
		return 0;
	if (c->timer_count == c->timer_room)
		heap = core_enlarge(c, heap, sizeof(*heap), &c->timer_room);
	if (heap == NULL)
		return 0;
	c->timers = heap;
	heap[c->timer_count] = (struct timer){ due, argument, ++c->last_timer, event };
	sift_up(heap, c->timer_count++);
	return c->last_timer;
}

void cactus_cancel(struct cactus *c, cactus_timer timer)
{
	for (uint32_t i = 0; timer != 0 && i < c->timer_count; i++)
		if (c->timers[i].id == timer) {
			remove_timer(c, i);
			return;
		}
}

void cactus_post(struct cactus *c, struct cactus_post *post)
{
	const struct cactus_platform *platform = c->platform;

	post->next = atomic_load_explicit(&c->posted, memory_order_relaxed);
	while (!atomic_compare_exchange_weak_explicit(
	    &c->posted, &post->next, post, memory_order_release, memory_order_relaxed))
		;
	if (platform->wake != NULL)
		platform->wake(platform->context);
}

/* Moves what was posted behind what was taken over before. */
static void take_posts(struct cactus *c)
{
	struct cactus_post *newest = atomic_exchange_explicit(&c->posted, NULL, memory_order_acquire);
	struct cactus_post *oldest = NULL, **end = &c->posts;

	while (newest != NULL) {
		struct cactus_post *next = newest->next;

		newest->next = oldest;
		oldest = newest;
		newest = next;
	}
	while (*end != NULL)
		end = &(*end)->next;
	*end = oldest;
}

void core_forget_timers(struct cactus *c, cactus_event event)
{
	for (uint32_t i = c->timer_count; i-- > 0;)
		if (c->timers[i].event == event) {
			remove_timer(c, i);
			i = c->timer_count; /* others have moved */
		}
	for (uint32_t i = c->queue_head; i < c->queue_tail; i++)
		if (c->queue[i].event == event)
			c->queue[i].event = 0; /* which has no handlers */
	take_posts(c);
	for (struct cactus_post **link = &c->posts; *link != NULL;) {
		if ((*link)->event == event)
			*link = (*link)->next;
		else
			link = &(*link)->next;
	}
}

uint64_t cactus_deadline(const struct cactus *c)
{
	if (c->posts != NULL || atomic_load_explicit(&c->posted, memory_order_relaxed) != NULL ||
	    c->queue_head < c->queue_tail)
		return 0;
	return c->timer_count == 0 ? UINT64_MAX : c->timers[0].due_us;
}

void cactus_run_due(struct cactus *c)
{
	const uint64_t now = c->platform->monotonic_us(c->platform->context);
	const cactus_timer last = c->last_timer; /* a handler that asks for no delay waits for the next call */

	take_posts(c);
	while (c->posts != NULL) {
		const struct cactus_post *post = c->posts;

		c->posts = post->next;
		(void)cactus_raise(c, post->event, post->argument);
	}
	while (c->timer_count > 0 && c->timers[0].due_us <= now && c->timers[0].id <= last) {
		const struct timer due = c->timers[0];

		remove_timer(c, 0);
		(void)cactus_raise(c, due.event, due.argument);
	}
}
