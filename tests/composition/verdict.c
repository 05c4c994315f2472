/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checker, asked in several ways; see verdict.h.
 */
#include "verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "check/check.h"
#include "check/levels.h"

enum { FINDINGS_MAX = 64 };

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Places are left out: they differ with how the stack is written. */
static void write_findings(const struct check_result *result, char out[VERDICT_TEXT])
{
	char *lines[FINDINGS_MAX];
	size_t at = 0;

	assert_true(result->finding_count <= FINDINGS_MAX);
	for (size_t i = 0; i < result->finding_count; i++) {
		const struct check_finding *f = &result->findings[i];
		size_t room = strlen(f->id) + strlen(f->message) + 4;

		lines[i] = malloc(room);
		assert_non_null(lines[i]);
		(void)snprintf(lines[i], room, "%s %s\n", f->id, f->message);
	}
	qsort(lines, result->finding_count, sizeof(*lines), by_text);
	out[0] = '\0';
	for (size_t i = 0; i < result->finding_count; i++) {
		at += (size_t)snprintf(out + at, at < VERDICT_TEXT ? VERDICT_TEXT - at : 0, "%s", lines[i]);
		free(lines[i]);
	}
	assert_true(at < VERDICT_TEXT);
}

/* Works on what an inner layer set, so it covers no more than that. */
static bool reads(const struct seccomm_mp *mp)
{
	for (const struct cactus_attribute *a = mp->cactus.attributes; a != NULL && a->name != NULL; a++)
		if (a->act == CACTUS_READS)
			return true;
	return false;
}

static void levels(struct seccomm_plan *plan, struct verdict *v)
{
	size_t count;
	const struct plan_layer *layers = seccomm_plan_stack_layers(plan, &count);
	struct check_keys keys;

	check_plan_keys(plan, &keys);
	for (enum seccomm_direction d = SECCOMM_C2S; d <= SECCOMM_S2C; d++) {
		struct check_levels achieved;
		struct check_way way;

		check_way_of(layers, count, d, &way);
		check_levels_of(&way, &keys, &achieved);
		memcpy(v->level[d - SECCOMM_C2S], achieved.level, sizeof(achieved.level));
	}
	v->guarded = (layers[count - 1].mp->gives & SECCOMM_GIVES_INTEGRITY) && !reads(layers[count - 1].mp);
	for (size_t i = 0; i < count; i++)
		v->ordered = v->ordered || layers[i].mp->ordered;
}

/* One end's plan, which is the caller's; NULL: there is none. */
static struct seccomm_plan *judge(
    struct seccomm *library, const struct stack *stack, enum seccomm_link link, unsigned end, enum spelling spelling, struct verdict *v)
{
	struct seccomm_plan *plan = NULL;
	struct check_result *result;
	char text[STACK_TEXT];

	stack_text(stack, end == 0 ? SECCOMM_CLIENT : SECCOMM_SERVER, link, spelling, text);
	result = check_text(library, "stack", text, strlen(text));
	assert_non_null(result);
	assert_int_equal(result->session_count, 1);
	assert_int_equal(result->sessions[0].plan != NULL, result->errors == 0);
	*v = (struct verdict){ 0 };
	write_findings(result, v->findings);
	if (result->sessions[0].plan != NULL) {
		plan = seccomm_plan_keep(result->sessions[0].plan);
		levels(plan, v);
	}
	check_free(result);
	return plan;
}

static const char *difference(const struct verdict *a, const struct seccomm_plan *plan, const struct verdict *b, const struct seccomm_plan *other)
{
	if (strcmp(a->findings, b->findings) != 0)
		return "other findings";
	if ((plan == NULL) != (other == NULL))
		return "composes once and once not";
	if (memcmp(a->level, b->level, sizeof(a->level)) != 0)
		return "other levels";
	if (plan != NULL && memcmp(seccomm_plan_digest(plan), seccomm_plan_digest(other), CRYPTO_HASH_BYTES) != 0)
		return "another configuration";
	return NULL;
}

const char *verdict_make(struct seccomm *library, const struct stack *stack, enum seccomm_link link, struct verdict *v)
{
	static const struct {
		unsigned end;
		enum spelling spelling;
	} again[] = { { 0, BY_PLACE }, { 0, BY_ORDER }, { 0, REVERSED }, { 1, BY_PLACE } };
	const char *why = NULL;

	v->plan[0] = judge(library, stack, link, 0, BY_PLACE, v) /* which empties V first */;
	v->plan[1] = NULL;
	for (size_t i = 0; i < sizeof(again) / sizeof(again[0]) && why == NULL; i++) {
		struct seccomm_plan *plan;
		struct verdict other;

		plan = judge(library, stack, link, again[i].end, again[i].spelling, &other);
		why = difference(v, v->plan[0], &other, plan);
		if (again[i].end == 1)
			v->plan[1] = plan;
		else
			seccomm_plan_free(plan);
	}
	return why;
}

void verdict_drop(struct verdict *v)
{
	for (unsigned end = 0; end < 2; end++)
		seccomm_plan_free(v->plan[end]);
}
