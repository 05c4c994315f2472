/* SPDX-License-Identifier: Apache-2.0 */
/*
 * receive.c - the path of a message in.
 *
 * The header is judged before anything of the body is kept; then the body goes to its lane.  Data raises msgFromBelow,
 * and the handler at its end prepares, accepts and delivers.
 */
#include "seccomm/session.h"

#include <string.h>

/* The most that may follow a header on LANE now; refused before a byte of it is kept. */
static size_t lane_max(const struct seccomm_session *session, unsigned lane)
{
	if (lane > LANE_KEY)
		return exchange_max(session);
	if (lane == LANE_CONTROL)
		return session->state >= STATE_AWAIT_DONE ? CONTROL_MAX : 0;
	return session->state == STATE_OPEN ? session->plan->max_frame : 0;
}

int session_unhead(struct seccomm_session *session, const struct frame *frame, uint8_t *bytes, size_t length,
    struct seccomm_message *message)
{
	const struct seccomm_plan *plan = session->plan;
	size_t head = frame->lane == LANE_DATA ? plan->head : FRAME_HEADER;
	uint8_t *values = session->values;

	if (length < head)
		return SECCOMM_REFUSED;
	cactus_msg_init(&message->cactus, plan->composition, bytes, length, head, length - head, values);
	message->session = session;
	message->chain = frame->lane > LANE_KEY ? frame->lane - LANE_KEY : 0;
	message->status = SECCOMM_OK;
	message->number = session_fifo(session) ? session->epoch->received++ : 0;
	cactus_put_u64(values, message->number);
	memcpy(values + COVER_HEADER, bytes, FRAME_HEADER);
	if (head > FRAME_HEADER)
		message->number = frame_read_rest(plan, bytes + FRAME_HEADER, values);
	return SECCOMM_OK;
}

enum cactus_verdict session_unpack(void *self, void *argument)
{
	struct epoch *epoch = self;
	struct seccomm_session *session = epoch->session;

	/* Nothing is packed behind the last pack point unless the outermost layer does not pack; then this is the
	 * parser. */
	if (cactus_unpack_rest(epoch->cactus, message_of(argument)->chain, argument) == CACTUS_OK)
		return CACTUS_NEXT;
	message_of(argument)->status = SECCOMM_REFUSED;
	alert_raise(session, SECCOMM_ALERT_MALFORMED, session_fifo(session), NULL);
	return CACTUS_STOP;
}

/* The end of msgFromBelow: every layer has accepted; now what they remember may change, and the message is delivered.
 */
enum cactus_verdict session_accept(void *self, void *argument)
{
	struct epoch *epoch = self;
	struct seccomm_session *session = epoch->session;
	struct seccomm_message *message = argument;
	size_t length = message->cactus.length;

	if (length > session->plan->max_message) {
		alert_raise(session, SECCOMM_ALERT_OVERSIZE, session_fifo(session), NULL);
		return CACTUS_STOP;
	}
	if (cactus_raise(epoch->cactus, epoch->prepare, message) != CACTUS_NEXT)
		return CACTUS_STOP;
	(void)cactus_raise(epoch->cactus, epoch->accepted, message);
	epoch->data_received++;
	session->statistics.received++;
	session->statistics.received_bytes += length;
	session->callbacks->deliver(session->callbacks->context, message);
	return CACTUS_NEXT;
}

/* A stack with a layer that may hold a message needs one that outlives the driver's bytes. */
static struct seccomm_message *outliving(struct seccomm_session *session, struct seccomm_message *message)
{
	return session->plan->holds ? seccomm_message_keep(message) : message;
}

static void data_frame(struct seccomm_session *session, const struct frame *frame, uint8_t *bytes, size_t length)
{
	struct epoch *epoch = session->epoch;
	struct seccomm_message *message = &session->inbound;
	enum cactus_verdict verdict;

	if (session->state != STATE_OPEN || session->peer_closed) {
		alert_raise(session, SECCOMM_ALERT_UNEXPECTED, session_fifo(session), "data");
		return;
	}
	if (session_unhead(session, frame, bytes, length, message) != SECCOMM_OK) {
		alert_raise(session, SECCOMM_ALERT_MALFORMED, session_fifo(session), "too short");
		return;
	}
	message = outliving(session, message);
	if (message == NULL) {
		alert_raise(session, SECCOMM_ALERT_INTERNAL, session_fifo(session), "out of memory");
		return;
	}
	verdict = cactus_raise_msg(epoch->cactus, cactus_up_event(epoch->cactus, 0), &message->cactus);
	if (verdict == CACTUS_STOP && session_fifo(session) && session->ending > 0)
		/* Nobody has said why (too many wait, for instance), but on a FIFO link a gap is the end. */
		alert_raise(session, SECCOMM_ALERT_INTERNAL, true, "a message could not be taken");
	else if (verdict == CACTUS_STOP && ++epoch->failures >= session->plan->limits[SECCOMM_RECEIVE].failures)
		alert_raise(session, SECCOMM_ALERT_KEY_LIMIT, true, "too many messages failed under this key");
	seccomm_message_release(message);
}

static void dispatch(struct seccomm_session *session, const struct frame *frame, uint8_t *bytes, size_t length)
{
	if (frame->lane > LANE_KEY)
		exchange_frame(session, frame, bytes, length);
	else if (session->epoch == NULL || frame->epoch != (uint8_t)session->epoch->number)
		alert_raise(session, SECCOMM_ALERT_UNEXPECTED, session_fifo(session), "epoch");
	else if (frame->lane == LANE_CONTROL)
		control_frame(session, bytes, length);
	else
		data_frame(session, frame, bytes, length);
}

/* Whether the frame at BYTES may be taken at all, by its header. */
static bool admissible(struct seccomm_session *session, const uint8_t *bytes, size_t length, struct frame *frame)
{
	bool fifo = session_fifo(session);

	if (!frame_read(session->plan->link, bytes, length, frame)) {
		alert_raise(session, SECCOMM_ALERT_MALFORMED, fifo, "not SecComm, or another version of it");
		return false;
	}
	if (!fifo && frame->index != (session->state == STATE_AWAIT_OPEN ? 0 : session->receive_index)) {
		alert_raise(session, SECCOMM_ALERT_UNEXPECTED, false, "receiver's index");
		return false;
	}
	if (frame->length > lane_max(session, frame->lane)) {
		alert_raise(session,
		    lane_max(session, frame->lane) == 0 ? SECCOMM_ALERT_UNEXPECTED : SECCOMM_ALERT_OVERSIZE, fifo,
		    NULL);
		return false;
	}
	return true;
}

static ptrdiff_t pop(struct seccomm_session *session, uint8_t *bytes, size_t length)
{
	bool fifo = session_fifo(session);
	struct frame frame;
	size_t whole;

	if (length < FRAME_HEADER) {
		if (!fifo)
			alert_raise(session, SECCOMM_ALERT_MALFORMED, false, "too short");
		return fifo ? 0 : (ptrdiff_t)length;
	}
	if (!admissible(session, bytes, length, &frame))
		return fifo ? SECCOMM_REFUSED : (ptrdiff_t)length;
	whole = FRAME_HEADER + frame.length;
	if (length < whole)
		return 0;
	dispatch(session, &frame, bytes, whole);
	return session->ending < 0 ? session->ending : (ptrdiff_t)whole;
}

ptrdiff_t seccomm_pop(struct seccomm_session *session, uint8_t *bytes, size_t length)
{
	ptrdiff_t used;

	if (session->state == STATE_ENDED || session->ending <= 0)
		return SECCOMM_CLOSED;
	if (session->popping)
		return SECCOMM_INVALID;
	session->popping = true;
	session_enter(session);
	used = pop(session, bytes, length);
	session_leave(session);
	session->popping = false;
	return used;
}

size_t seccomm_wanted(const struct seccomm_session *session, const uint8_t *bytes, size_t length)
{
	struct frame frame;

	if (!session_fifo(session) || length < FRAME_HEADER || !frame_read(SECCOMM_STREAM, bytes, length, &frame) ||
	    frame.length > lane_max(session, frame.lane))
		return FRAME_HEADER;
	return FRAME_HEADER + frame.length;
}
