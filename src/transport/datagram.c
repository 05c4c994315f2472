/* SPDX-License-Identifier: Apache-2.0 */
/*
 * datagram.c - services of datagrams: the shared socket, which flow a datagram belongs to, and how many there may be.
 *
 * At a server that is the listener's to say, which stands between strangers and the sessions; at a client it is the
 * address that a program sends from.
 */
#include "transport/datagram.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { READS = 4, COOKIES_ABOVE = 16, PAUSE_MS = 100 };

static struct datagram_service *datagram_of(struct transport_service *service)
{
	return (struct datagram_service *)service;
}

/* ---- How many there may be ---- */

/* Strangers must not push out peers: at a server those who have not opened are bounded by the listener. */
static bool crowded(struct datagram_service *datagram)
{
	return (datagram_is_server(datagram) ? datagram->service.open_count
					     : transport_service_connections(&datagram->service)) > FLOWS_MAX;
}

static void make_room(struct datagram_service *datagram)
{
	static const char idle[] = "there are too many flows: the one that was idle for longest has ended";

	while (crowded(datagram)) {
		struct flow_list *list = TAILQ_EMPTY(&datagram->open) ? &datagram->half : &datagram->open;

		service_tell(&datagram->service, TRANSPORT_CROWDED, idle);
		flow_abort(TAILQ_FIRST(list), "idle for longest of too many flows");
	}
}

void datagram_settle(struct datagram_service *datagram)
{
	struct flow *flow;

	make_room(datagram);
	while ((flow = TAILQ_FIRST(&datagram->touched))) {
		TAILQ_REMOVE(&datagram->touched, flow, touched);
		flow->is_touched = false;
		flow_settle(flow);
	}
	datagram_flush(datagram->service.loop);
}

/* ---- The shared socket ---- */

static void from_program(struct datagram_service *datagram, const struct datagram *in)
{
	struct flow *flow = datagram_find(datagram, &in->path);

	if (!flow && datagram->service.draining)
		drop(datagram, NULL, DROP_DRAINING, 1, NULL);
	else if (!flow && !service_may_open(&datagram->service))
		drop(datagram, NULL, DROP_USED_UP, 1, NULL);
	else if (!flow && !(flow = flow_new(datagram, &in->path)))
		drop(datagram, NULL, DROP_MEMORY, 1, NULL);
	else
		flow_push(flow, in->bytes, in->length);
}

static void from_peer(struct datagram_service *datagram, const struct datagram *in)
{
	uint8_t path[SECCOMM_ADDRESS_MAX] = { 0 };
	size_t length = path_pack(&in->path, path);

	seccomm_listener_pop(datagram->listener, path, length, in->bytes, in->length);
}

/* Whose datagram it is: a former service's that has a connection for it, or the present one's. */
static struct datagram_service *owner(struct datagram_service *present, const struct datagram *in)
{
	for (struct datagram_service *d = present->before; d; d = d->before)
		if (datagram_is_server(d) ? seccomm_listener_has(d->listener, in->bytes, in->length)
					  : datagram_find(d, &in->path) != NULL)
			return d;
	return present;
}

static int receive(struct datagram_service *datagram)
{
	struct datagram_batch *batch = datagram->service.loop->batch;
	struct datagram in;
	int n = datagram_receive(batch, datagram->service.listener.fd);

	if (n < 0 && datagram_starves(-n))
		datagram_pause(datagram, &datagram->poll, -n);
	if (n > 0)
		datagram->starved = false;
	for (int i = 0; i < n; i++) {
		datagram_received(batch, i, &in);
		if (in.cut)
			drop(datagram, NULL, DROP_CUT, 1, NULL);
		else
			(datagram_is_server(datagram) ? from_peer : from_program)(owner(datagram, &in), &in);
	}
	return n;
}

static void readable(uv_poll_t *handle, int status, int events)
{
	struct datagram_service *datagram = handle->data;

	(void)events;
	if (status < 0) /* libuv stops watching when the socket has an error, which receiving clears */
		uv_poll_start(handle, UV_READABLE, readable);
	for (int i = 0; i < READS; i++)
		if (receive(datagram) < DATAGRAM_BATCH)
			break;
	for (; datagram; datagram = datagram->before)
		datagram_settle(datagram);
}

bool datagram_starves(int error)
{
	return error == ENOMEM || error == ENOBUFS || error == EIO || error == EMFILE || error == ENFILE;
}

static void resume(uv_timer_t *handle)
{
	struct datagram_service *datagram = handle->data;
	const struct flow_list *const lists[] = { &datagram->half, &datagram->open };
	struct flow *flow;

	if (!datagram->after) /* a retired service reads no more: its successor does */
		uv_poll_start(&datagram->poll, UV_READABLE, readable);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		TAILQ_FOREACH (flow, lists[i], all)
			if (flow->polled)
				flow_watch(flow);
}

void datagram_pause(struct datagram_service *datagram, uv_poll_t *poll, int error)
{
	char why[TRANSPORT_WHY_MAX];

	uv_poll_stop(poll);
	uv_timer_start(&datagram->pause, resume, PAUSE_MS, 0);
	snprintf(why, sizeof(why), "datagrams have to wait: %s", transport_error(error));
	if (!datagram->starved)
		service_tell(&datagram->service, TRANSPORT_FAULT, why);
	datagram->starved = true;
}

/* ---- What the listener says ---- */

static void answer(void *context, const void *address, size_t address_length, const uint8_t *bytes, size_t length)
{
	struct datagram_service *datagram = context;
	struct datagram_path path;

	path_unpack(address, address_length, &path);
	datagram_send(datagram, NULL, datagram->service.listener.fd, &path, bytes, length);
}

static struct seccomm_session *accept_opening(void *context, const void *address, size_t address_length)
{
	struct datagram_service *datagram = context;
	struct datagram_path path;
	struct flow *flow;

	path_unpack(address, address_length, &path);
	if (datagram->service.draining || !service_may_open(&datagram->service)) {
		drop(datagram, NULL, datagram->service.draining ? DROP_DRAINING : DROP_USED_UP, 1, NULL);
		return NULL;
	}
	flow = flow_new(datagram, &path);
	if (!flow) {
		drop(datagram, NULL, DROP_MEMORY, 1, NULL);
		return NULL;
	}
	if (!flow_open(flow))
		flow_finish(flow, "the session did not open");
	flow_touch(flow);
	return flow->session;
}

/* Because there are too many, or because what seemed to begin it has proven to be nothing, which its alert has told. */
static void evict(void *context, struct seccomm_session *session)
{
	struct datagram_service *datagram = context;
	struct seccomm_listener_statistics now;

	seccomm_listener_statistics(datagram->listener, &now);
	if (now.evicted != datagram->evicted)
		service_tell(&datagram->service, TRANSPORT_CROWDED,
		    "too many sessions have not opened: the oldest one was dropped");
	datagram->evicted = now.evicted;
	flow_abort(seccomm_context(session), "it did not open");
}

/* Told of every authentic datagram that is newer than all before, wherever it comes from. */
static void moved(void *context, struct seccomm_session *session, const void *address, size_t address_length)
{
	struct flow *flow = seccomm_context(session);
	struct datagram_path path;

	(void)context;
	path_unpack(address, address_length, &path);
	flow_touch(flow);
	if (!path_equal(&flow->path, &path))
		flow_moved(flow, &path);
}

static void refused(void *context, const struct seccomm_alert *alert, const void *address, size_t address_length)
{
	struct datagram_service *datagram = context;
	struct transport_service *service = &datagram->service;
	struct datagram_path path;
	struct config_url url;
	char text[CONFIG_URL_MAX];
	const struct transport_event event = {
		.kind = TRANSPORT_ALERT, .service = service->name, .address = text, .alert = alert
	};

	path_unpack(address, address_length, &path);
	transport_address_url(service->config.listen.kind, &path.remote, &url);
	config_url_format(&url, text);
	service->config.event(service->config.context, &event);
}

/* ---- What the service asks of its kind ---- */

static bool start_listener(struct datagram_service *datagram, char *why)
{
	const struct transport_service_config *config = &datagram->service.config;
	const struct seccomm_listener_limits limits = { .half_open = config->half_open_max,
		.cookies_above = COOKIES_ABOVE };
	struct seccomm_error error;

	datagram->callbacks = (struct seccomm_listener_callbacks){ .context = datagram,
		.answer = answer,
		.accept = accept_opening,
		.evict = evict,
		.moved = moved,
		.alert = refused };
	if (seccomm_listener_new(config->plan, config->keyring, seccomm_platform_default(), &datagram->callbacks,
		&limits, &datagram->listener, &error) == SECCOMM_OK)
		return true;
	snprintf(why, TRANSPORT_WHY_MAX, "%s", error.text);
	return false;
}

static bool start_buckets(struct datagram_service *datagram)
{
	const struct cactus_platform *platform = seccomm_platform_default();

	datagram->buckets = calloc(FLOW_BUCKETS, sizeof(*datagram->buckets));
	return datagram->buckets && platform->random(platform->context, &datagram->seed, sizeof(datagram->seed)) == 0;
}

static int start(struct transport_service *service, char *why)
{
	struct datagram_service *datagram = datagram_of(service);
	bool server = datagram_is_server(datagram);
	int fd = service->listener.fd;

	TAILQ_INIT(&datagram->half);
	TAILQ_INIT(&datagram->open);
	TAILQ_INIT(&datagram->touched);
	if (!service->loop->batch && !(service->loop->batch = datagram_batch_new()))
		return -1;
	if (!(server ? start_listener(datagram, why) : start_buckets(datagram)) ||
	    uv_poll_init(&service->loop->uv, &datagram->poll, fd) < 0) {
		seccomm_listener_free(datagram->listener);
		free(datagram->buckets);
		return -1;
	}
	datagram_tune(fd);
	path_tell_local(fd);
	if (server)
		path_never_fragment(fd);
	uv_timer_init(&service->loop->uv, &datagram->later);
	uv_timer_init(&service->loop->uv, &datagram->pause);
	datagram->poll.data = datagram->later.data = datagram->pause.data = datagram;
	service->handles = 3;
	uv_poll_start(&datagram->poll, UV_READABLE, readable);
	return 0;
}

/* Flows that are open go on, and hear of the shared socket still: only what is new is not taken. */
static void drain(struct transport_service *service)
{
	struct flow *flow;

	while ((flow = TAILQ_FIRST(&datagram_of(service)->half)))
		flow_abort(flow, "draining");
}

static void retire(struct transport_service *service, struct transport_service *successor)
{
	struct datagram_service *datagram = datagram_of(service);

	if (!successor)
		return;
	uv_poll_stop(&datagram->poll);
	datagram->after = datagram_of(successor);
	datagram->after->before = datagram;
}

/* Who came before is handed its datagrams by who comes after, or reads for itself. */
static void leave_succession(struct datagram_service *datagram)
{
	struct datagram_service *before = datagram->before, *after = datagram->after;

	if (after)
		after->before = before;
	if (before)
		before->after = after;
	if (before && !after)
		uv_poll_start(&before->poll, UV_READABLE, readable);
}

static void handle_closed(uv_handle_t *handle)
{
	struct datagram_service *datagram = handle->data;

	service_handle_closed(&datagram->service);
}

static void stop(struct transport_service *service)
{
	struct datagram_service *datagram = datagram_of(service);
	struct flow *flow;

	while ((flow = TAILQ_FIRST(&datagram->half)) || (flow = TAILQ_FIRST(&datagram->open)))
		flow_abort(flow, "stopping");
	drops_tell(datagram);
	leave_succession(datagram);
	seccomm_listener_free(datagram->listener);
	free(datagram->buckets);
	uv_close((uv_handle_t *)&datagram->poll, handle_closed);
	uv_close((uv_handle_t *)&datagram->later, handle_closed);
	uv_close((uv_handle_t *)&datagram->pause, handle_closed);
	service_close_listener(service);
}

static const struct seccomm_listener *listener_of(const struct transport_service *service)
{
	return ((const struct datagram_service *)service)->listener;
}

const struct service_kind service_datagram = { .size = sizeof(struct datagram_service),
	.start = start,
	.drain = drain,
	.retire = retire,
	.stop = stop,
	.each = datagram_each,
	.session = datagram_session,
	.listener = listener_of,
	.touch = datagram_touch };
