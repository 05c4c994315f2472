/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: what cactus_compose() refuses, and what it computes: columns, clear blocks, room and growth. */
#include <stdio.h>

#include "world.h"

static const struct cactus_chain chains[] = { { "down", "up", CACTUS_NO_INDEX, true }, { "keyDown", "keyUp", 3, false },
	{ "thirdDown", "thirdUp", 0, false } };
static const struct cactus_tie clock_tie[] = { { .capability = "clock" }, { .capability = "key" },
	{ .capability = NULL } };
static const uint32_t clock_index[] = { CACTUS_NO_INDEX, 7 };
static const struct cactus_service service = {
	.chains = chains, .chain_count = 3, .provides = clock_tie, .provides_index = clock_index
};

/* All test micro-protocols have this state. */
struct layer {
	struct cactus_instance head;
	uint32_t key;
	cactus_column a, b;
};
#define LAYER .size = sizeof(struct layer)
static const struct layer blank;

static enum cactus_verdict pass(void *self, void *argument)
{
	(void)self;
	(void)argument;
	return CACTUS_NEXT;
}

static struct cactus_spec spec(const struct cactus_mp *mp, unsigned order, unsigned chain)
{
	return (struct cactus_spec){
		.mp = mp, .name = mp->name, .image = &blank, .order = order, .chain = chain, .down = true, .up = true
	};
}

static int setup(void **state)
{
	static struct world w;

	world_start(&w);
	*state = &w;
	return 0;
}

static void accept(struct world *w, const struct cactus_spec *specs, size_t count)
{
	assert_int_equal(world_compose(w, &service, specs, count), CACTUS_OK);
	assert_int_equal(w->problem_count, 0);
}

static void drop(struct world *w)
{
	cactus_composition_free(w->composition);
	assert_int_equal(w->blocks, 0);
}

static void accepted(struct world *w, const struct cactus_spec *specs, size_t count)
{
	accept(w, specs, count);
	drop(w);
}

static void refused(struct world *w, const struct cactus_spec *specs, size_t count, size_t problems)
{
	struct cactus_composition *out = NULL;

	assert_int_equal(world_compose(w, &service, specs, count), CACTUS_REFUSED);
	assert_int_equal(w->problem_count, problems);
	assert_int_equal(w->blocks, 0);
	assert_int_equal(cactus_compose(&w->platform, &service, specs, count, NULL, NULL, &out), CACTUS_REFUSED);
	assert_null(out);
}

static const struct cactus_mp plain = { .name = "plain", LAYER, .down = pass, .up = pass };
static const struct cactus_mp pairless = { .name = "pairless", LAYER };

static void orders(void **state)
{
	struct world *w = *state;
	struct cactus_spec s[] = { spec(&plain, 10, 0), spec(&plain, 10, 1), spec(&plain, 10, 0), spec(&plain, 0, 0),
		spec(&plain, 1000, 0), spec(&plain, 10, 9) };

	refused(w, s, 6, 4);
	assert_true(world_has(w, CACTUS_EQUAL_ORDERS, 2, 0, "plain", CACTUS_NO_INDEX));
	assert_true(world_has(w, CACTUS_BAD_ORDER, 3, SIZE_MAX, "plain", CACTUS_NO_INDEX));
	assert_true(world_has(w, CACTUS_BAD_ORDER, 4, SIZE_MAX, "plain", CACTUS_NO_INDEX));
	assert_true(world_has(w, CACTUS_BAD_ORDER, 5, SIZE_MAX, "plain", CACTUS_NO_INDEX));
	s[2] = spec(&pairless, 10, 0); /* has no place on the chain */
	s[3].order = 1;
	s[4].order = 999;
	accepted(w, s, 5);
	s[2].order = 1002;
	refused(w, s, 5, 1);
}

static const struct cactus_tie key32[] = { { .capability = "key", .index = CACTUS_AT(struct layer, key), .bytes = 32 },
	{ .capability = NULL } };
static const struct cactus_tie key_any[] = { { .capability = "key", .index = CACTUS_AT(struct layer, key) },
	{ .capability = NULL } };
static const struct cactus_tie key16[] = { { .capability = "key", .index = CACTUS_AT(struct layer, key), .bytes = 16 },
	{ .capability = NULL } };
static const struct cactus_tie inner_digest[] = { { .capability = "digest", .inner = true }, { .capability = NULL } };
static const struct cactus_tie soft_digest[] = { { .capability = "digest", .inner = true, .soft = true },
	{ .capability = NULL } };
static const struct cactus_tie digest[] = { { .capability = "digest" }, { .capability = NULL } };
static const struct cactus_tie needs_clock[] = { { .capability = "clock", .inner = true }, { .capability = NULL } };

static void needs_and_sizes(void **state)
{
	struct world *w = *state;
	const struct cactus_mp needs32 = { .name = "needs32", LAYER, .needs = key32 };
	const struct cactus_mp gives16 = { .name = "gives16", LAYER, .provides = key16 };
	const struct cactus_mp gives32 = { .name = "gives32", LAYER, .provides = key32 };
	const struct cactus_mp gives_any = { .name = "gives", LAYER, .provides = key_any };
	const struct cactus_mp selfish = { .name = "selfish", LAYER, .needs = key32, .provides = key32 };
	const struct cactus_mp timed = { .name = "timed", LAYER, .needs = needs_clock };
	const struct layer four = { .key = 4 }, seven = { .key = 7 };
	struct cactus_spec s[] = { spec(&needs32, 1, 0), spec(&gives16, 2, 0), spec(&timed, 3, 1) };

	s[0].image = &four;
	refused(w, s, 3, 1);
	assert_true(world_has(w, CACTUS_UNMET_NEED, 0, SIZE_MAX, "key", 4));
	s[1].image = &four;
	refused(w, s, 3, 1);
	assert_true(world_has(w, CACTUS_WRONG_SIZE, 0, 1, "key", 4));
	s[1].mp = &gives32;
	accepted(w, s, 3);
	s[1].mp = &gives_any;
	accepted(w, s, 3);
	s[0].mp = &selfish; /* what it provides is no use to itself */
	refused(w, s, 1, 1);
	s[0].image = &seven; /* the service's */
	accepted(w, s, 1);
}

static void places(void **state)
{
	struct world *w = *state;
	const struct cactus_mp gives = { .name = "gives", LAYER, .down = pass, .up = pass, .provides = digest };
	const struct cactus_mp needs = { .name = "needs", LAYER, .down = pass, .up = pass, .needs = inner_digest };
	const struct cactus_mp soft = { .name = "soft", LAYER, .down = pass, .up = pass, .needs = soft_digest };
	struct cactus_spec s[] = { spec(&needs, 20, 0), spec(&gives, 10, 0), spec(&gives, 11, 0) };

	accepted(w, s, 2);
	refused(w, s, 1, 1);
	assert_true(world_has(w, CACTUS_UNMET_NEED, 0, SIZE_MAX, "digest", CACTUS_NO_INDEX));
	s[1].order = 30;
	refused(w, s, 2, 1);
	assert_true(world_has(w, CACTUS_WRONG_PLACE, 0, 1, "digest", CACTUS_NO_INDEX));
	s[2].order = 25; /* the innermost is meant, wherever it is listed */
	refused(w, s, 3, 1);
	assert_true(world_has(w, CACTUS_WRONG_PLACE, 0, 2, "digest", CACTUS_NO_INDEX));
	s[2].chain = 1; /* but not one that can never meet it */
	s[2].order = 5;
	refused(w, s, 3, 1);
	assert_true(world_has(w, CACTUS_WRONG_PLACE, 0, 1, "digest", CACTUS_NO_INDEX));
	s[2] = spec(&gives, 11, 0);
	s[1].order = 10;
	s[1].chain = 1;
	refused(w, s, 2, 1);
	assert_true(world_has(w, CACTUS_WRONG_PLACE, 0, 1, "digest", CACTUS_NO_INDEX));
	s[1].chain = 0;
	s[1].up = false;
	refused(w, s, 2, 1);
	s[2].down = false; /* one for each direction */
	accepted(w, s, 3);
	s[0].up = false;
	accepted(w, s, 2);

	s[0] = spec(&soft, 20, 0);
	accepted(w, s, 1);
	s[1] = spec(&gives, 30, 1); /* never meets it */
	accepted(w, s, 2);
	s[1].chain = 0;
	refused(w, s, 2, 1);
	assert_true(world_has(w, CACTUS_WRONG_PLACE, 0, 1, "digest", CACTUS_NO_INDEX));
	s[1].order = 5;
	accepted(w, s, 2);
}

static const struct cactus_attribute sets_shared[] = {
	{ .name = "d", .scope = CACTUS_PEER, .bytes = 4, .shared = true, .at = CACTUS_AT(struct layer, a) },
	{ .name = NULL }
};
static const struct cactus_attribute takes_shared[] = { { .name = "d",
							    .scope = CACTUS_PEER,
							    .bytes = 4,
							    .shared = true,
							    .act = CACTUS_CONSUMES,
							    .at = CACTUS_AT(struct layer, b) },
	{ .name = NULL } };
static const struct cactus_attribute other_size[] = { { .name = "d", .scope = CACTUS_PEER, .bytes = 5, .shared = true },
	{ .name = NULL } };
static const struct cactus_mp sets = { .name = "sets", LAYER, .attributes = sets_shared };
static const struct cactus_mp takes = { .name = "takes", LAYER, .attributes = takes_shared };
static const struct cactus_mp clashes = { .name = "clashes", LAYER, .attributes = other_size };
static const struct cactus_mp packs = { .name = "packs", LAYER, .packs = true };

struct reader {
	struct layer layer;
	const char *of;
};
static const struct cactus_attribute own_row[] = { { .name = "d", .scope = CACTUS_PEER, .bytes = 4, .at = CACTUS_AT(struct layer, a) },
	{ .name = NULL } };
static const struct cactus_attribute reads_row[] = { { .name = "d",
							 .scope = CACTUS_PEER,
							 .act = CACTUS_READS,
							 .at = CACTUS_AT(struct layer, b),
							 .of = CACTUS_AT(struct reader, of) },
	{ .name = NULL } };
static const struct cactus_mp owns = { .name = "owns", LAYER, .attributes = own_row };
static const struct cactus_mp reads = { .name = "reads",
	.size = sizeof(struct reader),
	.attributes = reads_row,
	.down = pass,
	.up = pass };

/* The nearest one inside, or the one that is named; it stays.  One that is packed, outside or elsewhere is none. */
static void read_by_another(void **state)
{
	struct world *w = *state;
	struct reader reader = { .of = NULL };
	struct cactus_spec s[] = { spec(&reads, 30, 0), spec(&owns, 10, 0), spec(&owns, 20, 0), spec(&packs, 40, 0) };
	struct cactus *c;

	s[0].image = &reader;
	s[1].name = "one";
	s[2].name = "two";
	for (size_t i = 0; i < 3; i++) {
		reader.of = (const char *[]){ NULL, "one", "two" }[i];
		accept(w, s, 4);
		assert_int_equal(cactus_create(w->composition, &w->platform, NULL, NULL, NULL, &c), CACTUS_OK);
		assert_int_equal(((const struct layer *)cactus_state(c, 0))->b, ((const struct layer *)cactus_state(c, i == 1 ? 1 : 2))->a);
		assert_ptr_equal(cactus_column_owner(w->composition, ((const struct layer *)cactus_state(c, 0))->b), &owns);
		assert_int_equal(cactus_grown(w->composition, 0, true, 100), 108); /* both are still packed */
		cactus_destroy(c);
		drop(w);
	}
	reader.of = "three";
	refused(w, s, 4, 1); /* told once, not once for each direction */
	assert_true(world_has(w, CACTUS_NOTHING_TO_CONSUME, 0, SIZE_MAX, "d", CACTUS_NO_INDEX));
	reader.of = "one";
	s[3].order = 15; /* packs it away */
	refused(w, s, 4, 1);
	s[3].order = 40;
	s[1].order = 35; /* outside */
	refused(w, s, 4, 1);
	s[1].order = 10;
	s[1].up = false;
	refused(w, s, 4, 1);
}

static void shared_and_consumed(void **state)
{
	struct world *w = *state;
	struct cactus_spec s[] = { spec(&takes, 20, 0), spec(&sets, 10, 0), spec(&clashes, 30, 0) };
	struct cactus *c;
	const struct layer *taker, *setter;

	accept(w, s, 2);
	assert_int_equal(cactus_create(w->composition, &w->platform, NULL, NULL, NULL, &c), CACTUS_OK);
	taker = cactus_state(c, 0);
	setter = cactus_state(c, 1);
	assert_int_equal(taker->b, setter->a);
	assert_int_equal(cactus_grown(w->composition, 0, true, 100), 100); /* consumed: nothing is left to pack */
	cactus_destroy(c);
	drop(w);
	refused(w, s, 3, 1);
	assert_true(world_has(w, CACTUS_CLASHING_ATTRIBUTE, 2, 1, "d", CACTUS_NO_INDEX));
	s[1].order = 21;
	refused(w, s, 2, 1); /* told once, not once for each direction */
	assert_true(world_has(w, CACTUS_NOTHING_TO_CONSUME, 0, SIZE_MAX, "d", CACTUS_NO_INDEX));
	s[1].order = 10;
	s[1].up = false;
	refused(w, s, 2, 1);
	s[1].up = true;
	s[2] = spec(&packs, 15, 0); /* packs what would be consumed */
	refused(w, s, 3, 1);
	assert_true(world_has(w, CACTUS_NOTHING_TO_CONSUME, 0, SIZE_MAX, "d", CACTUS_NO_INDEX));
	s[2].order = 25;
	accepted(w, s, 3);
}

static const struct cactus_attribute *many(size_t n, enum cactus_scope scope)
{
	static struct cactus_attribute rows[70];
	static char names[70][4];

	for (size_t i = 0; i < n; i++) {
		snprintf(names[i], sizeof(names[i]), "n%u", (unsigned)(i % 100));
		rows[i] = (struct cactus_attribute){ .name = names[i], .scope = scope, .bytes = 1 };
	}
	rows[n].name = NULL;
	return rows;
}

static void too_many(void **state)
{
	struct world *w = *state;
	struct cactus_mp mp = { .name = "many", LAYER, .attributes = many(64, CACTUS_LOCAL) };
	struct cactus_spec s[] = { spec(&mp, 1, 0), spec(&packs, 2, 0) };

	accepted(w, s, 2);
	mp.attributes = many(65, CACTUS_LOCAL);
	refused(w, s, 2, 1);
	assert_true(world_has(w, CACTUS_TOO_MANY, 0, SIZE_MAX, "n64", CACTUS_NO_INDEX));
	mp.attributes = many(16, CACTUS_PEER);
	accepted(w, s, 2);
	mp.attributes = many(17, CACTUS_PEER);
	refused(w, s, 2, 1);
	assert_true(world_has(w, CACTUS_TOO_MANY, 1, SIZE_MAX, "packs", CACTUS_NO_INDEX));
	refused(w, s, 1, 2); /* at the bottom, in both directions */
	assert_true(world_has(w, CACTUS_TOO_MANY, SIZE_MAX, SIZE_MAX, "down", CACTUS_NO_INDEX));
}

static void several_at_once(void **state)
{
	struct world *w = *state;
	const struct cactus_mp needs = { .name = "needs", LAYER, .down = pass, .needs = inner_digest };
	const struct cactus_spec s[] = { spec(&needs, 5, 0), spec(&needs, 5, 0), spec(&takes, 7, 1),
		spec(&clashes, 8, 2), spec(&plain, 1000, 0) };

	refused(w, s, 5, 6);
	assert_true(world_has(w, CACTUS_EQUAL_ORDERS, 1, 0, "needs", CACTUS_NO_INDEX));
	assert_true(world_has(w, CACTUS_UNMET_NEED, 0, SIZE_MAX, "digest", CACTUS_NO_INDEX));
	assert_true(world_has(w, CACTUS_UNMET_NEED, 1, SIZE_MAX, "digest", CACTUS_NO_INDEX));
	assert_true(world_has(w, CACTUS_CLASHING_ATTRIBUTE, 3, 2, "d", CACTUS_NO_INDEX));
	assert_true(world_has(w, CACTUS_NOTHING_TO_CONSUME, 2, SIZE_MAX, "d", CACTUS_NO_INDEX));
	assert_true(world_has(w, CACTUS_BAD_ORDER, 4, SIZE_MAX, "plain", CACTUS_NO_INDEX));
}

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

	accept(w, s, 5); /* "mark" is on two chains and so comes before the two "seq", which share a place */
	assert_int_equal(cactus_clear_size(w->composition, 0), 12);
	assert_int_equal(cactus_clear_size(w->composition, 1), 12);
	assert_int_equal(cactus_clear_size(w->composition, 2), 2);
	assert_int_equal(cactus_column_named(w->composition, "mark"), 0);
	assert_int_equal(cactus_values_size(w->composition), 12);
	drop(w);
	s[0] = spec(&half, 1, 1); /* marks on 0 and 1, halves on 1 and 2: no prefix for all */
	s[3] = spec(&plain, 4, 1);
	s[1].chain = 0;
	refused(w, s, 5, 1);
	assert_true(world_has(w, CACTUS_TOO_MANY, 1, SIZE_MAX, "mark", CACTUS_NO_INDEX));
	s[0] = spec(&unclear, 1, 0);
	refused(w, s, 1, 1);
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
	const struct cactus_spec s[] = { spec(&sets, 1, 0), spec(&cbc, 2, 0), spec(&tag, 3, 0), spec(&seq, 4, 0),
		spec(&sets, 5, 0) };
	struct cactus_spec one_way;
	size_t front, back;

	accept(w, s, 5);
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
	drop(w);
	one_way = spec(&tag, 1, 0);
	one_way.up = false;
	accept(w, &one_way, 1);
	assert_int_equal(cactus_grown(w->composition, 0, true, 5), 33);
	assert_int_equal(cactus_grown(w->composition, 0, false, 5), 5);
	drop(w);
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
	const struct cactus_spec s[] = { spec(&sets, 1, 0), spec(&cbc, 2, 0), spec(&fills, 3, 0), spec(&tag, 4, 0) };
	const struct cactus_spec too_wide[] = { spec(&wide, 1, 0), spec(&fills, 2, 0) };
	const struct cactus_spec twice[] = { spec(&fills, 1, 0), spec(&tag, 2, 0), spec(&fills, 3, 0) };

	accept(w, s, 4);
	assert_int_equal(cactus_most(w->composition, 0, true), 11); /* 11 + 4 + 1 + 16 = 32, and one more byte were 48 */
	assert_int_equal(cactus_most(w->composition, 0, false), 11);
	assert_int_equal(cactus_most(w->composition, 1, true), SIZE_MAX);
	for (size_t n = 0; n <= 11; n++) {
		assert_int_equal(cactus_grown(w->composition, 0, true, n), 128);
		assert_true(total(w, true, n) >= 128);
	}
	drop(w);
	refused(w, too_wide, 2, 1);
	assert_true(world_has(w, CACTUS_DOES_NOT_FIT, 1, SIZE_MAX, "fills", CACTUS_NO_INDEX));
	refused(w, twice, 3, 1);
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

	accept(w, s, 2);
	assert_int_equal(cactus_grown(w->composition, 0, true, 1), 16); /* 1 + 14 + 1 */
	assert_int_equal(cactus_grown(w->composition, 0, true, 2), 32);
	cactus_room(w->composition, 0, true, 1, &front, &back);
	assert_int_equal(front, 14);
	assert_int_equal(back, 16); /* of whatever length the text is */
	drop(w);
}

static void no_memory(void **state)
{
	struct world *w = *state;
	const struct cactus_spec s = spec(&plain, 1, 0);

	w->fail_at = 1;
	assert_int_equal(world_compose(w, &service, &s, 1), CACTUS_NO_MEMORY);
	assert_int_equal(w->allocations, 1);
	cactus_composition_free(NULL);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		CASE(orders),
		CASE(needs_and_sizes),
		CASE(places),
		CASE(read_by_another),
		CASE(shared_and_consumed),
		CASE(too_many),
		CASE(several_at_once),
		CASE(clear_blocks),
		CASE(growth),
		CASE(filling),
		CASE(growth_with_variable_ones),
		CASE(no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
