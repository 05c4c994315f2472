/* SPDX-License-Identifier: Apache-2.0 */
/*
 * raise.c - raising events, at once and queued.
 *
 * The usual raise has one test in front of the walk: LIMIT is 0 when bindings have changed and while traced, and an
 * event that does not exist is not below it either.  All these go the slow way, which is in walk.c so that nothing of
 * it (stack protector, saved registers) is paid for here.
 */
#include "internal.h"

enum cactus_verdict cactus_raise(struct cactus *c, cactus_event event, void *argument)
{
	const struct slot *s, *end;
	uint32_t depth;

	if (event >= c->limit)
		return core_raise_slowly(c, event, argument);
	s = c->slots + c->first[event];
	end = c->slots + c->first[event + 1];
	depth = core_enter(c);
	for (; s < end; s++)
		if (s->handler(s->self, argument) != CACTUS_NEXT)
			return core_leave(c, depth, CACTUS_STOP);
	return core_leave(c, depth, CACTUS_NEXT);
}

int cactus_raise_async(struct cactus *c, cactus_event event, void *argument)
{
	if (c->depth == 0 && !c->settling) {
		(void)cactus_raise(c, event, argument);
		return CACTUS_OK;
	}
	if (c->queue_tail == c->queue_room && c->queue_head >= c->queue_room / 2) {
		for (uint32_t i = c->queue_head; i < c->queue_tail; i++)
			c->queue[i - c->queue_head] = c->queue[i];
		c->queue_tail -= c->queue_head;
		c->queue_head = 0;
	}
	if (c->queue_tail == c->queue_room) {
		struct queued *queue = core_enlarge(c, c->queue, sizeof(*queue), &c->queue_room);

		if (queue == NULL)
			return CACTUS_NO_MEMORY;
		c->queue = queue;
	}
	c->queue[c->queue_tail++] = (struct queued){ argument, event };
	c->unsettled = true;
	return CACTUS_OK;
}
