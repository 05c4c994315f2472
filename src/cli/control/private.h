/* SPDX-License-Identifier: Apache-2.0 */
/* private.h - what the handlers of the control protocol share. */
#ifndef CONTROL_PRIVATE_H
#define CONTROL_PRIVATE_H

#include "cli/control/control.h"

/* What a request is about. */
struct control_target {
	char session[SECCOMM_NAME_MAX]; /* empty: everything */
	uint64_t connection; /* 0: all of the session */
};

/* A request that goes on until COUNT events were sent or its client leaves. */
enum follow_kind { FOLLOW_ALERTS, FOLLOW_TRACE };
struct follow {
	TAILQ_ENTRY(follow) all;
	struct control_client *client;
	json_int_t id;
	enum follow_kind kind;
	struct control_target target;
	uint64_t left; /* 0: no end */
	uint64_t lost; /* since the last one that was sent */
};
TAILQ_HEAD(follow_list, follow);

struct control_client {
	struct control *control;
	struct control_wire wire;
	unsigned follows;
};

struct tap; /* trace.c */
TAILQ_HEAD(tap_list, tap);

struct control {
	struct program *program;
	struct follow_list follows;
	struct tap_list taps;
	struct transport_timer *later; /* when the present event is over */
};

struct control_request {
	struct control_client *client;
	struct control *control;
	json_int_t id;
	json_t *object;
};

/* ---- control.c ---- */

/* One of several answers, and the last one, with MEMBERS, which are dropped; NULL: no memory, which is told. */
void control_more(const struct control_request *, json_t *members);
void control_done(const struct control_request *, json_t *members);
void control_fail(const struct control_request *, const char *remedy, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A string of whatever bytes TEXT has; null for NULL. */
json_t *control_string(const char *text);
json_t *control_number(uint64_t);

/* The member NAME of the request; false: it is not what it must be, which has been told.  Without it *OUT stays. */
bool control_flag(const struct control_request *, const char *name, bool *out);
bool control_count(const struct control_request *, const char *name, uint64_t least, uint64_t most, uint64_t *out);

/* ---- target.c ---- */

/* "target": SESSION or SESSION/CONNECTION.  False: there is no such session, which has been told. */
bool control_target(const struct control_request *, struct control_target *out);
bool control_hits(const struct control_target *, const char *session, uint64_t connection);
/* Calls VISIT for every connection that is meant; how many that were.  It may not free SERVED. */
struct control_visit {
	void *context;
	void (*visit)(void *context, struct served *, const struct transport_connection *);
};
size_t control_each(struct program *, const struct control_target *, const struct control_visit *);
/* Answers that there is no such connection. */
void control_gone(const struct control_request *, const struct control_target *);

/* ---- follow.c ---- */

/* Makes the request go on; NULL: it cannot, which has been told. */
struct follow *follow_start(
    const struct control_request *, enum follow_kind, const struct control_target *, uint64_t count);
void follow_end(struct follow *);
/* Sends {NAME: EVENT}, or counts it as lost.  False: it was the last one, and the follower is gone. */
bool follow_send(struct follow *, const char *name, json_t *event);

/* ---- The handlers ---- */

void control_status(const struct control_request *);
void control_rekey(const struct control_request *);
void control_drain(const struct control_request *);
void control_reload(const struct control_request *);
void control_alerts(const struct control_request *);
void control_trace(const struct control_request *);
/* A client that traced is gone. */
void trace_unfollow(struct control *);
void trace_flush(struct control *);

#endif
