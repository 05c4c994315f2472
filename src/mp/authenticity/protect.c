/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSADigestAuthenticity (TR 99-08, 3.3.4) and its siblings: a signature over a digest that an inner layer computed.
 *
 * The digest stays; the signature is an attribute of its own, "signature", for the next packing.  It covers the name of the
 * digest layer, the digest, and the context (doc/wire.md, "signatures").  The receiver checks it against the digest that it
 * received, which the digest layer then compares with the message: only both together say who sent it.  So what is proven
 * is no stronger than the digest.
 */
#include "seccomm_module.h"

enum { SIGNATURE_MAX = 384 };

struct protect {
	struct seccomm_self self;
	const char *of; /* name of the layer whose digest it is; NULL: the nearest before this one */
	cactus_column digest, signature;
};

/* The row of the signature; the digest's comes first. */
static const struct cactus_attribute *own_row(const struct protect *p)
{
	return &p->self.cactus.mp->attributes[1];
}

static const char *algorithm_of(const struct protect *p)
{
	const struct seccomm_mp *mp = (const void *)p->self.cactus.mp;

	return mp->algorithm;
}

static enum cactus_verdict down(void *self, void *argument)
{
	const struct protect *p = self;
	struct cactus_msg *msg = argument;
	uint8_t signature[SIGNATURE_MAX];

	if (seccomm_sign_attribute(self, algorithm_of(p), msg, p->digest, signature, own_row(p)->bytes) < 0 ||
	    !cactus_set(msg, p->signature, signature, own_row(p)->bytes))
		return seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL);
	return CACTUS_NEXT;
}

static enum cactus_verdict up(void *self, void *argument)
{
	const struct protect *p = self;
	struct cactus_msg *msg = argument;
	size_t length;
	const uint8_t *signature = cactus_get(msg, p->signature, &length);
	const int status = signature ? seccomm_verify_attribute(self, algorithm_of(p), msg, p->digest, signature, length)
				     : SECCOMM_REFUSED;

	if (status < 0)
		return seccomm_refuse(
		    self, msg, status == SECCOMM_REFUSED ? SECCOMM_ALERT_BAD_SIGNATURE : SECCOMM_ALERT_INTERNAL);
	seccomm_authenticated(self, msg);
	return CACTUS_NEXT;
}

#define PROTECT(word_, paper_, bytes_, summary_)                                                                       \
	{                                                                                                              \
		.cactus = { .name = "protect-digest:" word_,                                                           \
			.summary = summary_,                                                                           \
			.size = sizeof(struct protect),                                                                \
			.params = (const struct cactus_param[]){ { .name = "of",                                       \
						      .doc = "Name of the layer whose digest it signs; by default the nearest before it.", \
						      .at = CACTUS_AT(struct protect, of),                             \
						      .kind = CACTUS_TEXT },                                           \
			    { 0 } },                                                                                   \
			.attributes = (const struct cactus_attribute[]){ { .name = "digest",                           \
							     .scope = CACTUS_PEER,                                     \
							     .act = CACTUS_READS,                                      \
							     .at = CACTUS_AT(struct protect, digest),                  \
							     .of = CACTUS_AT(struct protect, of) },                    \
			    { .name = "signature",                                                                     \
				.scope = CACTUS_PEER,                                                                  \
				.bytes = (bytes_),                                                                     \
				.at = CACTUS_AT(struct protect, signature) },                                          \
			    { 0 } },                                                                                   \
			.down = down,                                                                                  \
			.up = up },                                                                                    \
		.layer = "protect-digest", .word = word_, .paper = paper_, .class_of = SECCOMM_AUTHENTICITY,           \
		.standing = SECCOMM_MODERN,                                                                            \
		.gives = SECCOMM_GIVES_INTEGRITY | SECCOMM_GIVES_AUTHENTICITY | SECCOMM_GIVES_SIGNATURE,               \
		.revision = 1, .kind = "sign", .algorithm = word_, .counts = true,                                     \
		.wire = "the attribute signature (" #bytes_ ") for the next packing"                                   \
	}

const struct seccomm_mp mp_protect_rsa_pss = PROTECT(
    "rsa-pss", "RSADigestAuthenticity", 384, "signs a digest with RSASSA-PSS and SHA-256 (RFC 8017), keys of 3072 bits");
const struct seccomm_mp mp_protect_ed25519 = PROTECT("ed25519", NULL, 64, "signs a digest with Ed25519 (RFC 8032)");
const struct seccomm_mp mp_protect_ecdsa_p256 = PROTECT(
    "ecdsa-p256", NULL, 64, "signs a digest with ECDSA on P-256 and SHA-256 (FIPS 186-5)");
