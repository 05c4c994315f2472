/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Creates each key from a state that is then forgotten: the chain of Figure 6 of TR 99-08, of which a key shows nothing.
 *
 * Key and next state = HKDF-SHA-256 of the state with 32 new random bytes as salt, for two purposes.  The first state is a
 * secret of the keyring, or zeros: then the random bytes are all.  The state is the session's, and goes on only forwards: a
 * failed exchange has used it up, too.  Who takes it learns no key that was created before; and none created later, unless the
 * random bytes are known as well.  Random bytes that turn out to be known show no key as long as the state is not known.  What
 * has become of a key elsewhere, in the epoch that it serves and at the peer, and the secret in its file, is not forgotten here.
 */
#include "keycreate.h"

#include <string.h>

enum { STATE = 32, FRESH = 32 };

struct chain {
	struct seccomm_self self;
	const char *secret; /* its name in the keyring; NULL: none */
};

struct state {
	bool begun;
	uint8_t fresh[FRESH]; /* during a step */
	uint8_t bytes[STATE];
};

/* A step; the state is replaced before anybody has the key. */
static bool step(void *self, struct state *state, struct seccomm_key_request *request)
{
	uint8_t next[STATE];
	const struct seccomm_part salt = { state->fresh, FRESH }, from = { state->bytes, STATE };
	const bool made = seccomm_random(self, state->fresh, FRESH) >= 0 &&
			  seccomm_derive(self, &salt, &from, "key", request->key, request->length) >= 0 &&
			  seccomm_derive(self, &salt, &from, "next", next, STATE) >= 0;

	if (made)
		memcpy(state->bytes, next, STATE);
	seccomm_wipe(state->fresh, FRESH);
	seccomm_wipe(next, sizeof(next));
	return made;
}

static enum cactus_verdict create(void *self, void *argument)
{
	const struct chain *chain = self;
	struct seccomm_key_request *request = argument;
	struct state *state = seccomm_kept(self, sizeof(*state));

	if (state == NULL)
		return CACTUS_STOP;
	if (!state->begun && chain->secret != NULL && seccomm_predefined(self, chain->secret, state->bytes) < 0)
		return CACTUS_STOP;
	state->begun = true;
	request->made = step(self, state, request);
	return request->made ? CACTUS_NEXT : CACTUS_STOP;
}

const struct seccomm_mp mp_create_chain = {
	.cactus = {
		.name = "create:chain",
		.summary = "creates each key from a state that is then replaced and forgotten, and from new random numbers",
		.size = sizeof(struct chain),
		.params = (const struct cactus_param[]){
			{ .name = "secret", .doc = "Name of a secret in this end's keyring that the chain begins with.",
			    .at = CACTUS_AT(struct chain, secret), .kind = CACTUS_TEXT, .local = true },
			{ 0 } },
		.provides = KEYCREATE_PROVIDES,
		.events = KEYCREATE_EVENTS(create),
	},
	.layer = "create",
	.word = "chain",
	.class_of = SECCOMM_KEY_CREATION,
	.standing = SECCOMM_MODERN,
	.quantum = true,
	.revision = 1,
};
