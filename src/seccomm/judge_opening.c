/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge_opening.c - the messages of an opening that no layer touches: OPEN at the server, RETRY at the client.
 */
#include <string.h>

#include "seccomm/exchange.h"

/* ---- OPEN, at the server ---- */

static void differ(struct seccomm_session *session, const struct opening *opening)
{
	/* Only to a known peer, over a proven path, and signed: doc/wire.md, "MISMATCH". */
	bool proven = session_fifo(session) ||
		      (session->exchange->proven && opening->length >= mismatch_length(session->plan));

	if (proven && session->identity != NULL) {
		session->exchange->stage = AWAIT_MISMATCH;
		memcpy(session->exchange->taken[0], session->exchange->judged, HASH);
		mismatch_send(session, opening->digest, opening->nonce);
		return;
	}
	judge_refuse(session, SECCOMM_ALERT_MISMATCH, "the digests differ; compare both with `seccomm explain FILE`");
}

static const struct peer *known_peer(struct seccomm_session *session, const struct opening *opening)
{
	const struct peer *peer =
	    participants_peer(session->plan, session->keyring, session->peer, opening->principal);
	char text[SECCOMM_FINGERPRINT_TEXT], list[1024];

	if (peer != NULL)
		return peer;
	seccomm_fingerprint_text(opening->principal, text);
	participants_list(session->plan, session->keyring, list, sizeof(list));
	alert_raisef(session, SECCOMM_ALERT_UNKNOWN_PEER, session_fifo(session),
	    "a client with key %s; known here: %s", text,
	    session->identity != NULL ? list : "holders of the pre-shared secret");
	return NULL;
}

/*
 * mac1 keeps strangers from costing a key agreement.  On a stream the path is proven and M2 shows our principal, so a
 * client that expects another key is answered: only so can it name both.
 */
static bool is_for_us(struct seccomm_session *session, const struct opening *opening)
{
	const uint8_t *own = session->identity != NULL ? session->identity->public_key : session->peer->public_key;
	struct crypto_mac *mac1;
	bool for_us;

	if (session_fifo(session))
		return true;
	mac1 = opening_mac1(session_crypto(session), own);
	for_us = opening_is_for(mac1, opening);
	crypto_mac_free(mac1);
	if (for_us)
		return true;
	alert_raise(session, SECCOMM_ALERT_WRONG_PEER, false, "the opening was written for another server key");
	return false;
}

void judge_open(struct seccomm_session *session, const struct frame *frame, uint8_t *wire, size_t length)
{
	struct exchange *x = session->exchange;
	struct opening opening;
	const struct peer *peer;
	const char *lack;

	if (!opening_read(wire + FRAME_HEADER, frame->length, &opening)) {
		judge_refuse(session, SECCOMM_ALERT_MALFORMED, "not an opening");
		return;
	}
	peer = known_peer(session, &opening);
	if (peer == NULL || !is_for_us(session, &opening))
		return;
	participants_set(session, peer);
	session->send_index = opening.id;
	if (memcmp(opening.digest, session->plan->digest, HASH) != 0) {
		differ(session, &opening);
		return;
	}
	lack = participants_lack(session->plan, peer->keys, SECCOMM_RECEIVE);
	if (lack != NULL)
		alert_raisef(session, SECCOMM_ALERT_UNKNOWN_PEER, session_fifo(session),
		    "peer '%s' has no public key for %s here", peer->name, lack);
	else if (!session_fifo(session) && !x->proven &&
		 frame->length < exchange_answer_length(session->plan, opening.share_length))
		judge_refuse(session, SECCOMM_ALERT_MALFORMED, "an opening shorter than its answer");
	else if (exchange_extend(session_crypto(session), x->th, wire, length, x->next) < 0)
		judge_fail(session, "transcript");
	else
		(void)judge_share(session, opening.share, opening.share_length);
}

/* ---- RETRY, at the client ---- */

enum { RETRIES_MAX = 4 };

void judge_retry(struct seccomm_session *session, const uint8_t *body, size_t length)
{
	struct exchange *x = session->exchange;
	size_t stored_length;
	const uint8_t *stored = flight_first(session, &stored_length);
	uint8_t copy[OPEN_MAX], echo[RETRY_ECHO];
	struct opening opening;
	struct retry retry;

	if (stored == NULL || x->slot != 1 || !retry_read(body, length, &retry)) {
		judge_refuse(session, SECCOMM_ALERT_UNEXPECTED, "key message");
		return;
	}
	memcpy(copy, stored + FRAME_HEADER, stored_length - FRAME_HEADER);
	if (!opening_read(copy, stored_length - FRAME_HEADER, &opening) || retry.id != opening.id ||
	    retry_echo(session_crypto(session), &opening, echo) < 0 || memcmp(echo, retry.echo, RETRY_ECHO) != 0 ||
	    x->retries == RETRIES_MAX) {
		judge_refuse(session, SECCOMM_ALERT_UNEXPECTED, "a RETRY that is not for this opening");
		return;
	}
	x->retries++;
	opening.cookie = retry.cookie;
	opening.cookie_length = COOKIE;
	if (retry.size > opening.length && retry.size <= OPEN_MAX)
		opening.length = retry.size;
	if (exchange_send_open(session, &opening) < 0)
		exchange_fail(session, "the opening could not be written again");
}
