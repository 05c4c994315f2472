/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHAIntegrity (TR 99-08, 3.3.3) and its kin: a digest without a key.
 *
 * It packs the message and computes the digest of what goes around the body (seccomm_cover) || packed body.  The digest is
 * an attribute, "digest", set behind the pack: the next layer that packs hides or signs it, which is what makes it worth
 * something against an attacker.  Alone it finds accidents only.
 */
#include "seccomm_module.h"

enum { DIGEST_MAX = 64 };

struct digest {
	struct seccomm_self self;
	struct seccomm_digest *context;
	cactus_column column;
};

static int begin(void *self)
{
	struct digest *d = self;
	const struct seccomm_mp *mp = (const void *)d->self.cactus.mp;

	d->context = seccomm_digest_new(self, mp->algorithm);
	return d->context ? CACTUS_OK : CACTUS_NO_MEMORY;
}

static int compute(const struct digest *d, const struct cactus_msg *msg, uint8_t out[DIGEST_MAX])
{
	struct seccomm_part parts[2] = { { 0 }, { msg->body, msg->length } };

	parts[0].bytes = seccomm_cover(msg, &parts[0].length);
	return seccomm_digest_run(d->context, parts, 2, out);
}

static enum cactus_verdict down(void *self, void *argument)
{
	const struct digest *d = self;
	struct cactus_msg *msg = argument;
	uint8_t digest[DIGEST_MAX];

	if (!cactus_pack(self, msg) || compute(d, msg, digest) < 0 ||
	    !cactus_set(msg, d->column, digest, d->self.cactus.mp->attributes[0].bytes))
		return seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL);
	return CACTUS_NEXT;
}

static enum cactus_verdict up(void *self, void *argument)
{
	const struct digest *d = self;
	struct cactus_msg *msg = argument;
	uint8_t digest[DIGEST_MAX];
	size_t length;
	const uint8_t *sent = cactus_get(msg, d->column, &length);

	if (compute(d, msg, digest) < 0)
		return seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL);
	if (!sent || !seccomm_equal(sent, digest, length))
		return seccomm_refuse(self, msg, SECCOMM_ALERT_BAD_DIGEST);
	if (cactus_unpack(self, msg) < 0)
		return seccomm_refuse(self, msg, SECCOMM_ALERT_MALFORMED);
	return CACTUS_NEXT;
}

/* The paper's edge of Figure 8: replay prevention comes first, so that the digest covers what it added. */
static const struct cactus_tie needs[] = { { .capability = "freshness", .soft = true, .inner = true }, { 0 } };
static const struct cactus_tie provides[] = { { .capability = "digest" }, { 0 } };

#define DIGEST(word_, paper_, standing_, bytes_, summary_)                                                             \
	{                                                                                                              \
		.cactus = { .name = "digest:" word_, .summary = summary_, .size = sizeof(struct digest), .packs = true,  \
			.needs = needs, .provides = provides,                                                          \
			.attributes = (const struct cactus_attribute[]){ { .name = "digest",                           \
							       .scope = CACTUS_PEER,                                   \
							       .bytes = (bytes_),                                      \
							       .at = CACTUS_AT(struct digest, column) },               \
			    { 0 } },                                                                                   \
			.down = down, .up = up, .begin = begin },                                                      \
		.layer = "digest", .word = word_, .paper = paper_, .class_of = SECCOMM_INTEGRITY,                      \
		.standing = (standing_), .gives = SECCOMM_GIVES_CHECKSUM, .quantum = true, .revision = 1, .kind = "digest", \
		.algorithm = word_, .wire = "packed body, and the attribute digest (" #bytes_ ") for the next packing"  \
	}

const struct seccomm_mp mp_md5 = DIGEST("md5", "MD5Integrity", SECCOMM_BROKEN, 16,
    "finds accidental changes with MD5 (RFC 1321), for which anybody can make collisions");
const struct seccomm_mp mp_sha_1 = DIGEST("sha-1", "SHAIntegrity", SECCOMM_LEGACY, 20,
    "finds accidental changes with SHA-1 (FIPS 180-4), for which collisions are known");
const struct seccomm_mp mp_sha_256 =
    DIGEST("sha-256", NULL, SECCOMM_MODERN, 32, "finds accidental changes with SHA-256 (FIPS 180-4)");
const struct seccomm_mp mp_sha_512 =
    DIGEST("sha-512", NULL, SECCOMM_MODERN, 64, "finds accidental changes with SHA-512 (FIPS 180-4)");
const struct seccomm_mp mp_sha3_256 =
    DIGEST("sha3-256", NULL, SECCOMM_MODERN, 32, "finds accidental changes with SHA3-256 (FIPS 202)");
const struct seccomm_mp mp_blake2b =
    DIGEST("blake2b", NULL, SECCOMM_MODERN, 64, "finds accidental changes with BLAKE2b (RFC 7693)");
