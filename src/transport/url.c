/* SPDX-License-Identifier: Apache-2.0 */
/* url.c - parsing and writing of transport URLs (see url.h). */
#include "transport/url.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static int refuse(char *why, size_t room, const char *text, const char *reason)
{
	snprintf(why, room, "'%.200s' is not an address: %s", text, reason);
	return -1;
}

static bool host_character(char c, bool v6)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
		return true;
	return c == '.' || c == '-' || c == '_' || (v6 && (c == ':' || c == '%'));
}

static const char *copy_host(struct transport_url *out, const char *host, size_t length, bool v6)
{
	struct in6_addr ignored;
	char bare[TRANSPORT_HOST_MAX];

	if (length >= sizeof(out->host))
		return "the host name is too long";
	for (size_t i = 0; i < length; i++)
		if (!host_character(host[i], v6))
			return "the host name has a character that host names do not have";
	memcpy(out->host, host, length);
	out->host[length] = '\0';
	if (!v6)
		return NULL;
	memcpy(bare, out->host, length + 1);
	bare[strcspn(bare, "%")] = '\0';
	return inet_pton(AF_INET6, bare, &ignored) == 1 ? NULL : "what is in brackets is not an IPv6 address";
}

static const char *read_port(const char *text, uint16_t *port)
{
	unsigned value = 0;

	if (!*text)
		return "the port is missing";
	for (const char *p = text; *p; p++) {
		if (*p < '0' || *p > '9')
			return "the port is not a number";
		value = value * 10 + (unsigned)(*p - '0');
		if (value > 65535)
			return "the port is larger than 65535";
	}
	*port = (uint16_t)value;
	return NULL;
}

static const char *parse_tcp(const char *rest, struct transport_url *out)
{
	const char *host = rest, *end, *colon, *wrong;
	bool v6 = *rest == '[';

	if (v6) {
		host++;
		end = strchr(host, ']');
		if (!end)
			return "the bracket is not closed";
		colon = end + 1;
		if (*colon != ':')
			return "write tcp:[ADDRESS]:PORT";
	} else {
		colon = end = strchr(host, ':');
		if (!colon)
			return "the port is missing; write tcp:HOST:PORT";
		if (strchr(colon + 1, ':'))
			return "an IPv6 address stands in brackets: tcp:[ADDRESS]:PORT";
	}
	wrong = copy_host(out, host, (size_t)(end - host), v6);
	return wrong ? wrong : read_port(colon + 1, &out->port);
}

static const char *parse_unix(const char *rest, struct transport_url *out)
{
	size_t length = strlen(rest);

	if (length == 0)
		return "the path is missing";
	if (length >= sizeof(out->path))
		return "the path of a UNIX socket has at most 107 bytes";
	memcpy(out->path, rest, length + 1);
	return NULL;
}

int transport_url_parse(const char *text, struct transport_url *out, char *why, size_t room)
{
	const char *wrong = "it begins with tcp: or unix:, as tcp:HOST:PORT, tcp::PORT, tcp:[ADDRESS]:PORT, unix:PATH";

	memset(out, 0, sizeof(*out));
	if (strncmp(text, "tcp:", 4) == 0) {
		out->kind = TRANSPORT_TCP;
		wrong = parse_tcp(text + 4, out);
	} else if (strncmp(text, "unix:", 5) == 0) {
		out->kind = TRANSPORT_UNIX;
		wrong = parse_unix(text + 5, out);
	}
	return wrong ? refuse(why, room, text, wrong) : 0;
}

void transport_url_format(const struct transport_url *url, char out[TRANSPORT_TEXT_MAX])
{
	if (url->kind == TRANSPORT_UNIX)
		snprintf(out, TRANSPORT_TEXT_MAX, "unix:%s", url->path);
	else if (strchr(url->host, ':'))
		snprintf(out, TRANSPORT_TEXT_MAX, "tcp:[%s]:%u", url->host, url->port);
	else
		snprintf(out, TRANSPORT_TEXT_MAX, "tcp:%s:%u", url->host, url->port);
}

static bool loopback_v6(const char *host)
{
	struct in6_addr address;

	if (inet_pton(AF_INET6, host, &address) != 1)
		return false;
	if (IN6_IS_ADDR_V4MAPPED(&address))
		return address.s6_addr[12] == 127;
	return IN6_IS_ADDR_LOOPBACK(&address);
}

bool transport_url_is_loopback(const struct transport_url *url)
{
	struct in_addr address;

	if (url->kind == TRANSPORT_UNIX || strcmp(url->host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, url->host, &address) == 1)
		return ntohl(address.s_addr) >> 24 == 127;
	return loopback_v6(url->host);
}
