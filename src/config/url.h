/* SPDX-License-Identifier: Apache-2.0 */
/*
 * url.h - where to listen and where to connect: tcp:HOST:PORT, tcp::PORT, tcp:[V6]:PORT and the same with udp:,
 * unix:PATH, unixgram:PATH; and memory: and memory-datagram: for programs that use the library.
 *
 * Text in, struct out, and back.  It looks up no name and opens no socket.
 */
#ifndef CONFIG_URL_H
#define CONFIG_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "seccomm.h"

/* Those that have sockets come first. */
enum config_url_kind {
	CONFIG_URL_TCP,
	CONFIG_URL_UNIX,
	CONFIG_URL_UDP,
	CONFIG_URL_UNIXGRAM,
	CONFIG_URL_MEMORY,
	CONFIG_URL_MEMORY_DATAGRAM
};

enum {
	CONFIG_HOST_MAX = 254, /* with the final NUL: RFC 1035's 253 */
	CONFIG_PATH_MAX = 108, /* with the final NUL: what sun_path holds */
	CONFIG_URL_MAX = 272 /* of any URL, with the final NUL */
};

struct config_url {
	enum config_url_kind kind;
	char host[CONFIG_HOST_MAX]; /* without brackets; empty: every address, or, to connect, this machine */
	uint16_t port;
	char path[CONFIG_PATH_MAX]; /* of a UNIX socket; what follows memory: */
};

/* 0, or -1 and in *WHY a constant that says what is wrong: "the port is missing…". */
SECCOMM_MUST_USE int config_url_parse(const char *text, struct config_url *out, const char **why);
/* How the N-th kind of address begins, "tcp:"; NULL: there are fewer. */
const char *config_url_scheme(size_t n);
void config_url_format(const struct config_url *, char out[CONFIG_URL_MAX]);
enum seccomm_link config_url_link(const struct config_url *);
/* TCP and UDP: it has a host and a port, not a path. */
bool config_url_has_host(const struct config_url *);
bool config_url_has_socket(const struct config_url *);
/* Whether only this machine can reach it, by its text alone ("localhost" counts). */
bool config_url_is_loopback(const struct config_url *);

#endif
