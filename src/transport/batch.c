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
	unsigned received; /* by the last call: those of IN are not prepared */
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
	batch->received = DATAGRAM_BATCH;
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

/* What the system writes there while receiving is as at the start again. */
static void prepare(struct datagram_batch *batch, unsigned i)
{
	struct in *in = &batch->in[i];

	in->piece = (struct iovec){ batch->in_bytes + (size_t)i * DATAGRAM_ROOM, DATAGRAM_ROOM };
	batch->in_heads[i].msg_hdr = (struct msghdr){ .msg_name = &in->address.at,
		.msg_namelen = sizeof(in->address.at),
		.msg_iov = &in->piece,
		.msg_iovlen = 1,
		.msg_control = &in->control,
		.msg_controllen = sizeof(in->control) };
}

int datagram_receive(struct datagram_batch *batch, int fd)
{
	int n;

	for (; batch->received > 0; batch->received--)
		prepare(batch, batch->received - 1);
	do
		n = recvmmsg(fd, batch->in_heads, DATAGRAM_BATCH, MSG_DONTWAIT, NULL);
	while (n < 0 && errno == EINTR);
	batch->received = n > 0 ? (unsigned)n : 0;
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

/* Whether LENGTH bytes are not too many for FLOW's own socket, by what is known now. */
static bool may_pass(struct flow *flow, size_t length)
{
	if (datagram_is_server(flow->datagram)) /* what goes to a program is fragmented where it must be */
		return true;
	flow_learn_limit(flow);
	return length <= flow->limit;
}

/* Whether the Ith, whose sending failed with ERROR, may pass if it is sent again. */
static bool worth_again(struct datagram_batch *batch, unsigned i, int error)
{
	struct flow *flow = batch->out[i].flow;
	bool is_unix = batch->datagram->service.config.connect.kind == CONFIG_URL_UNIXGRAM;

	if (batch->fd == batch->datagram->service.listener.fd)
		return false;
	switch (error) {
	case ECONNREFUSED:
		if (is_unix)
			return flow_connect_again(flow);
		break;
	case EMSGSIZE:
		if (is_unix || !may_pass(flow, batch->out[i].piece.iov_len))
			return false;
		break;
	case ENOTCONN:
	case EDESTADDRREQ: /* connecting again failed before */
	case EINVAL:
	case EADDRNOTAVAIL:
	case ENETUNREACH:
	case ENODEV:
		return flow_connect_again(flow);
	default:
		return false;
	}
	/* Some host said so of an earlier datagram, and this one was not tried. */
	flow_unsent(batch->datagram, flow, batch->fd, error, 0);
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

	if (batch->count == DATAGRAM_BATCH || batch->used + length > OUT_BYTES || batch->fd != fd ||
	    batch->datagram != datagram)
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
