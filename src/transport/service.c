/* SPDX-License-Identifier: Apache-2.0 */
/* service.c - listening, accepting, and the bounds on what strangers can hold open. */
#include "transport/private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HALF_OPEN_MAX = 1024, ACCEPT_BATCH = 64, PAUSE_MS = 100 };

static void readable(uv_poll_t *, int status, int events);

static void release(struct transport_service *service)
{
	if (!service->freed || service->handles || service->half_count || service->open_count)
		return;
	free(service->name);
	free(service);
}

static void handle_closed(uv_handle_t *handle)
{
	struct transport_service *service = handle->data;

	service->handles--;
	release(service);
}

static void tell(struct transport_service *service, enum transport_event_kind kind, const char *text)
{
	const struct transport_event event = { .kind = kind, .service = service->name, .text = text };

	service->config.event(service->config.context, &event);
}

static void tell_idle(struct transport_service *service)
{
	if (service->draining && !service->freed && transport_service_connections(service) == 0)
		tell(service, TRANSPORT_IDLE, "");
}

static void resume(uv_timer_t *handle)
{
	struct transport_service *service = handle->data;

	if (service->listening)
		uv_poll_start(&service->poll, UV_READABLE, readable);
}

/* Without a descriptor the connection stays in the kernel's queue and the socket stays readable: do not spin on it. */
static void starve(struct transport_service *service, int error)
{
	uv_poll_stop(&service->poll);
	uv_timer_start(&service->pause, resume, PAUSE_MS, 0);
	if (!service->starved)
		tell(service, TRANSPORT_NO_DESCRIPTORS, strerror(error));
	service->starved = true;
}

/* Our own programs wait in the kernel's queue until there is room; strangers on the wire push out the oldest of them.
 */
static bool is_full(const struct transport_service *service)
{
	return service->config.role == SECCOMM_CLIENT && service->half_count >= service->config.half_open_max;
}

static void make_room(struct transport_service *service)
{
	if (service->half_count < service->config.half_open_max)
		return;
	tell(service, TRANSPORT_CROWDED, "");
	relay_abort(TAILQ_FIRST(&service->half), "too many connections have not opened");
}

static bool accept_one(struct transport_service *service)
{
	struct transport_address address = { .length = sizeof(address.at) };
	int fd = accept4(service->listener.fd, &address.at.any, &address.length, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			starve(service, errno);
		return errno == ECONNABORTED || errno == EINTR;
	}
	service->starved = false;
	make_room(service);
	transport_kinds()[service->config.listen.kind]->tune(fd);
	relay_accept(service, fd, &address);
	return true;
}

static void readable(uv_poll_t *handle, int status, int events)
{
	struct transport_service *service = handle->data;

	(void)events;
	if (status < 0) { /* libuv has stopped watching; accept() says what is wrong, later */
		uv_timer_start(&service->pause, resume, PAUSE_MS, 0);
		return;
	}
	for (int i = 0; i < ACCEPT_BATCH && service->listening && !is_full(service); i++)
		if (!accept_one(service))
			break;
	if (is_full(service))
		uv_poll_stop(&service->poll);
}

/* A connection has opened or ended: if that made room, listen again. */
static void listen_again(struct transport_service *service)
{
	if (service->listening && !is_full(service) && !uv_is_active((uv_handle_t *)&service->poll) &&
	    !uv_is_active((uv_handle_t *)&service->pause))
		uv_poll_start(&service->poll, UV_READABLE, readable);
}

static void stop_listening(struct transport_service *service)
{
	if (!service->listening)
		return;
	service->listening = false;
	if (!service->lent)
		transport_kinds()[service->config.listen.kind]->forget(&service->listener);
	uv_close((uv_handle_t *)&service->poll, handle_closed);
	uv_close((uv_handle_t *)&service->pause, handle_closed);
	close(service->listener.fd);
}

/* Listens, or with the socket of the predecessor: a descriptor of its own for it, so that either can close. */
static int listen_or_inherit(struct transport_service *service, char *why)
{
	const struct transport_service *before = service->config.predecessor;
	const struct config_url *url = &service->config.listen;

	if (!before)
		return transport_kinds()[url->kind]->listen(url, &service->listener, why);
	service->listener = before->listener;
	service->listener.fd = fcntl(before->listener.fd, F_DUPFD_CLOEXEC, 0);
	service->lent = true;
	service->connections = before->connections;
	if (service->listener.fd < 0)
		transport_listen_why(url, errno, why);
	return service->listener.fd < 0 ? -1 : 0;
}

int transport_service_start(struct transport_loop *loop, const struct transport_service_config *config,
    struct transport_service **out, char why[TRANSPORT_WHY_MAX])
{
	struct transport_service *service;

	*out = NULL;
	if (config->listen.kind > CONFIG_URL_UNIX || config->connect.kind > CONFIG_URL_UNIX) {
		strcpy(why, "memory: is for programs that use the library; give tcp:HOST:PORT or unix:PATH");
		return -1;
	}
	strcpy(why, "out of memory");
	service = calloc(1, sizeof(*service));
	if (!service)
		return -1;
	service->loop = loop;
	service->config = *config;
	service->name = strdup(config->name);
	if (!service->config.half_open_max)
		service->config.half_open_max = HALF_OPEN_MAX;
	TAILQ_INIT(&service->half);
	TAILQ_INIT(&service->open);
	if (!service->name || listen_or_inherit(service, why) < 0)
		goto free_service;
	if (uv_poll_init(&loop->uv, &service->poll, service->listener.fd) < 0)
		goto close_listener;
	uv_timer_init(&loop->uv, &service->pause);
	service->poll.data = service->pause.data = service;
	service->handles = 2;
	service->listening = true;
	uv_poll_start(&service->poll, UV_READABLE, readable);
	*out = service;
	return 0;
close_listener:
	if (!service->lent)
		transport_kinds()[config->listen.kind]->forget(&service->listener);
	close(service->listener.fd);
free_service:
	free(service->name);
	free(service);
	return -1;
}

const struct config_url *transport_service_bound(const struct transport_service *service)
{
	return &service->listener.bound;
}

size_t transport_service_connections(const struct transport_service *service)
{
	return service->half_count + service->open_count;
}

void transport_service_drain(struct transport_service *service)
{
	struct relay *relay = TAILQ_FIRST(&service->half), *next;

	if (service->draining)
		return;
	stop_listening(service);
	for (; relay; relay = next) {
		next = TAILQ_NEXT(relay, all);
		relay_abort(relay, "draining");
	}
	service->draining = true;
	tell_idle(service);
}

void transport_service_retire(struct transport_service *service, struct transport_service *successor)
{
	if (successor) {
		service->lent = true;
		successor->lent = false;
		successor->config.predecessor = NULL;
	}
	stop_listening(service);
	service->draining = true;
	tell_idle(service);
}

void transport_service_free(struct transport_service *service)
{
	struct relay *relay;

	if (!service)
		return;
	service->freed = true;
	stop_listening(service);
	while ((relay = TAILQ_FIRST(&service->half)) || (relay = TAILQ_FIRST(&service->open)))
		relay_abort(relay, "stopping");
	release(service);
}

void service_opened(struct transport_service *service, struct relay *relay)
{
	TAILQ_REMOVE(&service->half, relay, all);
	service->half_count--;
	TAILQ_INSERT_TAIL(&service->open, relay, all);
	service->open_count++;
	listen_again(service);
}

void service_ended(struct transport_service *service, struct relay *relay)
{
	TAILQ_REMOVE(relay->opened ? &service->open : &service->half, relay, all);
	*(relay->opened ? &service->open_count : &service->half_count) -= 1;
	service->handles++;
	listen_again(service);
	tell_idle(service);
}

void service_released(struct transport_service *service)
{
	service->handles--;
	release(service);
}
