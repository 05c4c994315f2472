/* SPDX-License-Identifier: Apache-2.0 */
/* tcp.c - TCP, over IPv4 and IPv6. */
#include "transport/private.h"

#include <netinet/tcp.h>

static void tune(int fd)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	inet_set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	/* A program's urgent byte is one of its bytes. */
	inet_set(fd, SOL_SOCKET, SO_OOBINLINE, 1);
	/* Should this process die, the program must see a reset, not an end: transport_close() says which it is
	 * otherwise. */
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	/* A peer that vanished without a word is noticed some day. */
	inet_set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
}

const struct transport transport_tcp = {
	.kind = CONFIG_URL_TCP,
	.name = "tcp",
	.synopsis = "tcp:HOST:PORT, tcp::PORT, tcp:[ADDRESS]:PORT",
	.purpose = "TCP over IPv4 or IPv6; without a host every address of this machine; port 0 takes a free one",
	.listen = inet_listen,
	.forget = inet_forget,
	.addresses = inet_addresses,
	.tune = tune,
};
