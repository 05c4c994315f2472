/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow_bytes.c - the datagrams of a flow, both ways, those that wait, and those that do not pass.
 *
 * What waits has one direction at a time: at a client plain datagrams wait for the session to open; at a server what
 * was delivered waits for the own socket to be connected, and only after that come plain ones.
 */
#include "transport/datagram.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { READS = 4, FIRST_ROOM = 2048, LENGTH = 4, AGAIN_US = 1000000, DOUBT_MS = 1000 };

/* ---- What waits ---- */

static void wait_for_it(struct flow *flow, const uint8_t *bytes, size_t length)
{
	struct datagram_service *datagram = flow->datagram;
	struct transport_queue *queue = &flow->waiting;
	uint8_t head[LENGTH];

	if (flow->waiting_count == FLOW_WAITING || queue->length + length > FLOW_WAITING_BYTES ||
	    datagram->waiting_bytes + length > DATAGRAM_WAITING_BYTES) {
		drop(datagram, flow, DROP_WAITING, 1, NULL);
		return;
	}
	cactus_put_u32(head, (uint32_t)length);
	/* At least as much again, so that many small ones are not copied for each. */
	if (!transport_queue_reserve(queue, LENGTH + length > queue->length ? LENGTH + length : queue->length)) {
		drop(datagram, flow, DROP_MEMORY, 1, NULL);
		return;
	}
	/* Room is reserved, so both succeed. */
	(void)transport_queue_append(queue, head, LENGTH);
	(void)transport_queue_append(queue, bytes, length);
	flow->waiting_count++;
	datagram->waiting_bytes += LENGTH + length;
}

/* Takes all that waits, in order; what has to wait on waits anew. */
static void go_on(struct flow *flow, void (*act)(struct flow *, const uint8_t *bytes, size_t length))
{
	struct transport_queue queue = flow->waiting;

	flow->datagram->waiting_bytes -= queue.length;
	flow->waiting = (struct transport_queue){ .bytes = NULL };
	flow->waiting_count = 0;
	for (size_t at = 0, length; at < queue.length; at += LENGTH + length) {
		length = cactus_u32(queue.bytes + at);
		act(flow, queue.bytes + at + LENGTH, length);
	}
	transport_queue_free(&queue);
}

/* ---- Wire to plain ---- */

static void send_own(struct flow *flow, const uint8_t *bytes, size_t length)
{
	datagram_send(flow->datagram, flow, flow->fd, NULL, bytes, length);
}

static void send_shared(struct flow *flow, const uint8_t *bytes, size_t length)
{
	datagram_send(flow->datagram, flow, flow->datagram->service.listener.fd, &flow->path, bytes, length);
}

void flow_deliver(void *context, struct seccomm_message *message)
{
	struct flow *flow = context;
	size_t length;
	const uint8_t *bytes = seccomm_message_bytes(message, &length);

	flow_touch(flow);
	datagram_used(flow);
	if (datagram_is_server(flow->datagram))
		(flow->fd >= 0 ? send_own : wait_for_it)(flow, bytes, length);
	else if (flow->path.remote.length > sizeof(sa_family_t))
		send_shared(flow, bytes, length);
	else
		drop(flow->datagram, flow, DROP_NAMELESS, 1, NULL);
}

void flow_deliver_waiting(struct flow *flow)
{
	go_on(flow, send_own);
}

/* ---- Plain to wire ---- */

/* When nothing comes back, this host may have another address now, though not every system then refuses to send. */
static void doubt(struct flow *flow)
{
	uint64_t now = uv_now(&flow->datagram->service.loop->uv);

	if (now - flow->sure_ms < DOUBT_MS)
		return;
	flow->sure_ms = now;
	if (path_has_moved(flow->fd, &flow->far))
		(void)flow_connect_again(flow);
}

void flow_transmit(void *context, const uint8_t *bytes, size_t length)
{
	struct flow *flow = context;

	flow_touch(flow);
	if (datagram_is_server(flow->datagram)) {
		send_shared(flow, bytes, length);
	} else {
		doubt(flow);
		send_own(flow, bytes, length);
	}
}

static void release_message(struct flow *flow)
{
	seccomm_message_release(flow->message);
	flow->message = NULL;
	flow->message_room = 0;
	flow->stale = false;
}

void flow_cool(struct transport_warm *warm)
{
	struct flow *flow = warm->owner;

	release_message(flow);
	transport_loop_cooled(flow->datagram->service.loop, warm);
}

/* One message serves all datagrams of a flow; one that does not fit makes it larger. */
static bool have_message(struct flow *flow, size_t length)
{
	size_t most = seccomm_plan_max_message(flow->datagram->service.config.plan), room = FIRST_ROOM;

	transport_loop_warm(flow->datagram->service.loop, &flow->warm);
	if (flow->message && !flow->stale && length <= flow->message_room) {
		seccomm_message_reset(flow->message, length);
		return true;
	}
	while (room < length)
		room *= 2;
	room = room < most ? room : most;
	release_message(flow);
	flow->message = seccomm_message_new(flow->session, room);
	flow->message_room = flow->message ? room : 0;
	if (flow->message)
		seccomm_message_truncate(flow->message, length);
	return flow->message;
}

static void too_large(struct flow *flow, size_t length)
{
	const struct seccomm_plan *plan = flow->datagram->service.config.plan;
	const size_t overhead = seccomm_plan_overhead(plan), room = flow->limit > overhead ? flow->limit - overhead : 0;
	size_t most = seccomm_plan_max_message(plan);
	char detail[96];

	if (flow->limit > 0 && room < most) /* 0: it is not known yet */
		most = room;
	snprintf(detail, sizeof(detail), "%zu bytes; at most %zu pass", length, most);
	drop(flow->datagram, flow, DROP_TOO_LARGE, 1, detail);
}

/* The session's alert speaks of what would be on the wire; the program is told by its own sizes. */
static void over_path(struct flow *flow, size_t length)
{
	/* Perhaps the path carries more again. */
	if (transport_now_us() - flow->limit_us >= AGAIN_US)
		flow_learn_limit(flow);
	too_large(flow, length);
}

/* The session has refused it: larger than the path's limit, or not now. */
static void refused(struct flow *flow, const uint8_t *bytes, size_t length, int status)
{
	if (status == SECCOMM_NOT_READY) {
		wait_for_it(flow, bytes, length);
	} else if (status == SECCOMM_TOO_LARGE) {
		over_path(flow, length);
	} else if (status == SECCOMM_CLOSED) {
		drop(flow->datagram, flow, DROP_ENDED, 1, NULL);
	} else {
		flow->dropped++;
		flow_finish(flow, flow->reason ? flow->reason : seccomm_status_text(status));
	}
}

void flow_push(struct flow *flow, const uint8_t *bytes, size_t length)
{
	size_t most = seccomm_plan_max_message(flow->datagram->service.config.plan), ignored;
	int status;

	datagram_used(flow);
	flow_touch(flow);
	if (flow->over) { /* perhaps only since the one before it, of those that waited */
		drop(flow->datagram, flow, DROP_ENDED, 1, NULL);
	} else if (length > most) {
		too_large(flow, length);
	} else if (!flow->opened) {
		wait_for_it(flow, bytes, length);
	} else if (!have_message(flow, length)) {
		drop(flow->datagram, flow, DROP_MEMORY, 1, NULL);
	} else {
		memcpy(seccomm_message_bytes(flow->message, &ignored), bytes, length);
		status = seccomm_push(flow->session, flow->message);
		if (status != SECCOMM_OK)
			refused(flow, bytes, length, status);
	}
}

void flow_push_waiting(struct flow *flow)
{
	if (flow->waiting_count && flow->opened && seccomm_may_push(flow->session) &&
	    (flow->fd >= 0 || !datagram_is_server(flow->datagram)))
		go_on(flow, flow_push);
}

void flow_free_bytes(struct flow *flow)
{
	flow_cool(&flow->warm);
	flow->datagram->waiting_bytes -= flow->waiting.length;
	transport_queue_free(&flow->waiting);
	flow->waiting_count = 0;
}

/* ---- The own socket ---- */

static void take(struct flow *flow, const struct datagram *in)
{
	if (in->cut)
		drop(flow->datagram, flow, DROP_CUT, 1, NULL);
	else if (datagram_is_server(flow->datagram))
		flow_push(flow, in->bytes, in->length);
	else if (seccomm_pop(flow->session, in->bytes, in->length) < 0)
		flow_finish(flow, "the session has ended");
}

/* Whether there may be more. */
static bool receive(struct flow *flow)
{
	struct datagram_batch *batch = flow->datagram->service.loop->batch;
	struct datagram in;
	int n = datagram_receive(batch, flow->fd);

	if (n < 0 && datagram_starves(-n)) {
		datagram_pause(flow->datagram, &flow->poll, -n);
		return false;
	}
	if (n > 0) {
		flow->datagram->starved = false;
		flow->sure_ms = uv_now(&flow->datagram->service.loop->uv);
	}
	if (n < 0 && n != -EAGAIN)
		flow_unsent(flow->datagram, flow, flow->fd, -n, 0);
	for (int i = 0; i < n && !flow->over; i++) {
		datagram_received(batch, i, &in);
		take(flow, &in);
	}
	return n == DATAGRAM_BATCH || (n < 0 && n != -EAGAIN);
}

static void readable(uv_poll_t *handle, int status, int events)
{
	struct flow *flow = handle->data;

	(void)events;
	if (status < 0) /* libuv stops watching when the socket has an error, which receiving tells and clears */
		flow_watch(flow);
	for (int i = 0; i < READS && !flow->over; i++)
		if (!receive(flow))
			break;
	flow_touch(flow);
	datagram_settle(flow->datagram);
}

void flow_watch(struct flow *flow)
{
	uv_poll_start(&flow->poll, UV_READABLE, readable);
}

/* ---- What does not pass ---- */

void flow_learn_limit(struct flow *flow)
{
	flow->limit_us = transport_now_us();
	flow->limit = path_limit(flow_peer(flow));
	seccomm_set_path_limit(flow->session, flow->limit);
}

/* What the way does not carry is refused from now on, before anything is done for it.  LENGTH 0: it is not known. */
static void over_limit(struct datagram_service *datagram, struct flow *flow, bool wire, size_t length)
{
	char size[48] = "a router refused it", detail[96] = "";

	if (length)
		snprintf(size, sizeof(size), "%zu bytes%s", length, wire ? " when protected" : "");
	if (wire && flow && flow->session) {
		flow_learn_limit(flow);
		snprintf(detail, sizeof(detail), "%s; the path carries %zu", size, flow->limit);
	}
	drop(datagram, flow, DROP_TOO_LARGE, 1, *detail ? detail : size);
}

void flow_unsent(struct datagram_service *datagram, struct flow *flow, int fd, int error, size_t length)
{
	bool wire = (fd == datagram->service.listener.fd) == datagram_is_server(datagram);

	switch (error) {
	case EAGAIN:
	case ENOBUFS:
		drop(datagram, flow, DROP_FULL, 1, NULL);
		break;
	case EMSGSIZE:
		over_limit(datagram, flow, wire, length);
		break;
	case ECONNREFUSED:
	case ECONNRESET:
	case EHOSTUNREACH:
	case EHOSTDOWN:
	case ENETUNREACH:
	case ENETDOWN:
	case EADDRNOTAVAIL:
	case EDESTADDRREQ:
	case ENOENT:
	case ENOTCONN:
		drop(datagram, flow, wire ? DROP_PEER_UNREACHABLE : DROP_PROGRAM_UNREACHABLE, 1, strerror(error));
		break;
	default:
		drop(datagram, flow, DROP_OTHER, 1, strerror(error));
	}
}
