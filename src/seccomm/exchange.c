/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exchange.c - the opening: OPEN, M2, M3, DONE (doc/wire.md, "Opening").
 *
 *	client						server
 *	OPEN	id, digest, principal, nonce_c, share_c  ->
 *					 <-  id_c, id_s, principal, nonce_s, share_s, confirm_s	M2
 *	M3	id_s, confirm_c				 ->
 *					 <-  CONTROL of epoch 1					DONE
 *
 * M2 and M3 run through the layers under the key.  What the shares mean is the establish micro-protocol's: it is asked
 *by the event keyExchange_i.  This file provides sequence, transcript, identities and confirmation.
 */
#include <string.h>

#include "seccomm/session.h"

enum { OPENING_US = 10 * 1000 * 1000 };

static uint64_t now(const struct seccomm_session *session)
{
	return session->platform->monotonic_us(session->platform->context);
}

/* ---- Life ---- */

static int first_hash(struct seccomm_session *session, uint8_t out[HASH])
{
	static const uint8_t version = FRAME_VERSION;
	const struct crypto_part parts[] = { { "seccomm/1", 9 }, { &version, 1 }, { session->plan->digest, HASH } };

	return crypto_sha256(session_crypto(session), parts, 3, out);
}

int exchange_extend(
    struct crypto *crypto, const uint8_t th[HASH], const uint8_t *wire, size_t length, uint8_t out[HASH])
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

uint64_t exchange_elapsed(const struct seccomm_session *session)
{
	return now(session) - session->exchange->started;
}

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
		    "the server ended the connection during the opening; its log says why (it may not know this end's "
		    "key)");
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

/* ---- The secret and its confirmation ---- */

/* Asks the establish micro-protocol of the slot. */
bool exchange_ask(struct seccomm_session *session, unsigned step, const uint8_t *share, size_t length)
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
 * The MAC by which the end that sends DIRECTION proves that it has the secret.  Its key comes from the secret with TH1,
 * nonce_s and share_s, which nothing else is derived from; BODY, if any, is the part of M2 before it.
 */
int exchange_confirmation(struct seccomm_session *session, const uint8_t th1[HASH], const uint8_t *share,
    size_t share_length, const char *direction, const uint8_t over[HASH], const uint8_t *body, size_t length,
    uint8_t out[HASH])
{
	struct exchange *x = session->exchange;
	struct crypto *crypto = session_crypto(session);
	const struct crypto_part salted[] = { { th1, HASH }, { x->nonce_s, RANDOM }, { share, share_length } };
	const struct crypto_part covered[] = { { over, HASH }, { body, length } };
	uint8_t salt[HASH], prk[HASH], key[HASH];
	struct derivation d = { .key = prk,
		.lane = "confirm",
		.algorithm = "hmac-sha-256",
		.direction = direction,
		.purpose = "key",
		.instance = SLOT,
		.epoch = session->epoch->number };
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
int exchange_confirm_client(struct seccomm_session *session, const uint8_t *share, size_t length, uint8_t out[HASH])
{
	struct exchange *x = session->exchange;

	return exchange_confirmation(session, x->bound, share, length, "c2s", x->th, NULL, 0, out);
}

/* ---- Sending ---- */

/* Sends the LENGTH bytes of BODY through the layers under the slot's key. */
bool exchange_send(struct seccomm_session *session, const uint8_t *body, size_t length)
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
	if (exchange_extend(session_crypto(session), x->th, msg->body, msg->length, x->th) < 0)
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

	if (!exchange_ask(session, SECCOMM_OFFER, NULL, 0) ||
	    session->platform->random(session->platform->context, x->nonce_c, RANDOM) < 0) {
		session_end(session, SECCOMM_FAILED);
		return CACTUS_STOP;
	}
	memcpy(opening.digest, session->plan->digest, HASH);
	memcpy(opening.principal, session->self, HASH);
	memcpy(opening.nonce, x->nonce_c, RANDOM);
	opening.share = x->key.share;
	opening.share_length = x->key.share_length;
	frame.length = opening_write(session_crypto(session), &opening, session->peer, wire + FRAME_HEADER);
	frame_write(session->plan->link, &frame, wire);
	if (frame.length == 0 ||
	    exchange_extend(session_crypto(session), x->th, wire, FRAME_HEADER + frame.length, x->th) < 0)
		session_end(session, SECCOMM_FAILED);
	memcpy(x->bound, x->th, HASH);
	session_transmit(session, wire, FRAME_HEADER + frame.length);
	return CACTUS_STOP;
}

void exchange_send_m2(struct seccomm_session *session)
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
	if (exchange_confirmation(session, x->th, x->key.share, x->key.share_length, "s2c", x->th, body, n, body + n) <
	    0) {
		alert_raise(session, SECCOMM_ALERT_INTERNAL, true, "key confirmation");
		return;
	}
	session->state = STATE_AWAIT_M3;
	(void)exchange_send(session, body, n + HASH);
}
