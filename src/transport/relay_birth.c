/* SPDX-License-Identifier: Apache-2.0 */
/* relay_birth.c - how a connection comes about: both sockets, the session between them, and what the session tells. */
#include "transport/stream.h"

#include <stdlib.h>
#include <unistd.h>

/* ---- What the session says ---- */

static void plain_connected(void *context, int fd, const struct transport_address *address, const char *why);

void relay_give_up_reserve(struct relay *relay)
{
	if (relay->reserve >= 0)
		close(relay->reserve);
	relay->reserve = -1;
}

static void dial(struct relay *relay, transport_dialled *then)
{
	struct transport_service *service = relay->service;

	relay->dial = transport_dial_start(
	    service->loop, &service->config.connect, &service->preferred, relay->reserve, then, relay);
	if (relay->dial)
		relay->reserve = -1;
	else
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
	relay->peer = *peer;
	relay_tell(relay, &event);
	if (relay->service->config.role == SECCOMM_SERVER && !relay->over)
		dial(relay, plain_connected);
}

static void on_alert(void *context, const struct seccomm_alert *alert)
{
	struct transport_event event = { .kind = TRANSPORT_ALERT, .alert = alert };
	struct relay *relay = context;

	event.peer = relay->session ? seccomm_peer(relay->session) : NULL;
	if (alert->id == SECCOMM_ALERT_KEY_LIMIT && !relay->over)
		relay->reason = seccomm_alert_text(alert->id);
	relay_tell(relay, &event);
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
		relay_finish(relay, relay->reason ? relay->reason : seccomm_status_text(status), true, false);
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
	relay_tell(relay, &event);
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
	relay_tell(relay, &event);
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

	relay_tell(relay, &event);
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
	relay_settle(relay);
}

static void wire_connected(void *context, int fd, const struct transport_address *address, const char *why)
{
	struct relay *relay = context;

	connected(relay, &relay->wire, fd, why);
	if (!relay->over) {
		note_address(relay, address);
		open_session(relay);
	}
	relay_settle(relay);
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
	relay->armed = relay->leave_us = UINT64_MAX;
	relay->message_room = TRANSPORT_FIRST_MESSAGE;
	relay->warm = (struct transport_warm){ .cool = relay_cool, .owner = relay };
	uv_timer_init(&service->loop->uv, &relay->timer);
	relay->timer.data = relay;
	relay->handles = 1;
	stream_made(service, relay);
	return relay;
}

void relay_accept(struct transport_service *service, int fd, int reserve, const struct transport_address *address)
{
	bool server = service->config.role == SECCOMM_SERVER;
	struct relay *relay = make(service);

	if (!relay) {
		transport_close(fd, true);
		close(reserve);
		return;
	}
	relay->reserve = reserve;
	if (!attach(relay, server ? &relay->wire : &relay->plain, fd)) {
		relay_finish(relay, "out of memory", true, true);
	} else if (server) {
		note_address(relay, address);
		open_session(relay);
	} else {
		dial(relay, wire_connected);
	}
	relay_settle(relay);
}
