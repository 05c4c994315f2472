/* SPDX-License-Identifier: Apache-2.0 */
/*
 * url.h - where to listen and where to connect: tcp:HOST:PORT, tcp::PORT, tcp:[V6]:PORT, unix:PATH.
 *
 * Text in, struct out, and back.  It looks up no name and opens no socket.
 */
#ifndef TRANSPORT_URL_H
#define TRANSPORT_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum transport_kind { TRANSPORT_TCP, TRANSPORT_UNIX };

enum {
	TRANSPORT_HOST_MAX = 254, /* with the final NUL: RFC 1035's 253 */
	TRANSPORT_PATH_MAX = 108, /* with the final NUL: what sun_path holds */
	TRANSPORT_TEXT_MAX = 272, /* of any URL, with the final NUL */
	TRANSPORT_WHY_MAX = 512
};

struct transport_url {
	enum transport_kind kind;
	char host[TRANSPORT_HOST_MAX]; /* without brackets; empty: every address, or, to connect, this machine */
	uint16_t port;
	char path[TRANSPORT_PATH_MAX];
};

/* 0, or -1 and one sentence in WHY. */
int transport_url_parse(const char *text, struct transport_url *out, char *why, size_t room);
void transport_url_format(const struct transport_url *, char out[TRANSPORT_TEXT_MAX]);
/* Whether only this machine can reach it, by its text alone ("localhost" counts). */
bool transport_url_is_loopback(const struct transport_url *);

#endif
