/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SeqReplayPrevention (TR 99-08, 3.3.4): accepts a message only if its number is greater than all accepted before.
 *
 * It adds no byte.  The number is the session's own: implied on a stream, part of the header on datagrams, and covered by
 * every layer that authenticates; without one of those a stranger can change it.  A datagram that was overtaken is refused,
 * too: this layer is for links that keep the order.
 */
#include "seccomm_module.h"

struct sequence {
	struct seccomm_self self;
	bool any; /* LAST is of a message */
	uint64_t last;
	cactus_column seen; /* marks the messages that came up through this layer, not through another lane's */
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
	if (!cactus_set(argument, s->seen, &(uint8_t){ 1 }, 1))
		return seccomm_refuse(self, argument, SECCOMM_ALERT_INTERNAL);
	return CACTUS_NEXT;
}

/* Once more, for another message may have been accepted while this one was waiting. */
static enum cactus_verdict prepare(void *self, void *argument)
{
	const struct sequence *s = self;

	return cactus_get(argument, s->seen, NULL) ? up(self, argument) : CACTUS_NEXT;
}

static enum cactus_verdict accepted(void *self, void *argument)
{
	struct sequence *s = self;

	if (cactus_get(argument, s->seen, NULL)) {
		s->any = true;
		s->last = seccomm_sequence(argument);
	}
	return CACTUS_NEXT;
}

const struct seccomm_mp mp_replay_sequence = {
	.cactus = {
		.name = "anti-replay:sequence",
		.summary = "refuses a message whose number is not greater than that of the last accepted one",
		.size = sizeof(struct sequence),
		.provides = (const struct cactus_tie[]){ { .capability = "freshness" }, { 0 } },
		.attributes = (const struct cactus_attribute[]){
			{ .name = "seen", .scope = CACTUS_LOCAL, .bytes = 1, .at = CACTUS_AT(struct sequence, seen) }, { 0 } },
		.events = (const struct cactus_event_row[]){
			{ .event = "msgPrepare", .handler = prepare },
			{ .event = "msgAccepted", .handler = accepted },
			{ 0 } },
		.down = down,
		.up = up,
	},
	.layer = "anti-replay",
	.word = "sequence",
	.paper = "SeqReplayPrevention",
	.class_of = SECCOMM_REPLAY,
	.standing = SECCOMM_MODERN,
	.gives = SECCOMM_GIVES_FRESHNESS,
	.revision = 1,
	.counts = true,
	.wire = "body",
};
