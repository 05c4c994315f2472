/* SPDX-License-Identifier: Apache-2.0 */
/* watch.c - descriptors and times that the program, and not a service, waits for on the loop. */
#include "transport/private.h"

#include <stdlib.h>
#include <unistd.h>

struct transport_watch {
	uv_poll_t poll;
	int fd;
	unsigned events;
	void (*act)(void *context, unsigned events);
	void *context;
};

static void polled(uv_poll_t *handle, int status, int events)
{
	struct transport_watch *watch = handle->data;
	unsigned possible =
	    (events & UV_READABLE ? TRANSPORT_READABLE : 0U) | (events & UV_WRITABLE ? TRANSPORT_WRITABLE : 0U);

	/* An error on the descriptor: libuv has stopped watching, and reading or writing will say what it is. */
	if (status < 0) {
		possible = watch->events;
		watch->events = 0;
	}
	watch->act(watch->context, possible);
}

struct transport_watch *transport_watch_new(
    struct transport_loop *loop, int fd, void (*act)(void *context, unsigned events), void *context)
{
	struct transport_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return NULL;
	if (uv_poll_init(&loop->uv, &watch->poll, fd) < 0) {
		free(watch);
		return NULL;
	}
	watch->poll.data = watch;
	watch->fd = fd;
	watch->act = act;
	watch->context = context;
	return watch;
}

void transport_watch_for(struct transport_watch *watch, unsigned events)
{
	if (events == watch->events)
		return;
	watch->events = events;
	if (events)
		uv_poll_start(&watch->poll,
		    (events & TRANSPORT_READABLE ? UV_READABLE : 0) | (events & TRANSPORT_WRITABLE ? UV_WRITABLE : 0),
		    polled);
	else
		uv_poll_stop(&watch->poll);
}

static void poll_closed(uv_handle_t *handle)
{
	struct transport_watch *watch = handle->data;

	close(watch->fd);
	free(watch);
}

void transport_watch_free(struct transport_watch *watch)
{
	if (watch)
		uv_close((uv_handle_t *)&watch->poll, poll_closed);
}

struct transport_timer {
	uv_timer_t timer;
	void (*act)(void *context);
	void *context;
};

static void ticked(uv_timer_t *handle)
{
	struct transport_timer *timer = handle->data;

	timer->act(timer->context);
}

struct transport_timer *transport_timer_new(struct transport_loop *loop, void (*act)(void *context), void *context)
{
	struct transport_timer *timer = calloc(1, sizeof(*timer));

	if (!timer)
		return NULL;
	uv_timer_init(&loop->uv, &timer->timer);
	timer->timer.data = timer;
	timer->act = act;
	timer->context = context;
	return timer;
}

void transport_timer_set(struct transport_timer *timer, uint64_t delay_ms, uint64_t period_ms)
{
	uv_update_time(timer->timer.loop);
	uv_timer_start(&timer->timer, ticked, delay_ms, period_ms);
}

static void timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void transport_timer_free(struct transport_timer *timer)
{
	if (timer)
		uv_close((uv_handle_t *)&timer->timer, timer_closed);
}
