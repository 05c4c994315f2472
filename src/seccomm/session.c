/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.c - the life of a session: memory, opening, closing, ending, time.
 */
#include <string.h>

#include "seccomm/session.h"

/* ---- Memory and life ---- */

void *session_allocate(struct seccomm_session *session, size_t size)
{
	void *memory = session->platform->allocate(session->platform->context, size);

	if (memory != NULL)
		session->statistics.memory += size;
	return memory;
}

void session_release(struct seccomm_session *session, void *memory, size_t size)
{
	session->statistics.memory -= size;
	session->platform->release(session->platform->context, memory, size);
}

void session_enter(struct seccomm_session *session)
{
	session->depth++;
}

/* Keys are wiped when no handler of the epoch can be running any more. */
static void finish(struct seccomm_session *session)
{
	const struct seccomm_callbacks *callbacks = session->callbacks;
	int status = session->ending;

	session->state = STATE_ENDED;
	exchange_free(session);
	epoch_free(session->epoch);
	session->epoch = NULL;
	if (callbacks->closed != NULL)
		callbacks->closed(callbacks->context, status);
}

void session_leave(struct seccomm_session *session)
{
	if (session->depth == 1 && session->closing && session->ending > 0) {
		session->closing = false;
		(void)control_send(session, CONTROL_CLOSE);
	}
	if (--session->depth == 0 && session->ending <= 0 && session->state != STATE_ENDED)
		finish(session);
}

void session_end(struct seccomm_session *session, int status)
{
	if (session->ending > 0)
		session->ending = status;
}

void session_transmit(struct seccomm_session *session, const uint8_t *bytes, size_t length)
{
	if (session->ending > 0 && session->state != STATE_ENDED)
		session->callbacks->transmit(session->callbacks->context, bytes, length);
}

const char *session_direction(const struct seccomm_session *session, enum seccomm_way way)
{
	return (session->plan->role == SECCOMM_CLIENT) == (way == SECCOMM_SEND) ? "c2s" : "s2c";
}

static size_t session_size(const struct seccomm_plan *plan)
{
	return sizeof(struct seccomm_session) + cactus_values_size(plan->composition);
}

static struct seccomm_session *allocate(struct seccomm_plan *plan, const struct cactus_platform *platform)
{
	struct seccomm_session *session = platform->allocate(platform->context, session_size(plan));

	if (session == NULL)
		return NULL;
	session->plan = plan;
	session->platform = platform;
	session->ending = 1;
	session->statistics.memory = session_size(plan);
	session->inbound.session = session;
	return session;
}

int seccomm_open(struct seccomm_plan *plan, const struct seccomm_keyring *keyring,
    const struct cactus_platform *platform, const struct seccomm_callbacks *callbacks, struct seccomm_session **out,
    struct seccomm_error *error)
{
	struct seccomm_session *session = allocate(plan, platform);
	int status;

	*out = NULL;
	if (session == NULL)
		return error_set(error, SECCOMM_NO_MEMORY, NULL, "out of memory");
	session->keyring = keyring;
	session->callbacks = callbacks;
	session_enter(session);
	if (plan->slot_count > 0)
		status = participants_find(session, error);
	else
		status = error_set(error, SECCOMM_INVALID, "add a key, for example   data: dh,protect=sign:ed25519",
		    "the configuration has no key, and without one neither the ends nor the close of a session can be "
		    "confirmed");
	if (status == SECCOMM_OK && (status = epoch_new(session, 1, &session->epoch)) != SECCOMM_OK)
		error_set(error, status, NULL, "the session cannot be set up: %s", seccomm_status_text(status));
	if (status == SECCOMM_OK && (status = exchange_new(session)) != SECCOMM_OK)
		error_set(error, status, NULL, "the opening cannot be started: %s", seccomm_status_text(status));
	if (status != SECCOMM_OK) {
		session->state = STATE_ENDED;
		seccomm_session_free(session);
		return status;
	}
	*out = session;
	session_leave(session);
	return SECCOMM_OK;
}

void seccomm_session_free(struct seccomm_session *session)
{
	const struct cactus_platform *platform;
	size_t size;

	if (session == NULL)
		return;
	platform = session->platform;
	size = session_size(session->plan);
	session->state = STATE_ENDED;
	exchange_free(session);
	epoch_free(session->epoch);
	crypto_wipe(session, size);
	platform->release(platform->context, session, size);
}

void session_opened(struct seccomm_session *session)
{
	const struct seccomm_callbacks *callbacks = session->callbacks;

	session->state = STATE_OPEN;
	session->statistics.opening_us = exchange_elapsed(session);
	exchange_free(session);
	if (callbacks->opened != NULL)
		callbacks->opened(callbacks->context, &session->principal);
	session_writable(session);
}

void session_writable(struct seccomm_session *session)
{
	if (!session->wanted_writable || !seccomm_may_push(session))
		return;
	session->wanted_writable = false;
	if (session->callbacks->writable != NULL)
		session->callbacks->writable(session->callbacks->context);
}

/* ---- Ends ---- */

int seccomm_close(struct seccomm_session *session)
{
	int status = SECCOMM_OK;

	if (session->state < STATE_AWAIT_DONE || session->state == STATE_ENDED || session->close_sent ||
	    session->closing || session->ending <= 0)
		return session->state < STATE_AWAIT_DONE ? SECCOMM_NOT_READY : SECCOMM_CLOSED;
	session_enter(session);
	if (session->depth > 1)
		session->closing = true;
	else
		status = control_send(session, CONTROL_CLOSE);
	session_leave(session);
	return status;
}

void seccomm_ended(struct seccomm_session *session)
{
	if (session->state == STATE_ENDED)
		return;
	session_enter(session);
	if (session->ending > 0 && !session->peer_closed) {
		if (session->state < STATE_OPEN)
			exchange_cut(session);
		else
			alert_raise(
			    session, SECCOMM_ALERT_TRUNCATED, true, "the connection ended before the peer had closed");
	}
	session_end(session, session->close_sent ? SECCOMM_OK : SECCOMM_CLOSED);
	session_leave(session);
}

/* ---- Time and statistics ---- */

uint64_t seccomm_deadline(const struct seccomm_session *session)
{
	uint64_t opening, cactus;

	if (session->state == STATE_ENDED)
		return UINT64_MAX;
	opening = exchange_deadline(session);
	cactus = cactus_deadline(session->epoch->cactus);
	return opening < cactus ? opening : cactus;
}

void seccomm_run_due(struct seccomm_session *session)
{
	if (session->state == STATE_ENDED)
		return;
	session_enter(session);
	cactus_run_due(session->epoch->cactus);
	exchange_run_due(session);
	session_leave(session);
}

void seccomm_statistics(const struct seccomm_session *session, struct seccomm_statistics *out)
{
	*out = session->statistics;
}

const struct seccomm_principal *seccomm_peer(const struct seccomm_session *session)
{
	return session->state == STATE_OPEN ? &session->principal : NULL;
}
