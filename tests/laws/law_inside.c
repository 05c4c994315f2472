/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the receiver runs the layers in the reverse of the sender's order; what authenticates covers the header; equal
 * messages do not look equal; when the n-th allocation fails, for every n, a session fails to open without a leak, whatever
 * creates its keys; and whatever memory a session gives back holds nothing of them.
 *
 * These laws look inside a session, which applications cannot.
 */
#include "hold.h"
#include "roster.h"
#include "seccomm/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { STEPS_MAX = 64, CANARIES_MAX = 16, CANARY = 32 };

/* ---- Mirror ---- */

struct steps {
	cactus_event event;
	size_t count;
	uint16_t number[STEPS_MAX];
};

static void note(void *context, const struct cactus_step *step)
{
	struct steps *steps = context;

	if (step->instance && step->event == steps->event && steps->count < STEPS_MAX)
		steps->number[steps->count++] = step->instance->number;
}

static void watch(struct end *end, bool down, struct steps *steps)
{
	struct cactus *cactus = end->session->epoch->cactus;

	*steps = (struct steps){ .event = down ? cactus_down_event(cactus, 0) : cactus_up_event(cactus, 0) };
	cactus_trace(cactus, note, steps);
	assert_int_equal(cactus_freeze(cactus), CACTUS_OK);
}

/* False: there is no such stack; law_wire checks which these are. */
static bool mirrored(const struct stack *stack, size_t length)
{
	struct pair pair;
	struct steps down, up;

	if (pair_plan(&pair, &roster.world, SECCOMM_STREAM, stack) < 0)
		return false;
	assert_int_equal(pair_open(&pair), SECCOMM_OK);
	for (unsigned from = CLIENT; from <= SERVER; from++) {
		watch(&pair.end[from], true, &down);
		watch(&pair.end[!from], false, &up);
		assert_int_equal(seccomm_push_copy(pair.end[from].session, "through", 7), SECCOMM_OK);
		pair_pump(&pair);
		assert_int_equal(pair.end[!from].deliveries, 1);
		assert_int_equal(down.count, length);
		assert_int_equal(up.count, length);
		for (size_t i = 0; i < length; i++)
			assert_int_equal(down.number[i], up.number[length - 1 - i]);
	}
	pair_drop(&pair);
	return true;
}

static void pop_is_the_mirror_of_push(void **state)
{
	(void)state;
	for (size_t i = 0; i < roster.count; i++)
		for (size_t j = 0; j < roster.count; j++) {
			const struct seccomm_mp *a = roster.tables[i], *b = roster.tables[j];

			if (roster_wants_pair(i, j) && !mirrored(&(struct stack){ { a, b, a } }, 3))
				(void)mirrored(&(struct stack){ { a, b } }, 2);
		}
}

/* ---- What is covered ---- */

static struct unit *push(struct pair *pair, const void *bytes, size_t length)
{
	struct unit *unit;

	assert_int_equal(seccomm_push_copy(pair->end[CLIENT].session, bytes, length), SECCOMM_OK);
	unit = pair_take(pair, CLIENT);
	assert_non_null(unit);
	return unit;
}

/*
 * Every field of a header is checked by the session, too, so a change on the way cannot show whether layers cover it.
 * Here the receiver is made to expect another index than the sender wrote.
 */
static void header_is_covered(void **state)
{
	(void)state;
	for (size_t i = 0; i < roster.count; i++) {
		struct pair pair;
		struct unit *unit;

		if (!roster_wants(i) ||
		    !(roster.tables[i]->gives & (SECCOMM_GIVES_INTEGRITY | SECCOMM_GIVES_CHECKSUM)) ||
		    !hold_admissible(&(struct stack){ { roster.tables[i] } }))
			continue;
		assert_int_equal(
		    pair_plan(&pair, &roster.world, SECCOMM_DATAGRAM, &(struct stack){ { roster.tables[i] } }),
		    SECCOMM_OK);
		assert_int_equal(pair_open(&pair), SECCOMM_OK);
		unit = push(&pair, "covered", 7);
		pair.end[SERVER].session->receive_index ^= 1;
		unit->bytes[4] ^= 1;
		pair_give(&pair, SERVER, unit->bytes, unit->length);
		assert_int_equal(pair.end[SERVER].deliveries, 0);
		assert_int_equal(pair.end[SERVER].alerts, 1);
		assert_int_not_equal(pair.end[SERVER].alert, SECCOMM_ALERT_UNEXPECTED);
		free(unit);
		pair_drop(&pair);
	}
}

/* Whether 16 bytes of A's body are somewhere in B. */
static bool alike(const struct unit *a, const struct unit *b)
{
	uint8_t piece[16];
	bool found = false;

	for (size_t at = FRAME_HEADER; at + sizeof(piece) <= a->length; at++) {
		memcpy(piece, a->bytes + at, sizeof(piece));
		found |= memmem(b->bytes, b->length, piece, sizeof(piece)) != NULL;
	}
	return found;
}

/* The same message twice, and in the other direction: what hides it must not show that.  A nonce that comes again
 * would. */
static void nothing_looks_the_same(void **state)
{
	static const uint8_t plain[64] = "the same";

	(void)state;
	for (size_t i = 0; i < roster.count; i++) {
		struct pair pair;
		struct unit *unit[3];

		if (!roster_wants(i) || !(roster.tables[i]->gives & SECCOMM_GIVES_CONFIDENTIALITY) ||
		    roster.tables[i]->standing == SECCOMM_TOY)
			continue;
		assert_int_equal(
		    pair_plan(&pair, &roster.world, SECCOMM_STREAM, &(struct stack){ { roster.tables[i] } }),
		    SECCOMM_OK);
		assert_int_equal(pair_open(&pair), SECCOMM_OK);
		unit[0] = push(&pair, plain, sizeof(plain));
		unit[1] = push(&pair, plain, sizeof(plain));
		assert_int_equal(seccomm_push_copy(pair.end[SERVER].session, plain, sizeof(plain)), SECCOMM_OK);
		unit[2] = pair_take(&pair, SERVER);
		assert_non_null(unit[2]);
		/* What ECB is known for: nothing is different about a block that comes again under one key. */
		if (strcmp(roster.tables[i]->word, "des-ecb") == 0)
			assert_true(alike(unit[0], unit[1]) && !alike(unit[0], unit[2]));
		else
			assert_false(alike(unit[0], unit[1]) || alike(unit[0], unit[2]) || alike(unit[1], unit[2]));
		assert_null(memmem(unit[0]->bytes, unit[0]->length, plain, 8));
		for (unsigned a = 0; a < 3; a++)
			free(unit[a]);
		pair_drop(&pair);
	}
}

/* ---- Allocation failure ---- */

/* True when the N-th allocation was reached. */
static bool fails_cleanly(enum seccomm_link link, const struct stack *stack, uint64_t n)
{
	struct pair pair;
	bool reached;

	assert_int_equal(pair_plan(&pair, &roster.world, link, stack), SECCOMM_OK);
	pair.fail_at = n;
	if (pair_open(&pair) == SECCOMM_OK) {
		int status = seccomm_push_copy(pair.end[CLIENT].session, "m", 1);

		assert_true(status == SECCOMM_OK || status == SECCOMM_NO_MEMORY || status == SECCOMM_FAILED);
		pair_pump(&pair);
		assert_true(pair.end[SERVER].deliveries == 1 || pair.allocations >= n);
	} else {
		assert_true(pair.allocations >= n);
		assert_int_equal(pair.end[SERVER].deliveries, 0);
	}
	reached = pair.allocations >= n;
	pair_drop(&pair);
	assert_int_equal(pair.blocks, 0);
	assert_int_equal(pair.bytes, 0);
	return reached;
}

static void no_memory_is_no_harm(void **state)
{
	(void)state;
	for (size_t i = 0; i < roster.count; i++) {
		struct stack stack = { { roster.tables[i], roster.tables[i] } };

		if (!hold_admissible(&stack))
			stack.mp[1] = NULL;
		for (enum seccomm_link link = SECCOMM_STREAM;
		     roster_wants(i) && hold_admissible(&stack) && link <= SECCOMM_DATAGRAM; link++)
			for (uint64_t n = 1; fails_cleanly(link, &stack, n); n++)
				assert_true(n < 10000);
	}
}

/* ---- Secrets gone ---- */

struct canaries {
	size_t count;
	uint8_t value[CANARIES_MAX][CANARY];
	bool seen;
	size_t looked; /* blocks */
};

static void scan(struct pair *pair, const uint8_t *memory, size_t size)
{
	struct canaries *canaries = pair->context;

	canaries->looked++;
	for (size_t i = 0; i < canaries->count; i++)
		canaries->seen |= memmem(memory, size, canaries->value[i], CANARY) != NULL;
}

static void remember(struct canaries *canaries, const uint8_t *value)
{
	assert_true(canaries->count < CANARIES_MAX);
	memcpy(canaries->value[canaries->count++], value, CANARY);
}

/* The slot's key, and what every layer derived from it, the message's plaintext too. */
static void collect(struct pair *pair, const struct stack *stack, struct canaries *canaries)
{
	struct epoch *epoch = pair->end[CLIENT].session->epoch;
	uint8_t key[CANARY];

	remember(canaries, epoch->keys[0]);
	for (size_t i = 0; stack->mp[i]; i++)
		for (enum seccomm_way way = SECCOMM_SEND; stack->mp[i]->key_bytes && way <= SECCOMM_RECEIVE; way++) {
			assert_int_equal(seccomm_layer_key(cactus_state(epoch->cactus, i), way, "key", key, CANARY), 0);
			remember(canaries, key);
		}
}

static void secrets_are_gone(void **state)
{
	static const uint8_t plain[CANARY] = "nobody may find this in memory.";

	(void)state;
	for (size_t i = 0; i < roster.count; i++) {
		const struct stack stack = { { roster.tables[i], roster.tables[i] } };
		struct canaries canaries = { 0 };
		struct pair pair;

		if (!roster_wants(i) || !hold_admissible(&stack))
			continue;
		assert_int_equal(pair_plan(&pair, &roster.world, SECCOMM_STREAM, &stack), SECCOMM_OK);
		assert_int_equal(pair_open(&pair), SECCOMM_OK);
		collect(&pair, &stack, &canaries);
		remember(&canaries, plain);
		pair.context = &canaries;
		pair.released = scan;
		assert_int_equal(seccomm_push_copy(pair.end[CLIENT].session, plain, CANARY), SECCOMM_OK);
		pair_pump(&pair);
		assert_int_equal(pair.end[SERVER].deliveries, 1);
		pair_drop(&pair);
		assert_true(canaries.looked > 0);
		assert_false(canaries.seen);
		assert_int_equal(pair.blocks, 0);
	}
}

static void remember_private(struct pair *pair, const uint8_t *bytes, size_t size)
{
	if (size == CANARY)
		remember(pair->context, bytes);
}

/* Private values are made of 32 random bytes.  They are wiped when they have served, not only when the session ends. */
static void private_values_do_not_stay(void **state)
{
	const struct stack stack = { { seccomm_micro_protocol(roster.world.library, "encrypt", "aes-256-gcm") } };
	struct canaries canaries = { 0 };
	struct pair pair;

	(void)state;
	assert_int_equal(pair_plan(&pair, &roster.world, SECCOMM_STREAM, &stack), SECCOMM_OK);
	pair.context = &canaries;
	pair.generated = remember_private;
	assert_int_equal(pair_open(&pair), SECCOMM_OK);
	assert_true(canaries.count >= 2);
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		struct cactus *cactus = pair.end[n].session->epoch->cactus;

		for (size_t i = 0; i < cactus_state_count(cactus); i++) {
			const struct seccomm_self *self = cactus_state(cactus, i);

			scan(&pair, (const void *)self, self->cactus.mp->size);
		}
	}
	assert_true(canaries.looked > 0);
	assert_false(canaries.seen);
	pair_drop(&pair);
}

/* What creates keys is held to the same as what uses them. */
static void every_creator_is_clean(void **state)
{
	const struct stack stack = { { seccomm_micro_protocol(roster.world.library, "encrypt", "aes-256-gcm") } };
	size_t count, creators = 0;
	const struct seccomm_mp *const *all = seccomm_micro_protocols(roster.world.library, &count);

	for (size_t i = 0; i < count; i++) {
		if (all[i]->class_of != SECCOMM_KEY_CREATION)
			continue;
		roster.world.create = all[i]->word;
		for (uint64_t n = 1; fails_cleanly(SECCOMM_STREAM, &stack, n); n++)
			assert_true(n < 10000);
		private_values_do_not_stay(state);
		creators++;
	}
	roster.world.create = NULL;
	assert_true(creators >= 4);
}

static void look(struct pair *pair, const uint8_t *memory, size_t size)
{
	struct canaries *canaries = pair->context;

	canaries->looked++;
	for (size_t i = 0; i < size; i++)
		canaries->seen |= memory[i] != 0;
}

/* All that a session gives back is wiped, from its opening on, not only where this test knows a secret. */
static void released_memory_is_zero(void **state)
{
	(void)state;
	for (size_t i = 0; i < roster.count; i++) {
		const struct stack stack = { { roster.tables[i], roster.tables[roster.count - 1 - i] } };
		struct canaries canaries = { 0 };
		struct pair pair;

		if (!roster_wants(i) ||
		    pair_plan(&pair, &roster.world, i % 2 ? SECCOMM_STREAM : SECCOMM_DATAGRAM, &stack) < 0)
			continue; /* law_wire checks which stacks these are */
		pair.context = &canaries;
		pair.released = look;
		assert_int_equal(pair_open(&pair), SECCOMM_OK);
		assert_int_equal(seccomm_push_copy(pair.end[CLIENT].session, "m", 1), SECCOMM_OK);
		pair_pump(&pair);
		pair_drop(&pair);
		assert_true(canaries.looked > 0);
		assert_false(canaries.seen);
	}
}

/* ---- The program ---- */

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pop_is_the_mirror_of_push),
		cmocka_unit_test(header_is_covered),
		cmocka_unit_test(nothing_looks_the_same),
		cmocka_unit_test(no_memory_is_no_harm),
		cmocka_unit_test(secrets_are_gone),
		cmocka_unit_test(private_values_do_not_stay),
		cmocka_unit_test(every_creator_is_clean),
		cmocka_unit_test(released_memory_is_zero),
	};

	roster_arguments(argc, argv);
	return cmocka_run_group_tests_name("inside a session", tests, roster_make, roster_drop);
}
