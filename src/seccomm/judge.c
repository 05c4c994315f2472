/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge.c - what an exchange receives: M1, M2, M3 and MISMATCH are judged here, OPEN and RETRY in judge_opening.c, what is
 * sealed in a renewal before that in sealed.c; and only what is accepted moves the exchange.
 */
#include <string.h>

#include "seccomm/exchange.h"

void judge_refuse(struct seccomm_session *session, enum seccomm_alert_id id, const char *detail)
{
	alert_raise(session, id, session_fifo(session), detail);
}

void judge_fail(struct seccomm_session *session, const char *what)
{
	if (session_fifo(session))
		exchange_fail(session, what);
	else
		alert_raise(session, SECCOMM_ALERT_INTERNAL, false, what);
}

/* Gives the peer's SHARE to the establish micro-protocol, and takes its OWN; false: it has been told why not. */
static bool take_share(
    struct seccomm_session *session, unsigned step, uint8_t own[SECCOMM_SHARE_MAX], const uint8_t *share, size_t length)
{
	if (exchange_ask(session, step, own, share, length))
		return true;
	if (session->exchange->key.refused)
		judge_refuse(session, SECCOMM_ALERT_BAD_SHARE, NULL);
	else
		judge_fail(session, "no share or secret could be made");
	return false;
}

/* Only an accepted message moves the transcript; and it may come again. */
static void accept(struct exchange *x)
{
	memcpy(x->th, x->next, HASH);
	memcpy(x->taken[1], x->taken[0], HASH);
	memcpy(x->taken[0], x->judged, HASH);
}

bool judge_share(struct seccomm_session *session, const uint8_t *share, size_t length)
{
	struct exchange *x = session->exchange;
	uint8_t own[SECCOMM_SHARE_MAX];
	const bool taken = take_share(session, SECCOMM_ANSWER, own, share, length);

	if (taken) {
		accept(x);
		exchange_progress(session);
		exchange_send_m2(session);
	}
	x->key.share = NULL;
	crypto_wipe(own, sizeof(own));
	return taken;
}

/* ---- M1, M2 and M3, when their layers have accepted them ---- */

static bool take_m1(struct seccomm_session *session, struct cursor *cursor)
{
	size_t length;
	const uint8_t *nonce = cursor_take(cursor, RANDOM), *share = cursor_short(cursor, &length);

	if (nonce == NULL || cursor->bad || cursor->left != 0) {
		judge_refuse(session, SECCOMM_ALERT_MALFORMED, "not the first message of an exchange");
		return false;
	}
	return judge_share(session, share, length);
}

/* M3 leaves when its key is there: behind the last one there is no way back. */
static bool conclude(struct seccomm_session *session)
{
	struct exchange *x = session->exchange;
	bool sent;

	exchange_progress(session);
	x->flight.held = true;
	sent = exchange_send_m3(session);
	x->flight.held = false;
	if (!sent)
		return false;
	if (!exchange_install(session, x->th)) {
		exchange_fail(session, "the keys could not be installed");
		return false;
	}
	flight_repeat(session);
	return session->ending > 0;
}

/* M2 has been accepted: M3, the key of the slot, and the next slot. */
static void go_on(struct seccomm_session *session)
{
	struct exchange *x = session->exchange;
	struct epoch *epoch = x->epoch;

	if (!conclude(session))
		return;
	if (exchange_next(session) == CACTUS_NEXT && epoch_complete(epoch))
		exchange_commit(session);
	else if (!x->began && session->ending > 0)
		exchange_fail(session, "the next key could not be begun");
	session_writable(session);
}

/* Whether CONFIRM (HASH bytes) is what WHAT gives; if not, it has been told. */
static bool is_confirmed(struct seccomm_session *session, const struct confirmation *what, const uint8_t *confirm)
{
	uint8_t expected[HASH];

	if (exchange_confirm(session, what, expected) < 0) {
		judge_fail(session, "key confirmation");
		return false;
	}
	if (crypto_equal(expected, confirm, HASH))
		return true;
	judge_refuse(session, SECCOMM_ALERT_UNCONFIRMED,
	    "the two ends came to different keys: look whether they have the same pre-shared secret, and whether each has the "
	    "private key to the public one that the other knows");
	return false;
}

static bool judge_m2(
    struct seccomm_session *session, struct cursor *cursor, const struct cactus_msg *msg, uint8_t own[SECCOMM_SHARE_MAX])
{
	struct exchange *x = session->exchange;
	struct confirmation what = { "s2c", x->bound, msg->body, 0 };
	uint32_t id_c = cursor_u32(cursor), id_s = cursor_u32(cursor);
	const uint8_t *principal = cursor_take(cursor, HASH), *nonce = cursor_take(cursor, RANDOM), *share, *confirm;
	size_t length;
	bool first = exchange_is_opening(session) && x->slot == 1;

	share = cursor_short(cursor, &length);
	if (cursor->bad || id_c != session->receive_index || (!first && id_s != session->send_index)) {
		judge_refuse(session, SECCOMM_ALERT_MALFORMED, "not an answer to this exchange");
		return false;
	}
	if (memcmp(principal, session->peer->principal, HASH) != 0) {
		judge_refuse(session, SECCOMM_ALERT_WRONG_PEER, NULL);
		return false;
	}
	if (exchange_salt(session, nonce, share, length) < 0) {
		judge_fail(session, "key confirmation");
		return false;
	}
	if (!take_share(session, SECCOMM_FINISH, own, share, length))
		return false;
	confirm = cursor_take(cursor, x->key.late ? 0 : HASH);
	if (cursor->bad || cursor->left != 0) {
		judge_refuse(session, SECCOMM_ALERT_MALFORMED, "not an answer to this exchange");
		return false;
	}
	what.length = (size_t)(confirm - msg->body);
	if (!x->key.late && !is_confirmed(session, &what, confirm))
		return false;
	session->send_index = id_s;
	accept(x);
	go_on(session);
	return true;
}

static bool take_m2(struct seccomm_session *session, struct cursor *cursor, const struct cactus_msg *msg)
{
	uint8_t own[SECCOMM_SHARE_MAX];
	const bool taken = judge_m2(session, cursor, msg, own);

	crypto_wipe(own, sizeof(own));
	return taken;
}

/* The slot at hand has its key at both ends; perhaps all have. */
static void advance(struct seccomm_session *session)
{
	struct exchange *x = session->exchange;

	if (!epoch_complete(x->epoch)) {
		x->stage = AWAIT_M1;
		x->slot = exchange_slot(x, x->slot + 1);
		return;
	}
	if (!exchange_is_opening(session))
		renew_switch(session);
	else if (control_send(session->epoch, CONTROL_DONE, NULL, 0) == SECCOMM_OK || !session_fifo(session))
		session_opened(session); /* on datagrams a DONE that could not be sealed is as good as lost: M3 comes again */
}

static bool take_m3(struct seccomm_session *session, struct cursor *cursor)
{
	struct exchange *x = session->exchange;
	const struct confirmation what = { "c2s", x->th, NULL, 0 };
	uint32_t id_s = cursor_u32(cursor);
	size_t length;
	const uint8_t *share = cursor_short(cursor, &length), *confirm = cursor_take(cursor, HASH);
	uint8_t none[SECCOMM_SHARE_MAX];

	if (cursor->bad || cursor->left != 0 || id_s != session->receive_index || (length > 0 && !x->key.late)) {
		judge_refuse(session, SECCOMM_ALERT_MALFORMED, "not the third message of this exchange");
		return false;
	}
	if (x->key.late && !take_share(session, SECCOMM_CONCLUDE, none, share, length))
		return false;
	if (!is_confirmed(session, &what, confirm))
		return false;
	if (!exchange_install(session, x->next)) {
		judge_fail(session, "the keys could not be installed");
		return false;
	}
	accept(x);
	exchange_progress(session);
	if (exchange_is_opening(session) && !session_fifo(session)) /* later its CONTROL message counts */
		session_newest(x->epoch);
	advance(session);
	return true;
}

static bool take(struct seccomm_session *session, const struct cactus_msg *msg)
{
	struct cursor cursor = { .at = msg->body, .left = msg->length };
	const uint8_t *kind = cursor_take(&cursor, 1);
	enum stage stage = session->exchange->stage;

	if (kind != NULL && *kind == KIND_M1 && stage == AWAIT_M1)
		return take_m1(session, &cursor);
	if (kind != NULL && *kind == KIND_M2 && stage == AWAIT_M2)
		return take_m2(session, &cursor, msg);
	if (kind != NULL && *kind == KIND_M3 && stage == AWAIT_M3)
		return take_m3(session, &cursor);
	judge_refuse(session, SECCOMM_ALERT_MALFORMED, "not the key message that comes now");
	return false;
}

/* The end of keyMsgReceive: as for data, what the layers remember changes only now, and only for what the exchange
 * accepts. */
enum cactus_verdict exchange_accept(void *self, void *argument)
{
	struct epoch *epoch = self;
	struct seccomm_session *session = epoch->session;
	unsigned slot = message_of(argument)->chain;
	cactus_event prepare = cactus_event_named(epoch->cactus, "msgPrepare_", slot);
	cactus_event accepted = cactus_event_named(epoch->cactus, "msgAccepted_", slot);

	if (prepare == 0 || accepted == 0 || cactus_raise(epoch->cactus, prepare, argument) != CACTUS_NEXT)
		return CACTUS_STOP;
	if (!take(session, argument))
		return CACTUS_STOP;
	(void)cactus_raise(epoch->cactus, accepted, argument);
	return CACTUS_NEXT;
}

/* ---- Frames ---- */

int judge_place(enum stage stage)
{
	return stage == AWAIT_M1 ? PLACE_M1 : stage == AWAIT_M2 ? PLACE_M2 : stage == AWAIT_M3 ? PLACE_M3 : -1;
}

size_t exchange_max(const struct seccomm_session *session)
{
	const struct exchange *x = session->exchange;

	if (!exchange_is_opening(session))
		return session_fifo(session) ? 0 : OPEN_MAX; /* what has been taken may come again */
	switch (x->stage) {
	case AWAIT_M2:
	case AWAIT_MISMATCH:
		return MISMATCH_MAX;
	case AWAIT_DONE:
		return session_fifo(session) ? 0 : OPEN_MAX;
	default:
		return OPEN_MAX;
	}
}

/*
 * Who the server says it is can be read in M2 before anything is verified, if no layer under the key hides it.  The
 * signature would fail just as surely; looking first lets the operator see both keys.
 */
static bool is_other_server(struct seccomm_session *session, const struct frame *frame, const uint8_t *wire)
{
	const uint8_t *principal = wire + FRAME_HEADER + 9;
	char ours[SECCOMM_FINGERPRINT_TEXT], theirs[SECCOMM_FINGERPRINT_TEXT];

	if (session->exchange->stage != AWAIT_M2 || session->exchange->epoch->plan->hidden ||
	    frame->length < M2_FIXED - HASH || wire[FRAME_HEADER] != KIND_M2 ||
	    memcmp(principal, session->peer->principal, HASH) == 0)
		return false;
	seccomm_fingerprint_text(session->peer->principal, ours);
	seccomm_fingerprint_text(principal, theirs);
	alert_raisef(session, SECCOMM_ALERT_WRONG_PEER, session_fifo(session),
	    "peer '%s' has key %s here, but the server says it has %s", session->peer->name, ours, theirs);
	return true;
}

bool judge_repeated(struct seccomm_session *session, const uint8_t *body, size_t length, uint8_t hash[HASH])
{
	const struct crypto_part part = { body, length };
	struct exchange *x = session->exchange;

	if (session_fifo(session))
		return false;
	if (crypto_sha256(session_crypto(session), &part, 1, hash) < 0)
		judge_fail(session, "hash");
	else if (x != NULL && memcmp(hash, x->taken[0], HASH) == 0)
		flight_repeat(session);
	else if (x != NULL && memcmp(hash, x->taken[1], HASH) == 0)
		return true; /* late: what answered it has been answered */
	else if (x != NULL || memcmp(hash, session->answered, HASH) != 0)
		return false;
	else if (!session_is_client(session))
		(void)control_send(session->epoch, CONTROL_DONE, NULL, 0);
	return true;
}

void judge_layered(struct seccomm_session *session, const struct frame *frame, uint8_t *wire, size_t length)
{
	struct exchange *x = session->exchange;
	struct epoch *epoch = x->epoch;
	struct seccomm_message *message = &session->inbound;

	if (is_other_server(session, frame, wire))
		return;
	if (session_unhead(epoch, frame, (uint64_t)judge_place(x->stage), wire, length, message) != SECCOMM_OK)
		judge_refuse(session, SECCOMM_ALERT_MALFORMED, NULL);
	else if (exchange_extend(session_crypto(session), x->th, wire, length, x->next) < 0)
		judge_fail(session, "transcript");
	else
		(void)session_raise(epoch, cactus_up_event(epoch->cactus, x->slot), message);
}

/* The messages of epoch 0, which no layer touches. */
static void take_fixed(struct seccomm_session *session, const struct frame *frame, uint8_t *wire, size_t length)
{
	struct exchange *x = session->exchange;
	const uint8_t *body = wire + FRAME_HEADER;

	if (x->stage == AWAIT_OPEN)
		judge_open(session, frame, wire, length);
	else if (x->stage == AWAIT_M2 && !session_fifo(session) && frame->length > 0 && *body == KIND_RETRY)
		judge_retry(session, body, frame->length);
	else if (x->stage == AWAIT_M2 && mismatch_receive(session, body, frame->length, x->nonce_c, x->next))
		mismatch_send(session, body + 1, x->next), session_end(session, SECCOMM_REFUSED);
	else if (x->stage == AWAIT_MISMATCH && mismatch_receive(session, body, frame->length, x->bound, x->next))
		session_end(session, SECCOMM_REFUSED);
	else if (session->ending > 0)
		judge_refuse(session, SECCOMM_ALERT_UNEXPECTED, "key message");
}

void exchange_frame(struct seccomm_session *session, const struct frame *frame, uint8_t *bytes, size_t length)
{
	struct exchange *x = session->exchange;
	uint8_t hash[HASH] = { 0 };

	if (judge_repeated(session, bytes + FRAME_HEADER, frame->length, hash))
		return;
	if (x == NULL || !exchange_is_opening(session) || frame->lane != LANE_KEY + x->slot || frame->epoch > 1 ||
	    (frame->epoch == 1 && judge_place(x->stage) < 0)) {
		judge_refuse(session, SECCOMM_ALERT_UNEXPECTED, "key message");
		return;
	}
	memcpy(x->judged, hash, HASH);
	if (frame->epoch == 0)
		take_fixed(session, frame, bytes, length);
	else
		judge_layered(session, frame, bytes, length);
}
