/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mismatch.c - two ends with different configurations tell each other which, so that both can print the difference.
 *
 * kind (1) || sender's digest (32) || receiver's digest (32) || bound (32) || length (2) || configuration text ||
 * signature (64)
 *
 * The signature (Ed25519, the sender's identity) is over "seccomm/1" || 0 || "mismatch" || 0 || sender || receiver ||
 * all before it.  BOUND is the client's nonce in the server's message, and the hash of that message in the client's
 * answer.  It changes no state: the session ends.  Only known peers get one; its text is public to observers.
 */
#include <stdio.h>
#include <string.h>

#include "seccomm/exchange.h"

enum { SIGNATURE = 64, HEAD = 1 + 3 * HASH + 2, LABEL = 19 };

/* The preimage: label, both principals, message. */
static size_t preimage(const uint8_t *from, const uint8_t *to, const uint8_t *body, size_t length, uint8_t *out)
{
	memcpy(out, "seccomm/1\0mismatch", LABEL);
	memcpy(out + LABEL, from, HASH);
	memcpy(out + LABEL + HASH, to, HASH);
	memcpy(out + LABEL + 2 * HASH, body, length);
	return LABEL + 2 * HASH + length;
}

static void failed(struct seccomm_session *session)
{
	alert_raise(session, SECCOMM_ALERT_MISMATCH, true, "the configurations differ, and ours could not be told");
}

size_t mismatch_length(const struct seccomm_plan *plan)
{
	return HEAD + strlen(plan->text) + SIGNATURE;
}

void mismatch_send(struct seccomm_session *session, const uint8_t theirs[HASH], const uint8_t bound[HASH])
{
	uint8_t wire[FRAME_HEADER + MISMATCH_MAX], signed_part[LABEL + 2 * HASH + MISMATCH_MAX],
	    *body = wire + FRAME_HEADER;
	struct crypto *crypto = session_crypto(session);
	const struct crypto_key *key = keyring_key(session->identity->keys, "ed25519");
	size_t text = strlen(session->plan->text), n = HEAD + text;
	struct frame frame = { .lane = LANE_KEY + 1, .index = session->send_index, .length = n + SIGNATURE };

	body[0] = KIND_MISMATCH;
	memcpy(body + 1, session->plan->digest, HASH);
	memcpy(body + 1 + HASH, theirs, HASH);
	memcpy(body + 1 + 2 * HASH, bound, HASH);
	cactus_put_u16(body + HEAD - 2, (uint16_t)text);
	memcpy(body + HEAD, session->plan->text, text);
	if (key == NULL || crypto_signature_make(crypto, key, signed_part,
			       preimage(session->self, session->peer->principal, body, n, signed_part), body + n) < 0) {
		failed(session);
		return;
	}
	frame_write(session->plan->link, &frame, wire);
	if (crypto_sha256(crypto, &(struct crypto_part){ body, frame.length }, 1, session->exchange->bound) < 0 ||
	    flight_send(session, mark_of(1, PLACE_M2), wire, FRAME_HEADER + frame.length) < 0)
		failed(session);
}

static void tell(struct seccomm_session *session, const uint8_t *text, size_t length)
{
	char theirs[PLAN_TEXT_MAX + 1], diff[3000];

	memcpy(theirs, text, length);
	theirs[length] = '\0';
	seccomm_text_diff(session->plan->text, theirs, diff, sizeof(diff));
	alert_raisef(session, SECCOMM_ALERT_MISMATCH, false, "with '%s': %s", session->peer->name, diff);
}

/* The text must be what the digest says, or the diff would be told over something nobody runs. */
static bool is_its_digest(struct crypto *crypto, const uint8_t digest[HASH], const uint8_t *text, size_t length)
{
	const struct crypto_part part = { text, length };
	uint8_t hash[HASH];

	return crypto_sha256(crypto, &part, 1, hash) == 0 && memcmp(hash, digest, HASH) == 0;
}

bool mismatch_receive(struct seccomm_session *session, const uint8_t *body, size_t length, const uint8_t bound[HASH],
    uint8_t hash_out[HASH])
{
	struct crypto *crypto = session_crypto(session);
	struct cursor cursor = { .at = body, .left = length };
	const uint8_t *kind = cursor_take(&cursor, 1), *digests = cursor_take(&cursor, 2 * HASH),
		      *echo = cursor_take(&cursor, HASH);
	uint8_t signed_part[LABEL + 2 * HASH + MISMATCH_MAX];
	const struct crypto_part whole = { body, length };
	const struct crypto_key *key = keyring_key(session->peer->keys, "ed25519");
	size_t text_length;
	const uint8_t *text = cursor_short(&cursor, &text_length), *signature = cursor_take(&cursor, SIGNATURE);

	if (cursor.bad || cursor.left != 0 || kind[0] != KIND_MISMATCH || text_length > PLAN_TEXT_MAX || key == NULL ||
	    session->identity == NULL)
		return false;
	if (memcmp(echo, bound, HASH) != 0 || memcmp(digests + HASH, session->plan->digest, HASH) != 0 ||
	    !is_its_digest(crypto, digests, text, text_length))
		return false;
	if (crypto_verify(crypto, key, signed_part,
		preimage(session->peer->principal, session->self, body, length - SIGNATURE, signed_part), signature,
		SIGNATURE) < 0)
		return false;
	if (crypto_sha256(crypto, &whole, 1, hash_out) < 0)
		return false;
	tell(session, text, text_length);
	return true;
}
