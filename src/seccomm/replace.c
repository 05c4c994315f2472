/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replace.c - what an application may ask of the keys of its session: all new ones, one new one, another stack; and how old
 * each is.  How it is done is in renew.c.
 */
#include <string.h>

#include "seccomm/exchange.h"
#include "seccomm/renew.h"

/* ---- Asking ---- */

/* Whether this session can ever run PLAN. */
static bool fits(const struct seccomm_session *session, const struct seccomm_plan *plan)
{
	const struct seccomm_plan *now = session->plan;

	if (plan->role != now->role || plan->link != now->link || plan->slot_count == 0 || plan->lab != now->lab ||
	    now->salted || plan->salted || memcmp(plan->require, now->require, sizeof(now->require)) != 0)
		return false;
	return participants_lack(plan, session->identity != NULL ? session->identity->keys : NULL, SECCOMM_SEND) == NULL &&
	       renew_peer_fits(session, plan);
}

int seccomm_allow(struct seccomm_session *session, struct seccomm_plan *plan)
{
	struct seccomm_plan **list;
	size_t size = session->allowed_count * sizeof(*list);

	if (session->state == STATE_ENDED)
		return SECCOMM_CLOSED;
	if (renew_allowed(session, plan->digest) != NULL) /* the plan of now may be another one later */
		return SECCOMM_OK;
	if (!fits(session, plan))
		return SECCOMM_INVALID;
	list = session_allocate(session, size + sizeof(*list));
	if (list == NULL)
		return SECCOMM_NO_MEMORY;
	if (size > 0)
		memcpy(list, session->allowed, size);
	list[session->allowed_count] = seccomm_plan_keep(plan);
	if (session->allowed != NULL) {
		crypto_wipe(session->allowed, size);
		session_release(session, session->allowed, size);
	}
	session->allowed = list;
	session->allowed_count++;
	return SECCOMM_OK;
}

static int want(struct seccomm_session *session, struct seccomm_plan *plan, uint32_t slots)
{
	int status;

	session_enter(session);
	status = renew_want(session, plan, slots);
	session_leave(session);
	return status;
}

int seccomm_change(struct seccomm_session *session, struct seccomm_plan *plan)
{
	int status = renew_may_want(session);

	if (status == SECCOMM_OK)
		status = seccomm_allow(session, plan);
	/* One with the same digest is the session's own. */
	if (status == SECCOMM_OK && memcmp(session->plan->digest, plan->digest, HASH) == 0)
		plan = session->plan;
	else if (status == SECCOMM_OK)
		plan = renew_allowed(session, plan->digest);
	return status == SECCOMM_OK ? want(session, plan, epoch_slots(plan)) : status;
}

int seccomm_rekey(struct seccomm_session *session)
{
	int status = renew_may_want(session);

	return status == SECCOMM_OK ? want(session, session->plan, epoch_slots(session->plan)) : status;
}

static enum seccomm_renewal under_way(const struct seccomm_session *session, uint64_t *until)
{
	const struct exchange *x = session->exchange;

	*until = UINT64_MAX;
	if (renew_may_want(session) != SECCOMM_NOT_READY)
		return SECCOMM_RENEWAL_NONE;
	if (session->previous != NULL) {
		*until = session->previous->retire_us;
		return SECCOMM_RENEWAL_OVERLAP;
	}
	/* A renewal on a stream waits for as long as a program does not read: at its deadline that is told, and it goes on. */
	if (x != NULL && (session->state != STATE_OPEN || !session_fifo(session)))
		*until = x->deadline;
	if (session->state != STATE_OPEN)
		return SECCOMM_RENEWAL_OPENING;
	return x != NULL || session->next != NULL ? SECCOMM_RENEWAL_AGREEING : SECCOMM_RENEWAL_ASKED;
}

enum seccomm_renewal seccomm_renewal_state(const struct seccomm_session *session, uint64_t *wait_us)
{
	const uint64_t now = session_now(session);
	uint64_t until;
	const enum seccomm_renewal what = under_way(session, &until);

	*wait_us = until == UINT64_MAX ? until : until > now ? until - now : 0;
	return what;
}

int seccomm_replace_key(struct seccomm_session *session, unsigned slot)
{
	int status = slot > 0 && slot <= session->plan->slot_count ? renew_may_want(session) : SECCOMM_INVALID;

	return status == SECCOMM_OK ? want(session, session->plan, UINT32_C(1) << slot) : status;
}

/* ---- Which keys there are ---- */

unsigned seccomm_key_slot(const struct seccomm_session *session, const char *name)
{
	const struct seccomm_plan *plan = session->plan;

	for (size_t i = 0; i < plan->slot_count; i++)
		if (strcmp(plan->slots[i].name, name) == 0)
			return (unsigned)i + 1;
	return 0;
}

int seccomm_key_state(const struct seccomm_session *session, unsigned slot, struct seccomm_key_state *out)
{
	const struct epoch *epoch = session->epoch;

	if (slot == 0 || slot > session->plan->slot_count)
		return SECCOMM_INVALID;
	*out = (struct seccomm_key_state){ .name = session->plan->slots[slot - 1].name };
	if (epoch == NULL)
		return SECCOMM_CLOSED;
	if ((epoch->ready >> slot & 1) == 0)
		return SECCOMM_NOT_READY;
	out->epoch = epoch->made[slot - 1].epoch;
	out->made_us = epoch->made[slot - 1].us;
	return SECCOMM_OK;
}
