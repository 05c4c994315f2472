/* SPDX-License-Identifier: Apache-2.0 */
/*
 * demo_check.c - what `demo` proves: messages come through; changed and repeated ones do not.
 *
 * For the attacks this thread is program, and man in the middle between the two services: it carries what they send
 * each other from socket to socket and, at the right moment, changes or repeats it.  One small message is one frame and
 * comes in one piece, because each is answered before the next is sent.
 */
#include "cli/demo.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum attack { HONEST, FLIP, REPLAY };
enum { MESSAGE = 64, PIECE = 65536, LOOK_MS = 20 };

struct middle {
	struct demo *demo;
	int program, client, server; /* the program's socket, and the two halves of the wire */
	struct sockaddr_in from; /* datagrams: where the client sends from */
	enum attack attack;
	size_t answered; /* bytes that came back to the program */
	bool ended;
};

static unsigned alerts(struct demo *demo)
{
	unsigned count;

	pthread_mutex_lock(&demo->seen.lock);
	count = demo->seen.alerts;
	pthread_mutex_unlock(&demo->seen.lock);
	return count;
}

static bool wait_for_alert(struct demo *demo, unsigned before)
{
	struct timespec until;
	bool there;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += DEMO_PATIENCE_MS / 1000;
	pthread_mutex_lock(&demo->seen.lock);
	while (
	    demo->seen.alerts == before && pthread_cond_timedwait(&demo->seen.changed, &demo->seen.lock, &until) == 0)
		;
	there = demo->seen.alerts != before;
	pthread_mutex_unlock(&demo->seen.lock);
	return there;
}

static bool receive_all(int fd, char *bytes, size_t length)
{
	while (length) {
		ssize_t n = recv(fd, bytes, length, 0);

		if (n <= 0)
			return false;
		bytes += n;
		length -= (size_t)n;
	}
	return true;
}

/* ---- Honest traffic ---- */

static unsigned exchange(int fd)
{
	char sent[MESSAGE], back[MESSAGE];
	unsigned i;

	for (i = 0; i < DEMO_MESSAGES; i++) {
		memset(sent, 'a' + (int)(i % 26), sizeof(sent));
		snprintf(sent, sizeof(sent), "message %u", i);
		if (send(fd, sent, sizeof(sent), MSG_NOSIGNAL) != sizeof(sent) ||
		    !receive_all(fd, back, sizeof(back)) || memcmp(sent, back, sizeof(sent)) != 0)
			break;
	}
	return i;
}

static void check_traffic(struct demo *demo)
{
	int fd = demo_connect(demo->type, demo->client_port);
	unsigned count = fd < 0 ? 0 : exchange(fd);
	uint64_t us;

	pthread_mutex_lock(&demo->seen.lock);
	us = demo->seen.opening_us;
	pthread_mutex_unlock(&demo->seen.lock);
	if (count)
		printf("  keys    agreed by x25519 and authenticated by ed25519, both ways, in %llu us\n",
		    (unsigned long long)us);
	printf("  check   %u messages there, %u back\n", count, count);
	if (count != DEMO_MESSAGES)
		demo->wrong = "not every message came back";
	if (fd >= 0)
		close(fd);
}

/* ---- Attacks ---- */

static ssize_t take(struct middle *middle, int from, unsigned char *piece)
{
	socklen_t size = sizeof(middle->from);

	if (from == middle->client && middle->demo->type == SOCK_DGRAM)
		return recvfrom(from, piece, PIECE, 0, (struct sockaddr *)&middle->from, &size);
	return recv(from, piece, PIECE, 0);
}

static void give(struct middle *middle, int to, const unsigned char *piece, size_t length)
{
	bool named = to == middle->client && middle->demo->type == SOCK_DGRAM;

	if (sendto(to, piece, length, MSG_NOSIGNAL, named ? (struct sockaddr *)&middle->from : NULL,
		named ? sizeof(middle->from) : 0) < 0)
		middle->ended = true;
}

static void carry(struct middle *middle, int from, int to)
{
	static const size_t place = 20; /* behind the header, in what is encrypted */
	unsigned char piece[PIECE];
	ssize_t n = take(middle, from, piece);

	if (n <= 0) {
		middle->ended = true;
		return;
	}
	if (from == middle->client && middle->attack == FLIP)
		piece[(size_t)n > place ? place : (size_t)n - 1] ^= 1;
	give(middle, to, piece, (size_t)n);
	if (from != middle->client || middle->attack == HONEST)
		return;
	if (middle->attack == REPLAY)
		give(middle, to, piece, (size_t)n);
	middle->attack = HONEST;
}

static void answer(struct middle *middle)
{
	char piece[PIECE];
	ssize_t n = recv(middle->program, piece, sizeof(piece), 0);

	if (n > 0)
		middle->answered += (size_t)n;
	else
		middle->ended = true;
}

/* Carries until WANTED bytes have come back to the program, the server has refused something, or a connection ended. */
static void pump(struct middle *middle, size_t wanted)
{
	unsigned before = alerts(middle->demo);
	int left = DEMO_PATIENCE_MS / LOOK_MS;

	while (!middle->ended && middle->answered < wanted && alerts(middle->demo) == before && left > 0) {
		struct pollfd fds[] = { { middle->program, POLLIN, 0 }, { middle->client, POLLIN, 0 },
			{ middle->server, POLLIN, 0 } };

		if (poll(fds, 3, LOOK_MS) <= 0)
			left--;
		if (fds[0].revents)
			answer(middle);
		if (fds[1].revents)
			carry(middle, middle->client, middle->server);
		if (fds[2].revents)
			carry(middle, middle->server, middle->client);
	}
}

static bool send_message(struct middle *middle)
{
	static const char text[MESSAGE] = "a message on a wire that somebody listens at";

	return send(middle->program, text, sizeof(text), MSG_NOSIGNAL) == sizeof(text);
}

/* Datagrams of the client come to the listener itself, with the first one of the program. */
static bool stand_between(struct middle *middle)
{
	const struct demo *demo = middle->demo;

	middle->server = middle->client = -1;
	middle->program = demo_connect(demo->type, demo->attacked_port);
	if (middle->program < 0)
		return false;
	middle->client = demo->type == SOCK_STREAM ? accept4(demo->attack_listener, NULL, NULL, SOCK_CLOEXEC)
						   : fcntl(demo->attack_listener, F_DUPFD_CLOEXEC, 0);
	middle->server = demo_connect(demo->type, demo->server_port);
	return middle->client >= 0 && middle->server >= 0;
}

/* One honest message, then one that is attacked.  Answers how many bytes of the second came to the echo service. */
static bool attacked(struct middle *middle, enum attack attack, uint64_t *delivered)
{
	struct demo *demo = middle->demo;
	unsigned before;
	uint64_t echoed;

	if (!send_message(middle))
		return false;
	pump(middle, MESSAGE);
	if (middle->answered != MESSAGE)
		return false;
	before = alerts(demo);
	echoed = atomic_load(&demo->echoed);
	middle->attack = attack;
	if (!send_message(middle))
		return false;
	/* More than can come back: it ends when the server has refused the attacked one. */
	pump(middle, (size_t)4 * MESSAGE);
	if (!wait_for_alert(demo, before))
		return false;
	*delivered = atomic_load(&demo->echoed) - echoed;
	return true;
}

static void check_attack(struct demo *demo, enum attack attack, const char *label, const char *what, uint64_t most)
{
	struct middle middle = { .demo = demo, .attack = HONEST };
	uint64_t delivered = 0;

	if (!stand_between(&middle) || !attacked(&middle, attack, &delivered)) {
		printf("  %-7s %s: NOT refused\n", label, what);
		demo->wrong = "an attacked message was not refused";
	} else {
		pthread_mutex_lock(&demo->seen.lock);
		printf("  %-7s %s: refused (alert SA-%03u \"%s\"%s%s)%s\n", label, what, (unsigned)demo->seen.alert,
		    seccomm_alert_text(demo->seen.alert), *demo->seen.layer ? ", layer " : "", demo->seen.layer,
		    attack == REPLAY ? ", delivered once" : ", nothing delivered");
		pthread_mutex_unlock(&demo->seen.lock);
	}
	if (delivered > most)
		demo->wrong = "a byte was delivered that must not be";
	for (size_t i = 0; i < 3; i++) {
		int fd = i == 0 ? middle.program : i == 1 ? middle.client : middle.server;

		if (fd >= 0)
			close(fd);
	}
}

void demo_check(struct demo *demo)
{
	check_traffic(demo);
	check_attack(demo, FLIP, "flip", "1 message with a bit flipped on the wire", 0);
	check_attack(demo, REPLAY, "replay", "1 message sent twice on the wire", MESSAGE);
}
