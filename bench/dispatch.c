/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dispatch.c - what a raise costs: cactus_raise() of four empty handlers against a flat array of indirect calls.
 *
 * Build: meson compile -C build bench-dispatch.  Prints both in nanoseconds and their ratio: the median over rounds
 * that alternate between the two, so that a busy machine hurts both alike.  With --check exits 1 if the ratio is
 * above 1.15.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cactus.h"

enum { HANDLERS = 4, ROOM = 64, ROUNDS = 301, CALLS = 20000 };
static const double LIMIT = 1.15;

struct flat {
	size_t n;
	struct {
		cactus_handler *f;
		void *s;
	} b[ROOM];
};

/* The asm statement hides from the compiler that nothing happens. */
#define EMPTY(name)                                                                                                    \
	__attribute__((noinline)) static enum cactus_verdict name(void *self, void *argument)                          \
	{                                                                                                              \
		__asm__ volatile("" : : "r"(self), "r"(argument) : "memory");                                          \
		return CACTUS_NEXT;                                                                                    \
	}
EMPTY(first)
EMPTY(second)
EMPTY(third)
EMPTY(fourth)
static cactus_handler *const handlers[HANDLERS] = { first, second, third, fourth };

__attribute__((noinline)) static enum cactus_verdict raise_flat(const struct flat *e, void *argument)
{
	for (size_t i = 0; i < e->n; i++) {
		enum cactus_verdict r = e->b[i].f(e->b[i].s, argument);

		if (r)
			return r;
	}
	return CACTUS_NEXT;
}

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double time_flat(const struct flat *e)
{
	const double start = now_ns();
	int calls = CALLS;

	__asm__ volatile("" : "+r"(e)); /* or raise_flat() is cloned for what is known of E */
	for (int i = 0; i < calls; i++)
		if (raise_flat(e, &calls) != CACTUS_NEXT)
			abort();
	return (now_ns() - start) / CALLS;
}

static double time_cactus(struct cactus *c, cactus_event event)
{
	const double start = now_ns();
	int calls = CALLS;

	for (int i = 0; i < calls; i++)
		if (cactus_raise(c, event, &calls) != CACTUS_NEXT)
			abort();
	return (now_ns() - start) / CALLS;
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof(*values), compare);
	return values[ROUNDS / 2];
}

static void *take(void *context, size_t size)
{
	(void)context;
	return calloc(1, size);
}

static void give(void *context, void *memory, size_t size)
{
	(void)context;
	(void)size;
	free(memory);
}

static double measure(struct cactus *c, cactus_event event, const struct flat *flat)
{
	static double a[ROUNDS], b[ROUNDS], ratios[ROUNDS];
	double ratio;

	for (int i = 0; i < ROUNDS; i++) {
		a[i] = time_flat(flat);
		b[i] = time_cactus(c, event);
		ratios[i] = b[i] / a[i];
	}
	ratio = median(ratios);
	printf("flat %.2f ns, raise %.2f ns, ratio %.3f\n", median(a), median(b), ratio);
	return ratio;
}

int main(int argc, char **argv)
{
	const struct cactus_platform platform = { .allocate = take, .release = give };
	const struct cactus_service service = { 0 };
	struct cactus_composition *composition;
	struct flat flat = { HANDLERS, { { NULL, NULL } } };
	struct cactus *c;
	cactus_event event;
	double ratio;

	if (cactus_compose(&platform, &service, NULL, 0, NULL, NULL, &composition) < 0 ||
	    cactus_create(composition, &platform, NULL, NULL, NULL, &c) < 0)
		return 2;
	event = cactus_event_named(c, "bench", CACTUS_NO_INDEX);
	for (unsigned i = 0; i < HANDLERS; i++) {
		flat.b[i].f = handlers[i];
		flat.b[i].s = &flat;
		if (cactus_bind(c, event, handlers[i], i, &flat) == 0)
			return 2;
	}
	ratio = measure(c, event, &flat);
	cactus_destroy(c);
	cactus_composition_free(composition);
	return argc > 1 && strcmp(argv[1], "--check") == 0 && ratio > LIMIT;
}
