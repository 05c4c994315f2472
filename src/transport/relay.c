/* SPDX-License-Identifier: Apache-2.0 */
/*
 * relay.c - one connection: a plain socket, a protected one ("wire") and a session between them; its life and death.
 *
 * Callbacks of the session only note what happened; settle(), at the end of every event, draws the consequences.
 * So nothing is freed under a session's feet.
 */
#include "transport/stream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void polled(uv_poll_t *, int status, int events);
/* After anything happened: ends the relay if it is over, else waits for what can happen next. */
static void settle(struct relay *);

/* ---- Telling ---- */

static void tell_event(struct relay *relay, struct transport_event *event)
{
	const struct transport_service_config *config = &relay->service->config;

	event->service = relay->service->name;
	event->address = *relay->address ? relay->address : NULL;
	event->connection = relay->number;
	config->event(config->context, event);
}

void relay_finish(struct relay *relay, const char *reason, bool reset_plain, bool reset_wire)
{
	if (!relay->over)
		relay->reason = reason;
	relay->over = true;
	relay->reset_plain |= reset_plain;
	relay->reset_wire |= reset_wire;
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
	tell_event(relay, &event);
	relay_finish(
	    relay, plain ? "the connection to the program failed" : "the connection to the peer failed", true, true);
}

/* ---- What the session says ---- */

static void plain_connected(void *context, int fd, const struct transport_address *address, const char *why);

static void dial_plain(struct relay *relay)
{
	relay->dial =
	    transport_dial_start(relay->service->loop, &relay->service->config.connect, plain_connected, relay);
	if (!relay->dial)
		relay_finish(relay, "out of memory", true, true);
}

static void on_opened(void *context, const struct seccomm_principal *peer)
{
	struct relay *relay = context;
	struct seccomm_statistics statistics;
	struct transport_event event = { .kind = TRANSPORT_OPENED, .peer = peer };

	seccomm_statistics(relay->session, &statistics);
	event.us = statistics.opening_us ? statistics.opening_us : transport_now_us() - relay->started_us;
	stream_opened(relay->service, relay);
	relay->opened = true;
	tell_event(relay, &event);
	if (relay->service->config.role == SECCOMM_SERVER && !relay->over)
		dial_plain(relay);
}

static void on_alert(void *context, const struct seccomm_alert *alert)
{
	struct transport_event event = { .kind = TRANSPORT_ALERT, .alert = alert };
	struct relay *relay = context;

	event.peer = relay->session ? seccomm_peer(relay->session) : NULL;
	tell_event(relay, &event);
}

static void on_peer_closed(void *context)
{
	((struct relay *)context)->peer_closed = true;
}

static void on_closed(void *context, int status)
{
	struct relay *relay = context;

	if (status == SECCOMM_OK)
		relay->closed = relay->peer_closed = true;
	else
		relay_finish(relay, seccomm_status_text(status), true, false);
}

static void on_writable(void *context)
{
	relay_push_held(context);
}

static void on_renewed(void *context, uint64_t epoch, struct seccomm_plan *plan)
{
	struct transport_event event = { .kind = TRANSPORT_RENEWED, .epoch = epoch };
	struct relay *relay = context;

	(void)plan;
	event.peer = seccomm_peer(relay->session);
	tell_event(relay, &event);
}

static void open_session(struct relay *relay)
{
	const struct transport_service_config *config = &relay->service->config;
	struct seccomm_error error;
	struct transport_event event = { .kind = TRANSPORT_FAULT, .text = error.text };

	relay->callbacks = (struct seccomm_callbacks){
		.context = relay,
		.transmit = relay_transmit,
		.deliver = relay_deliver,
		.alert = on_alert,
		.opened = on_opened,
		.peer_closed = on_peer_closed,
		.closed = on_closed,
		.writable = on_writable,
		.renewed = on_renewed,
	};
	relay->started_us = transport_now_us();
	if (seccomm_open(config->plan, config->keyring, seccomm_platform_default(), &relay->callbacks, &relay->session,
		&error) == SECCOMM_OK)
		return;
	relay->session = NULL;
	tell_event(relay, &event);
	relay_finish(relay, "the session did not open", true, true);
}

/* ---- Birth ---- */

static void note_address(struct relay *relay, const struct transport_address *address)
{
	struct config_url url;

	transport_address_url(service_wire_kind(relay->service), address, &url);
	config_url_format(&url, relay->address);
}

static bool attach(struct relay *relay, struct relay_side *side, int fd)
{
	side->fd = fd;
	if (uv_poll_init(&relay->service->loop->uv, &side->poll, fd) < 0)
		return false;
	side->poll.data = side;
	side->polled = true;
	relay->handles++;
	return true;
}

static void connect_failed(struct relay *relay, const char *why)
{
	struct transport_event event = { .kind = TRANSPORT_CONNECT_FAILED, .text = why };

	tell_event(relay, &event);
	relay_finish(relay, "the other side could not be connected", true, true);
}

static void connected(struct relay *relay, struct relay_side *side, int fd, const char *why)
{
	relay->dial = NULL;
	if (fd < 0) {
		connect_failed(relay, why);
		return;
	}
	transport_kinds()[relay->service->config.connect.kind]->tune(fd);
	if (!attach(relay, side, fd))
		relay_finish(relay, "out of memory", true, true);
}

static void plain_connected(void *context, int fd, const struct transport_address *address, const char *why)
{
	struct relay *relay = context;

	(void)address;
	connected(relay, &relay->plain, fd, why);
	if (!relay->over)
		relay_flush(relay, &relay->plain);
	settle(relay);
}

static void wire_connected(void *context, int fd, const struct transport_address *address, const char *why)
{
	struct relay *relay = context;

	connected(relay, &relay->wire, fd, why);
	if (!relay->over) {
		note_address(relay, address);
		open_session(relay);
	}
	settle(relay);
}

static struct relay *make(struct transport_service *service)
{
	struct relay *relay = calloc(1, sizeof(*relay));

	if (!relay)
		return NULL;
	relay->service = service;
	relay->number = ++service->connections;
	relay->started_us = transport_now_us();
	relay->plain.relay = relay->wire.relay = relay;
	relay->plain.fd = relay->wire.fd = -1;
	relay->armed = UINT64_MAX;
	relay->message_room = TRANSPORT_FIRST_MESSAGE;
	relay->warm = (struct transport_warm){ .cool = relay_cool, .owner = relay };
	uv_timer_init(&service->loop->uv, &relay->timer);
	relay->timer.data = relay;
	relay->handles = 1;
	stream_made(service, relay);
	return relay;
}

void relay_accept(struct transport_service *service, int fd, const struct transport_address *address)
{
	bool server = service->config.role == SECCOMM_SERVER;
	struct relay *relay = make(service);

	if (!relay) {
		transport_close(fd, true);
		return;
	}
	if (!attach(relay, server ? &relay->wire : &relay->plain, fd)) {
		relay_finish(relay, "out of memory", true, true);
	} else if (server) {
		note_address(relay, address);
		open_session(relay);
	} else {
		relay->dial = transport_dial_start(service->loop, &service->config.connect, wire_connected, relay);
		if (!relay->dial)
			relay_finish(relay, "out of memory", true, true);
	}
	settle(relay);
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
	struct transport_event event = { .kind = TRANSPORT_CLOSED, .text = relay->reason ? relay->reason : "" };

	event.us = transport_now_us() - relay->started_us;
	if (relay->session) {
		seccomm_statistics(relay->session, &statistics);
		event.sent = statistics.sent_bytes;
		event.received = statistics.received_bytes;
		event.peer = seccomm_peer(relay->session);
	}
	tell_event(relay, &event);
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
	if (relay->session)
		seccomm_run_due(relay->session);
	relay_write_gathered(relay);
	settle(relay);
}

static void arm(struct relay *relay)
{
	uint64_t at = relay->session ? seccomm_deadline(relay->session) : UINT64_MAX, now;

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
	bool wire = relay->session && !relay->wire.ended && !relay->closed && relay->plain.out.length == 0 &&
		    (!relay->opened || relay->plain.fd >= 0);
	/* A program that has sent everything is not read any more; only so is a reset noticed that still comes. */
	int quiet = relay->plain.ended && !relay->plain.shut && !relay->plain.deaf ? UV_PRIORITIZED : 0;

	watch(&relay->plain, (plain ? UV_READABLE : 0) | (relay->plain.out.length ? UV_WRITABLE : 0) | quiet);
	watch(&relay->wire, (wire ? UV_READABLE : 0) | (relay->wire.out.length ? UV_WRITABLE : 0));
}

/* When the peer has sent everything and the program has it, the program sees the end. */
static void pass_end(struct relay *relay)
{
	struct relay_side *plain = &relay->plain;

	if (relay->peer_closed && !plain->shut && plain->fd >= 0 && plain->out.length == 0) {
		plain->shut = true;
		shutdown(plain->fd, SHUT_WR);
	}
	if (relay->closed && plain->shut && relay->wire.out.length == 0)
		relay_finish(relay, NULL, false, false);
}

static void settle(struct relay *relay)
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
	settle(relay);
}
