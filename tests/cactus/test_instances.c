/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: instances begin, end, mirror, keep apart, fit in their block, survive a lack of memory and leave nothing
 * behind. */
#include <stdio.h>

#include "world.h"

struct part {
	struct cactus_instance head;
	uint32_t index;
	uint32_t secret;
	int refuses;
	long double aligned; /* for the sanitizer to see that states are */
	bool begun;
};

static struct world *world_of(const struct part *p)
{
	return cactus_owner(p->head.cactus);
}

static void say(const struct part *p, const char *what)
{
	char text[32];

	snprintf(text, sizeof(text), "%s%s", what, p->head.name);
	tell(world_of(p), text);
}

static enum cactus_verdict going_down(void *self, void *argument)
{
	(void)argument;
	assert_true(((struct part *)self)->begun);
	say(self, "v");
	return CACTUS_NEXT;
}

static enum cactus_verdict coming_up(void *self, void *argument)
{
	(void)argument;
	say(self, "^");
	return CACTUS_NEXT;
}

static enum cactus_verdict on_tick(void *self, void *argument)
{
	(void)argument;
	say(self, "tick");
	return CACTUS_NEXT;
}

static int begin(void *self)
{
	struct part *p = self;

	say(p, "+");
	if (p->refuses)
		return -77;
	p->begun = true;
	if (p->head.mp->extra != NULL)
		memset(cactus_extra(p), 0xa5, p->index);
	return 0;
}

static void end(void *self)
{
	say(self, "-");
}

static size_t extra(const void *image)
{
	return ((const struct part *)image)->index;
}

static const struct cactus_event_row rows[] = {
	{ "tick", CACTUS_AT(struct part, index), on_tick, 0 },
	{ "all", { 0, 0 }, on_tick, 500 },
	{ NULL, { 0, 0 }, NULL, 0 },
};
static const struct cactus_mp mp = { .name = "part",
	.size = sizeof(struct part),
	.extra = extra,
	.events = rows,
	.down = going_down,
	.up = coming_up,
	.begin = begin,
	.end = end };

static const struct cactus_chain chains[] = { { "down", "up", CACTUS_NO_INDEX, true }, { "down", "up", 1, false } };
static const struct cactus_service service = { .chains = chains, .chain_count = 2 };

static struct part images[6];
static struct cactus_spec specs[6];
static struct world world;

static int setup(void **state)
{
	static const char *const names[] = { "a", "b", "c", "d", "e", "f" };
	static const unsigned orders[] = { 30, 10, 20, 999, 1, 500 };

	world_start(&world);
	for (unsigned i = 0; i < 6; i++) {
		images[i] = (struct part){ .index = i + 1, .secret = 0x5ec4e7 };
		specs[i] = (struct cactus_spec){ &mp, names[i], &images[i], orders[i], i < 4 ? 0 : 1, true, true };
	}
	*state = &world;
	return 0;
}

static void mirrored(void **state)
{
	struct world *w = *state;

	specs[3].up = false;
	specs[0].down = false;
	world_open(w, &service, specs, 6);
	assert_story(w, "+a +b +c +d +e +f");
	cactus_raise(w->c, cactus_down_event(w->c, 0), NULL);
	assert_story(w, "vb vc vd");
	cactus_raise(w->c, cactus_up_event(w->c, 0), NULL);
	assert_story(w, "^a ^c ^b");
	cactus_raise(w->c, cactus_down_event(w->c, 1), NULL);
	cactus_raise(w->c, cactus_up_event(w->c, 1), NULL);
	assert_story(w, "ve vf ^f ^e");
	cactus_raise(w->c, cactus_event_named(w->c, "tick", 3), NULL);
	assert_story(w, "tickc");
	cactus_raise(w->c, cactus_event_named(w->c, "all", CACTUS_NO_INDEX), NULL);
	assert_story(w, "ticka tickb tickc tickd ticke tickf");
	assert_int_equal(cactus_event_named(w->c, "down", 1), cactus_down_event(w->c, 1));
	world_end(w);
	assert_story(w, "-f -e -d -c -b -a");
}

static void heads_and_extra_state(void **state)
{
	struct world *w = *state;
	const struct part *p;

	specs[4].up = false;
	world_open(w, &service, specs, 6);
	assert_int_equal(cactus_state_count(w->c), 6);
	assert_null(cactus_state(w->c, 6));
	assert_ptr_equal(cactus_owner(w->c), w);
	assert_ptr_equal(cactus_platform_of(w->c), &w->platform);
	for (unsigned i = 0; i < 6; i++) {
		p = cactus_state(w->c, i);
		assert_ptr_equal(p->head.cactus, w->c);
		assert_ptr_equal(p->head.mp, &mp);
		assert_string_equal(p->head.name, specs[i].name);
		assert_int_equal(p->head.order, specs[i].order);
		assert_int_equal(p->head.number, i);
		assert_int_equal(p->head.chain, specs[i].chain);
		assert_int_equal(p->secret, 0x5ec4e7);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
	}
	for (unsigned i = 0; i < 6; i++) { /* filled by begin, of its own size, and nobody else's is touched */
		const uint8_t *bytes = cactus_extra(cactus_state(w->c, i));

		for (unsigned k = 0; k < 16; k++)
			assert_int_equal(bytes[k], k < i + 1 ? 0xa5 : 0);
	}
	world_end(w);
}

static void a_refused_begin_is_undone(void **state)
{
	struct world *w = *state;

	images[2].refuses = 1;
	assert_int_equal(world_compose(w, &service, specs, 6), CACTUS_OK);
	assert_int_equal(cactus_create(w->composition, &w->platform, w, NULL, NULL, &w->c), CACTUS_REFUSED);
	assert_null(w->c);
	assert_story(w, "+a +b +c -b -a");
	world_end(w);
	cactus_destroy(NULL);
}

static void fill_in(void *context, void *state, size_t n)
{
	struct part *p = state;

	assert_ptr_equal(context, &world);
	assert_false(p->begun);
	assert_int_equal(p->head.number, n);
	p->secret = (uint32_t)n;
}

static void prepared_before_begin(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_compose(w, &service, specs, 6), CACTUS_OK);
	assert_int_equal(cactus_create(w->composition, &w->platform, w, fill_in, w, &w->c), CACTUS_OK);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(((struct part *)cactus_state(w->c, i))->secret, i);
	world_end(w);
}

static void instances_share_nothing_that_changes(void **state)
{
	struct world *w = *state;
	struct cactus *other;

	world_open(w, &service, specs, 6);
	assert_int_equal(cactus_create(w->composition, &w->platform, w, NULL, NULL, &other), CACTUS_OK);
	((struct part *)cactus_state(w->c, 0))->secret = 1;
	assert_int_equal(((struct part *)cactus_state(other, 0))->secret, 0x5ec4e7);
	cactus_event_delete(w->c, cactus_down_event(w->c, 0));
	w->story[0] = '\0';
	cactus_raise(other, cactus_down_event(other, 0), NULL);
	assert_story(w, "vb vc va vd");
	cactus_destroy(other);
	world_end(w);
}

static enum cactus_verdict count_one(void *self, void *argument)
{
	(void)self;
	(void)argument;
	return CACTUS_NEXT;
}

static void one_block_of_little_memory(void **state)
{
	struct world *w = *state;
	size_t before, states = 0;

	assert_int_equal(world_compose(w, &service, specs, 6), CACTUS_OK);
	before = w->bytes;
	assert_int_equal(cactus_create(w->composition, &w->platform, w, NULL, NULL, &w->c), CACTUS_OK);
	assert_int_equal(w->blocks, 2);
	assert_int_equal(w->bytes - before, cactus_instance_size(w->composition));
	assert_int_equal(w->bytes - before, cactus_memory(w->c));
	for (unsigned i = 0; i < 6; i++)
		states += sizeof(struct part) + 16;
	print_message("# 6 micro-protocols, 24 bindings: %zu bytes, %zu of them states\n",
	    cactus_instance_size(w->composition), states);
	assert_true(cactus_instance_size(w->composition) - states < 2560);
	world_end(w);
}

/* What is bound, named, planned and queued beyond the first room is counted, and what a raise keeps as well. */
static void all_memory_is_counted(void **state)
{
	struct world *w = *state;
	size_t before;

	assert_int_equal(world_compose(w, &service, specs, 6), CACTUS_OK);
	before = w->bytes;
	assert_int_equal(cactus_create(w->composition, &w->platform, w, NULL, NULL, &w->c), CACTUS_OK);
	for (unsigned i = 0; i < 100; i++) {
		cactus_event event = cactus_event_named(w->c, "one_", i);

		assert_true(event != 0);
		assert_true(cactus_bind(w->c, event, count_one, 500, w) != 0);
		assert_true(cactus_raise_later(w->c, event, NULL, 1000 + i) != 0);
		assert_int_equal(cactus_freeze(w->c), CACTUS_OK);
		assert_int_equal(w->bytes - before, cactus_memory(w->c));
	}
	assert_true(cactus_memory(w->c) > cactus_instance_size(w->composition));
	world_end(w);
}

static void trace_one(void *context, const struct cactus_step *step)
{
	*(struct cactus_step *)context = *step;
}

static void a_trace_knows_the_instance(void **state)
{
	struct world *w = *state;
	struct cactus_step step = { .order = 0 };

	world_open(w, &service, specs, 6);
	cactus_trace(w->c, trace_one, &step);
	cactus_raise(w->c, cactus_up_event(w->c, 0), NULL);
	assert_ptr_equal(step.instance, cactus_state(w->c, 1));
	assert_int_equal(step.order, 990);
	world_end(w);
}

/* A life with everything that takes memory in it.  Answers whether something failed, which must have been told. */
static bool live(struct world *w)
{
	static struct actor actors[40];
	bool failed = false;

	if (world_compose(w, &service, specs, 6) < 0)
		return true;
	if (cactus_create(w->composition, &w->platform, w, NULL, NULL, &w->c) < 0)
		return true;
	for (unsigned i = 0; i < 40; i++) {
		const cactus_event e = cactus_event_named(w->c, "run", i);

		actors[i] = (struct actor){ .world = w, .word = "" };
		failed |= e == 0;
		if (e != 0)
			failed |= cactus_bind(w->c, e, act, 5, &actors[i]) == 0;
		if (e != 0)
			failed |= cactus_raise_later(w->c, e, NULL, i) == 0;
		if (i % 10 == 9)
			failed |= cactus_freeze(w->c) < 0;
	}
	w->monotonic += 100;
	cactus_run_due(w->c);
	return failed;
}

static void every_allocation_may_fail(void **state)
{
	long n = 0;
	bool failed;

	do {
		setup(state);
		world.fail_at = ++n;
		world.composition = NULL;
		failed = live(&world);
		assert_int_equal(failed, world.allocations >= n);
		world_end(&world);
	} while (failed);
	assert_true(n > 8);
	print_message("# %ld allocations\n", n - 1);
}

/* More bindings than the block has room for, made while beginning: composing goes wrong in the middle. */
static int begin_greedily(void *self)
{
	struct part *p = self;

	for (unsigned i = 0; i < 60; i++)
		if (cactus_bind(p->head.cactus, cactus_event_named(p->head.cactus, "g", i), on_tick, 1, p) == 0)
			return -1;
	return 0;
}

static void every_allocation_of_a_greedy_one_may_fail(void **state)
{
	struct cactus_mp greedy = mp;
	struct world *w = *state;
	int status;

	greedy.begin = begin_greedily;
	for (unsigned i = 0; i < 6; i++)
		specs[i].mp = &greedy;
	assert_int_equal(world_compose(w, &service, specs, 6), CACTUS_OK);
	for (long n = 1;; n++) {
		w->allocations = 0;
		w->fail_at = n;
		w->c = NULL;
		status = cactus_create(w->composition, &w->platform, w, NULL, NULL, &w->c);
		w->story[0] = '\0';
		if (status == CACTUS_OK)
			break;
		assert_null(w->c);
		assert_int_equal(w->blocks, 1);
	}
	world_end(w);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		CASE(mirrored),
		CASE(heads_and_extra_state),
		CASE(a_refused_begin_is_undone),
		CASE(prepared_before_begin),
		CASE(instances_share_nothing_that_changes),
		CASE(one_block_of_little_memory),
		CASE(all_memory_is_counted),
		CASE(a_trace_knows_the_instance),
		CASE(every_allocation_may_fail),
		CASE(every_allocation_of_a_greedy_one_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
