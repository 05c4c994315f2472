/* SPDX-License-Identifier: Apache-2.0 */
/* connection.c - looking at the connections of a service from outside, and acting on one of them. */
#include "transport/private.h"

typedef void visitor(void *context, const struct transport_connection *);

/* The one visited may end meanwhile. */
static void visit_all(const struct relay_list *list, visitor *visit, void *context)
{
	struct relay *relay, *next;

	for (relay = TAILQ_FIRST(list); relay; relay = next) {
		const struct transport_connection connection = { .number = relay->number,
			.started_us = relay->started_us,
			.silent_ms = relay->heard_ms ? uv_now(&relay->service->loop->uv) - relay->heard_ms : UINT64_MAX,
			.address = *relay->address ? relay->address : NULL,
			.opened = relay->opened,
			.session = relay->session };

		next = TAILQ_NEXT(relay, all);
		visit(context, &connection);
	}
}

void transport_service_each(struct transport_service *service, visitor *visit, void *context)
{
	visit_all(&service->open, visit, context);
	visit_all(&service->half, visit, context);
}

static struct relay *find(const struct relay_list *list, uint64_t number)
{
	struct relay *relay = TAILQ_FIRST(list);

	while (relay && relay->number != number)
		relay = TAILQ_NEXT(relay, all);
	return relay;
}

static struct relay *find_any(const struct transport_service *service, uint64_t number)
{
	struct relay *relay = find(&service->open, number);

	return relay ? relay : find(&service->half, number);
}

bool transport_service_act(struct transport_service *service, uint64_t number,
    int (*act)(void *context, struct seccomm_session *), void *context, int *status)
{
	struct relay *relay = find_any(service, number);

	if (!relay || !relay->session || relay->over)
		return false;
	*status = act(context, relay->session);
	relay_later(relay);
	return true;
}

void transport_service_end(struct transport_service *service, uint64_t number, const char *reason)
{
	struct relay *relay = find_any(service, number);

	if (!relay)
		return;
	relay_finish(relay, reason, true, true);
	relay_later(relay);
}

void transport_service_count(const struct transport_service *service, struct transport_service_counts *out)
{
	*out = (struct transport_service_counts){ .half = service->half_count,
		.open = service->open_count,
		.half_max = service->config.half_open_max,
		.connections = service->connections };
}
