/* SPDX-License-Identifier: Apache-2.0 */
/*
 * send.c - the path of a message out, and the trace of what the layers do to it.
 *
 * Number and header are written first, so everything that a layer must cover is known before the first one runs; then
 * msgFromAbove is raised, and the handler at its bottom transmits.
 */
#include <string.h>

#include "seccomm/renew.h"

void session_head(struct epoch *epoch, struct seccomm_message *message, unsigned lane, uint64_t number, size_t length)
{
	const struct seccomm_session *session = epoch->session;
	const struct frame frame = {
		.lane = lane, .epoch = (uint8_t)epoch->number, .index = session->send_index, .length = length
	};

	message->number = number;
	message->wire = length;
	cactus_put_u64(message->cactus.values, number);
	frame_write(session->plan->link, &frame, message->cactus.values + COVER_HEADER);
}

static void traced(void *context, const struct cactus_step *step)
{
	struct epoch *epoch = context;
	struct seccomm_session *session = epoch->session;
	const struct seccomm_self *self = (const void *)step->instance;
	struct seccomm_step out = { .layer = NULL };

	if (session->trace == NULL || self == NULL || session->traced == NULL)
		return;
	out.sending = step->event == cactus_down_event(epoch->cactus, self->lane);
	if (!out.sending && step->event != cactus_up_event(epoch->cactus, self->lane))
		return;
	out.layer = self->cactus.mp->name;
	out.key = self->lane;
	out.epoch = epoch->number;
	out.number = session->traced->number;
	out.before = step->before;
	out.after = step->after;
	out.elapsed_us = step->elapsed_us;
	out.verdict = step->verdict;
	session->trace(session->trace_context, &out);
}

int epoch_trace(struct epoch *epoch)
{
	cactus_trace(epoch->cactus, epoch->session->trace != NULL ? traced : NULL, epoch);
	return cactus_freeze(epoch->cactus) == CACTUS_OK ? SECCOMM_OK : SECCOMM_NO_MEMORY;
}

int seccomm_trace(
    struct seccomm_session *session, void (*trace)(void *context, const struct seccomm_step *), void *context)
{
	struct epoch *const epochs[] = { session->epoch, session->next, session->previous, session->incoming };
	int status = session->state == STATE_ENDED ? SECCOMM_CLOSED : SECCOMM_OK;

	session->trace = trace;
	session->trace_context = context;
	for (size_t i = 0; i < sizeof(epochs) / sizeof(epochs[0]) && status == SECCOMM_OK; i++)
		if (epochs[i] != NULL)
			status = epoch_trace(epochs[i]);
	return status;
}

enum cactus_verdict session_raise(struct epoch *epoch, cactus_event event, struct seccomm_message *message)
{
	struct seccomm_session *session = epoch->session;
	const struct seccomm_message *before = session->traced; /* a callback may push */
	enum cactus_verdict verdict;

	session->traced = message;
	verdict = cactus_raise_msg(epoch->cactus, event, &message->cactus);
	session->traced = before;
	return verdict;
}

static bool may_send(const struct seccomm_session *session)
{
	return (session->state == STATE_OPEN || session->state == STATE_SENDING) && session->epoch->disabled == 0 &&
	       !session->epoch->sent_last && !session->close_sent && !session->closing && session->ending > 0 &&
	       !predefined_waits(session);
}

/* A smaller message than the one that was one too many may still find room; who asks is told of new keys. */
bool seccomm_may_push(const struct seccomm_session *session)
{
	return may_send(session) && !session->epoch->full;
}

static int may_push(struct seccomm_session *session, const struct seccomm_message *message)
{
	if (session->state == STATE_ENDED || session->close_sent || session->closing || session->ending <= 0)
		return SECCOMM_CLOSED;
	if (!may_send(session)) {
		session->wanted_writable = true;
		return SECCOMM_NOT_READY;
	}
	return message->cactus.length > session->plan->max_message ? SECCOMM_TOO_LARGE : SECCOMM_OK;
}

/* A limit is never extended: sending stops there until a new epoch has begun. */
static int within_limits(struct seccomm_session *session, size_t length)
{
	struct epoch *epoch = session->epoch;
	const struct plan_limits *limits = &epoch->plan->limits[SECCOMM_SEND];

	if (epoch->data_sent < limits->messages && limits->bytes - epoch->sent_bytes >= length)
		return SECCOMM_OK;
	if (renew_deadline(session) != UINT64_MAX || session->renewal.plan != NULL || session->exchange != NULL ||
	    session->previous != NULL) {
		epoch->full = session->wanted_writable = true;
		return SECCOMM_NOT_READY;
	}
	alert_raise(
	    session, SECCOMM_ALERT_KEY_LIMIT, false, "nothing more can be sent under this key; open a new session");
	return SECCOMM_LIMIT;
}

static int within_path(struct seccomm_session *session, size_t length)
{
	size_t wire = session->plan->head + length;

	if (session_fifo(session) || wire <= session->path_limit)
		return SECCOMM_OK;
	alert_raisef(session, SECCOMM_ALERT_PATH_LIMIT, false,
	    "it would be %zu bytes on the wire, and the path carries datagrams of at most %zu", wire,
	    session->path_limit);
	return SECCOMM_TOO_LARGE;
}

/* The layers that are to work on MESSAGE, made for an earlier stack, need another room in front of and behind it. */
static int push_copied(struct seccomm_session *session, const struct seccomm_message *message)
{
	struct seccomm_message *copy = message_new(session, session->plan, 0, message->cactus.length);
	int status;

	if (copy == NULL)
		return SECCOMM_NO_MEMORY;
	if (message->cactus.length > 0)
		memcpy(copy->cactus.body, message->cactus.body, message->cactus.length);
	status = seccomm_push(session, copy);
	seccomm_message_release(copy);
	return status;
}

static int protect(struct seccomm_session *session, struct seccomm_message *message, size_t wire)
{
	struct epoch *epoch = session->epoch;
	size_t length = message->cactus.length;
	bool counted = session_fifo(session) || epoch->plan->counts;

	message->status = SECCOMM_OK;
	session_head(epoch, message, LANE_DATA, counted ? epoch->sent++ : 0, wire);
	epoch->data_sent++;
	epoch->sent_bytes += length;
	if (session_raise(epoch, cactus_down_event(epoch->cactus, 0), message) == CACTUS_STOP) {
		/* Its number is used up, so on a FIFO link nothing sent after it could be accepted. */
		if (message->status == SECCOMM_OK)
			alert_raise(session, SECCOMM_ALERT_INTERNAL, session_fifo(session),
			    "a layer could not protect a message");
		return message->status == SECCOMM_LIMIT ? SECCOMM_LIMIT : SECCOMM_FAILED;
	}
	session->liveness.data = session->liveness.sent = session->liveness.expects = true;
	session->liveness.owes = false;
	renew_press(epoch);
	session->statistics.sent++;
	session->statistics.sent_bytes += length;
	return SECCOMM_OK;
}

static int push(struct seccomm_session *session, struct seccomm_message *message)
{
	size_t length = message->cactus.length, wire;
	int status = may_push(session, message);

	if (status == SECCOMM_OK && (message->memory == 0 || message->session != session))
		status = SECCOMM_INVALID; /* delivered, not made to be sent: it lies in the driver's bytes */
	if (status == SECCOMM_OK && message->plan != session->plan)
		return push_copied(session, message);
	if (status == SECCOMM_OK)
		status = within_limits(session, length);
	if (status != SECCOMM_OK)
		return status;
	wire = cactus_grown(session->plan->composition, 0, true, length);
	status = within_path(session, wire);
	return status == SECCOMM_OK ? protect(session, message, wire) : status;
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
	message = message_new(session, session->plan, 0, length);
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
	size_t head = epoch->plan->head;
	uint8_t *out;

	if (!cactus_pack_rest(epoch->cactus, 0, msg) || msg->length != message_of(msg)->wire ||
	    (out = cactus_prefix(msg, head)) == NULL)
		return CACTUS_STOP;
	memcpy(out, msg->values + COVER_HEADER, FRAME_HEADER);
	memcpy(out + FRAME_HEADER, epoch->salt, epoch->plan->salt);
	if (head > FRAME_HEADER + epoch->plan->salt)
		frame_write_rest(epoch->plan, msg->values, out + FRAME_HEADER + epoch->plan->salt);
	session_transmit(session, msg->body, msg->length);
	return CACTUS_NEXT;
}
