/* SPDX-License-Identifier: Apache-2.0 */
/* udp.c - UDP, over IPv4 and IPv6. */
#include "transport/private.h"

const struct transport transport_udp = {
	.kind = CONFIG_URL_UDP,
	.name = "udp",
	.synopsis = "udp:HOST:PORT, udp::PORT, udp:[ADDRESS]:PORT",
	.purpose = "UDP over IPv4 or IPv6, one datagram a message; without a host every address of this machine; the "
		   "protected side is never fragmented: what the path does not carry is refused, and the log says how "
		   "much it does",
	.listen = inet_listen,
	.forget = inet_forget,
	.addresses = inet_addresses,
	.tune = datagram_tune,
};
