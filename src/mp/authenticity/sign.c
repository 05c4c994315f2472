/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSAAuthenticity (TR 99-08, Figure 4) and its modern siblings: a signature over the whole message.
 *
 * On the wire: packed body || signature (Ed25519 and ECDSA: 64, RSA of 3072 bits: 384).  The paper encrypts the message with the
 * private key; what that is to achieve, a proof of origin that a third party can check, is today a signature over the packed
 * body, what goes around it, and the context: both principals, session, direction, number (doc/wire.md, "signatures").
 */
#include "seccomm_module.h"

#include <string.h>

enum { SIGNATURE_MAX = 384 };

struct sign {
	struct seccomm_self self;
};

static const char *algorithm_of(const struct sign *s)
{
	const struct seccomm_mp *mp = (const void *)s->self.cactus.mp;

	return mp->algorithm;
}

static enum cactus_verdict down(void *self, void *argument)
{
	const struct sign *s = self;
	const size_t length = s->self.cactus.mp->growth.suffix;
	struct cactus_msg *msg = argument;
	uint8_t signature[SIGNATURE_MAX], *place;

	if (!cactus_pack(self, msg) || seccomm_sign(self, algorithm_of(s), msg, signature, length) < 0 ||
	    !(place = cactus_suffix(msg, length)))
		return seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL);
	memcpy(place, signature, length);
	return CACTUS_NEXT;
}

static enum cactus_verdict up(void *self, void *argument)
{
	const struct sign *s = self;
	const size_t length = s->self.cactus.mp->growth.suffix;
	struct cactus_msg *msg = argument;
	const uint8_t *signature = cactus_curtail(msg, length);
	const int status = signature ? seccomm_verify(self, algorithm_of(s), msg, signature, length) : SECCOMM_REFUSED;

	if (status < 0)
		return seccomm_refuse(
		    self, msg, status == SECCOMM_REFUSED ? SECCOMM_ALERT_BAD_SIGNATURE : SECCOMM_ALERT_INTERNAL);
	seccomm_authenticated(self, msg);
	if (cactus_unpack(self, msg) < 0)
		return seccomm_refuse(self, msg, SECCOMM_ALERT_MALFORMED);
	return CACTUS_NEXT;
}

const struct seccomm_mp mp_ed25519 = {
	.cactus = { .name = "sign:ed25519",
		.summary = "signs a message with Ed25519 (RFC 8032), so that a third party can check who sent it",
		.size = sizeof(struct sign), .growth = { .suffix = 64 }, .packs = true, .down = down, .up = up },
	.layer = "sign", .word = "ed25519",
	.class_of = SECCOMM_AUTHENTICITY, .standing = SECCOMM_MODERN,
	.gives = SECCOMM_GIVES_INTEGRITY | SECCOMM_GIVES_AUTHENTICITY | SECCOMM_GIVES_SIGNATURE,
	.revision = 1, .kind = "sign", .algorithm = "ed25519", .counts = true,
	.wire = "packed body || signature (64)" };

const struct seccomm_mp mp_rsa_pss = {
	.cactus = { .name = "sign:rsa-pss",
		.summary = "signs a message with RSASSA-PSS and SHA-256 (RFC 8017), keys of 3072 bits",
		.size = sizeof(struct sign), .growth = { .suffix = 384 }, .packs = true, .down = down, .up = up },
	.layer = "sign", .word = "rsa-pss", .paper = "RSAAuthenticity",
	.class_of = SECCOMM_AUTHENTICITY, .standing = SECCOMM_MODERN,
	.gives = SECCOMM_GIVES_INTEGRITY | SECCOMM_GIVES_AUTHENTICITY | SECCOMM_GIVES_SIGNATURE,
	.revision = 1, .kind = "sign", .algorithm = "rsa-pss", .counts = true,
	.wire = "packed body || signature (384)" };

const struct seccomm_mp mp_ecdsa_p256 = {
	.cactus = { .name = "sign:ecdsa-p256",
		.summary = "signs a message with ECDSA on P-256 and SHA-256 (FIPS 186-5)",
		.size = sizeof(struct sign), .growth = { .suffix = 64 }, .packs = true, .down = down, .up = up },
	.layer = "sign", .word = "ecdsa-p256",
	.class_of = SECCOMM_AUTHENTICITY, .standing = SECCOMM_MODERN,
	.gives = SECCOMM_GIVES_INTEGRITY | SECCOMM_GIVES_AUTHENTICITY | SECCOMM_GIVES_SIGNATURE,
	.revision = 1, .kind = "sign", .algorithm = "ecdsa-p256", .counts = true,
	.wire = "packed body || signature (64): r (32) || s (32)" };
