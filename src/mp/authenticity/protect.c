/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSADigestAuthenticity and DESDigestAuthenticity (TR 99-08, 3.3.3) and their siblings: what protects a digest that an inner
 * layer computed.  The digest layer of the receiver compares it with the message; only both together say who sent that.  So
 * what is proven is no stronger than the digest.
 *
 * With a signature the digest stays, and the signature is an attribute of its own, "signature", for the next packing.  It covers
 * the name of the digest layer, the digest, and the context (doc/wire.md, "signatures").
 *
 * With a cipher the digest is replaced by as many bytes: all its whole blocks in CBC and then, if bytes are left, its last block
 * once more.  The IV is the message's number enciphered under a second key.  It is not sent: with an IV that the
 * attacker sees and changes, the first block of the digest would be his choice.  Nobody has shown how much such a digest, not
 * made with a key, proves; so it never counts as modern, whatever the cipher is.
 */
#include "seccomm_module.h"

#include <string.h>

enum { SIGNATURE_MAX = 384, DIGEST_MAX = 64, BLOCK_MAX = 16, KEY_MAX = 32 };

struct protect {
	struct seccomm_self self;
	const char *of; /* name of the layer whose digest it is; NULL: the nearest before this one */
	cactus_column digest;
};
struct signing {
	struct protect head;
	cactus_column signature;
};
struct enciphering {
	struct protect head;
	struct seccomm_cipher *digests[2], *numbers[2]; /* by enum seccomm_way; NULL until the key is ready */
};

static const struct seccomm_mp *table_of(const void *self)
{
	return (const void *)((const struct seccomm_self *)self)->cactus.mp;
}

/* ---- Signatures ---- */

/* The row of the signature; the digest's comes first. */
static const struct cactus_attribute *own_row(const void *self)
{
	return &table_of(self)->cactus.attributes[1];
}

static enum cactus_verdict sign(void *self, void *argument)
{
	const struct signing *s = self;
	struct cactus_msg *msg = argument;
	uint8_t signature[SIGNATURE_MAX];

	if (seccomm_sign_attribute(self, table_of(self)->algorithm, msg, s->head.digest, signature, own_row(self)->bytes) < 0 ||
	    !cactus_set(msg, s->signature, signature, own_row(self)->bytes))
		return seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL);
	return CACTUS_NEXT;
}

static enum cactus_verdict verify(void *self, void *argument)
{
	const struct signing *s = self;
	struct cactus_msg *msg = argument;
	size_t length;
	const uint8_t *signature = cactus_get(msg, s->signature, &length);
	const int status = signature
	    ? seccomm_verify_attribute(self, table_of(self)->algorithm, msg, s->head.digest, signature, length)
	    : SECCOMM_REFUSED;

	if (status < 0)
		return seccomm_refuse(
		    self, msg, status == SECCOMM_REFUSED ? SECCOMM_ALERT_BAD_SIGNATURE : SECCOMM_ALERT_INTERNAL);
	seccomm_authenticated(self, msg);
	return CACTUS_NEXT;
}

/* ---- Ciphers ---- */

/* A cipher under the key for PURPOSE of direction WAY, which enciphers or, RECEIVE, deciphers; NULL: there is none. */
static struct seccomm_cipher *cipher(void *self, enum seccomm_way way, const char *purpose, enum seccomm_way works)
{
	const struct seccomm_mp *mp = table_of(self);
	struct seccomm_cipher *made = NULL;
	uint8_t key[KEY_MAX];

	if (seccomm_layer_key(self, way, purpose, key, mp->key_bytes) == 0)
		made = seccomm_cipher_new(self, mp->algorithm, key, works);
	seccomm_wipe(key, sizeof(key));
	return made;
}

static enum cactus_verdict key_ready(void *self, void *argument)
{
	struct enciphering *e = self;

	(void)argument;
	for (enum seccomm_way way = SECCOMM_SEND; way <= SECCOMM_RECEIVE; way++) {
		if (!seccomm_runs(self, way))
			continue;
		e->digests[way] = cipher(self, way, "key", way);
		e->numbers[way] = cipher(self, way, "iv", SECCOMM_SEND);
		if (!e->digests[way] || !e->numbers[way])
			return CACTUS_STOP;
	}
	return CACTUS_NEXT;
}

/* Of a cipher in CBC, one block with an IV of zeros is the block enciphered. */
static bool iv_of(const struct enciphering *e, enum seccomm_way way, const struct cactus_msg *msg, uint8_t iv[BLOCK_MAX])
{
	const size_t block = e->numbers[way] ? seccomm_cipher_block_bytes(e->numbers[way]) : 0;
	static const uint8_t zeros[BLOCK_MAX];

	if (block < sizeof(uint64_t) || block > BLOCK_MAX)
		return false;
	memset(iv, 0, BLOCK_MAX);
	cactus_put_u64(iv + block - sizeof(uint64_t), seccomm_sequence(msg));
	return seccomm_cipher_run(e->numbers[way], zeros, iv, block) == SECCOMM_OK;
}

static bool replace(const struct enciphering *e, enum seccomm_way way, struct cactus_msg *msg)
{
	uint8_t iv[BLOCK_MAX], text[DIGEST_MAX];
	size_t length, block, rest;
	const uint8_t *digest = cactus_get(msg, e->head.digest, &length);
	bool good;

	if (!digest || length > DIGEST_MAX || !iv_of(e, way, msg, iv))
		return false;
	block = seccomm_cipher_block_bytes(e->digests[way]);
	rest = length % block;
	if (length < block)
		return false;
	memcpy(text, digest, length);
	good = way == SECCOMM_SEND || rest == 0 || seccomm_cipher_run(e->digests[way], iv, text + length - block, block) == 0;
	good = good && seccomm_cipher_run(e->digests[way], iv, text, length - rest) == 0;
	if (way == SECCOMM_SEND && rest != 0)
		good = good && seccomm_cipher_run(e->digests[way], iv, text + length - block, block) == 0;
	return good && cactus_set(msg, e->head.digest, text, length);
}

static enum cactus_verdict encipher(void *self, void *argument)
{
	return replace(self, SECCOMM_SEND, argument) ? CACTUS_NEXT : seccomm_refuse(self, argument, SECCOMM_ALERT_INTERNAL);
}

/* What comes out is the digest that the peer computed, or it is nobody's: the digest's own layer tells, further in. */
static enum cactus_verdict decipher(void *self, void *argument)
{
	if (!replace(self, SECCOMM_RECEIVE, argument))
		return seccomm_refuse(self, argument, SECCOMM_ALERT_INTERNAL);
	seccomm_authenticated(self, argument);
	return CACTUS_NEXT;
}

/* ---- Tables ---- */

static const struct cactus_param params[] = {
	{ .name = "of", .doc = "Name of the layer whose digest it protects; by default the nearest before it.",
	    .at = CACTUS_AT(struct protect, of), .kind = CACTUS_TEXT },
	{ 0 }
};
static const struct cactus_tie needs[] = { { .capability = "key", .index = CACTUS_AT(struct seccomm_self, key) }, { 0 } };
static const struct cactus_event_row events[] = { SECCOMM_KEY_EVENT(key_ready), { 0 } };

#define DIGEST_ROW                                                                                                     \
	{                                                                                                              \
		.name = "digest", .scope = CACTUS_PEER, .act = CACTUS_READS, .at = CACTUS_AT(struct protect, digest),  \
		.of = CACTUS_AT(struct protect, of)                                                                    \
	}

#define SIGN(word_, paper_, bytes_, summary_)                                                                          \
	{                                                                                                              \
		.cactus = { .name = "protect-digest:" word_, .summary = summary_, .size = sizeof(struct signing),      \
			.params = params,                                                                              \
			.attributes = (const struct cactus_attribute[]){ DIGEST_ROW,                                   \
			    { .name = "signature",                                                                     \
				.scope = CACTUS_PEER,                                                                  \
				.bytes = (bytes_),                                                                     \
				.at = CACTUS_AT(struct signing, signature) },                                          \
			    { 0 } },                                                                                   \
			.down = sign, .up = verify },                                                                  \
		.layer = "protect-digest", .word = word_, .paper = paper_, .class_of = SECCOMM_AUTHENTICITY,           \
		.standing = SECCOMM_MODERN,                                                                            \
		.gives = SECCOMM_GIVES_INTEGRITY | SECCOMM_GIVES_AUTHENTICITY | SECCOMM_GIVES_SIGNATURE,               \
		.revision = 1, .kind = "sign", .algorithm = word_, .counts = true,                                     \
		.wire = "the attribute signature (" #bytes_ ") for the next packing"                                   \
	}

#define ENCIPHER(word_, paper_, standing_, key_, wire_, summary_)                                                      \
	{                                                                                                              \
		.cactus = { .name = "protect-digest:" word_, .summary = summary_, .size = sizeof(struct enciphering),  \
			.params = params, .needs = needs, .events = events,                                            \
			.attributes = (const struct cactus_attribute[]){ DIGEST_ROW, { 0 } }, .down = encipher,        \
			.up = decipher },                                                                              \
		.layer = "protect-digest", .word = word_, .paper = paper_, .class_of = SECCOMM_AUTHENTICITY,           \
		.standing = (standing_), .gives = SECCOMM_GIVES_INTEGRITY | SECCOMM_GIVES_AUTHENTICITY, .quantum = (key_) >= 32, \
		.revision = 1, .kind = "cipher", .algorithm = word_, .key_bytes = (key_), .counts = true, .wire = wire_ \
	}

const struct seccomm_mp mp_protect_rsa_pss = SIGN(
    "rsa-pss", "RSADigestAuthenticity", 384, "signs a digest with RSASSA-PSS and SHA-256 (RFC 8017), keys of 3072 bits");
const struct seccomm_mp mp_protect_ed25519 = SIGN("ed25519", NULL, 64, "signs a digest with Ed25519 (RFC 8032)");
const struct seccomm_mp mp_protect_ecdsa_p256 =
    SIGN("ecdsa-p256", NULL, 64, "signs a digest with ECDSA on P-256 and SHA-256 (FIPS 186-5)");
const struct seccomm_mp mp_protect_des_cbc = ENCIPHER("des-cbc", "DESDigestAuthenticity", SECCOMM_BROKEN, 8,
    "the attribute digest, enciphered with DES in CBC mode",
    "hides a digest with DES (FIPS 46-3), so that only the peer can make it; a key of 56 bits stops no determined forger");
const struct seccomm_mp mp_protect_aes_256_cbc = ENCIPHER("aes-256-cbc", NULL, SECCOMM_LEGACY, 32,
    "the attribute digest, enciphered with AES-256 in CBC mode",
    "hides a digest with AES-256 (FIPS 197), so that only the peer can make it; a mac proves more");
