/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.c - the life of a session and the calls of the application.
 *
 * The path of a message: seccomm_push() writes number and header (everything a layer must cover is known before the first one
 * runs), raises msgFromAbove, and the handler at its bottom transmits.  seccomm_pop() reads the header and hands the body to
 * its lane; for data it raises msgFromBelow, and the handler at its end prepares, accepts and delivers.
 */
#include <string.h>

#include "seccomm/session.h"

/* ---- Memory and life ------------------------------------------------------------------------------------------------ */

void *session_allocate(struct seccomm_session *session, size_t size)
{
	void *memory = session->platform->allocate(session->platform->context, size);

	if (memory != NULL)
		session->statistics.memory += size;
	return memory;
}

void session_release(struct seccomm_session *session, void *memory, size_t size)
{
	session->statistics.memory -= size;
	session->platform->release(session->platform->context, memory, size);
}

void session_enter(struct seccomm_session *session) { session->depth++; }

/* Keys are wiped when no handler of the epoch can be running any more. */
static void finish(struct seccomm_session *session)
{
	const struct seccomm_callbacks *callbacks = session->callbacks;
	int status = session->ending;

	session->state = STATE_ENDED;
	exchange_free(session);
	epoch_free(session->epoch);
	session->epoch = NULL;
	if (callbacks->closed != NULL)
		callbacks->closed(callbacks->context, status);
}

void session_leave(struct seccomm_session *session)
{
	if (session->depth == 1 && session->closing && session->ending > 0) {
		session->closing = false;
		(void)control_send(session, CONTROL_CLOSE);
	}
	if (--session->depth == 0 && session->ending <= 0 && session->state != STATE_ENDED)
		finish(session);
}

void session_end(struct seccomm_session *session, int status)
{
	if (session->ending > 0)
		session->ending = status;
}

void session_transmit(struct seccomm_session *session, const uint8_t *bytes, size_t length)
{
	if (session->ending > 0 && session->state != STATE_ENDED)
		session->callbacks->transmit(session->callbacks->context, bytes, length);
}

const char *session_direction(const struct seccomm_session *session, enum seccomm_way way)
{
	return (session->plan->role == SECCOMM_CLIENT) == (way == SECCOMM_SEND) ? "c2s" : "s2c";
}

static size_t session_size(const struct seccomm_plan *plan)
{
	return sizeof(struct seccomm_session) + cactus_values_size(plan->composition);
}

static struct seccomm_session *allocate(struct seccomm_plan *plan, const struct cactus_platform *platform)
{
	struct seccomm_session *session = platform->allocate(platform->context, session_size(plan));

	if (session == NULL)
		return NULL;
	session->plan = plan;
	session->platform = platform;
	session->ending = 1;
	session->statistics.memory = session_size(plan);
	session->inbound.session = session;
	return session;
}

int seccomm_open(struct seccomm_plan *plan, const struct seccomm_keyring *keyring, const struct cactus_platform *platform,
    const struct seccomm_callbacks *callbacks, struct seccomm_session **out, struct seccomm_error *error)
{
	struct seccomm_session *session = allocate(plan, platform);
	int status;

	*out = NULL;
	if (session == NULL)
		return error_set(error, SECCOMM_NO_MEMORY, NULL, "out of memory");
	session->keyring = keyring;
	session->callbacks = callbacks;
	session_enter(session);
	if (plan->slot_count > 0)
		status = participants_find(session, error);
	else
		status = error_set(error, SECCOMM_INVALID, "add a key, for example   data: dh,protect=sign:ed25519",
		    "the configuration has no key, and without one neither the ends nor the close of a session can be confirmed");
	if (status == SECCOMM_OK && (status = epoch_new(session, 1, &session->epoch)) != SECCOMM_OK)
		error_set(error, status, NULL, "the session cannot be set up: %s", seccomm_status_text(status));
	if (status == SECCOMM_OK && (status = exchange_new(session)) != SECCOMM_OK)
		error_set(error, status, NULL, "the opening cannot be started: %s", seccomm_status_text(status));
	if (status != SECCOMM_OK) {
		session->state = STATE_ENDED;
		seccomm_session_free(session);
		return status;
	}
	*out = session;
	session_leave(session);
	return SECCOMM_OK;
}

void seccomm_session_free(struct seccomm_session *session)
{
	const struct cactus_platform *platform;
	size_t size;

	if (session == NULL)
		return;
	platform = session->platform;
	size = session_size(session->plan);
	session->state = STATE_ENDED;
	exchange_free(session);
	epoch_free(session->epoch);
	crypto_wipe(session, size);
	platform->release(platform->context, session, size);
}

void session_opened(struct seccomm_session *session)
{
	const struct seccomm_callbacks *callbacks = session->callbacks;

	session->state = STATE_OPEN;
	session->statistics.opening_us = exchange_elapsed(session);
	exchange_free(session);
	if (callbacks->opened != NULL)
		callbacks->opened(callbacks->context, &session->principal);
	session_writable(session);
}

void session_writable(struct seccomm_session *session)
{
	if (!session->wanted_writable || !seccomm_may_push(session))
		return;
	session->wanted_writable = false;
	if (session->callbacks->writable != NULL)
		session->callbacks->writable(session->callbacks->context);
}

/* ---- Sending --------------------------------------------------------------------------------------------------------- */

void session_head(struct seccomm_session *session, struct seccomm_message *message, unsigned lane, size_t length)
{
	struct epoch *epoch = session->epoch;
	bool counted = session->plan->link == SECCOMM_STREAM || (lane == LANE_DATA && session->plan->counts);
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
	alert_raise(session, SECCOMM_ALERT_KEY_LIMIT, false, "nothing more can be sent under this key; open a new session");
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

/* The bottom of msgFromAbove: the header goes in front of what the layers made, and out. */
enum cactus_verdict session_bottom(void *self, void *argument)
{
	struct epoch *epoch = self;
	struct seccomm_session *session = epoch->session;
	struct cactus_msg *msg = argument;
	size_t number = session->plan->link == SECCOMM_DATAGRAM && session->plan->counts ? FRAME_NUMBER : 0;
	size_t clear = cactus_clear_size(session->plan->composition, 0) - COVER_HEADER - FRAME_HEADER;
	uint8_t *out;

	if (!cactus_pack_rest(epoch->cactus, 0, msg) || msg->length != message_of(msg)->wire)
		return CACTUS_STOP;
	out = cactus_prefix(msg, FRAME_HEADER + number + clear);
	if (out == NULL)
		return CACTUS_STOP;
	memcpy(out, msg->values + COVER_HEADER, FRAME_HEADER);
	out += FRAME_HEADER;
	memcpy(out, msg->values, number);
	out += number;
	if (clear > 0)
		memcpy(out, msg->values + COVER_HEADER + FRAME_HEADER, clear);
	session_transmit(session, msg->body, msg->length);
	return CACTUS_NEXT;
}

int seccomm_close(struct seccomm_session *session)
{
	int status = SECCOMM_OK;

	if (session->state < STATE_AWAIT_DONE || session->state == STATE_ENDED || session->close_sent || session->closing || session->ending <= 0)
		return session->state < STATE_AWAIT_DONE ? SECCOMM_NOT_READY : SECCOMM_CLOSED;
	session_enter(session);
	if (session->depth > 1)
		session->closing = true;
	else
		status = control_send(session, CONTROL_CLOSE);
	session_leave(session);
	return status;
}

/* ---- Receiving ---------------------------------------------------------------------------------------------------------- */

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
	struct epoch *epoch = session->epoch;
	const struct seccomm_plan *plan = session->plan;
	bool numbered = plan->link == SECCOMM_DATAGRAM && frame->lane == LANE_DATA && plan->counts;
	size_t clear = frame->lane == LANE_DATA ? cactus_clear_size(plan->composition, 0) - COVER_HEADER - FRAME_HEADER : 0;
	size_t head = FRAME_HEADER + (numbered ? (size_t)FRAME_NUMBER : 0) + clear;
	uint8_t *values = session->values;

	if (length < head)
		return SECCOMM_REFUSED;
	cactus_msg_init(&message->cactus, plan->composition, bytes, length, head, length - head, values);
	message->session = session;
	message->chain = frame->lane > LANE_KEY ? frame->lane - LANE_KEY : 0;
	message->status = SECCOMM_OK;
	message->number = plan->link == SECCOMM_STREAM ? epoch->received++ : numbered ? cactus_u64(bytes + FRAME_HEADER) : 0;
	cactus_put_u64(values, message->number);
	memcpy(values + COVER_HEADER, bytes, FRAME_HEADER);
	if (clear > 0)
		memcpy(values + COVER_HEADER + FRAME_HEADER, bytes + head - clear, clear);
	return SECCOMM_OK;
}

enum cactus_verdict session_unpack(void *self, void *argument)
{
	struct epoch *epoch = self;
	struct seccomm_session *session = epoch->session;

	/* Nothing is packed behind the last pack point unless the outermost layer does not pack; then this is the parser. */
	if (cactus_unpack_rest(epoch->cactus, message_of(argument)->chain, argument) == CACTUS_OK)
		return CACTUS_NEXT;
	message_of(argument)->status = SECCOMM_REFUSED;
	alert_raise(session, SECCOMM_ALERT_MALFORMED, session->plan->link == SECCOMM_STREAM, NULL);
	return CACTUS_STOP;
}

/* The end of msgFromBelow: every layer has accepted; now what they remember may change, and the message is delivered. */
enum cactus_verdict session_accept(void *self, void *argument)
{
	struct epoch *epoch = self;
	struct seccomm_session *session = epoch->session;
	struct seccomm_message *message = argument;
	size_t length = message->cactus.length;

	if (length > session->plan->max_message) {
		alert_raise(session, SECCOMM_ALERT_OVERSIZE, session->plan->link == SECCOMM_STREAM, NULL);
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
		alert_raise(session, SECCOMM_ALERT_UNEXPECTED, session->plan->link == SECCOMM_STREAM, "data");
		return;
	}
	if (session_unhead(session, frame, bytes, length, message) != SECCOMM_OK) {
		alert_raise(session, SECCOMM_ALERT_MALFORMED, session->plan->link == SECCOMM_STREAM, "too short");
		return;
	}
	message = outliving(session, message);
	if (message == NULL) {
		alert_raise(session, SECCOMM_ALERT_INTERNAL, session->plan->link == SECCOMM_STREAM, "out of memory");
		return;
	}
	verdict = cactus_raise_msg(epoch->cactus, cactus_up_event(epoch->cactus, 0), &message->cactus);
	if (verdict == CACTUS_STOP && ++epoch->failures >= session->plan->limits[SECCOMM_RECEIVE].failures)
		alert_raise(session, SECCOMM_ALERT_KEY_LIMIT, true, "too many messages failed under this key");
	seccomm_message_release(message);
}

static void dispatch(struct seccomm_session *session, const struct frame *frame, uint8_t *bytes, size_t length)
{
	if (frame->lane > LANE_KEY)
		exchange_frame(session, frame, bytes, length);
	else if (session->epoch == NULL || frame->epoch != (uint8_t)session->epoch->number)
		alert_raise(session, SECCOMM_ALERT_UNEXPECTED, session->plan->link == SECCOMM_STREAM, "epoch");
	else if (frame->lane == LANE_CONTROL)
		control_frame(session, frame, bytes, length);
	else
		data_frame(session, frame, bytes, length);
}

/* Whether the frame at BYTES may be taken at all, by its header. */
static bool admissible(struct seccomm_session *session, const uint8_t *bytes, size_t length, struct frame *frame)
{
	bool fifo = session->plan->link == SECCOMM_STREAM;

	if (!frame_read(session->plan->link, bytes, length, frame)) {
		alert_raise(session, SECCOMM_ALERT_MALFORMED, fifo, "not SecComm, or another version of it");
		return false;
	}
	if (!fifo && frame->index != (session->state == STATE_AWAIT_OPEN ? 0 : session->receive_index)) {
		alert_raise(session, SECCOMM_ALERT_UNEXPECTED, false, "receiver's index");
		return false;
	}
	if (frame->length > lane_max(session, frame->lane)) {
		alert_raise(session, lane_max(session, frame->lane) == 0 ? SECCOMM_ALERT_UNEXPECTED : SECCOMM_ALERT_OVERSIZE,
		    fifo, NULL);
		return false;
	}
	return true;
}

static ptrdiff_t pop(struct seccomm_session *session, uint8_t *bytes, size_t length)
{
	bool fifo = session->plan->link == SECCOMM_STREAM;
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
	session_enter(session);
	used = pop(session, bytes, length);
	session_leave(session);
	return used;
}

size_t seccomm_wanted(const struct seccomm_session *session, const uint8_t *bytes, size_t length)
{
	struct frame frame;

	if (session->plan->link != SECCOMM_STREAM || length < FRAME_HEADER ||
	    !frame_read(SECCOMM_STREAM, bytes, length, &frame) || frame.length > lane_max(session, frame.lane))
		return FRAME_HEADER;
	return FRAME_HEADER + frame.length;
}

void seccomm_ended(struct seccomm_session *session)
{
	if (session->state == STATE_ENDED)
		return;
	session_enter(session);
	if (session->ending > 0 && !session->peer_closed) {
		if (session->state < STATE_OPEN)
			exchange_cut(session);
		else
			alert_raise(session, SECCOMM_ALERT_TRUNCATED, true, "the connection ended before the peer had closed");
	}
	session_end(session, session->close_sent ? SECCOMM_OK : SECCOMM_CLOSED);
	session_leave(session);
}

/* ---- Time and statistics ------------------------------------------------------------------------------------------------- */

uint64_t seccomm_deadline(const struct seccomm_session *session)
{
	uint64_t opening, cactus;

	if (session->state == STATE_ENDED)
		return UINT64_MAX;
	opening = exchange_deadline(session);
	cactus = cactus_deadline(session->epoch->cactus);
	return opening < cactus ? opening : cactus;
}

void seccomm_run_due(struct seccomm_session *session)
{
	if (session->state == STATE_ENDED)
		return;
	session_enter(session);
	cactus_run_due(session->epoch->cactus);
	exchange_run_due(session);
	session_leave(session);
}

void seccomm_statistics(const struct seccomm_session *session, struct seccomm_statistics *out)
{
	*out = session->statistics;
}

const struct seccomm_principal *seccomm_peer(const struct seccomm_session *session)
{
	return session->state == STATE_OPEN ? &session->principal : NULL;
}
