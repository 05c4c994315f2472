/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alert.c - refusing: counted, told to the operator, never to the peer.
 */
#include <stdarg.h>
#include <stdio.h>

#include "seccomm/session.h"

/* One more than the place of each; 0: no such alert. */
#define PLACE(name, number, text) [SECCOMM_ALERT_##name] = ALERT_PLACE_##name + 1,
static const uint8_t places[] = { SECCOMM_ALERT_MAP(PLACE) };
#undef PLACE

/* A peer's bytes may be quoted in a detail: no control character leaves here. */
static void make_printable(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 127)
			*text = '?';
}

static void tell(struct seccomm_session *session, struct seccomm_alert *alert)
{
	session->alerts[places[alert->id] - 1]++;
	alert->count = ++session->alert_total;
	/* Up to here an alert is about one message that came; those behind are about time, streams and keys. */
	if (alert->id < SECCOMM_ALERT_TIMED_OUT)
		session->statistics.refused++;
	if (alert->fatal) /* first: what the callback pushes must not go out behind a refusal */
		session_end(session, SECCOMM_REFUSED);
	if (session->callbacks->alert != NULL && session->state != STATE_ENDED)
		session->callbacks->alert(session->callbacks->context, alert);
}

void alert_raise(struct seccomm_session *session, enum seccomm_alert_id id, bool fatal, const char *detail)
{
	struct seccomm_alert alert = { .id = id, .fatal = fatal, .detail = detail != NULL ? detail : "" };

	tell(session, &alert);
}

void alert_raisef(struct seccomm_session *session, enum seccomm_alert_id id, bool fatal, const char *format, ...)
{
	char detail[4096];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(detail, sizeof(detail), format, arguments);
	va_end(arguments);
	make_printable(detail);
	alert_raise(session, id, fatal, detail);
}

/* On a FIFO link whatever comes after a refused message cannot be trusted to follow it, so the first one ends the
 * session. */
enum cactus_verdict seccomm_refuse_saying(void *state, struct cactus_msg *msg, enum seccomm_alert_id id, const char *detail)
{
	struct seccomm_self *self = state;
	struct seccomm_session *session = self->session;
	struct seccomm_alert alert = { .id = id,
		.layer = self->cactus.mp->name,
		.order = self->cactus.order,
		.detail = detail,
		.fatal = session_fifo(session) };

	self->refused++;
	message_of(msg)->status = id == SECCOMM_ALERT_KEY_LIMIT ? SECCOMM_LIMIT : SECCOMM_REFUSED;
	tell(session, &alert);
	return CACTUS_STOP;
}

enum cactus_verdict seccomm_refuse(void *state, struct cactus_msg *msg, enum seccomm_alert_id id)
{
	return seccomm_refuse_saying(state, msg, id, "");
}

uint64_t seccomm_alert_count(const struct seccomm_session *session, enum seccomm_alert_id id)
{
	return (unsigned)id < sizeof(places) && places[id] != 0 ? session->alerts[places[id] - 1] : 0;
}
