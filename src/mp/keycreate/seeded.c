/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Figure 6 of TR 99-08 as it is printed: all keys follow from a seed, which the configuration names.  For the lab, where a
 * run is to be repeated: whoever knows or guesses the seed computes every key.
 *
 * Key N = HKDF-SHA-256 of seed (4) || N (8); N counts the session's creations for this key, so that no epoch gets the key of
 * another one, and the two ends of a session get different ones from the same seed.
 */
#include "keycreate.h"

struct seeded {
	struct seccomm_self self;
	uint32_t seed;
};

static enum cactus_verdict create(void *self, void *argument)
{
	const struct seeded *seeded = self;
	struct seccomm_key_request *request = argument;
	uint64_t *number = seccomm_kept(self, sizeof(*number));
	const struct seccomm_part none = { "", 0 };
	uint8_t seed[12];
	const struct seccomm_part secret = { seed, sizeof(seed) };

	if (number == NULL)
		return CACTUS_STOP;
	cactus_put_u32(seed, seeded->seed);
	cactus_put_u64(seed + 4, (*number)++);
	request->made = seccomm_derive(self, &none, &secret, "key", request->key, request->length) >= 0;
	return request->made ? CACTUS_NEXT : CACTUS_STOP;
}

const struct seccomm_mp mp_create_seeded = {
	.cactus = {
		.name = "create:seeded",
		.summary = "creates the same keys again in every session, from a seed that is no secret",
		.size = sizeof(struct seeded),
		.params = (const struct cactus_param[]){
			{ .name = "seed", .doc = "What all keys follow from.", .at = CACTUS_AT(struct seeded, seed),
			    .kind = CACTUS_COUNT, .max = UINT32_MAX, .required = true, .local = true },
			{ 0 } },
		.provides = KEYCREATE_PROVIDES,
		.events = KEYCREATE_EVENTS(create),
	},
	.layer = "create",
	.word = "seeded",
	.class_of = SECCOMM_KEY_CREATION,
	.standing = SECCOMM_TOY,
	.revision = 1,
};
