/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key from a secret that both ends have had before: TR 99-08's predefined key, as a key distribution.
 *
 * Its shares are empty; what makes each session's keys different is the transcript of the exchange, with a nonce of both
 * ends.  Who learns the secret can read all that was ever recorded: it never gives forward secrecy.
 */
#include "keydist.h"

struct psk {
	struct keydist head;
	const char *secret; /* its name in the keyring */
};

static enum cactus_verdict exchange(void *self, void *argument)
{
	const struct psk *psk = self;
	struct seccomm_exchange *x = argument;

	x->share_length = 0;
	if (x->step == SECCOMM_OFFER)
		return CACTUS_NEXT;
	x->refused = x->peer_length != 0;
	if (x->refused || seccomm_predefined(self, psk->secret, x->secret) < 0)
		return CACTUS_STOP;
	x->secret_length = KEYDIST_BYTES;
	return CACTUS_NEXT;
}

const struct seccomm_mp mp_establish_psk = {
	.cactus = {
		.name = "establish:psk",
		.summary = "takes the key from a secret of the keyring that both ends have had before",
		.size = sizeof(struct psk),
		.params = (const struct cactus_param[]){
			{ .name = "secret", .doc = "Name of the pre-shared secret in this end's keyring: seccomm key gen NAME --algorithm psk.",
			    .at = CACTUS_AT(struct psk, secret), .kind = CACTUS_TEXT, .required = true, .local = true },
			{ 0 } },
		.provides = KEYDIST_PROVIDES,
		.events = KEYDIST_EVENTS(exchange),
		.begin = keydist_begin,
	},
	.layer = "establish",
	.word = "psk",
	.class_of = SECCOMM_KEY_DISTRIBUTION,
	.standing = SECCOMM_MODERN,
	.quantum = true,
	.revision = 1,
	.wire = "nothing",
};
