/* SPDX-License-Identifier: Apache-2.0 */
/* service.c - what services of streams and of datagrams have in common: listening, counting, draining, ending. */
#include "transport/private.h"
#include "seccomm/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
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

/* Asked before anything is made, so that a pad's end does not make one session after another that fails. */
bool service_may_open(struct transport_service *service)
{
	const bool was = service->used_up;
	struct seccomm_error error;
	char text[sizeof(error.text) + sizeof(error.remedy) + 32];

	service->used_up = seccomm_plan_pads(service->config.plan, service->config.keyring, &error) == SECCOMM_LIMIT;
	if (!service->used_up || was)
		return !service->used_up;
	snprintf(text, sizeof(text), "%s, and nothing new is taken: %s", error.text, error.remedy);
	service_tell(service, TRANSPORT_USED_UP, text);
	return false;
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

void service_close_listener(struct transport_service *service)
{
	if (!service->lent)
		transport_kinds()[service->config.listen.kind]->forget(&service->listener);
	close(service->listener.fd);
}

/* Listens, or with the socket of the predecessor: a descriptor of its own for it, so that either can close. */
static int listen_or_inherit(struct transport_service *service, char *why)
{
	const struct transport_service *before = service->config.predecessor;
	const struct config_url *url = &service->config.listen;

	if (!before)
		return transport_kinds()[url->kind]->listen(url, &service->listener, why);
	service->listener = before->listener;
	service->listener.fd = fcntl(before->listener.fd, F_DUPFD_CLOEXEC, 0);
	service->lent = true;
	service->connections = before->connections;
	if (service->listener.fd < 0)
		transport_listen_why(url, errno, why);
	return service->listener.fd < 0 ? -1 : 0;
}

int transport_service_start(struct transport_loop *loop, const struct transport_service_config *config,
    struct transport_service **out, char why[TRANSPORT_WHY_MAX])
{
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
	if (listen_or_inherit(service, why) < 0)
		goto free_service;
	if (service->kind->start(service, why) < 0)
		goto close_listener;
	*out = service;
	return 0;
close_listener:
	service_close_listener(service);
free_service:
	free(service->name);
	free(service);
	return -1;
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

void transport_service_retire(struct transport_service *service, struct transport_service *successor)
{
	if (successor) {
		service->lent = true;
		successor->lent = false;
		successor->config.predecessor = NULL;
	}
	service->kind->retire(service, successor);
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
