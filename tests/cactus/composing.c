/* SPDX-License-Identifier: Apache-2.0 */
/* composing.c - what tests of cactus_compose() share (see composing.h). */
#include "composing.h"

static const struct cactus_chain chains[] = { { "down", "up", CACTUS_NO_INDEX, true }, { "keyDown", "keyUp", 3, false },
	{ "thirdDown", "thirdUp", 0, false } };
static const struct cactus_tie clock_tie[] = { { .capability = "clock" }, { .capability = "key" },
	{ .capability = NULL } };
static const uint32_t clock_index[] = { CACTUS_NO_INDEX, 7 };
const struct cactus_service composing_service = {
	.chains = chains, .chain_count = 3, .provides = clock_tie, .provides_index = clock_index
};

static const struct layer blank;

enum cactus_verdict pass(void *self, void *argument)
{
	(void)self;
	(void)argument;
	return CACTUS_NEXT;
}

struct cactus_spec spec(const struct cactus_mp *mp, unsigned order, unsigned chain)
{
	return (struct cactus_spec){
		.mp = mp, .name = mp->name, .image = &blank, .order = order, .chain = chain, .down = true, .up = true
	};
}

int composing_setup(void **state)
{
	static struct world w;

	world_start(&w);
	*state = &w;
	return 0;
}

void world_accept(struct world *w, const struct cactus_spec *specs, size_t count)
{
	assert_int_equal(world_compose(w, &composing_service, specs, count), CACTUS_OK);
	assert_int_equal(w->problem_count, 0);
}

void world_drop(struct world *w)
{
	cactus_composition_free(w->composition);
	assert_int_equal(w->blocks, 0);
}

void world_accepted(struct world *w, const struct cactus_spec *specs, size_t count)
{
	world_accept(w, specs, count);
	world_drop(w);
}

void world_refused(struct world *w, const struct cactus_spec *specs, size_t count, size_t problems)
{
	struct cactus_composition *out = NULL;

	assert_int_equal(world_compose(w, &composing_service, specs, count), CACTUS_REFUSED);
	assert_int_equal(w->problem_count, problems);
	assert_int_equal(w->blocks, 0);
	assert_int_equal(cactus_compose(&w->platform, &composing_service, specs, count, NULL, NULL, &out), CACTUS_REFUSED);
	assert_null(out);
}

static const struct cactus_attribute sets_shared[] = {
	{ .name = "d", .scope = CACTUS_PEER, .bytes = 4, .shared = true, .at = CACTUS_AT(struct layer, a) },
	{ .name = NULL }
};

const struct cactus_mp layer_plain = { .name = "plain", LAYER, .down = pass, .up = pass };
const struct cactus_mp layer_sets = { .name = "sets", LAYER, .attributes = sets_shared };
