/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DiffHellKeyDistribution (TR 99-08, 3.3.6): both ends contribute to the key, and who records the exchange learns nothing
 * even if long-term keys are lost later.
 *
 * Shares, in both directions: public value (32) of X25519 (RFC 7748).  Nothing here says who the peer is: that comes from
 * the layers that protect the exchange.  The slots are worked off one after the other, as in Figure 7: the client's handler
 * of openSession stops the event, and the session raises it again when the slot has its key.
 */
#include "seccomm_module.h"

#include <string.h>

enum { VALUE = 32 };

static const char *const groups[] = { "x25519", NULL };

struct dh {
	struct seccomm_self self;
	uint32_t group; /* of GROUPS */
	cactus_event create;
	bool offered, done;	      /* there is a private value; the slot has its key */
	uint8_t private_value[VALUE]; /* from the offer to the finish */
};

static int begin(void *self)
{
	struct dh *dh = self;

	seccomm_disable_push(self);
	dh->create = cactus_event_named(dh->self.cactus.cactus, "keyCreate_", dh->self.key);
	return dh->create ? CACTUS_OK : CACTUS_NO_MEMORY;
}

/* Only now has the peer confirmed it; until then a share that was not its own must not cost the private value. */
static enum cactus_verdict key_ready(void *self, void *argument)
{
	struct dh *dh = self;

	(void)argument;
	seccomm_wipe(dh->private_value, VALUE);
	dh->offered = false;
	dh->done = true;
	seccomm_enable_push(self);
	return CACTUS_NEXT;
}

static enum cactus_verdict open_session(void *self, void *argument)
{
	const struct dh *dh = self;

	(void)argument;
	return dh->done ? CACTUS_NEXT : seccomm_exchange_begin(self);
}

/* A new private value, and the share that belongs to it. */
static bool offer(struct dh *dh, struct seccomm_exchange *exchange)
{
	struct seccomm_key_request request = { .key = dh->private_value, .length = VALUE };

	if (cactus_raise(dh->self.cactus.cactus, dh->create, &request) != CACTUS_NEXT || !request.made)
		return false;
	dh->offered = true;
	exchange->share_length = VALUE;
	return seccomm_kx_public(dh, groups[dh->group], dh->private_value, exchange->share) >= 0;
}

/* The secret.  A server's private value has served then; a client's may be needed for the true answer, if this one is not. */
static bool finish(struct dh *dh, struct seccomm_exchange *exchange)
{
	if (!dh->offered || exchange->peer_length != VALUE ||
	    seccomm_kx_secret(dh, groups[dh->group], dh->private_value, exchange->peer_share, exchange->secret) < 0)
		return false;
	exchange->secret_length = VALUE;
	if (exchange->step == SECCOMM_ANSWER)
		seccomm_wipe(dh->private_value, VALUE);
	return true;
}

static enum cactus_verdict exchange(void *self, void *argument)
{
	struct seccomm_exchange *x = argument;
	bool made = true;

	if (x->step == SECCOMM_OFFER || x->step == SECCOMM_ANSWER)
		made = offer(self, x);
	if (made && (x->step == SECCOMM_ANSWER || x->step == SECCOMM_FINISH))
		made = finish(self, x);
	return made ? CACTUS_NEXT : CACTUS_STOP;
}

const struct seccomm_mp mp_establish_dh = {
	.cactus = {
		.name = "establish:dh",
		.summary = "agrees on a key to which both ends contribute, and which stays secret when long-term keys are lost",
		.size = sizeof(struct dh),
		.params = (const struct cactus_param[]){
			{ .name = "group", .doc = "The group in which both ends compute.", .at = CACTUS_AT(struct dh, group),
			    .kind = CACTUS_WORD, .words = groups },
			{ 0 } },
		.needs = (const struct cactus_tie[]){
			{ .capability = "key-creation", .index = CACTUS_AT(struct seccomm_self, key) }, { 0 } },
		.provides = (const struct cactus_tie[]){
			{ .capability = "key", .index = CACTUS_AT(struct seccomm_self, key) }, { 0 } },
		.events = (const struct cactus_event_row[]){
			SECCOMM_KEY_EVENT(key_ready),
			{ .event = "openSession", .handler = open_session },
			{ .event = "keyExchange_", .index = CACTUS_AT(struct seccomm_self, key), .handler = exchange },
			{ 0 } },
		.begin = begin,
	},
	.layer = "establish",
	.word = "dh",
	.paper = "DiffHellKeyDistribution",
	.class_of = SECCOMM_KEY_DISTRIBUTION,
	.standing = SECCOMM_MODERN,
	.gives = SECCOMM_GIVES_FORWARD_SECRECY,
	.revision = 1,
	.kind = "kx",
	.algorithm = "x25519",
	.wire = "public value (32), in both directions",
};
