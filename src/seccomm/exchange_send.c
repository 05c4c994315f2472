/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exchange_send.c - what an exchange sends: OPEN, M1, M2 and M3, written and put through the layers under the key.
 */
#include <string.h>

#include "seccomm/exchange.h"

enum { RESEND_US = 250 * 1000 }; /* the first time */

/* On datagrams it is the client who sends again until it is answered; the server answers again when it is asked again. */
static void arm(struct seccomm_session *session)
{
	struct exchange *x = session->exchange;

	if (session_fifo(session) || !session_is_client(session))
		return;
	x->interval_us = RESEND_US;
	x->resend_us = session_now(session) + RESEND_US;
}

/* Sends the LENGTH bytes of BODY through the layers under the slot's key. */
static bool send_layered(struct seccomm_session *session, uint64_t number, const uint8_t *body, size_t length)
{
	struct exchange *x = session->exchange;
	struct epoch *epoch = x->epoch;
	struct seccomm_message *message;
	bool sent;

	if (length > cactus_most(epoch->plan->composition, x->slot, true)) {
		exchange_fail(session, "a key message is longer than what a layer under the key can take");
		return false;
	}
	message = message_new(session, epoch->plan, x->slot, length);
	if (message == NULL) {
		exchange_fail(session, "out of memory");
		return false;
	}
	memcpy(message->cactus.body, body, length);
	session_head(epoch, message, LANE_KEY + x->slot, number,
	    cactus_grown(epoch->plan->composition, x->slot, true, length));
	sent = session_raise(epoch, cactus_down_event(epoch->cactus, x->slot), message) != CACTUS_STOP;
	seccomm_message_release(message);
	if (!sent)
		exchange_fail(session, "a layer could not protect a key message");
	return sent;
}

enum cactus_verdict exchange_bottom(void *self, void *argument)
{
	struct epoch *epoch = self;
	struct seccomm_session *session = epoch->session;
	struct exchange *x = session->exchange;
	struct cactus_msg *msg = argument;
	uint8_t *out;

	if (x == NULL || x->epoch != epoch || !cactus_pack_rest(epoch->cactus, x->slot, msg) ||
	    msg->length != message_of(msg)->wire || (out = cactus_prefix(msg, FRAME_HEADER)) == NULL)
		return CACTUS_STOP;
	memcpy(out, msg->values + COVER_HEADER, FRAME_HEADER);
	if (exchange_extend(session_crypto(session), x->th, msg->body, msg->length, x->th) < 0 ||
	    flight_send(session, mark_of(x->slot, message_of(msg)->number), msg->body, msg->length) < 0)
		return CACTUS_STOP;
	arm(session);
	return CACTUS_NEXT;
}

int exchange_send_open(struct seccomm_session *session, struct opening *opening)
{
	struct exchange *x = session->exchange;
	struct crypto *crypto = session_crypto(session);
	struct frame frame = { .lane = LANE_KEY + 1 };
	uint8_t wire[FRAME_HEADER + OPEN_MAX];

	frame.length = opening_write(crypto, opening, session->peer, wire + FRAME_HEADER);
	frame_write(session->plan->link, &frame, wire);
	exchange_progress(session); /* one that was sent before is replaced */
	if (frame.length == 0 || exchange_begin_transcript(session) < 0 ||
	    exchange_extend(crypto, x->th, wire, FRAME_HEADER + frame.length, x->th) < 0 ||
	    flight_send(session, mark_of(1, PLACE_M1), wire, FRAME_HEADER + frame.length) < 0)
		return SECCOMM_FAILED;
	memcpy(x->bound, x->th, HASH);
	arm(session);
	return SECCOMM_OK;
}

size_t exchange_answer_length(const struct seccomm_plan *plan, size_t share_length)
{
	return cactus_grown(plan->composition, 1, plan->role == SECCOMM_SERVER,
	    M2_FIXED + (share_length > SHARE_LEAST ? share_length : SHARE_LEAST));
}

bool seccomm_plan_exchange_fits(const struct seccomm_plan *plan, size_t slot, struct plan_exchange_sizes *out)
{
	const unsigned chain = (unsigned)slot + 1;
	const size_t share = seccomm_slot_answer_bytes(&plan->slots[slot]);
	const size_t most = cactus_most(plan->composition, chain, true), peer = cactus_most(plan->composition, chain, false);

	out->least = M2_FIXED + (share > SHARE_LEAST ? share : SHARE_LEAST);
	out->taken = most < peer ? most : peer;
	out->wire = cactus_grown(plan->composition, chain, plan->role == SECCOMM_SERVER, out->least);
	out->wire_most = KEY_MESSAGE_MAX;
	return out->least <= out->taken && out->wire <= out->wire_most;
}

static bool begin_open(struct seccomm_session *session)
{
	struct exchange *x = session->exchange;
	struct opening opening = { .id = session->receive_index,
		.share = x->key.share,
		.share_length = x->key.share_length,
		.length = session_fifo(session) ? 0 : exchange_answer_length(session->plan, x->key.share_length) };

	if (session->platform->random(session->platform->context, x->nonce_c, RANDOM) < 0)
		return false;
	memcpy(opening.nonce, x->nonce_c, RANDOM);
	memcpy(opening.digest, session->plan->digest, HASH);
	memcpy(opening.principal, session->self, HASH);
	return exchange_send_open(session, &opening) == SECCOMM_OK;
}

static bool begin_m1(struct seccomm_session *session)
{
	struct exchange *x = session->exchange;
	uint8_t body[1 + RANDOM + 2 + SECCOMM_SHARE_MAX];
	bool sent;

	body[0] = KIND_M1;
	if (session->platform->random(session->platform->context, body + 1, RANDOM) < 0)
		return false;
	cactus_put_u16(body + 1 + RANDOM, (uint16_t)x->key.share_length);
	memcpy(body + 3 + RANDOM, x->key.share, x->key.share_length);
	sent = send_layered(session, PLACE_M1, body, 3 + RANDOM + x->key.share_length);
	crypto_wipe(body, sizeof(body));
	memcpy(x->bound, x->th, HASH);
	return sent;
}

enum cactus_verdict seccomm_exchange_begin(void *state)
{
	struct seccomm_self *self = state;
	struct seccomm_session *session = self->session;
	struct exchange *x = session->exchange;
	uint8_t share[SECCOMM_SHARE_MAX];

	x->slot = self->key;
	x->stage = AWAIT_M2;
	x->began = exchange_ask(session, SECCOMM_OFFER, share, NULL, 0) &&
		   (exchange_is_opening(session) && x->slot == 1 ? begin_open(session) : begin_m1(session));
	x->key.share = NULL;
	crypto_wipe(share, sizeof(share));
	return CACTUS_STOP;
}

void exchange_send_m2(struct seccomm_session *session)
{
	struct exchange *x = session->exchange;
	uint8_t body[M2_FIXED + SECCOMM_SHARE_MAX], *nonce = body + 9 + HASH;
	size_t n = 9 + HASH + RANDOM + 2 + x->key.share_length, mac = x->key.late ? 0 : HASH;
	const struct confirmation what = { "s2c", x->bound, body, n };

	memcpy(x->bound, x->th, HASH);
	body[0] = KIND_M2;
	cactus_put_u32(body + 1, session->send_index);
	cactus_put_u32(body + 5, session->receive_index);
	memcpy(body + 9, session->self, HASH);
	cactus_put_u16(nonce + RANDOM, (uint16_t)x->key.share_length);
	memcpy(nonce + RANDOM + 2, x->key.share, x->key.share_length);
	if (session->platform->random(session->platform->context, nonce, RANDOM) < 0) {
		exchange_fail(session, "no random numbers");
	} else if (exchange_salt(session, nonce, x->key.share, x->key.share_length) < 0 ||
		   (mac > 0 && exchange_confirm(session, &what, body + n) < 0)) {
		exchange_fail(session, "key confirmation");
	} else {
		x->stage = AWAIT_M3;
		if (send_layered(session, PLACE_M2, body, n + mac))
			session->renewal.attempt = x->attempt; /* its M1 is answered this once */
	}
	crypto_wipe(body, sizeof(body));
}

bool exchange_send_m3(struct seccomm_session *session)
{
	struct exchange *x = session->exchange;
	uint8_t body[1 + 4 + 2 + SECCOMM_SHARE_MAX + HASH];
	size_t n = 7 + x->key.share_length;
	const struct confirmation what = { "c2s", x->th, NULL, 0 };
	bool sent = false;

	body[0] = KIND_M3;
	cactus_put_u32(body + 1, session->send_index);
	cactus_put_u16(body + 5, (uint16_t)x->key.share_length);
	memcpy(body + 7, x->key.share, x->key.share_length);
	if (exchange_confirm(session, &what, body + n) < 0)
		exchange_fail(session, "key confirmation");
	else
		sent = send_layered(session, PLACE_M3, body, n + HASH);
	crypto_wipe(body, sizeof(body));
	return sent;
}
