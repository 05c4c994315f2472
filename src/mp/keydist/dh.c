/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DiffHellKeyDistribution (TR 99-08, 3.3.6): both ends contribute to the key, and who records the exchange learns nothing
 * even if long-term keys are lost later.
 *
 * Shares, in both directions: public value, of the size that the group has: X25519 32, X448 56 (RFC 7748), P-256 65 (SEC 1,
 * uncompressed), ffdhe2048 256, ffdhe3072 384 (RFC 7919, big-endian).  Nothing here says who the peer is: that comes from
 * the layers that protect the exchange.  The secret is the group's (of ffdhe its SHA-256).  With a pre-shared secret the secret is that of the group || the pre-shared one
 * (32): who has only one of them, a quantum computer or a stolen file, has nothing.
 */
#include "keydist.h"

static const char *const groups[] = { "x25519", "x448", "p-256", "ffdhe2048", "ffdhe3072", NULL };

struct dh {
	struct keydist head; /* OWN is what the private value is made from */
	const char *secret;  /* its name in the keyring; NULL: none */
	uint32_t group;	     /* of GROUPS */
};

/* A new private value, and the share that belongs to it. */
static bool offer(struct dh *dh, struct seccomm_exchange *exchange)
{
	size_t secret;

	return keydist_make(&dh->head) && seccomm_kx_sizes(dh, groups[dh->group], &exchange->share_length, &secret) >= 0 &&
	       seccomm_kx_public(dh, groups[dh->group], dh->head.own, exchange->share) >= 0;
}

static bool has_secret(const struct dh *dh)
{
	return dh->secret && dh->secret[0];
}

/* The secret.  A server's private value has served then; a client's may be needed for the true answer, if this one is not. */
static bool finish(struct dh *dh, struct seccomm_exchange *exchange)
{
	size_t share, secret;
	int status = seccomm_kx_sizes(dh, groups[dh->group], &share, &secret);

	if (status == SECCOMM_OK && exchange->peer_length != share)
		status = SECCOMM_REFUSED;
	if (status == SECCOMM_OK && dh->head.made)
		status = seccomm_kx_secret(dh, groups[dh->group], dh->head.own, exchange->peer_share, exchange->secret);
	exchange->refused = status == SECCOMM_REFUSED;
	if (status != SECCOMM_OK || !dh->head.made)
		return false;
	exchange->secret_length = secret;
	if (has_secret(dh)) {
		if (seccomm_predefined(dh, dh->secret, exchange->secret + secret) < 0)
			return false;
		exchange->secret_length += KEYDIST_BYTES;
	}
	if (exchange->step == SECCOMM_ANSWER)
		seccomm_wipe(dh->head.own, KEYDIST_BYTES);
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
			{ .name = "secret", .doc = "Name of a pre-shared secret in this end's keyring, which is mixed in.",
			    .at = CACTUS_AT(struct dh, secret), .kind = CACTUS_TEXT, .local = true },
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
	.choice = CACTUS_AT(struct dh, group),
	.wire = "public value (32, or as the group has it), in both directions",
};
