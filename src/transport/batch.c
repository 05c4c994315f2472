/* SPDX-License-Identifier: Apache-2.0 */
/*
 * batch.c - many datagrams by one system call.
 *
 * What arrives lies in the batch until the next call; what is to be sent is copied into it, and leaves when the socket
 * changes, when it is full, and at the end of the event.  Nothing is allocated for a datagram.
 */
#include "transport/datagram.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFERS_BYTES = 4 * 1024 * 1024, OUT_BYTES = 4 * DATAGRAM_ROOM };

struct in {
	struct transport_address address;
	struct iovec piece;
	struct path_control control;
};

struct out {
	struct transport_address address;
	struct iovec piece;
	struct path_control control;
	struct flow *flow; /* or NULL */
};

struct datagram_batch {
	struct mmsghdr in_heads[DATAGRAM_BATCH], out_heads[DATAGRAM_BATCH];
	struct in in[DATAGRAM_BATCH];
	struct out out[DATAGRAM_BATCH];
	uint8_t *in_bytes, *out_bytes;
	struct datagram_service *datagram; /* whose OUT is */
	int fd; /* that it goes to */
	unsigned count; /* of OUT */
	size_t used; /* of OUT_BYTES */
};

void datagram_tune(int fd)
{
	inet_set(fd, SOL_SOCKET, SO_RCVBUF, BUFFERS_BYTES);
	inet_set(fd, SOL_SOCKET, SO_SNDBUF, BUFFERS_BYTES);
}

struct datagram_batch *datagram_batch_new(void)
{
	struct datagram_batch *batch = calloc(1, sizeof(*batch));

	if (!batch)
		return NULL;
	batch->in_bytes = malloc((size_t)DATAGRAM_BATCH * DATAGRAM_ROOM);
	batch->out_bytes = malloc(OUT_BYTES);
	if (batch->in_bytes && batch->out_bytes)
		return batch;
	datagram_batch_free(batch);
	return NULL;
}

void datagram_batch_free(struct datagram_batch *batch)
{
	if (!batch)
		return;
	free(batch->in_bytes);
	free(batch->out_bytes);
	free(batch);
}

/* ---- In ---- */

int datagram_receive(struct datagram_batch *batch, int fd)
{
	int n;

	for (unsigned i = 0; i < DATAGRAM_BATCH; i++) {
		struct in *in = &batch->in[i];

		in->piece = (struct iovec){ batch->in_bytes + (size_t)i * DATAGRAM_ROOM, DATAGRAM_ROOM };
		batch->in_heads[i].msg_hdr = (struct msghdr){ .msg_name = &in->address.at,
			.msg_namelen = sizeof(in->address.at),
			.msg_iov = &in->piece,
			.msg_iovlen = 1,
			.msg_control = &in->control,
			.msg_controllen = sizeof(in->control) };
	}
	do
		n = recvmmsg(fd, batch->in_heads, DATAGRAM_BATCH, MSG_DONTWAIT, NULL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

void datagram_received(const struct datagram_batch *batch, int i, struct datagram *out)
{
	struct msghdr head = batch->in_heads[i].msg_hdr;

	memset(&out->path.remote, 0, sizeof(out->path.remote));
	out->path.remote.length = head.msg_namelen;
	memcpy(&out->path.remote.at, head.msg_name, head.msg_namelen);
	path_read_control(&head, &out->path);
	out->bytes = batch->in[i].piece.iov_base;
	out->length = batch->in_heads[i].msg_len;
	out->cut = head.msg_flags & MSG_TRUNC;
}

/* ---- Out ---- */

/* Whether ERROR, with which sending OUT on a connected socket failed, is what a host said to an earlier datagram. */
static bool is_about_earlier(const struct datagram_batch *batch, const struct out *out, int error)
{
	if (error == EMSGSIZE && !datagram_is_server(batch->datagram)) {
		flow_learn_limit(out->flow);
		return out->piece.iov_len <= out->flow->limit;
	}
	/* What goes to a program is fragmented where it must be. */
	return error == ECONNREFUSED || error == EMSGSIZE;
}

/* Whether the Ith, whose sending failed with ERROR, may pass if it is sent again. */
static bool worth_again(struct datagram_batch *batch, unsigned i, int error)
{
	const struct config_url *connected = &batch->datagram->service.config.connect;
	struct out *out = &batch->out[i];
	struct transport_address peer;

	if (batch->fd == batch->datagram->service.listener.fd)
		return false;
	/* A UNIX socket is connected to the socket that was at the path; another one may be there now. */
	if (connected->kind == CONFIG_URL_UNIXGRAM)
		return (error == ECONNREFUSED || error == ENOTCONN) && unix_addresses(connected, &peer, 1) == 1 &&
		       connect(batch->fd, &peer.at.any, peer.length) == 0;
	/* This is what the system says when the address that we send from is gone. */
	if (error == ENETUNREACH || error == EINVAL)
		return path_take_local(batch->fd);
	if (!is_about_earlier(batch, out, error))
		return false;
	flow_unsent(batch->datagram, out->flow, batch->fd, error, 0);
	return true;
}

/* How many of the LEFT datagrams from I on are given up because sending the first of them failed with ERROR. */
static unsigned give_up(struct datagram_batch *batch, unsigned i, unsigned left, int error)
{
	/* With the kernel's buffers full, the others have no place either. */
	unsigned count = error == EAGAIN || error == ENOBUFS ? left : 1;

	for (unsigned k = i; k < i + count; k++)
		flow_unsent(batch->datagram, batch->out[k].flow, batch->fd, error, batch->out[k].piece.iov_len);
	return count;
}

static void flush(struct datagram_batch *batch)
{
	unsigned done = 0, again = DATAGRAM_BATCH;

	while (done < batch->count) {
		int n = sendmmsg(batch->fd, batch->out_heads + done, batch->count - done, MSG_NOSIGNAL | MSG_DONTWAIT);
		int error = n < 0 ? errno : 0;

		if (error == 0)
			done += (unsigned)n;
		else if (again != done && worth_again(batch, done, error))
			again = done;
		else if (error != EINTR)
			done += give_up(batch, done, batch->count - done, error);
	}
	batch->count = 0;
	batch->used = 0;
}

void datagram_flush(struct transport_loop *loop)
{
	if (loop->batch->count)
		flush(loop->batch);
}

void datagram_send(struct datagram_service *datagram, struct flow *flow, int fd, const struct datagram_path *to,
    const uint8_t *bytes, size_t length)
{
	struct datagram_batch *batch = datagram->service.loop->batch;
	struct msghdr *head;
	struct out *out;

	if (batch->count == DATAGRAM_BATCH || batch->used + length > OUT_BYTES || batch->fd != fd)
		datagram_flush(datagram->service.loop);
	batch->datagram = datagram;
	batch->fd = fd;
	out = &batch->out[batch->count];
	head = &batch->out_heads[batch->count++].msg_hdr;
	out->flow = flow;
	out->piece = (struct iovec){ memcpy(batch->out_bytes + batch->used, bytes, length), length };
	batch->used += length;
	*head = (struct msghdr){ .msg_iov = &out->piece, .msg_iovlen = 1 };
	if (!to)
		return;
	out->address = to->remote;
	head->msg_name = &out->address.at;
	head->msg_namelen = to->remote.length;
	head->msg_controllen = path_write_control(to, &out->control);
	head->msg_control = head->msg_controllen ? &out->control : NULL;
}
