/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control.c - the CONTROL lane: always sealed by a built-in AEAD, whatever the configuration says.
 *
 * Body: [[salt (16)] || number (8), on datagrams] || ciphertext of kind (1) || what belongs to it || tag (16).  Key and IV come from
 * HKDF-Extract(context, K_1 || ... || K_n) per direction and epoch; the nonce is IV xor number; the cover is
 * authenticated.  Messages are few, so keys are derived when one is needed and nothing is kept.
 */
#include <string.h>

#include "seccomm/exchange.h"

enum { KEY = 32, TAG = CRYPTO_TAG_BYTES, NONCE = CRYPTO_NONCE_BYTES, COVER = COVER_HEADER + FRAME_HEADER, COUNT = 8 };

static int sealer(struct epoch *epoch, enum seccomm_way way, struct crypto_aead **out, uint8_t iv[NONCE])
{
	struct crypto *crypto = session_crypto(epoch->session);
	uint8_t master[HASH], key[KEY];
	struct derivation d = { .key = master,
		.lane = "control",
		.algorithm = "chacha20-poly1305",
		.direction = session_direction(epoch->session, way),
		.purpose = "key",
		.epoch = epoch->number };
	int status = epoch_master(epoch, master);

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

/* ---- Sending ---- */

/* COVER = number || header; on a stream data and control share the numbers, on datagrams the lane has its own. */
static uint64_t head(struct epoch *epoch, size_t length, uint8_t cover[COVER])
{
	struct seccomm_session *session = epoch->session;
	struct frame frame = { .lane = LANE_CONTROL, .epoch = (uint8_t)epoch->number, .index = session->send_index };
	uint64_t number = session_fifo(session) ? epoch->sent++ : epoch->control_sent++;

	frame.length = length;
	cactus_put_u64(cover, number);
	frame_write(session->plan->link, &frame, cover + COVER_HEADER);
	return number;
}

static int seal(struct epoch *epoch, uint64_t number, const uint8_t cover[COVER], uint8_t *body, size_t length)
{
	struct crypto_aead *aead = NULL;
	uint8_t nonce[NONCE];
	int status = sealer(epoch, SECCOMM_SEND, &aead, nonce);

	if (status == 0) {
		nonce_of(nonce, number);
		status = crypto_aead_seal(aead, nonce, cover, COVER, body, length, body + length);
	}
	crypto_aead_free(aead);
	return status;
}

/* What an end that lives answers: with what it means, or with a keepalive (clock.c).  M3 has a time of its own. */
static bool wants_answer(enum control_kind kind, const uint8_t *body)
{
	switch (kind) {
	case CONTROL_CLOSE:
	case CONTROL_REKEY:
		return true;
	case CONTROL_KEEPALIVE:
		return *body != 0;
	case CONTROL_KEY:
		return place_of(*body) == PLACE_M1;
	default:
		return false;
	}
}

/* Both directions are closed: there is nothing left to do. */
static void maybe_done(struct seccomm_session *session)
{
	if (session->close_sent && session->peer_closed)
		session_end(session, SECCOMM_OK);
}

int control_send(struct epoch *epoch, enum control_kind kind, const void *bytes, size_t length)
{
	struct seccomm_session *session = epoch->session;
	uint8_t cover[COVER], wire[FRAME_HEADER + CONTROL_MAX], *body = wire + FRAME_HEADER;
	size_t salt = epoch->plan->salt, front = salt + (session_fifo(session) ? 0 : FRAME_NUMBER);
	uint64_t number = head(epoch, front + 1 + length + TAG, cover);

	memcpy(wire, cover + COVER_HEADER, FRAME_HEADER);
	memcpy(body, epoch->salt, salt);
	memcpy(body + salt, cover, front - salt);
	body += front;
	body[0] = (uint8_t)kind;
	if (length > 0)
		memcpy(body + 1, bytes, length);
	if (seal(epoch, number, cover, body, 1 + length) < 0) {
		/* On datagrams it is as good as lost, and only CLOSE is not sent again. */
		alert_raise(session, SECCOMM_ALERT_INTERNAL, session_fifo(session) || kind == CONTROL_CLOSE,
		    "a control message could not be sealed");
		return SECCOMM_FAILED;
	}
	/* From here on a push comes too late, also one inside the driver's callback. */
	session->close_sent |= kind == CONTROL_CLOSE;
	session->liveness.owes = false;
	session->liveness.sent = true;
	session->liveness.expects |= wants_answer(kind, bytes);
	session_transmit(session, wire, FRAME_HEADER + front + 1 + length + TAG);
	maybe_done(session);
	return SECCOMM_OK;
}

int control_send_count(struct epoch *epoch, enum control_kind kind)
{
	uint8_t count[COUNT];

	cactus_put_u64(count, epoch->data_sent);
	return control_send(epoch, kind, count, sizeof(count));
}

/* On datagrams a CLOSE may be lost: it is said again where a keepalive would be sent. */
void control_keepalive(struct seccomm_session *session, bool answer)
{
	uint8_t body = answer;

	if (session->close_sent)
		(void)control_send_count(session->epoch, CONTROL_CLOSE);
	else
		(void)control_send(session->epoch, CONTROL_KEEPALIVE, &body, 1);
}

/* ---- Receiving ---- */

static void take_close(struct epoch *epoch, uint64_t count)
{
	struct seccomm_session *session = epoch->session;
	const struct seccomm_callbacks *callbacks = session->callbacks;

	if (count != epoch->data_received && session_fifo(session)) {
		alert_raisef(session, SECCOMM_ALERT_TRUNCATED, true, "the peer sent %llu messages, %llu arrived",
		    (unsigned long long)count, (unsigned long long)epoch->data_received);
		return;
	}
	session->peer_closed = true;
	if (callbacks->peer_closed != NULL)
		callbacks->peer_closed(callbacks->context);
	maybe_done(session);
}

/* What belongs to a kind; the kinds from KEY on say its length themselves. */
static size_t length_of(unsigned kind)
{
	static const uint8_t lengths[] = { [CONTROL_DONE] = 0,
		[CONTROL_CLOSE] = COUNT,
		[CONTROL_SWITCH] = COUNT,
		[CONTROL_REKEY] = TARGET,
		[CONTROL_REFUSE] = TARGET,
		[CONTROL_KEEPALIVE] = 1 };

	return kind < sizeof(lengths) ? lengths[kind] : SIZE_MAX;
}

static bool is_well_formed(unsigned kind, size_t length)
{
	return kind == CONTROL_KEY ? length > CONTROL_KEY_HEAD : kind >= CONTROL_DONE && length == length_of(kind);
}

/* FIRST: nothing authentic of this epoch has come before.  False: it is not one that may come now. */
static bool take(struct epoch *epoch, bool first, uint8_t *body, size_t length)
{
	struct seccomm_session *session = epoch->session;
	bool fifo = session_fifo(session);
	unsigned kind = *body++;

	if (!is_well_formed(kind, --length) || (kind != CONTROL_DONE && session->state != STATE_OPEN))
		return false;
	session->liveness.owes |= wants_answer((enum control_kind)kind, body);
	switch ((enum control_kind)kind) {
	case CONTROL_DONE: /* that it has come is all; on datagrams it may come again */
		return session_is_client(session) && (first || !fifo);
	case CONTROL_CLOSE:
		if (session->peer_closed)
			return !fifo;
		take_close(epoch, cactus_u64(body));
		return true;
	case CONTROL_SWITCH:
		if (!fifo)
			return false;
		renew_take_switch(session, epoch, cactus_u64(body));
		return true;
	case CONTROL_REKEY:
		return session_is_client(session) && renew_take_request(epoch, body);
	case CONTROL_REFUSE:
		renew_take_refusal(session, body);
		return true;
	case CONTROL_KEEPALIVE:
		if (!fifo && *body != 0)
			control_keepalive(session, false);
		return !fifo;
	case CONTROL_KEY:
		sealed_take(epoch, body, length);
		return true;
	}
	return false;
}

static void judge(struct epoch *epoch, uint64_t number, uint8_t *body, size_t length)
{
	struct seccomm_session *session = epoch->session;
	bool fifo = session_fifo(session), first = !epoch->heard;

	if (!fifo && seccomm_window_check(&epoch->control, number) != SECCOMM_WINDOW_NEW) {
		alert_raise(session, SECCOMM_ALERT_REPLAYED, false, "control message");
		return;
	}
	if (!fifo) {
		if (number >= epoch->control.next)
			session_newest(epoch);
		seccomm_window_accept(&epoch->control, number);
	}
	session_heard(session, epoch);
	if (!take(epoch, first, body, length))
		alert_raise(session, SECCOMM_ALERT_UNEXPECTED, fifo, "control message");
}

void control_frame(struct epoch *epoch, uint8_t *bytes, size_t length)
{
	struct seccomm_session *session = epoch->session;
	bool fifo = session_fifo(session);
	size_t salt = epoch->plan->salt, front = FRAME_HEADER + salt + (fifo ? 0 : FRAME_NUMBER);
	struct crypto_aead *aead = NULL;
	uint8_t nonce[NONCE], cover[COVER];
	uint64_t number;
	int status;

	if (length < front + TAG + 1) {
		alert_raise(session, SECCOMM_ALERT_MALFORMED, fifo, "control message");
		return;
	}
	number = fifo ? epoch->received++ : cactus_u64(bytes + FRAME_HEADER + salt);
	cactus_put_u64(cover, number);
	memcpy(cover + COVER_HEADER, bytes, FRAME_HEADER);
	status = sealer(epoch, SECCOMM_RECEIVE, &aead, nonce);
	if (status == 0) {
		nonce_of(nonce, number);
		status = crypto_aead_open(
		    aead, nonce, cover, COVER, bytes + front, length - front - TAG, bytes + length - TAG);
	}
	crypto_aead_free(aead);
	if (status == CRYPTO_BAD) {
		epoch->failures++;
		alert_raise(session, SECCOMM_ALERT_BAD_TAG, fifo, "control message");
	} else if (status < 0) {
		alert_raise(session, SECCOMM_ALERT_INTERNAL, fifo, "a control message could not be opened");
	} else {
		judge(epoch, number, bytes + front, length - front - TAG);
	}
}
