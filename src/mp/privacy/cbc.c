/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DESPrivacy (TR 99-08, Figure 3) and its kin: a block cipher in CBC mode (NIST SP 800-38A).
 *
 * On the wire: IV (one block) || CBC(packed body || padding of 1 to one block, PKCS#7).  The IV is fresh random for
 * every message.  It gives privacy only: without a layer that authenticates outside it, a change in transit goes
 * unnoticed.  All that can be wrong with a message has one answer, and the padding is looked at as a whole, so that
 * nothing tells an attacker which part was wrong.  Another cipher is one more table.
 */
#include "seccomm_module.h"

enum { KEY_MAX = 64 };

struct cbc {
	struct seccomm_self self;
	struct seccomm_cipher *cipher[2]; /* by enum seccomm_way; NULL until the key is ready */
};

static enum cactus_verdict key_ready(void *self, void *argument)
{
	struct cbc *c = self;
	const struct seccomm_mp *mp = (const void *)c->self.cactus.mp;
	uint8_t key[KEY_MAX];

	(void)argument;
	for (enum seccomm_way way = SECCOMM_SEND; way <= SECCOMM_RECEIVE; way++) {
		if (!seccomm_runs(self, way))
			continue;
		if (seccomm_layer_key(self, way, "key", key, mp->key_bytes) == 0)
			c->cipher[way] = seccomm_cipher_new(self, mp->algorithm, key, way);
		seccomm_wipe(key, sizeof(key));
		if (!c->cipher[way])
			return CACTUS_STOP;
	}
	return CACTUS_NEXT;
}

/* Appends what brings the body to a multiple of BLOCK: N bytes of value N, at least one. */
static bool pad(struct cactus_msg *msg, size_t block)
{
	const size_t n = block - msg->length % block;
	uint8_t *padding = cactus_suffix(msg, n);

	for (size_t i = 0; padding && i < n; i++)
		padding[i] = (uint8_t)n;
	return padding;
}

/* How much of it there is in front of END; 0: none that is well-formed.  Every byte of the last block is looked at,
 * whatever it is. */
static size_t padding(const uint8_t *end, size_t block)
{
	const size_t n = end[-1];
	size_t bad = (size_t)(n == 0) | (size_t)(n > block);

	for (size_t i = 1; i <= block; i++)
		bad |= (size_t)(i <= n) & (size_t)(*(end - i) != n);
	return n & (bad - 1);
}

static bool unpad(struct cactus_msg *msg, size_t block)
{
	const size_t n = padding(msg->body + msg->length, block);

	return n > 0 && cactus_curtail(msg, n);
}

static enum cactus_verdict down(void *self, void *argument)
{
	const struct cbc *c = self;
	const size_t block = c->self.cactus.mp->growth.block;
	struct cactus_msg *msg = argument;
	uint8_t *text, *iv;

	if (!c->cipher[SECCOMM_SEND] || !cactus_pack(self, msg) || !pad(msg, block))
		return seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL);
	text = msg->body;
	iv = cactus_prefix(msg, block);
	if (!iv || seccomm_random(self, iv, block) < 0 ||
	    seccomm_cipher_run(c->cipher[SECCOMM_SEND], iv, text, msg->length - block) < 0)
		return seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL);
	return CACTUS_NEXT;
}

static enum cactus_verdict up(void *self, void *argument)
{
	const struct cbc *c = self;
	const size_t block = c->self.cactus.mp->growth.block;
	struct cactus_msg *msg = argument;
	const uint8_t *iv = cactus_behead(msg, block);

	if (!c->cipher[SECCOMM_RECEIVE] || !iv || msg->length == 0 || msg->length % block != 0 ||
	    seccomm_cipher_run(c->cipher[SECCOMM_RECEIVE], iv, msg->body, msg->length) < 0 || !unpad(msg, block) ||
	    cactus_unpack(self, msg) < 0)
		return seccomm_refuse(self, msg, SECCOMM_ALERT_BAD_DECRYPTION);
	return CACTUS_NEXT;
}

const struct seccomm_mp mp_des_cbc = {
	.cactus = {
		.name = "encrypt:des-cbc",
		.summary = "hides a message with DES in CBC mode (FIPS 46-3); a key of 56 bits stops no determined reader",
		.size = sizeof(struct cbc),
		.growth = { .prefix = 8, .block = 8 },
		.packs = true,
		.needs = (const struct cactus_tie[]){
			{ .capability = "key", .index = CACTUS_AT(struct seccomm_self, key) }, { 0 } },
		.events = (const struct cactus_event_row[]){ SECCOMM_KEY_EVENT(key_ready), { 0 } },
		.down = down,
		.up = up,
	},
	.layer = "encrypt", .word = "des-cbc", .paper = "DESPrivacy",
	.class_of = SECCOMM_PRIVACY, .standing = SECCOMM_BROKEN, .gives = SECCOMM_GIVES_CONFIDENTIALITY,
	.revision = 1, .kind = "cipher", .algorithm = "des-cbc", .key_bytes = 8,
	.wire = "IV (8) || DES-CBC(packed body || padding (1 to 8))",
};
