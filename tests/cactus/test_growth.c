/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: what cactus_compose() computes of sizes: clear blocks, growth, room, and what fills up; and what of that it refuses. */
#include "composing.h"

static const struct cactus_attribute clear8[] = { { .name = "seq", .scope = CACTUS_CLEAR, .bytes = 8 },
	{ .name = NULL } };
static const struct cactus_attribute clear4[] = { { .name = "mark", .scope = CACTUS_CLEAR, .bytes = 4, .shared = true },
	{ .name = NULL } };
static const struct cactus_attribute clear2[] = { { .name = "half", .scope = CACTUS_CLEAR, .bytes = 2, .shared = true },
	{ .name = NULL } };
static const struct cactus_mp seq = { .name = "seq", LAYER, .attributes = clear8 };
static const struct cactus_mp mark = { .name = "mark", LAYER, .attributes = clear4 };
static const struct cactus_mp half = { .name = "half", LAYER, .attributes = clear2 };

static void clear_blocks(void **state)
{
	struct world *w = *state;
	static const struct cactus_attribute variable[] = {
		{ .name = "v", .scope = CACTUS_CLEAR, .bytes = 2, .variable = true }, { .name = NULL }
	};
	const struct cactus_mp unclear = { .name = "unclear", LAYER, .attributes = variable };
	struct cactus_spec s[] = { spec(&seq, 1, 0), spec(&mark, 2, 0), spec(&mark, 3, 1), spec(&seq, 4, 1),
		spec(&half, 5, 2) };

	world_accept(w, s, 5); /* "mark" is on two chains and so comes before the two "seq", which share a place */
	assert_int_equal(cactus_clear_size(w->composition, 0), 12);
	assert_int_equal(cactus_clear_size(w->composition, 1), 12);
	assert_int_equal(cactus_clear_size(w->composition, 2), 2);
	assert_int_equal(cactus_column_named(w->composition, "mark"), 0);
	assert_int_equal(cactus_values_size(w->composition), 12);
	world_drop(w);
	s[0] = spec(&half, 1, 1); /* marks on 0 and 1, halves on 1 and 2: no prefix for all */
	s[3] = spec(&layer_plain, 4, 1);
	s[1].chain = 0;
	world_refused(w, s, 5, 1);
	assert_true(world_has(w, CACTUS_TOO_MANY, 1, SIZE_MAX, "mark", CACTUS_NO_INDEX));
	s[0] = spec(&unclear, 1, 0);
	world_refused(w, s, 1, 1);
	assert_true(world_has(w, CACTUS_CLASHING_ATTRIBUTE, 0, SIZE_MAX, "v", CACTUS_NO_INDEX));
}

static size_t total(const struct world *w, bool down, size_t length)
{
	size_t front, back;

	cactus_room(w->composition, 0, down, length, &front, &back);
	return front + back + length;
}

static void growth(void **state)
{
	struct world *w = *state;
	const struct cactus_mp tag = { .name = "tag", LAYER, .growth = { 12, 16, 0 }, .packs = true };
	const struct cactus_mp cbc = { .name = "cbc", LAYER, .growth = { 16, 0, 16 }, .packs = true };
	const struct cactus_spec s[] = { spec(&layer_sets, 1, 0), spec(&cbc, 2, 0), spec(&tag, 3, 0), spec(&seq, 4, 0),
		spec(&layer_sets, 5, 0) };
	struct cactus_spec one_way;
	size_t front, back;

	world_accept(w, s, 5);
	for (size_t n = 0; n < 40; n++) {
		const size_t packed = n + 4, padded = packed + (16 - packed % 16);
		const size_t expected = padded + 16 + 28 + 4;

		assert_int_equal(cactus_grown(w->composition, 0, true, n), expected);
		assert_int_equal(cactus_grown(w->composition, 0, false, n), expected);
		assert_int_equal(total(w, true, n), expected + 8);
		cactus_room(w->composition, 0, true, n, &front, &back);
		assert_int_equal(front, 4 + 16 + 12 + 4 + 8);
	}
	assert_int_equal(cactus_grown(w->composition, 1, true, 77), 77);
	world_drop(w);
	one_way = spec(&tag, 1, 0);
	one_way.up = false;
	world_accept(w, &one_way, 1);
	assert_int_equal(cactus_grown(w->composition, 0, true, 5), 33);
	assert_int_equal(cactus_grown(w->composition, 0, false, 5), 5);
	world_drop(w);
}

/* 100 bytes of a body that was at most 40 with its attributes. */
static struct cactus_filling hundred(const void *image)
{
	(void)image;
	return (struct cactus_filling){ 100, 40 };
}

static void filling(void **state)
{
	struct world *w = *state;
	const struct cactus_mp fills = { .name = "fills", LAYER, .filling = hundred, .packs = true };
	const struct cactus_mp cbc = { .name = "cbc", LAYER, .growth = { 16, 0, 16 }, .packs = true };
	const struct cactus_mp tag = { .name = "tag", LAYER, .growth = { 12, 16, 0 }, .packs = true };
	const struct cactus_mp wide = { .name = "wide", LAYER, .growth = { 12, 29, 0 }, .packs = true };
	const struct cactus_spec s[] = { spec(&layer_sets, 1, 0), spec(&cbc, 2, 0), spec(&fills, 3, 0), spec(&tag, 4, 0) };
	const struct cactus_spec too_wide[] = { spec(&wide, 1, 0), spec(&fills, 2, 0) };
	const struct cactus_spec twice[] = { spec(&fills, 1, 0), spec(&tag, 2, 0), spec(&fills, 3, 0) };

	world_accept(w, s, 4);
	assert_int_equal(cactus_most(w->composition, 0, true), 11); /* 11 + 4 + 1 + 16 = 32, and one more byte were 48 */
	assert_int_equal(cactus_most(w->composition, 0, false), 11);
	assert_int_equal(cactus_most(w->composition, 1, true), SIZE_MAX);
	for (size_t n = 0; n <= 11; n++) {
		assert_int_equal(cactus_grown(w->composition, 0, true, n), 128);
		assert_true(total(w, true, n) >= 128);
	}
	world_drop(w);
	world_refused(w, too_wide, 2, 1);
	assert_true(world_has(w, CACTUS_DOES_NOT_FIT, 1, SIZE_MAX, "fills", CACTUS_NO_INDEX));
	world_refused(w, twice, 3, 1);
	assert_true(world_has(w, CACTUS_DOES_NOT_FIT, 2, SIZE_MAX, "fills", CACTUS_NO_INDEX));
}

static void growth_with_variable_ones(void **state)
{
	struct world *w = *state;
	static const struct cactus_attribute text[] = {
		{ .name = "text", .scope = CACTUS_PEER, .bytes = 10, .variable = true }, { .name = NULL }
	};
	const struct cactus_mp says = { .name = "says", LAYER, .attributes = text };
	const struct cactus_mp cbc = { .name = "cbc", LAYER, .growth = { 0, 0, 16 }, .packs = true };
	const struct cactus_spec s[] = { spec(&says, 1, 0), spec(&cbc, 2, 0) };
	size_t front, back;

	world_accept(w, s, 2);
	assert_int_equal(cactus_grown(w->composition, 0, true, 1), 16); /* 1 + 14 + 1 */
	assert_int_equal(cactus_grown(w->composition, 0, true, 2), 32);
	cactus_room(w->composition, 0, true, 1, &front, &back);
	assert_int_equal(front, 14);
	assert_int_equal(back, 16); /* of whatever length the text is */
	world_drop(w);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup(name, composing_setup)
	const struct CMUnitTest tests[] = {
		CASE(clear_blocks),
		CASE(growth),
		CASE(filling),
		CASE(growth_with_variable_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
