/* SPDX-License-Identifier: Apache-2.0 */
/*
 * predefined.c - sessions without an exchange (establish: none): for one way, and for messages that wait at a broker.
 *
 * Each sender draws a salt and derives its keys from it and the predefined secret.  The salt travels in every datagram,
 * or once in front of a stream:  kind (1) || salt (16), on the key lane, through no layer.  A receiver adopts the first
 * salt under which a message verifies, and keeps it; how often it tries is bounded.  Nothing proves that a session is
 * new: a receiver that restarts takes a recorded one for it.
 */
#include <string.h>

#include "seccomm/exchange.h"

enum {
	TRIALS = 10, /* in TRIALS_US */
	TRIALS_US = 1000 * 1000,
	SALT_BODY = 1 + SALT
};

/* Makes an epoch whose keys come from SALT. */
static int make(struct seccomm_session *session, const uint8_t salt[SALT], struct epoch **out)
{
	static const uint8_t version = FRAME_VERSION;
	const struct seccomm_plan *plan = session->plan;
	const char *name = seccomm_plan_psk(plan);
	const struct psk *psk = name != NULL ? keyring_psk(session->keyring, name) : NULL;
	const struct crypto_part parts[] = { { "seccomm/1", 9 }, { &version, 1 }, { plan->digest, HASH },
		{ salt, SALT } };
	uint8_t context[HASH];
	int status = psk != NULL ? epoch_new(session, session->plan, 1, out) : SECCOMM_UNKNOWN_KEY;

	if (status != SECCOMM_OK)
		return status;
	memcpy((*out)->salt, salt, SALT);
	status = crypto_sha256(session_crypto(session), parts, 4, context) < 0
		     ? SECCOMM_FAILED
		     : epoch_install(*out, 1, context, psk->secret, sizeof(psk->secret), NULL);
	if (status != SECCOMM_OK) {
		epoch_free(*out);
		*out = NULL;
	}
	return status;
}

/* On a stream the receiver has to know the salt before anything else. */
static void send_salt(struct seccomm_session *session)
{
	const struct frame frame = { .lane = LANE_KEY + 1, .length = SALT_BODY };
	uint8_t wire[FRAME_HEADER + SALT_BODY];

	if (!session_fifo(session))
		return;
	frame_write(SECCOMM_STREAM, &frame, wire);
	wire[FRAME_HEADER] = KIND_SALT;
	memcpy(wire + FRAME_HEADER + 1, session->epoch->salt, SALT);
	session_transmit(session, wire, sizeof(wire));
}

/* A server sends nothing to strangers, so it waits until it has heard something authentic. */
int predefined_open(struct seccomm_session *session)
{
	uint8_t salt[SALT];
	int status;

	if (session->platform->random(session->platform->context, salt, SALT) < 0)
		return SECCOMM_FAILED;
	status = make(session, salt, &session->epoch);
	if (status != SECCOMM_OK)
		return status;
	session->statistics.epoch = 1;
	session->state = STATE_OPEN;
	if (session_is_client(session))
		send_salt(session);
	return SECCOMM_OK;
}

void predefined_announce(struct seccomm_session *session)
{
	const struct seccomm_callbacks *callbacks = session->callbacks;

	if (session->announced)
		return;
	session->announced = true;
	session->liveness.data_us = session->liveness.sent_us = session_now(session);
	if (!session_is_client(session))
		send_salt(session);
	listener_opened(session);
	if (callbacks->opened != NULL && session->ending > 0)
		callbacks->opened(callbacks->context, &session->principal);
	session_writable(session);
}

/* ---- Receiving ---- */

bool predefined_may_try(struct trials *trials, uint64_t now)
{
	if (trials->since_us == 0 || now - trials->since_us >= TRIALS_US)
		*trials = (struct trials){ TRIALS, now };
	if (trials->left == 0)
		return false;
	trials->left--;
	return true;
}

static void adopt(struct seccomm_session *session, const uint8_t salt[SALT])
{
	if (make(session, salt, &session->incoming) != SECCOMM_OK)
		alert_raise(session, SECCOMM_ALERT_INTERNAL, session_fifo(session), "keys of a salt");
}

static void take_datagram(struct seccomm_session *session, const struct frame *frame, uint8_t *bytes, size_t length)
{
	const uint8_t *salt = bytes + FRAME_HEADER;

	if (length < FRAME_HEADER + SALT) {
		alert_raise(session, SECCOMM_ALERT_MALFORMED, false, "too short");
	} else if (session->incoming != NULL && memcmp(session->incoming->salt, salt, SALT) != 0) {
		alert_raise(session, SECCOMM_ALERT_UNEXPECTED, false, "a message of another session with this key");
	} else if (session->incoming == NULL && !predefined_may_try(&session->trials, session_now(session))) {
		alert_raise(session, SECCOMM_ALERT_UNEXPECTED, false, "too many salts were tried");
	} else {
		if (session->incoming == NULL)
			adopt(session, salt);
		if (session->incoming == NULL)
			return;
		receive_frame(session->incoming, frame, bytes, length);
		if (session->incoming != NULL && !session->incoming->heard)
			session_retire(session, session->incoming);
	}
}

void predefined_frame(struct seccomm_session *session, const struct frame *frame, uint8_t *bytes, size_t length)
{
	bool salt = frame->lane == LANE_KEY + 1 && frame->epoch == 0 && frame->length == SALT_BODY &&
		    bytes[FRAME_HEADER] == KIND_SALT;

	if (frame->lane <= LANE_KEY && !session_fifo(session))
		take_datagram(session, frame, bytes, length);
	else if (frame->lane <= LANE_KEY && session->incoming != NULL)
		receive_frame(session->incoming, frame, bytes, length);
	else if (salt && session_fifo(session) && session->incoming == NULL)
		adopt(session, bytes + FRAME_HEADER + 1);
	else
		alert_raise(session, SECCOMM_ALERT_UNEXPECTED, session_fifo(session), "not a message of such a session");
}

size_t predefined_max(const struct seccomm_session *session, const struct frame *frame)
{
	bool known = session->incoming != NULL || !session_fifo(session);

	if (frame->lane > LANE_KEY)
		return session_fifo(session) && session->incoming == NULL ? SALT_BODY : 0;
	if (frame->epoch != 1 || !known)
		return 0;
	return frame->lane == LANE_CONTROL ? CONTROL_MAX : session->plan->max_frame;
}
