/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: for every micro-protocol whose algorithm may be used only so often under one key, by messages, by bytes, or by messages that
 * fail: at three quarters new keys are agreed, at the limit nothing more is sent, and at the limit of failures the session ends.
 *
 * The list is made from the tables.  Counters are set close to their limits, for some limits take years.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "seccomm/library.h"
#include "seccomm/plan_private.h"
#include "seccomm/session.h"

enum { STACK = 128, LEFT = 10 };

/* Which of a table's limits. */
typedef uint64_t *counter_of(struct epoch *, enum seccomm_way);
typedef uint64_t limit_of(const struct plan_limits *);

static uint64_t *messages(struct epoch *epoch, enum seccomm_way way)
{
	return way == SECCOMM_SEND ? &epoch->data_sent : &epoch->data_received;
}
static uint64_t *bytes(struct epoch *epoch, enum seccomm_way way)
{
	return way == SECCOMM_SEND ? &epoch->sent_bytes : &epoch->received_bytes;
}
static uint64_t of_messages(const struct plan_limits *limits) { return limits->messages; }
static uint64_t of_bytes(const struct plan_limits *limits) { return limits->bytes; }

static const struct kind {
	counter_of *counter;
	limit_of *limit;
} kinds[] = { { messages, of_messages }, { bytes, of_bytes } };

/* ---- Sessions of one table --------------------------------------------------------------------------------------- */

/* What has parameters that nobody knows, or works on what another layer leaves, is no stack by itself. */
static bool stands_alone(const struct seccomm_mp *mp)
{
	for (const struct cactus_param *p = mp->cactus.params; p && p->name; p++)
		if (p->required)
			return false;
	for (const struct cactus_attribute *a = mp->cactus.attributes; a && a->name; a++)
		if (a->act != CACTUS_SETS)
			return false;
	return mp->cactus.down != NULL;
}

static void opened(struct rig *rig, void **state, const struct seccomm_mp *mp, enum seccomm_link link)
{
	char stack[STACK];

	snprintf(stack, STACK, "%s:%s", mp->layer, mp->word);
	rig_make(rig, *state, &(struct setup){ .link = link, .stack = stack, .lab = true });
	rig_open(rig);
}

/* Both ends count, and compare. */
static void set_counter(struct rig *rig, unsigned from, const struct kind *kind, uint64_t value)
{
	*kind->counter(rig->end[from].session->epoch, SECCOMM_SEND) = value;
	*kind->counter(rig->end[!from].session->epoch, SECCOMM_RECEIVE) = value;
}

static void run_both(struct rig *rig)
{
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned n = CLIENT; n <= SERVER; n++)
			seccomm_run_due(rig->end[n].session);
		rig_pump(rig);
	}
}

/* ---- New keys in time --------------------------------------------------------------------------------------------- */

static void renews(void **state, const struct seccomm_mp *mp, const struct kind *kind, unsigned from)
{
	const struct plan_limits own = seccomm_mp_limits(mp);
	struct rig rig;
	uint64_t limit, soft;

	opened(&rig, state, mp, SECCOMM_STREAM);
	limit = kind->limit(&rig.end[from].plan->limits[SECCOMM_SEND]);
	soft = kind->limit(&rig.end[from].plan->soft[SECCOMM_SEND]);
	assert_int_equal(limit, kind->limit(&own));
	assert_true(soft < limit && soft >= limit / 4 * 3);
	set_counter(&rig, from, kind, soft - 2);
	rig_push(&rig, from, "a");
	rig_pump(&rig);
	run_both(&rig);
	rig_both_in(&rig, 1); /* not sooner than it must */
	rig_push(&rig, from, "b");
	rig_pump(&rig);
	run_both(&rig);
	rig_both_in(&rig, 2);
	assert_true(*kind->counter(rig.end[from].session->epoch, SECCOMM_SEND) < 2);
	rig_got(&rig, !from, "a");
	rig_got(&rig, !from, "b");
	rig_talk(&rig);
	rig_drop(&rig);
}

/* The exchange does not come through: what is left is used, and not one more. */
static void stops(void **state, const struct seccomm_mp *mp, const struct kind *kind, unsigned from)
{
	static const uint8_t text[LEFT + 1] = { 0 };
	const bool counts_messages = kind->counter == messages;
	struct rig rig;
	struct end *end = &rig.end[from];
	uint64_t limit, used;

	opened(&rig, state, mp, SECCOMM_STREAM);
	limit = kind->limit(&end->plan->limits[SECCOMM_SEND]);
	set_counter(&rig, from, kind, limit - LEFT);
	if (!counts_messages)
		assert_int_equal(seccomm_push_copy(end->session, text, LEFT + 1), SECCOMM_NOT_READY);
	for (unsigned i = 0; i < LEFT; i++)
		assert_int_equal(seccomm_push_copy(end->session, text, 1), SECCOMM_OK);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(seccomm_push_copy(end->session, text, 1), SECCOMM_NOT_READY);
	assert_false(seccomm_may_push(end->session)); /* a driver that asks would try for ever */
	used = *kind->counter(end->session->epoch, SECCOMM_SEND);
	assert_int_equal(used, limit);
	run_both(&rig);
	rig_both_in(&rig, 2); /* then the exchange comes through after all */
	assert_int_equal(end->writable, 1);
	assert_true(seccomm_may_push(end->session));
	assert_int_equal(seccomm_push_copy(end->session, text, 1), SECCOMM_OK);
	rig_pump(&rig);
	assert_int_equal(rig.end[!from].delivered, LEFT + 1);
	rig_drop(&rig);
}

static void new_keys_in_time(void **state)
{
	size_t count, tried = 0;
	const struct seccomm_mp *const *all = seccomm_micro_protocols(*state, &count);

	for (size_t i = 0; i < count; i++) {
		const struct plan_limits limits = seccomm_mp_limits(all[i]);

		for (size_t k = 0; k < 2; k++) {
			if (!stands_alone(all[i]) || kinds[k].limit(&limits) == UINT64_MAX || seccomm_mp_unavailable(*state, all[i]))
				continue;
			for (unsigned from = CLIENT; from <= SERVER; from++) {
				renews(state, all[i], &kinds[k], from);
				stops(state, all[i], &kinds[k], from);
			}
			tried++;
		}
	}
	assert_true(tried > 10);
	print_message("# %zu limits\n", tried);
}

/* ---- Failures ------------------------------------------------------------------------------------------------------ */

static void fails(struct rig *rig)
{
	struct unit *unit;

	rig_push(rig, CLIENT, "c");
	unit = rig_take(rig, CLIENT);
	unit->bytes[unit->length - 1] ^= 1;
	rig_give(rig, SERVER, unit->bytes, unit->length);
	free(unit);
}

static void too_many_failures(void **state)
{
	size_t count, tried = 0;
	const struct seccomm_mp *const *all = seccomm_micro_protocols(*state, &count);

	for (size_t i = 0; i < count; i++) {
		const uint64_t limit = seccomm_mp_limits(all[i]).failures;
		struct rig rig;

		if (!stands_alone(all[i]) || limit == UINT64_MAX || seccomm_mp_unavailable(*state, all[i]))
			continue;
		opened(&rig, state, all[i], SECCOMM_DATAGRAM);
		assert_int_equal(rig.end[SERVER].plan->limits[SECCOMM_RECEIVE].failures, limit);
		rig.end[SERVER].session->epoch->failures = limit - 2;
		fails(&rig);
		assert_int_equal(rig.end[SERVER].closed, 0);
		rig_talk(&rig);
		fails(&rig);
		assert_int_equal(rig.end[SERVER].closed, 1);
		assert_int_equal(rig.end[SERVER].alert, SECCOMM_ALERT_KEY_LIMIT);
		assert_true(rig.end[SERVER].fatal);
		rig_drop(&rig);
		tried++;
	}
	assert_true(tried >= 3);
	print_message("# %zu limits\n", tried);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(new_keys_in_time), cmocka_unit_test(too_many_failures) };

	return cmocka_run_group_tests_name("limits of keys", tests, rig_library, rig_library_free);
}
