/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpc.h - a request/reply service composed of micro-protocols, over datagrams that may be lost, doubled, late or
 * damaged.
 *
 * What a call promises is what its list of layers makes of it: whether it ends for certain, whether it survives losses,
 * whether the procedure may run twice.  Both ends compose the same list.  Nothing here waits, reads a clock or opens a
 * socket: the owner carries datagrams, asks for the deadline and calls run_due.
 *
 * Thread rule: an end belongs to one thread at a time.  Callbacks may call rpc_call(); they must not pop, run what is
 * due, or free.
 *
 * Source: the group RPC service of Hiltunen and Schlichting, "Constructing a Configurable Group RPC Service", ICDCS
 * 1995, whose micro-protocols Unique Execution, Reliable Communication and Bounded Termination are at-most-once,
 * retransmit and time-out here, for one server.
 */
#ifndef RPC_H
#define RPC_H

#include "cactus.h"

enum {
	RPC_BODY_MAX = 1024, /* bytes of a request or a reply */
	RPC_LAYERS_MAX = 16,
	RPC_SETTINGS_MAX = 4 /* of one layer */
};

enum rpc_status {
	RPC_OK = CACTUS_OK,
	RPC_NO_MEMORY = CACTUS_NO_MEMORY,
	RPC_REFUSED = CACTUS_REFUSED, /* the list of layers has problems, or a layer stopped a call */
	RPC_MALFORMED = CACTUS_MALFORMED,
	RPC_TOO_LONG = -16,
	RPC_NO_RANDOM = -17,
	RPC_TIMED_OUT = -18,
	RPC_CLOSED = -19,
	RPC_CORRUPT = -20,
	RPC_UNKNOWN = -21,
	RPC_DUPLICATE = -22,
	RPC_STALE = -23,
	RPC_CROWDED = -24
};
/* A sentence that says what STATUS means. */
const char *rpc_status_text(int status);

/* ---- Composing ---- */

extern const struct cactus_mp rpc_call_identity, rpc_at_most_once, rpc_retransmit, rpc_time_out, rpc_checksum;

/* A parameter that is not to have its default: a number, in microseconds where it is a duration. */
struct rpc_setting {
	const char *param;
	uint64_t value;
};
struct rpc_layer {
	const struct cactus_mp *mp;
	struct rpc_setting settings[RPC_SETTINGS_MAX]; /* as many as have a name */
};

/*
 * Composes COUNT layers, the first one next to the application, for any number of ends.  Each problem is told to
 * PROBLEM(context, line), which may be NULL; if there was none, *OUT is for cactus_composition_free(), after the ends.
 * PLATFORM must outlive it.
 */
CACTUS_MUST_USE int rpc_compose(const struct cactus_platform *platform, const struct rpc_layer *layers, size_t count,
    void (*problem)(void *context, const char *line), void *context, struct cactus_composition **out);

/* ---- Ends ---- */

/* Sends a datagram, now or later; BYTES are lent.  ADDRESS is what pop was told; a client's transmit gets 0. */
typedef void rpc_transmit(void *context, uint64_t address, const uint8_t *bytes, size_t length);
/* A call has ended: RPC_OK and the reply, which is lent; RPC_TIMED_OUT; or RPC_CLOSED, by rpc_client_free(). */
typedef void rpc_done(void *context, int status, const uint8_t *reply, size_t length);
/* The procedure: reads a request, writes a reply of at most ROOM bytes, answers its length. */
typedef size_t rpc_serve(void *context, const uint8_t *request, size_t length, uint8_t *reply, size_t room);

struct rpc_client;
struct rpc_server;

CACTUS_MUST_USE int rpc_client_make(const struct cactus_composition *, const struct cactus_platform *platform,
    rpc_transmit *transmit, void *context, struct rpc_client **out);
/* Calls that are still open end with RPC_CLOSED.  NULL is ignored. */
void rpc_client_free(struct rpc_client *);
/* Sends a request.  If, and only if, the answer is RPC_OK, DONE(context, ...) is called exactly once, perhaps at once.
 */
CACTUS_MUST_USE int rpc_call(struct rpc_client *, const void *request, size_t length, rpc_done *done, void *context);
/* Takes in a datagram, in place: BYTES are changed.  Negative: why it was refused; nothing else has happened then. */
int rpc_client_pop(struct rpc_client *, uint8_t *bytes, size_t length);
/* When run_due has something to do, in microseconds of monotonic time; UINT64_MAX: nothing is planned. */
uint64_t rpc_client_deadline(const struct rpc_client *);
void rpc_client_run_due(struct rpc_client *);

CACTUS_MUST_USE int rpc_server_make(const struct cactus_composition *, const struct cactus_platform *platform,
    rpc_transmit *transmit, rpc_serve *serve, void *context, struct rpc_server **out);
void rpc_server_free(struct rpc_server *);
/* As for a client; the reply will go to the address FROM.  RPC_DUPLICATE: the reply of before was sent again. */
int rpc_server_pop(struct rpc_server *, uint64_t from, uint8_t *bytes, size_t length);
uint64_t rpc_server_deadline(const struct rpc_server *);
void rpc_server_run_due(struct rpc_server *);

#endif
