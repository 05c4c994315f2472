/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KeyedMD5Integrity and KeyedSHAIntegrity (TR 99-08, 3.3.3), and what has since become the standard: message authentication
 * codes.
 *
 * On the wire: packed body || MAC, untruncated, over what goes around the body (seccomm_cover) || packed body, under a key
 * derived for each direction.  It proves who sent a message, to the peer only: the peer could have made it, too.
 *
 * The paper's two have the construction of their time as a second mode: digest(key || fill || text || key), the fill being
 * what the digest pads with itself, so that the key takes one block (RFC 1828 for MD5, RFC 1852 for SHA-1).
 *
 * Poly1305 has a key for each message: the first half of the block 0 of ChaCha20 under the layer's key, with the nonce that the
 * message's number makes (RFC 8439, 2.6; RFC 8446, 5.3).  So no key serves twice as long as no number does.
 *
 * As layers `digest` a MAC is what it is in the paper, an attribute that an outer layer can protect once more: packed body, and
 * the attribute digest for the next packing.
 */
#include "seccomm_module.h"

#include <string.h>

enum { KEY_MAX = 64, MAC_MAX = 64, BLOCK = 64 /* of MD5 and SHA-1 */, ONE_TIME_KEY = 32, COUNTER = 4, NONCE = 12 };
enum mode { MODE_HMAC, MODE_ENVELOPE };

struct mac {
	struct seccomm_self self;
	struct seccomm_mac *context[2]; /* by enum seccomm_way; NULL until the key is ready */
};
/* Of the two with a mode; a table without one has a struct mac. */
struct keyed {
	struct mac head;
	uint32_t mode; /* enum mode */
	struct seccomm_digest *digest; /* in the mode of the envelope */
	uint8_t key[2][BLOCK]; /* key || fill */
	bool ready[2];
};

/* With a key for each message. */
struct one_time {
	struct mac head;
	struct seccomm_onetime *poly1305;
	struct seccomm_cipher *keys[2];
	uint8_t iv[2][SECCOMM_NONCE_MAX];
};
/* Whose MAC is an attribute. */
struct keyed_digest {
	struct mac head;
	cactus_column column;
};

static const struct seccomm_mp *table_of(const struct mac *m)
{
	return (const void *)m->self.cactus.mp;
}

/* ---- Keys ---- */

typedef bool expand_key(struct mac *, enum seccomm_way);

static enum cactus_verdict each_way(void *self, expand_key *expand)
{
	for (enum seccomm_way way = SECCOMM_SEND; way <= SECCOMM_RECEIVE; way++)
		if (seccomm_runs(self, way) && !expand(self, way))
			return CACTUS_STOP;
	return CACTUS_NEXT;
}

static bool expand(struct mac *m, enum seccomm_way way)
{
	const struct seccomm_mp *mp = table_of(m);
	uint8_t key[KEY_MAX];

	if (seccomm_layer_key(m, way, "key", key, mp->key_bytes) == 0)
		m->context[way] = seccomm_mac_new(m, mp->algorithm, key, mp->key_bytes);
	seccomm_wipe(key, sizeof(key));
	return m->context[way];
}

static enum cactus_verdict key_ready(void *self, void *argument)
{
	(void)argument;
	return each_way(self, expand);
}

/* RFC 1321 3.1 and 3.2, FIPS 180-4 5.1.1: a bit, zeros, and the key's length in bits, which MD5 writes least byte first. */
static bool fill_up(struct mac *m, enum seccomm_way way)
{
	struct keyed *k = (void *)m;
	const size_t length = table_of(m)->key_bytes;
	const bool little = strcmp(table_of(m)->algorithm, "hmac-md5") == 0;

	if (seccomm_layer_key(k, way, "key", k->key[way], length) < 0)
		return false;
	memset(k->key[way] + length, 0, BLOCK - length);
	k->key[way][length] = 0x80;
	k->key[way][little ? BLOCK - 8 : BLOCK - 1] = (uint8_t)(8 * length);
	k->ready[way] = true;
	return true;
}

static enum cactus_verdict keyed_ready(void *self, void *argument)
{
	(void)argument;
	return each_way(self, ((const struct keyed *)self)->mode == MODE_HMAC ? expand : fill_up);
}

static int keyed_begin(void *self)
{
	struct keyed *k = self;

	if (k->mode == MODE_ENVELOPE)
		k->digest = seccomm_digest_new(self, strcmp(table_of(&k->head)->algorithm, "hmac-md5") == 0 ? "md5" : "sha-1");
	return k->mode == MODE_HMAC || k->digest ? CACTUS_OK : CACTUS_NO_MEMORY;
}

static bool expand_one_time(struct mac *m, enum seccomm_way way)
{
	struct one_time *o = (void *)m;
	uint8_t key[KEY_MAX];

	if (seccomm_layer_key(m, way, "key", key, table_of(m)->key_bytes) == 0 &&
	    seccomm_layer_key(m, way, "iv", o->iv[way], NONCE) == 0)
		o->keys[way] = seccomm_cipher_new(m, "chacha20", key, SECCOMM_SEND);
	seccomm_wipe(key, sizeof(key));
	return o->keys[way];
}

static enum cactus_verdict one_time_ready(void *self, void *argument)
{
	(void)argument;
	return each_way(self, expand_one_time);
}

static int one_time_begin(void *self)
{
	struct one_time *o = self;

	o->poly1305 = seccomm_onetime_new(self);
	return o->poly1305 ? CACTUS_OK : CACTUS_NO_MEMORY;
}

/* ---- Messages ---- */

typedef int compute_mac(const struct mac *, enum seccomm_way, const struct cactus_msg *, uint8_t out[MAC_MAX]);

static int compute(const struct mac *m, enum seccomm_way way, const struct cactus_msg *msg, uint8_t out[MAC_MAX])
{
	struct seccomm_part parts[2] = { { 0 }, { msg->body, msg->length } };

	parts[0].bytes = seccomm_cover(msg, &parts[0].length);
	return m->context[way] ? seccomm_mac_run(m->context[way], parts, 2, out) : SECCOMM_NOT_READY;
}

static int compute_keyed(const struct mac *m, enum seccomm_way way, const struct cactus_msg *msg, uint8_t out[MAC_MAX])
{
	const struct keyed *k = (const void *)m;
	struct seccomm_part parts[4] = { { k->key[way], BLOCK }, { 0 }, { msg->body, msg->length },
		{ k->key[way], table_of(m)->key_bytes } };

	if (k->mode == MODE_HMAC)
		return compute(m, way, msg, out);
	parts[1].bytes = seccomm_cover(msg, &parts[1].length);
	return k->ready[way] ? seccomm_digest_run(k->digest, parts, 4, out) : SECCOMM_NOT_READY;
}

/* Counter and nonce in one; what the cipher makes of zeros is its block. */
static int compute_one_time(const struct mac *m, enum seccomm_way way, const struct cactus_msg *msg, uint8_t out[MAC_MAX])
{
	const struct one_time *o = (const void *)m;
	struct seccomm_part parts[2] = { { 0 }, { msg->body, msg->length } };
	uint8_t key[ONE_TIME_KEY] = { 0 }, place[COUNTER + SECCOMM_NONCE_MAX] = { 0 };
	int status;

	if (!o->keys[way])
		return SECCOMM_NOT_READY;
	seccomm_nonce(msg, o->iv[way], place + COUNTER, NONCE);
	parts[0].bytes = seccomm_cover(msg, &parts[0].length);
	status = seccomm_cipher_run(o->keys[way], place, key, sizeof(key));
	if (status == SECCOMM_OK)
		status = seccomm_onetime_run(o->poly1305, key, parts, 2, out);
	seccomm_wipe(key, sizeof(key));
	return status;
}

static enum cactus_verdict add(struct mac *m, struct cactus_msg *msg, compute_mac *run)
{
	const size_t length = m->self.cactus.mp->growth.suffix;

	/* The MAC is written behind the body it covers, before that place belongs to the body. */
	if (!cactus_pack(m, msg) || !cactus_suffix(msg, length))
		return seccomm_refuse(m, msg, SECCOMM_ALERT_INTERNAL);
	if (run(m, SECCOMM_SEND, msg, cactus_curtail(msg, length)) < 0)
		return seccomm_refuse(m, msg, SECCOMM_ALERT_INTERNAL);
	cactus_suffix(msg, length);
	return CACTUS_NEXT;
}

static enum cactus_verdict verify(struct mac *m, struct cactus_msg *msg, compute_mac *run)
{
	const size_t length = m->self.cactus.mp->growth.suffix;
	const uint8_t *sent = cactus_curtail(msg, length);
	uint8_t mac[MAC_MAX];

	if (sent && run(m, SECCOMM_RECEIVE, msg, mac) < 0)
		return seccomm_refuse(m, msg, SECCOMM_ALERT_INTERNAL);
	if (!sent || !seccomm_equal(sent, mac, length))
		return seccomm_refuse(m, msg, SECCOMM_ALERT_BAD_MAC);
	seccomm_authenticated(m, msg);
	if (cactus_unpack(m, msg) < 0)
		return seccomm_refuse(m, msg, SECCOMM_ALERT_MALFORMED);
	return CACTUS_NEXT;
}

static enum cactus_verdict down(void *self, void *argument) { return add(self, argument, compute); }
static enum cactus_verdict up(void *self, void *argument) { return verify(self, argument, compute); }
static enum cactus_verdict keyed_down(void *self, void *argument) { return add(self, argument, compute_keyed); }
static enum cactus_verdict keyed_up(void *self, void *argument) { return verify(self, argument, compute_keyed); }
static enum cactus_verdict one_time_down(void *self, void *argument) { return add(self, argument, compute_one_time); }
static enum cactus_verdict one_time_up(void *self, void *argument) { return verify(self, argument, compute_one_time); }

static enum cactus_verdict digest_down(void *self, void *argument)
{
	const struct keyed_digest *d = self;
	struct cactus_msg *msg = argument;
	uint8_t mac[MAC_MAX];

	if (!cactus_pack(self, msg) || compute(self, SECCOMM_SEND, msg, mac) < 0 ||
	    !cactus_set(msg, d->column, mac, d->head.self.cactus.mp->attributes[0].bytes))
		return seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL);
	return CACTUS_NEXT;
}

static enum cactus_verdict digest_up(void *self, void *argument)
{
	const struct keyed_digest *d = self;
	struct cactus_msg *msg = argument;
	uint8_t mac[MAC_MAX];
	size_t length;
	const uint8_t *sent = cactus_get(msg, d->column, &length);

	if (compute(self, SECCOMM_RECEIVE, msg, mac) < 0)
		return seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL);
	if (!sent || !seccomm_equal(sent, mac, length))
		return seccomm_refuse(self, msg, SECCOMM_ALERT_BAD_MAC);
	seccomm_authenticated(self, msg);
	if (cactus_unpack(self, msg) < 0)
		return seccomm_refuse(self, msg, SECCOMM_ALERT_MALFORMED);
	return CACTUS_NEXT;
}

/* ---- Tables ---- */

/* The second is the paper's edge of Figure 8: replay prevention comes first, to be covered. */
static const struct cactus_tie needs[] = { { .capability = "key", .index = CACTUS_AT(struct seccomm_self, key) },
	{ .capability = "freshness", .soft = true, .inner = true }, { 0 } };
static const struct cactus_event_row events[] = { SECCOMM_KEY_EVENT(key_ready), { 0 } },
				     keyed_events[] = { SECCOMM_KEY_EVENT(keyed_ready), { 0 } },
				     one_time_events[] = { SECCOMM_KEY_EVENT(one_time_ready), { 0 } };

#define MAC_COMMON(layer_, word_, paper_, standing_, kind_, algorithm_, key_, wire_)                                    \
	.layer = layer_, .word = word_, .paper = paper_, .class_of = SECCOMM_INTEGRITY, .standing = (standing_),       \
	.gives = SECCOMM_GIVES_INTEGRITY | SECCOMM_GIVES_AUTHENTICITY, .quantum = (key_) >= 32, .revision = 1, .kind = kind_, \
	.algorithm = (algorithm_), .key_bytes = (key_), .counts = true, .wire = wire_

#define MAC(word_, key_, mac_, summary_)                                                                               \
	{                                                                                                              \
		.cactus = { .name = "mac:" word_, .summary = summary_, .size = sizeof(struct mac),                     \
			.growth = { .suffix = (mac_) }, .packs = true, .needs = needs, .events = events, .down = down, \
			.up = up },                                                                                    \
		MAC_COMMON("mac", word_, NULL, SECCOMM_MODERN, "mac", word_, key_, "packed body || MAC (" #mac_ ")")   \
	}

#define KEYED(word_, paper_, algorithm_, key_, words_, summary_)                                                       \
	{                                                                                                              \
		.cactus = { .name = "mac:" word_, .summary = summary_, .size = sizeof(struct keyed),                   \
			.growth = { .suffix = (key_) }, .packs = true, .needs = needs, .events = keyed_events,         \
			.params = (const struct cactus_param[]){ { .name = "mode",                                     \
						     .doc = "How key and digest are put together.",                    \
						     .at = CACTUS_AT(struct keyed, mode),                              \
						     .kind = CACTUS_WORD,                                              \
						     .words = words_ },                                                \
			    { 0 } },                                                                                   \
			.down = keyed_down, .up = keyed_up, .begin = keyed_begin },                                    \
		MAC_COMMON(                                                                                            \
		    "mac", word_, paper_, SECCOMM_LEGACY, "mac", algorithm_, key_, "packed body || MAC (" #key_ ")")   \
	}

#define KEYED_DIGEST(word_, standing_, key_, mac_, summary_)                                                           \
	{                                                                                                              \
		.cactus = { .name = "digest:" word_, .summary = summary_, .size = sizeof(struct keyed_digest),         \
			.packs = true, .needs = needs, .provides = digests, .events = events,                          \
			.attributes = (const struct cactus_attribute[]){ { .name = "digest",                           \
							       .scope = CACTUS_PEER,                                   \
							       .bytes = (mac_),                                        \
							       .at = CACTUS_AT(struct keyed_digest, column) },         \
			    { 0 } },                                                                                   \
			.down = digest_down, .up = digest_up },                                                        \
		MAC_COMMON("digest", word_, NULL, standing_, "mac", word_, key_,                                       \
		    "packed body, and the attribute digest (" #mac_ ") for the next packing")                          \
	}

static const struct cactus_tie digests[] = { { .capability = "digest" }, { 0 } };
static const char *const md5_modes[] = { "hmac", "rfc1828", NULL }, *const sha_modes[] = { "hmac", "rfc1852", NULL };

const struct seccomm_mp mp_keyed_md5 = KEYED("keyed-md5", "KeyedMD5Integrity", "hmac-md5", 16, md5_modes,
    "refuses a message that was changed or that the peer did not send, with MD5 and a key (RFC 2104 or RFC 1828)");
const struct seccomm_mp mp_keyed_sha = KEYED("keyed-sha", "KeyedSHAIntegrity", "hmac-sha-1", 20, sha_modes,
    "refuses a message that was changed or that the peer did not send, with SHA-1 and a key (RFC 2104 or RFC 1852)");
const struct seccomm_mp mp_hmac_sha_256 = MAC("hmac-sha-256", 32, 32,
    "refuses a message that was changed or that the peer did not send, with HMAC-SHA-256 (RFC 2104)");
const struct seccomm_mp mp_hmac_sha_512 = MAC("hmac-sha-512", 64, 64,
    "refuses a message that was changed or that the peer did not send, with HMAC-SHA-512 (RFC 2104)");
const struct seccomm_mp mp_mac_blake2b = MAC("blake2b", 64, 64,
    "refuses a message that was changed or that the peer did not send, with BLAKE2b and a key (RFC 7693)");
const struct seccomm_mp mp_aes_cmac = MAC("aes-cmac", 32, 16,
    "refuses a message that was changed or that the peer did not send, with CMAC and AES-256 (NIST SP 800-38B)");
const struct seccomm_mp mp_poly1305 = {
	.cactus = { .name = "mac:poly1305",
		.summary = "refuses a message that was changed or that the peer did not send, with Poly1305 and a key of ChaCha20 for "
			   "each message (RFC 8439)",
		.size = sizeof(struct one_time), .growth = { .suffix = 16 }, .packs = true, .needs = needs,
		.events = one_time_events, .down = one_time_down, .up = one_time_up, .begin = one_time_begin },
	MAC_COMMON("mac", "poly1305", NULL, SECCOMM_MODERN, "onetime", "poly1305", 32, "packed body || tag (16)")
};
const struct seccomm_mp mp_digest_hmac_md5 = KEYED_DIGEST("hmac-md5", SECCOMM_LEGACY, 16, 16,
    "proves a message by a digest with MD5 and a key (RFC 2104), which an outer layer can protect once more");
const struct seccomm_mp mp_digest_hmac_sha_1 = KEYED_DIGEST("hmac-sha-1", SECCOMM_LEGACY, 20, 20,
    "proves a message by a digest with SHA-1 and a key (RFC 2104), which an outer layer can protect once more");
const struct seccomm_mp mp_digest_hmac_sha_256 = KEYED_DIGEST("hmac-sha-256", SECCOMM_MODERN, 32, 32,
    "proves a message by a digest with SHA-256 and a key (RFC 2104), which an outer layer can protect once more");
