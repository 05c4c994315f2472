/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key by encapsulation (NIST SP 800-227): one end seals a new secret to a public key of the other, and only that one can open it.
 *
 * RSASVE: to a long-term key of the server's that the client knows beforehand.  The client's ciphertext (of a key of 3072 bits:
 * 384) is in the first message; the server's share is empty, as its part in the key is the transcript with its nonce.  The secret
 * is SHA-256 of what was encapsulated.  The server's key is one for all sessions: who gets it, or computes it, later, reads all
 * that was ever recorded.
 *
 * ML-KEM-768, alone or with X25519 beside it: to a key that the client makes for this exchange and sends in the first message; the
 * server seals to it in the second.  Who records the exchange learns nothing even if long-term keys are lost later.
 *
 * Neither says who the peer is: that comes from the layers that protect the exchange.
 */
#include "keydist.h"

#include <string.h>

static const char *const mechanisms[] = { "rsasve", "ml-kem-768", "x25519-ml-kem-768", NULL };

struct kem {
	struct keydist head; /* OWN is what this end's part is made from; with RSASVE then the secret */
	uint32_t mechanism;  /* of MECHANISMS */
};

/* To the server's long-term key. */
static int long_term(struct kem *kem, struct seccomm_exchange *x, const char *algorithm)
{
	uint8_t *own = kem->head.own;

	x->secret_length = x->step == SECCOMM_OFFER ? 0 : KEYDIST_BYTES;
	if (x->step == SECCOMM_OFFER)
		return seccomm_kem_encapsulate(kem, algorithm, own, x->share, &x->share_length, own);
	if (x->step == SECCOMM_ANSWER)
		return seccomm_kem_decapsulate(kem, algorithm, x->peer_share, x->peer_length, x->secret);
	if (x->peer_length != 0)
		return SECCOMM_REFUSED;
	memcpy(x->secret, own, KEYDIST_BYTES);
	return SECCOMM_OK;
}

/* To the client's new key.  What the server sealed with has served then. */
static int ephemeral(struct kem *kem, struct seccomm_exchange *x, const char *algorithm)
{
	int status;

	if (x->step == SECCOMM_OFFER)
		return seccomm_kem_offer(kem, algorithm, kem->head.own, x);
	if (x->step == SECCOMM_FINISH)
		return seccomm_kem_finish(kem, algorithm, kem->head.own, x);
	status = seccomm_kem_answer(kem, algorithm, kem->head.own, x);
	seccomm_wipe(kem->head.own, KEYDIST_BYTES);
	return status;
}

/* The client may have to hear several answers until one is the server's, so OWN stays until the slot has its key. */
static enum cactus_verdict exchange(void *self, void *argument)
{
	struct kem *kem = self;
	struct seccomm_exchange *x = argument;
	const char *algorithm = mechanisms[kem->mechanism];
	const bool fresh = seccomm_kem_is_ephemeral(algorithm);
	const bool contributes = x->step == SECCOMM_OFFER || (fresh && x->step == SECCOMM_ANSWER);
	int status;

	x->share_length = x->secret_length = 0;
	if (contributes ? !keydist_make(&kem->head) : x->step == SECCOMM_FINISH && !kem->head.made)
		return CACTUS_STOP;
	status = fresh ? ephemeral(kem, x, algorithm) : long_term(kem, x, algorithm);
	x->refused = status == SECCOMM_REFUSED;
	return status >= 0 ? CACTUS_NEXT : CACTUS_STOP;
}

const struct seccomm_mp mp_establish_kem = {
	.cactus = {
		.name = "establish:kem",
		.summary = "seals a new secret to a public key: to one new each time, or, with RSASVE, to the server's long-term one, and "
			   "who gets that later reads all that was recorded",
		.size = sizeof(struct kem),
		.params = (const struct cactus_param[]){
			{ .name = "mechanism", .doc = "How a secret is encapsulated, by OpenSSL's name of it.",
			    .at = CACTUS_AT(struct kem, mechanism), .kind = CACTUS_WORD, .words = mechanisms },
			KEYDIST_CREATION, { 0 } },
		.needs = (const struct cactus_tie[]){
			{ .capability = "key-creation", .index = CACTUS_AT(struct seccomm_self, key) }, { 0 } },
		.provides = KEYDIST_PROVIDES,
		.events = KEYDIST_EVENTS(exchange),
		.begin = keydist_begin,
	},
	.layer = "establish",
	.word = "kem",
	.class_of = SECCOMM_KEY_DISTRIBUTION,
	.standing = SECCOMM_MODERN,
	.revision = 1,
	.kind = "kem",
	.algorithm = "rsasve",
	.choice = CACTUS_AT(struct kem, mechanism),
	.wire = "RSASVE: ciphertext (384) from the client; ML-KEM-768: public key (1184) from the client, ciphertext (1088) from the "
		"server; with X25519: both longer by 32",
};
