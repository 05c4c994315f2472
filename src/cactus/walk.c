/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk.c - the general way through an event's handlers: refreezing, from any place on, and traced;
 * and what follows the outermost raise.
 *
 * Tracing is a second loop, chosen before the first step.
 */
#include "internal.h"

static bool is_behind(const struct tag *tag, unsigned order, cactus_binding binding)
{
	return tag->order != order ? tag->order > order : tag->binding > binding;
}

struct walk core_walk(struct cactus *c, cactus_event event, unsigned order, cactus_binding binding)
{
	struct walk walk = { NULL, NULL, NULL };

	if (c->stale)
		(void)cactus_freeze(c); /* without memory the old array goes on, and the next raise tries again */
	walk.in = c->frozen;
	if (walk.in == NULL || event >= walk.in->limit)
		return walk;
	walk.at = walk.in->slots + walk.in->first[event];
	walk.end = walk.in->slots + walk.in->first[event + 1];
	while (walk.at < walk.end && !is_behind(&walk.in->tags[walk.at - walk.in->slots], order, binding))
		walk.at++;
	return walk;
}

static enum cactus_verdict run_traced(
    struct cactus *c, struct walk *walk, cactus_event event, void *argument, const struct cactus_msg *msg)
{
	const struct cactus_platform *p = c->platform;
	enum cactus_verdict verdict = CACTUS_NEXT;

	for (; walk->at < walk->end; walk->at++) {
		const void *self = walk->at->self;
		struct cactus_step step = { .event = event, .order = walk->in->tags[walk->at - walk->in->slots].order };
		uint64_t begun;

		step.instance = core_instance_of(c, self);
		step.before = msg == NULL ? 0 : msg->length;
		begun = p->monotonic_us(p->context);
		verdict = walk->at->handler(walk->at->self, argument);
		step.elapsed_us = p->monotonic_us(p->context) - begun;
		step.after = msg == NULL ? 0 : msg->length;
		step.verdict = verdict;
		if (c->trace != NULL)
			c->trace(c->trace_context, &step);
		if (verdict != CACTUS_NEXT)
			break;
	}
	return verdict;
}

enum cactus_verdict core_run(
    struct cactus *c, struct walk *walk, cactus_event event, void *argument, const struct cactus_msg *msg)
{
	enum cactus_verdict verdict = CACTUS_NEXT;

	if (c->trace != NULL)
		return run_traced(c, walk, event, argument, msg);
	while (walk->at < walk->end) {
		verdict = walk->at->handler(walk->at->self, argument);
		if (verdict != CACTUS_NEXT)
			break;
		walk->at++;
	}
	return verdict;
}

enum cactus_verdict core_settle(struct cactus *c, enum cactus_verdict verdict)
{
	core_drop_retired(c);
	c->unsettled = false;
	if (c->settling)
		return verdict; /* from within the loop below, which goes on */
	c->settling = true;
	while (c->queue_head < c->queue_tail) {
		const struct queued q = c->queue[c->queue_head++];

		(void)cactus_raise(c, q.event, q.argument);
	}
	c->queue_head = c->queue_tail = 0;
	c->settling = false;
	return verdict;
}

enum cactus_verdict core_raise_slowly(struct cactus *c, cactus_event event, void *argument)
{
	struct walk walk = core_walk(c, event, 0, 0);
	enum cactus_verdict verdict;
	uint32_t depth;

	depth = core_enter(c);
	verdict = core_run(c, &walk, event, argument, NULL);
	return core_leave(c, depth, verdict == CACTUS_NEXT ? CACTUS_NEXT : CACTUS_STOP);
}
