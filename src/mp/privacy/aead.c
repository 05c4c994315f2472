/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Authenticated encryption: hides a message, and refuses one that was changed or that the peer did not send.
 *
 * On the wire: ciphertext of the packed body || tag (16).  Key and IV, as long as the algorithm's nonce, are derived for each
 * direction; the nonce is the IV XOR the message's number, as in RFC 8446, 5.3, so it is never sent and never comes again under
 * one key.  What goes around the body (seccomm_cover) is the associated data.
 */
#include "seccomm_module.h"

enum { KEY_MAX = 32, TAG = 16 };

struct lane {
	struct seccomm_aead *aead; /* NULL until the key is ready */
	uint8_t iv[SECCOMM_NONCE_MAX];
};
struct aead {
	struct seccomm_self self;
	struct lane lane[2]; /* by enum seccomm_way */
};

static void nonce_of(const struct lane *lane, const struct cactus_msg *msg, uint8_t nonce[SECCOMM_NONCE_MAX])
{
	seccomm_nonce(msg, lane->iv, nonce, seccomm_aead_nonce_bytes(lane->aead));
}

static bool expand(struct aead *a, enum seccomm_way way)
{
	const struct seccomm_mp *mp = (const void *)a->self.cactus.mp;
	struct lane *lane = &a->lane[way];
	struct seccomm_aead *made = NULL;
	uint8_t key[KEY_MAX];

	if (seccomm_layer_key(a, way, "key", key, mp->key_bytes) == 0)
		made = seccomm_aead_new(a, mp->algorithm, key, way);
	seccomm_wipe(key, KEY_MAX);
	/* Without its IV the key must not be there either. */
	if (made && seccomm_layer_key(a, way, "iv", lane->iv, seccomm_aead_nonce_bytes(made)) == 0)
		lane->aead = made;
	return lane->aead;
}

static enum cactus_verdict key_ready(void *self, void *argument)
{
	(void)argument;
	for (enum seccomm_way way = SECCOMM_SEND; way <= SECCOMM_RECEIVE; way++)
		if (seccomm_runs(self, way) && !expand(self, way))
			return CACTUS_STOP;
	return CACTUS_NEXT;
}

static enum cactus_verdict down(void *self, void *argument)
{
	const struct lane *lane = &((const struct aead *)self)->lane[SECCOMM_SEND];
	struct cactus_msg *msg = argument;
	uint8_t nonce[SECCOMM_NONCE_MAX], *tag;
	const uint8_t *cover;
	size_t covered;

	if (!lane->aead || !cactus_pack(self, msg) || !(tag = cactus_suffix(msg, TAG)))
		return seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL);
	cover = seccomm_cover(msg, &covered);
	nonce_of(lane, msg, nonce);
	if (seccomm_aead_seal(lane->aead, nonce, cover, covered, msg->body, msg->length - TAG, tag) < 0)
		return seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL);
	return CACTUS_NEXT;
}

static enum cactus_verdict up(void *self, void *argument)
{
	const struct lane *lane = &((const struct aead *)self)->lane[SECCOMM_RECEIVE];
	struct cactus_msg *msg = argument;
	uint8_t nonce[SECCOMM_NONCE_MAX];
	const uint8_t *cover, *tag = cactus_curtail(msg, TAG);
	size_t covered;

	if (!lane->aead || !tag)
		return seccomm_refuse(self, msg, SECCOMM_ALERT_BAD_TAG);
	cover = seccomm_cover(msg, &covered);
	nonce_of(lane, msg, nonce);
	if (seccomm_aead_open(lane->aead, nonce, cover, covered, msg->body, msg->length, tag) < 0)
		return seccomm_refuse(self, msg, SECCOMM_ALERT_BAD_TAG);
	seccomm_authenticated(self, msg);
	if (cactus_unpack(self, msg) < 0)
		return seccomm_refuse(self, msg, SECCOMM_ALERT_MALFORMED);
	return CACTUS_NEXT;
}

static const struct cactus_tie needs[] = { { .capability = "key", .index = CACTUS_AT(struct seccomm_self, key) }, { 0 } };
static const struct cactus_event_row events[] = { SECCOMM_KEY_EVENT(key_ready), { 0 } };

#define AEAD(word_, key_, wire_, summary_)                                                                             \
	{                                                                                                              \
		.cactus = { .name = "encrypt:" word_, .summary = summary_, .size = sizeof(struct aead),                \
			.growth = { .suffix = TAG }, .packs = true, .needs = needs, .events = events, .down = down,    \
			.up = up },                                                                                    \
		.layer = "encrypt", .word = word_, .class_of = SECCOMM_PRIVACY, .standing = SECCOMM_MODERN,            \
		.gives = SECCOMM_GIVES_CONFIDENTIALITY | SECCOMM_GIVES_INTEGRITY | SECCOMM_GIVES_AUTHENTICITY,         \
		.quantum = (key_) >= 32, .revision = 1, .kind = "aead", .algorithm = word_, .key_bytes = (key_), .counts = true, .wire = wire_   \
	}

const struct seccomm_mp mp_aes_256_gcm = AEAD("aes-256-gcm", 32, "AES-256-GCM(packed body) || tag (16)",
    "hides and authenticates a message with AES-256 in Galois/counter mode (NIST SP 800-38D)");
const struct seccomm_mp mp_aes_128_gcm = AEAD("aes-128-gcm", 16, "AES-128-GCM(packed body) || tag (16)",
    "hides and authenticates a message with AES-128 in Galois/counter mode (NIST SP 800-38D)");
const struct seccomm_mp mp_chacha20_poly1305 = AEAD("chacha20-poly1305", 32, "ChaCha20(packed body) || tag (16)",
    "hides and authenticates a message with ChaCha20 and Poly1305 (RFC 8439)");
const struct seccomm_mp mp_xchacha20_poly1305 = AEAD("xchacha20-poly1305", 32, "XChaCha20(packed body) || tag (16)",
    "hides and authenticates a message with XChaCha20 and Poly1305 (draft-irtf-cfrg-xchacha)");
