/* SPDX-License-Identifier: Apache-2.0 */
/* flow_table.c - the flows that a service of datagrams has: by path, by number, and by how long they have been idle. */
#include "transport/datagram.h"

#include <string.h>

static struct flow_bucket *bucket(struct datagram_service *datagram, const uint8_t *path, size_t length)
{
	uint64_t hash = datagram->seed;

	/* FNV-1a, from a secret start: nobody outside knows which addresses meet in one bucket. */
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ path[i]) * UINT64_C(0x100000001b3);
	return &datagram->buckets[(hash ^ hash >> 32) % FLOW_BUCKETS];
}

static struct flow_bucket *bucket_of(struct datagram_service *datagram, const struct datagram_path *path)
{
	uint8_t packed[SECCOMM_ADDRESS_MAX];
	size_t length = path_pack(path, packed);

	return bucket(datagram, packed, length);
}

struct flow *datagram_find(struct datagram_service *datagram, const struct datagram_path *path)
{
	struct flow *flow;

	LIST_FOREACH(flow, bucket_of(datagram, path), same)
	if (path_equal(&flow->path, path))
		return flow;
	return NULL;
}

static struct flow_list *list_of(struct flow *flow)
{
	return flow->opened ? &flow->datagram->open : &flow->datagram->half;
}

void datagram_made(struct flow *flow)
{
	struct datagram_service *datagram = flow->datagram;

	TAILQ_INSERT_TAIL(&datagram->half, flow, all);
	datagram->service.half_count++;
	if (!datagram_is_server(datagram))
		LIST_INSERT_HEAD(bucket_of(datagram, &flow->path), flow, same);
}

void datagram_used(struct flow *flow)
{
	TAILQ_REMOVE(list_of(flow), flow, all);
	TAILQ_INSERT_TAIL(list_of(flow), flow, all);
}

void datagram_opened(struct flow *flow)
{
	struct datagram_service *datagram = flow->datagram;

	TAILQ_REMOVE(&datagram->half, flow, all);
	datagram->service.half_count--;
	flow->opened = true;
	TAILQ_INSERT_TAIL(&datagram->open, flow, all);
	datagram->service.open_count++;
}

void datagram_ended(struct flow *flow)
{
	struct datagram_service *datagram = flow->datagram;

	TAILQ_REMOVE(list_of(flow), flow, all);
	*(flow->opened ? &datagram->service.open_count : &datagram->service.half_count) -= 1;
	if (flow->is_touched)
		TAILQ_REMOVE(&datagram->touched, flow, touched);
	if (!datagram_is_server(datagram))
		LIST_REMOVE(flow, same);
	datagram->service.handles++;
	service_one_less(&datagram->service);
}

/* ---- Looking at flows from outside ---- */

static void visit_list(const struct flow_list *list, service_visitor *visit, void *context)
{
	struct flow *flow, *next;

	for (flow = TAILQ_FIRST(list); flow; flow = next) {
		char address[CONFIG_URL_MAX];
		const struct transport_connection connection = { .number = flow->number,
			.started_us = flow->started_us,
			.silent_ms = UINT64_MAX,
			.address = address,
			.opened = flow->opened,
			.peer = flow->opened ? &flow->peer : NULL,
			.session = flow->session };

		next = TAILQ_NEXT(flow, all);
		flow_address(flow, address);
		visit(context, &connection);
	}
}

void datagram_each(struct transport_service *service, service_visitor *visit, void *context)
{
	visit_list(&((struct datagram_service *)service)->open, visit, context);
	visit_list(&((struct datagram_service *)service)->half, visit, context);
}

static struct flow *numbered(struct transport_service *service, uint64_t number)
{
	const struct flow_list *const lists[] = { &((struct datagram_service *)service)->open,
		&((struct datagram_service *)service)->half };
	struct flow *flow = NULL;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]) && !flow; i++) {
		flow = TAILQ_FIRST(lists[i]);
		while (flow && flow->number != number)
			flow = TAILQ_NEXT(flow, all);
	}
	return flow && !flow->over ? flow : NULL;
}

struct seccomm_session *datagram_session(struct transport_service *service, uint64_t number)
{
	struct flow *flow = numbered(service, number);

	return flow ? flow->session : NULL;
}

void datagram_touch(struct transport_service *service, uint64_t number, const char *reason)
{
	struct flow *flow = numbered(service, number);

	if (!flow)
		return;
	if (reason)
		flow_finish(flow, reason);
	flow_later(flow);
}
