/* SPDX-License-Identifier: Apache-2.0 */
/* drops.c - datagrams that could not be carried: every one is counted, and each reason is told at most once a second.
 */
#include "transport/datagram.h"

#include <stdio.h>

enum { SECOND_US = 1000000, SECOND_MS = 1000 };

static const char *const reasons[DROPS] = {
	[DROP_FULL] = "the system's buffer for the socket was full",
	[DROP_PEER_UNREACHABLE] = "nobody receives at the peer's address",
	[DROP_PROGRAM_UNREACHABLE] = "nobody receives at the program's address",
	[DROP_TOO_LARGE] = "too large",
	[DROP_CUT] = "too large, larger than any that pass",
	[DROP_WAITING] = "too many waited for the session to open",
	[DROP_ENDED] = "the session ended before they were sent",
	[DROP_NAMELESS] = "the program's socket has no name, so no answer can reach it: it must bind it",
	[DROP_DRAINING] = "draining: nothing new is taken",
	[DROP_USED_UP] = "a one-time pad is used up: nothing new is taken",
	[DROP_MEMORY] = "out of memory",
	[DROP_OTHER] = "they could not be sent",
};

static void tell(struct datagram_service *datagram, const struct flow *flow, enum drop why, const char *detail)
{
	struct transport_service *service = &datagram->service;
	struct drop_count *count = &datagram->drops[why];
	char text[TRANSPORT_WHY_MAX], address[CONFIG_URL_MAX];
	struct transport_event event = {
		.kind = TRANSPORT_DROPPED, .service = service->name, .text = text, .dropped = count->untold
	};

	snprintf(text, sizeof(text), "%s%s%s", reasons[why], detail ? ": " : "", detail ? detail : "");
	if (flow) {
		flow_address(flow, address);
		event.address = *address ? address : NULL;
		event.connection = flow->number;
	}
	count->told_us = transport_now_us();
	count->untold = 0;
	service->config.event(service->config.context, &event);
}

static void later(uv_timer_t *handle)
{
	drops_tell(handle->data);
}

void drop(struct datagram_service *datagram, struct flow *flow, enum drop why, uint64_t count, const char *detail)
{
	struct drop_count *counted = &datagram->drops[why];

	if (count == 0)
		return;
	counted->untold += count;
	if (flow)
		flow->dropped += count;
	if (counted->told_us == 0 || transport_now_us() - counted->told_us >= SECOND_US)
		tell(datagram, flow, why, detail);
	else if (!uv_is_active((uv_handle_t *)&datagram->later))
		uv_timer_start(&datagram->later, later, SECOND_MS, 0);
}

void drops_tell(struct datagram_service *datagram)
{
	for (enum drop why = 0; why < DROPS; why++)
		if (datagram->drops[why].untold)
			tell(datagram, NULL, why, NULL);
}
