/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call-identity: every request carries which client's which call it is, and its reply carries the same, so that a reply
 * is given to the call that it answers, and to no other one.
 *
 * On the wire: client (8), random, || call (8), counted from 1.
 */
#include <string.h>

#include "rpc_module.h"

enum { KEY = 16 };

/* The one on the chain of requests names calls, the one on the chain of replies matches them. */
struct identity {
	struct cactus_instance cactus;
	uint64_t client, last;
	cactus_column client_id, call_id, key;
};

static bool read_key(const struct identity *i, const struct cactus_msg *msg, uint8_t key[KEY])
{
	const uint8_t *client = cactus_get(msg, i->client_id, NULL), *call = cactus_get(msg, i->call_id, NULL);

	if (client == NULL || call == NULL)
		return false;
	memcpy(key, client, KEY / 2);
	memcpy(key + KEY / 2, call, KEY / 2);
	return true;
}

static bool write_key(const struct identity *i, struct cactus_msg *msg, const uint8_t key[KEY])
{
	return cactus_set(msg, i->client_id, key, KEY / 2) && cactus_set(msg, i->call_id, key + KEY / 2, KEY / 2);
}

/* What is packed is no longer set, so the call keeps its key a second time. */
static enum cactus_verdict name_call(struct identity *i, struct cactus_msg *call)
{
	const struct cactus_platform *platform = cactus_platform_of(i->cactus.cactus);
	uint8_t key[KEY];

	if (i->last == 0 && platform->random(platform->context, &i->client, sizeof(i->client)) < 0)
		return rpc_refuse(call, RPC_NO_RANDOM);
	cactus_put_u64(key, i->client);
	cactus_put_u64(key + KEY / 2, ++i->last);
	if (!write_key(i, call, key) || !cactus_set(call, i->key, key, KEY))
		return rpc_refuse(call, RPC_REFUSED);
	return CACTUS_NEXT;
}

static enum cactus_verdict down(void *self, void *argument)
{
	struct identity *i = self;
	uint8_t key[KEY];

	if (i->cactus.chain == RPC_REQUEST)
		return name_call(i, argument);
	if (!read_key(i, rpc_request_of(argument), key) || !write_key(i, argument, key))
		return rpc_refuse(argument, RPC_REFUSED);
	return CACTUS_NEXT;
}

static enum cactus_verdict up(void *self, void *argument)
{
	const struct identity *i = self;
	uint8_t key[KEY];

	if (!read_key(i, argument, key))
		return rpc_refuse(argument, RPC_MALFORMED);
	if (i->cactus.chain == RPC_REQUEST)
		return CACTUS_NEXT;
	for (struct cactus_msg *call = rpc_first_call(self); call != NULL; call = rpc_next_call(call)) {
		const uint8_t *called = cactus_get(call, i->key, NULL);

		if (called != NULL && memcmp(called, key, KEY) == 0) {
			rpc_answers(argument, call);
			return CACTUS_NEXT;
		}
	}
	return rpc_refuse(argument, RPC_UNKNOWN);
}

const struct cactus_mp rpc_call_identity = {
	.name = "call-identity",
	.summary = "gives a reply to the call that it answers",
	.size = sizeof(struct identity),
	.provides = (const struct cactus_tie[]){ { .capability = RPC_HAS_IDENTITY }, { 0 } },
	.attributes = (const struct cactus_attribute[]){
		{ .name = RPC_CLIENT_ID, .scope = CACTUS_PEER, .bytes = KEY / 2, .shared = true,
		    .at = CACTUS_AT(struct identity, client_id) },
		{ .name = RPC_CALL_ID, .scope = CACTUS_PEER, .bytes = KEY / 2, .shared = true,
		    .at = CACTUS_AT(struct identity, call_id) },
		{ .name = "key", .scope = CACTUS_LOCAL, .bytes = KEY, .shared = true,
		    .at = CACTUS_AT(struct identity, key) },
		{ 0 } },
	.down = down,
	.up = up,
};
