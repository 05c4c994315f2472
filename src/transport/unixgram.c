/* SPDX-License-Identifier: Apache-2.0 */
/* unixgram.c - UNIX datagram sockets, which have a file, and to be answered need a name at both ends. */
#include "transport/private.h"

/* Linux chooses a free name without a file (unix(7), autobind); who gets a datagram from the socket answers there. */
static void tune(int fd)
{
	const struct sockaddr_un any = { .sun_family = AF_UNIX };

	datagram_tune(fd);
	bind(fd, (const struct sockaddr *)&any, sizeof(any.sun_family));
}

const struct transport transport_unixgram = {
	.kind = CONFIG_URL_UNIXGRAM,
	.name = "unixgram",
	.synopsis = "unixgram:PATH",
	.purpose =
	    "UNIX datagram sockets, one datagram a message; the file gets mode 0660 less the umask and is removed "
	    "at the end; answers reach only programs that have bound their socket to a name",
	.listen = unix_listen,
	.forget = unix_forget,
	.addresses = unix_addresses,
	.tune = tune,
};
