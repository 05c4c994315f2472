/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The laws of hold.h.
 */
#include "hold.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { HEADER = 6, NUMBER = 8 };

const struct effort effort_full = { .all_sizes = true, .flips = 48, .first_flips = 16, .cuts = UINT_MAX, .stream_flips = 4 };
const struct effort effort_pair = { .flips = 12, .first_flips = 8, .cuts = 8, .stream_flips = 1 };

static const uint8_t order[24] = "attack at dawn, or later";

/* Pushes LENGTH bytes at FROM; answers what it became. */
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

static unsigned gives(const struct stack *stack)
{
	unsigned all = 0;

	for (size_t i = 0; stack->mp[i]; i++)
		all |= stack->mp[i]->gives;
	return all;
}

/* A table with the key pairs of participants, not a key of the session. */
static bool is_slow(const struct stack *stack)
{
	for (size_t i = 0; stack->mp[i]; i++)
		if (stack->mp[i]->kind && !stack->mp[i]->key_bytes && strcmp(stack->mp[i]->kind, "digest") != 0 &&
		    strcmp(stack->mp[i]->kind, "onetime") != 0)
			return true;
	return false;
}

/* ---- Inverse and growth ---- */

/* What the tables say that LENGTH bytes become: each pack takes in what was set before it, the bottom takes in the rest. */
static size_t declared(const struct pair *pair, const struct stack *stack, size_t length)
{
	int64_t set = 0;
	size_t clear = 0;
	bool counts = false;
	const struct plan_layer *layers = seccomm_plan_stack_layers(pair->end[CLIENT].plan, &(size_t){ 0 });

	for (size_t i = 0; stack->mp[i]; i++) {
		const struct cactus_growth *g = &stack->mp[i]->cactus.growth;

		if (stack->mp[i]->cactus.packs) {
			length += (size_t)set;
			set = 0;
		}
		length += (size_t)g->prefix + g->suffix + (g->block ? g->block - length % g->block : 0);
		if (stack->mp[i]->cactus.filling)
			length = stack->mp[i]->cactus.filling(layers[i].image).to;
		hold_attributes(stack->mp[i], &set, &clear);
		counts |= stack->mp[i]->counts;
	}
	return length + (size_t)set + clear + HEADER + (pair->link == SECCOMM_DATAGRAM && counts ? NUMBER : 0);
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
	if (unit->length != declared(pair, stack, length))
		fail_msg("%s: %zu bytes become %zu, not %zu", stack_name(stack, name, sizeof(name)), length, unit->length,
		    declared(pair, stack, length));
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

void hold_inverse(struct pair *pair, const struct stack *stack, const struct effort *effort)
{
	static const size_t lengths[] = { 0, 1, 7, 8, 9, 15, 16, 17, 1024, 65536 }, few[] = { 0, 17 };
	const size_t max = seccomm_plan_max_message(pair->end[CLIENT].plan);
	const bool all = effort->all_sizes || !is_slow(stack);
	const size_t *list = all ? lengths : few,
		     count = all ? sizeof(lengths) / sizeof(lengths[0]) : sizeof(few) / sizeof(few[0]);

	for (unsigned from = CLIENT; from <= SERVER; from++) {
		for (size_t i = 0; i < count && list[i] <= max; i++)
			passes(pair, stack, from, list[i]);
		passes(pair, stack, from, max);
		assert_int_equal(seccomm_push_copy(pair->end[from].session, "", max + 1), SECCOMM_TOO_LARGE);
	}
	assert_int_equal(pair->end[SERVER].sender_known, (gives(stack) & SECCOMM_GIVES_AUTHENTICITY) != 0);
	assert_int_equal(pair->end[CLIENT].alerts + pair->end[SERVER].alerts, 0);
}

/* ---- Tampering ---- */

/* Without replay prevention, every byte behind the header is the message or its proof. */
static bool plain(const struct stack *stack)
{
	for (size_t i = 0; stack->mp[i]; i++)
		if (stack->mp[i]->class_of == SECCOMM_REPLAY)
			return false;
	return true;
}

static void not_delivered(struct pair *pair, const struct stack *stack, size_t bit, unsigned before)
{
	struct end *to = &pair->end[SERVER];
	char name[256];

	if (to->deliveries == before)
		return;
	if (hold_promised(stack, SECCOMM_GIVES_INTEGRITY) ||
	    (plain(stack) && bit >= 8 * (HEADER + NUMBER) && same(to, order, sizeof(order))))
		fail_msg("%s: bit %zu changed and delivered", stack_name(stack, name, sizeof(name)), bit);
}

/* One bit in each of the FIRST bytes, then bits anywhere. */
static size_t sampled(struct pair *pair, size_t n, size_t first, size_t bits)
{
	uint64_t r;

	fill(&pair->seed, &r, sizeof(r));
	return n < first ? n * 8 + r % 8 : r % bits;
}

static void cut(struct pair *pair, const struct stack *stack, const struct unit *unit, unsigned cuts)
{
	const size_t step = cuts < unit->length ? unit->length / cuts : 1;
	char name[256];

	for (size_t length = 0; length < unit->length; length += step) {
		pair_give(pair, SERVER, unit->bytes, length);
		if (pair->end[SERVER].deliveries)
			fail_msg("%s: cut to %zu bytes and delivered", stack_name(stack, name, sizeof(name)), length);
	}
	pair_give(pair, SERVER, unit->bytes, unit->length);
	if (pair->end[SERVER].deliveries != 1 || !same(&pair->end[SERVER], order, sizeof(order)))
		fail_msg("%s: what was meant is refused after forgeries", stack_name(stack, name, sizeof(name)));
}

/* A datagram changed is dropped, and the one that was meant is accepted after all. */
static void tampered_datagram(struct pair *pair, const struct stack *stack, const struct effort *effort)
{
	struct end *to = &pair->end[SERVER];
	struct unit *unit = push(pair, CLIENT, order, sizeof(order));

	for (size_t n = 0; n < effort->flips + effort->first_flips; n++) {
		const size_t bit = sampled(pair, n, effort->first_flips, unit->length * 8);
		const unsigned before = to->deliveries;

		unit->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		pair_give(pair, SERVER, unit->bytes, unit->length);
		not_delivered(pair, stack, bit, before);
		unit->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	if (hold_promised(stack, SECCOMM_GIVES_INTEGRITY))
		cut(pair, stack, unit, effort->cuts);
	free(unit);
}

/* On a stream the first refusal ends the session, so each flip takes a new one. */
static void tampered_stream(struct pair *pair, const struct stack *stack, const struct effort *effort)
{
	for (size_t n = 0; n < effort->stream_flips; n++) {
		struct unit *unit;
		size_t bit;

		if (n > 0) {
			pair_shut(pair);
			assert_int_equal(pair_open(pair), SECCOMM_OK);
		}
		pair->end[SERVER].deliveries = 0;
		unit = push(pair, CLIENT, order, sizeof(order));
		bit = sampled(pair, 0, 0, n == 0 && effort->stream_flips > 1 ? 8 * HEADER : unit->length * 8);
		unit->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		pair_give(pair, SERVER, unit->bytes, unit->length);
		not_delivered(pair, stack, bit, 0);
		free(unit);
	}
}

void hold_tampering(struct pair *pair, const struct stack *stack, const struct effort *effort)
{
	pair->end[SERVER].deliveries = 0;
	if (pair->link == SECCOMM_STREAM)
		tampered_stream(pair, stack, effort);
	else
		tampered_datagram(pair, stack, effort);
}

/* ---- Replay ---- */

void hold_replay(struct pair *pair, const struct stack *stack)
{
	struct end *to = &pair->end[SERVER];
	struct unit *unit[2] = { push(pair, CLIENT, order, 4), push(pair, CLIENT, order, 4) };
	char name[256];

	to->deliveries = 0;
	for (unsigned i = 0; i < 2; i++) {
		pair_give(pair, SERVER, unit[i]->bytes, unit[i]->length);
		assert_int_equal(to->deliveries, i + 1);
	}
	for (unsigned i = 0; (gives(stack) & SECCOMM_GIVES_FRESHNESS) && i < 4; i++) {
		pair->wall_us += 1;
		pair_give(pair, SERVER, unit[i % 2]->bytes, unit[i % 2]->length);
		if (to->deliveries != 2)
			fail_msg("%s: delivered again", stack_name(stack, name, sizeof(name)));
	}
	free(unit[0]);
	free(unit[1]);
}

/* ---- All of it ---- */

void hold_all(struct world *world, enum seccomm_link link, const struct stack *stack, const struct effort *effort)
{
	struct pair pair;
	char name[256];
	int status = pair_plan(&pair, world, link, stack);

	if (!hold_admissible(stack)) {
		if (status != SECCOMM_INVALID)
			fail_msg("%s is composed, but its tables do not go together", stack_name(stack, name, sizeof(name)));
		return;
	}
	if (status < 0 || (status = pair_open(&pair)) < 0)
		fail_msg("%s does not open: %s, alert %d", stack_name(stack, name, sizeof(name)), seccomm_status_name(status),
		    (int)pair.end[SERVER].alert);
	hold_inverse(&pair, stack, effort);
	if (link == SECCOMM_DATAGRAM)
		hold_replay(&pair, stack);
	hold_tampering(&pair, stack, effort);
	pair_drop(&pair);
	assert_int_equal(pair.blocks, 0);
}
