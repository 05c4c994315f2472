/* SPDX-License-Identifier: Apache-2.0 */
/* socket.c - what all kinds of sockets have in common, and the table of kinds. */
#include "transport/private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const struct transport *const *transport_kinds(void)
{
	static const struct transport *const kinds[] = { &transport_tcp, &transport_unix, &transport_udp,
		&transport_unixgram, NULL };

	return kinds;
}

int transport_socket_type(const struct config_url *url)
{
	return config_url_link(url) == SECCOMM_STREAM ? SOCK_STREAM : SOCK_DGRAM;
}

int transport_socket(int family, int type)
{
	int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

int transport_bind(int fd, const struct transport_address *address)
{
	int type = SOCK_DGRAM;
	socklen_t size = sizeof(type);

	if (bind(fd, &address->at.any, address->length) < 0 || getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0 ||
	    (type == SOCK_STREAM && listen(fd, SOMAXCONN) < 0))
		return -errno;
	return 0;
}

const char *transport_error(int error)
{
	if (error == EMFILE)
		return "Too many open files: allow this process more (ulimit -n, LimitNOFILE= of its unit)";
	if (error == ENFILE)
		return "Too many open files in system: allow more (sysctl fs.file-max)";
	return strerror(error);
}

static const char *listen_help(const struct config_url *url, int error)
{
	if (error == EADDRINUSE && !config_url_has_host(url))
		return "; another program listens there: stop it or take another path";
	if (error == EADDRINUSE)
		return url->kind == CONFIG_URL_TCP
			   ? "; another program listens there ('ss -ltnp' shows which): stop it or take another port"
			   : "; another program listens there ('ss -lunp' shows which): stop it or take another port";
	if (error == EPROTOTYPE)
		return "; a socket of the other kind (unix:, unixgram:) is there: take another path";
	if (error == EACCES && config_url_has_host(url) && url->port < 1024)
		return "; ports below 1024 need CAP_NET_BIND_SERVICE: take a higher one";
	if (error == EADDRNOTAVAIL)
		return "; it is no address of this machine ('ip address' lists those)";
	return "";
}

void transport_listen_why(const struct config_url *url, int error, char *why)
{
	char text[CONFIG_URL_MAX];

	config_url_format(url, text);
	snprintf(
	    why, TRANSPORT_WHY_MAX, "cannot listen on %s: %s%s", text, transport_error(error), listen_help(url, error));
}

/* The path; of a socket without a file its name behind an @, as ss(8) shows it. */
static void unix_path(const struct transport_address *address, char out[CONFIG_PATH_MAX])
{
	size_t length = address->length > offsetof(struct sockaddr_un, sun_path)
			    ? address->length - offsetof(struct sockaddr_un, sun_path)
			    : 0;
	const char *path = address->at.un.sun_path;

	if (length > 0 && path[0] == '\0')
		snprintf(out, CONFIG_PATH_MAX, "@%.*s", (int)length - 1, path + 1);
	else
		snprintf(out, CONFIG_PATH_MAX, "%.*s", (int)length, path);
}

bool transport_address_same(const struct transport_address *a, const struct transport_address *b)
{
	return a->length == b->length && memcmp(&a->at, &b->at, a->length) == 0;
}

void transport_address_url(enum config_url_kind kind, const struct transport_address *address, struct config_url *out)
{
	const struct sockaddr_in6 *v6 = &address->at.v6;

	memset(out, 0, sizeof(*out));
	out->kind = kind;
	if (!config_url_has_host(out)) {
		unix_path(address, out->path);
	} else if (address->at.any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &address->at.v4.sin_addr, out->host, sizeof(out->host));
		out->port = ntohs(address->at.v4.sin_port);
	} else {
		/* A dual-stack listener sees IPv4 peers as mapped addresses; people know them by the IPv4 one. */
		if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
			inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], out->host, sizeof(out->host));
		else
			inet_ntop(AF_INET6, &v6->sin6_addr, out->host, sizeof(out->host));
		out->port = ntohs(v6->sin6_port);
	}
}

void transport_close(int fd, bool reset)
{
	const struct linger linger = { .l_onoff = reset, .l_linger = 0 };

	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(fd);
}
