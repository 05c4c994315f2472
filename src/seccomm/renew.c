/* SPDX-License-Identifier: Apache-2.0 */
/*
 * renew.c - from one epoch to the next: new keys, perhaps another stack, while data goes on.
 *
 * Only the client begins; a server asks for it by REKEY.  The exchange runs in CONTROL messages of the epoch that sends.
 * Which slots are new in the next one is said beside its configuration; the others carry over.
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

/* What carries over has served before, so what counts is what has passed since all slots were new. */
static struct passed passed(const struct epoch *epoch, enum seccomm_way way)
{
	const struct passed *before = &epoch->before[way];
	bool sends = way == SECCOMM_SEND;

	return (struct passed){ before->messages + (sends ? epoch->data_sent : epoch->data_received),
		before->bytes + (sends ? epoch->sent_bytes : epoch->received_bytes) };
}

static bool is_due(const struct epoch *epoch)
{
	for (enum seccomm_way way = SECCOMM_SEND; way <= SECCOMM_RECEIVE; way++) {
		const struct plan_limits *soft = &epoch->plan->soft[way];
		const struct passed so_far = passed(epoch, way);

		if (so_far.messages >= soft->messages || so_far.bytes >= soft->bytes)
			return true;
	}
	return false;
}

void renew_press(struct epoch *epoch)
{
	struct renewal *r = &epoch->session->renewal;

	if (r->pressed || !is_due(epoch))
		return;
	r->pressed = true;
	r->due_us = 0;
}

/* The oldest secret of the epoch that sends is as old as `rekey` says. */
void renew_plan(struct seccomm_session *session)
{
	uint64_t after = session->plan->timing.rekey_after_us, now = session_now(session), oldest = now;

	for (size_t i = 0; i < session->plan->slot_count; i++)
		if (session->epoch->made[i].us < oldest)
			oldest = session->epoch->made[i].us;
	session->statistics.epoch = session->epoch->number;
	session->statistics.epoch_us = now;
	session->renewal = (struct renewal){ .due_us = after < UINT64_MAX - oldest ? oldest + after : UINT64_MAX,
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

bool renew_peer_fits(const struct seccomm_session *session, const struct seccomm_plan *plan)
{
	return session->peer == NULL || participants_lack(plan, session->peer->keys, SECCOMM_RECEIVE) == NULL;
}

struct seccomm_plan *renew_allowed(const struct seccomm_session *session, const uint8_t digest[HASH])
{
	for (size_t i = 0; i < session->allowed_count; i++)
		if (memcmp(session->allowed[i]->digest, digest, HASH) == 0 && renew_peer_fits(session, session->allowed[i]))
			return session->allowed[i];
	return NULL;
}

static struct seccomm_plan *plan_with(const struct seccomm_session *session, const uint8_t digest[HASH])
{
	return memcmp(session->plan->digest, digest, HASH) == 0 ? session->plan : renew_allowed(session, digest);
}

void renew_target(const struct seccomm_plan *plan, uint32_t slots, uint8_t out[TARGET])
{
	memcpy(out, plan->digest, HASH);
	cactus_put_u32(out + HASH, slots);
}

bool renew_is_sound(const struct seccomm_session *session, const uint8_t target[TARGET])
{
	const struct seccomm_plan *plan = plan_with(session, target);
	const uint32_t slots = cactus_u32(target + HASH), all = plan != NULL ? epoch_slots(plan) : slots;

	return slots != 0 && (slots & ~all) == 0 && (plan == session->plan || slots == all);
}

int renew_may_want(const struct seccomm_session *session)
{
	int status = renew_possible(session);

	return status == SECCOMM_OK && session->renewal.plan != NULL ? SECCOMM_NOT_READY : status;
}

static int ask(struct seccomm_session *session, struct seccomm_plan *plan, uint32_t slots)
{
	uint8_t target[TARGET];
	int status;

	session->renewal.plan = plan;
	session->renewal.slots = slots;
	session->renewal.ask_us = session_fifo(session) ? UINT64_MAX : session_now(session) + ASK_US;
	renew_target(plan, slots, target);
	status = control_send(session->epoch, CONTROL_REKEY, target, TARGET);
	return session_fifo(session) ? status : SECCOMM_OK; /* on datagrams it is asked again */
}

/* On a stream the client has passed over what a server asked for while it was at something that has come to nothing. */
static void ask_again(struct seccomm_session *session)
{
	if (session_fifo(session) && !session_is_client(session) && session->renewal.plan != NULL)
		(void)ask(session, session->renewal.plan, session->renewal.slots);
}

/* Nothing is being prepared any more. */
static void abandon(struct seccomm_session *session)
{
	exchange_free(session);
	if (session->next != NULL)
		session_retire(session, session->next);
}

/* What was wanted will not be; new keys for the same stack are tried again, then all of them. */
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

static int prepare(struct seccomm_session *session, struct seccomm_plan *plan, uint32_t slots, uint64_t attempt)
{
	int status = epoch_new(session, plan, session->epoch->number + 1, &session->next);

	if (status == SECCOMM_OK) {
		session->next->fresh = slots;
		status = exchange_new(session, session->next, attempt);
	}
	if (status != SECCOMM_OK && session->ending > 0)
		renew_drop(session, seccomm_status_text(status));
	return status;
}

static int begin(struct seccomm_session *session, struct seccomm_plan *plan, uint32_t slots)
{
	session->renewal.plan = plan;
	session->renewal.slots = slots;
	return prepare(session, plan, slots, ++session->renewal.attempt);
}

int renew_want(struct seccomm_session *session, struct seccomm_plan *plan, uint32_t slots)
{
	return session_is_client(session) ? begin(session, plan, slots) : ask(session, plan, slots);
}

bool renew_answer(struct seccomm_session *session, const uint8_t target[TARGET], uint64_t attempt)
{
	struct seccomm_plan *plan = plan_with(session, target);

	abandon(session);
	if (plan == NULL) {
		alert_raise(session, SECCOMM_ALERT_MISMATCH, false,
		    "the peer asked for a configuration that is not allowed here");
		(void)control_send(session->epoch, CONTROL_REFUSE, target, TARGET);
		ask_again(session);
		return false;
	}
	/* On datagrams a client keeps the old epoch a little shorter than this end: it will ask again.  What this end wants
	 * it is still to ask for. */
	if (renew_possible(session) == SECCOMM_OK &&
	    prepare(session, plan, cactus_u32(target + HASH), attempt) == SECCOMM_OK)
		return true;
	if (session_fifo(session) && session->ending > 0)
		(void)control_send(session->epoch, CONTROL_REFUSE, target, TARGET);
	return false;
}

/*
 * A client that cannot begin now does when it can; one that is not allowed to says so.  What came in an epoch that is over
 * is late: if the server still wants it, it asks again.
 */
bool renew_take_request(struct epoch *epoch, const uint8_t target[TARGET])
{
	struct seccomm_session *session = epoch->session;
	struct seccomm_plan *plan = plan_with(session, target);
	struct renewal *r = &session->renewal;
	uint32_t slots = cactus_u32(target + HASH);

	if (epoch != session->epoch)
		return true;
	if (!renew_is_sound(session, target))
		return false;
	if (plan == NULL) {
		(void)control_send(session->epoch, CONTROL_REFUSE, target, TARGET);
	} else if (renew_possible(session) == SECCOMM_OK) {
		if (begin(session, plan, slots) != SECCOMM_OK && session_fifo(session) && session->exchange == NULL)
			(void)control_send(session->epoch, CONTROL_REFUSE, target, TARGET);
	} else if (session->exchange == NULL) {
		r->slots = r->plan == plan ? r->slots | slots : slots;
		r->plan = plan;
	}
	return true;
}

static bool is_target(const struct seccomm_plan *plan, uint32_t slots, const uint8_t target[TARGET])
{
	uint8_t own[TARGET];

	renew_target(plan, slots, own);
	return memcmp(own, target, TARGET) == 0;
}

/*
 * The peer gives up what is being prepared with that target, or does not want what was wanted here: a server's wish may
 * be refused while the client prepares something else.  On datagrams an old refusal may come so late that the peer has
 * gone over to a later attempt, and a server sees a new attempt by its number.
 */
void renew_take_refusal(struct seccomm_session *session, const uint8_t target[TARGET])
{
	const struct exchange *x = session->exchange;
	const struct seccomm_plan *wanted = session->renewal.plan;
	bool fifo = session_fifo(session), prepared = x != NULL && is_target(x->epoch->plan, x->epoch->fresh, target);

	if (prepared && x->stage == AWAIT_DONE && !fifo)
		return;
	if (prepared && (fifo || session_is_client(session)))
		abandon(session);
	if (wanted != NULL && is_target(wanted, session->renewal.slots, target))
		give_up(session,
		    wanted == session->plan ? "the peer refused" : "the peer does not allow that configuration");
	else if (prepared)
		ask_again(session);
}

void renew_give_up(struct seccomm_session *session, const char *why)
{
	const struct epoch *given_up = session->exchange->epoch;
	uint8_t target[TARGET];

	renew_target(given_up->plan, given_up->fresh, target);
	if (session_fifo(session))
		(void)control_send(session->epoch, CONTROL_REFUSE, target, TARGET);
	renew_drop(session, why);
}

/* ---- The switch ---- */

/*
 * What is left of WANTED, which an end wants in OLD, in the epoch that followed it: a wish for new keys of a stack is
 * fulfilled with the stack, and of one that goes on slot by slot.
 */
static uint32_t left_of(const struct renewal *wanted, const struct epoch *old, const struct epoch *now)
{
	if (wanted->plan == NULL || (wanted->plan == old->plan && wanted->plan != now->plan))
		return 0;
	return wanted->plan == now->plan ? wanted->slots & ~now->fresh : wanted->slots;
}

static void count_on(const struct epoch *old, struct epoch *now)
{
	if (now->fresh == epoch_slots(now->plan))
		return;
	for (enum seccomm_way way = SECCOMM_SEND; way <= SECCOMM_RECEIVE; way++)
		now->before[way] = passed(old, way);
}

void renew_switch(struct seccomm_session *session)
{
	const struct seccomm_callbacks *callbacks = session->callbacks;
	struct epoch *old = session->epoch, *now = session->next;
	const struct renewal wanted = session->renewal;
	uint32_t left = left_of(&wanted, old, now);

	if (session_fifo(session)) {
		old->sent_last = true; /* first: what is pushed inside the driver's callback would come behind it */
		if (control_send_count(old, CONTROL_SWITCH) < 0)
			return;
	}
	session->previous = old;
	session->epoch = now;
	session->next = NULL;
	session->plan = now->plan;
	count_on(old, now);
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
	if (left != 0)
		(void)ask(session, wanted.plan, left);
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
	if (renew_may_want(session) == SECCOMM_OK && session->renewal.due_us < at)
		at = session->renewal.due_us;
	return at;
}

/* What the client could not do at once, it does now. */
static void begin_late(struct seccomm_session *session)
{
	const struct renewal *r = &session->renewal;

	if (session_is_client(session) && r->plan != NULL && renew_possible(session) == SECCOMM_OK)
		(void)begin(session, r->plan, r->slots);
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
			(void)ask(session, r->plan, r->slots);
	}
	if (now < r->due_us || renew_may_want(session) != SECCOMM_OK)
		return;
	r->due_us = now + AGAIN_US;
	(void)renew_want(session, session->plan, epoch_slots(session->plan));
}
