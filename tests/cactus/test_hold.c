/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: messages that are held, go on, queue, and are released; on plain events and on FIFO chains. */
#include <stdio.h>

#include "world.h"

static const struct cactus_chain chains[] = { { "fifoDown", "fifoUp", CACTUS_NO_INDEX, true },
	{ "down", "up", CACTUS_NO_INDEX, false } };
static const struct cactus_service service = { .chains = chains, .chain_count = 2 };

struct letter {
	struct cactus_msg msg;
	char word[8];
	uint8_t buffer[8];
	struct world *world;
};
static int freed;

static void free_letter(struct cactus_msg *msg)
{
	freed++;
	free(msg);
}

static struct letter *write_letter(struct world *w, int n)
{
	struct letter *l = calloc(1, sizeof(*l));

	assert_non_null(l);
	cactus_msg_init(&l->msg, w->composition, l->buffer, sizeof(l->buffer), 0, 0, NULL);
	l->msg.destroy = free_letter;
	l->world = w;
	snprintf(l->word, sizeof(l->word), "%d", n);
	return l;
}

/* A handler that holds the messages whose number is odd, or all, or none. */
struct keeper {
	struct world *world;
	const char *word;
	enum { NONE, ODD, ALL } holds;
	cactus_binding binding;
	struct cactus_msg *last;
	void (*deed)(struct keeper *, struct cactus_msg *);
};

static enum cactus_verdict keep(void *self, void *argument)
{
	struct keeper *k = self;
	struct letter *l = argument;
	char word[20];

	snprintf(word, sizeof(word), "%s%s", k->word, l->word);
	tell(k->world, word);
	k->last = argument;
	if (k->deed != NULL)
		k->deed(k, argument);
	return k->holds == ALL || (k->holds == ODD && (l->word[0] - '0') % 2 == 1) ? CACTUS_HOLD : CACTUS_NEXT;
}

static struct keeper x, y, z;

static void bind_three(struct world *w, cactus_event e)
{
	struct keeper *all[] = { &x, &y, &z };
	static const char *const words[] = { "x", "y", "z" };

	for (unsigned i = 0; i < 3; i++) {
		*all[i] = (struct keeper){ .world = w, .word = words[i] };
		all[i]->binding = cactus_bind(w->c, e, keep, 10 * (i + 1), all[i]);
		assert_int_not_equal(all[i]->binding, 0);
	}
}

static int setup(void **state)
{
	static struct world w;

	freed = 0;
	world_start(&w);
	world_open(&w, &service, NULL, 0);
	bind_three(&w, cactus_down_event(w.c, 0));
	bind_three(&w, cactus_down_event(w.c, 1)); /* the same three, on both */
	*state = &w;
	return 0;
}

static int teardown(void **state)
{
	world_end(*state);
	return 0;
}

static enum cactus_verdict send(struct world *w, unsigned chain, int n, struct cactus_msg **out)
{
	struct letter *l = write_letter(w, n);
	const enum cactus_verdict v = cactus_raise_msg(w->c, cactus_down_event(w->c, chain), &l->msg);

	if (out != NULL)
		*out = &l->msg;
	cactus_msg_release(&l->msg);
	return v;
}

static void a_held_message_goes_on_behind_its_holder(void **state)
{
	struct world *w = *state;
	struct cactus_msg *m;

	y.holds = ALL;
	assert_int_equal(send(w, 1, 1, &m), CACTUS_HOLD);
	assert_story(w, "x1 y1");
	assert_int_equal(m->references, 1);
	cactus_resume(w->c, m, CACTUS_NEXT);
	assert_story(w, "z1");
	assert_int_equal(freed, 1);
	assert_int_equal(send(w, 1, 2, &m), CACTUS_HOLD);
	cactus_resume(w->c, m, CACTUS_STOP);
	assert_story(w, "x2 y2");
	assert_int_equal(freed, 2);
	cactus_resume(w->c, m, CACTUS_NEXT); /* waits no longer: ignored */
}

static void plain_events_let_messages_overtake(void **state)
{
	struct world *w = *state;
	struct cactus_msg *one, *three;

	y.holds = ODD;
	assert_int_equal(send(w, 1, 1, &one), CACTUS_HOLD);
	assert_int_equal(send(w, 1, 2, NULL), CACTUS_NEXT);
	assert_int_equal(send(w, 1, 3, &three), CACTUS_HOLD);
	assert_story(w, "x1 y1 x2 y2 z2 x3 y3");
	cactus_resume(w->c, three, CACTUS_NEXT);
	cactus_resume(w->c, one, CACTUS_NEXT);
	assert_story(w, "z3 z1");
	assert_int_equal(freed, 3);
}

static void fifo_chains_do_not(void **state)
{
	struct world *w = *state;
	struct cactus_msg *one, *two, *three;

	y.holds = ODD;
	assert_int_equal(send(w, 0, 1, &one), CACTUS_HOLD);
	assert_int_equal(send(w, 0, 2, &two), CACTUS_HOLD);
	assert_int_equal(send(w, 0, 3, &three), CACTUS_HOLD);
	assert_int_equal(send(w, 0, 4, NULL), CACTUS_HOLD);
	assert_int_equal(send(w, 1, 6, NULL), CACTUS_NEXT);
	assert_story(w, "x1 y1 x6 y6 z6");
	cactus_resume(w->c, two, CACTUS_NEXT); /* nobody holds it: ignored */
	assert_story(w, "");
	cactus_resume(w->c, one, CACTUS_NEXT);
	assert_story(w, "z1 x2 y2 z2 x3 y3");
	assert_int_equal(send(w, 0, 8, NULL), CACTUS_HOLD);
	cactus_resume(w->c, three, CACTUS_STOP);
	assert_story(w, "x4 y4 z4 x8 y8 z8");
	assert_int_equal(send(w, 0, 0, NULL), CACTUS_NEXT);
	assert_story(w, "x0 y0 z0");
	assert_int_equal(freed, 7);
}

static void held_twice_on_its_way(void **state)
{
	struct world *w = *state;
	struct cactus_msg *m;

	x.holds = z.holds = ODD;
	assert_int_equal(send(w, 0, 1, &m), CACTUS_HOLD);
	assert_int_equal(send(w, 0, 2, NULL), CACTUS_HOLD);
	cactus_resume(w->c, m, CACTUS_NEXT);
	assert_story(w, "x1 y1 z1");
	cactus_resume(w->c, m, CACTUS_NEXT);
	assert_story(w, "x2 y2 z2");
	assert_int_equal(freed, 2);
}

static void at_most_so_many_wait(void **state)
{
	for (unsigned chain = 0; chain < 2; chain++) {
		struct world *w = *state;
		struct cactus_msg *first, *other;

		y.holds = ALL;
		x.word = y.word = z.word = "";
		assert_int_equal(send(w, chain, 0, &first), CACTUS_HOLD);
		for (int i = 1; i < CACTUS_HELD_MAX; i++) {
			assert_int_equal(send(w, chain, 0, NULL), CACTUS_HOLD);
			w->story[0] = '\0';
		}
		assert_int_equal(send(w, chain, 0, &other), CACTUS_STOP);
		assert_story(w, "");
		y.holds = NONE;
		cactus_resume(w->c, first, CACTUS_STOP);
		w->story[0] = '\0';
		if (chain == 1) {
			assert_int_equal(send(w, chain, 0, NULL), CACTUS_NEXT);
			w->story[0] = '\0';
		}
	}
}

static void the_holder_may_go(void **state)
{
	struct world *w = *state;
	struct keeper late = { .world = w, .word = "late" }, early = { .world = w, .word = "early" };
	struct cactus_msg *m;

	y.holds = ALL;
	assert_int_equal(send(w, 0, 1, &m), CACTUS_HOLD);
	cactus_unbind(w->c, y.binding);
	/* y.binding is that of the second chain */
	assert_int_equal(send(w, 1, 2, NULL), CACTUS_NEXT);
	cactus_resume(w->c, m, CACTUS_NEXT);
	assert_story(w, "x1 y1 x2 z2 z1");
	bind_three(w, cactus_event_named(w->c, "third", CACTUS_NO_INDEX));
	y.holds = ALL;
	m = &write_letter(w, 3)->msg;
	assert_int_equal(cactus_raise_msg(w->c, cactus_event_named(w->c, "third", CACTUS_NO_INDEX), m), CACTUS_HOLD);
	cactus_unbind(w->c, y.binding);
	assert_int_not_equal(cactus_bind(w->c, m->held_on, keep, 20, &late), 0);
	assert_int_not_equal(cactus_bind(w->c, m->held_on, keep, 19, &early), 0);
	assert_int_equal(cactus_freeze(w->c), CACTUS_OK);
	cactus_resume(w->c, m, CACTUS_NEXT);
	assert_story(w, "x3 y3 late3 z3");
	cactus_msg_release(m);
	assert_int_equal(freed, 3);
}

static enum cactus_verdict resume_it(void *self, void *argument)
{
	struct keeper *k = self;

	cactus_resume(k->world->c, argument, CACTUS_NEXT);
	return CACTUS_NEXT;
}

static void deed_ask_for_resume(struct keeper *k, struct cactus_msg *msg)
{
	const cactus_event e = cactus_event_named(k->world->c, "resume", CACTUS_NO_INDEX);

	assert_int_equal(cactus_raise_async(k->world->c, e, msg), CACTUS_OK);
}

static void what_was_queued_finds_the_message_parked(void **state)
{
	struct world *w = *state;

	assert_int_not_equal(
	    cactus_bind(w->c, cactus_event_named(w->c, "resume", CACTUS_NO_INDEX), resume_it, 1, &x), 0);
	y.holds = ALL;
	y.deed = deed_ask_for_resume;
	assert_int_equal(send(w, 1, 1, NULL), CACTUS_HOLD);
	assert_story(w, "x1 y1 z1");
	assert_int_equal(freed, 1);
}

static void deed_send_nested(struct keeper *k, struct cactus_msg *msg)
{
	(void)msg;
	k->deed = NULL;
	assert_int_equal(send(k->world, 0, 5, NULL), CACTUS_HOLD);
}

static void raised_while_the_queue_runs(void **state)
{
	struct world *w = *state;
	struct cactus_msg *one;

	y.holds = ODD;
	assert_int_equal(send(w, 0, 1, &one), CACTUS_HOLD);
	assert_int_equal(send(w, 0, 2, NULL), CACTUS_HOLD);
	assert_int_equal(send(w, 0, 4, NULL), CACTUS_HOLD);
	z.deed = deed_send_nested; /* from within 1's last handler: behind 4 */
	cactus_resume(w->c, one, CACTUS_NEXT);
	assert_story(w, "x1 y1 z1 x2 y2 z2 x4 y4 z4 x5 y5");
}

static void a_message_waits_in_one_place_only(void **state)
{
	struct world *w = *state;
	struct cactus_msg *m;

	y.holds = ALL;
	assert_int_equal(send(w, 1, 1, &m), CACTUS_HOLD);
	assert_int_equal(cactus_raise_msg(w->c, cactus_down_event(w->c, 0), m), CACTUS_STOP);
	cactus_resume(w->c, m, CACTUS_NEXT);
	assert_story(w, "x1 y1 x1 y1 z1");
	assert_int_equal(freed, 1);
}

static void deleting_an_event_releases_what_waits(void **state)
{
	struct world *w = *state;
	struct cactus_msg *m;

	y.holds = ALL;
	assert_int_equal(send(w, 0, 1, &m), CACTUS_HOLD);
	assert_int_equal(send(w, 0, 2, NULL), CACTUS_HOLD);
	assert_int_equal(send(w, 1, 3, NULL), CACTUS_HOLD);
	cactus_event_delete(w->c, cactus_down_event(w->c, 0));
	assert_int_equal(freed, 2);
	cactus_resume(w->c, m, CACTUS_NEXT);
	assert_story(w, "x1 y1 x3 y3");
}

static void destroying_releases_what_waits(void **state)
{
	struct world *w = *state;

	y.holds = ALL;
	assert_int_equal(send(w, 0, 1, NULL), CACTUS_HOLD);
	assert_int_equal(send(w, 0, 2, NULL), CACTUS_HOLD);
	assert_int_equal(send(w, 1, 3, NULL), CACTUS_HOLD);
	assert_int_equal(freed, 0);
	cactus_destroy(w->c);
	w->c = NULL;
	assert_int_equal(freed, 3);
}

/* A micro-protocol that lets a message go on only when the store has synced. */
struct evidence {
	struct cactus_instance head;
	struct cactus_msg *waiting;
	bool asking, done;
};

static void synced(void *argument, int status)
{
	struct evidence *e = argument;

	e->done = true;
	if (!e->asking)
		cactus_resume(e->head.cactus, e->waiting, status < 0 ? CACTUS_STOP : CACTUS_NEXT);
}

static enum cactus_verdict record(void *self, void *argument)
{
	struct evidence *e = self;
	const struct cactus_platform *p = cactus_platform_of(e->head.cactus);
	int status;

	e->waiting = argument;
	e->asking = true;
	e->done = false;
	status = p->store->sync(p->context, "evidence", synced, e);
	e->asking = false;
	if (status < 0)
		return CACTUS_STOP;
	return e->done ? CACTUS_NEXT : CACTUS_HOLD;
}

static void a_store_through_hold(void **state)
{
	static const struct cactus_mp mp = { .name = "evidence", .size = sizeof(struct evidence), .down = record };
	static struct world w;
	const struct evidence image = { .done = false };
	const struct cactus_spec spec = { .mp = &mp, .name = "e", .image = &image, .order = 15, .down = true };

	(void)state;
	freed = 0;
	world_start(&w);
	world_open(&w, &service, &spec, 1);
	bind_three(&w, cactus_down_event(w.c, 0));
	assert_int_equal(send(&w, 0, 1, NULL), CACTUS_HOLD);
	assert_int_equal(send(&w, 0, 2, NULL), CACTUS_HOLD);
	assert_story(&w, "x1");
	world_sync(&w);
	assert_story(&w, "y1 z1 x2");
	world_sync(&w);
	assert_story(&w, "y2 z2");
	w.sync_at_once = true;
	assert_int_equal(send(&w, 0, 3, NULL), CACTUS_NEXT);
	assert_story(&w, "x3 y3 z3");
	assert_int_equal(freed, 3);
	world_end(&w);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_held_message_goes_on_behind_its_holder),
		CASE(plain_events_let_messages_overtake),
		CASE(fifo_chains_do_not),
		CASE(held_twice_on_its_way),
		CASE(at_most_so_many_wait),
		CASE(the_holder_may_go),
		CASE(what_was_queued_finds_the_message_parked),
		CASE(raised_while_the_queue_runs),
		CASE(a_message_waits_in_one_place_only),
		CASE(deleting_an_event_releases_what_waits),
		CASE(destroying_releases_what_waits),
		cmocka_unit_test(a_store_through_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
