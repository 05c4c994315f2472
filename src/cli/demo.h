/* SPDX-License-Identifier: Apache-2.0 */
/*
 * demo.h - the parts of `demo`: an echo service, what the loop's thread has seen, and the checks that run beside it.
 *
 * The loop runs the two services in the main thread; the checks are an ordinary program with blocking sockets in
 * another one.
 */
#ifndef CLI_DEMO_H
#define CLI_DEMO_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "seccomm.h"

enum { DEMO_MESSAGES = 1000, DEMO_PATIENCE_MS = 10000 };

/* What the services told, for the checking thread to wait for. */
struct demo_seen {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t opening_us; /* of the client's last opening */
	unsigned opened, alerts; /* at the server */
	enum seccomm_alert_id alert;
	char layer[64];
};

struct demo {
	struct demo_seen seen;
	int type; /* of all sockets: SOCK_STREAM or SOCK_DGRAM */
	_Atomic uint64_t echoed; /* bytes that came to the echo service */
	int echo_listener, attack_listener; /* where the man in the middle waits for the second client */
	uint16_t echo_port, attack_port, server_port, client_port, attacked_port;
	const char *wrong; /* what was not as it must be, or NULL */
};

/* A socket of TYPE on a free port of 127.0.0.1, which listens if it is a stream; negative: there is none. */
int demo_listen(int type, uint16_t *port);
/* A connected socket whose reads end after DEMO_PATIENCE_MS. */
int demo_connect(int type, uint16_t port);
/* A thread that sends back what comes to echo_listener until the process ends. */
bool demo_echo_start(struct demo *);
/* All checks, printing what they find; sets WRONG. */
void demo_check(struct demo *);

#endif
