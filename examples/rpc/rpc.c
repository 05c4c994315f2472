/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpc.c - the two ends of the service: messages, the client's open calls, the server's procedure.  What a call is worth
 * is left to the layers.
 */
#include <string.h>

#include "rpc_module.h"

struct end {
	const struct cactus_platform *platform;
	const struct cactus_composition *composition;
	struct cactus *cactus;
	rpc_transmit *transmit;
	void *context;
	uint8_t *values; /* of the message that is being popped */
	size_t memory; /* of the block that this stands in */
};

struct message {
	struct cactus_msg cactus;
	struct end *end;
	size_t memory; /* of the block; 0: it lies in the bytes given to pop */
	uint64_t address;
	int status; /* why it was refused */
	bool sent;
	const struct cactus_msg *request; /* of a reply at the server */
	struct message *call; /* of a reply at the client */
	/* Of a call: */
	struct message *next;
	rpc_done *done;
	void *context;
};

struct rpc_client {
	struct end end;
	struct message *calls; /* the open ones, oldest first */
	cactus_event begun, ended;
	bool closing;
};

struct rpc_server {
	struct end end;
	rpc_serve *serve;
};

/* ---- Messages ---- */

static struct message *message_of(struct cactus_msg *msg)
{
	return (struct message *)msg;
}

static void release(const struct cactus_platform *platform, void *memory, size_t size)
{
	memset(memory, 0, size);
	platform->release(platform->context, memory, size);
}

static void destroy(struct cactus_msg *msg)
{
	struct message *message = message_of(msg);

	release(message->end->platform, message, message->memory);
}

/* Layout of the block: struct message || attribute values || front room || body || back room. */
static struct message *message_new(struct end *end, unsigned chain, size_t length)
{
	const size_t values = cactus_values_size(end->composition);
	size_t front, back, memory;
	struct message *message;
	uint8_t *at;

	cactus_room(end->composition, chain, true, length, &front, &back);
	memory = sizeof(*message) + values + front + length + back;
	message = end->platform->allocate(end->platform->context, memory);
	if (message == NULL)
		return NULL;
	at = (uint8_t *)(message + 1);
	cactus_msg_init(&message->cactus, end->composition, at + values, front + length + back, front, length, at);
	message->cactus.destroy = destroy;
	message->end = end;
	message->memory = memory;
	return message;
}

static void transmit(struct message *message)
{
	const struct end *end = message->end;

	message->sent = true;
	end->transmit(end->context, message->address, message->cactus.body, message->cactus.length);
}

/* The last handler of a chain down. */
static enum cactus_verdict send_down(struct end *end, unsigned chain, struct cactus_msg *msg)
{
	if (!cactus_pack_rest(end->cactus, chain, msg))
		return rpc_refuse(msg, RPC_REFUSED);
	transmit(message_of(msg));
	return CACTUS_NEXT;
}

static int pop(struct end *end, unsigned chain, uint64_t from, uint8_t *bytes, size_t length)
{
	struct message message = { .end = end, .address = from };

	cactus_msg_init(&message.cactus, end->composition, bytes, length, 0, length, end->values);
	if (cactus_unpack_rest(end->cactus, chain, &message.cactus) < 0)
		return RPC_MALFORMED;
	(void)cactus_raise(end->cactus, cactus_up_event(end->cactus, chain), &message.cactus);
	return message.status;
}

/* ---- What layers call ---- */

uint64_t rpc_now(const void *self)
{
	const struct cactus_platform *platform = cactus_platform_of(((const struct cactus_instance *)self)->cactus);

	return platform->monotonic_us(platform->context);
}

enum cactus_verdict rpc_refuse(struct cactus_msg *msg, int status)
{
	message_of(msg)->status = status;
	return CACTUS_STOP;
}

struct cactus_msg *rpc_first_call(const void *self)
{
	const struct rpc_client *client = cactus_owner(((const struct cactus_instance *)self)->cactus);

	return client->calls == NULL ? NULL : &client->calls->cactus;
}

struct cactus_msg *rpc_next_call(const struct cactus_msg *call)
{
	struct message *next = ((const struct message *)call)->next;

	return next == NULL ? NULL : &next->cactus;
}

void rpc_answers(struct cactus_msg *reply, struct cactus_msg *call)
{
	message_of(reply)->call = message_of(call);
}

const struct cactus_msg *rpc_request_of(const struct cactus_msg *reply)
{
	return ((const struct message *)reply)->request;
}

void rpc_send_again(struct cactus_msg *msg, const struct cactus_msg *request)
{
	struct message *message = message_of(msg);

	if (request != NULL)
		message->address = ((const struct message *)request)->address;
	if (message->sent)
		transmit(message);
}

/* ---- Ends ---- */

/* The block of an end: SIZE bytes that begin with a struct end, then the values of what is popped. */
static void *end_new(const struct cactus_composition *composition, const struct cactus_platform *platform, size_t size,
    rpc_transmit *send, void *context)
{
	const size_t memory = size + cactus_values_size(composition);
	struct end *end = platform->allocate(platform->context, memory);

	if (end != NULL)
		*end = (struct end){ platform, composition, NULL, send, context, (uint8_t *)end + size, memory };
	return end;
}

static void end_free(struct end *end)
{
	cactus_destroy(end->cactus);
	release(end->platform, end, end->memory);
}

/* Frozen here: a raise that finds no memory for it would go on without DOWN and UP. */
static int end_start(struct end *end, void *owner, unsigned out, cactus_handler *down, unsigned in, cactus_handler *up)
{
	int status = cactus_create(end->composition, end->platform, owner, NULL, NULL, &end->cactus);
	struct cactus *c = end->cactus;

	if (status < 0)
		return status;
	if (cactus_bind(c, cactus_down_event(c, out), down, CACTUS_ORDER_MAX, owner) == 0 ||
	    cactus_bind(c, cactus_up_event(c, in), up, CACTUS_ORDER_MAX, owner) == 0)
		return RPC_NO_MEMORY;
	return cactus_freeze(c);
}

/* ---- Client ---- */

/* Takes CALL out of the open ones; DONE is not told. */
static void close_call(struct rpc_client *client, struct message *call)
{
	struct message **link = &client->calls;

	while (*link != call)
		link = &(*link)->next;
	*link = call->next;
	(void)cactus_raise(client->end.cactus, client->ended, &call->cactus);
}

static void end_with(struct message *call, int status, const uint8_t *reply, size_t length)
{
	close_call(cactus_owner(call->end->cactus), call);
	call->done(call->context, status, reply, length);
	cactus_msg_release(&call->cactus);
}

void rpc_end_call(struct cactus_msg *call, int status)
{
	end_with(message_of(call), status, NULL, 0);
}

static enum cactus_verdict request_out(void *self, void *argument)
{
	return send_down(&((struct rpc_client *)self)->end, RPC_REQUEST, argument);
}

/* A reply that no layer has matched is the oldest call's. */
static enum cactus_verdict reply_in(void *self, void *argument)
{
	const struct rpc_client *client = self;
	const struct cactus_msg *msg = argument;
	struct message *call = message_of(argument)->call;

	if (call == NULL)
		call = client->calls;
	if (call == NULL)
		return rpc_refuse(argument, RPC_UNKNOWN);
	end_with(call, RPC_OK, msg->body, msg->length);
	return CACTUS_NEXT;
}

int rpc_client_make(const struct cactus_composition *composition, const struct cactus_platform *platform,
    rpc_transmit *send, void *context, struct rpc_client **out)
{
	struct rpc_client *client = end_new(composition, platform, sizeof(*client), send, context);
	int status;

	if (client == NULL)
		return RPC_NO_MEMORY;
	status = end_start(&client->end, client, RPC_REQUEST, request_out, RPC_REPLY, reply_in);
	if (status == RPC_OK) {
		client->begun = cactus_event_named(client->end.cactus, RPC_CALL_BEGUN, CACTUS_NO_INDEX);
		client->ended = cactus_event_named(client->end.cactus, RPC_CALL_ENDED, CACTUS_NO_INDEX);
	}
	if (status == RPC_OK && (client->begun == 0 || client->ended == 0))
		status = RPC_NO_MEMORY;
	if (status == RPC_OK)
		*out = client;
	else
		end_free(&client->end);
	return status;
}

void rpc_client_free(struct rpc_client *client)
{
	if (client == NULL)
		return;
	client->closing = true;
	while (client->calls != NULL)
		end_with(client->calls, RPC_CLOSED, NULL, 0);
	end_free(&client->end);
}

/* All layers prepare before anything is sent, so that a call which fails has not happened. */
static int send_call(struct rpc_client *client, struct message *call)
{
	struct cactus *c = client->end.cactus;

	if (cactus_raise(c, client->begun, &call->cactus) != CACTUS_STOP &&
	    cactus_raise(c, cactus_down_event(c, RPC_REQUEST), &call->cactus) != CACTUS_STOP)
		return RPC_OK;
	close_call(client, call);
	return call->status < 0 ? call->status : RPC_REFUSED;
}

int rpc_call(struct rpc_client *client, const void *request, size_t length, rpc_done *done, void *context)
{
	struct message **last = &client->calls;
	struct message *call;
	int status;

	if (client->closing || length > RPC_BODY_MAX)
		return client->closing ? RPC_CLOSED : RPC_TOO_LONG;
	call = message_new(&client->end, RPC_REQUEST, length);
	if (call == NULL)
		return RPC_NO_MEMORY;
	if (length > 0)
		memcpy(call->cactus.body, request, length);
	call->done = done;
	call->context = context;
	while (*last != NULL)
		last = &(*last)->next;
	*last = call;
	status = send_call(client, call);
	if (status < 0)
		cactus_msg_release(&call->cactus);
	return status;
}

int rpc_client_pop(struct rpc_client *client, uint8_t *bytes, size_t length)
{
	return pop(&client->end, RPC_REPLY, 0, bytes, length);
}

uint64_t rpc_client_deadline(const struct rpc_client *client)
{
	return cactus_deadline(client->end.cactus);
}

void rpc_client_run_due(struct rpc_client *client)
{
	cactus_run_due(client->end.cactus);
}

/* ---- Server ---- */

static enum cactus_verdict reply_out(void *self, void *argument)
{
	return send_down(&((struct rpc_server *)self)->end, RPC_REPLY, argument);
}

/* Runs the procedure, once there is a place for its reply: what has run is always answered. */
static enum cactus_verdict request_in(void *self, void *argument)
{
	struct rpc_server *server = self;
	struct cactus *c = server->end.cactus;
	const struct cactus_msg *msg = argument;
	struct message *reply = message_new(&server->end, RPC_REPLY, RPC_BODY_MAX);
	size_t length;

	if (reply == NULL)
		return rpc_refuse(argument, RPC_NO_MEMORY);
	length = server->serve(server->end.context, msg->body, msg->length, reply->cactus.body, RPC_BODY_MAX);
	reply->cactus.length = length < RPC_BODY_MAX ? length : RPC_BODY_MAX;
	reply->address = message_of(argument)->address;
	reply->request = msg;
	if (cactus_raise(c, cactus_down_event(c, RPC_REPLY), &reply->cactus) == CACTUS_STOP)
		message_of(argument)->status = reply->status < 0 ? reply->status : RPC_REFUSED;
	reply->request = NULL;
	cactus_msg_release(&reply->cactus);
	return CACTUS_NEXT;
}

int rpc_server_make(const struct cactus_composition *composition, const struct cactus_platform *platform,
    rpc_transmit *send, rpc_serve *serve, void *context, struct rpc_server **out)
{
	struct rpc_server *server = end_new(composition, platform, sizeof(*server), send, context);
	int status;

	if (server == NULL)
		return RPC_NO_MEMORY;
	server->serve = serve;
	status = end_start(&server->end, server, RPC_REPLY, reply_out, RPC_REQUEST, request_in);
	if (status == RPC_OK)
		*out = server;
	else
		end_free(&server->end);
	return status;
}

void rpc_server_free(struct rpc_server *server)
{
	if (server != NULL)
		end_free(&server->end);
}

int rpc_server_pop(struct rpc_server *server, uint64_t from, uint8_t *bytes, size_t length)
{
	return pop(&server->end, RPC_REQUEST, from, bytes, length);
}

uint64_t rpc_server_deadline(const struct rpc_server *server)
{
	return cactus_deadline(server->end.cactus);
}

void rpc_server_run_due(struct rpc_server *server)
{
	cactus_run_due(server->end.cactus);
}
