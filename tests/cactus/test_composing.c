/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: what cactus_compose() refuses, and why: orders, needs, places, attributes; and the columns that attributes get. */
#include <stdio.h>

#include "composing.h"

static const struct cactus_mp pairless = { .name = "pairless", LAYER };

static void orders(void **state)
{
	struct world *w = *state;
	struct cactus_spec s[] = { spec(&layer_plain, 10, 0), spec(&layer_plain, 10, 1), spec(&layer_plain, 10, 0), spec(&layer_plain, 0, 0),
		spec(&layer_plain, 1000, 0), spec(&layer_plain, 10, 9) };

	world_refused(w, s, 6, 4);
	assert_true(world_has(w, CACTUS_EQUAL_ORDERS, 2, 0, "plain", CACTUS_NO_INDEX));
	assert_true(world_has(w, CACTUS_BAD_ORDER, 3, SIZE_MAX, "plain", CACTUS_NO_INDEX));
	assert_true(world_has(w, CACTUS_BAD_ORDER, 4, SIZE_MAX, "plain", CACTUS_NO_INDEX));
	assert_true(world_has(w, CACTUS_BAD_ORDER, 5, SIZE_MAX, "plain", CACTUS_NO_INDEX));
	s[2] = spec(&pairless, 10, 0); /* has no place on the chain */
	s[3].order = 1;
	s[4].order = 999;
	world_accepted(w, s, 5);
	s[2].order = 1002;
	world_refused(w, s, 5, 1);
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
	world_refused(w, s, 3, 1);
	assert_true(world_has(w, CACTUS_UNMET_NEED, 0, SIZE_MAX, "key", 4));
	s[1].image = &four;
	world_refused(w, s, 3, 1);
	assert_true(world_has(w, CACTUS_WRONG_SIZE, 0, 1, "key", 4));
	s[1].mp = &gives32;
	world_accepted(w, s, 3);
	s[1].mp = &gives_any;
	world_accepted(w, s, 3);
	s[0].mp = &selfish; /* what it provides is no use to itself */
	world_refused(w, s, 1, 1);
	s[0].image = &seven; /* the service's */
	world_accepted(w, s, 1);
}

static void places(void **state)
{
	struct world *w = *state;
	const struct cactus_mp gives = { .name = "gives", LAYER, .down = pass, .up = pass, .provides = digest };
	const struct cactus_mp needs = { .name = "needs", LAYER, .down = pass, .up = pass, .needs = inner_digest };
	const struct cactus_mp soft = { .name = "soft", LAYER, .down = pass, .up = pass, .needs = soft_digest };
	struct cactus_spec s[] = { spec(&needs, 20, 0), spec(&gives, 10, 0), spec(&gives, 11, 0) };

	world_accepted(w, s, 2);
	world_refused(w, s, 1, 1);
	assert_true(world_has(w, CACTUS_UNMET_NEED, 0, SIZE_MAX, "digest", CACTUS_NO_INDEX));
	s[1].order = 30;
	world_refused(w, s, 2, 1);
	assert_true(world_has(w, CACTUS_WRONG_PLACE, 0, 1, "digest", CACTUS_NO_INDEX));
	s[2].order = 25; /* the innermost is meant, wherever it is listed */
	world_refused(w, s, 3, 1);
	assert_true(world_has(w, CACTUS_WRONG_PLACE, 0, 2, "digest", CACTUS_NO_INDEX));
	s[2].chain = 1; /* but not one that can never meet it */
	s[2].order = 5;
	world_refused(w, s, 3, 1);
	assert_true(world_has(w, CACTUS_WRONG_PLACE, 0, 1, "digest", CACTUS_NO_INDEX));
	s[2] = spec(&gives, 11, 0);
	s[1].order = 10;
	s[1].chain = 1;
	world_refused(w, s, 2, 1);
	assert_true(world_has(w, CACTUS_WRONG_PLACE, 0, 1, "digest", CACTUS_NO_INDEX));
	s[1].chain = 0;
	s[1].up = false;
	world_refused(w, s, 2, 1);
	s[2].down = false; /* one for each direction */
	world_accepted(w, s, 3);
	s[0].up = false;
	world_accepted(w, s, 2);

	s[0] = spec(&soft, 20, 0);
	world_accepted(w, s, 1);
	s[1] = spec(&gives, 30, 1); /* never meets it */
	world_accepted(w, s, 2);
	s[1].chain = 0;
	world_refused(w, s, 2, 1);
	assert_true(world_has(w, CACTUS_WRONG_PLACE, 0, 1, "digest", CACTUS_NO_INDEX));
	s[1].order = 5;
	world_accepted(w, s, 2);
}

static const struct cactus_attribute takes_shared[] = { { .name = "d",
							    .scope = CACTUS_PEER,
							    .bytes = 4,
							    .shared = true,
							    .act = CACTUS_CONSUMES,
							    .at = CACTUS_AT(struct layer, b) },
	{ .name = NULL } };
static const struct cactus_attribute other_size[] = { { .name = "d", .scope = CACTUS_PEER, .bytes = 5, .shared = true },
	{ .name = NULL } };
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
		world_accept(w, s, 4);
		assert_int_equal(cactus_create(w->composition, &w->platform, NULL, NULL, NULL, &c), CACTUS_OK);
		assert_int_equal(((const struct layer *)cactus_state(c, 0))->b, ((const struct layer *)cactus_state(c, i == 1 ? 1 : 2))->a);
		assert_ptr_equal(cactus_column_owner(w->composition, ((const struct layer *)cactus_state(c, 0))->b), &owns);
		assert_int_equal(cactus_grown(w->composition, 0, true, 100), 108); /* both are still packed */
		cactus_destroy(c);
		world_drop(w);
	}
	reader.of = "three";
	world_refused(w, s, 4, 1); /* told once, not once for each direction */
	assert_true(world_has(w, CACTUS_NOTHING_TO_CONSUME, 0, SIZE_MAX, "d", CACTUS_NO_INDEX));
	reader.of = "one";
	s[3].order = 15; /* packs it away */
	world_refused(w, s, 4, 1);
	s[3].order = 40;
	s[1].order = 35; /* outside */
	world_refused(w, s, 4, 1);
	s[1].order = 10;
	s[1].up = false;
	world_refused(w, s, 4, 1);
}

static void shared_and_consumed(void **state)
{
	struct world *w = *state;
	struct cactus_spec s[] = { spec(&takes, 20, 0), spec(&layer_sets, 10, 0), spec(&clashes, 30, 0) };
	struct cactus *c;
	const struct layer *taker, *setter;

	world_accept(w, s, 2);
	assert_int_equal(cactus_create(w->composition, &w->platform, NULL, NULL, NULL, &c), CACTUS_OK);
	taker = cactus_state(c, 0);
	setter = cactus_state(c, 1);
	assert_int_equal(taker->b, setter->a);
	assert_int_equal(cactus_grown(w->composition, 0, true, 100), 100); /* consumed: nothing is left to pack */
	cactus_destroy(c);
	world_drop(w);
	world_refused(w, s, 3, 1);
	assert_true(world_has(w, CACTUS_CLASHING_ATTRIBUTE, 2, 1, "d", CACTUS_NO_INDEX));
	s[1].order = 21;
	world_refused(w, s, 2, 1); /* told once, not once for each direction */
	assert_true(world_has(w, CACTUS_NOTHING_TO_CONSUME, 0, SIZE_MAX, "d", CACTUS_NO_INDEX));
	s[1].order = 10;
	s[1].up = false;
	world_refused(w, s, 2, 1);
	s[1].up = true;
	s[2] = spec(&packs, 15, 0); /* packs what would be consumed */
	world_refused(w, s, 3, 1);
	assert_true(world_has(w, CACTUS_NOTHING_TO_CONSUME, 0, SIZE_MAX, "d", CACTUS_NO_INDEX));
	s[2].order = 25;
	world_accepted(w, s, 3);
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

	world_accepted(w, s, 2);
	mp.attributes = many(65, CACTUS_LOCAL);
	world_refused(w, s, 2, 1);
	assert_true(world_has(w, CACTUS_TOO_MANY, 0, SIZE_MAX, "n64", CACTUS_NO_INDEX));
	mp.attributes = many(16, CACTUS_PEER);
	world_accepted(w, s, 2);
	mp.attributes = many(17, CACTUS_PEER);
	world_refused(w, s, 2, 1);
	assert_true(world_has(w, CACTUS_TOO_MANY, 1, SIZE_MAX, "packs", CACTUS_NO_INDEX));
	world_refused(w, s, 1, 2); /* at the bottom, in both directions */
	assert_true(world_has(w, CACTUS_TOO_MANY, SIZE_MAX, SIZE_MAX, "down", CACTUS_NO_INDEX));
}

static void several_at_once(void **state)
{
	struct world *w = *state;
	const struct cactus_mp needs = { .name = "needs", LAYER, .down = pass, .needs = inner_digest };
	const struct cactus_spec s[] = { spec(&needs, 5, 0), spec(&needs, 5, 0), spec(&takes, 7, 1),
		spec(&clashes, 8, 2), spec(&layer_plain, 1000, 0) };

	world_refused(w, s, 5, 6);
	assert_true(world_has(w, CACTUS_EQUAL_ORDERS, 1, 0, "needs", CACTUS_NO_INDEX));
	assert_true(world_has(w, CACTUS_UNMET_NEED, 0, SIZE_MAX, "digest", CACTUS_NO_INDEX));
	assert_true(world_has(w, CACTUS_UNMET_NEED, 1, SIZE_MAX, "digest", CACTUS_NO_INDEX));
	assert_true(world_has(w, CACTUS_CLASHING_ATTRIBUTE, 3, 2, "d", CACTUS_NO_INDEX));
	assert_true(world_has(w, CACTUS_NOTHING_TO_CONSUME, 2, SIZE_MAX, "d", CACTUS_NO_INDEX));
	assert_true(world_has(w, CACTUS_BAD_ORDER, 4, SIZE_MAX, "plain", CACTUS_NO_INDEX));
}

static void no_memory(void **state)
{
	struct world *w = *state;
	const struct cactus_spec s = spec(&layer_plain, 1, 0);

	w->fail_at = 1;
	assert_int_equal(world_compose(w, &composing_service, &s, 1), CACTUS_NO_MEMORY);
	assert_int_equal(w->allocations, 1);
	cactus_composition_free(NULL);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup(name, composing_setup)
	const struct CMUnitTest tests[] = {
		CASE(orders),
		CASE(needs_and_sizes),
		CASE(places),
		CASE(read_by_another),
		CASE(shared_and_consumed),
		CASE(too_many),
		CASE(several_at_once),
		CASE(no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
