/* SPDX-License-Identifier: Apache-2.0 */
/* stream.c - services of streams: accepting connections, and the bounds on what strangers can hold open. */
#include "transport/stream.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { ACCEPT_BATCH = 64, PAUSE_MS = 100 };

static void readable(uv_poll_t *, int status, int events);

static struct stream_service *stream_of(struct transport_service *service)
{
	return (struct stream_service *)service;
}

static void handle_closed(uv_handle_t *handle)
{
	service_handle_closed(handle->data);
}

static void resume(uv_timer_t *handle)
{
	struct stream_service *stream = handle->data;

	if (stream->listening)
		uv_poll_start(&stream->poll, UV_READABLE, readable);
}

/* Whether another try may have another answer at once: an error of the connection that would have been next, for one.
 */
static bool passes(int error)
{
	static const int passing[] = { EINTR, ECONNABORTED, EPROTO, ENOPROTOOPT, ENETDOWN, ENETUNREACH, EHOSTDOWN,
		EHOSTUNREACH, ENONET, EPERM };

	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		if (passing[i] == error)
			return true;
	return false;
}

/* What fails for want of a descriptor, say, leaves the connection in the kernel's queue and the socket readable: do not
 * spin on it. */
static void starve(struct stream_service *stream, int error)
{
	char why[TRANSPORT_WHY_MAX];

	snprintf(why, sizeof(why), "connections have to wait: %s", transport_error(error));
	uv_poll_stop(&stream->poll);
	uv_timer_start(&stream->pause, resume, PAUSE_MS, 0);
	if (!stream->starved)
		service_tell(&stream->service, TRANSPORT_NO_DESCRIPTORS, why);
	stream->starved = true;
}

/* Our own programs wait in the kernel's queue until there is room; strangers on the wire push out the oldest of them.
 */
static bool is_full(const struct transport_service *service)
{
	return service->config.role == SECCOMM_CLIENT && service->half_count >= service->config.half_open_max;
}

static void make_room(struct stream_service *stream)
{
	if (stream->service.half_count < stream->service.config.half_open_max)
		return;
	service_tell(
	    &stream->service, TRANSPORT_CROWDED, "too many connections have not opened: the oldest one was dropped");
	relay_abort(TAILQ_FIRST(&stream->half), "too many connections have not opened");
}

static bool accept_one(struct stream_service *stream)
{
	struct transport_service *service = &stream->service;
	struct transport_address address = { .length = sizeof(address.at) };
	/* For the socket to the other side: who is accepted without one would have opened only to be cut off. */
	int reserve = eventfd(0, EFD_CLOEXEC), fd = -1, error;

	if (reserve >= 0)
		fd = accept4(service->listener.fd, &address.at.any, &address.length, SOCK_NONBLOCK | SOCK_CLOEXEC);
	error = errno;
	if (fd < 0 && reserve >= 0)
		close(reserve);
	if (fd < 0 && error == EAGAIN)
		return false;
	if (fd < 0 && !passes(error)) {
		starve(stream, error);
		return false;
	}
	if (fd < 0)
		return true;
	stream->starved = false;
	if (!service_may_open(service)) {
		transport_close(fd, true);
		close(reserve);
		return true;
	}
	make_room(stream);
	transport_kinds()[service->config.listen.kind]->tune(fd);
	relay_accept(service, fd, reserve, &address);
	return true;
}

static void readable(uv_poll_t *handle, int status, int events)
{
	struct stream_service *stream = handle->data;

	(void)events;
	if (status < 0) { /* libuv has stopped watching; accept() says what is wrong, later */
		uv_timer_start(&stream->pause, resume, PAUSE_MS, 0);
		return;
	}
	for (int i = 0; i < ACCEPT_BATCH && stream->listening && !is_full(&stream->service); i++)
		if (!accept_one(stream))
			break;
	if (is_full(&stream->service))
		uv_poll_stop(&stream->poll);
}

/* A connection has opened or ended: if that made room, listen again. */
static void listen_again(struct stream_service *stream)
{
	if (stream->listening && !is_full(&stream->service) && !uv_is_active((uv_handle_t *)&stream->poll) &&
	    !uv_is_active((uv_handle_t *)&stream->pause))
		uv_poll_start(&stream->poll, UV_READABLE, readable);
}

static void stop_listening(struct stream_service *stream)
{
	if (!stream->listening)
		return;
	stream->listening = false;
	uv_close((uv_handle_t *)&stream->poll, handle_closed);
	uv_close((uv_handle_t *)&stream->pause, handle_closed);
	service_close_listener(&stream->service);
}

/* ---- What the service asks of its kind ---- */

static int start(struct transport_service *service, char *why)
{
	struct stream_service *stream = stream_of(service);

	(void)why;
	TAILQ_INIT(&stream->half);
	TAILQ_INIT(&stream->open);
	if (uv_poll_init(&service->loop->uv, &stream->poll, service->listener.fd) < 0)
		return -1;
	uv_timer_init(&service->loop->uv, &stream->pause);
	stream->poll.data = stream->pause.data = stream;
	service->handles = 2;
	stream->listening = true;
	uv_poll_start(&stream->poll, UV_READABLE, readable);
	return 0;
}

static void drain(struct transport_service *service)
{
	struct relay *relay = TAILQ_FIRST(&stream_of(service)->half), *next;

	stop_listening(stream_of(service));
	for (; relay; relay = next) {
		next = TAILQ_NEXT(relay, all);
		relay_abort(relay, "draining");
	}
}

static void retire(struct transport_service *service, struct transport_service *successor)
{
	(void)successor;
	stop_listening(stream_of(service));
}

static void stop(struct transport_service *service)
{
	struct stream_service *stream = stream_of(service);
	struct relay *relay;

	stop_listening(stream);
	while ((relay = TAILQ_FIRST(&stream->half)) || (relay = TAILQ_FIRST(&stream->open)))
		relay_abort(relay, "stopping");
}

/* ---- Looking at relays from outside ---- */

static void visit_list(const struct relay_list *list, service_visitor *visit, void *context)
{
	struct relay *relay, *next;

	for (relay = TAILQ_FIRST(list); relay; relay = next) {
		uint64_t now_ms = uv_now(&relay->service->loop->uv);
		const struct transport_connection connection = { .number = relay->number,
			.started_us = relay->started_us,
			.silent_ms = relay->heard_ms ? now_ms - relay->heard_ms : UINT64_MAX,
			.address = *relay->address ? relay->address : NULL,
			.opened = relay->opened,
			.peer = relay->opened ? &relay->peer : NULL,
			.session = relay->session };

		next = TAILQ_NEXT(relay, all);
		visit(context, &connection);
	}
}

static void each(struct transport_service *service, service_visitor *visit, void *context)
{
	visit_list(&stream_of(service)->open, visit, context);
	visit_list(&stream_of(service)->half, visit, context);
}

static struct relay *find(struct transport_service *service, uint64_t number)
{
	const struct relay_list *const lists[] = { &stream_of(service)->open, &stream_of(service)->half };
	struct relay *relay = NULL;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]) && !relay; i++) {
		relay = TAILQ_FIRST(lists[i]);
		while (relay && relay->number != number)
			relay = TAILQ_NEXT(relay, all);
	}
	return relay && !relay->over ? relay : NULL;
}

static struct seccomm_session *session_of(struct transport_service *service, uint64_t number)
{
	struct relay *relay = find(service, number);

	return relay ? relay->session : NULL;
}

static void touch(struct transport_service *service, uint64_t number, const char *reason)
{
	struct relay *relay = find(service, number);

	if (!relay)
		return;
	if (reason)
		relay_finish(relay, reason, true, true);
	relay_later(relay);
}

const struct service_kind service_stream = { .size = sizeof(struct stream_service),
	.start = start,
	.drain = drain,
	.retire = retire,
	.stop = stop,
	.each = each,
	.session = session_of,
	.touch = touch };

/* ---- What relays tell ---- */

void stream_made(struct transport_service *service, struct relay *relay)
{
	TAILQ_INSERT_TAIL(&stream_of(service)->half, relay, all);
	service->half_count++;
}

void stream_opened(struct transport_service *service, struct relay *relay)
{
	struct stream_service *stream = stream_of(service);

	TAILQ_REMOVE(&stream->half, relay, all);
	service->half_count--;
	TAILQ_INSERT_TAIL(&stream->open, relay, all);
	service->open_count++;
	listen_again(stream);
}

void stream_ended(struct transport_service *service, struct relay *relay)
{
	struct stream_service *stream = stream_of(service);

	TAILQ_REMOVE(relay->opened ? &stream->open : &stream->half, relay, all);
	*(relay->opened ? &service->open_count : &service->half_count) -= 1;
	service->handles++;
	listen_again(stream);
	service_one_less(service);
}
