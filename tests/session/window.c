/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the window of seen numbers judges every number as a model does that remembers each one: in walks with small steps,
 * steps to the window's very edges and jumps over the whole ring, for every size there is, from 0 and up to the last number.
 */
#include "seccomm_module.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rig.h"

enum { WORDS_MAX = 256, RANGE = 1 << 18, STEPS = 20000, PROBES = 8 };

/* Which of the numbers from BASE on have been accepted. */
struct model {
	uint64_t base;
	uint64_t greatest; /* from BASE */
	bool any;
	bool seen[RANGE];
};

struct walk {
	struct seccomm_window window;
	uint64_t bits[WORDS_MAX];
	struct model model;
	uint64_t seed;
};

static uint64_t judged(const struct walk *w) { return 64 * (uint64_t)(w->window.words - 1); }

static enum seccomm_window_verdict expected(const struct walk *w, uint64_t n)
{
	const struct model *m = &w->model;

	if (m->base + n == UINT64_MAX)
		return SECCOMM_WINDOW_OLD;
	if (!m->any || n > m->greatest)
		return SECCOMM_WINDOW_NEW;
	if (m->greatest - n >= judged(w))
		return SECCOMM_WINDOW_OLD;
	return m->seen[n] ? SECCOMM_WINDOW_SEEN : SECCOMM_WINDOW_NEW;
}

static void judge(const struct walk *w, uint64_t n)
{
	const enum seccomm_window_verdict verdict = seccomm_window_check(&w->window, w->model.base + n);

	if (verdict != expected(w, n))
		fail_msg("%u words, %llu from %llu, greatest %llu: %d", (unsigned)w->window.words, (unsigned long long)n,
		    (unsigned long long)w->model.base, (unsigned long long)w->model.greatest, (int)verdict);
}

static void offer(struct walk *w, uint64_t n)
{
	judge(w, n);
	if (expected(w, n) != SECCOMM_WINDOW_NEW)
		return;
	seccomm_window_accept(&w->window, w->model.base + n);
	w->model.seen[n] = true;
	if (!w->model.any || n > w->model.greatest)
		w->model.greatest = n;
	w->model.any = true;
	judge(w, n);
}

/* A number to try next: near the greatest, at an edge of window or ring, or far ahead. */
static uint64_t next(struct walk *w)
{
	const uint64_t r = rig_random(&w->seed), ring = 64 * (uint64_t)w->window.words, g = w->model.greatest;
	const uint64_t edges[] = { judged(w) - 1, judged(w), judged(w) + 1, ring - 1, ring, ring + 1 };
	uint64_t back = 0, ahead = 0;

	switch (r % 8) {
	case 0:
		back = edges[r / 8 % 6];
		break;
	case 1:
		back = r / 8 % (2 * ring);
		break;
	case 2:
		back = r / 8 % judged(w);
		break;
	case 3:
		ahead = r / 8 % 64 == 0 ? r / 512 % (3 * ring) : edges[r / 512 % 6] * (r / 8 % 16 == 0);
		break;
	default:
		ahead = r / 8 % 4;
		break;
	}
	return back > g ? 0 : g - back + ahead;
}

static void walk(struct walk *w, uint32_t words, uint64_t base)
{
	*w = (struct walk){ .window = { .words = words }, .model = { .base = base }, .seed = base + words };
	memset(w->bits, 0, sizeof(w->bits));
	w->window.bits = w->bits;
	for (unsigned i = 0; i < STEPS; i++) {
		const uint64_t n = next(w);

		/* At the end of the range the walk goes on before it, as far as the window reaches back. */
		offer(w, n < RANGE ? n : RANGE - 1 - i % 64);
		for (unsigned p = 0; p < PROBES; p++)
			judge(w, rig_random(&w->seed) % (w->model.greatest + 1));
	}
	/* What is beyond the words of this size was never touched. */
	for (size_t i = words; i < WORDS_MAX; i++)
		assert_int_equal(w->bits[i], 0);
}

static void walks(void **state)
{
	const uint64_t bases[] = { 0, 1, 63, 64, UINT64_C(1) << 32, UINT64_MAX - (RANGE - 1) };
	struct walk *w = malloc(sizeof(*w));

	(void)state;
	assert_non_null(w);
	for (uint32_t words = 2; words <= WORDS_MAX; words *= 2)
		for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++)
			walk(w, words, bases[i]);
	free(w);
}

/* The ring goes around many times in order; then nothing of the last round can be told again. */
static void in_order(void **state)
{
	struct walk *w = malloc(sizeof(*w));

	(void)state;
	assert_non_null(w);
	for (uint32_t words = 2; words <= WORDS_MAX; words *= 2) {
		*w = (struct walk){ .window = { .words = words, .bits = w->bits } };
		for (uint64_t n = 0; n < 5 * 64 * (uint64_t)words; n++)
			offer(w, n);
		for (uint64_t n = 0; n < 5 * 64 * (uint64_t)words; n++)
			judge(w, n);
	}
	free(w);
}

/* From the first number to the last but one in a step, and the last one is never accepted. */
static void the_last_number(void **state)
{
	uint64_t bits[2] = { 0 };
	struct seccomm_window window = { .words = 2, .bits = bits };

	(void)state;
	assert_int_equal(seccomm_window_check(&window, UINT64_MAX), SECCOMM_WINDOW_OLD);
	seccomm_window_accept(&window, 0);
	seccomm_window_accept(&window, UINT64_MAX - 1);
	assert_int_equal(seccomm_window_check(&window, UINT64_MAX), SECCOMM_WINDOW_OLD);
	assert_int_equal(seccomm_window_check(&window, UINT64_MAX - 1), SECCOMM_WINDOW_SEEN);
	assert_int_equal(seccomm_window_check(&window, UINT64_MAX - 64), SECCOMM_WINDOW_NEW);
	assert_int_equal(seccomm_window_check(&window, UINT64_MAX - 65), SECCOMM_WINDOW_OLD);
	assert_int_equal(seccomm_window_check(&window, 0), SECCOMM_WINDOW_OLD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(walks),
		cmocka_unit_test(in_order),
		cmocka_unit_test(the_last_number),
	};

	return cmocka_run_group_tests_name("the window of seen numbers", tests, NULL, NULL);
}
