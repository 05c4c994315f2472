/* SPDX-License-Identifier: Apache-2.0 */
/*
 * at-most-once ("Unique Execution"): the server remembers the replies of the last calls of each client.  A request that
 * comes again gets the reply of before; one older than what is remembered is refused.  Neither runs.
 */
#include "answers.h"
#include "rpc_module.h"

struct at_most_once {
	struct cactus_instance cactus;
	struct answers answers;
	uint64_t remember_us;
	cactus_event forget;
};

static uint64_t read_id(const struct cactus_msg *request, const char *name)
{
	uint64_t id = 0;

	(void)cactus_get_u64(request, cactus_column_named(request->composition, name), &id);
	return id;
}

/* A new client, with the timer that will forget it. */
static struct answers_client *admit(struct at_most_once *a, uint64_t id)
{
	const struct cactus_platform *platform = cactus_platform_of(a->cactus.cactus);
	struct answers_client *client = answers_admit(&a->answers, platform, id);

	if (client == NULL || cactus_raise_later(a->cactus.cactus, a->forget, client, a->remember_us) != 0)
		return client;
	answers_forget(&a->answers, platform, client);
	return NULL;
}

static enum cactus_verdict up(void *self, void *argument)
{
	struct at_most_once *a = self;
	const uint64_t id = read_id(argument, RPC_CLIENT_ID), call = read_id(argument, RPC_CALL_ID);
	struct answers_client *client = answers_find(&a->answers, id);
	const struct answer *answer;

	if (client == NULL && a->answers.known == a->answers.limit)
		return rpc_refuse(argument, RPC_CROWDED);
	if (client == NULL && (client = admit(a, id)) == NULL)
		return rpc_refuse(argument, RPC_NO_MEMORY);
	client->heard_us = rpc_now(self);
	answer = answers_place(&a->answers, client, call);
	if (call > answer->call)
		return CACTUS_NEXT;
	if (call < answer->call || answer->reply == NULL)
		return rpc_refuse(argument, RPC_STALE);
	rpc_send_again(answer->reply, argument);
	return rpc_refuse(argument, RPC_DUPLICATE);
}

/* The procedure has run for a client that up() has seen.  The layers behind this one still work on the message kept. */
static enum cactus_verdict replied(void *self, void *argument)
{
	const struct at_most_once *a = self;
	const struct cactus_msg *request = rpc_request_of(argument);
	const uint64_t call = read_id(request, RPC_CALL_ID);

	answer_set(answers_place(&a->answers, answers_find(&a->answers, read_id(request, RPC_CLIENT_ID)), call), call,
	    argument);
	return CACTUS_NEXT;
}

/* The place of the timer that has just run is free: asking for the next one cannot fail for memory. */
static enum cactus_verdict forget(void *self, void *argument)
{
	struct at_most_once *a = self;
	struct answers_client *client = argument;
	const uint64_t silent_us = rpc_now(self) - client->heard_us;

	if (silent_us >= a->remember_us ||
	    cactus_raise_later(a->cactus.cactus, a->forget, client, a->remember_us - silent_us) == 0)
		answers_forget(&a->answers, cactus_platform_of(a->cactus.cactus), client);
	return CACTUS_NEXT;
}

static int begin(void *self)
{
	struct at_most_once *a = self;

	a->forget = cactus_event_named(a->cactus.cactus, "forget", CACTUS_NO_INDEX);
	return a->forget == 0 ? RPC_NO_MEMORY : RPC_OK;
}

static void end(void *self)
{
	struct at_most_once *a = self;

	while (a->answers.first != NULL)
		answers_forget(&a->answers, cactus_platform_of(a->cactus.cactus), a->answers.first);
}

const struct cactus_mp rpc_at_most_once = {
	.name = "at-most-once",
	.summary = "runs the procedure at most once for a call, however often its request arrives",
	.size = sizeof(struct at_most_once),
	.params = (const struct cactus_param[]){
		{ .name = "window", .doc = "Calls remembered of a client, which should not have more under way.",
		    .kind = CACTUS_COUNT, .at = CACTUS_AT(struct at_most_once, answers.window), .local = true,
		    .min = 1, .max = 65536, .dflt = 64 },
		{ .name = "clients", .doc = "Clients remembered; requests of others are refused.",
		    .kind = CACTUS_COUNT, .at = CACTUS_AT(struct at_most_once, answers.limit), .local = true,
		    .min = 1, .max = 65536, .dflt = 64 },
		{ .name = "remember", .doc = "How long a silent client is remembered; longer than a request can be under way.",
		    .kind = CACTUS_DURATION, .at = CACTUS_AT(struct at_most_once, remember_us), .local = true,
		    .min = 1000, .max = 86400000000, .dflt = 600000000 },
		{ 0 } },
	.needs = (const struct cactus_tie[]){ { .capability = RPC_HAS_IDENTITY }, { 0 } },
	.provides = (const struct cactus_tie[]){ { .capability = RPC_HAS_UNIQUE_EXECUTION }, { 0 } },
	.events = (const struct cactus_event_row[]){
		{ .event = RPC_REPLY_OUT, .handler = replied }, { .event = "forget", .handler = forget }, { 0 } },
	.up = up,
	.begin = begin,
	.end = end,
};
