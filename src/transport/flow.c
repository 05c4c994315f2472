/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow.c - the life of a flow: its session, its own socket, its end (flow_bytes.c has what it carries).
 *
 * Callbacks of the session only note what happened; flow_settle(), at the end of every event, draws the consequences.
 * So nothing is freed under a session's feet.
 */
#include "transport/datagram.h"

#include <stdlib.h>
#include <unistd.h>

/* ---- Telling ---- */

const struct transport_address *flow_peer(const struct flow *flow)
{
	return datagram_is_server(flow->datagram) ? &flow->path.remote : &flow->far;
}

void flow_address(const struct flow *flow, char out[CONFIG_URL_MAX])
{
	const struct transport_address *address = flow_peer(flow);
	struct config_url url;

	*out = '\0';
	if (address->length == 0)
		return;
	transport_address_url(service_wire_kind(&flow->datagram->service), address, &url);
	config_url_format(&url, out);
}

static void tell(struct flow *flow, struct transport_event *event)
{
	const struct transport_service *service = &flow->datagram->service;
	char address[CONFIG_URL_MAX];

	flow_address(flow, address);
	event->service = service->name;
	event->address = *address ? address : NULL;
	event->connection = flow->number;
	service->config.event(service->config.context, event);
}

void flow_finish(struct flow *flow, const char *reason)
{
	if (!flow->over)
		flow->reason = reason;
	flow->over = true;
	flow_touch(flow);
}

void flow_touch(struct flow *flow)
{
	if (flow->is_touched)
		return;
	flow->is_touched = true;
	TAILQ_INSERT_TAIL(&flow->datagram->touched, flow, touched);
}

/* ---- The own socket ---- */

bool flow_connect_again(const struct flow *flow)
{
	const struct sockaddr nobody = { .sa_family = AF_UNSPEC };
	const struct transport_address *far = &flow->far;

	/* Only a UNIX socket changes its peer without that, and it would forget its own name. */
	if (far->at.any.sa_family != AF_UNIX && connect(flow->fd, &nobody, sizeof(nobody)) < 0)
		return false;
	return connect(flow->fd, &far->at.any, far->length) == 0;
}

static bool attach(struct flow *flow, int fd, const struct transport_address *address)
{
	flow->fd = fd;
	flow->far = *address;
	flow->sure_ms = uv_now(&flow->datagram->service.loop->uv);
	transport_kinds()[flow->datagram->service.config.connect.kind]->tune(fd);
	if (!datagram_is_server(flow->datagram))
		path_never_fragment(fd);
	if (uv_poll_init(&flow->datagram->service.loop->uv, &flow->poll, fd) < 0)
		return false;
	flow->poll.data = flow;
	flow->polled = true;
	flow->handles++;
	flow_watch(flow);
	return true;
}

static void dialled(void *context, int fd, const struct transport_address *address, const char *why)
{
	struct transport_event event = { .kind = TRANSPORT_CONNECT_FAILED, .text = why };
	struct flow *flow = context;

	flow->dial = NULL;
	if (fd < 0) {
		tell(flow, &event);
		flow_finish(flow, "the other side could not be connected");
	} else if (!attach(flow, fd, address)) {
		flow_finish(flow, "out of memory");
	} else if (datagram_is_server(flow->datagram)) {
		flow_deliver_waiting(flow);
	} else if (!flow_open(flow)) {
		flow_finish(flow, "the session did not open");
	}
	flow_touch(flow);
	datagram_settle(flow->datagram);
}

static void dial(struct flow *flow)
{
	struct transport_service *service = &flow->datagram->service;

	flow->dial =
	    transport_dial_start(service->loop, &service->config.connect, &service->preferred, -1, dialled, flow);
	if (!flow->dial)
		flow_finish(flow, "out of memory");
}

/* ---- The session ---- */

/* That a socket of datagrams is connected says nothing: of a name's addresses the next flow tries the one behind. */
static void prefer_another(const struct flow *flow)
{
	struct transport_preference *preferred = &flow->datagram->service.preferred;

	if (!datagram_is_server(flow->datagram) && transport_address_same(&preferred->address, &flow->far))
		preferred->behind = true;
}

static void on_alert(void *context, const struct seccomm_alert *alert)
{
	struct transport_event event = { .kind = TRANSPORT_ALERT, .alert = alert };
	struct flow *flow = context;

	event.peer = flow->session ? seccomm_peer(flow->session) : NULL;
	if ((alert->id == SECCOMM_ALERT_SILENT || alert->id == SECCOMM_ALERT_KEY_LIMIT) && !flow->over)
		flow->reason = seccomm_alert_text(alert->id);
	if (alert->id == SECCOMM_ALERT_TIMED_OUT)
		prefer_another(flow);
	tell(flow, &event);
	flow_touch(flow);
}

static void on_opened(void *context, const struct seccomm_principal *peer)
{
	struct flow *flow = context;
	struct seccomm_statistics statistics;
	struct transport_event event = { .kind = TRANSPORT_OPENED, .peer = peer };

	seccomm_statistics(flow->session, &statistics);
	event.us = statistics.opening_us ? statistics.opening_us : transport_now_us() - flow->started_us;
	flow->peer = *peer;
	datagram_opened(flow);
	tell(flow, &event);
	flow_learn_limit(flow);
	flow_touch(flow);
	/* Only now, so that who has not opened costs no descriptor. */
	if (datagram_is_server(flow->datagram) && !flow->over)
		dial(flow);
}

/* Both directions of a flow end together: nobody waits for the rest of an answer on a link that may lose it. */
static void on_peer_closed(void *context)
{
	struct flow *flow = context;
	int status = seccomm_close(flow->session);

	if (status != SECCOMM_OK && status != SECCOMM_CLOSED)
		flow_finish(flow, seccomm_status_text(status));
	if (!flow->reason)
		flow->reason = "the peer closed it";
}

static void on_closed(void *context, int status)
{
	struct flow *flow = context;

	flow->closed = true;
	if (!flow->reason)
		flow->reason = status == SECCOMM_OK ? "idle" : seccomm_status_text(status);
	flow_finish(flow, flow->reason);
}

static void on_writable(void *context)
{
	flow_touch(context);
}

/* A message is made for the stack that was; the next one is made anew. */
static void on_renewed(void *context, uint64_t epoch, struct seccomm_plan *plan)
{
	struct transport_event event = { .kind = TRANSPORT_RENEWED, .epoch = epoch };
	struct flow *flow = context;

	(void)plan;
	flow->stale = true;
	event.peer = &flow->peer;
	tell(flow, &event);
	flow_touch(flow);
}

bool flow_open(struct flow *flow)
{
	const struct transport_service_config *config = &flow->datagram->service.config;
	struct seccomm_error error;
	struct transport_event event = { .kind = TRANSPORT_FAULT, .text = error.text };

	flow->callbacks = (struct seccomm_callbacks){
		.context = flow,
		.transmit = flow_transmit,
		.deliver = flow_deliver,
		.alert = on_alert,
		.opened = on_opened,
		.peer_closed = on_peer_closed,
		.closed = on_closed,
		.writable = on_writable,
		.renewed = on_renewed,
	};
	if (seccomm_open(config->plan, config->keyring, seccomm_platform_default(), &flow->callbacks, &flow->session,
		&error) == SECCOMM_OK)
		return true;
	flow->session = NULL;
	tell(flow, &event);
	return false;
}

void flow_moved(struct flow *flow, const struct datagram_path *path)
{
	char before[CONFIG_URL_MAX];
	struct transport_event event = { .kind = TRANSPORT_MOVED, .text = before };

	flow_address(flow, before);
	flow->path = *path;
	tell(flow, &event);
	flow_learn_limit(flow);
}

/* ---- Birth and death ---- */

struct flow *flow_new(struct datagram_service *datagram, const struct datagram_path *path)
{
	struct flow *flow = calloc(1, sizeof(*flow));

	if (!flow)
		return NULL;
	flow->datagram = datagram;
	flow->path = *path;
	flow->fd = -1;
	flow->number = ++datagram->service.connections;
	flow->started_us = transport_now_us();
	flow->armed = UINT64_MAX;
	flow->warm = (struct transport_warm){ .cool = flow_cool, .owner = flow };
	uv_timer_init(&datagram->service.loop->uv, &flow->timer);
	flow->timer.data = flow;
	flow->handles = 1;
	datagram_made(flow);
	if (!datagram_is_server(datagram))
		dial(flow);
	return flow;
}

static void handle_closed(uv_handle_t *handle)
{
	struct flow *flow = handle->data;
	struct transport_service *service = &flow->datagram->service;

	if (--flow->handles)
		return;
	free(flow);
	service_handle_closed(service);
}

static void tell_end(struct flow *flow)
{
	struct seccomm_statistics statistics;
	struct transport_event event = { .kind = TRANSPORT_CLOSED, .text = flow->reason ? flow->reason : "" };

	seccomm_statistics(flow->session, &statistics);
	event.us = transport_now_us() - flow->started_us;
	event.sent = statistics.sent_bytes;
	event.received = statistics.received_bytes;
	event.dropped = flow->dropped;
	event.peer = &flow->peer;
	tell(flow, &event);
}

static void bury(struct flow *flow)
{
	flow->over = true;
	if (flow->opened && !flow->closed && seccomm_close(flow->session) != SECCOMM_OK && !flow->reason)
		flow->reason = "the peer could not be told";
	datagram_flush(flow->datagram->service.loop);
	drop(flow->datagram, flow, DROP_ENDED, flow->waiting_count, NULL);
	if (flow->opened)
		tell_end(flow);
	flow_free_bytes(flow);
	seccomm_session_free(flow->session);
	flow->session = NULL;
	transport_dial_cancel(flow->dial);
	if (flow->polled)
		uv_close((uv_handle_t *)&flow->poll, handle_closed);
	if (flow->fd >= 0)
		close(flow->fd);
	flow->fd = -1;
	uv_close((uv_handle_t *)&flow->timer, handle_closed);
	datagram_ended(flow);
}

void flow_abort(struct flow *flow, const char *reason)
{
	flow_finish(flow, reason);
	bury(flow);
}

/* ---- Between ---- */

static void due(uv_timer_t *handle)
{
	struct flow *flow = handle->data;

	flow->armed = UINT64_MAX;
	if (flow->session)
		seccomm_run_due(flow->session);
	flow_touch(flow);
	datagram_settle(flow->datagram);
}

/* A deadline that moves away, as one of idleness does with every message, is left: the timer looks again. */
static void arm(struct flow *flow)
{
	uint64_t at = flow->session ? seccomm_deadline(flow->session) : UINT64_MAX, now;

	if (at >= flow->armed)
		return;
	flow->armed = at;
	now = transport_now_us();
	uv_update_time(&flow->datagram->service.loop->uv);
	uv_timer_start(&flow->timer, due, at > now ? (at - now) / 1000 + 1 : 0, 0);
}

void flow_later(struct flow *flow)
{
	flow->armed = 0;
	uv_timer_start(&flow->timer, due, 0, 0);
}

void flow_settle(struct flow *flow)
{
	if (!flow->over)
		flow_push_waiting(flow);
	if (flow->over)
		bury(flow);
	else
		arm(flow);
}
