/* SPDX-License-Identifier: Apache-2.0 */
/* dial.c - connecting: names are looked up by libuv, and each address is tried in turn. */
#include "transport/private.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { PATIENCE_MS = 10000, AGAIN_MS = 10 };

struct transport_dial {
	struct transport_loop *loop;
	struct config_url url;
	transport_dialled *done; /* NULL: cancelled or told */
	void *context;
	uv_getaddrinfo_t lookup;
	uv_timer_t timer;
	uv_poll_t poll;
	struct transport_address list[TRANSPORT_ADDRESSES_MAX];
	size_t count, next;
	struct transport_preference *preferred;
	uint64_t until; /* of the loop's milliseconds */
	int fd;
	int reserve; /* keeps a descriptor for the socket until it is made; -1: none */
	bool resolving;
	bool silent; /* the address being tried has not answered in its share of the time */
	unsigned handles;
};

static void try_next(struct transport_dial *);
static void poll_closed(uv_handle_t *);

static void give_up_reserve(struct transport_dial *dial)
{
	if (dial->reserve >= 0)
		close(dial->reserve);
	dial->reserve = -1;
}

static void release(struct transport_dial *dial)
{
	if (dial->handles == 0 && !dial->resolving)
		free(dial);
}

static void timer_closed(uv_handle_t *handle)
{
	struct transport_dial *dial = handle->data;

	dial->handles--;
	release(dial);
}

static void finish(struct transport_dial *dial, int fd, const char *why)
{
	transport_dialled *done = dial->done;

	dial->done = NULL;
	give_up_reserve(dial);
	uv_close((uv_handle_t *)&dial->timer, timer_closed);
	if (dial->fd >= 0 && !uv_is_closing((uv_handle_t *)&dial->poll))
		uv_close((uv_handle_t *)&dial->poll, poll_closed);
	if (dial->resolving)
		uv_cancel((uv_req_t *)&dial->lookup);
	if (done)
		done(dial->context, fd, fd < 0 ? NULL : &dial->list[dial->next - 1], why);
}

static void fail(struct transport_dial *dial, const char *reason)
{
	char url[CONFIG_URL_MAX], why[TRANSPORT_WHY_MAX];

	config_url_format(&dial->url, url);
	snprintf(why, sizeof(why), "cannot connect to %s: %s", url, reason);
	finish(dial, -1, why);
}

/* The poll handle is closed before the socket goes on, so that the relay can watch it with its own. */
static void poll_closed(uv_handle_t *handle)
{
	struct transport_dial *dial = handle->data;
	int fd = dial->fd, error = 0;
	socklen_t size = sizeof(error);

	dial->handles--;
	dial->fd = -1;
	if (!dial->done) { /* cancelled: a connection that was made meanwhile must not look like one that ended in order
			    */
		transport_close(fd, true);
		release(dial);
		return;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		error = errno;
	if (error == 0 && dial->silent)
		error = ETIMEDOUT;
	if (error == 0) {
		*dial->preferred = (struct transport_preference){ .address = dial->list[dial->next - 1] };
		finish(dial, fd, NULL);
		return;
	}
	transport_close(fd, true);
	if (dial->next < dial->count)
		try_next(dial);
	else
		fail(dial, strerror(error));
}

static void writable(uv_poll_t *handle, int status, int events)
{
	(void)status, (void)events;
	if (!uv_is_closing((uv_handle_t *)handle))
		uv_close((uv_handle_t *)handle, poll_closed);
}

static void ticked(uv_timer_t *handle)
{
	struct transport_dial *dial = handle->data;

	if (uv_now(&dial->loop->uv) >= dial->until) {
		fail(dial, "no answer in ten seconds");
	} else if (dial->fd < 0) {
		try_next(dial);
	} else if (!uv_is_closing((uv_handle_t *)&dial->poll)) {
		dial->silent = true;
		uv_close((uv_handle_t *)&dial->poll, poll_closed);
	}
}

static void wait_until(struct transport_dial *dial, uint64_t at)
{
	uint64_t now = uv_now(&dial->loop->uv);

	uv_timer_start(&dial->timer, ticked, at > now ? at - now : 0, 0);
}

static int start_connect(struct transport_dial *dial, const struct transport_address *address)
{
	uint64_t now, left;
	int fd, error = 0;

	give_up_reserve(dial);
	fd = transport_socket(address->at.any.sa_family, transport_socket_type(&dial->url));
	if (fd < 0)
		return -fd;
	do
		error = connect(fd, &address->at.any, address->length) < 0 ? errno : 0;
	while (error == EINTR);
	if (error == EINPROGRESS || error == EALREADY)
		error = 0;
	if (error == 0)
		error = -uv_poll_init(&dial->loop->uv, &dial->poll, fd);
	if (error) {
		close(fd);
		return error;
	}
	dial->fd = fd;
	dial->handles++;
	dial->poll.data = dial;
	dial->silent = false;
	uv_poll_start(&dial->poll, UV_WRITABLE, writable);
	/* One that says nothing leaves the others their share of the time. */
	now = uv_now(&dial->loop->uv);
	left = dial->until > now ? dial->until - now : 0;
	wait_until(dial, now + left / (dial->count - dial->next + 1));
	return 0;
}

static void try_next(struct transport_dial *dial)
{
	int error = EADDRNOTAVAIL;

	while (dial->next < dial->count) {
		error = start_connect(dial, &dial->list[dial->next++]);
		if (error == 0)
			return;
	}
	if (error == EAGAIN) {
		/* A UNIX listener's queue is full: nothing will tell when it is not, so ask again. */
		dial->reserve = eventfd(0, EFD_CLOEXEC);
		dial->next = dial->count - 1;
		wait_until(dial, uv_now(&dial->loop->uv) + AGAIN_MS);
		return;
	}
	fail(dial, transport_error(error));
}

/* The address that is preferred comes first, the others behind it in their order. */
static void turn(struct transport_dial *dial)
{
	const struct transport_preference *preferred = dial->preferred;
	struct transport_address list[TRANSPORT_ADDRESSES_MAX];
	size_t first = 0;

	for (size_t i = 0; i < dial->count; i++)
		if (transport_address_same(&dial->list[i], &preferred->address))
			first = i + preferred->behind;
	for (size_t i = 0; i < dial->count; i++)
		list[i] = dial->list[(first + i) % dial->count];
	memcpy(dial->list, list, dial->count * sizeof(list[0]));
}

static void resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *list)
{
	struct transport_dial *dial = request->data;

	dial->resolving = false;
	dial->loop->lookups--;
	for (struct addrinfo *i = list; i && dial->count < TRANSPORT_ADDRESSES_MAX; i = i->ai_next) {
		struct transport_address *address = &dial->list[dial->count++];

		address->length = i->ai_addrlen;
		memcpy(&address->at, i->ai_addr, i->ai_addrlen);
	}
	uv_freeaddrinfo(list);
	if (!dial->done) {
		release(dial);
	} else if (status < 0) {
		fail(dial, uv_strerror(status));
	} else {
		turn(dial);
		try_next(dial);
	}
}

static void look_up(uv_timer_t *handle)
{
	struct transport_dial *dial = handle->data;
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = transport_socket_type(&dial->url), .ai_flags = AI_ADDRCONFIG
	};
	char port[8];
	int failed;

	dial->count = transport_kinds()[dial->url.kind]->addresses(&dial->url, dial->list, TRANSPORT_ADDRESSES_MAX);
	if (dial->count) {
		try_next(dial);
		return;
	}
	give_up_reserve(dial); /* looking up takes one, too */
	snprintf(port, sizeof(port), "%u", dial->url.port);
	failed = uv_getaddrinfo(&dial->loop->uv, &dial->lookup, resolved, dial->url.host, port, &hints);
	if (failed) {
		fail(dial, uv_strerror(failed));
		return;
	}
	dial->resolving = true;
	dial->loop->lookups++;
	wait_until(dial, dial->until);
}

struct transport_dial *transport_dial_start(struct transport_loop *loop, const struct config_url *url,
    struct transport_preference *preferred, int reserve, transport_dialled *done, void *context)
{
	struct transport_dial *dial = calloc(1, sizeof(*dial));

	if (!dial)
		return NULL;
	dial->loop = loop;
	dial->url = *url;
	dial->done = done;
	dial->context = context;
	dial->fd = -1;
	dial->reserve = reserve;
	dial->preferred = preferred;
	dial->handles = 1;
	dial->timer.data = dial->lookup.data = dial;
	dial->until = uv_now(&loop->uv) + PATIENCE_MS;
	uv_timer_init(&loop->uv, &dial->timer);
	/* From the loop, so that DONE is never called before this returns. */
	uv_timer_start(&dial->timer, look_up, 0, 0);
	return dial;
}

void transport_dial_cancel(struct transport_dial *dial)
{
	if (!dial)
		return;
	dial->done = NULL;
	finish(dial, -1, NULL);
}
