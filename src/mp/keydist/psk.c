/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key from a secret that both ends have had before: TR 99-08's predefined key, as a key distribution.
 *
 * Its shares are empty; what makes each session's keys different is the transcript of the exchange, with a nonce of both
 * ends.  Who learns the secret can read all that was ever recorded: it never gives forward secrecy.
 */
#include "seccomm_module.h"

enum { SECRET = 32 };

struct psk {
	struct seccomm_self self;
	const char *secret; /* its name in the keyring */
	bool done;	    /* the slot has its key */
};

static int begin(void *self)
{
	seccomm_disable_push(self);
	return CACTUS_OK;
}

static enum cactus_verdict key_ready(void *self, void *argument)
{
	struct psk *psk = self;

	(void)argument;
	psk->done = true;
	seccomm_enable_push(self);
	return CACTUS_NEXT;
}

static enum cactus_verdict open_session(void *self, void *argument)
{
	const struct psk *psk = self;

	(void)argument;
	return psk->done ? CACTUS_NEXT : seccomm_exchange_begin(self);
}

static enum cactus_verdict exchange(void *self, void *argument)
{
	const struct psk *psk = self;
	struct seccomm_exchange *x = argument;

	x->share_length = 0;
	if (x->step == SECCOMM_OFFER)
		return CACTUS_NEXT;
	if (x->peer_length != 0 || seccomm_predefined(self, psk->secret, x->secret) < 0)
		return CACTUS_STOP;
	x->secret_length = SECRET;
	return CACTUS_NEXT;
}

const struct seccomm_mp mp_establish_psk = {
	.cactus = {
		.name = "establish:psk",
		.summary = "takes the key from a secret of the keyring that both ends have had before",
		.size = sizeof(struct psk),
		.params = (const struct cactus_param[]){
			{ .name = "secret", .doc = "Name of the pre-shared secret in this end's keyring.",
			    .at = CACTUS_AT(struct psk, secret), .kind = CACTUS_TEXT, .required = true, .local = true },
			{ 0 } },
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
	.word = "psk",
	.class_of = SECCOMM_KEY_DISTRIBUTION,
	.standing = SECCOMM_MODERN,
	.revision = 1,
	.wire = "nothing",
};
