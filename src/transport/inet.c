/* SPDX-License-Identifier: Apache-2.0 */
/* inet.c - what TCP and UDP have in common: addresses of IPv4 and IPv6, and listening on one or on all of them. */
#include "transport/private.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void inet_set(int fd, int level, int name, int value)
{
	setsockopt(fd, level, name, &value, sizeof(value));
}

static size_t keep(const struct addrinfo *list, struct transport_address *out, size_t room)
{
	size_t count = 0;

	for (; list && count < room; list = list->ai_next) {
		if (list->ai_addrlen > sizeof(out->at))
			continue;
		out[count].length = list->ai_addrlen;
		memcpy(&out[count++].at, list->ai_addr, list->ai_addrlen);
	}
	return count;
}

static int look_up(const struct config_url *url, int flags, struct transport_address *out, size_t room, size_t *count)
{
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = transport_socket_type(url), .ai_flags = flags | AI_NUMERICSERV
	};
	struct addrinfo *list;
	char port[8];
	int failed;

	snprintf(port, sizeof(port), "%u", url->port);
	failed = getaddrinfo(*url->host ? url->host : NULL, port, &hints, &list);
	if (failed)
		return failed;
	*count = keep(list, out, room);
	freeaddrinfo(list);
	return 0;
}

size_t inet_addresses(const struct config_url *url, struct transport_address *out, size_t room)
{
	size_t count;

	return look_up(url, AI_NUMERICHOST, out, room, &count) == 0 ? count : 0;
}

/* 0, or -errno.  An empty host is every address of both families, where the machine has both. */
static int try_listen(
    const struct config_url *url, const struct transport_address *address, struct transport_listener *out)
{
	struct transport_address bound = { .length = sizeof(bound.at) };
	int fd = transport_socket(address->at.any.sa_family, transport_socket_type(url)), failed;

	if (fd < 0)
		return fd;
	/* A datagram port that is reused would be shared with another program, which then gets the datagrams. */
	if (transport_socket_type(url) == SOCK_STREAM)
		inet_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (address->at.any.sa_family == AF_INET6)
		inet_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, *url->host != '\0');
	failed = transport_bind(fd, address);
	if (!failed && getsockname(fd, &bound.at.any, &bound.length) < 0)
		failed = -errno;
	if (failed) {
		close(fd);
		return failed;
	}
	out->fd = fd;
	transport_address_url(url->kind, &bound, &out->bound);
	if (!*url->host)
		out->bound.host[0] = '\0';
	return 0;
}

int inet_listen(const struct config_url *url, struct transport_listener *out, char *why)
{
	struct transport_address list[TRANSPORT_ADDRESSES_MAX];
	size_t count = 0;
	int failed = look_up(url, AI_PASSIVE, list, TRANSPORT_ADDRESSES_MAX, &count);

	if (failed) {
		snprintf(why, TRANSPORT_WHY_MAX, "cannot listen on '%s': %s", url->host, gai_strerror(failed));
		return -1;
	}
	failed = -EADDRNOTAVAIL;
	/* Of the two wildcards IPv6's comes second but serves both families. */
	for (size_t i = 0; !*url->host && i < count; i++)
		if (list[i].at.any.sa_family == AF_INET6)
			failed = try_listen(url, &list[i], out);
	for (size_t i = 0; failed && failed != -EADDRINUSE && i < count; i++)
		failed = try_listen(url, &list[i], out);
	if (failed)
		transport_listen_why(url, -failed, why);
	return failed;
}

void inet_forget(const struct transport_listener *listener)
{
	(void)listener;
}
