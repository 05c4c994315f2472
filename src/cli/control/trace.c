/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trace.c - `trace`: what each layer did to a message, told when the message is through: sizes, times and verdicts, and
 * never a byte of what it holds.
 *
 * A traced session has one tap, however many follow it.  The session tells the tap each layer; a message is complete
 * when another one begins or the present event is over.
 */
#include "cli/control/private.h"

#include <stdlib.h>
#include <string.h>

struct tap {
	TAILQ_ENTRY(tap) all;
	struct control *control;
	struct served *served;
	uint64_t connection;
	struct seccomm_step message; /* its first layer's; LAYER is of a table, so it stays */
	size_t after;
	json_t *layers; /* NULL: no message is under way */
};

/* ---- Messages ---- */

static json_t *message_json(struct tap *tap)
{
	const struct seccomm_step *m = &tap->message;
	json_t *layers = tap->layers;

	tap->layers = NULL;
	return json_pack("{s:s, s:o, s:s, s:s, s:i, s:o, s:o, s:o, s:o, s:o}", "session", tap->served->session->name,
	    "connection", control_number(tap->connection), "way", m->sending ? "sending" : "receiving", "lane",
	    m->key ? "key" : "data", "key", (int)m->key, "epoch", control_number(m->epoch), "number",
	    control_number(m->number), "before", control_number(m->before), "after", control_number(tap->after),
	    "layers", layers);
}

/* Hands the message that is under way to all that follow. */
static void flush(struct tap *tap)
{
	struct control *control = tap->control;
	json_t *message = tap->layers ? message_json(tap) : NULL;
	struct follow *follow, *next;

	for (follow = TAILQ_FIRST(&control->follows); follow && message; follow = next) {
		next = TAILQ_NEXT(follow, all);
		if (follow->kind == FOLLOW_TRACE &&
		    control_hits(&follow->target, tap->served->session->name, tap->connection))
			(void)follow_send(follow, "message", json_incref(message));
	}
	json_decref(message);
}

static const char *verdict_name(enum cactus_verdict verdict)
{
	return verdict == CACTUS_NEXT ? "passed" : verdict == CACTUS_HOLD ? "held" : "stopped";
}

static bool same_message(const struct seccomm_step *a, const struct seccomm_step *b)
{
	return a->sending == b->sending && a->key == b->key && a->epoch == b->epoch && a->number == b->number;
}

static void stepped(void *context, const struct seccomm_step *step)
{
	struct tap *tap = context;

	if (tap->layers && !same_message(&tap->message, step))
		flush(tap);
	if (!tap->layers) {
		tap->layers = json_array();
		tap->message = *step;
		transport_timer_set(tap->control->later, 0, 0);
	}
	tap->after = step->after;
	json_array_append_new(
	    tap->layers, json_pack("{s:s, s:o, s:o, s:o, s:s}", "layer", step->layer, "before",
			     control_number(step->before), "after", control_number(step->after), "us",
			     control_number(step->elapsed_us), "verdict", verdict_name(step->verdict)));
}

/* ---- Taps ---- */

static int attach(void *context, struct seccomm_session *session)
{
	return seccomm_trace(session, stepped, context);
}

static int detach(void *context, struct seccomm_session *session)
{
	(void)context;
	return seccomm_trace(session, NULL, NULL);
}

static struct tap *find(const struct control *control, const struct served *served, uint64_t connection)
{
	struct tap *tap = TAILQ_FIRST(&control->taps);

	while (tap && (tap->served != served || tap->connection != connection))
		tap = TAILQ_NEXT(tap, all);
	return tap;
}

static void forget(struct tap *tap)
{
	TAILQ_REMOVE(&tap->control->taps, tap, all);
	json_decref(tap->layers);
	free(tap);
}

static bool tap_connection(struct control *control, struct served *served, uint64_t connection)
{
	struct tap *tap = find(control, served, connection);
	int status = SECCOMM_CLOSED;

	if (tap)
		return true;
	tap = calloc(1, sizeof(*tap));
	if (!tap)
		return false;
	tap->control = control;
	tap->served = served;
	tap->connection = connection;
	TAILQ_INSERT_TAIL(&control->taps, tap, all);
	if (transport_service_act(served->service, connection, attach, tap, &status) && status == SECCOMM_OK)
		return true;
	forget(tap);
	return false;
}

static bool is_followed(const struct control *control, const char *session, uint64_t connection)
{
	const struct follow *follow;

	TAILQ_FOREACH(follow, &control->follows, all)
	if (follow->kind == FOLLOW_TRACE && control_hits(&follow->target, session, connection))
		return true;
	return false;
}

void trace_unfollow(struct control *control)
{
	struct tap *tap, *next;
	int status;

	for (tap = TAILQ_FIRST(&control->taps); tap; tap = next) {
		next = TAILQ_NEXT(tap, all);
		if (is_followed(control, tap->served->session->name, tap->connection))
			continue;
		/* One that is ending says so soon, and is forgotten then. */
		if (transport_service_act(tap->served->service, tap->connection, detach, NULL, &status))
			forget(tap);
	}
}

void trace_flush(struct control *control)
{
	struct tap *tap;

	TAILQ_FOREACH(tap, &control->taps, all)
	flush(tap);
	/* A request for so many messages may have got its last one. */
	trace_unfollow(control);
}

/* ---- What happens ---- */

void control_opened(struct control *control, struct served *served, uint64_t connection)
{
	if (control && is_followed(control, served->session->name, connection))
		(void)tap_connection(control, served, connection);
}

void control_closed(struct control *control, const struct served *served, uint64_t connection)
{
	struct tap *tap = control ? find(control, served, connection) : NULL;

	if (!tap)
		return;
	flush(tap);
	forget(tap);
}

struct tapping {
	struct control *control;
	size_t count;
};

static void tap_one(void *context, struct served *served, const struct transport_connection *connection)
{
	struct tapping *tapping = context;

	if (connection->opened)
		tapping->count += tap_connection(tapping->control, served, connection->number);
}

void control_trace(const struct control_request *request)
{
	struct tapping tapping = { .control = request->control };
	const struct control_visit visit = { &tapping, tap_one };
	struct control_target target;
	struct follow *follow;
	uint64_t count = 0;

	if (!control_target(request, &target) || !control_count(request, "count", 1, UINT32_MAX, &count))
		return;
	if (!*target.session) {
		control_fail(request, "as in   db   or   db/7", "\"target\" is missing: whose messages?");
		return;
	}
	follow = follow_start(request, FOLLOW_TRACE, &target, count);
	if (!follow)
		return;
	control_each(request->control->program, &target, &visit);
	if (tapping.count == 0 && target.connection) {
		follow_end(follow);
		control_gone(request, &target);
		return;
	}
	control_more(request, json_pack("{s:o}", "tracing", control_number(tapping.count)));
}
