/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control.c - the CONTROL lane: always sealed by a built-in AEAD, whatever the configuration says.
 *
 * Body: [number (8), on datagrams] || kind (1) || data count (8), of CLOSE || tag (16).  Key and IV come from
 * HKDF-Extract(context, K_1 || ... || K_n) per direction and epoch; the nonce is IV xor number; the cover is
 * authenticated. Messages are few, so keys are derived when one is needed and nothing is kept.
 */
#include <string.h>

#include "seccomm/session.h"

enum { KEY = 32, TAG = CRYPTO_TAG_BYTES, NONCE = CRYPTO_NONCE_BYTES, COVER = COVER_HEADER + FRAME_HEADER };

static int sealer(struct seccomm_session *session, enum seccomm_way way, struct crypto_aead **out, uint8_t iv[NONCE])
{
	struct crypto *crypto = session_crypto(session);
	struct epoch *epoch = session->epoch;
	uint8_t master[HASH], key[KEY];
	struct derivation d = { .key = master,
		.lane = "control",
		.algorithm = "chacha20-poly1305",
		.direction = session_direction(session, way),
		.purpose = "key",
		.epoch = epoch->number };
	int status =
	    crypto_hkdf_extract(crypto, epoch->context, HASH, epoch->keys, session->plan->slot_count * HASH, master);

	if (status == 0)
		status = epoch_derive(crypto, &d, key, sizeof(key));
	d.purpose = "iv";
	if (status == 0)
		status = epoch_derive(crypto, &d, iv, NONCE);
	if (status == 0)
		status = crypto_aead_new(crypto, crypto_find(CRYPTO_AEAD, d.algorithm), key, way == SECCOMM_SEND, out);
	crypto_wipe(master, sizeof(master));
	crypto_wipe(key, sizeof(key));
	return status;
}

static void nonce_of(uint8_t nonce[NONCE], uint64_t number)
{
	uint8_t bytes[8];

	cactus_put_u64(bytes, number);
	for (size_t i = 0; i < 8; i++)
		nonce[NONCE - 8 + i] ^= bytes[i];
}

/* COVER = number || header; on a stream the number is the implicit one of all lanes, on datagrams the lane's own. */
static uint64_t head(struct seccomm_session *session, size_t length, uint8_t cover[COVER])
{
	struct epoch *epoch = session->epoch;
	struct frame frame = { .lane = LANE_CONTROL, .epoch = (uint8_t)epoch->number, .index = session->send_index };
	uint64_t number = session_fifo(session) ? epoch->sent++ : epoch->control_sent++;

	frame.length = length;
	cactus_put_u64(cover, number);
	frame_write(session->plan->link, &frame, cover + COVER_HEADER);
	return number;
}

static int seal(
    struct seccomm_session *session, uint64_t number, const uint8_t cover[COVER], uint8_t *body, size_t length)
{
	struct crypto_aead *aead = NULL;
	uint8_t nonce[NONCE];
	int status = sealer(session, SECCOMM_SEND, &aead, nonce);

	if (status == 0) {
		nonce_of(nonce, number);
		status = crypto_aead_seal(aead, nonce, cover, COVER, body, length, body + length);
	}
	crypto_aead_free(aead);
	return status;
}

/* Both directions are closed: there is nothing left to do. */
static void maybe_done(struct seccomm_session *session)
{
	if (session->close_sent && session->peer_closed)
		session_end(session, SECCOMM_OK);
}

int control_send(struct seccomm_session *session, unsigned kind)
{
	bool numbered = !session_fifo(session);
	uint8_t cover[COVER], wire[FRAME_HEADER + CONTROL_MAX], *body = wire + FRAME_HEADER;
	size_t front = numbered ? FRAME_NUMBER : 0, length = kind == CONTROL_CLOSE ? 9 : 1;
	uint64_t number = head(session, front + length + TAG, cover);

	memcpy(wire, cover + COVER_HEADER, FRAME_HEADER);
	if (numbered)
		memcpy(body, cover, FRAME_NUMBER);
	body += front;
	body[0] = (uint8_t)kind;
	if (kind == CONTROL_CLOSE)
		cactus_put_u64(body + 1, session->epoch->data_sent);
	if (seal(session, number, cover, body, length) < 0) {
		alert_raise(session, SECCOMM_ALERT_INTERNAL, true, "a control message could not be sealed");
		return SECCOMM_FAILED;
	}
	/* From here on a push comes too late, also one inside the driver's callback. */
	session->close_sent |= kind == CONTROL_CLOSE;
	session_transmit(session, wire, FRAME_HEADER + front + length + TAG);
	maybe_done(session);
	return SECCOMM_OK;
}

static void take_close(struct seccomm_session *session, uint64_t count)
{
	const struct seccomm_callbacks *callbacks = session->callbacks;

	if (count != session->epoch->data_received && session_fifo(session)) {
		alert_raisef(session, SECCOMM_ALERT_TRUNCATED, true, "the peer sent %llu messages, %llu arrived",
		    (unsigned long long)count, (unsigned long long)session->epoch->data_received);
		return;
	}
	session->peer_closed = true;
	if (callbacks->peer_closed != NULL)
		callbacks->peer_closed(callbacks->context);
	maybe_done(session);
}

static void take(struct seccomm_session *session, const uint8_t *body, size_t length)
{
	if (length == 1 && body[0] == CONTROL_DONE && session->state == STATE_AWAIT_DONE) {
		session_opened(session);
	} else if (length == 9 && body[0] == CONTROL_CLOSE && session->state == STATE_OPEN && !session->peer_closed) {
		take_close(session, cactus_u64(body + 1));
	} else {
		alert_raise(session, SECCOMM_ALERT_UNEXPECTED, session_fifo(session), "control message");
	}
}

void control_frame(struct seccomm_session *session, uint8_t *bytes, size_t length)
{
	struct epoch *epoch = session->epoch;
	bool fifo = session_fifo(session);
	size_t front = FRAME_HEADER + (fifo ? 0 : FRAME_NUMBER);
	struct crypto_aead *aead = NULL;
	uint8_t nonce[NONCE], cover[COVER];
	uint64_t number;
	int status;

	if (length < front + TAG + 1 || (epoch->ready & 2) == 0) {
		alert_raise(session, SECCOMM_ALERT_MALFORMED, fifo, "control message");
		return;
	}
	number = fifo ? epoch->received++ : cactus_u64(bytes + FRAME_HEADER);
	cactus_put_u64(cover, number);
	memcpy(cover + COVER_HEADER, bytes, FRAME_HEADER);
	status = sealer(session, SECCOMM_RECEIVE, &aead, nonce);
	if (status == 0)
		nonce_of(nonce, number);
	if (status == 0)
		status = crypto_aead_open(
		    aead, nonce, cover, COVER, bytes + front, length - front - TAG, bytes + length - TAG);
	crypto_aead_free(aead);
	if (status < 0) {
		epoch->failures++;
		alert_raise(session, SECCOMM_ALERT_BAD_TAG, fifo, "control message");
	} else if (!fifo && number < epoch->control_received) {
		alert_raise(session, SECCOMM_ALERT_REPLAYED, false, "control message");
	} else {
		epoch->control_received = number + 1;
		take(session, bytes + front, length - front - TAG);
	}
}
