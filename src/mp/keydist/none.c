/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key without an exchange, for one-way use and for messages that a broker keeps: from a secret that both ends have had
 * before and a salt (16) that each sender chooses anew and sends along.
 *
 * The session does the rest, so there is no handler here.  Nobody answers, so nothing proves that what comes is new: after a
 * restart the receiver takes a recorded salt, and all that was sent under it, for a new session.
 */
#include "seccomm_module.h"

struct none {
	struct seccomm_self self;
	const char *secret; /* its name in the keyring */
};

const struct seccomm_mp mp_establish_none = {
	.cactus = {
		.name = "establish:none",
		.summary = "takes the key from a secret of the keyring and a salt of each sender, without any exchange",
		.size = sizeof(struct none),
		.params = (const struct cactus_param[]){
			{ .name = "secret", .doc = "Name of the pre-shared secret in this end's keyring: seccomm key gen NAME --algorithm psk.",
			    .at = CACTUS_AT(struct none, secret), .kind = CACTUS_TEXT, .required = true, .local = true },
			{ 0 } },
		.provides = (const struct cactus_tie[]){
			{ .capability = "key", .index = CACTUS_AT(struct seccomm_self, key) }, { 0 } },
	},
	.layer = "establish",
	.word = "none",
	.class_of = SECCOMM_KEY_DISTRIBUTION,
	.standing = SECCOMM_MODERN,
	.quantum = true,
	.revision = 1,
	.salted = true,
	.wire = "no message; a salt (16) in every datagram, or once on a stream",
};
