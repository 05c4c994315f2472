/* SPDX-License-Identifier: Apache-2.0 */
/*
 * disorder QUEUE EVERY HOLD_MS - a link that changes the order of packets, for tests on kernels without netem.
 *
 * Of the packets that "iptables -j NFQUEUE --queue-num QUEUE" hands over, each EVERYth is held for HOLD_MS while the
 * others pass.  Says "ready" on standard error when packets may come; ends when it is told to.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <libnetfilter_queue/libnetfilter_queue.h>

enum { HELD_MOST = 4096, PACKET_ROOM = 1 << 16, BUFFERS_BYTES = 8 << 20 };

struct held {
	uint32_t id;
	uint64_t until_us;
};

struct disorder {
	struct nfq_q_handle *queue;
	uint64_t every, hold_us, count;
	struct held held[HELD_MOST]; /* a ring; as all are held for as long, the first is the next to go */
	unsigned first, holding;
};

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int let_go(struct disorder *d, uint32_t id)
{
	return nfq_set_verdict(d->queue, id, NF_ACCEPT, 0, NULL);
}

static int packet(struct nfq_q_handle *queue, struct nfgenmsg *message, struct nfq_data *data, void *context)
{
	const struct nfqnl_msg_packet_hdr *head = nfq_get_msg_packet_hdr(data);
	struct disorder *d = context;
	uint32_t id = ntohl(head->packet_id);

	(void)queue, (void)message;
	if (++d->count % d->every != 0 || d->holding == HELD_MOST)
		return let_go(d, id);
	d->held[(d->first + d->holding++) % HELD_MOST] = (struct held){ id, now_us() + d->hold_us };
	return 0;
}

/* Lets go of all whose time has come; answers how long poll() may wait, -1: for ever. */
static int release(struct disorder *d)
{
	uint64_t now = now_us();

	while (d->holding) {
		const struct held *next = &d->held[d->first];

		if (next->until_us > now)
			return (int)((next->until_us - now + 999) / 1000);
		let_go(d, next->id);
		d->first = (d->first + 1) % HELD_MOST;
		d->holding--;
	}
	return -1;
}

static int serve(struct nfq_handle *handle, struct disorder *d)
{
	static char bytes[PACKET_ROOM] __attribute__((aligned));
	struct pollfd ready = { .fd = nfq_fd(handle), .events = POLLIN };

	for (;;) {
		ssize_t n;

		if (poll(&ready, 1, release(d)) <= 0)
			continue;
		n = recv(ready.fd, bytes, sizeof(bytes), 0);
		if (n > 0)
			nfq_handle_packet(handle, bytes, (int)n);
		else if (n < 0 && errno != ENOBUFS && errno != EINTR) /* what the socket had no room for is lost */
			return errno;
	}
}

int main(int argc, char **argv)
{
	static struct disorder d;
	struct nfq_handle *handle = argc == 4 ? nfq_open() : NULL;
	int size = BUFFERS_BYTES;

	if (!handle) {
		fprintf(stderr,
		    argc == 4 ? "disorder: no netfilter queues here\n" : "usage: disorder QUEUE EVERY HOLD_MS\n");
		return 2;
	}
	d.every = strtoull(argv[2], NULL, 10);
	d.hold_us = strtoull(argv[3], NULL, 10) * 1000;
	d.queue = d.every ? nfq_create_queue(handle, (uint16_t)atoi(argv[1]), packet, &d) : NULL;
	if (!d.queue || nfq_set_mode(d.queue, NFQNL_COPY_META, 0) < 0) {
		fprintf(stderr, "disorder: queue %s: %s\n", argv[1], strerror(errno));
		return 2;
	}
	nfq_set_queue_maxlen(d.queue, HELD_MOST);
	if (setsockopt(nfq_fd(handle), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(nfq_fd(handle), SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	fputs("ready\n", stderr);
	return serve(handle, &d);
}
