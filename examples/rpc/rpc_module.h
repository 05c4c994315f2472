/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpc_module.h - what the micro-protocols of the service see of it.
 *
 * A call is its request message: it lives from callBegun to callEnded, and a layer keeps what it must know of a call in
 * attributes of that message.  Datagrams have no clear block, so attributes are LOCAL, STACK or PEER; and HOLD counts
 * as STOP, for what is popped is the caller's memory.
 */
#ifndef RPC_MODULE_H
#define RPC_MODULE_H

#include "rpc.h"

/* The chains.  A layer with both handlers of a pair stands on both of them, any other on that of requests. */
enum { RPC_REQUEST, RPC_REPLY };
#define RPC_REQUEST_OUT "requestOut"
#define RPC_REQUEST_IN  "requestIn"
#define RPC_REPLY_OUT   "replyOut"
#define RPC_REPLY_IN    "replyIn"

/* Raised with the call, at a client: before it is sent (STOP: it is not) and when it ends, begun by all or not. */
#define RPC_CALL_BEGUN "callBegun"
#define RPC_CALL_ENDED "callEnded"

/* What layers provide to each other. */
#define RPC_HAS_IDENTITY         "call-identity"
#define RPC_HAS_UNIQUE_EXECUTION "unique-execution"
#define RPC_HAS_TERMINATION      "bounded-termination"

/* The names of the attributes that call-identity sends along, 8 bytes each. */
#define RPC_CLIENT_ID "client"
#define RPC_CALL_ID   "call"

uint64_t rpc_now(const void *self);
/* Answers STOP, and STATUS to whoever sends or pops MSG. */
enum cactus_verdict rpc_refuse(struct cactus_msg *msg, int status);

/* At a client: the open calls, oldest first; and which of them a reply belongs to. */
struct cactus_msg *rpc_first_call(const void *self);
struct cactus_msg *rpc_next_call(const struct cactus_msg *call);
void rpc_answers(struct cactus_msg *reply, struct cactus_msg *call);
/* Ends CALL, which must have been sent and is gone then. */
void rpc_end_call(struct cactus_msg *call, int status);

/* At a server: the request that REPLY, on its way down, is the answer to. */
const struct cactus_msg *rpc_request_of(const struct cactus_msg *reply);

/* Sends MSG as it was sent before, if it was: to where REQUEST came from, or, if that is NULL, to where it went. */
void rpc_send_again(struct cactus_msg *msg, const struct cactus_msg *request);

#endif
