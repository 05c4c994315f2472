/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge.c - what the opening receives: OPEN, M2, M3 and MISMATCH are judged here, and only what is accepted moves the
 * exchange.
 */
#include <string.h>

#include "seccomm/session.h"

static void differ(struct seccomm_session *session, const struct opening *opening)
{
	/* Only to a known peer, over a proven path, and signed: doc/wire.md, "MISMATCH". */
	if (session_fifo(session) && session->identity != NULL) {
		session->state = STATE_AWAIT_MISMATCH;
		mismatch_send(session, opening->digest, opening->nonce);
		return;
	}
	alert_raise(session, SECCOMM_ALERT_MISMATCH, session_fifo(session),
	    "the digests differ; compare both with `seccomm explain FILE`");
}

static void take_open(struct seccomm_session *session, const struct frame *frame, uint8_t *wire, size_t length)
{
	struct exchange *x = session->exchange;
	const uint8_t *own = session->identity != NULL ? session->identity->public_key : session->peer->public_key;
	struct opening opening;
	const struct peer *peer;
	char text[SECCOMM_FINGERPRINT_TEXT], list[1024];
	const char *lack;

	if (!opening_read(wire + FRAME_HEADER, frame->length, &opening)) {
		alert_raise(session, SECCOMM_ALERT_MALFORMED, session_fifo(session), "not an opening");
		return;
	}
	peer = participants_peer(session, opening.principal);
	if (peer == NULL) {
		seccomm_fingerprint_text(opening.principal, text);
		participants_list(session, list, sizeof(list));
		alert_raisef(session, SECCOMM_ALERT_UNKNOWN_PEER, session_fifo(session),
		    "a client with key %s; known here: %s", text,
		    session->identity != NULL ? list : "holders of the pre-shared secret");
		return;
	}
	/*
	 * mac1 keeps strangers from costing a key agreement.  On a stream the path is proven and M2 shows our
	 * principal, so a client that expects another key is answered: only so can it name both.
	 */
	if (!opening_is_for(session_crypto(session), &opening, own) && !session_fifo(session)) {
		alert_raise(session, SECCOMM_ALERT_WRONG_PEER, false, "the opening was written for another server key");
		return;
	}
	participants_set(session, peer);
	session->send_index = opening.id;
	if (memcmp(opening.digest, session->plan->digest, HASH) != 0) {
		differ(session, &opening);
		return;
	}
	lack = participants_lack(session, peer->keys, SECCOMM_RECEIVE);
	if (lack != NULL)
		alert_raisef(session, SECCOMM_ALERT_UNKNOWN_PEER, session_fifo(session),
		    "peer '%s' has no public key for %s here", peer->name, lack);
	else if (exchange_extend(session_crypto(session), x->th, wire, length, x->next) < 0)
		alert_raise(session, SECCOMM_ALERT_INTERNAL, true, "transcript");
	else if (!exchange_ask(session, SECCOMM_ANSWER, opening.share, opening.share_length))
		alert_raise(session, SECCOMM_ALERT_BAD_SHARE, session_fifo(session), NULL);
	else {
		memcpy(x->th, x->next, HASH); /* only an accepted message moves the transcript */
		exchange_send_m2(session);
	}
}

/* ---- Receiving: M2 and M3, when their layers have accepted them ---- */

static void client_keys(struct seccomm_session *session, const uint8_t *share, size_t share_length)
{
	struct exchange *x = session->exchange;
	uint8_t body[M3_BODY];

	body[0] = KIND_M3;
	cactus_put_u32(body + 1, session->send_index);
	if (exchange_confirm_client(session, share, share_length, body + 5) < 0) {
		alert_raise(session, SECCOMM_ALERT_INTERNAL, true, "key confirmation");
		return;
	}
	if (!exchange_send(session, body, sizeof(body)))
		return;
	if (epoch_install(session->epoch, SLOT, x->th, x->key.secret, x->key.secret_length) != SECCOMM_OK ||
	    cactus_raise(session->epoch->cactus, session->epoch->open, NULL) != CACTUS_NEXT) {
		alert_raise(session, SECCOMM_ALERT_INTERNAL, true, "the keys could not be installed");
		return;
	}
	crypto_wipe(x->key.secret, sizeof(x->key.secret));
	session->state = STATE_AWAIT_DONE;
	session_writable(session);
}

static bool take_m2(struct seccomm_session *session, const struct cactus_msg *msg)
{
	struct exchange *x = session->exchange;
	struct cursor cursor = { .at = msg->body, .left = msg->length };
	const uint8_t *kind = cursor_take(&cursor, 1), *principal, *nonce, *share, *confirm;
	uint32_t id_c = cursor_u32(&cursor), id_s = cursor_u32(&cursor);
	uint8_t expected[HASH];
	size_t share_length, covered;

	principal = cursor_take(&cursor, HASH);
	nonce = cursor_take(&cursor, RANDOM);
	share = cursor_short(&cursor, &share_length);
	covered = msg->length - cursor.left;
	confirm = cursor_take(&cursor, HASH);
	if (cursor.bad || cursor.left != 0 || kind[0] != KIND_M2 || id_c != session->receive_index)
		alert_raise(session, SECCOMM_ALERT_MALFORMED, session_fifo(session), "not an answer to this opening");
	else if (memcmp(principal, session->peer->principal, HASH) != 0)
		alert_raise(session, SECCOMM_ALERT_WRONG_PEER, session_fifo(session), NULL);
	else {
		memcpy(x->nonce_s, nonce, RANDOM);
		if (!exchange_ask(session, SECCOMM_FINISH, share, share_length))
			alert_raise(session, SECCOMM_ALERT_BAD_SHARE, session_fifo(session), NULL);
		else if (exchange_confirmation(session, x->bound, share, share_length, "s2c", x->bound, msg->body,
			     covered, expected) < 0 ||
			 !crypto_equal(expected, confirm, HASH))
			alert_raise(session, SECCOMM_ALERT_UNCONFIRMED, session_fifo(session), NULL);
		else {
			session->send_index = id_s;
			memcpy(x->th, x->next, HASH);
			client_keys(session, share, share_length);
			return true;
		}
	}
	return false;
}

static bool take_m3(struct seccomm_session *session, const struct cactus_msg *msg)
{
	struct exchange *x = session->exchange;
	struct cursor cursor = { .at = msg->body, .left = msg->length };
	const uint8_t *kind = cursor_take(&cursor, 1), *confirm;
	uint32_t id_s = cursor_u32(&cursor);
	uint8_t expected[HASH];

	confirm = cursor_take(&cursor, HASH);
	if (cursor.bad || cursor.left != 0 || kind[0] != KIND_M3 || id_s != session->receive_index) {
		alert_raise(
		    session, SECCOMM_ALERT_MALFORMED, session_fifo(session), "not the third message of this opening");
		return false;
	}
	if (exchange_confirm_client(session, x->key.share, x->key.share_length, expected) < 0 ||
	    !crypto_equal(expected, confirm, HASH)) {
		alert_raise(session, SECCOMM_ALERT_UNCONFIRMED, session_fifo(session), NULL);
		return false;
	}
	memcpy(x->th, x->next, HASH);
	if (epoch_install(session->epoch, SLOT, x->th, x->key.secret, x->key.secret_length) != SECCOMM_OK) {
		alert_raise(session, SECCOMM_ALERT_INTERNAL, true, "the keys could not be installed");
		return false;
	}
	if (control_send(session, CONTROL_DONE) == SECCOMM_OK)
		session_opened(session);
	return true;
}

/* The end of keyMsgReceive: as for data, what the layers remember changes only now, and only for what the exchange
 * accepts. */
enum cactus_verdict exchange_accept(void *self, void *argument)
{
	struct epoch *epoch = self;
	struct seccomm_session *session = epoch->session;
	cactus_event prepare = cactus_event_named(epoch->cactus, "msgPrepare_", SLOT);
	cactus_event accepted = cactus_event_named(epoch->cactus, "msgAccepted_", SLOT);
	bool taken;

	if (prepare == 0 || accepted == 0 || cactus_raise(epoch->cactus, prepare, argument) != CACTUS_NEXT)
		return CACTUS_STOP;
	taken = session->state == STATE_AWAIT_M2 ? take_m2(session, argument) : take_m3(session, argument);
	if (taken)
		(void)cactus_raise(epoch->cactus, accepted, argument);
	return taken ? CACTUS_NEXT : CACTUS_STOP;
}

/*
 * Who the server says it is can be read in M2 before anything is verified, if no layer under the key hides it.  The
 * signature would fail just as surely; looking first lets the operator see both keys.
 */
static bool is_other_server(struct seccomm_session *session, const struct frame *frame, const uint8_t *wire)
{
	const uint8_t *principal = wire + FRAME_HEADER + 9;
	char ours[SECCOMM_FINGERPRINT_TEXT], theirs[SECCOMM_FINGERPRINT_TEXT];

	if (session->plan->hidden || frame->length < M2_FIXED || wire[FRAME_HEADER] != KIND_M2 ||
	    memcmp(principal, session->peer->principal, HASH) == 0)
		return false;
	seccomm_fingerprint_text(session->peer->principal, ours);
	seccomm_fingerprint_text(principal, theirs);
	alert_raisef(session, SECCOMM_ALERT_WRONG_PEER, session_fifo(session),
	    "peer '%s' has key %s here, but the server says it has %s", session->peer->name, ours, theirs);
	return true;
}

/* The messages of epoch 0, which no layer touches. */
static void take_fixed(struct seccomm_session *session, const struct frame *frame, uint8_t *wire, size_t length)
{
	struct exchange *x = session->exchange;
	const uint8_t *body = wire + FRAME_HEADER;

	if (session->state == STATE_AWAIT_OPEN)
		take_open(session, frame, wire, length);
	else if (session->state == STATE_AWAIT_M2 &&
		 mismatch_receive(session, body, frame->length, x->nonce_c, x->next))
		mismatch_send(session, body + 1, x->next), session_end(session, SECCOMM_REFUSED);
	else if (session->state == STATE_AWAIT_MISMATCH &&
		 mismatch_receive(session, body, frame->length, x->bound, x->next))
		session_end(session, SECCOMM_REFUSED);
	else if (session->ending > 0)
		alert_raise(session, SECCOMM_ALERT_UNEXPECTED, session_fifo(session), "key message");
}

void exchange_frame(struct seccomm_session *session, const struct frame *frame, uint8_t *bytes, size_t length)
{
	struct exchange *x = session->exchange;
	struct cactus *c = session->epoch->cactus;
	struct seccomm_message *message = &session->inbound;
	bool layered = session->state == STATE_AWAIT_M2 || session->state == STATE_AWAIT_M3;

	if (x == NULL || frame->lane != LANE_KEY + SLOT || frame->epoch > session->epoch->number ||
	    (frame->epoch == 1 && !layered)) {
		alert_raise(session, SECCOMM_ALERT_UNEXPECTED, session_fifo(session), "key message");
		return;
	}
	if (frame->epoch == 0) {
		take_fixed(session, frame, bytes, length);
		return;
	}
	if (session->state == STATE_AWAIT_M2 && is_other_server(session, frame, bytes))
		return;
	if (exchange_extend(session_crypto(session), x->th, bytes, length, x->next) < 0 ||
	    session_unhead(session, frame, bytes, length, message) != SECCOMM_OK) {
		alert_raise(session, SECCOMM_ALERT_MALFORMED, session_fifo(session), NULL);
		return;
	}
	(void)cactus_raise_msg(c, cactus_up_event(c, SLOT), &message->cactus);
}
