/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sealed.c - the key messages of a renewal, each in a CONTROL message of the epoch that sends:
 *
 * mark (1) || configuration digest (32) || slots that are new (4) || attempt (8) || key message without its header
 *
 * Target and attempt are in the transcript, too, so that the keys of a slot that carries over are those of one attempt: the
 * client never sends two M1 under them, and the server never answers two.
 */
#include <string.h>

#include "seccomm/exchange.h"

struct head {
	uint8_t mark;
	const uint8_t *target;
	uint64_t attempt;
};

void sealed_head(const struct exchange *x, uint8_t mark, uint8_t out[CONTROL_KEY_HEAD])
{
	out[0] = mark;
	renew_target(x->epoch->plan, x->epoch->fresh, out + 1);
	cactus_put_u64(out + 1 + TARGET, x->attempt);
}

/* Whether MARK is of the first message of an exchange of TARGET. */
static bool is_first(uint8_t mark, const uint8_t target[TARGET])
{
	const uint32_t slots = cactus_u32(target + HASH), slot = mark & 31;

	return place_of(mark) == PLACE_M1 && (slots & ((UINT32_C(1) << slot) - 1)) == 0 && (slots >> slot & 1) == 1;
}

/*
 * It belongs to an attempt that is over, or to one whose beginning was taken: what was to be answered has been.  One that
 * could not be taken is welcome again.
 */
static bool is_late(const struct seccomm_session *session, const struct head *head)
{
	const struct exchange *x = session->exchange;

	if (x == NULL)
		return head->attempt <= session->renewal.attempt;
	return head->attempt < x->attempt || (head->attempt == x->attempt && !session_is_client(session) &&
						 x->attempt == session->renewal.attempt &&
						 is_first(head->mark, head->target));
}

/* Streams: this server has given the attempt up, but of several keys the client had begun the next one before it could know. */
static bool is_given_up(const struct seccomm_session *session, const struct head *head)
{
	return session->exchange == NULL && !session_is_client(session) && head->attempt == session->renewal.attempt &&
	       !is_first(head->mark, head->target);
}

/* A client may begin again before it has committed itself; on a stream it says first that it has given up. */
static bool begins(const struct seccomm_session *session, const struct head *head)
{
	const struct exchange *x = session->exchange;

	return !session_is_client(session) && is_first(head->mark, head->target) &&
	       (x == NULL ? head->attempt > session->renewal.attempt
			  : !session_fifo(session) && head->attempt > x->attempt);
}

static bool is_next(const struct seccomm_session *session, const struct head *head)
{
	const struct exchange *x = session->exchange;
	uint8_t ours[CONTROL_KEY_HEAD];

	if (x == NULL || exchange_is_opening(session) || judge_place(x->stage) < 0)
		return false;
	sealed_head(x, mark_of(x->slot, (uint64_t)judge_place(x->stage)), ours);
	return head->mark == ours[0] && head->attempt == x->attempt && memcmp(head->target, ours + 1, TARGET) == 0;
}

/* Through the layers under the key, behind the header that it would have had. */
static void take(struct seccomm_session *session, uint8_t *body, size_t length)
{
	struct exchange *x = session->exchange;
	struct frame frame = { .lane = LANE_KEY + x->slot,
		.epoch = (uint8_t)x->epoch->number,
		.index = session->receive_index,
		.length = length };
	uint8_t *wire = body - FRAME_HEADER;

	frame_write(session->plan->link, &frame, wire);
	judge_layered(session, &frame, wire, FRAME_HEADER + length);
	x = session->exchange; /* it may have ended */
	if (x != NULL && x->failed != NULL && session->ending > 0)
		renew_give_up(session, x->failed);
}

void sealed_take(struct epoch *epoch, uint8_t *bytes, size_t length)
{
	struct seccomm_session *session = epoch->session;
	const struct head head = { bytes[0], bytes + 1, cactus_u64(bytes + 1 + TARGET) };
	uint8_t *body = bytes + CONTROL_KEY_HEAD, hash[HASH] = { 0 };

	length -= CONTROL_KEY_HEAD;
	if (judge_repeated(session, body, length, hash))
		return;
	if (session_fifo(session) ? is_given_up(session, &head) : epoch != session->epoch || is_late(session, &head))
		return;
	if (!renew_is_sound(session, head.target)) {
		judge_refuse(session, SECCOMM_ALERT_MALFORMED, "new keys for slots that the session does not have");
		return;
	}
	if (begins(session, &head) && !renew_answer(session, head.target, head.attempt))
		return;
	if (!is_next(session, &head)) {
		judge_refuse(session, SECCOMM_ALERT_UNEXPECTED, "key message");
		return;
	}
	memcpy(session->exchange->judged, hash, HASH);
	take(session, body, length);
}
