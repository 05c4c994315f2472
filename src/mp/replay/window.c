/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replay prevention for links that reorder (RFC 4303, 3.4.3): accepts each of the last numbers once, in whatever order they
 * come, and none that is older.
 *
 * It adds no byte.  The number is the session's own, as in sequence.c, and must be covered by a layer that authenticates.
 * The window moves only when a message has passed every layer, so a forged number cannot push it away.
 */
#include "seccomm_module.h"

enum { WORD_BITS = 64 };

struct window {
	struct seccomm_self self;
	uint32_t size;
	struct seccomm_window seen;
};

/* One word more than SIZE needs, for that of the greatest number is only partly used; a power of two of them. */
static uint32_t words(const struct window *w)
{
	uint32_t count = 2;

	while ((count - 1) * WORD_BITS <= w->size)
		count *= 2;
	return count;
}

static size_t bitmap_bytes(const void *image) { return words(image) * sizeof(uint64_t); }

static int begin(void *self)
{
	struct window *w = self;

	w->seen = (struct seccomm_window){ .words = words(w), .bits = cactus_extra(w) };
	return CACTUS_OK;
}

static enum cactus_verdict down(void *self, void *argument)
{
	(void)self;
	(void)argument;
	return CACTUS_NEXT;
}

static enum cactus_verdict up(void *self, void *argument)
{
	const struct window *w = self;

	switch (seccomm_window_check(&w->seen, seccomm_sequence(argument))) {
	case SECCOMM_WINDOW_NEW:
		return CACTUS_NEXT;
	case SECCOMM_WINDOW_SEEN:
		return seccomm_refuse(self, argument, SECCOMM_ALERT_REPLAYED);
	default:
		return seccomm_refuse(self, argument, SECCOMM_ALERT_TOO_OLD);
	}
}

static enum cactus_verdict accepted(void *self, void *argument)
{
	seccomm_window_accept(&((struct window *)self)->seen, seccomm_sequence(argument));
	return CACTUS_NEXT;
}

const struct seccomm_mp mp_replay_window = {
	.cactus = {
		.name = "anti-replay:window",
		.summary = "refuses a message that was accepted before, or that came so late that this is not known any more",
		.size = sizeof(struct window),
		.extra = bitmap_bytes,
		.params = (const struct cactus_param[]){
			{ .name = "size", .doc = "How many numbers behind the greatest one are told apart, at least.",
			    .at = CACTUS_AT(struct window, size), .kind = CACTUS_COUNT, .min = 64, .max = 8192, .dflt = 1024 },
			{ 0 } },
		.provides = (const struct cactus_tie[]){ { .capability = "freshness" }, { 0 } },
		.events = (const struct cactus_event_row[]){
			SECCOMM_PREPARE_EVENT(up), /* once more: another one may have been accepted while this one waited */
			SECCOMM_ACCEPTED_EVENT(accepted),
			{ 0 } },
		.down = down,
		.up = up,
		.begin = begin,
	},
	.layer = "anti-replay",
	.word = "window",
	.class_of = SECCOMM_REPLAY,
	.standing = SECCOMM_MODERN,
	.quantum = true,
	.gives = SECCOMM_GIVES_FRESHNESS,
	.revision = 1,
	.counts = true,
	.wire = "body",
};
