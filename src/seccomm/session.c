/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.c - the life of a session: memory, opening, closing, ending.
 */
#include <string.h>

#include "seccomm/exchange.h"

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

void *session_kept(struct seccomm_session *session, const struct cactus_mp *mp, uint32_t key, size_t size)
{
	struct kept *kept = session->kept;

	while (kept != NULL && (kept->mp != mp || kept->key != key || kept->size != size))
		kept = kept->next;
	if (kept == NULL) {
		kept = session_allocate(session, sizeof(*kept) + size);
		if (kept == NULL)
			return NULL;
		kept->next = session->kept;
		kept->mp = mp;
		kept->key = key;
		kept->size = size;
		session->kept = kept;
	}
	return kept->bytes;
}

static void free_kept(struct seccomm_session *session)
{
	for (struct kept *kept = session->kept, *next; kept != NULL; kept = next) {
		const size_t size = sizeof(*kept) + kept->size;

		next = kept->next;
		crypto_wipe(kept, size);
		session_release(session, kept, size);
	}
	session->kept = NULL;
}

void session_enter(struct seccomm_session *session)
{
	session->depth++;
}

static void free_retired(struct seccomm_session *session)
{
	while (session->retired != NULL) {
		struct epoch *epoch = session->retired;

		session->retired = epoch->retired;
		epoch_free(epoch);
	}
}

static void free_epochs(struct seccomm_session *session)
{
	exchange_free(session);
	epoch_free(session->next);
	epoch_free(session->epoch);
	epoch_free(session->previous);
	epoch_free(session->incoming);
	session->incoming = NULL;
	session->next = session->epoch = session->previous = NULL;
	free_retired(session);
	free_kept(session);
}

/* Keys are wiped when no handler of an epoch can be running any more. */
static void finish(struct seccomm_session *session)
{
	const struct seccomm_callbacks *callbacks = session->callbacks;
	int status = session->ending;

	session->state = STATE_ENDED;
	free_epochs(session);
	if (callbacks->closed != NULL)
		callbacks->closed(callbacks->context, status);
}

/* Something has happened that a tick is to note. */
static void plan_tick(struct seccomm_session *session)
{
	struct liveness *l = &session->liveness;

	if (!session_fifo(session) && l->tick_us == UINT64_MAX && (l->heard || l->data || l->sent))
		l->tick_us = session_now(session) + CLOCK_TICK_US;
}

void session_leave(struct seccomm_session *session)
{
	if (session->depth == 1 && session->closing && session->ending > 0) {
		session->closing = false;
		(void)control_send_count(session->epoch, CONTROL_CLOSE);
	}
	if (--session->depth > 0)
		return;
	if (session->ending <= 0 && session->state != STATE_ENDED) {
		finish(session);
		return;
	}
	free_retired(session);
	plan_tick(session);
}

void session_retire(struct seccomm_session *session, struct epoch *epoch)
{
	if (session->next == epoch)
		session->next = NULL;
	if (session->previous == epoch)
		session->previous = NULL;
	if (session->incoming == epoch)
		session->incoming = NULL;
	epoch->retired = session->retired;
	session->retired = epoch;
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

static struct seccomm_session *allocate(struct seccomm_plan *plan, const struct cactus_platform *platform)
{
	struct seccomm_session *session = platform->allocate(platform->context, sizeof(*session));

	if (session == NULL)
		return NULL;
	session->plan = plan;
	session->platform = platform;
	session->ending = 1;
	session->path_limit = SIZE_MAX;
	session->liveness.tick_us = session->renewal.due_us = session->renewal.ask_us = UINT64_MAX;
	session->statistics.memory = sizeof(*session);
	session->inbound.session = session;
	return session;
}

int session_draw_index(struct seccomm_session *session)
{
	uint32_t index = 0;

	while (index == 0) /* 0 is nobody's: an OPEN carries it */
		if (session->platform->random(session->platform->context, &index, sizeof(index)) < 0)
			return SECCOMM_FAILED;
	session->receive_index = index;
	return SECCOMM_OK;
}

static int begin(struct seccomm_session *session)
{
	int status;

	if (session->plan->salted)
		return predefined_open(session);
	status = epoch_new(session, session->plan, 1, &session->epoch);
	if (status == SECCOMM_OK)
		status = session_draw_index(session);
	return status == SECCOMM_OK ? exchange_new(session, session->epoch, 0) : status;
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
	if (status == SECCOMM_OK && (status = begin(session)) != SECCOMM_OK)
		error_set(error, status, NULL, "the session cannot be set up: %s", seccomm_status_text(status));
	if (status != SECCOMM_OK) {
		session->state = STATE_ENDED;
		seccomm_session_free(session);
		return status;
	}
	*out = session;
	session_leave(session);
	return SECCOMM_OK;
}

static void free_allowed(struct seccomm_session *session)
{
	const size_t size = session->allowed_count * sizeof(*session->allowed);

	for (size_t i = 0; i < session->allowed_count; i++)
		seccomm_plan_free(session->allowed[i]);
	if (session->allowed == NULL)
		return;
	crypto_wipe(session->allowed, size);
	session_release(session, session->allowed, size);
}

void seccomm_session_free(struct seccomm_session *session)
{
	const struct cactus_platform *platform;

	if (session == NULL)
		return;
	platform = session->platform;
	session->state = STATE_ENDED;
	listener_leave(session);
	free_epochs(session);
	free_allowed(session);
	crypto_wipe(session, sizeof(*session));
	platform->release(platform->context, session, sizeof(*session));
}

void session_opened(struct seccomm_session *session)
{
	const struct seccomm_callbacks *callbacks = session->callbacks;
	uint64_t now = session_now(session);

	session->state = STATE_OPEN;
	session->statistics.opening_us = now - session->exchange->started;
	session->liveness.data_us = session->liveness.sent_us = now;
	exchange_finish(session);
	renew_plan(session);
	listener_opened(session);
	if (callbacks->opened != NULL)
		callbacks->opened(callbacks->context, &session->principal);
	session_writable(session);
}

void session_heard(struct seccomm_session *session, struct epoch *epoch)
{
	session->liveness.heard = true;
	session->liveness.expects = false;
	session->liveness.expects_us = 0;
	if (epoch->heard)
		return;
	epoch->heard = true;
	if (session->plan->salted)
		predefined_announce(session);
	else if (session->state == STATE_SENDING)
		session_opened(session);
	else if (epoch == session->next)
		renew_switch(session);
	if (session->previous != NULL && epoch == session->epoch && !session_fifo(session))
		session->previous->retire_us = session_now(session) + PLAN_RETIRE_US;
}

void session_newest(struct epoch *epoch)
{
	struct seccomm_session *session = epoch->session;

	if (epoch != session->previous || !session->epoch->heard)
		session->statistics.newest++;
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

	if ((session->state == STATE_OPENING || predefined_waits(session)) && session->ending > 0)
		return SECCOMM_NOT_READY;
	if (session->state == STATE_ENDED || session->close_sent || session->closing || session->ending <= 0)
		return SECCOMM_CLOSED;
	session_enter(session);
	if (session->depth > 1)
		session->closing = true;
	else
		status = control_send_count(session->epoch, CONTROL_CLOSE);
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

void seccomm_set_path_limit(struct seccomm_session *session, size_t bytes)
{
	session->path_limit = bytes == 0 ? SIZE_MAX : bytes;
}

/* ---- Statistics ---- */

size_t session_memory(const struct seccomm_session *session)
{
	const struct epoch *const epochs[] = { session->epoch, session->next, session->previous, session->incoming };
	size_t bytes = session->statistics.memory;

	for (size_t i = 0; i < sizeof(epochs) / sizeof(epochs[0]); i++)
		if (epochs[i] != NULL)
			bytes += cactus_memory(epochs[i]->cactus);
	for (const struct epoch *epoch = session->retired; epoch != NULL; epoch = epoch->retired)
		bytes += cactus_memory(epoch->cactus);
	return bytes;
}

void seccomm_statistics(const struct seccomm_session *session, struct seccomm_statistics *out)
{
	*out = session->statistics;
	out->memory = session_memory(session);
}

const struct seccomm_principal *seccomm_peer(const struct seccomm_session *session)
{
	return session->state == STATE_OPEN ? &session->principal : NULL;
}

void *seccomm_context(const struct seccomm_session *session)
{
	return session->callbacks->context;
}
