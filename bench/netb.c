/* SPDX-License-Identifier: Apache-2.0 */
/*
 * netb.c - the plain programs at both ends of a tunnel that bench/tunnel.py measures.  All traffic is on 127.0.0.1.
 *
 *	netb sink		listens, says "port N", and for each connection how many bytes came when it ends
 *	netb echo		listens, says "port N", and sends back what comes
 *	netb bulk PORT BYTES	sends BYTES and waits until the other end has closed: seconds
 *	netb ping PORT N SIZE	sends SIZE bytes and waits for them, N times: median and 99th percentile in microseconds
 *	netb decho		the same as echo, with datagrams
 *	netb dping PORT N SIZE	the same as ping, with datagrams
 *	netb drate PORT N SIZE	N datagrams of SIZE there and back, 32 under way at a time: a second, and how many were lost
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024, ROOM = 256 * 1024, CONNECTIONS = 1024, WARM_UP = 200, UNDER_WAY = 32, LOST_MS = 500 };

static char buffer[ROOM];

static void die(const char *what)
{
	fprintf(stderr, "netb: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static struct sockaddr_in loopback(unsigned port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static void no_delay(int fd)
{
	const int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

static void send_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);

		if (n < 0)
			die("send");
		bytes += n;
		length -= (size_t)n;
	}
}

static void receive_all(int fd, char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t n = recv(fd, bytes, length, 0);

		if (n <= 0)
			die("receive");
		bytes += n;
		length -= (size_t)n;
	}
}

/* ---- Servers ---- */

static int listen_any(int type)
{
	struct sockaddr_in address = loopback(0);
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, type, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) < 0 || (type == SOCK_STREAM && listen(fd, 128) < 0) ||
	    getsockname(fd, (struct sockaddr *)&address, &size) < 0)
		die("listen");
	printf("port %u\n", ntohs(address.sin_port));
	fflush(stdout);
	return fd;
}

static void watch(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		die("epoll");
}

static void take(int fd, int echo, unsigned long long counts[CONNECTIONS])
{
	ssize_t n = recv(fd, buffer, sizeof(buffer), 0);

	if (n > 0) {
		counts[fd] += (unsigned long long)n;
		if (echo)
			send_all(fd, buffer, (size_t)n);
		return;
	}
	if (!echo && counts[fd] > 0) {
		printf("bytes %llu\n", counts[fd]);
		fflush(stdout);
	}
	counts[fd] = 0;
	close(fd);
}

static void serve(int echo)
{
	static unsigned long long counts[CONNECTIONS];
	struct epoll_event events[64];
	int listener = listen_any(SOCK_STREAM), epoll = epoll_create1(0);

	watch(epoll, listener);
	for (;;) {
		int n = epoll_wait(epoll, events, 64, -1);

		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;

			if (fd != listener) {
				take(fd, echo, counts);
				continue;
			}
			fd = accept(listener, NULL, NULL);
			if (fd < 0 || fd >= CONNECTIONS)
				die("accept");
			no_delay(fd);
			watch(epoll, fd);
		}
	}
}

static void serve_datagrams(void)
{
	int fd = listen_any(SOCK_DGRAM);

	for (;;) {
		struct sockaddr_in from;
		socklen_t size = sizeof(from);
		ssize_t n = recvfrom(fd, buffer, sizeof(buffer), 0, (struct sockaddr *)&from, &size);

		if (n >= 0 && sendto(fd, buffer, (size_t)n, 0, (struct sockaddr *)&from, size) < 0)
			die("send");
	}
}

/* ---- Clients ---- */

static int connect_to(int type, unsigned port)
{
	struct sockaddr_in address = loopback(port);
	int fd = socket(AF_INET, type, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		die("connect");
	if (type == SOCK_STREAM)
		no_delay(fd);
	return fd;
}

static void bulk(unsigned port, unsigned long long total)
{
	int fd = connect_to(SOCK_STREAM, port);
	double began = now();
	char end;

	for (unsigned long long sent = 0; sent < total;) {
		size_t length = total - sent < CHUNK ? (size_t)(total - sent) : CHUNK;

		send_all(fd, buffer, length);
		sent += length;
	}
	shutdown(fd, SHUT_WR);
	while (recv(fd, &end, 1, 0) > 0)
		;
	printf("seconds %.6f\n", now() - began);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void ping(int type, unsigned port, long count, size_t size)
{
	double *times = calloc((size_t)count, sizeof(*times));
	int fd = connect_to(type, port);

	if (times == NULL)
		die("memory");
	for (long i = -WARM_UP; i < count; i++) {
		double began = now();

		send_all(fd, buffer, size);
		receive_all(fd, buffer, size);
		if (i >= 0)
			times[i] = now() - began;
	}
	qsort(times, (size_t)count, sizeof(*times), compare);
	printf("p50 %.2f\np99 %.2f\n", times[count / 2] * 1e6, times[count * 99 / 100] * 1e6);
	free(times);
}

/* What was lost is not sent again, but leaves its place to another one. */
static void rate(unsigned port, long count, size_t size)
{
	const struct timeval patience = { .tv_usec = LOST_MS * 1000 };
	int fd = connect_to(SOCK_DGRAM, port);
	long sent = 0, back = 0, lost = 0;
	double began;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	send_all(fd, buffer, size);
	receive_all(fd, buffer, size);
	began = now();
	while (back + lost < count) {
		while (sent < count && sent - back - lost < UNDER_WAY) {
			send_all(fd, buffer, size);
			sent++;
		}
		if (recv(fd, buffer, size, 0) >= 0)
			back++;
		else
			lost = sent - back;
	}
	printf("rate %.0f\nlost %ld\n", (double)back / (now() - began), lost);
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	memset(buffer, 'x', sizeof(buffer));
	if (argc == 2 && strcmp(argv[1], "sink") == 0)
		serve(0);
	else if (argc == 2 && strcmp(argv[1], "echo") == 0)
		serve(1);
	else if (argc == 2 && strcmp(argv[1], "decho") == 0)
		serve_datagrams();
	else if (argc == 4 && strcmp(argv[1], "bulk") == 0)
		bulk((unsigned)atoi(argv[2]), strtoull(argv[3], NULL, 10));
	else if (argc == 5 && atol(argv[3]) > 0 && (size_t)atol(argv[4]) <= sizeof(buffer)) {
		unsigned port = (unsigned)atoi(argv[2]);
		long count = atol(argv[3]);
		size_t size = (size_t)atol(argv[4]);

		if (strcmp(argv[1], "drate") == 0)
			rate(port, count, size);
		else
			ping(strcmp(argv[1], "ping") == 0 ? SOCK_STREAM : SOCK_DGRAM, port, count, size);
	} else {
		fputs("usage: netb sink | echo | decho | bulk PORT BYTES | ping, dping, drate PORT N SIZE\n", stderr);
		return 2;
	}
	return 0;
}
