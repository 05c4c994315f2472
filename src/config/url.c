/* SPDX-License-Identifier: Apache-2.0 */
/* url.c - reading and writing of addresses (see url.h): one reader for the checker and the sockets. */
#include "config/url.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

static_assert(CONFIG_PATH_MAX == sizeof((struct sockaddr_un){ 0 }.sun_path), "what a UNIX socket's path may have");

enum { LABEL_MAX = 63, PORT_DIGITS = 5, PORT_MAX = 65535 };

#define LETTERS_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static bool letter_or_digit(char c)
{
	return c && strchr(LETTERS_AND_DIGITS, c);
}

/* The parts between dots; a dot may end the name, as in the DNS. */
static const char *read_name(const char *host)
{
	if (host[strspn(host, LETTERS_AND_DIGITS ".-_")])
		return "the host name has characters that no host name has";
	while (*host) {
		size_t length = strcspn(host, ".");

		if (length == 0)
			return "a part of the host name is empty";
		if (length > LABEL_MAX)
			return "a part of the host name is longer than 63 characters";
		if (!letter_or_digit(host[0]) || !letter_or_digit(host[length - 1]))
			return "a part of a host name begins and ends with a letter or a digit";
		host += length + (host[length] == '.');
	}
	return NULL;
}

/* An IPv6 address, perhaps with a zone: "fe80::1%eth0". */
static const char *read_v6(const char *host)
{
	char bare[CONFIG_HOST_MAX];
	struct in6_addr ignored;
	size_t length = strcspn(host, "%");
	const char *zone = host + length;

	memcpy(bare, host, length);
	bare[length] = 0;
	if (inet_pton(AF_INET6, bare, &ignored) != 1)
		return "there is no IPv6 address between the brackets";
	if (*zone && (!zone[1] || zone[1 + strspn(zone + 1, LETTERS_AND_DIGITS ".-_")]))
		return "behind the % of an IPv6 address stands the name of an interface";
	return NULL;
}

static const char *read_port(const char *text, uint16_t *port)
{
	unsigned value = 0;
	size_t length = strspn(text, "0123456789");

	if (!*text)
		return "the port is missing: HOST:PORT";
	for (size_t i = 0; i < length && i < PORT_DIGITS; i++)
		value = value * 10 + (unsigned)(text[i] - '0');
	if (text[length] || length > PORT_DIGITS || value > PORT_MAX)
		return "the port is not a number from 0 to 65535";
	*port = (uint16_t)value;
	return NULL;
}

static const char *read_host(const char *rest, struct config_url *out)
{
	bool v6 = *rest == '[';
	const char *host = rest + v6, *end = strchr(host, v6 ? ']' : ':'), *wrong;

	if (!end)
		return v6 ? "the bracket of the IPv6 address is not closed: [::1]:PORT"
			  : "the port is missing: HOST:PORT";
	if (v6 && end[1] != ':')
		return "the port is missing: [::1]:PORT";
	if (!v6 && strchr(end + 1, ':'))
		return "an IPv6 address stands in brackets: [::1]:PORT";
	if ((size_t)(end - host) >= sizeof out->host)
		return "the host name is too long";
	memcpy(out->host, host, (size_t)(end - host));
	wrong = v6 ? read_v6(out->host) : read_name(out->host);
	return wrong ? wrong : read_port(end + (v6 ? 2 : 1), &out->port);
}

static const char *read_path(const char *rest, struct config_url *out)
{
	size_t length = strlen(rest);

	for (size_t i = 0; i < length; i++)
		if ((unsigned char)rest[i] <= ' ' || rest[i] == 0x7f)
			return "the path has a blank or a control character";
	if (length >= sizeof out->path)
		return "the path is too long for a UNIX socket: 107 bytes at most";
	memcpy(out->path, rest, length);
	return NULL;
}

static const char *read_file(const char *rest, struct config_url *out)
{
	return *rest ? read_path(rest, out) : "the path is missing: unix:PATH or unixgram:PATH";
}

/* By enum config_url_kind. */
static const struct {
	const char *name;
	enum seccomm_link link;
	const char *(*read)(const char *rest, struct config_url *out);
} kinds[] = {
	{ "tcp:", SECCOMM_STREAM, read_host },
	{ "unix:", SECCOMM_STREAM, read_file },
	{ "udp:", SECCOMM_DATAGRAM, read_host },
	{ "unixgram:", SECCOMM_DATAGRAM, read_file },
	{ "memory:", SECCOMM_STREAM, read_path },
	{ "memory-datagram:", SECCOMM_DATAGRAM, read_path },
};

int config_url_parse(const char *text, struct config_url *out, const char **why)
{
	*why = "it begins with none of tcp:, unix:, udp:, unixgram:";
	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		size_t length = strlen(kinds[i].name);

		if (strncmp(text, kinds[i].name, length) != 0)
			continue;
		out->kind = (enum config_url_kind)i;
		*why = kinds[i].read(text + length, out);
		break;
	}
	return *why ? -1 : 0;
}

const char *config_url_scheme(size_t n)
{
	return n < sizeof kinds / sizeof kinds[0] ? kinds[n].name : NULL;
}

void config_url_format(const struct config_url *url, char out[CONFIG_URL_MAX])
{
	const char *name = kinds[url->kind].name;
	bool v6 = strchr(url->host, ':') != NULL;

	if (config_url_has_host(url))
		(void)snprintf(
		    out, CONFIG_URL_MAX, "%s%s%s%s:%u", name, v6 ? "[" : "", url->host, v6 ? "]" : "", url->port);
	else
		(void)snprintf(out, CONFIG_URL_MAX, "%s%s", name, url->path);
}

enum seccomm_link config_url_link(const struct config_url *url)
{
	return kinds[url->kind].link;
}

bool config_url_has_host(const struct config_url *url)
{
	return kinds[url->kind].read == read_host;
}

bool config_url_has_socket(const struct config_url *url)
{
	return url->kind < CONFIG_URL_MEMORY;
}

bool config_url_is_loopback(const struct config_url *url)
{
	struct in_addr four;
	struct in6_addr six;

	if (!config_url_has_host(url) || strcmp(url->host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, url->host, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	if (inet_pton(AF_INET6, url->host, &six) != 1)
		return false;
	return IN6_IS_ADDR_V4MAPPED(&six) ? six.s6_addr[12] == 127 : IN6_IS_ADDR_LOOPBACK(&six);
}
