/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TimeReplayPrevention (TR 99-08, Figure 5): a message carries when it was sent, and is refused when that is too old, too
 * far in the future, or the time of a message that was accepted before.
 *
 * The attribute "timestamp" (8) is the sender's wall clock in microseconds, strictly increasing in a session, so it names the
 * message.  The receiver keeps the accepted ones that are not yet too old, sorted, in a ring; what it has dropped is at most
 * FLOOR, which stays refused even if the clock is set back.
 */
#include "seccomm_module.h"

struct stamp {
	struct seccomm_self self;
	uint64_t max_age_us, max_skew_us;
	uint32_t cache, first, used; /* the ring: its size, where it begins, how many stamps are in it */
	uint64_t floor;		     /* the greatest stamp that was dropped */
	uint64_t sent;		     /* the sender's last */
	cactus_column column;
};

static size_t ring_bytes(const void *image) { return ((const struct stamp *)image)->cache * sizeof(uint64_t); }

/* The N-th smallest stamp. */
static uint64_t *at(struct stamp *s, uint32_t n) { return (uint64_t *)cactus_extra(s) + (s->first + n) % s->cache; }

static bool known(struct stamp *s, uint64_t t)
{
	uint32_t low = 0;

	for (uint32_t left = s->used; left > 0; left /= 2)
		if (*at(s, low + left / 2) < t) {
			low += left / 2 + 1;
			left--;
		}
	return low < s->used && *at(s, low) == t;
}

static bool too_old(const struct stamp *s, uint64_t now, uint64_t t) { return t < now && now - t > s->max_age_us; }

static enum cactus_verdict down(void *self, void *argument)
{
	struct stamp *s = self;
	const uint64_t now = seccomm_wall_us(self);

	s->sent = now > s->sent ? now : s->sent + 1;
	return cactus_set_u64(argument, s->column, s->sent) ? CACTUS_NEXT : seccomm_refuse(self, argument, SECCOMM_ALERT_INTERNAL);
}

/* Only ever subtracts the smaller from the greater: T is the peer's, or an enemy's, and a sum could wrap. */
static enum cactus_verdict up(void *self, void *argument)
{
	struct stamp *s = self;
	const uint64_t now = seccomm_wall_us(self);
	uint64_t t;

	if (!cactus_get_u64(argument, s->column, &t))
		return seccomm_refuse(self, argument, SECCOMM_ALERT_MALFORMED);
	if (t > now && t - now > s->max_skew_us)
		return seccomm_refuse(self, argument, SECCOMM_ALERT_FROM_FUTURE);
	if (known(s, t))
		return seccomm_refuse(self, argument, SECCOMM_ALERT_REPLAYED);
	return t <= s->floor || too_old(s, now, t) ? seccomm_refuse(self, argument, SECCOMM_ALERT_TOO_OLD) : CACTUS_NEXT;
}

/* What is forgotten raises the floor: a full ring costs late messages, never the ones that come now. */
static void forget(struct stamp *s, uint64_t now)
{
	for (; s->used > 0 && (s->used == s->cache || too_old(s, now, *at(s, 0))); s->used--) {
		s->floor = *at(s, 0) > s->floor ? *at(s, 0) : s->floor;
		s->first = (s->first + 1) % s->cache;
	}
}

/* Stamps come almost in order, so the place is found from the greatest downwards by moving those that came too early. */
static enum cactus_verdict accepted(void *self, void *argument)
{
	struct stamp *s = self;
	uint64_t t;
	uint32_t n;

	if (!cactus_get_u64(argument, s->column, &t))
		return CACTUS_NEXT;
	forget(s, seccomm_wall_us(self));
	for (n = s->used; n > 0 && *at(s, n - 1) > t; n--)
		*at(s, n) = *at(s, n - 1);
	*at(s, n) = t;
	s->used++;
	return CACTUS_NEXT;
}

static const struct cactus_param params[] = {
	{ .name = "max-age", .doc = "Oldest message that is accepted, by both ends' wall clocks.", .kind = CACTUS_DURATION,
	    .at = CACTUS_AT(struct stamp, max_age_us), .min = 1000, .max = 3600000000, .dflt = 5000000 },
	{ .name = "max-skew", .doc = "How far a message's time may lie in the receiver's future.", .kind = CACTUS_DURATION,
	    .at = CACTUS_AT(struct stamp, max_skew_us), .min = 0, .max = 3600000000, .dflt = 1000000 },
	{ .name = "cache", .doc = "How many messages are remembered; one older than all of them counts as too old.", .kind = CACTUS_COUNT,
	    .at = CACTUS_AT(struct stamp, cache), .min = 16, .max = 65536, .dflt = 1024 }, { 0 } };

const struct seccomm_mp mp_replay_timestamp = {
	.cactus = { .name = "anti-replay:timestamp",
		.summary = "refuses a message that is too old, from the future, or of a time that was accepted before",
		.size = sizeof(struct stamp), .extra = ring_bytes, .params = params, .down = down, .up = up,
		.provides = (const struct cactus_tie[]){ { .capability = "freshness" }, { 0 } },
		.attributes = (const struct cactus_attribute[]){
			{ .name = "timestamp", .scope = CACTUS_PEER, .bytes = 8, .at = CACTUS_AT(struct stamp, column) }, { 0 } },
		.events = (const struct cactus_event_row[]){
			SECCOMM_PREPARE_EVENT(up), /* once more, for the message may have waited */
			SECCOMM_ACCEPTED_EVENT(accepted), { 0 } } },
	.layer = "anti-replay", .word = "timestamp", .paper = "TimeReplayPrevention",
	.class_of = SECCOMM_REPLAY, .standing = SECCOMM_MODERN, .quantum = true, .gives = SECCOMM_GIVES_FRESHNESS, .revision = 1,
	.wire = "body, and the attribute timestamp (8) for the next packing" };
