/* SPDX-License-Identifier: Apache-2.0 */
/*
 * makers.c - a module that makes keys: create:drawn, random numbers of the platform with a mask over them, and establish:agreed,
 * an agreement on X25519 whose private values such a creator makes.  -DMODULE_VERSION says which version of it this is.
 */
#include <seccomm_module.h>

#include <string.h>

enum { BYTES = 32, MASK = 0x5a };

/* ---- create:drawn ---- */

static enum cactus_verdict create(void *self, void *argument)
{
	struct seccomm_key_request *request = argument;

	request->made = seccomm_random(self, request->key, request->length) >= 0;
	for (size_t i = 0; i < request->length; i++)
		request->key[i] ^= MASK;
	return request->made ? CACTUS_NEXT : CACTUS_STOP;
}

static const struct seccomm_mp drawn = {
	.cactus = {
		.name = "create:drawn",
		.summary = "creates keys from random numbers with a mask over them",
		.size = sizeof(struct seccomm_self),
		.provides = (const struct cactus_tie[]){
			{ .capability = "key-creation", .index = CACTUS_AT(struct seccomm_self, key) }, { 0 } },
		.events = (const struct cactus_event_row[]){
			{ .event = "keyCreate_", .index = CACTUS_AT(struct seccomm_self, key), .handler = create }, { 0 } },
	},
	.layer = "create", .word = "drawn", .class_of = SECCOMM_KEY_CREATION, .standing = SECCOMM_MODERN, .revision = 1,
};

/* ---- establish:agreed ---- */

struct agreed {
	struct seccomm_self self; /* always first */
	bool done;
	uint8_t own[BYTES]; /* what the private value is made from */
};

static int begin(void *self)
{
	seccomm_disable_push(self);
	return CACTUS_OK;
}

static enum cactus_verdict ready(void *self, void *argument)
{
	struct agreed *a = self;

	(void)argument;
	seccomm_wipe(a->own, BYTES);
	a->done = true;
	seccomm_enable_push(self);
	return CACTUS_NEXT;
}

static enum cactus_verdict open_it(void *self, void *argument)
{
	(void)argument;
	return ((const struct agreed *)self)->done ? CACTUS_NEXT : seccomm_exchange_begin(self);
}

static bool offer(struct agreed *a, struct seccomm_exchange *x)
{
	x->share_length = BYTES;
	return seccomm_create_key(a, a->self.key, a->own, BYTES) >= 0 && seccomm_kx_public(a, "x25519", a->own, x->share) >= 0;
}

static bool finish(struct agreed *a, struct seccomm_exchange *x)
{
	x->refused = x->peer_length != BYTES || seccomm_kx_secret(a, "x25519", a->own, x->peer_share, x->secret) == SECCOMM_REFUSED;
	x->secret_length = BYTES;
	return !x->refused;
}

static enum cactus_verdict exchange(void *self, void *argument)
{
	struct seccomm_exchange *x = argument;
	bool made = (x->step != SECCOMM_OFFER && x->step != SECCOMM_ANSWER) || offer(self, x);

	if (made && x->step != SECCOMM_OFFER)
		made = finish(self, x);
	return made ? CACTUS_NEXT : CACTUS_STOP;
}

static const struct seccomm_mp agreed = {
	.cactus = {
		.name = "establish:agreed",
		.summary = "agrees on a key to which both ends contribute",
		.size = sizeof(struct agreed),
		.needs = (const struct cactus_tie[]){
			{ .capability = "key-creation", .index = CACTUS_AT(struct seccomm_self, key) }, { 0 } },
		.provides = (const struct cactus_tie[]){ { .capability = "key", .index = CACTUS_AT(struct seccomm_self, key) }, { 0 } },
		.events = (const struct cactus_event_row[]){
			{ .event = "keyReady_", .index = CACTUS_AT(struct seccomm_self, key), .order = CACTUS_ORDER_MAX, .handler = ready },
			{ .event = "openSession", .handler = open_it },
			{ .event = "replaceKey_", .index = CACTUS_AT(struct seccomm_self, key), .handler = open_it },
			{ .event = "keyExchange_", .index = CACTUS_AT(struct seccomm_self, key), .handler = exchange },
			{ 0 } },
		.begin = begin,
	},
	.layer = "establish", .word = "agreed", .class_of = SECCOMM_KEY_DISTRIBUTION, .standing = SECCOMM_MODERN,
	.gives = SECCOMM_GIVES_FORWARD_SECRECY, .revision = 1, .kind = "kx", .algorithm = "x25519",
	.wire = "public value (32), in both directions",
};

static const struct seccomm_mp *const tables[] = { &drawn, &agreed, NULL };

const struct seccomm_module seccomm_module = { SECCOMM_MODULE_HEAD, .name = "makers", .version = MODULE_VERSION, .tables = tables };
