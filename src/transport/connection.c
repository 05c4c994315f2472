/* SPDX-License-Identifier: Apache-2.0 */
/* connection.c - looking at the connections of a service from outside, and acting on one of them. */
#include "transport/private.h"
#include "seccomm/plan.h"

void transport_service_each(struct transport_service *service, service_visitor *visit, void *context)
{
	service->kind->each(service, visit, context);
}

bool transport_service_act(struct transport_service *service, uint64_t number,
    int (*act)(void *context, struct seccomm_session *), void *context, int *status)
{
	struct seccomm_session *session = service->kind->session(service, number);

	if (!session)
		return false;
	*status = act(context, session);
	service->kind->touch(service, number, NULL);
	return true;
}

void transport_service_end(struct transport_service *service, uint64_t number, const char *reason)
{
	service->kind->touch(service, number, reason);
}

void transport_service_count(const struct transport_service *service, struct transport_service_counts *out)
{
	const struct seccomm_listener *listener = service->kind->listener ? service->kind->listener(service) : NULL;

	*out = (struct transport_service_counts){ .half = service->half_count,
		.open = service->open_count,
		.half_max = service->config.half_open_max,
		.connections = service->connections,
		.has_listener = listener };
	out->used_up = seccomm_plan_pads(service->config.plan, service->config.keyring, &out->why_used_up) == SECCOMM_LIMIT;
	if (listener)
		seccomm_listener_statistics(listener, &out->listener);
}
