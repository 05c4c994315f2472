/* SPDX-License-Identifier: Apache-2.0 */
/*
 * relay.c - one connection: a plain socket, a protected one ("wire") and a session between them; its life and death.
 *
 * Callbacks of the session only note what happened; relay_settle(), at the end of every event, draws the consequences.
 * So nothing is freed under a session's feet.
 */
#include "transport/stream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEAVE_US = 600 * 1000 * 1000 };

/* ---- Telling ---- */

void relay_tell(struct relay *relay, struct transport_event *event)
{
	const struct transport_service_config *config = &relay->service->config;

	event->service = relay->service->name;
	event->address = *relay->address ? relay->address : NULL;
	event->connection = relay->number;
	config->event(config->context, event);
}

void relay_finish(struct relay *relay, const char *reason, bool reset_plain, bool reset_wire)
{
	/* Both ends are done, and only the peer has not closed yet: a reset would take what is on its way. */
	bool done = relay->wire.shut;

	if (!relay->over)
		relay->reason = done ? NULL : reason;
	relay->over = true;
	relay->reset_plain |= reset_plain && !done;
	relay->reset_wire |= reset_wire && !done;
}

/* A reset is somebody's will; whatever else it was, it happened on this machine or on the way. */
void relay_lost(struct relay *relay, struct relay_side *side, int error)
{
	bool plain = side == &relay->plain;
	char text[TRANSPORT_WHY_MAX];
	struct transport_event event = { .kind = TRANSPORT_FAULT, .text = text };

	side->ended = true;
	if (error == ECONNRESET || error == EPIPE) {
		relay_finish(
		    relay, plain ? "the program reset the connection" : "the peer reset the connection", true, true);
		return;
	}
	snprintf(text, sizeof(text), "the connection to the %s failed: %s", plain ? "program" : "peer",
	    transport_error(error));
	relay_tell(relay, &event);
	relay_finish(
	    relay, plain ? "the connection to the program failed" : "the connection to the peer failed", true, true);
}

/* ---- Death ---- */

static void handle_closed(uv_handle_t *handle)
{
	/* The timer's data is the relay, a side's the side. */
	struct relay *relay = handle->type == UV_TIMER ? handle->data : ((struct relay_side *)handle->data)->relay;
	struct transport_service *service = relay->service;

	if (--relay->handles)
		return;
	free(relay);
	service_handle_closed(service);
}

static void detach(struct relay_side *side, bool reset)
{
	if (side->polled)
		uv_close((uv_handle_t *)&side->poll, handle_closed);
	transport_close(side->fd, reset);
	side->fd = -1;
	transport_queue_free(&side->out);
}

static void tell_end(struct relay *relay)
{
	struct seccomm_statistics statistics;
	struct transport_event event = {
		.kind = TRANSPORT_CLOSED, .peer = &relay->peer, .text = relay->reason ? relay->reason : ""
	};

	event.us = transport_now_us() - relay->started_us;
	if (relay->session) {
		seccomm_statistics(relay->session, &statistics);
		event.sent = statistics.sent_bytes;
		event.received = statistics.received_bytes;
	}
	relay_tell(relay, &event);
}

static void bury(struct relay *relay)
{
	/* A wire that was lost while something else was going on: whether that cut anything off is the session's to
	 * say. */
	if (relay->session && relay->wire.ended && !relay->closed)
		seccomm_ended(relay->session);
	if (relay->opened)
		tell_end(relay);
	relay_cool(&relay->warm);
	seccomm_session_free(relay->session);
	relay->session = NULL;
	transport_dial_cancel(relay->dial);
	relay_give_up_reserve(relay);
	detach(&relay->plain, relay->reset_plain);
	detach(&relay->wire, relay->reset_wire);
	uv_close((uv_handle_t *)&relay->timer, handle_closed);
	stream_ended(relay->service, relay);
}

void relay_abort(struct relay *relay, const char *reason)
{
	relay_finish(relay, reason, true, true);
	bury(relay);
}

/* ---- Between ---- */

static void due(uv_timer_t *handle)
{
	struct relay *relay = handle->data;

	relay->armed = UINT64_MAX;
	if (transport_now_us() >= relay->leave_us)
		relay_finish(relay, NULL, false, false);
	if (relay->session)
		seccomm_run_due(relay->session);
	relay_write_gathered(relay);
	relay_settle(relay);
}

static void arm(struct relay *relay)
{
	uint64_t at = relay->session ? seccomm_deadline(relay->session) : UINT64_MAX, now;

	if (relay->leave_us < at)
		at = relay->leave_us;
	if (at == relay->armed)
		return;
	relay->armed = at;
	if (at == UINT64_MAX) {
		uv_timer_stop(&relay->timer);
		return;
	}
	now = transport_now_us();
	uv_update_time(&relay->service->loop->uv);
	uv_timer_start(&relay->timer, due, at > now ? (at - now) / 1000 + 1 : 0, 0);
}

void relay_later(struct relay *relay)
{
	relay->armed = 0;
	uv_timer_start(&relay->timer, due, 0, 0);
}

static void polled(uv_poll_t *, int status, int events);

static void watch(struct relay_side *side, int events)
{
	if (!side->polled || events == side->watched)
		return;
	side->watched = events;
	if (events)
		uv_poll_start(&side->poll, events, polled);
	else
		uv_poll_stop(&side->poll);
}

/* Each side is read only while the other one takes what comes of it: so memory stays bounded and a slow reader slows.
 */
static void watch_both(struct relay *relay)
{
	bool plain = relay->opened && !relay->plain.ended && !relay->held && relay->wire.out.length == 0 &&
		     seccomm_may_push(relay->session);
	bool wire = relay->session && !relay->wire.ended &&
		    (relay->closed ? relay->wire.shut
				   : relay->plain.out.length == 0 && (!relay->opened || relay->plain.fd >= 0));
	/* A program that has sent everything is not read any more; only so is a reset noticed that still comes. */
	int quiet = relay->plain.ended && !relay->plain.shut && !relay->plain.deaf ? UV_PRIORITIZED : 0;

	watch(&relay->plain, (plain ? UV_READABLE : 0) | (relay->plain.out.length ? UV_WRITABLE : 0) | quiet);
	watch(&relay->wire, (wire ? UV_READABLE : 0) | (relay->wire.out.length ? UV_WRITABLE : 0));
}

/*
 * When the peer has sent everything and the program has it, the program sees the end.  The protected side is closed when the
 * peer has closed it, too: until then it may not have read all, and send for new keys, and a socket that is closed answers
 * that by a reset, which takes what is still on its way.  Nobody else is to keep it open for ever, though.
 */
static void pass_end(struct relay *relay)
{
	struct relay_side *plain = &relay->plain, *wire = &relay->wire;

	if (relay->peer_closed && !plain->shut && plain->fd >= 0 && plain->out.length == 0) {
		plain->shut = true;
		shutdown(plain->fd, SHUT_WR);
	}
	if (!relay->closed || !plain->shut || wire->out.length)
		return;
	if (!wire->shut) {
		shutdown(wire->fd, SHUT_WR);
		relay->leave_us = transport_now_us() + LEAVE_US;
	}
	wire->shut = true;
	if (wire->ended)
		relay_finish(relay, NULL, false, false);
}

void relay_settle(struct relay *relay)
{
	if (!relay->over)
		pass_end(relay);
	if (relay->over) {
		bury(relay);
		return;
	}
	watch_both(relay);
	arm(relay);
}

/* Something came that is neither room nor bytes: a reset, or urgent data, which stays and would wake us for ever. */
static void look(struct relay *relay, struct relay_side *side)
{
	int error = 0;
	socklen_t length = sizeof(error);

	side->deaf = true;
	if (getsockopt(side->fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error != 0)
		relay_lost(relay, side, error);
}

static void polled(uv_poll_t *handle, int status, int events)
{
	struct relay_side *side = handle->data;
	struct relay *relay = side->relay;
	bool plain = side == &relay->plain;

	/* An error on the socket: libuv has stopped watching, and reading or writing will say what it is. */
	if (status < 0) {
		events = side->watched;
		side->watched = 0;
	}
	if ((events & UV_PRIORITIZED) && !(events & (UV_READABLE | UV_WRITABLE)))
		look(relay, side);
	if (events & UV_WRITABLE)
		relay_flush(relay, side);
	if ((events & UV_READABLE) && !relay->over)
		plain ? relay_plain_read(relay) : relay_wire_read(relay);
	relay_settle(relay);
}
