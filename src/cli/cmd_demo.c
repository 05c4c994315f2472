/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_demo.c - `demo`: a client service, a server service and an echo service in one process, and proof that they
 * protect. */
#include "cli/cli.h"
#include "cli/demo.h"
#include "cli/pair.h"
#include "cli/serve.h"
#include "transport/transport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { CLIENT, ATTACKED, SERVER, SERVICES };

struct running {
	struct demo demo;
	struct pair pair;
	struct transport_loop *loop;
	struct transport_service *services[SERVICES];
	pthread_t thread;
	bool once;
};

static void happened(struct demo_seen *seen, const struct transport_event *event, bool server)
{
	pthread_mutex_lock(&seen->lock);
	if (event->kind == TRANSPORT_OPENED && server)
		seen->opened++;
	if (event->kind == TRANSPORT_OPENED && !server)
		seen->opening_us = event->us;
	if (event->kind == TRANSPORT_ALERT && server) {
		seen->alerts++;
		seen->alert = event->alert->id;
		snprintf(seen->layer, sizeof(seen->layer), "%s", event->alert->layer ? event->alert->layer : "");
	}
	pthread_cond_broadcast(&seen->changed);
	pthread_mutex_unlock(&seen->lock);
}

static void client_event(void *context, const struct transport_event *event)
{
	happened(&((struct running *)context)->demo.seen, event, false);
}

static void server_event(void *context, const struct transport_event *event)
{
	happened(&((struct running *)context)->demo.seen, event, true);
}

static void local(const struct demo *demo, struct config_url *url, uint16_t port)
{
	*url = (struct config_url){
		.kind = demo->type == SOCK_STREAM ? CONFIG_URL_TCP : CONFIG_URL_UDP, .host = "127.0.0.1", .port = port
	};
}

static bool start(struct running *running, size_t which, const char *name, uint16_t connect, uint16_t *port)
{
	bool server = which == SERVER;
	const struct pair_end *end = server ? &running->pair.server : &running->pair.client;
	struct transport_service_config config = { .name = name,
		.role = server ? SECCOMM_SERVER : SECCOMM_CLIENT,
		.plan = end->plan,
		.keyring = end->keyring,
		.context = running,
		.event = server ? server_event : client_event };
	char why[TRANSPORT_WHY_MAX];

	local(&running->demo, &config.listen, 0);
	local(&running->demo, &config.connect, connect);
	if (transport_service_start(running->loop, &config, &running->services[which], why) < 0) {
		cli_complain("%s", why);
		return false;
	}
	*port = transport_service_bound(running->services[which])->port;
	return true;
}

static bool start_all(struct running *running)
{
	struct demo *demo = &running->demo;

	demo->echo_listener = demo_listen(demo->type, &demo->echo_port);
	demo->attack_listener = demo_listen(demo->type, &demo->attack_port);
	running->loop = transport_loop_new();
	if (!running->loop || demo->echo_listener < 0 || demo->attack_listener < 0 || !demo_echo_start(demo)) {
		cli_complain("no sockets, threads or memory for the demonstration");
		return false;
	}
	return start(running, SERVER, "server", demo->echo_port, &demo->server_port) &&
	       start(running, CLIENT, "client", demo->server_port, &demo->client_port) &&
	       start(running, ATTACKED, "attacked", demo->attack_port, &demo->attacked_port);
}

static void print_head(const struct demo *demo)
{
	bool stream = demo->type == SOCK_STREAM;
	const char *kind = stream ? "tcp" : "udp";

	printf("seccomm %s   built-in configuration and throw-away keys (see: seccomm explain default@1)\n",
	    seccomm_version());
	printf("  client  %s:127.0.0.1:%u --> [ anti-replay:%s | encrypt:aes-256-gcm ] --> %s:127.0.0.1:%u  "
	       "server --> echo\n",
	    kind, demo->client_port, stream ? "sequence" : "window", kind, demo->server_port);
}

static void print_try(const struct demo *demo)
{
	printf("  try     printf 'hello\\n' | nc %s 127.0.0.1 %u\n", demo->type == SOCK_STREAM ? "-q1" : "-u -w1",
	    demo->client_port);
	puts("Ctrl-C stops.  Next: seccomm key gen NAME");
	fflush(stdout);
}

static void *check(void *context)
{
	struct running *running = context;

	demo_check(&running->demo);
	if (running->demo.wrong)
		cli_complain("%s", running->demo.wrong);
	if (running->once || running->demo.wrong)
		transport_loop_stop(running->loop);
	else
		print_try(&running->demo);
	return NULL;
}

static void signalled(void *context, int number)
{
	(void)number;
	transport_loop_stop(((struct running *)context)->loop);
}

static int run(struct running *running)
{
	const enum seccomm_link link = running->demo.type == SOCK_STREAM ? SECCOMM_STREAM : SECCOMM_DATAGRAM;
	struct seccomm_error error;

	if (!pair_make(&running->pair, cli_library(), false))
		return CLI_FAILED;
	if (!pair_stack(&running->pair, link, "default@1", false, &error)) {
		cli_complain_error(&error);
		return CLI_FAILED;
	}
	if (!start_all(running) || transport_loop_signals(running->loop, signalled, running) < 0)
		return CLI_FAILED;
	print_head(&running->demo);
	fflush(stdout);
	if (pthread_create(&running->thread, NULL, check, running) != 0)
		return CLI_FAILED;
	transport_loop_run(running->loop);
	for (size_t i = 0; i < SERVICES; i++) {
		transport_service_free(running->services[i]);
		running->services[i] = NULL;
	}
	/* With its connections reset the checking thread, should it still wait for something, comes to an end. */
	shutdown(running->demo.attack_listener, SHUT_RDWR);
	pthread_join(running->thread, NULL);
	return running->demo.wrong ? CLI_FAILED : CLI_OK;
}

int cmd_demo(const struct cli *cli)
{
	/* Never freed: the threads of the echo service, which nobody waits for, look at it until the process has ended. */
	struct running *running = calloc(1, sizeof(*running));
	int status;

	if (!running) {
		cli_complain("out of memory");
		return CLI_FAILED;
	}
	running->once = cli_has(cli, "once");
	running->demo.type = cli_has(cli, "udp") ? SOCK_DGRAM : SOCK_STREAM;
	serve_prepare_process();
	pthread_mutex_init(&running->demo.seen.lock, NULL);
	pthread_cond_init(&running->demo.seen.changed, NULL);
	status = run(running);
	for (size_t i = 0; i < SERVICES; i++)
		transport_service_free(running->services[i]);
	transport_loop_free(running->loop);
	pair_free(&running->pair);
	return status;
}
