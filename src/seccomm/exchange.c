/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exchange.c - the opening: OPEN, M2, M3, DONE (PROTOCOL 5; the bytes are in doc/wire.md).
 *
 *	client						server
 *	OPEN	id, digest, principal, nonce_c, share_c  ->
 *					 <-  id_c, id_s, principal, nonce_s, share_s, confirm_s	M2
 *	M3	id_s, confirm_c				 ->
 *					 <-  CONTROL of epoch 1					DONE
 *
 * M2 and M3 run through the layers under the key.  What the shares mean is the establish micro-protocol's: it is asked by the
 * event keyExchange_i.  This file provides sequence, transcript, identities and confirmation.
 */
#include <string.h>

#include "seccomm/session.h"

enum { SLOT = 1, OPENING_US = 10 * 1000 * 1000, M2_FIXED = 1 + 4 + 4 + HASH + RANDOM + 2 + HASH, M3_BODY = 1 + 4 + HASH };

static struct crypto *crypto_of(const struct seccomm_session *session) { return session->plan->library->crypto; }
static bool fifo(const struct seccomm_session *session) { return session->plan->link == SECCOMM_STREAM; }

static uint64_t now(const struct seccomm_session *session)
{
	return session->platform->monotonic_us(session->platform->context);
}

/* ---- Life ------------------------------------------------------------------------------------------------------------ */

static int first_hash(struct seccomm_session *session, uint8_t out[HASH])
{
	static const uint8_t version = FRAME_VERSION;
	const struct crypto_part parts[] = { { "seccomm/1", 9 }, { &version, 1 }, { session->plan->digest, HASH } };

	return crypto_sha256(crypto_of(session), parts, 3, out);
}

int exchange_extend(struct crypto *crypto, const uint8_t th[HASH], const uint8_t *wire, size_t length, uint8_t out[HASH])
{
	uint8_t size[4];
	const struct crypto_part parts[] = { { th, HASH }, { size, 4 }, { wire, length } };

	cactus_put_u32(size, (uint32_t)length);
	return crypto_sha256(crypto, parts, 3, out);
}

int exchange_new(struct seccomm_session *session)
{
	struct exchange *x = session_allocate(session, sizeof(*x));
	uint32_t index = 0;

	if (x == NULL)
		return SECCOMM_NO_MEMORY;
	session->exchange = x;
	x->started = now(session);
	x->deadline = x->started + OPENING_US;
	while (index == 0) /* 0 is nobody's: an OPEN carries it */
		if (session->platform->random(session->platform->context, &index, sizeof(index)) < 0)
			return SECCOMM_FAILED;
	session->receive_index = index;
	if (first_hash(session, x->th) < 0)
		return SECCOMM_FAILED;
	session->state = session->plan->role == SECCOMM_SERVER ? STATE_AWAIT_OPEN : STATE_AWAIT_M2;
	if (session->plan->role == SECCOMM_SERVER)
		return SECCOMM_OK;
	/* The first slot without a key stops the event; none left, and there would be nothing to open with. */
	return cactus_raise(session->epoch->cactus, session->epoch->open, NULL) == CACTUS_STOP && session->ending > 0
	    ? SECCOMM_OK
	    : SECCOMM_FAILED;
}

void exchange_free(struct seccomm_session *session)
{
	if (session->exchange == NULL)
		return;
	crypto_wipe(session->exchange, sizeof(*session->exchange));
	session_release(session, session->exchange, sizeof(*session->exchange));
	session->exchange = NULL;
}

uint64_t exchange_deadline(const struct seccomm_session *session)
{
	return session->exchange != NULL ? session->exchange->deadline : UINT64_MAX;
}

uint64_t exchange_elapsed(const struct seccomm_session *session) { return now(session) - session->exchange->started; }

const uint8_t *exchange_context(const struct seccomm_session *session)
{
	return session->exchange != NULL ? session->exchange->th : session->epoch->context;
}

void exchange_run_due(struct seccomm_session *session)
{
	static const char *const waited[] = { "no opening came", "the client did not finish the opening",
		"configurations differ, and the client did not tell its own", "the server did not answer",
		"the server did not finish the opening" };

	if (session->exchange != NULL && session->ending > 0 && now(session) >= session->exchange->deadline)
		alert_raisef(session, SECCOMM_ALERT_TIMED_OUT, true, "%s within 10 s", waited[session->state]);
}

void exchange_cut(struct seccomm_session *session)
{
	if (session->state == STATE_AWAIT_M2)
		alert_raise(session, SECCOMM_ALERT_TRUNCATED, true,
		    "the server ended the connection during the opening; its log says why (it may not know this end's key)");
	else if (session->state == STATE_AWAIT_MISMATCH)
		alert_raise(session, SECCOMM_ALERT_MISMATCH, true, "the client did not tell its configuration");
	else
		alert_raise(session, SECCOMM_ALERT_TRUNCATED, true, "the connection ended during the opening");
}

size_t exchange_max(const struct seccomm_session *session)
{
	switch (session->state) {
	case STATE_AWAIT_OPEN:
	case STATE_AWAIT_M3:
		return OPEN_MAX;
	case STATE_AWAIT_M2:
	case STATE_AWAIT_MISMATCH:
		return MISMATCH_MAX;
	default:
		return 0;
	}
}

/* ---- The secret and its confirmation -------------------------------------------------------------------------------- */

/* Asks the establish micro-protocol of the slot. */
static bool ask(struct seccomm_session *session, int step, const uint8_t *share, size_t length)
{
	struct seccomm_exchange *key = &session->exchange->key;
	struct cactus *c = session->epoch->cactus;
	cactus_event event = cactus_event_named(c, "keyExchange_", SLOT);

	key->step = step;
	key->peer_share = share;
	key->peer_length = length;
	return event != 0 && cactus_raise(c, event, key) == CACTUS_NEXT && key->share_length <= SECCOMM_SHARE_MAX &&
	    key->secret_length <= SECCOMM_SECRET_MAX;
}

/*
 * The MAC by which the end that sends DIRECTION proves that it has the secret.  Its key comes from the secret with TH1, nonce_s
 * and share_s, which nothing else is derived from; BODY, if any, is the part of M2 before it.
 */
static int confirmation(struct seccomm_session *session, const uint8_t th1[HASH], const uint8_t *share, size_t share_length,
    const char *direction, const uint8_t over[HASH], const uint8_t *body, size_t length, uint8_t out[HASH])
{
	struct exchange *x = session->exchange;
	struct crypto *crypto = crypto_of(session);
	const struct crypto_part salted[] = { { th1, HASH }, { x->nonce_s, RANDOM }, { share, share_length } };
	const struct crypto_part covered[] = { { over, HASH }, { body, length } };
	uint8_t salt[HASH], prk[HASH], key[HASH];
	struct derivation d = { .key = prk, .lane = "confirm", .algorithm = "hmac-sha-256", .direction = direction,
		.purpose = "key", .instance = SLOT, .epoch = session->epoch->number };
	int status = -1;

	if (crypto_sha256(crypto, salted, 3, salt) == 0 &&
	    crypto_hkdf_extract(crypto, salt, HASH, x->key.secret, x->key.secret_length, prk) == 0 &&
	    epoch_derive(crypto, &d, key, HASH) == 0)
		status = crypto_hmac_sha256(crypto, key, HASH, covered, body != NULL ? 2 : 1, out);
	crypto_wipe(prk, sizeof(prk));
	crypto_wipe(key, sizeof(key));
	return status;
}

/* The client must confirm under TH1, too, when M2 has already moved the transcript: both are kept for that. */
static int confirm_client(struct seccomm_session *session, const uint8_t *share, size_t length, uint8_t out[HASH])
{
	struct exchange *x = session->exchange;

	return confirmation(session, x->bound, share, length, "c2s", x->th, NULL, 0, out);
}

/* ---- Sending ----------------------------------------------------------------------------------------------------------- */

/* Sends the LENGTH bytes of BODY through the layers under the slot's key. */
static bool send_layered(struct seccomm_session *session, const uint8_t *body, size_t length)
{
	struct epoch *epoch = session->epoch;
	struct seccomm_message *message = message_new(session, SLOT, length);
	bool sent;

	if (message == NULL)
		return false;
	memcpy(message->cactus.body, body, length);
	session_head(session, message, LANE_KEY + SLOT, cactus_grown(session->plan->composition, SLOT, true, length));
	sent = cactus_raise_msg(epoch->cactus, cactus_down_event(epoch->cactus, SLOT), &message->cactus) != CACTUS_STOP;
	seccomm_message_release(message);
	if (!sent)
		alert_raise(session, SECCOMM_ALERT_INTERNAL, true, "a layer could not protect a key message");
	return sent;
}

enum cactus_verdict exchange_bottom(void *self, void *argument)
{
	struct epoch *epoch = self;
	struct seccomm_session *session = epoch->session;
	struct exchange *x = session->exchange;
	struct cactus_msg *msg = argument;
	uint8_t *out;

	if (x == NULL || !cactus_pack_rest(epoch->cactus, SLOT, msg) || msg->length != message_of(msg)->wire ||
	    (out = cactus_prefix(msg, FRAME_HEADER)) == NULL)
		return CACTUS_STOP;
	memcpy(out, msg->values + COVER_HEADER, FRAME_HEADER);
	if (exchange_extend(crypto_of(session), x->th, msg->body, msg->length, x->th) < 0)
		return CACTUS_STOP;
	session_transmit(session, msg->body, msg->length);
	return CACTUS_NEXT;
}

enum cactus_verdict seccomm_exchange_begin(void *state)
{
	struct seccomm_self *self = state;
	struct seccomm_session *session = self->session;
	struct exchange *x = session->exchange;
	struct opening opening = { .id = session->receive_index };
	struct frame frame = { .lane = LANE_KEY + SLOT };
	uint8_t wire[FRAME_HEADER + OPEN_MAX];

	if (!ask(session, SECCOMM_OFFER, NULL, 0) ||
	    session->platform->random(session->platform->context, x->nonce_c, RANDOM) < 0) {
		session_end(session, SECCOMM_FAILED);
		return CACTUS_STOP;
	}
	memcpy(opening.digest, session->plan->digest, HASH);
	memcpy(opening.principal, session->self, HASH);
	memcpy(opening.nonce, x->nonce_c, RANDOM);
	opening.share = x->key.share;
	opening.share_length = x->key.share_length;
	frame.length = opening_write(crypto_of(session), &opening, session->peer, wire + FRAME_HEADER);
	frame_write(session->plan->link, &frame, wire);
	if (frame.length == 0 || exchange_extend(crypto_of(session), x->th, wire, FRAME_HEADER + frame.length, x->th) < 0)
		session_end(session, SECCOMM_FAILED);
	memcpy(x->bound, x->th, HASH);
	session_transmit(session, wire, FRAME_HEADER + frame.length);
	return CACTUS_STOP;
}

static void send_m2(struct seccomm_session *session)
{
	struct exchange *x = session->exchange;
	uint8_t body[M2_FIXED + SECCOMM_SHARE_MAX];
	size_t n = 9;

	if (session->platform->random(session->platform->context, x->nonce_s, RANDOM) < 0) {
		alert_raise(session, SECCOMM_ALERT_INTERNAL, true, "no random numbers");
		return;
	}
	body[0] = KIND_M2;
	cactus_put_u32(body + 1, session->send_index);
	cactus_put_u32(body + 5, session->receive_index);
	memcpy(body + n, session->self, HASH);
	memcpy(body + n + HASH, x->nonce_s, RANDOM);
	n += HASH + RANDOM;
	cactus_put_u16(body + n, (uint16_t)x->key.share_length);
	memcpy(body + n + 2, x->key.share, x->key.share_length);
	n += 2 + x->key.share_length;
	memcpy(x->bound, x->th, HASH);
	if (confirmation(session, x->th, x->key.share, x->key.share_length, "s2c", x->th, body, n, body + n) < 0) {
		alert_raise(session, SECCOMM_ALERT_INTERNAL, true, "key confirmation");
		return;
	}
	session->state = STATE_AWAIT_M3;
	(void)send_layered(session, body, n + HASH);
}

/* ---- Receiving: the server's side of OPEN ------------------------------------------------------------------------------- */

static void differ(struct seccomm_session *session, const struct opening *opening)
{
	/* Only to a known peer, over a proven path, and signed: PROTOCOL 5, "Mismatch". */
	if (fifo(session) && session->identity != NULL) {
		session->state = STATE_AWAIT_MISMATCH;
		mismatch_send(session, opening->digest, opening->nonce);
		return;
	}
	alert_raise(session, SECCOMM_ALERT_MISMATCH, fifo(session),
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
		alert_raise(session, SECCOMM_ALERT_MALFORMED, fifo(session), "not an opening");
		return;
	}
	peer = participants_peer(session, opening.principal);
	if (peer == NULL) {
		seccomm_fingerprint_text(opening.principal, text);
		participants_list(session, list, sizeof(list));
		alert_raisef(session, SECCOMM_ALERT_UNKNOWN_PEER, fifo(session), "a client with key %s; known here: %s", text,
		    session->identity != NULL ? list : "holders of the pre-shared secret");
		return;
	}
	/*
	 * mac1 keeps strangers from costing a key agreement.  On a stream the path is proven and M2 shows our principal, so a
	 * client that expects another key is answered: only so can it name both.
	 */
	if (!opening_is_for(crypto_of(session), &opening, own) && !fifo(session)) {
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
		alert_raisef(session, SECCOMM_ALERT_UNKNOWN_PEER, fifo(session), "peer '%s' has no public key for %s here", peer->name, lack);
	else if (exchange_extend(crypto_of(session), x->th, wire, length, x->th) < 0)
		alert_raise(session, SECCOMM_ALERT_INTERNAL, true, "transcript");
	else if (!ask(session, SECCOMM_ANSWER, opening.share, opening.share_length))
		alert_raise(session, SECCOMM_ALERT_BAD_SHARE, fifo(session), NULL);
	else
		send_m2(session);
}

/* ---- Receiving: M2 and M3, when their layers have accepted them --------------------------------------------------------- */

static void client_keys(struct seccomm_session *session, const uint8_t *share, size_t share_length)
{
	struct exchange *x = session->exchange;
	uint8_t body[M3_BODY];

	body[0] = KIND_M3;
	cactus_put_u32(body + 1, session->send_index);
	if (confirm_client(session, share, share_length, body + 5) < 0) {
		alert_raise(session, SECCOMM_ALERT_INTERNAL, true, "key confirmation");
		return;
	}
	if (!send_layered(session, body, sizeof(body)))
		return;
	if (epoch_install(session->epoch, SLOT, x->th, x->key.secret, x->key.secret_length) != SECCOMM_OK ||
	    cactus_raise(session->epoch->cactus, session->epoch->open, NULL) != CACTUS_NEXT) {
		alert_raise(session, SECCOMM_ALERT_INTERNAL, true, "the keys could not be installed");
		return;
	}
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
		alert_raise(session, SECCOMM_ALERT_MALFORMED, fifo(session), "not an answer to this opening");
	else if (memcmp(principal, session->peer->principal, HASH) != 0)
		alert_raise(session, SECCOMM_ALERT_WRONG_PEER, fifo(session), NULL);
	else {
		memcpy(x->nonce_s, nonce, RANDOM);
		if (!ask(session, SECCOMM_FINISH, share, share_length))
			alert_raise(session, SECCOMM_ALERT_BAD_SHARE, fifo(session), NULL);
		else if (confirmation(session, x->bound, share, share_length, "s2c", x->bound, msg->body, covered, expected) < 0 ||
		    !crypto_equal(expected, confirm, HASH))
			alert_raise(session, SECCOMM_ALERT_UNCONFIRMED, fifo(session), NULL);
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
		alert_raise(session, SECCOMM_ALERT_MALFORMED, fifo(session), "not the third message of this opening");
		return false;
	}
	if (confirm_client(session, x->key.share, x->key.share_length, expected) < 0 || !crypto_equal(expected, confirm, HASH)) {
		alert_raise(session, SECCOMM_ALERT_UNCONFIRMED, fifo(session), NULL);
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

enum cactus_verdict exchange_accept(void *self, void *argument)
{
	struct epoch *epoch = self;
	struct seccomm_session *session = epoch->session;
	bool taken = session->state == STATE_AWAIT_M2 ? take_m2(session, argument) : take_m3(session, argument);

	return taken ? CACTUS_NEXT : CACTUS_STOP;
}

/*
 * Who the server says it is can be read in M2 before anything is verified, if no layer under the key hides it.  The signature
 * would fail just as surely; looking first lets the operator see both keys.
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
	alert_raisef(session, SECCOMM_ALERT_WRONG_PEER, fifo(session), "peer '%s' has key %s here, but the server says it has %s",
	    session->peer->name, ours, theirs);
	return true;
}

/* The messages of epoch 0, which no layer touches. */
static void take_fixed(struct seccomm_session *session, const struct frame *frame, uint8_t *wire, size_t length)
{
	struct exchange *x = session->exchange;
	const uint8_t *body = wire + FRAME_HEADER;

	if (session->state == STATE_AWAIT_OPEN)
		take_open(session, frame, wire, length);
	else if (session->state == STATE_AWAIT_M2 && mismatch_receive(session, body, frame->length, x->nonce_c, x->next))
		mismatch_send(session, body + 1, x->next), session_end(session, SECCOMM_REFUSED);
	else if (session->state == STATE_AWAIT_MISMATCH && mismatch_receive(session, body, frame->length, x->bound, x->next))
		session_end(session, SECCOMM_REFUSED);
	else if (session->ending > 0)
		alert_raise(session, SECCOMM_ALERT_UNEXPECTED, fifo(session), "key message");
}

void exchange_frame(struct seccomm_session *session, const struct frame *frame, uint8_t *bytes, size_t length)
{
	struct exchange *x = session->exchange;
	struct cactus *c = session->epoch->cactus;
	struct seccomm_message *message = &session->inbound;
	bool layered = session->state == STATE_AWAIT_M2 || session->state == STATE_AWAIT_M3;

	if (x == NULL || frame->lane != LANE_KEY + SLOT || frame->epoch > session->epoch->number || (frame->epoch == 1 && !layered)) {
		alert_raise(session, SECCOMM_ALERT_UNEXPECTED, fifo(session), "key message");
		return;
	}
	if (frame->epoch == 0) {
		take_fixed(session, frame, bytes, length);
		return;
	}
	if (session->state == STATE_AWAIT_M2 && is_other_server(session, frame, bytes))
		return;
	if (exchange_extend(crypto_of(session), x->th, bytes, length, x->next) < 0 ||
	    session_unhead(session, frame, bytes, length, message) != SECCOMM_OK) {
		alert_raise(session, SECCOMM_ALERT_MALFORMED, fifo(session), NULL);
		return;
	}
	(void)cactus_raise_msg(c, cactus_up_event(c, SLOT), &message->cactus);
}
