/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSAPrivacy (TR 99-08, 3.3.2): encrypts a message with the receiver's public key.
 *
 * On the wire: RSAES-OAEP of a key (384) || AES-256-GCM(packed body) || tag (16).  RSA hides a key of 32 bytes that is new for each
 * message, and the message is under that key (the paper's RSA of the whole message, block by block, could be cut and put
 * together anew).  What goes around the body (seccomm_cover) is the associated data.
 *
 * It says nothing about who sent a message, nor that nobody replaced it: everybody has the public key and may seal what he likes
 * under a key of his own.  The tag makes the encryption one that cannot be tried out with altered messages, and no more is
 * claimed.  Whatever is wrong with a message, the refusal is one and comes from the same place (Bleichenbacher, Manger).
 */
#include "seccomm_module.h"

enum { SEALED = 384, KEY = 32, TAG = 16 };

struct rsa {
	struct seccomm_self self;
};

static enum cactus_verdict down(void *self, void *argument)
{
	const struct seccomm_mp *mp = (const void *)((const struct rsa *)self)->self.cactus.mp;
	struct cactus_msg *msg = argument;
	const uint8_t *cover;
	uint8_t key[KEY], *head, *tag;
	size_t covered, length;
	bool sealed;

	if (!cactus_pack(self, msg))
		return seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL);
	length = msg->length;
	cover = seccomm_cover(msg, &covered);
	sealed = (tag = cactus_suffix(msg, TAG)) && seccomm_random(self, key, KEY) >= 0 &&
		 seccomm_aead_seal_once(self, "aes-256-gcm", key, cover, covered, msg->body, length, tag) >= 0 &&
		 (head = cactus_prefix(msg, SEALED)) && seccomm_key_seal(self, mp->algorithm, key, head, SEALED) >= 0;
	seccomm_wipe(key, KEY);
	return sealed ? CACTUS_NEXT : seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL);
}

static enum cactus_verdict up(void *self, void *argument)
{
	const struct seccomm_mp *mp = (const void *)((const struct rsa *)self)->self.cactus.mp;
	struct cactus_msg *msg = argument;
	const uint8_t *cover, *tag = cactus_curtail(msg, TAG), *head = tag ? cactus_behead(msg, SEALED) : NULL;
	uint8_t key[KEY];
	size_t covered;
	bool opened;

	if (!head)
		return seccomm_refuse(self, msg, SECCOMM_ALERT_BAD_DECRYPTION);
	if (seccomm_key_open(self, mp->algorithm, head, SEALED, key) < 0)
		return seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL); /* this end failed, whatever was sealed */
	cover = seccomm_cover(msg, &covered);
	opened = seccomm_aead_open_once(self, "aes-256-gcm", key, cover, covered, msg->body, msg->length, tag) >= 0 &&
		 cactus_unpack(self, msg) >= 0;
	seccomm_wipe(key, KEY);
	return opened ? CACTUS_NEXT : seccomm_refuse(self, msg, SECCOMM_ALERT_BAD_DECRYPTION);
}

const struct seccomm_mp mp_rsa = {
	.cactus = { .name = "encrypt:rsa",
		.summary = "hides a message from all but the owner of the receiver's RSA key (RSAES-OAEP, RFC 8017); does not tell who sent it",
		.size = sizeof(struct rsa), .growth = { .prefix = SEALED, .suffix = TAG }, .packs = true, .down = down, .up = up },
	.layer = "encrypt", .word = "rsa", .paper = "RSAPrivacy",
	.class_of = SECCOMM_PRIVACY, .standing = SECCOMM_MODERN, .gives = SECCOMM_GIVES_CONFIDENTIALITY,
	.revision = 1, .kind = "pke", .algorithm = "rsa-oaep", .counts = true,
	.wire = "RSAES-OAEP of a key (384) || AES-256-GCM(packed body) || tag (16)" };
