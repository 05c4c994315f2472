/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ConsistencyCheck (TR 99-08, 3.3.3): redundancy that only the right decryption brings back.
 *
 * On the wire: check (8) || packed body.  The check is a fixed constant XOR what goes around the body (seccomm_cover) in pieces
 * of 8 bytes, the last one filled with zeros; so a header that was altered does not fit, either.  It has no secret and does
 * not look at the body: it finds accidents, a wrong key or pad outside it among them, and stops no attacker.  What does not
 * fit has the answer of a decryption that failed, so that nobody learns which of the two it was.
 */
#include "seccomm_module.h"

enum { CHECK = 8 };

static const uint8_t constant[CHECK] = { 0x5e, 0xcc, 0x03, 0x33, 0x19, 0x99, 0x08, 0xa5 };

struct consistency {
	struct seccomm_self self;
};

static void compute(const struct cactus_msg *msg, uint8_t check[CHECK])
{
	size_t length;
	const uint8_t *cover = seccomm_cover(msg, &length);

	for (size_t i = 0; i < CHECK; i++)
		check[i] = constant[i];
	for (size_t i = 0; i < length; i++)
		check[i % CHECK] ^= cover[i];
}

static enum cactus_verdict down(void *self, void *argument)
{
	struct cactus_msg *msg = argument;
	uint8_t *check;

	if (!cactus_pack(self, msg) || !(check = cactus_prefix(msg, CHECK)))
		return seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL);
	compute(msg, check);
	return CACTUS_NEXT;
}

static enum cactus_verdict up(void *self, void *argument)
{
	struct cactus_msg *msg = argument;
	const uint8_t *sent = cactus_behead(msg, CHECK);
	uint8_t check[CHECK];

	compute(msg, check);
	if (!sent || !seccomm_equal(sent, check, CHECK) || cactus_unpack(self, msg) < 0)
		return seccomm_refuse(self, msg, SECCOMM_ALERT_BAD_DECRYPTION);
	return CACTUS_NEXT;
}

const struct seccomm_mp mp_consistency = {
	.cactus = {
		.name = "consistency:fixed",
		.summary = "finds messages that were deciphered wrongly, by 8 bytes that are known beforehand; no attacker minds it",
		.size = sizeof(struct consistency),
		.growth = { .prefix = CHECK },
		.packs = true,
		.down = down,
		.up = up,
	},
	.layer = "consistency", .word = "fixed", .paper = "ConsistencyCheck",
	.class_of = SECCOMM_INTEGRITY, .standing = SECCOMM_MODERN, .quantum = true, .gives = SECCOMM_GIVES_CHECKSUM, .revision = 1,
	.wire = "check (8) || packed body",
};
