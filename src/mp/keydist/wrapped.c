/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ClientKeyDistribution (TR 99-08, Figure 7), ServerKeyDistribution, and the two together: an end creates a key and sends it
 * to the other one, under the layers that protect the exchange.
 *
 * Shares: the client's part (32) in the third message, the server's part (32) in the second; a part that is not made is
 * empty.  The secret is the client's part || the server's part.  Nothing here hides a part: that is up to a layer under the
 * key, with a key that was there before.  Figure 7 as printed can be reflected, replayed, and locked out by garbage; here the
 * session's transcript, its confirmation and its patience with what is not authentic prevent that.
 */
#include "keydist.h"

#include <string.h>

enum { PART = KEYDIST_BYTES };

static bool creates(const struct keydist *k, enum seccomm_direction direction)
{
	const struct seccomm_mp *mp = (const void *)k->self.cactus.mp;

	return mp->wraps >> direction & 1;
}

/* Whether the peer's share is a part, if one is EXPECTED; or else nothing. */
static bool fits(struct seccomm_exchange *x, bool expected)
{
	static const uint8_t zero[PART];

	x->refused = expected ? x->peer_length != PART || seccomm_equal(x->peer_share, zero, PART) : x->peer_length != 0;
	return !x->refused;
}

static bool make(struct keydist *k, struct seccomm_exchange *x)
{
	if (!keydist_make(k))
		return false;
	memcpy(x->share, k->own, PART);
	x->share_length = PART;
	return true;
}

static void add(struct seccomm_exchange *x, const uint8_t *part)
{
	memcpy(x->secret + x->secret_length, part, PART);
	x->secret_length += PART;
}

static enum cactus_verdict exchange(void *self, void *argument)
{
	struct keydist *k = self;
	struct seccomm_exchange *x = argument;
	const bool client = creates(k, SECCOMM_C2S), server = creates(k, SECCOMM_S2C), here = x->step == SECCOMM_FINISH;
	bool fine = true;

	x->late = client;
	x->share_length = x->secret_length = 0;
	if (x->step == SECCOMM_ANSWER)
		fine = fits(x, false) && (!server || make(k, x));
	else if (x->step == SECCOMM_FINISH)
		fine = fits(x, server) && (!client || make(k, x));
	else if (x->step == SECCOMM_CONCLUDE)
		fine = fits(x, client) && (!server || k->made);
	if (!fine)
		return CACTUS_STOP;
	/* Without the client's part there is no secret yet. */
	if (x->step == SECCOMM_OFFER || (x->step == SECCOMM_ANSWER && client))
		return CACTUS_NEXT;
	if (client)
		add(x, here ? k->own : x->peer_share);
	if (server)
		add(x, here ? x->peer_share : k->own);
	return CACTUS_NEXT;
}

#define WRAPPED(word_, paper_, wraps_, wire_, summary_)                                                                \
	{                                                                                                              \
		.cactus = { .name = "establish:" word_,                                                                \
			.summary = summary_,                                                                           \
			.size = sizeof(struct keydist),                                                                \
			.params = (const struct cactus_param[]){ KEYDIST_CREATION, { 0 } },                            \
			.needs = (const struct cactus_tie[]){ { .capability = "key-creation",                          \
						      .index = CACTUS_AT(struct seccomm_self, key) },                  \
			    { 0 } },                                                                                   \
			.provides = KEYDIST_PROVIDES,                                                                  \
			.events = KEYDIST_EVENTS(exchange),                                                            \
			.begin = keydist_begin },                                                                      \
		.layer = "establish", .word = word_, .paper = paper_, .class_of = SECCOMM_KEY_DISTRIBUTION,            \
		.standing = SECCOMM_MODERN, .quantum = true, .revision = 1, .wraps = (wraps_), .wire = wire_                            \
	}

const struct seccomm_mp mp_establish_client_creates = WRAPPED("client-creates", "ClientKeyDistribution", 1U << SECCOMM_C2S,
    "key (32), in the third message", "takes a key that the client creates and sends, which a layer under the key must hide");
const struct seccomm_mp mp_establish_server_creates = WRAPPED("server-creates", "ServerKeyDistribution", 1U << SECCOMM_S2C,
    "key (32), in the second message", "takes a key that the server creates and sends, which a layer under the key must hide");
const struct seccomm_mp mp_establish_both = WRAPPED("both", NULL, 1U << SECCOMM_C2S | 1U << SECCOMM_S2C,
    "half of the secret (32), in the second and in the third message",
    "takes a key made of two that both ends create and send, which a layer under the key must hide");
