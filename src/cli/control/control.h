/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control.h - the control protocol (doc/control.md): lines of JSON in, lines of JSON out, about a running program.
 *
 * Nothing here knows of sockets: a client is whoever hands in lines and takes those that are sent to it.  What arrives
 * is judged before anything is done, and whatever arrives, sessions go on as they are.
 */
#ifndef CONTROL_H
#define CONTROL_H

#include "cli/program.h"

enum {
	CONTROL_VERSION = 1,
	CONTROL_LINE_MAX = 64 * 1024, /* of a request, with its line feed */
	CONTROL_FOLLOWS_MAX = 4, /* requests of one client that go on: alerts and traces to come */
	CONTROL_WAITING_MAX = 256 * 1024 /* bytes that a client has not taken: more events are lost, and counted */
};

/* How a client is reached.  SEND gets one line with its line feed, lent; it may not call back. */
struct control_wire {
	void *context;
	void (*send)(void *context, const char *line, size_t length);
	size_t (*waiting)(void *context); /* bytes that were sent and have not been taken */
};
struct control_client;

/* NULL: no memory.  The program is told, and must outlive it. */
struct control *control_new(struct program *);
void control_free(struct control *); /* after its clients; NULL is ignored */

/* Greets it.  NULL: no memory. */
struct control_client *control_join(struct control *, const struct control_wire *);
/* One request without its line feed; answers it, or begins to. */
void control_line(struct control_client *, const char *line, size_t length);
/* A request that was too long to be kept. */
void control_too_long(struct control_client *);
/* Nothing is sent to it any more. */
void control_leave(struct control_client *);
/* One line that says why somebody is not served. */
void control_refuse(const struct control_wire *, const char *text, const char *remedy);

/* What services tell; CONTROL may be NULL. */
void control_alerted(struct control *, const struct recent_alert *);
void control_opened(struct control *, struct served *, uint64_t connection);
void control_closed(struct control *, const struct served *, uint64_t connection);

#endif
