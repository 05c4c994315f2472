/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.c - what a session does by itself, and when.
 *
 * On datagrams nobody says when a peer is gone.  So it is noted what was sent and heard; not with the time, which would
 * cost a look at the clock for every message, but with flags that a tick turns into times.  A tick is planned when
 * there is a flag to be turned, so an idle session plans none.
 */
#include "seccomm/exchange.h"

enum {
	OWED_US = 10 * 1000 * 1000, /* a keepalive is sent so long after data that was not answered */
	ASK_US = 11 * 1000 * 1000, /* when none has come, the peer may owe none because the data was lost: it is asked */
	ASK_AGAIN_US = 500 * 1000, /* eight times in all: of a link that loses a fifth one in 3,500 loses all of them */
	SILENT_US = 15 * 1000 * 1000
};

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t later(uint64_t at, uint64_t after)
{
	return at == 0 || after >= UINT64_MAX - at ? UINT64_MAX : at + after;
}

/* Who has closed waits for the peer's close; but where no answer is to come nobody waits. */
static bool waits_for_close(const struct seccomm_session *session)
{
	return session->close_sent && !session->plan->salted;
}

/* How often something is sent at least, or a close is said again: nobody must wait for nobody. */
static uint64_t interval(const struct seccomm_session *session)
{
	uint64_t configured = session->plan->timing.keepalive_us;

	return waits_for_close(session) ? least(configured, OWED_US) : configured;
}

static uint64_t ask_at(const struct liveness *l)
{
	uint64_t at = later(l->expects_us, ASK_US), again = later(l->asked_us, ASK_AGAIN_US);

	return at != UINT64_MAX && again != UINT64_MAX && again > at ? again : at;
}

/* Answers when something is to be done; asked after every call, it also plans the tick. */
static uint64_t liveness_deadline(const struct seccomm_session *session)
{
	const struct liveness *l = &session->liveness;
	const struct plan_timing *timing = &session->plan->timing;
	uint64_t at = least(later(l->expects_us, SILENT_US), later(l->owes_us, OWED_US));

	if (session_fifo(session) || session->state != STATE_OPEN)
		return UINT64_MAX;
	at = least(at, l->tick_us);
	at = least(at, ask_at(l));
	at = least(at, later(l->data_us, timing->idle_us));
	return least(at, later(l->sent_us, interval(session)));
}

static void note(struct seccomm_session *session, uint64_t now)
{
	struct liveness *l = &session->liveness;

	if (l->heard)
		session->statistics.heard_us = now;
	if (l->data || l->data_us == 0)
		l->data_us = now;
	/* What else is sent does not say again that this end has closed. */
	if ((l->sent && !waits_for_close(session)) || l->sent_us == 0)
		l->sent_us = now;
	/* Since when something has been unanswered: not if an answer has come meanwhile, or if none is to come. */
	if (session->plan->salted)
		l->expects = l->owes = false;
	if (!l->expects)
		l->expects_us = 0;
	else if (l->expects_us == 0 || l->heard)
		l->expects_us = now;
	if (!l->owes)
		l->owes_us = 0;
	else if (l->owes_us == 0 || l->sent)
		l->owes_us = now;
	l->heard = l->data = l->sent = false;
	l->tick_us = UINT64_MAX;
}

/* One that is sent so that something is sent asks for an answer: else a peer that is gone would never be missed. */
static void keepalive(struct seccomm_session *session, uint64_t now, bool answer)
{
	control_keepalive(session, answer);
	session->liveness.owes_us = 0;
	session->liveness.sent_us = now;
}

static void act(struct seccomm_session *session, uint64_t now)
{
	struct liveness *l = &session->liveness;
	const struct plan_timing *timing = &session->plan->timing;

	if (now >= later(l->expects_us, SILENT_US)) {
		alert_raise(session, SECCOMM_ALERT_SILENT, false, "no authentic answer for 15 s; it may have restarted");
		session_end(session, SECCOMM_CLOSED);
	} else if (now >= later(l->data_us, timing->idle_us)) {
		if (!session->close_sent)
			(void)control_send_count(session->epoch, CONTROL_CLOSE);
		session_end(session, SECCOMM_OK);
	} else if (now >= ask_at(l)) {
		l->asked_us = now;
		keepalive(session, now, true);
	} else if (now >= later(l->sent_us, interval(session))) {
		keepalive(session, now, true);
	} else if (now >= later(l->owes_us, OWED_US)) {
		keepalive(session, now, false);
	}
}

void clock_run_due(struct seccomm_session *session, uint64_t now)
{
	struct liveness *l = &session->liveness;

	exchange_run_due(session, now);
	renew_run_due(session, now);
	if (session_fifo(session) || session->state != STATE_OPEN || session->ending <= 0)
		return;
	if (now >= l->tick_us)
		note(session, now);
	act(session, now);
}

uint64_t seccomm_deadline(const struct seccomm_session *session)
{
	const struct epoch *const epochs[] = { session->epoch, session->next, session->previous, session->incoming };
	uint64_t at = UINT64_MAX;

	if (session->state == STATE_ENDED)
		return UINT64_MAX;
	if (session->plan->salted && session_is_client(session) && !session->announced)
		return 0;
	for (size_t i = 0; i < sizeof(epochs) / sizeof(epochs[0]); i++)
		if (epochs[i] != NULL)
			at = least(at, cactus_deadline(epochs[i]->cactus));
	at = least(at, exchange_deadline(session));
	at = least(at, renew_deadline(session));
	return least(at, liveness_deadline(session));
}

void seccomm_run_due(struct seccomm_session *session)
{
	struct epoch *const epochs[] = { session->epoch, session->next, session->previous, session->incoming };

	if (session->state == STATE_ENDED)
		return;
	session_enter(session);
	if (session->plan->salted && session_is_client(session))
		predefined_announce(session);
	for (size_t i = 0; i < sizeof(epochs) / sizeof(epochs[0]); i++)
		if (epochs[i] != NULL)
			cactus_run_due(epochs[i]->cactus);
	clock_run_due(session, session_now(session));
	session_leave(session);
}
