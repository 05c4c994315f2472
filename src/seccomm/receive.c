/* SPDX-License-Identifier: Apache-2.0 */
/*
 * receive.c - the path of a message in.
 *
 * The header is judged before anything of the body is kept; then the body goes to its lane.  Data raises msgFromBelow,
 * and the handler at its end prepares, accepts and delivers.
 */
#include "seccomm/exchange.h"

#include <string.h>

/* Which epoch receives on a stream: the old one until its last message has come. */
static struct epoch *stream_receiver(const struct seccomm_session *session)
{
	if (session->previous != NULL)
		return session->previous;
	return session->epoch->received_last ? session->next : session->epoch;
}

/* The epoch that a message of LOW byte belongs to and that may receive now; NULL: there is none. */
static struct epoch *receiver(const struct seccomm_session *session, uint8_t low)
{
	struct epoch *const epochs[] = { session->epoch, session->next, session->previous };

	if (session_fifo(session)) {
		struct epoch *epoch = stream_receiver(session);

		return epoch != NULL && (uint8_t)epoch->number == low && epoch_complete(epoch) ? epoch : NULL;
	}
	for (size_t i = 0; i < sizeof(epochs) / sizeof(epochs[0]); i++)
		if (epochs[i] != NULL && (uint8_t)epochs[i]->number == low && epoch_complete(epochs[i]))
			return epochs[i];
	return NULL;
}

/* The most that may follow the header of FRAME now; refused before a byte of it is kept.  0: it may not come. */
static size_t frame_max(const struct seccomm_session *session, const struct frame *frame)
{
	const struct epoch *epoch;

	if (session->plan->salted)
		return predefined_max(session, frame);
	if (frame->lane > LANE_KEY)
		return exchange_max(session);
	epoch = receiver(session, frame->epoch);
	/* Where nothing is overtaken, DONE comes before any data. */
	if (epoch == NULL || session->state < (frame->lane == LANE_DATA && session_fifo(session) ? STATE_OPEN : STATE_SENDING))
		return 0;
	return frame->lane == LANE_CONTROL ? CONTROL_MAX : epoch->plan->max_frame;
}

int session_unhead(struct epoch *epoch, const struct frame *frame, uint64_t number, uint8_t *bytes, size_t length,
    struct seccomm_message *message)
{
	const struct seccomm_plan *plan = epoch->plan;
	bool data = frame->lane == LANE_DATA;
	size_t head = data ? plan->head : FRAME_HEADER;
	uint8_t *values = epoch->values;

	if (length < head)
		return SECCOMM_REFUSED;
	cactus_msg_init(&message->cactus, plan->composition, bytes, length, head, length - head, values);
	message->plan = plan;
	message->chain = data ? 0 : frame->lane - LANE_KEY;
	message->status = SECCOMM_OK;
	message->number = number;
	cactus_put_u64(values, message->number);
	memcpy(values + COVER_HEADER, bytes, FRAME_HEADER);
	if (head > FRAME_HEADER + plan->salt)
		message->number = frame_read_rest(plan, bytes + FRAME_HEADER + plan->salt, values);
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

/* It is authentic.  On datagrams one newer than all before tells where the peer is. */
static void note(struct seccomm_session *session, struct epoch *epoch, const struct seccomm_message *message)
{
	session->liveness.data = session->liveness.owes = true;
	if (!session_fifo(session) && epoch->plan->counts && message->number >= epoch->data_next) {
		epoch->data_next = message->number + 1;
		session_newest(epoch);
	}
	session_heard(session, epoch);
}

/* The end of msgFromBelow: every layer has accepted; now what they remember may change, and the message is delivered.
 */
enum cactus_verdict session_accept(void *self, void *argument)
{
	struct epoch *epoch = self;
	struct seccomm_session *session = epoch->session;
	struct seccomm_message *message = argument;
	size_t length = message->cactus.length;

	if (length > epoch->plan->max_message) {
		alert_raise(session, SECCOMM_ALERT_OVERSIZE, session_fifo(session), NULL);
		return CACTUS_STOP;
	}
	if (cactus_raise(epoch->cactus, epoch->prepare, message) != CACTUS_NEXT)
		return CACTUS_STOP;
	(void)cactus_raise(epoch->cactus, epoch->accepted, message);
	note(session, epoch, message);
	epoch->data_received++;
	epoch->received_bytes += length;
	session->statistics.received++;
	session->statistics.received_bytes += length;
	renew_press(epoch);
	session->callbacks->deliver(session->callbacks->context, message);
	return CACTUS_NEXT;
}

/* A stack with a layer that may hold a message needs one that outlives the driver's bytes. */
static struct seccomm_message *outliving(const struct epoch *epoch, struct seccomm_message *message)
{
	return epoch->plan->holds ? seccomm_message_keep(message) : message;
}

static void through_layers(struct epoch *epoch, struct seccomm_message *message)
{
	struct seccomm_session *session = epoch->session;
	enum cactus_verdict verdict = session_raise(epoch, cactus_up_event(epoch->cactus, 0), message);

	if (verdict == CACTUS_STOP && session_fifo(session) && session->ending > 0)
		/* Nobody has said why (too many wait, for instance), but on a FIFO link a gap is the end. */
		alert_raise(session, SECCOMM_ALERT_INTERNAL, true, "a message could not be taken");
	else if (verdict == CACTUS_STOP && ++epoch->failures >= epoch->plan->limits[SECCOMM_RECEIVE].failures)
		alert_raise(session, SECCOMM_ALERT_KEY_LIMIT, true, "too many messages failed under this key");
}

static void data_frame(struct epoch *epoch, const struct frame *frame, uint8_t *bytes, size_t length)
{
	struct seccomm_session *session = epoch->session;
	struct seccomm_message *message = &session->inbound;

	if (session->peer_closed) {
		alert_raise(session, SECCOMM_ALERT_UNEXPECTED, session_fifo(session), "data");
		return;
	}
	if (session_unhead(epoch, frame, session_fifo(session) ? epoch->received++ : 0, bytes, length, message) !=
	    SECCOMM_OK) {
		alert_raise(session, SECCOMM_ALERT_MALFORMED, session_fifo(session), "too short");
		return;
	}
	message = outliving(epoch, message);
	if (message == NULL) {
		alert_raise(session, SECCOMM_ALERT_INTERNAL, session_fifo(session), "out of memory");
		return;
	}
	through_layers(epoch, message);
	seccomm_message_release(message);
}

void receive_frame(struct epoch *epoch, const struct frame *frame, uint8_t *bytes, size_t length)
{
	if (frame->lane == LANE_CONTROL)
		control_frame(epoch, bytes, length);
	else
		data_frame(epoch, frame, bytes, length);
}

static void dispatch(struct seccomm_session *session, const struct frame *frame, uint8_t *bytes, size_t length)
{
	if (session->plan->salted)
		predefined_frame(session, frame, bytes, length);
	else if (frame->lane > LANE_KEY)
		exchange_frame(session, frame, bytes, length);
	else
		receive_frame(receiver(session, frame->epoch), frame, bytes, length);
	if (frame->lane != LANE_DATA) /* it was deciphered in place, and a share may be a key */
		crypto_wipe(bytes, length);
}

/* The index that a datagram for this session carries: an opening has none yet. */
static bool is_ours(const struct seccomm_session *session, const struct frame *frame)
{
	const struct exchange *x = session->exchange;
	const bool opening = frame->lane == LANE_KEY + 1 && frame->epoch == 0 && session->plan->role == SECCOMM_SERVER;

	if (session->plan->salted)
		return frame->index == 0;
	if (opening && frame->index == 0)
		return x != NULL && exchange_is_opening(session);
	return frame->index == session->receive_index && (x == NULL || x->stage != AWAIT_OPEN);
}

/* Whether the frame at BYTES may be taken at all, by its header. */
static bool admissible(struct seccomm_session *session, const uint8_t *bytes, size_t length, struct frame *frame)
{
	bool fifo = session_fifo(session);
	size_t most;

	if (!frame_read(session->plan->link, bytes, length, frame)) {
		alert_raise(session, SECCOMM_ALERT_MALFORMED, fifo, "not SecComm, or another version of it");
		return false;
	}
	if (!fifo && !is_ours(session, frame)) {
		alert_raise(session, SECCOMM_ALERT_UNEXPECTED, false, "receiver's index");
		return false;
	}
	most = frame_max(session, frame);
	if (frame->length <= most && most > 0)
		return true;
	alert_raise(session, most == 0 ? SECCOMM_ALERT_UNEXPECTED : SECCOMM_ALERT_OVERSIZE, fifo,
	    most == 0 && frame->lane <= LANE_KEY ? "lane or epoch" : NULL);
	return false;
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

	if (session->state == STATE_ENDED || !session_fifo(session) || length < FRAME_HEADER ||
	    !frame_read(SECCOMM_STREAM, bytes, length, &frame) || frame.length > frame_max(session, &frame))
		return FRAME_HEADER;
	return FRAME_HEADER + frame.length;
}
