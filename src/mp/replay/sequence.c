/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SeqReplayPrevention (TR 99-08, 3.3.4): accepts a message only if its number is greater than all accepted before.
 *
 * It adds no byte.  The number is the session's own: implied on a stream, part of the header on datagrams, and covered by
 * every layer that authenticates; without one of those a stranger can change it.  A datagram that was overtaken is refused,
 * too: this layer is for links that keep the order.  Each epoch counts for itself, so what comes late of the one before is accepted for
 * as long as that is there (doc/wire.md, "The next epoch").
 */
#include "seccomm_module.h"

struct sequence {
	struct seccomm_self self;
	bool any; /* LAST is of a message */
	uint64_t last;
};

static enum cactus_verdict down(void *self, void *argument)
{
	(void)self;
	(void)argument;
	return CACTUS_NEXT;
}

static enum cactus_verdict up(void *self, void *argument)
{
	const struct sequence *s = self;

	if (s->any && seccomm_sequence(argument) <= s->last)
		return seccomm_refuse(self, argument, SECCOMM_ALERT_REPLAYED);
	return CACTUS_NEXT;
}

static enum cactus_verdict accepted(void *self, void *argument)
{
	struct sequence *s = self;

	s->any = true;
	s->last = seccomm_sequence(argument);
	return CACTUS_NEXT;
}

const struct seccomm_mp mp_replay_sequence = {
	.cactus = {
		.name = "anti-replay:sequence",
		.summary = "refuses a message whose number is not greater than that of the last accepted one",
		.size = sizeof(struct sequence),
		.provides = (const struct cactus_tie[]){ { .capability = "freshness" }, { 0 } },
		.events = (const struct cactus_event_row[]){
			SECCOMM_PREPARE_EVENT(up), /* once more: another one may have been accepted while this one waited */
			SECCOMM_ACCEPTED_EVENT(accepted),
			{ 0 } },
		.down = down,
		.up = up,
	},
	.layer = "anti-replay",
	.word = "sequence",
	.paper = "SeqReplayPrevention",
	.class_of = SECCOMM_REPLAY,
	.standing = SECCOMM_MODERN,
	.quantum = true,
	.gives = SECCOMM_GIVES_FRESHNESS,
	.revision = 1,
	.counts = true,
	.ordered = true,
	.wire = "body",
};
