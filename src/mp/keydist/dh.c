/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DiffHellKeyDistribution (TR 99-08, 3.3.6): both ends contribute to the key, and who records the exchange learns nothing
 * even if long-term keys are lost later.
 *
 * Shares, in both directions: public value (32) of X25519 (RFC 7748).  Nothing here says who the peer is: that comes from
 * the layers that protect the exchange.
 */
#include "keydist.h"

enum { VALUE = KEYDIST_BYTES };

static const char *const groups[] = { "x25519", NULL };

struct dh {
	struct keydist head; /* OWN is the private value */
	uint32_t group;	     /* of GROUPS */
};

/* A new private value, and the share that belongs to it. */
static bool offer(struct dh *dh, struct seccomm_exchange *exchange)
{
	exchange->share_length = VALUE;
	return keydist_make(&dh->head) && seccomm_kx_public(dh, groups[dh->group], dh->head.own, exchange->share) >= 0;
}

/* The secret.  A server's private value has served then; a client's may be needed for the true answer, if this one is not. */
static bool finish(struct dh *dh, struct seccomm_exchange *exchange)
{
	int status = exchange->peer_length == VALUE ? SECCOMM_OK : SECCOMM_REFUSED;

	if (status == SECCOMM_OK && dh->head.made)
		status = seccomm_kx_secret(dh, groups[dh->group], dh->head.own, exchange->peer_share, exchange->secret);
	exchange->refused = status == SECCOMM_REFUSED;
	if (status != SECCOMM_OK || !dh->head.made)
		return false;
	exchange->secret_length = VALUE;
	if (exchange->step == SECCOMM_ANSWER)
		seccomm_wipe(dh->head.own, VALUE);
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
			KEYDIST_CREATION, { 0 } },
		.needs = (const struct cactus_tie[]){
			{ .capability = "key-creation", .index = CACTUS_AT(struct seccomm_self, key) }, { 0 } },
		.provides = KEYDIST_PROVIDES,
		.events = KEYDIST_EVENTS(exchange),
		.begin = keydist_begin,
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
