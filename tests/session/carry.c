/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frames between the two sessions of a rig, and what tests say often about them; see rig.h.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- Frames ----------------------------------------------------------------------------------------------------- */

void units_make(struct units *units) { *units = (struct units){ .last = &units->first }; }

void units_add(struct units *units, const void *bytes, size_t length)
{
	struct unit *unit = malloc(sizeof(*unit) + length);

	assert_non_null(unit);
	unit->next = NULL;
	unit->length = length;
	if (length > 0)
		memcpy(unit->bytes, bytes, length);
	*units->last = unit;
	units->last = &unit->next;
}

struct unit *units_take(struct units *units)
{
	struct unit *unit = units->first;

	if (unit != NULL && (units->first = unit->next) == NULL)
		units->last = &units->first;
	return unit;
}

void units_drop(struct units *units)
{
	for (struct unit *unit; (unit = units_take(units)) != NULL;)
		free(unit);
}

/* ---- Carrying --------------------------------------------------------------------------------------------------- */

struct unit *rig_take(struct rig *rig, unsigned n)
{
	struct unit *unit = units_take(&rig->end[n].sent);

	assert_non_null(unit);
	return unit;
}

ptrdiff_t rig_give(struct rig *rig, unsigned n, const void *bytes, size_t length)
{
	uint8_t *copy = malloc(length > 0 ? length : 1); /* of just this size, so that a step beyond is seen */
	ptrdiff_t used = 0;
	size_t at = 0;

	assert_non_null(copy);
	if (length > 0)
		memcpy(copy, bytes, length);
	do {
		used = seccomm_pop(rig->end[n].session, copy + at, length - at);
		assert_true(used <= (ptrdiff_t)(length - at));
		at += used > 0 ? (size_t)used : 0;
	} while (used > 0 && at < length);
	free(copy);
	return used;
}

void rig_pass(struct rig *rig, unsigned n)
{
	struct unit *unit = rig_take(rig, n);

	rig_give(rig, !n, unit->bytes, unit->length);
	free(unit);
}

void rig_pump(struct rig *rig)
{
	while (rig->end[CLIENT].sent.first != NULL || rig->end[SERVER].sent.first != NULL)
		for (unsigned n = CLIENT; n <= SERVER; n++)
			while (rig->end[n].sent.first != NULL)
				rig_pass(rig, n);
}

void rig_lose(struct rig *rig, unsigned n)
{
	units_drop(&rig->end[n].sent);
	units_make(&rig->end[n].sent);
}

void rig_wait(struct rig *rig, uint64_t us)
{
	rig->monotonic_us += us;
	for (unsigned n = CLIENT; n <= SERVER; n++)
		if (seccomm_deadline(rig->end[n].session) <= rig->monotonic_us)
			seccomm_run_due(rig->end[n].session);
}

/* ---- What tests say often --------------------------------------------------------------------------------------- */

void rig_push(struct rig *rig, unsigned n, const char *text)
{
	assert_int_equal(seccomm_push_copy(rig->end[n].session, text, strlen(text)), SECCOMM_OK);
}

void rig_got(struct rig *rig, unsigned n, const char *text)
{
	struct unit *unit = units_take(&rig->end[n].got);

	assert_non_null(unit);
	assert_int_equal(unit->length, strlen(text));
	assert_memory_equal(unit->bytes, text, unit->length);
	free(unit);
}

void rig_refused(struct rig *rig, unsigned n, enum seccomm_alert_id id)
{
	const struct end *end = &rig->end[n];

	if (end->alert != id)
		fail_msg("alert %d %s (%s) where %d was expected", (int)end->alert, seccomm_alert_text(end->alert), end->detail, (int)id);
	assert_true(end->fatal);
	assert_int_equal(end->closed, 1);
	assert_int_equal(end->status, SECCOMM_REFUSED);
	assert_true(seccomm_alert_count(end->session, id) > 0);
	assert_false(seccomm_may_push(end->session));
}

void rig_never_opened(struct rig *rig)
{
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		assert_int_equal(rig->end[n].opened, 0);
		assert_int_equal(rig->end[n].delivered, 0);
	}
}

void rig_talk(struct rig *rig)
{
	rig_push(rig, CLIENT, "question");
	rig_push(rig, SERVER, "answer");
	rig_pump(rig);
	rig_got(rig, SERVER, "question");
	rig_got(rig, CLIENT, "answer");
}

void rig_both_in(const struct rig *rig, uint64_t number)
{
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		struct seccomm_statistics statistics;

		seccomm_statistics(rig->end[n].session, &statistics);
		assert_int_equal(statistics.epoch, number);
	}
}

struct seccomm_plan *rig_plan(struct rig *rig, unsigned n, enum seccomm_link link, const char *stack)
{
	static const char *const peers[] = { "friend" };
	struct seccomm_plan *plan;
	struct seccomm_error error = { 0 };

	if (seccomm_plan_stack(rig->library, n == CLIENT ? SECCOMM_CLIENT : SECCOMM_SERVER, link, stack, NULL, "self", peers, 1,
		false, &plan, &error) < 0)
		fail_msg("%s", error.text);
	return plan;
}
