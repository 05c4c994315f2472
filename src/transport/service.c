/* SPDX-License-Identifier: Apache-2.0 */
/* service.c - what services of streams and of datagrams have in common: listening, counting, draining, ending. */
#include "transport/private.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HALF_OPEN_MAX = 1024 };

static void release(struct transport_service *service)
{
	if (!service->freed || service->handles || transport_service_connections(service))
		return;
	free(service->name);
	free(service);
}

void service_tell(struct transport_service *service, enum transport_event_kind kind, const char *text)
{
	const struct transport_event event = { .kind = kind, .service = service->name, .text = text };

	service->config.event(service->config.context, &event);
}

void service_one_less(struct transport_service *service)
{
	if (service->draining && !service->freed && transport_service_connections(service) == 0)
		service_tell(service, TRANSPORT_IDLE, "");
}

void service_handle_closed(struct transport_service *service)
{
	service->handles--;
	release(service);
}

enum config_url_kind service_wire_kind(const struct transport_service *service)
{
	return service->config.role == SECCOMM_SERVER ? service->config.listen.kind : service->config.connect.kind;
}

static const char *unfit(const struct transport_service_config *config)
{
	if (!config_url_has_socket(&config->listen) || !config_url_has_socket(&config->connect))
		return "memory: is for programs that use the library; give tcp:HOST:PORT, udp:HOST:PORT, unix:PATH or "
		       "unixgram:PATH";
	if (config_url_link(&config->listen) != config_url_link(&config->connect))
		return "one address is of a byte stream and the other of datagrams";
	return NULL;
}

static struct transport_service *make(
    struct transport_loop *loop, const struct service_kind *kind, const struct transport_service_config *config)
{
	struct transport_service *service = calloc(1, kind->size);

	if (!service)
		return NULL;
	service->kind = kind;
	service->loop = loop;
	service->config = *config;
	service->name = strdup(config->name);
	if (!service->config.half_open_max)
		service->config.half_open_max = HALF_OPEN_MAX;
	if (service->name)
		return service;
	free(service);
	return NULL;
}

int transport_service_start(struct transport_loop *loop, const struct transport_service_config *config,
    struct transport_service **out, char why[TRANSPORT_WHY_MAX])
{
	const struct transport *transport = transport_kinds()[config->listen.kind];
	struct transport_service *service;

	*out = NULL;
	if (unfit(config)) {
		strcpy(why, unfit(config));
		return -1;
	}
	strcpy(why, "out of memory");
	service = make(
	    loop, config_url_link(&config->listen) == SECCOMM_STREAM ? &service_stream : &service_datagram, config);
	if (!service)
		return -1;
	if (transport->listen(&config->listen, &service->listener, why) < 0)
		goto free_service;
	if (service->kind->start(service, why) < 0)
		goto close_listener;
	*out = service;
	return 0;
close_listener:
	transport->forget(&service->listener);
	close(service->listener.fd);
free_service:
	free(service->name);
	free(service);
	return -1;
}

void service_close_listener(struct transport_service *service)
{
	transport_kinds()[service->config.listen.kind]->forget(&service->listener);
	close(service->listener.fd);
}

const struct config_url *transport_service_bound(const struct transport_service *service)
{
	return &service->listener.bound;
}

size_t transport_service_connections(const struct transport_service *service)
{
	return service->half_count + service->open_count;
}

void transport_service_drain(struct transport_service *service)
{
	if (service->draining)
		return;
	service->kind->drain(service);
	service->draining = true;
	service_one_less(service);
}

void transport_service_free(struct transport_service *service)
{
	if (!service)
		return;
	service->draining = true;
	service->freed = true;
	service->kind->stop(service);
	release(service);
}
