/* SPDX-License-Identifier: Apache-2.0 */
/*
 * park.c - raising messages, and messages that wait.
 *
 * All waiting messages of an instance are one list.  A held one knows the place of the handler that holds it, so that
 * it goes on there whatever was bound or unbound in between; one that queues behind another has HELD_AFTER 0.  On a
 * FIFO chain a message that is held goes in front: what waits by then came later.
 */
#include "internal.h"

static size_t waiting(const struct cactus *c, cactus_event event)
{
	size_t n = 0;

	for (const struct cactus_msg *m = c->parked; m != NULL; m = m->next)
		n += m->held_on == event;
	return n;
}

static bool is_fifo(const struct cactus *c, cactus_event event)
{
	const struct cactus_service *service = c->composition->service;

	for (size_t i = 0; i < service->chain_count; i++)
		if (c->chains[i][DOWN] == event || c->chains[i][UP] == event)
			return service->chains[i].fifo;
	return false;
}

static void put(struct cactus_msg **link, struct cactus_msg *msg, cactus_event event, struct tag after)
{
	cactus_msg_keep(msg);
	msg->held_on = event;
	msg->held_after = after.binding;
	msg->held_order = after.order;
	msg->next = *link;
	*link = msg;
}

/* Whether MSG must wait or be refused before any handler runs; *VERDICT is then the answer. */
static bool is_kept_back(struct cactus *c, cactus_event event, struct cactus_msg *msg, enum cactus_verdict *verdict)
{
	const size_t before = waiting(c, event);
	struct cactus_msg **link = &c->parked;

	*verdict = CACTUS_STOP;
	if (before >= CACTUS_HELD_MAX)
		return true;
	if (before == 0 || !is_fifo(c, event))
		return false;
	if (msg->held_on != 0)
		return true; /* it waits somewhere else, and can do so only once */
	while (*link != NULL)
		link = &(*link)->next;
	put(link, msg, event, (struct tag){ 0, 0 });
	*verdict = CACTUS_HOLD;
	return true;
}

/* Parks MSG at the handler where WALK has come to; a message that is parked already cannot be held once more. */
CORE_COLD static enum cactus_verdict hold(
    struct cactus *c, cactus_event event, struct cactus_msg *msg, const struct walk *walk)
{
	if (msg->held_on != 0)
		return CACTUS_STOP;
	put(&c->parked, msg, event, walk->in->tags[walk->at - walk->in->slots]);
	return CACTUS_HOLD;
}

/* Runs WALK.  Parks MSG before leaving, for what was queued may already resume it. */
static enum cactus_verdict run(struct cactus *c, cactus_event event, struct cactus_msg *msg, struct walk walk)
{
	uint32_t depth = core_enter(c);
	enum cactus_verdict verdict = core_run(c, &walk, event, msg, msg);

	if (verdict == CACTUS_HOLD)
		verdict = hold(c, event, msg, &walk);
	return core_leave(c, depth, verdict);
}

/* As core_walk(), but quick where nothing special is on. */
static struct walk from_start(struct cactus *c, cactus_event event)
{
	if (event >= c->limit)
		return core_walk(c, event, 0, 0);
	return (struct walk){ c->frozen, c->slots + c->first[event], c->slots + c->first[event + 1] };
}

CORE_COLD static enum cactus_verdict raise_msg_slowly(struct cactus *c, cactus_event event, struct cactus_msg *msg)
{
	enum cactus_verdict verdict;

	if (c->parked != NULL && is_kept_back(c, event, msg, &verdict))
		return verdict;
	return run(c, event, msg, from_start(c, event));
}

/* The walk itself, as cactus_raise() does it; whatever is special goes the slow way. */
enum cactus_verdict cactus_raise_msg(struct cactus *c, cactus_event event, struct cactus_msg *msg)
{
	const struct frozen *in = c->frozen;
	const struct slot *s, *end;
	uint32_t depth;

	if (c->parked != NULL || event >= c->limit)
		return raise_msg_slowly(c, event, msg);
	s = c->slots + c->first[event];
	end = c->slots + c->first[event + 1];
	depth = core_enter(c);
	for (; s < end; s++) {
		enum cactus_verdict verdict = s->handler(s->self, msg);

		if (verdict == CACTUS_HOLD)
			verdict = hold(c, event, msg, &(struct walk){ in, s, end });
		if (verdict != CACTUS_NEXT)
			return core_leave(c, depth, verdict);
	}
	return core_leave(c, depth, CACTUS_NEXT);
}

/* Takes *LINK out of the list.  Its reference is then the caller's. */
static struct cactus_msg *take(struct cactus_msg **link)
{
	struct cactus_msg *msg = *link;

	*link = msg->next;
	msg->next = NULL;
	msg->held_on = 0;
	return msg;
}

static struct cactus_msg **first_on(struct cactus *c, cactus_event event)
{
	struct cactus_msg **link = &c->parked;

	while (*link != NULL && (*link)->held_on != event)
		link = &(*link)->next;
	return link;
}

static void run_queued(struct cactus *c, cactus_event event)
{
	for (;;) {
		struct cactus_msg **link = first_on(c, event);
		struct cactus_msg *msg;

		if (*link == NULL || (*link)->held_after != 0)
			return;
		msg = take(link);
		(void)run(c, event, msg, from_start(c, event));
		cactus_msg_release(msg);
	}
}

void cactus_resume(struct cactus *c, struct cactus_msg *msg, enum cactus_verdict verdict)
{
	struct cactus_msg **link = &c->parked;
	cactus_event event;
	uint32_t depth;

	while (*link != NULL && *link != msg)
		link = &(*link)->next;
	if (*link == NULL || msg->held_after == 0)
		return;
	event = msg->held_on;
	(void)take(link);
	depth = core_enter(c);
	if (verdict == CACTUS_NEXT)
		(void)run(c, event, msg, core_walk(c, event, msg->held_order, msg->held_after));
	cactus_msg_release(msg);
	run_queued(c, event);
	(void)core_leave(c, depth, CACTUS_NEXT);
}

void core_forget_parked(struct cactus *c, cactus_event event)
{
	for (;;) {
		struct cactus_msg **link = event == 0 ? &c->parked : first_on(c, event);

		if (*link == NULL)
			return;
		cactus_msg_release(take(link));
	}
}
