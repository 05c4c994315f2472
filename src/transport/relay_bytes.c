/* SPDX-License-Identifier: Apache-2.0 */
/*
 * relay_bytes.c - the bytes of a relay, with no copy but the cryptography.
 *
 * Plain bytes are read into a message and protected there; what arrives is opened where it was read, and the opened
 * pieces of one read are written by one call.  Only what a socket does not take is copied, to that socket's queue; and
 * the start of a frame whose end has not come, to PARTIAL.
 */
#include "transport/stream.h"

#include <errno.h>
#include <string.h>

enum { PLAIN_READS = 4 }; /* of one event, so that no connection starves the others */

/* ---- Out ---- */

void relay_flush(struct relay *relay, struct relay_side *side)
{
	int failed = side->fd >= 0 && side->out.length ? transport_queue_flush(&side->out, side->fd) : 0;

	if (failed)
		relay_lost(relay, side, -failed);
}

/* Writes the pieces to SIDE at once, or queues what it does not take now. */
static void write_pieces(struct relay *relay, struct relay_side *side, struct iovec *pieces, size_t count)
{
	struct msghdr message = { .msg_iov = pieces, .msg_iovlen = count };
	ssize_t n = 0;

	if (side->fd >= 0 && side->out.length == 0) {
		do
			n = sendmsg(side->fd, &message, MSG_NOSIGNAL);
		while (n < 0 && errno == EINTR);
		if (n < 0 && errno != EAGAIN) {
			relay_lost(relay, side, errno);
			return;
		}
	}
	for (size_t taken = n > 0 ? (size_t)n : 0, i = 0; i < count; i++) {
		size_t skip = taken < pieces[i].iov_len ? taken : pieces[i].iov_len;

		taken -= skip;
		if (skip == pieces[i].iov_len)
			continue;
		if (!transport_queue_append(
			&side->out, (uint8_t *)pieces[i].iov_base + skip, pieces[i].iov_len - skip)) {
			relay_finish(relay, "out of memory", true, true);
			return;
		}
	}
}

void relay_transmit(void *context, const uint8_t *bytes, size_t length)
{
	struct relay *relay = context;
	struct iovec piece;

	/* struct iovec serves reading, too, and so has no const; sendmsg() writes nothing. */
	memcpy(&piece.iov_base, &bytes, sizeof(bytes));
	piece.iov_len = length;
	write_pieces(relay, &relay->wire, &piece, 1);
}

void relay_write_gathered(struct relay *relay)
{
	struct transport_loop *loop = relay->service->loop;

	if (loop->gathered)
		write_pieces(relay, &relay->plain, loop->gather, loop->gathered);
	loop->gathered = 0;
}

void relay_deliver(void *context, struct seccomm_message *message)
{
	struct relay *relay = context;
	struct transport_loop *loop = relay->service->loop;
	struct iovec *piece;

	if (loop->gathered == TRANSPORT_GATHER)
		relay_write_gathered(relay);
	piece = &loop->gather[loop->gathered++];
	piece->iov_base = seccomm_message_bytes(message, &piece->iov_len);
}

/* ---- Plain to wire ---- */

void relay_cool(struct transport_warm *warm)
{
	struct relay *relay = warm->owner;

	if (!warm->listed || (relay->held && !relay->over))
		return;
	seccomm_message_release(relay->message);
	relay->message = NULL;
	relay->message_room = TRANSPORT_FIRST_MESSAGE;
	if (relay->partial.length && !relay->over)
		return;
	transport_queue_free(&relay->partial);
	transport_loop_cooled(relay->service->loop, warm);
}

static bool have_message(struct relay *relay)
{
	size_t most = seccomm_plan_max_message(relay->service->config.plan);

	if (relay->message)
		return true;
	if (relay->message_room > most)
		relay->message_room = most;
	relay->message = seccomm_message_new(relay->session, relay->message_room);
	if (!relay->message)
		relay_finish(relay, "out of memory", true, true);
	return relay->message;
}

static void push(struct relay *relay)
{
	int status = seccomm_push(relay->session, relay->message);

	relay->held = status == SECCOMM_NOT_READY;
	if (relay->held)
		return;
	if (status != SECCOMM_OK)
		relay_finish(relay, seccomm_status_text(status), true, true);
	else
		seccomm_message_reset(relay->message, relay->message_room);
}

void relay_push_held(struct relay *relay)
{
	if (relay->held && !relay->over)
		push(relay);
}

static void plain_ended(struct relay *relay)
{
	int status = seccomm_close(relay->session);

	relay->plain.ended = true;
	if (status != SECCOMM_OK && status != SECCOMM_CLOSED)
		relay_finish(relay, seccomm_status_text(status), true, true);
}

/* A connection that fills its message gets the large one: few system calls for bulk, little memory for the rest. */
static void grow(struct relay *relay, size_t n)
{
	if (n < relay->message_room || relay->message_room >= TRANSPORT_MESSAGE || relay->held)
		return;
	seccomm_message_release(relay->message);
	relay->message = NULL;
	relay->message_room = TRANSPORT_MESSAGE;
}

static bool plain_read_once(struct relay *relay)
{
	size_t room;
	uint8_t *bytes;
	ssize_t n;

	if (!have_message(relay))
		return false;
	bytes = seccomm_message_bytes(relay->message, &room);
	n = recv(relay->plain.fd, bytes, room, 0);
	if (n == 0)
		plain_ended(relay);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		relay_lost(relay, &relay->plain, errno);
	if (n <= 0)
		return false;
	seccomm_message_truncate(relay->message, (size_t)n);
	push(relay);
	grow(relay, (size_t)n);
	return (size_t)n == room;
}

void relay_plain_read(struct relay *relay)
{
	transport_loop_warm(relay->service->loop, &relay->warm);
	for (int i = 0; i < PLAIN_READS; i++)
		if (!plain_read_once(relay) || relay->over || relay->held || relay->wire.out.length)
			break;
}

/* ---- Wire to plain ---- */

static size_t wanted(const struct relay *relay, const uint8_t *bytes, size_t length)
{
	size_t all = seccomm_wanted(relay->session, bytes, length);

	return all > length ? all : length;
}

/* The number of bytes taken from the start of BYTES: whole frames. */
static size_t take_frames(struct relay *relay, uint8_t *bytes, size_t length)
{
	size_t done = 0;

	while (done < length && !relay->over && !relay->closed) {
		ptrdiff_t n = seccomm_pop(relay->session, bytes + done, length - done);

		if (n < 0)
			relay_finish(relay, "refused", true, false);
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return done;
}

/* Completes PARTIAL with what it still wants of BYTES and takes the frame; answers how many bytes that used up. */
static size_t complete_partial(struct relay *relay, const uint8_t *bytes, size_t length)
{
	struct transport_queue *partial = &relay->partial;
	size_t used = 0;

	while (partial->length && !relay->over && !relay->closed) {
		size_t want = wanted(relay, partial->bytes, partial->length) - partial->length;
		size_t more = want < length - used ? want : length - used;

		if (!transport_queue_append(partial, bytes + used, more)) {
			relay_finish(relay, "out of memory", true, true);
			break;
		}
		used += more;
		if (more < want)
			break;
		/* Nothing is taken while only the header of the frame is there: then more is wanted now. */
		if (take_frames(relay, partial->bytes, partial->length))
			partial->length = 0;
		else if (wanted(relay, partial->bytes, partial->length) == partial->length)
			relay_finish(relay, "a frame without an end", true, false);
	}
	return used;
}

static void keep_rest(struct relay *relay, const uint8_t *bytes, size_t length)
{
	struct transport_queue *partial = &relay->partial;

	if (length == 0 || relay->over || relay->closed)
		return;
	if (!transport_queue_reserve(partial, wanted(relay, bytes, length) - partial->length) ||
	    !transport_queue_append(partial, bytes, length))
		relay_finish(relay, "out of memory", true, true);
}

static void arrived(struct relay *relay, size_t length)
{
	struct transport_queue *partial = &relay->partial;
	uint8_t *bytes = relay->service->loop->buffer;
	size_t used = 0;

	if (partial->length)
		used = complete_partial(relay, bytes, length);
	if (!partial->length)
		used += take_frames(relay, bytes + used, length - used);
	/* The pieces lie in PARTIAL, too: they must be out before it is written again. */
	relay_write_gathered(relay);
	if (!partial->length)
		keep_rest(relay, bytes + used, length - used);
}

/* Reads what PARTIAL wants into its place, and the rest into the loop's buffer. */
static ssize_t receive(struct relay *relay, size_t *into_partial)
{
	struct transport_queue *partial = &relay->partial;
	struct iovec places[2] = { { .iov_base = NULL }, { relay->service->loop->buffer, TRANSPORT_READ } };
	struct msghdr message = { .msg_iov = places + 1, .msg_iovlen = 1 };
	ssize_t n;

	if (partial->length) {
		size_t want = wanted(relay, partial->bytes, partial->length) - partial->length;

		if (!transport_queue_reserve(partial, want))
			return -1;
		places[0] = (struct iovec){ partial->bytes + partial->length, want };
		message = (struct msghdr){ .msg_iov = places, .msg_iovlen = 2 };
	}
	do
		n = recvmsg(relay->wire.fd, &message, 0);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n;
	*into_partial = (size_t)n < places[0].iov_len ? (size_t)n : places[0].iov_len;
	partial->length += *into_partial;
	return n;
}

static void wire_ended(struct relay *relay)
{
	relay->wire.ended = true;
	if (relay->closed)
		return;
	seccomm_ended(relay->session);
	relay_write_gathered(relay);
	if (!relay->closed)
		relay_finish(relay, "the peer ended the connection", true, true);
}

void relay_wire_read(struct relay *relay)
{
	size_t into_partial = 0;
	ssize_t n;

	transport_loop_warm(relay->service->loop, &relay->warm);
	errno = 0;
	n = receive(relay, &into_partial);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n < 0 && !relay->closed) {
		relay_lost(relay, &relay->wire, errno);
		return;
	}
	if (n <= 0) {
		wire_ended(relay);
		return;
	}
	relay->heard_ms = uv_now(&relay->service->loop->uv);
	arrived(relay, (size_t)n - into_partial);
}
