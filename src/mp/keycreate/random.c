/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RandomKeyCreate (TR 99-08, Figure 6): fills a new key from the platform's generator.
 *
 * The paper computes each key from the one before, beginning with a seed; then who learns one key knows all that follow.
 * Here every key is independent, and there is no key when the generator fails.
 */
#include "keycreate.h"

struct random {
	struct seccomm_self self;
};

static enum cactus_verdict create(void *self, void *argument)
{
	struct seccomm_key_request *request = argument;

	request->made = seccomm_random(self, request->key, request->length) >= 0;
	return request->made ? CACTUS_NEXT : CACTUS_STOP;
}

const struct seccomm_mp mp_create_random = {
	.cactus = {
		.name = "create:random",
		.summary = "creates keys from the platform's random number generator",
		.size = sizeof(struct random),
		.provides = KEYCREATE_PROVIDES,
		.events = KEYCREATE_EVENTS(create),
	},
	.layer = "create",
	.word = "random",
	.paper = "RandomKeyCreate",
	.class_of = SECCOMM_KEY_CREATION,
	.standing = SECCOMM_MODERN,
	.quantum = true,
	.revision = 1,
};
