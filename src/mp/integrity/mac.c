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
 */
#include "seccomm_module.h"

#include <string.h>

enum { KEY_MAX = 64, MAC_MAX = 64, BLOCK = 64 /* of MD5 and SHA-1 */ };
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

static const struct seccomm_mp *table_of(const struct mac *m)
{
	return (const void *)m->self.cactus.mp;
}

/* ---- Keys ---- */

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
	for (enum seccomm_way way = SECCOMM_SEND; way <= SECCOMM_RECEIVE; way++)
		if (seccomm_runs(self, way) && !expand(self, way))
			return CACTUS_STOP;
	return CACTUS_NEXT;
}

/* RFC 1321 3.1 and 3.2, FIPS 180-4 5.1.1: a bit, zeros, and the key's length in bits, which MD5 writes least byte first. */
static bool fill_up(struct keyed *k, enum seccomm_way way)
{
	const size_t length = table_of(&k->head)->key_bytes;
	const bool little = strcmp(table_of(&k->head)->algorithm, "hmac-md5") == 0;

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
	struct keyed *k = self;

	if (k->mode == MODE_HMAC)
		return key_ready(self, argument);
	for (enum seccomm_way way = SECCOMM_SEND; way <= SECCOMM_RECEIVE; way++)
		if (seccomm_runs(self, way) && !fill_up(k, way))
			return CACTUS_STOP;
	return CACTUS_NEXT;
}

static int keyed_begin(void *self)
{
	struct keyed *k = self;

	if (k->mode == MODE_ENVELOPE)
		k->digest = seccomm_digest_new(self, strcmp(table_of(&k->head)->algorithm, "hmac-md5") == 0 ? "md5" : "sha-1");
	return k->mode == MODE_HMAC || k->digest ? CACTUS_OK : CACTUS_NO_MEMORY;
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

/* ---- Tables ---- */

/* The second is the paper's edge of Figure 8: replay prevention comes first, to be covered. */
static const struct cactus_tie needs[] = { { .capability = "key", .index = CACTUS_AT(struct seccomm_self, key) },
	{ .capability = "freshness", .soft = true, .inner = true }, { 0 } };
static const struct cactus_event_row events[] = { SECCOMM_KEY_EVENT(key_ready), { 0 } },
				     keyed_events[] = { SECCOMM_KEY_EVENT(keyed_ready), { 0 } };

#define MAC_COMMON(word_, paper_, standing_, algorithm_, key_, mac_)                                                   \
	.layer = "mac", .word = word_, .paper = paper_, .class_of = SECCOMM_INTEGRITY, .standing = (standing_),        \
	.gives = SECCOMM_GIVES_INTEGRITY | SECCOMM_GIVES_AUTHENTICITY, .revision = 1, .kind = "mac",                   \
	.algorithm = (algorithm_), .key_bytes = (key_), .counts = true, .wire = "packed body || MAC (" #mac_ ")"

#define MAC(word_, key_, mac_, summary_)                                                                               \
	{                                                                                                              \
		.cactus = { .name = "mac:" word_, .summary = summary_, .size = sizeof(struct mac),                     \
			.growth = { .suffix = (mac_) }, .packs = true, .needs = needs, .events = events, .down = down, \
			.up = up },                                                                                    \
		MAC_COMMON(word_, NULL, SECCOMM_MODERN, word_, key_, mac_)                                             \
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
		MAC_COMMON(word_, paper_, SECCOMM_LEGACY, algorithm_, key_, key_)                                      \
	}

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
