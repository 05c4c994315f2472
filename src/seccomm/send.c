/* SPDX-License-Identifier: Apache-2.0 */
/*
 * send.c - the path of a message out.
 *
 * Number and header are written first, so everything that a layer must cover is known before the first one runs; then
 * msgFromAbove is raised, and the handler at its bottom transmits.
 */
#include <string.h>

#include "seccomm/session.h"

void session_head(struct seccomm_session *session, struct seccomm_message *message, unsigned lane, size_t length)
{
	struct epoch *epoch = session->epoch;
	bool counted = session_fifo(session) || (lane == LANE_DATA && session->plan->counts);
	struct frame frame = { .lane = lane, .epoch = (uint8_t)epoch->number, .index = session->send_index };

	frame.length = length;
	message->number = counted ? epoch->sent++ : 0;
	message->wire = length;
	cactus_put_u64(message->cactus.values, message->number);
	frame_write(session->plan->link, &frame, message->cactus.values + COVER_HEADER);
}

bool seccomm_may_push(const struct seccomm_session *session)
{
	return (session->state == STATE_OPEN || session->state == STATE_AWAIT_DONE) && session->disabled == 0 &&
	       !session->close_sent && !session->closing && session->ending > 0;
}

static int may_push(struct seccomm_session *session, const struct seccomm_message *message)
{
	if (session->state == STATE_ENDED || session->close_sent || session->closing || session->ending <= 0)
		return SECCOMM_CLOSED;
	if (!seccomm_may_push(session)) {
		session->wanted_writable = true;
		return SECCOMM_NOT_READY;
	}
	return message->cactus.length > session->plan->max_message ? SECCOMM_TOO_LARGE : SECCOMM_OK;
}

/* A limit is never extended: without a new key, this direction is over. */
static int within_limits(struct seccomm_session *session, size_t length)
{
	struct epoch *epoch = session->epoch;
	const struct plan_limits *limits = &session->plan->limits[SECCOMM_SEND];

	if (epoch->data_sent < limits->messages && limits->bytes - epoch->sent_bytes >= length)
		return SECCOMM_OK;
	alert_raise(
	    session, SECCOMM_ALERT_KEY_LIMIT, false, "nothing more can be sent under this key; open a new session");
	return SECCOMM_LIMIT;
}

static int push(struct seccomm_session *session, struct seccomm_message *message)
{
	struct epoch *epoch = session->epoch;
	size_t length = message->cactus.length;
	int status = may_push(session, message);

	if (status == SECCOMM_OK && (message->memory == 0 || message->session != session))
		status = SECCOMM_INVALID; /* delivered, not made to be sent: it lies in the driver's bytes */
	if (status == SECCOMM_OK)
		status = within_limits(session, length);
	if (status != SECCOMM_OK)
		return status;
	message->status = SECCOMM_OK;
	session_head(session, message, LANE_DATA, cactus_grown(session->plan->composition, 0, true, length));
	epoch->data_sent++;
	epoch->sent_bytes += length;
	if (cactus_raise_msg(epoch->cactus, cactus_down_event(epoch->cactus, 0), &message->cactus) == CACTUS_STOP) {
		/* Its number is used up, so on a FIFO link nothing sent after it could be accepted. */
		if (message->status != SECCOMM_REFUSED)
			alert_raise(session, SECCOMM_ALERT_INTERNAL, true, "a layer could not protect a message");
		return SECCOMM_FAILED;
	}
	session->statistics.sent++;
	session->statistics.sent_bytes += length;
	return SECCOMM_OK;
}

int seccomm_push(struct seccomm_session *session, struct seccomm_message *message)
{
	int status;

	session_enter(session);
	status = push(session, message);
	session_leave(session);
	return status;
}

int seccomm_push_copy(struct seccomm_session *session, const void *bytes, size_t length)
{
	struct seccomm_message *message;
	int status;

	if (session->state == STATE_ENDED)
		return SECCOMM_CLOSED;
	if (length > session->plan->max_message)
		return SECCOMM_TOO_LARGE;
	message = message_new(session, 0, length);
	if (message == NULL)
		return SECCOMM_NO_MEMORY;
	if (length > 0)
		memcpy(message->cactus.body, bytes, length);
	status = seccomm_push(session, message);
	seccomm_message_release(message);
	return status;
}

/* The bottom of msgFromAbove: header, number if it travels, and clear attributes go in front of what the layers made,
 * and out. */
enum cactus_verdict session_bottom(void *self, void *argument)
{
	struct epoch *epoch = self;
	struct seccomm_session *session = epoch->session;
	struct cactus_msg *msg = argument;
	size_t head = session->plan->head;
	uint8_t *out;

	if (!cactus_pack_rest(epoch->cactus, 0, msg) || msg->length != message_of(msg)->wire ||
	    (out = cactus_prefix(msg, head)) == NULL)
		return CACTUS_STOP;
	memcpy(out, msg->values + COVER_HEADER, FRAME_HEADER);
	if (head > FRAME_HEADER)
		frame_write_rest(session->plan, msg->values, out + FRAME_HEADER);
	session_transmit(session, msg->body, msg->length);
	return CACTUS_NEXT;
}
