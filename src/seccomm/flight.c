/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flight.c - the key messages that an end has sent since the peer's last answer.
 *
 * On datagrams any of them may be lost, so their bytes are kept and sent again as they are: nothing is signed twice.  In
 * an opening they go as they are; later each travels in a CONTROL message of the epoch that sends.  One that could not be
 * sealed there is as good as lost.
 */
#include <string.h>

#include "seccomm/exchange.h"

struct stored {
	struct stored *next;
	uint8_t mark;
	size_t length;
	uint8_t bytes[];
};

static void send(struct seccomm_session *session, const struct stored *stored)
{
	uint8_t body[CONTROL_BODY_MAX];
	size_t inner = stored->length - FRAME_HEADER;

	if (exchange_is_opening(session)) {
		session_transmit(session, stored->bytes, stored->length);
		return;
	}
	sealed_head(session->exchange, stored->mark, body);
	memcpy(body + CONTROL_KEY_HEAD, stored->bytes + FRAME_HEADER, inner);
	(void)control_send(session->epoch, CONTROL_KEY, body, CONTROL_KEY_HEAD + inner);
}

int flight_send(struct seccomm_session *session, uint8_t mark, const uint8_t *bytes, size_t length)
{
	struct flight *flight = &session->exchange->flight;
	struct stored *stored;

	if (CONTROL_KEY_HEAD + length - FRAME_HEADER > CONTROL_BODY_MAX)
		return SECCOMM_TOO_LARGE;
	stored = session_allocate(session, sizeof(*stored) + length);
	if (stored == NULL)
		return SECCOMM_NO_MEMORY;
	stored->mark = mark;
	stored->length = length;
	memcpy(stored->bytes, bytes, length);
	*flight->last = stored;
	flight->last = &stored->next;
	if (!flight->held)
		send(session, stored);
	return session->ending > 0 ? SECCOMM_OK : SECCOMM_FAILED;
}

void flight_repeat(struct seccomm_session *session)
{
	for (const struct stored *s = session->exchange->flight.first; s != NULL && session->ending > 0; s = s->next)
		send(session, s);
}

void flight_clear(struct seccomm_session *session)
{
	struct flight *flight = &session->exchange->flight;
	size_t size;

	for (struct stored *s = flight->first, *next; s != NULL; s = next) {
		next = s->next;
		size = sizeof(*s) + s->length;
		crypto_wipe(s, size);
		session_release(session, s, size);
	}
	flight->first = NULL;
	flight->last = &flight->first;
}

const uint8_t *flight_first(const struct seccomm_session *session, size_t *length)
{
	const struct stored *first = session->exchange->flight.first;

	*length = first != NULL ? first->length : 0;
	return first != NULL ? first->bytes : NULL;
}
