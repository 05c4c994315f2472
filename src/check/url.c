/* SPDX-License-Identifier: Apache-2.0 */
/* url.c - addresses: tcp:HOST:PORT, tcp::PORT, tcp:[::1]:PORT, unix:PATH, and memory: for tests.  Nothing is looked up.
 */
#include "check/internal.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/un.h>

enum { HOST_MAX = 253 };

static struct check_url bad(const char *why)
{
	return (struct check_url){ .kind = CHECK_URL_BAD, .why = why };
}

static bool port_number(const char *text, bool *zero)
{
	uint64_t port;

	if (strlen(text) > 5 || config_count(text, &port) != CONFIG_VALUE_OK || port > 65535)
		return false;
	*zero = port == 0;
	return true;
}

static bool loopback(const char *host)
{
	struct in_addr four;
	struct in6_addr six;

	if (strcmp(host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, host, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

static bool host_name(const char *host)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";

	return strspn(host, letters) == strlen(host) && host[0] != '-' && host[0] != '.';
}

static struct check_url tcp(const char *rest)
{
	struct check_url url = { .kind = CHECK_URL_TCP };
	const char *colon = strrchr(rest, ':');
	char host[HOST_MAX + 3];
	struct in6_addr six;
	size_t length = colon ? (size_t)(colon - rest) : 0;

	if (!colon)
		return bad("the port is missing: tcp:HOST:PORT");
	if (!port_number(colon + 1, &url.no_port))
		return bad("the port is not a number from 0 to 65535");
	if (length >= sizeof host)
		return bad("the host name is too long");
	memcpy(host, rest, length);
	host[length] = 0;
	if (host[0] == '[') {
		if (length < 2 || host[length - 1] != ']')
			return bad("the bracket of the IPv6 address is not closed: tcp:[::1]:PORT");
		host[length - 1] = 0;
		if (inet_pton(AF_INET6, host + 1, &six) != 1)
			return bad("there is no IPv6 address between the brackets");
		url.loopback = loopback(host + 1);
		return url;
	}
	if (strchr(host, ':'))
		return bad("an IPv6 address stands in brackets: tcp:[::1]:PORT");
	if (!host_name(host))
		return bad("the host name has characters that no host name has");
	url.no_host = length == 0;
	url.loopback = loopback(host);
	return url;
}

struct check_url check_url_parse(const char *text)
{
	struct sockaddr_un address;

	if (strncmp(text, "tcp:", 4) == 0)
		return tcp(text + 4);
	if (strncmp(text, "unix:", 5) == 0) {
		if (!text[5])
			return bad("the path is missing: unix:PATH");
		if (strlen(text + 5) >= sizeof address.sun_path)
			return bad("the path is too long for a UNIX socket");
		return (struct check_url){ .kind = CHECK_URL_UNIX, .loopback = true };
	}
	if (strncmp(text, "memory-datagram:", 16) == 0)
		return (struct check_url){ .kind = CHECK_URL_DATAGRAM, .loopback = true };
	if (strncmp(text, "memory:", 7) == 0)
		return (struct check_url){ .kind = CHECK_URL_MEMORY, .loopback = true };
	return bad("it begins neither with tcp: nor with unix:");
}
