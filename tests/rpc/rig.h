/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rig.h - a client and a server of one composition, and what they sent: datagrams are carried only when a test says so,
 * and in the order it likes.  The procedure answers a request with its bytes inverted and the number of the run.
 */
#ifndef RPC_TEST_RIG_H
#define RPC_TEST_RIG_H

#include "../cactus/world.h"
#include "rpc.h"

enum { SENT_MAX = 128, DATAGRAM_MAX = RPC_BODY_MAX + 64, FROM = 7 };

struct sent {
	uint8_t bytes[DATAGRAM_MAX];
	size_t length;
	uint64_t at_us, address;
};

struct rig;
struct ended {
	struct rig *rig;
	int status;
	uint8_t reply[RPC_BODY_MAX];
	size_t length;
	uint64_t at_us;
	unsigned times;
};

struct rig {
	struct world world;
	struct rpc_client *client;
	struct rpc_server *server;
	bool no_random;
	struct sent requests[SENT_MAX], replies[SENT_MAX];
	unsigned request_count, reply_count;
	struct ended ends[SENT_MAX]; /* by number of the call */
	unsigned calls, ended;
	unsigned runs;
	char problems[1024]; /* what compose told, a line each */
};

void rig_init(struct rig *);
/* Initialises and makes; fails the test when that fails. */
void rig_start(struct rig *, const struct rpc_layer *layers, size_t count);
/* Only composes. */
int rig_compose(struct rig *, const struct rpc_layer *layers, size_t count);
/* Composes and makes both ends of what was initialised; negative: what failed first. */
int rig_make(struct rig *, const struct rpc_layer *layers, size_t count);
/* Frees all there is, and fails the test if memory is left or a call has not ended exactly once. */
void rig_end(struct rig *);

int rig_try_call(struct rig *, const void *request, size_t length);
/* Calls, and answers which call it is; fails the test when it is refused. */
unsigned rig_call(struct rig *, const char *request);
/* Hands a copy of the Nth datagram sent to the other end, and answers what pop answers. */
int rig_request(struct rig *, unsigned n);
int rig_reply(struct rig *, unsigned n);
int rig_pop_server(struct rig *, uint64_t from, const void *bytes, size_t length);
int rig_pop_client(struct rig *, const void *bytes, size_t length);
/* Moves the clock, and runs what is due on the way, when it is. */
void rig_pass(struct rig *, uint64_t us);
/* Fails the test unless call N has ended with the reply to REQUEST that run RUN made. */
void rig_assert_reply(const struct rig *, unsigned n, const char *request, unsigned run);

#endif
