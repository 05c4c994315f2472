/* SPDX-License-Identifier: Apache-2.0 */
/*
 * renew.c - from one epoch to the next: new keys, perhaps another stack, while data goes on.
 *
 * Only the client begins; a server asks for it by REKEY.  The exchange runs in CONTROL messages of the epoch that sends.
 * There are at most three epochs: NEXT, which is being prepared, the one that sends, and PREVIOUS, which only receives.
 * On a stream SWITCH is the last message of an epoch; on datagrams the old one is kept for a while.
 */
#include <string.h>

#include "seccomm/exchange.h"

enum {
	AGAIN_US = 10 * 1000 * 1000, /* after a failed attempt */
	ASK_US = 1000 * 1000
};

/* ---- When ---- */

static bool is_due(const struct epoch *epoch)
{
	const struct plan_limits *out = &epoch->plan->soft[SECCOMM_SEND], *in = &epoch->plan->soft[SECCOMM_RECEIVE];

	return epoch->data_sent >= out->messages || epoch->sent_bytes >= out->bytes ||
	       epoch->data_received >= in->messages || epoch->received_bytes >= in->bytes;
}

void renew_press(struct epoch *epoch)
{
	struct renewal *r = &epoch->session->renewal;

	if (r->pressed || !is_due(epoch))
		return;
	r->pressed = true;
	r->due_us = 0;
}

void renew_plan(struct seccomm_session *session)
{
	uint64_t after = session->plan->timing.rekey_after_us, now = session_now(session);

	session->statistics.epoch = session->epoch->number;
	session->statistics.epoch_us = now;
	session->renewal = (struct renewal){ .due_us = after < UINT64_MAX - now ? now + after : UINT64_MAX,
		.ask_us = UINT64_MAX };
}

int renew_possible(const struct seccomm_session *session)
{
	if (session->state == STATE_ENDED || session->ending <= 0)
		return SECCOMM_CLOSED;
	if (session->plan->salted)
		return SECCOMM_INVALID; /* it would take an exchange */
	return session->state == STATE_OPEN && session->exchange == NULL && session->previous == NULL &&
		       session->next == NULL
		   ? SECCOMM_OK
		   : SECCOMM_NOT_READY;
}

/* ---- Asking ---- */

/* Whether the peer has the keys that PLAN signs with; who it is a server may not know yet. */
static bool peer_fits(const struct seccomm_session *session, const struct seccomm_plan *plan)
{
	return session->peer == NULL || participants_lack(plan, session->peer->keys, SECCOMM_RECEIVE) == NULL;
}

static struct seccomm_plan *allowed_with(const struct seccomm_session *session, const uint8_t digest[HASH])
{
	for (size_t i = 0; i < session->allowed_count; i++)
		if (memcmp(session->allowed[i]->digest, digest, HASH) == 0 && peer_fits(session, session->allowed[i]))
			return session->allowed[i];
	return NULL;
}

static struct seccomm_plan *plan_with(const struct seccomm_session *session, const uint8_t digest[HASH])
{
	return memcmp(session->plan->digest, digest, HASH) == 0 ? session->plan : allowed_with(session, digest);
}

/* Whether an end may want an epoch now: nothing is being prepared, nor wanted already. */
static int may_want(const struct seccomm_session *session)
{
	int status = renew_possible(session);

	return status == SECCOMM_OK && session->renewal.plan != NULL ? SECCOMM_NOT_READY : status;
}

static int ask(struct seccomm_session *session, struct seccomm_plan *plan)
{
	int status;

	session->renewal.plan = plan;
	session->renewal.ask_us = session_fifo(session) ? UINT64_MAX : session_now(session) + ASK_US;
	status = control_send(session->epoch, CONTROL_REKEY, plan->digest, HASH);
	return session_fifo(session) ? status : SECCOMM_OK; /* on datagrams it is asked again */
}

/* Nothing is being prepared any more. */
static void abandon(struct seccomm_session *session)
{
	exchange_free(session);
	if (session->next != NULL)
		session_retire(session, session->next);
}

/* What was wanted will not be; new keys for the same stack are tried again. */
static void give_up(struct seccomm_session *session, const char *why)
{
	bool same = session->renewal.plan == session->plan;

	session->renewal.plan = NULL;
	session->renewal.ask_us = UINT64_MAX;
	if (same)
		session->renewal.due_us = session_now(session) + AGAIN_US;
	alert_raisef(
	    session, SECCOMM_ALERT_REKEY_FAILED, false, "%s%s", why, same ? "; it will be tried again" : "");
}

void renew_drop(struct seccomm_session *session, const char *why)
{
	abandon(session);
	give_up(session, why);
}

int renew_begin(struct seccomm_session *session, struct seccomm_plan *plan)
{
	int status = epoch_new(session, plan, session->epoch->number + 1, &session->next);

	if (session_is_client(session)) /* what a server wants it is still to be asked for */
		session->renewal.plan = plan;
	if (status == SECCOMM_OK)
		status = exchange_new(session, session->next);
	if (status != SECCOMM_OK && session->ending > 0)
		renew_drop(session, seccomm_status_text(status));
	return status;
}

bool renew_answer(struct seccomm_session *session, const uint8_t digest[HASH])
{
	struct seccomm_plan *plan = plan_with(session, digest);

	abandon(session);
	if (plan == NULL) {
		alert_raise(session, SECCOMM_ALERT_MISMATCH, false,
		    "the peer asked for a configuration that is not allowed here");
		(void)control_send(session->epoch, CONTROL_REFUSE, digest, HASH);
		return false;
	}
	/* On datagrams a client keeps the old epoch a little shorter than this end: it will ask again. */
	if (renew_possible(session) == SECCOMM_OK && renew_begin(session, plan) == SECCOMM_OK)
		return true;
	if (session_fifo(session) && session->ending > 0)
		(void)control_send(session->epoch, CONTROL_REFUSE, digest, HASH);
	return false;
}

/* A client that cannot begin now does when it can; one that is not allowed to says so. */
void renew_take_request(struct seccomm_session *session, const uint8_t digest[HASH])
{
	struct seccomm_plan *plan = plan_with(session, digest);

	if (plan == NULL)
		(void)control_send(session->epoch, CONTROL_REFUSE, digest, HASH);
	else if (renew_possible(session) == SECCOMM_OK)
		(void)renew_begin(session, plan);
	else if (session->exchange == NULL)
		session->renewal.plan = plan;
}

/*
 * The peer gives up what is being prepared with that digest, or does not want what was wanted here: a server's wish may
 * be refused while the client prepares something else.  On datagrams an old refusal may come so late that the peer has
 * gone over to a later attempt, and a server sees a new attempt by its number.
 */
void renew_take_refusal(struct seccomm_session *session, const uint8_t digest[HASH])
{
	const struct exchange *x = session->exchange;
	const struct seccomm_plan *wanted = session->renewal.plan;
	bool fifo = session_fifo(session), prepared = x != NULL && memcmp(x->epoch->plan->digest, digest, HASH) == 0;

	if (prepared && x->stage == AWAIT_DONE && !fifo)
		return;
	if (prepared && (fifo || session_is_client(session)))
		abandon(session);
	if (wanted != NULL && memcmp(wanted->digest, digest, HASH) == 0)
		give_up(session,
		    wanted == session->plan ? "the peer refused" : "the peer does not allow that configuration");
}

void renew_give_up(struct seccomm_session *session, const char *why)
{
	if (session_fifo(session))
		(void)control_send(session->epoch, CONTROL_REFUSE, session->exchange->epoch->plan->digest, HASH);
	renew_drop(session, why);
}

/* ---- The switch ---- */

void renew_switch(struct seccomm_session *session)
{
	const struct seccomm_callbacks *callbacks = session->callbacks;
	struct epoch *old = session->epoch, *now = session->next;
	struct seccomm_plan *wanted = session->renewal.plan;

	if (session_fifo(session)) {
		old->sent_last = true; /* first: what is pushed inside the driver's callback would come behind it */
		if (control_send_count(old, CONTROL_SWITCH) < 0)
			return;
	}
	session->previous = old;
	session->epoch = now;
	session->next = NULL;
	session->plan = now->plan;
	exchange_finish(session);
	session->statistics.renewals++;
	renew_plan(session);
	if (!session_is_client(session)) {
		(void)control_send(now, CONTROL_DONE, NULL, 0);
		session->renewal.ask_us = session_fifo(session) ? UINT64_MAX : session_now(session) + ASK_US;
	} else if (!session_fifo(session)) {
		control_keepalive(session, false);
	}
	/* The client may have begun with something else before it was asked. */
	if (wanted != NULL && wanted != old->plan && wanted != now->plan)
		(void)ask(session, wanted);
	if (old->received_last)
		session_retire(session, old);
	if (callbacks->renewed != NULL && session->ending > 0)
		callbacks->renewed(callbacks->context, now->number, session->plan);
	session_writable(session);
}

void renew_take_switch(struct seccomm_session *session, struct epoch *epoch, uint64_t count)
{
	bool expected = epoch == session->previous || (session->next != NULL && epoch_complete(session->next));

	if (!expected || count != epoch->data_received) {
		alert_raisef(session, SECCOMM_ALERT_TRUNCATED, true,
		    "the peer sent %llu messages before it changed its keys, %llu arrived", (unsigned long long)count,
		    (unsigned long long)epoch->data_received);
		return;
	}
	epoch->received_last = true;
	if (epoch->sent_last)
		session_retire(session, epoch);
}

/* ---- Time ---- */

uint64_t renew_deadline(const struct seccomm_session *session)
{
	uint64_t at = session->renewal.ask_us;

	if (session->previous != NULL)
		return session->previous->retire_us < at ? session->previous->retire_us : at;
	if (may_want(session) == SECCOMM_OK && session->renewal.due_us < at)
		at = session->renewal.due_us;
	return at;
}

/* What the client could not do at once, it does now. */
static void begin_late(struct seccomm_session *session)
{
	struct seccomm_plan *plan = session->renewal.plan;

	if (session_is_client(session) && plan != NULL && renew_possible(session) == SECCOMM_OK)
		(void)renew_begin(session, plan);
}

void renew_run_due(struct seccomm_session *session, uint64_t now)
{
	struct renewal *r = &session->renewal;

	if (session->state != STATE_OPEN || session->ending <= 0)
		return;
	if (session->previous != NULL && now >= session->previous->retire_us) {
		session_retire(session, session->previous);
		begin_late(session);
	}
	if (now >= r->ask_us && session->previous != NULL && !session->epoch->heard) {
		/* It has the keys, but has said nothing with them: the old ones cannot go before it does. */
		r->ask_us = now + 4 * (uint64_t)ASK_US;
		control_keepalive(session, true);
	} else if (now >= r->ask_us) {
		r->ask_us = UINT64_MAX;
		if (r->plan != NULL && session->exchange == NULL)
			(void)ask(session, r->plan);
	}
	if (now < r->due_us || may_want(session) != SECCOMM_OK)
		return;
	r->due_us = now + AGAIN_US;
	(void)(session_is_client(session) ? renew_begin(session, session->plan) : ask(session, session->plan));
}

/* ---- For applications ---- */

/* Whether this session can ever run PLAN. */
static bool fits(const struct seccomm_session *session, const struct seccomm_plan *plan)
{
	const struct seccomm_plan *now = session->plan;

	if (plan->role != now->role || plan->link != now->link || plan->slot_count == 0 || plan->lab != now->lab ||
	    memcmp(plan->require, now->require, sizeof(now->require)) != 0)
		return false;
	return participants_lack(plan, session->identity != NULL ? session->identity->keys : NULL, SECCOMM_SEND) == NULL &&
	       peer_fits(session, plan);
}

int seccomm_allow(struct seccomm_session *session, struct seccomm_plan *plan)
{
	struct seccomm_plan **list;
	size_t size = session->allowed_count * sizeof(*list);

	if (session->state == STATE_ENDED)
		return SECCOMM_CLOSED;
	if (allowed_with(session, plan->digest) != NULL) /* the plan of now may be another one later */
		return SECCOMM_OK;
	if (!fits(session, plan))
		return SECCOMM_INVALID;
	list = session_allocate(session, size + sizeof(*list));
	if (list == NULL)
		return SECCOMM_NO_MEMORY;
	if (size > 0)
		memcpy(list, session->allowed, size);
	list[session->allowed_count] = seccomm_plan_keep(plan);
	if (session->allowed != NULL)
		session_release(session, session->allowed, size);
	session->allowed = list;
	session->allowed_count++;
	return SECCOMM_OK;
}

static int change(struct seccomm_session *session, struct seccomm_plan *plan)
{
	int status;

	session_enter(session);
	status = session_is_client(session) ? renew_begin(session, plan) : ask(session, plan);
	session_leave(session);
	return status;
}

int seccomm_change(struct seccomm_session *session, struct seccomm_plan *plan)
{
	int status = may_want(session);

	if (status == SECCOMM_OK)
		status = seccomm_allow(session, plan);
	return status == SECCOMM_OK ? change(session, plan_with(session, plan->digest)) : status;
}

int seccomm_rekey(struct seccomm_session *session)
{
	int status = may_want(session);

	return status == SECCOMM_OK ? change(session, session->plan) : status;
}
