/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: whatever is composed, what one end pushes the other delivers unchanged; a message grows by what the tables declare
 * and no more; what was changed, doubled or cut on its way is not delivered where a table promises that.
 *
 * Every table alone and every ordered pair of them (with an argument, those with the table of that name), on streams and on
 * datagrams, in both directions.  Which bits are changed
 * is a sample from a fixed seed: on a datagram one of each of the first 16 bytes and 48 of all; on a stream, where a session
 * does not survive it, 4; of each of the 4 messages of an opening, 4.
 */
#include "pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TABLES_MAX = 64, HEADER = 6, NUMBER = 8, FLIPS = 48, STREAM_FLIPS = 4, FIRST_FLIPS = 16, KEY_FLIPS = 4 };

static struct world world;
static const struct seccomm_mp *tables[TABLES_MAX];
static size_t table_count;
static const char *only; /* stacks with the table of this name; NULL: all */

/* ---- All stacks ---- */

typedef void law(struct pair *pair, const struct stack *stack);

static void on_link(const struct stack *stack, enum seccomm_link link, law *hold)
{
	struct pair pair;
	char name[256];
	int status = pair_plan(&pair, &world, link, stack);

	if (stack->mp[1] && order_refused(stack->mp[0], stack->mp[1])) {
		assert_int_equal(status, SECCOMM_INVALID);
		return;
	}
	if (status < 0 || (status = pair_open(&pair)) < 0)
		fail_msg("%s does not open: %s, alert %d", stack_name(stack, name, sizeof(name)), seccomm_status_name(status),
		    (int)pair.end[SERVER].alert);
	hold(&pair, stack);
	pair_drop(&pair);
	assert_int_equal(pair.blocks, 0);
}

static bool wanted(const struct seccomm_mp *mp) { return !only || strcmp(mp->cactus.name, only) == 0; }

static void on_all(enum seccomm_link link, law *hold)
{
	for (size_t i = 0; i < table_count; i++) {
		if (wanted(tables[i]))
			on_link(&(struct stack){ { tables[i] } }, link, hold);
		for (size_t j = 0; j < table_count; j++)
			if (wanted(tables[i]) || wanted(tables[j]))
				on_link(&(struct stack){ { tables[i], tables[j] } }, link, hold);
	}
}

/* Pushes LENGTH bytes at FROM; *UNIT is what it became. */
static struct unit *push(struct pair *pair, unsigned from, const uint8_t *bytes, size_t length)
{
	struct unit *unit;

	assert_int_equal(seccomm_push_copy(pair->end[from].session, bytes, length), SECCOMM_OK);
	unit = pair_take(pair, from);
	assert_non_null(unit);
	assert_null(pair_take(pair, from));
	return unit;
}

static bool same(const struct end *end, const uint8_t *bytes, size_t length)
{
	return end->length == length && memcmp(end->message, bytes, length) == 0;
}

/* ---- Inverse and growth ---- */

static uint32_t attribute_bytes(const struct seccomm_mp *mp)
{
	uint32_t sum = 0;

	for (const struct cactus_attribute *a = mp->cactus.attributes; a && a->name; a++)
		sum += a->scope == CACTUS_PEER && a->act == CACTUS_SETS ? a->bytes : 0;
	return sum;
}

/* What the tables say that LENGTH bytes become: each pack takes in what was set before it, the bottom takes in the rest. */
static size_t declared(const struct pair *pair, const struct stack *stack, size_t length)
{
	size_t set = 0;
	bool counts = false;

	for (size_t i = 0; stack->mp[i]; i++) {
		const struct cactus_growth *g = &stack->mp[i]->cactus.growth;

		if (stack->mp[i]->cactus.packs) {
			length += set;
			set = 0;
		}
		length += (size_t)g->prefix + g->suffix + (g->block ? g->block - length % g->block : 0);
		set += attribute_bytes(stack->mp[i]);
		counts |= stack->mp[i]->counts;
	}
	return length + set + HEADER + (pair->link == SECCOMM_DATAGRAM && counts ? NUMBER : 0);
}

static void passes(struct pair *pair, const struct stack *stack, unsigned from, size_t length)
{
	uint8_t *bytes = malloc(length + 1);
	struct end *to = &pair->end[!from];
	const unsigned before = to->deliveries;
	const struct seccomm_plan *plan = pair->end[from].plan;
	struct unit *unit;
	char name[256];

	assert_non_null(bytes);
	fill(&pair->seed, bytes, length);
	unit = push(pair, from, bytes, length);
	assert_int_equal(unit->length, declared(pair, stack, length));
	assert_int_equal(unit->length, seccomm_plan_wire_size(plan, from == CLIENT ? SECCOMM_C2S : SECCOMM_S2C, length));
	assert_true(unit->length <= length + seccomm_plan_overhead(plan));
	pair->wall_us += 10;
	pair_give(pair, !from, unit->bytes, unit->length);
	if (to->deliveries != before + 1 || !same(to, bytes, length))
		fail_msg("%s: %zu bytes do not come back, alert %d", stack_name(stack, name, sizeof(name)), length,
		    (int)to->alert);
	free(unit);
	free(bytes);
}

static void inverse(struct pair *pair, const struct stack *stack)
{
	static const size_t lengths[] = { 0, 1, 7, 8, 9, 15, 16, 17, 1024 };
	const size_t max = seccomm_plan_max_message(pair->end[CLIENT].plan);
	unsigned gives = 0;

	for (unsigned from = CLIENT; from <= SERVER; from++) {
		for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
			passes(pair, stack, from, lengths[i]);
		if (max > 65536)
			passes(pair, stack, from, 65536);
		passes(pair, stack, from, max);
		assert_int_equal(seccomm_push_copy(pair->end[from].session, "", max + 1), SECCOMM_TOO_LARGE);
	}
	for (size_t i = 0; stack->mp[i]; i++)
		gives |= stack->mp[i]->gives;
	assert_int_equal(pair->end[SERVER].sender_known, (gives & SECCOMM_GIVES_AUTHENTICITY) != 0);
	assert_int_equal(pair->end[CLIENT].alerts + pair->end[SERVER].alerts, 0);
}

/* ---- Tampering ---- */

/* Whether some layer authenticates and nothing outside it adds an attribute that is not checked, as a timestamp is not. */
static bool promised(const struct stack *stack, unsigned what)
{
	bool given = false;

	for (size_t i = 0; stack->mp[i]; i++)
		if (stack->mp[i]->gives & what)
			given = true;
		else if (attribute_bytes(stack->mp[i]) && !(stack->mp[i]->gives & SECCOMM_GIVES_CHECKSUM))
			given = false;
	return given;
}

/* Without replay prevention, every byte behind the header is the message or its proof. */
static bool plain(const struct stack *stack)
{
	for (size_t i = 0; stack->mp[i]; i++)
		if (stack->mp[i]->class_of == SECCOMM_REPLAY)
			return false;
	return true;
}

static void not_delivered(struct pair *pair, const struct stack *stack, const uint8_t *bytes, size_t length, size_t bit,
    unsigned before)
{
	struct end *to = &pair->end[SERVER];
	char name[256];

	if (to->deliveries == before)
		return;
	if (promised(stack, SECCOMM_GIVES_INTEGRITY) ||
	    (plain(stack) && bit >= 8 * (HEADER + NUMBER) && same(to, bytes, length)))
		fail_msg("%s: bit %zu changed and delivered", stack_name(stack, name, sizeof(name)), bit);
}

/* All bits of the first bytes, then a sample. */
static size_t sampled(struct pair *pair, size_t n, size_t bits)
{
	uint64_t r;

	fill(&pair->seed, &r, sizeof(r));
	return n < FIRST_FLIPS ? n * 8 + r % 8 : r % bits;
}

/* A datagram changed is dropped, and the one that was meant is accepted after all. */
static void tampered_datagram(struct pair *pair, const struct stack *stack)
{
	static const uint8_t bytes[24] = "attack at dawn, or later";
	struct end *to = &pair->end[SERVER];
	struct unit *unit = push(pair, CLIENT, bytes, sizeof(bytes));
	const size_t bits = unit->length * 8;

	for (size_t n = 0; n < FLIPS + FIRST_FLIPS; n++) {
		const size_t bit = sampled(pair, n, bits);
		const unsigned before = to->deliveries;

		unit->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		pair_give(pair, SERVER, unit->bytes, unit->length);
		not_delivered(pair, stack, bytes, sizeof(bytes), bit, before);
		unit->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t cut = 0; promised(stack, SECCOMM_GIVES_INTEGRITY) && cut < unit->length; cut++) {
		pair_give(pair, SERVER, unit->bytes, cut);
		assert_int_equal(to->deliveries, 0);
	}
	if (promised(stack, SECCOMM_GIVES_INTEGRITY)) {
		pair_give(pair, SERVER, unit->bytes, unit->length);
		assert_int_equal(to->deliveries, 1);
		assert_true(same(to, bytes, sizeof(bytes)));
	}
	free(unit);
}

/* On a stream the first refusal ends the session, so each flip takes a new one. */
static void tampered_stream(struct pair *pair, const struct stack *stack)
{
	static const uint8_t bytes[24] = "attack at dawn, or later";

	for (size_t n = 0; n < STREAM_FLIPS; n++) {
		struct unit *unit;
		size_t bit;

		if (n > 0) {
			pair_shut(pair);
			assert_int_equal(pair_open(pair), SECCOMM_OK);
		}
		unit = push(pair, CLIENT, bytes, sizeof(bytes));
		bit = n == 0 ? sampled(pair, 0, 8 * HEADER) : sampled(pair, FIRST_FLIPS, unit->length * 8);
		unit->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		pair_give(pair, SERVER, unit->bytes, unit->length);
		not_delivered(pair, stack, bytes, sizeof(bytes), bit, 0);
		free(unit);
	}
}

/* ---- Replay ---- */

static void replayed(struct pair *pair, const struct stack *stack)
{
	static const uint8_t bytes[] = "once";
	struct end *to = &pair->end[SERVER];
	struct unit *unit[2] = { push(pair, CLIENT, bytes, 4), push(pair, CLIENT, bytes, 4) };
	bool fresh = false;
	char name[256];

	for (size_t i = 0; stack->mp[i]; i++)
		fresh |= (stack->mp[i]->gives & SECCOMM_GIVES_FRESHNESS) != 0;
	for (unsigned i = 0; i < 2; i++) {
		pair_give(pair, SERVER, unit[i]->bytes, unit[i]->length);
		assert_int_equal(to->deliveries, i + 1);
	}
	for (unsigned i = 0; fresh && i < 4; i++) {
		pair->wall_us += 1;
		pair_give(pair, SERVER, unit[i % 2]->bytes, unit[i % 2]->length);
		if (to->deliveries != 2)
			fail_msg("%s: delivered again", stack_name(stack, name, sizeof(name)));
	}
	free(unit[0]);
	free(unit[1]);
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

/* What protects a key exchange lets it through as it was, and not as it was not.  DONE is the fourth message. */
static void exchange_under(enum seccomm_link link, const struct stack *protect)
{
	const struct stack stack = { { seccomm_micro_protocol(world.library, "encrypt", "aes-256-gcm") } };
	struct pair pair;
	char name[256];
	uint64_t random;

	if (pair_plan_under(&pair, &world, link, &stack, protect) < 0)
		return;
	if (pair_open(&pair) != SECCOMM_OK)
		fail_msg("nothing opens under %s, alerts %d and %d", stack_name(protect, name, sizeof(name)),
		    (int)pair.end[CLIENT].alert, (int)pair.end[SERVER].alert);
	for (unsigned n = 0; n < 4 * KEY_FLIPS; n++) {
		pair_shut(&pair);
		fill(&pair.seed, &random, sizeof(random));
		if (opens_with_flip(&pair, 1 + n % 4, random) && promised(protect, SECCOMM_GIVES_INTEGRITY))
			fail_msg("%s: message %u changed, and it opens", stack_name(protect, name, sizeof(name)), 1 + n % 4);
	}
	pair_drop(&pair);
	assert_int_equal(pair.blocks, 0);
}

static void key_exchange_under_each(void **state)
{
	(void)state;
	for (enum seccomm_link link = SECCOMM_STREAM; link <= SECCOMM_DATAGRAM; link++)
		for (size_t i = 0; i < table_count; i++)
			for (size_t j = 0; !tables[i]->key_bytes && j < table_count; j++)
				if (!tables[j]->key_bytes && (wanted(tables[i]) || wanted(tables[j])))
					exchange_under(link, &(struct stack){ { tables[i], i == j ? NULL : tables[j] } });
}

/* ---- The program ---- */

static void inverse_on_streams(void **state)
{
	(void)state;
	on_all(SECCOMM_STREAM, inverse);
}
static void inverse_on_datagrams(void **state)
{
	(void)state;
	on_all(SECCOMM_DATAGRAM, inverse);
}
static void tampering_on_streams(void **state)
{
	(void)state;
	on_all(SECCOMM_STREAM, tampered_stream);
}
static void tampering_on_datagrams(void **state)
{
	(void)state;
	on_all(SECCOMM_DATAGRAM, tampered_datagram);
}
static void replay_on_datagrams(void **state)
{
	(void)state;
	on_all(SECCOMM_DATAGRAM, replayed);
}

static int set_up(void **state)
{
	(void)state;
	world_make(&world);
	table_count = lane_tables(&world, tables, TABLES_MAX);
	return table_count == 0;
}
static int tear_down(void **state)
{
	(void)state;
	world_drop(&world);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inverse_on_streams),
		cmocka_unit_test(inverse_on_datagrams),
		cmocka_unit_test(tampering_on_streams),
		cmocka_unit_test(tampering_on_datagrams),
		cmocka_unit_test(replay_on_datagrams),
		cmocka_unit_test(key_exchange_under_each),
	};

	only = argc > 1 ? argv[1] : NULL;
	return cmocka_run_group_tests_name("what passes and what does not", tests, set_up, tear_down);
}
