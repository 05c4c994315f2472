/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flood.c - bogus openings for bench/flood.py.  All traffic is on 127.0.0.1.
 *
 *	flood PORT RATE SECONDS SERVER CLIENT
 *
 * Sends RATE datagrams a second to PORT for SECONDS, from many sockets: in turn bytes that mean nothing, openings for another
 * server, and the worst that a stranger can make who has seen one: openings for SERVER that name CLIENT ("sck1..."), each with
 * a new nonce and index, without a cookie.  What is answered is counted and not followed.  Says on one line what was sent and
 * what came back: datagrams, bytes, seconds, answers, bytes of answers, the longest answer.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "seccomm/exchange.h"

enum { SOCKETS = 64, KINDS = 3, PREPARED = 3 * 4096, DATAGRAM = 1024, BATCH = 32 };

struct flood {
	struct seccomm *library;
	struct sockaddr_in to;
	int fd[SOCKETS];
	uint8_t (*bytes)[DATAGRAM];
	size_t length[PREPARED];
	unsigned long sent, answers, sent_bytes, answer_bytes;
	size_t longest;
};

static void die(const char *what)
{
	fprintf(stderr, "flood: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static struct peer peer_of(struct seccomm *library, const char *text)
{
	struct peer peer = { .next = NULL };

	if (keytext_read("sck", KEYTEXT_ED25519, text, peer.public_key, NULL) < 0 ||
	    keytext_principal(seccomm_crypto(library), peer.public_key, peer.principal) < 0)
		die("not a public key");
	return peer;
}

static void prepare(struct flood *flood, const char *server_text, const char *client_text)
{
	static const char *const peers[] = { "client" };
	const struct cactus_platform *platform = seccomm_platform_default();
	struct peer server = peer_of(flood->library, server_text), client = peer_of(flood->library, client_text);
	struct peer other = server;
	struct seccomm_plan *plan;
	struct seccomm_error error;
	uint8_t share[32];

	if (seccomm_plan_stack(flood->library, SECCOMM_SERVER, SECCOMM_DATAGRAM, "default@1", NULL, "server", peers, 1, false, &plan,
		&error) < 0)
		die(error.text);
	other.public_key[0] ^= 1;
	for (size_t i = 0; i < PREPARED; i++) {
		struct frame frame = { .lane = LANE_KEY + 1 };
		struct opening opening = { .share = share, .share_length = sizeof(share),
			.length = exchange_answer_length(plan, sizeof(share)) };
		uint8_t *bytes = flood->bytes[i], body[OPEN_MAX];

		platform->random(platform->context, share, sizeof(share));
		platform->random(platform->context, opening.nonce, sizeof(opening.nonce));
		platform->random(platform->context, &opening.id, sizeof(opening.id));
		memcpy(opening.digest, seccomm_plan_digest(plan), HASH);
		memcpy(opening.principal, client.principal, HASH);
		frame.length = opening_write(seccomm_crypto(flood->library), &opening, i % KINDS == 1 ? &other : &server, body);
		flood->length[i] = FRAME_HEADER + frame.length;
		if (frame.length == 0 || flood->length[i] > DATAGRAM)
			die("an opening");
		frame_write(SECCOMM_DATAGRAM, &frame, bytes);
		memcpy(bytes + FRAME_HEADER, body, frame.length);
		if (i % KINDS == 0)
			platform->random(platform->context, bytes, flood->length[i]);
	}
	seccomm_plan_free(plan);
}

static void collect(struct flood *flood)
{
	uint8_t answer[2048];
	ssize_t n;

	for (unsigned i = 0; i < SOCKETS; i++)
		while ((n = recv(flood->fd[i], answer, sizeof(answer), MSG_DONTWAIT)) > 0) {
			flood->answers++;
			flood->answer_bytes += (size_t)n;
			if ((size_t)n > flood->longest)
				flood->longest = (size_t)n;
		}
}

static void send_batch(struct flood *flood, unsigned count)
{
	struct mmsghdr messages[BATCH];
	struct iovec pieces[BATCH];
	int n;

	for (unsigned i = 0; i < count; i++) {
		size_t which = (flood->sent + i) % PREPARED;

		pieces[i] = (struct iovec){ flood->bytes[which], flood->length[which] };
		messages[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &pieces[i], .msg_iovlen = 1 } };
	}
	n = sendmmsg(flood->fd[flood->sent / BATCH % SOCKETS], messages, count, 0);
	if (n < 0 && errno != EAGAIN && errno != ENOBUFS && errno != ECONNREFUSED)
		die("send");
	for (int i = 0; i < n; i++)
		flood->sent_bytes += pieces[i].iov_len;
	flood->sent += n > 0 ? (unsigned)n : 0;
}

/* What was not sent because the processor was taken away comes later, at most a quarter faster than RATE, not at once. */
static void run(struct flood *flood, double rate, double seconds)
{
	const struct timespec pause = { .tv_nsec = 100 * 1000 };
	double start = now(), last = start, before = start, due = 0;

	for (double t = start; t < start + seconds; t = now()) {
		double behind = (t - start) * rate - (double)flood->sent;

		due += 1.25 * (t - before) * rate;
		due = due < behind ? due : behind;
		due = due < BATCH ? due : BATCH;
		before = t;
		if (due < 1) {
			nanosleep(&pause, NULL);
		} else {
			send_batch(flood, (unsigned)due);
			due -= (unsigned)due;
		}
		if (t - last > 0.01) {
			last = t;
			collect(flood);
		}
	}
	printf("%lu %lu %.3f ", flood->sent, flood->sent_bytes, now() - start);
	nanosleep(&(struct timespec){ .tv_nsec = 200 * 1000 * 1000 }, NULL);
	collect(flood);
	printf("%lu %lu %zu\n", flood->answers, flood->answer_bytes, flood->longest);
}

int main(int count, char **arguments)
{
	struct flood flood = { .library = seccomm_new(NULL), .bytes = calloc(PREPARED, DATAGRAM) };

	if (count != 6) {
		fprintf(stderr, "usage: flood PORT RATE SECONDS SERVER CLIENT\n");
		return 2;
	}
	if (flood.library == NULL || flood.bytes == NULL)
		die("memory");
	flood.to = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arguments[1])),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	for (unsigned i = 0; i < SOCKETS; i++)
		if ((flood.fd[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) < 0 ||
		    connect(flood.fd[i], (struct sockaddr *)&flood.to, sizeof(flood.to)) < 0)
			die("socket");
	prepare(&flood, arguments[4], arguments[5]);
	run(&flood, atof(arguments[2]), atof(arguments[3]));
	free(flood.bytes);
	seccomm_free(flood.library);
	return 0;
}
