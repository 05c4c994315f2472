/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the laws of hold.h for every table alone and every ordered pair of them, on streams and on datagrams, in both
 * directions; and an exchange of keys passes every table and every pair, and does not pass when it was changed.
 *
 * Which of the pairs a run takes is roster.h's; the first part has the tables alone.  How much is tried, and that public keys
 * take fewer sizes in pairs, is hold.c's.
 */
#include "hold.h"
#include "roster.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { KEY_FLIPS = 4, MESSAGES = 4 /* of an opening */ };

/* ---- Data ---- */

static void on_pairs(enum seccomm_link link)
{
	for (size_t i = 0; i < roster.count; i++)
		for (size_t j = 0; j < roster.count; j++)
			if (roster_wants_pair(i, j))
				hold_all(&roster.world, link, &(struct stack){ { roster.tables[i], roster.tables[j] } },
				    &effort_pair);
}

static void tables_alone(void **state)
{
	(void)state;
	for (enum seccomm_link link = SECCOMM_STREAM; link <= SECCOMM_DATAGRAM; link++)
		for (size_t i = 0; i < roster.count; i++)
			if (roster.only ? roster_wants(i) : roster.part == 0)
				hold_all(&roster.world, link, &(struct stack){ { roster.tables[i] } }, &effort_full);
}

static void pairs_on_streams(void **state)
{
	(void)state;
	on_pairs(SECCOMM_STREAM);
}

static void pairs_on_datagrams(void **state)
{
	(void)state;
	on_pairs(SECCOMM_DATAGRAM);
}

/* ---- The key lane ---- */

/* Carries the opening by hand; changes one bit of the NTH message on its way.  Answers whether both ends are open. */
static bool opens_with_flip(struct pair *pair, unsigned nth, uint64_t random)
{
	unsigned n = 0;

	assert_true(pair_start(pair) == SECCOMM_OK);
	for (bool moved = true; moved;) {
		moved = false;
		for (unsigned from = CLIENT; from <= SERVER; from++)
			for (struct unit *unit; (unit = pair_take(pair, from)); free(unit)) {
				const size_t bit = random % (unit->length * 8);

				if (++n == nth)
					unit->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
				pair_give(pair, !from, unit->bytes, unit->length);
				moved = true;
			}
	}
	return pair->end[CLIENT].opened && pair->end[SERVER].opened;
}

/*
 * A key message can have 4 KiB, and a cover of that size does not hold one with a large signature: then nobody opens, and both
 * say so.
 */
static bool fits(const struct pair *pair)
{
	enum { KEY_MESSAGE = 160 };
	size_t count, length = KEY_MESSAGE;
	const struct plan_slot *slots = seccomm_plan_slots(pair->end[CLIENT].plan, &count), *last = &slots[count - 1];

	for (size_t i = 0; i < last->protect_count; i++) {
		const struct cactus_mp *mp = &last->protect[i].mp->cactus;

		if (mp->filling && length > mp->filling(last->protect[i].image).most)
			return false;
		length += (size_t)mp->growth.prefix + mp->growth.suffix;
	}
	return true;
}

/* What protects a key exchange lets it through as it was, and not as it was not.  DONE is the last message. */
static void exchange_under(enum seccomm_link link, const struct stack *protect, unsigned flips)
{
	const struct stack stack = { { seccomm_micro_protocol(roster.world.library, "encrypt", "aes-256-gcm") } };
	struct pair pair;
	char name[256];
	uint64_t random;

	if (pair_plan_under(&pair, &roster.world, link, &stack, protect) < 0) {
		assert_false(hold_admissible(protect));
		return;
	}
	if (!fits(&pair)) {
		assert_int_equal(pair_open(&pair), SECCOMM_FAILED);
		assert_int_equal(pair.end[SERVER].alert, SECCOMM_ALERT_INTERNAL);
		pair_drop(&pair);
		return;
	}
	if (pair_open(&pair) != SECCOMM_OK)
		fail_msg("nothing opens under %s, alerts %d and %d", stack_name(protect, name, sizeof(name)),
		    (int)pair.end[CLIENT].alert, (int)pair.end[SERVER].alert);
	for (unsigned n = 0; n < MESSAGES * flips; n++) {
		pair_shut(&pair);
		fill(&pair.seed, &random, sizeof(random));
		if (opens_with_flip(&pair, 1 + n % MESSAGES, random) && hold_promised(protect, SECCOMM_GIVES_INTEGRITY))
			fail_msg("%s: message %u changed, and it opens", stack_name(protect, name, sizeof(name)),
			    1 + n % MESSAGES);
	}
	pair_drop(&pair);
	assert_int_equal(pair.blocks, 0);
}

/* Layers that need a key protect the exchange of the second slot, with the first one's. */
static void key_exchange_under_each(void **state)
{
	(void)state;
	for (enum seccomm_link link = SECCOMM_STREAM; link <= SECCOMM_DATAGRAM; link++)
		for (size_t i = 0; i < roster.count; i++)
			for (size_t j = 0; j < roster.count; j++)
				if (roster_wants_pair(i, j))
					exchange_under(link,
					    &(struct stack){ { roster.tables[i], i == j ? NULL : roster.tables[j] } },
					    i == j ? KEY_FLIPS : 0);
}

/* ---- The program ---- */

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_alone),
		cmocka_unit_test(pairs_on_streams),
		cmocka_unit_test(pairs_on_datagrams),
		cmocka_unit_test(key_exchange_under_each),
	};

	roster_arguments(argc, argv);
	return cmocka_run_group_tests_name("what passes and what does not", tests, roster_make, roster_drop);
}
