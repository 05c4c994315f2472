/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key by encapsulation (NIST SP 800-227): the client seals a new secret to a key of the server's that it knows beforehand, and
 * only the server can open it.
 *
 * Shares: the client's ciphertext (RSASVE with a key of 3072 bits: 384) in the first message; the server's is empty, as its part
 * in the key is the transcript with its nonce.  The secret is SHA-256 of what was encapsulated.  The server's key is one for all
 * sessions: who gets it, or computes it, later, reads all that was ever recorded.  There is no forward secrecy.  Nor does it say
 * who the client is: that comes from the layers that protect the exchange.
 *
 * ML-KEM would be used with a key that is new for each session; what is missing for it the table of algorithms says.
 */
#include "keydist.h"

#include <string.h>

static const char *const mechanisms[] = { "rsasve", "ml-kem-768", "x25519-ml-kem-768", NULL };

struct kem {
	struct keydist head; /* OWN is what the client's secret is made from, and then that secret */
	uint32_t mechanism;  /* of MECHANISMS */
};

/* The client may have to hear several answers until one is the server's, so the secret stays until the slot has its key. */
static bool step(struct kem *kem, struct seccomm_exchange *x)
{
	const char *algorithm = mechanisms[kem->mechanism];
	int status;

	x->share_length = x->secret_length = 0;
	if (x->step == SECCOMM_OFFER)
		return keydist_make(&kem->head) &&
		       seccomm_kem_encapsulate(kem, algorithm, kem->head.own, x->share, &x->share_length, kem->head.own) >= 0;
	if (x->step == SECCOMM_FINISH) {
		x->refused = x->peer_length != 0;
		if (x->refused || !kem->head.made)
			return false;
		memcpy(x->secret, kem->head.own, KEYDIST_BYTES);
	} else {
		status = seccomm_kem_decapsulate(kem, algorithm, x->peer_share, x->peer_length, x->secret);
		x->refused = status == SECCOMM_REFUSED;
		if (status < 0)
			return false;
	}
	x->secret_length = KEYDIST_BYTES;
	return true;
}

static enum cactus_verdict exchange(void *self, void *argument)
{
	return step(self, argument) ? CACTUS_NEXT : CACTUS_STOP;
}

const struct seccomm_mp mp_establish_kem = {
	.cactus = {
		.name = "establish:kem",
		.summary = "seals a new secret to a long-term key of the server's; who gets that key later reads all that was recorded",
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
	.wire = "ciphertext (384) from the client",
};
