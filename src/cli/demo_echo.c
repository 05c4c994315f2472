/* SPDX-License-Identifier: Apache-2.0 */
/* demo_echo.c - a program that knows nothing of SecComm: it sends back what it gets. */
#include "cli/demo.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

struct connection {
	struct demo *demo;
	int fd;
};

int demo_listen(int type, uint16_t *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 && (type == SOCK_DGRAM || listen(fd, 64) == 0) &&
	    getsockname(fd, (struct sockaddr *)&at, &size) == 0) {
		*port = ntohs(at.sin_port);
		return fd;
	}
	close(fd);
	return -1;
}

int demo_connect(int type, uint16_t port)
{
	const struct timeval patience = { .tv_sec = DEMO_PATIENCE_MS / 1000 };
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0)
		return -1;
	at.sin_port = htons(port);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0)
		return fd;
	close(fd);
	return -1;
}

static bool send_all(int fd, const char *bytes, size_t length)
{
	while (length) {
		ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		bytes += n;
		length -= (size_t)n;
	}
	return true;
}

static void *serve(void *argument)
{
	struct connection *connection = argument;
	char bytes[16384];
	ssize_t n;

	while ((n = recv(connection->fd, bytes, sizeof(bytes), 0)) > 0) {
		atomic_fetch_add(&connection->demo->echoed, (uint64_t)n);
		if (!send_all(connection->fd, bytes, (size_t)n))
			break;
	}
	close(connection->fd);
	free(connection);
	return NULL;
}

/* A thread nobody waits for. */
static bool detach(void *(*run)(void *), void *argument)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, argument) != 0)
		return false;
	pthread_detach(thread);
	return true;
}

static void *accept_all(void *argument)
{
	struct demo *demo = argument;

	for (;;) {
		int fd = accept4(demo->echo_listener, NULL, NULL, SOCK_CLOEXEC), on = 1;
		struct connection *connection = fd >= 0 ? malloc(sizeof(*connection)) : NULL;

		if (fd < 0)
			usleep(10000);
		else
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		if (connection)
			*connection = (struct connection){ demo, fd };
		if (connection && detach(serve, connection))
			continue;
		free(connection);
		if (fd >= 0)
			close(fd);
	}
	return NULL;
}

static void *answer_all(void *argument)
{
	struct demo *demo = argument;
	struct sockaddr_in from;
	char bytes[16384];

	for (;;) {
		socklen_t size = sizeof(from);
		ssize_t n = recvfrom(demo->echo_listener, bytes, sizeof(bytes), 0, (struct sockaddr *)&from, &size);

		if (n < 0)
			continue;
		atomic_fetch_add(&demo->echoed, (uint64_t)n);
		if (sendto(demo->echo_listener, bytes, (size_t)n, MSG_NOSIGNAL, (struct sockaddr *)&from, size) < 0)
			usleep(10000);
	}
	return NULL;
}

bool demo_echo_start(struct demo *demo)
{
	return detach(demo->type == SOCK_STREAM ? accept_all : answer_all, demo);
}
