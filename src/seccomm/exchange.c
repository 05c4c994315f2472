/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exchange.c - the agreement on keys, slot by slot: M1 (or OPEN), M2, M3, and DONE (doc/wire.md, "Opening").
 *
 *	client							server
 *	M1	nonce_c, share_c				->
 *						 <-  id_c, id_s, principal, nonce_s, share_s, confirm_s	M2
 *	M3	id_s, second share, confirm_c			->
 *						 <-  CONTROL of the epoch, behind the last slot		DONE
 *
 * They run through the layers under the key, but for the first one of an opening, OPEN.  What the shares mean is the
 * establish micro-protocol's: it is asked by the event keyExchange_i.  This file provides sequence, transcript, identities
 * and confirmation.
 */
#include <string.h>

#include "seccomm/exchange.h"

enum {
	OPENING_US = 10 * 1000 * 1000,
	RENEWAL_US = 60 * 1000 * 1000, /* what cannot be begun again gets this long */
	RESEND_MAX_US = 4 * 1000 * 1000
};

/* ---- Transcript ---- */

int exchange_begin_transcript(struct seccomm_session *session)
{
	static const uint8_t version = FRAME_VERSION;
	struct exchange *x = session->exchange;
	uint8_t rest[4 + 8];
	const struct crypto_part parts[] = { { "seccomm/1", 9 }, { &version, 1 }, { x->epoch->plan->digest, HASH },
		{ rest, sizeof(rest) }, { x->exporter, HASH } };

	cactus_put_u32(rest, x->epoch->fresh);
	cactus_put_u64(rest + 4, x->attempt);
	return crypto_sha256(session_crypto(session), parts, exchange_is_opening(session) ? 3 : 5, x->th);
}

int exchange_extend(
    struct crypto *crypto, const uint8_t th[HASH], const uint8_t *wire, size_t length, uint8_t out[HASH])
{
	uint8_t size[4];
	const struct crypto_part parts[] = { { th, HASH }, { size, 4 }, { wire, length } };

	cactus_put_u32(size, (uint32_t)length);
	return crypto_sha256(crypto, parts, 3, out);
}

const uint8_t *exchange_context(const struct epoch *epoch)
{
	const struct exchange *x = epoch->session->exchange;

	return x != NULL && x->epoch == epoch ? x->th : epoch->context;
}

/* What an epoch hands down to the next one: without it nobody can step in between them. */
static int export(struct seccomm_session *session, uint8_t out[HASH])
{
	uint8_t master[HASH];
	const struct derivation d = { .key = master,
		.lane = "rekey",
		.algorithm = "hkdf-sha-256",
		.direction = "both",
		.purpose = "exporter",
		.epoch = session->epoch->number };
	int status = epoch_master(session->epoch, master);

	if (status == 0)
		status = epoch_derive(session_crypto(session), &d, out, HASH);
	crypto_wipe(master, sizeof(master));
	return status;
}

/* ---- Life ---- */

static uint64_t patience(const struct seccomm_session *session)
{
	bool again = session_is_client(session) && !session_fifo(session);

	return exchange_is_opening(session) || again ? OPENING_US : RENEWAL_US;
}

/* The slots from FIRST up to the next one that is agreed carry over, under TH. */
static bool carry(struct seccomm_session *session, unsigned first, const uint8_t th[HASH])
{
	struct exchange *x = session->exchange;

	for (unsigned slot = first; slot < exchange_slot(x, first); slot++)
		if (epoch_carry(x->epoch, session->epoch, slot, th, x->exporter) != SECCOMM_OK)
			return false;
	return true;
}

unsigned exchange_slot(const struct exchange *x, unsigned first)
{
	while (first <= x->epoch->plan->slot_count && (x->epoch->fresh >> first & 1) == 0)
		first++;
	return first;
}

/* In an opening it is the first slot without a key that stops the event; later the next one is called by its number. */
enum cactus_verdict exchange_next(struct seccomm_session *session)
{
	struct exchange *x = session->exchange;
	struct epoch *epoch = x->epoch;
	unsigned slot = exchange_slot(x, x->began ? x->slot + 1 : 1);
	cactus_event event = epoch->open;

	x->began = false;
	if (!exchange_is_opening(session) && slot > epoch->plan->slot_count)
		return CACTUS_NEXT;
	if (!exchange_is_opening(session))
		event = cactus_event_named(epoch->cactus, "replaceKey_", slot);
	return event != 0 ? cactus_raise(epoch->cactus, event, NULL) : CACTUS_NEXT;
}

int exchange_new(struct seccomm_session *session, struct epoch *epoch, uint64_t attempt)
{
	struct exchange *x = session_allocate(session, sizeof(*x));

	if (x == NULL)
		return SECCOMM_NO_MEMORY;
	session->exchange = x;
	x->epoch = epoch;
	x->slot = exchange_slot(x, 1);
	x->attempt = attempt;
	x->flight.last = &x->flight.first;
	x->started = session_now(session);
	x->deadline = x->started + patience(session);
	x->resend_us = UINT64_MAX;
	x->stage = exchange_is_opening(session) ? AWAIT_OPEN : AWAIT_M1;
	if (!exchange_is_opening(session) && export(session, x->exporter) < 0)
		return SECCOMM_FAILED;
	if (exchange_begin_transcript(session) < 0 || !carry(session, 1, x->th))
		return SECCOMM_FAILED;
	if (!session_is_client(session))
		return SECCOMM_OK;
	(void)exchange_next(session);
	return x->began && session->ending > 0 ? SECCOMM_OK : SECCOMM_FAILED;
}

void exchange_fail(struct seccomm_session *session, const char *what)
{
	struct exchange *x = session->exchange;

	if (exchange_is_opening(session))
		alert_raise(session, SECCOMM_ALERT_INTERNAL, true, what);
	else if (x->failed == NULL)
		x->failed = what;
}

void exchange_free(struct seccomm_session *session)
{
	if (session->exchange == NULL)
		return;
	flight_clear(session);
	crypto_wipe(session->exchange, sizeof(*session->exchange));
	session_release(session, session->exchange, sizeof(*session->exchange));
	session->exchange = NULL;
}

void exchange_finish(struct seccomm_session *session)
{
	memcpy(session->answered, session->exchange->taken[0], HASH);
	exchange_free(session);
}

/* ---- Time ---- */

uint64_t exchange_deadline(const struct seccomm_session *session)
{
	const struct exchange *x = session->exchange;

	if (x == NULL)
		return UINT64_MAX;
	return x->resend_us < x->deadline ? x->resend_us : x->deadline;
}

/* A stream loses nothing: the answer is behind data that a program does not read, for as long as it likes. */
static void keep_waiting(struct seccomm_session *session)
{
	session->exchange->deadline = UINT64_MAX;
	alert_raise(session, SECCOMM_ALERT_REKEY_FAILED, false,
	    "the peer has not finished it within 60 s; until it does the present keys are used (perhaps a program does "
	    "not read)");
}

static void give_up(struct seccomm_session *session)
{
	static const char *const waited[] = {
		[AWAIT_OPEN] = "no opening came",
		[AWAIT_M1] = "the client did not go on with the opening",
		[AWAIT_M2] = "the server did not answer",
		[AWAIT_M3] = "the client did not finish the opening",
		[AWAIT_DONE] = "the server did not finish the opening",
		[AWAIT_MISMATCH] = "configurations differ, and the client did not tell its own",
	};
	enum stage stage = session->exchange->stage;

	if (exchange_is_opening(session))
		alert_raisef(session, SECCOMM_ALERT_TIMED_OUT, true, "%s within 10 s", waited[stage]);
	else if (session_fifo(session))
		keep_waiting(session);
	else if (stage == AWAIT_DONE)
		alert_raise(session, SECCOMM_ALERT_REKEY_FAILED, true, "the peer did not finish it within 60 s");
	else
		renew_drop(session, "the peer did not answer");
}

void exchange_run_due(struct seccomm_session *session, uint64_t now)
{
	struct exchange *x = session->exchange;

	if (x == NULL || session->ending <= 0)
		return;
	if (now >= x->deadline) {
		give_up(session);
	} else if (now >= x->resend_us) {
		x->interval_us = x->interval_us < RESEND_MAX_US / 2 ? 2 * x->interval_us : RESEND_MAX_US;
		x->resend_us = now + x->interval_us;
		flight_repeat(session);
	}
}

void exchange_progress(struct seccomm_session *session)
{
	flight_clear(session);
	session->exchange->resend_us = UINT64_MAX;
}

void exchange_cut(struct seccomm_session *session)
{
	enum stage stage = session->exchange->stage;

	if (stage == AWAIT_M2)
		alert_raise(session, SECCOMM_ALERT_TRUNCATED, true,
		    "the server ended the connection during the opening; its log says why (it may not know this end's "
		    "key)");
	else if (stage == AWAIT_MISMATCH)
		alert_raise(session, SECCOMM_ALERT_MISMATCH, true, "the client did not tell its configuration");
	else
		alert_raise(session, SECCOMM_ALERT_TRUNCATED, true, "the connection ended during the opening");
}

/* ---- The secret and its confirmation ---- */

bool exchange_ask(
    struct seccomm_session *session, unsigned step, uint8_t own[SECCOMM_SHARE_MAX], const uint8_t *share, size_t length)
{
	struct exchange *x = session->exchange;
	struct seccomm_exchange *key = &x->key;
	struct cactus *c = x->epoch->cactus;
	cactus_event event = cactus_event_named(c, "keyExchange_", x->slot);

	key->step = step;
	key->share = own;
	key->refused = false;
	key->peer_share = share;
	key->peer_length = length;
	key->share_length = 0;
	return event != 0 && cactus_raise(c, event, key) == CACTUS_NEXT && key->share_length <= SECCOMM_SHARE_MAX &&
	       key->secret_length <= SECCOMM_SECRET_MAX;
}

int exchange_salt(struct seccomm_session *session, const uint8_t nonce_s[RANDOM], const uint8_t *share_s, size_t length)
{
	struct exchange *x = session->exchange;
	const struct crypto_part parts[] = { { x->bound, HASH }, { nonce_s, RANDOM }, { share_s, length } };

	return crypto_sha256(session_crypto(session), parts, 3, x->salt);
}

int exchange_confirm(struct seccomm_session *session, const struct confirmation *what, uint8_t out[HASH])
{
	struct exchange *x = session->exchange;
	struct crypto *crypto = session_crypto(session);
	const struct crypto_part covered[] = { { what->over, HASH }, { what->body, what->length } };
	uint8_t prk[HASH], key[HASH];
	const struct derivation d = { .key = prk,
		.lane = "confirm",
		.algorithm = "hmac-sha-256",
		.direction = what->direction,
		.purpose = "key",
		.instance = x->slot,
		.epoch = x->epoch->number };
	int status = -1;

	if (crypto_hkdf_extract(crypto, x->salt, HASH, x->key.secret, x->key.secret_length, prk) == 0 &&
	    epoch_derive(crypto, &d, key, HASH) == 0)
		status = crypto_hmac_sha256(crypto, key, HASH, covered, what->body != NULL ? 2 : 1, out);
	crypto_wipe(prk, sizeof(prk));
	crypto_wipe(key, sizeof(key));
	return status;
}

bool exchange_install(struct seccomm_session *session, const uint8_t th[HASH])
{
	struct exchange *x = session->exchange;

	/* The slot itself last: once its micro-protocol has seen the key it has nothing left to try again with. */
	if (!carry(session, x->slot + 1, th) ||
	    epoch_install(x->epoch, x->slot, th, x->key.secret, x->key.secret_length,
		exchange_is_opening(session) ? NULL : x->exporter) != SECCOMM_OK)
		return false;
	crypto_wipe(&x->key, sizeof(x->key)); /* a share may be the key itself */
	return true;
}

void exchange_commit(struct seccomm_session *session)
{
	struct exchange *x = session->exchange;

	x->stage = AWAIT_DONE;
	if (exchange_is_opening(session))
		session->state = STATE_SENDING;
	else
		x->deadline = session_now(session) + RENEWAL_US;
}
