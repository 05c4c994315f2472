/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DESPrivacy (TR 99-08, Figure 3) and its kin: a cipher that hides a message and does nothing else.
 *
 * On the wire: IV || cipher(packed body [|| padding]).  The IV is fresh random for every message; ECB has none.  The modes
 * that work on whole blocks (ECB, CBC) pad with 1 to one block of bytes (PKCS#7), the others (CFB, OFB, CTR, ChaCha20) do
 * not.  It gives privacy only: without a layer that authenticates outside it, a change in transit goes unnoticed.  All that
 * can be wrong with a message has one answer, and the padding is looked at as a whole, so that nothing tells an attacker
 * which part was wrong.  Another cipher is one more table.
 */
#include "seccomm_module.h"

enum { KEY_MAX = 64 };

struct cipher {
	struct seccomm_self self;
	struct seccomm_cipher *cipher[2]; /* by enum seccomm_way; NULL until the key is ready */
};

static enum cactus_verdict key_ready(void *self, void *argument)
{
	struct cipher *c = self;
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
	const struct cipher *c = self;
	const struct cactus_growth *growth = &c->self.cactus.mp->growth;
	struct cactus_msg *msg = argument;
	uint8_t *text, *iv;

	if (!c->cipher[SECCOMM_SEND] || !cactus_pack(self, msg) || (growth->block && !pad(msg, growth->block)))
		return seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL);
	text = msg->body;
	iv = cactus_prefix(msg, growth->prefix);
	if (!iv || (growth->prefix && seccomm_random(self, iv, growth->prefix) < 0) ||
	    seccomm_cipher_run(c->cipher[SECCOMM_SEND], iv, text, msg->length - growth->prefix) < 0)
		return seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL);
	return CACTUS_NEXT;
}

static enum cactus_verdict up(void *self, void *argument)
{
	const struct cipher *c = self;
	const struct cactus_growth *growth = &c->self.cactus.mp->growth;
	struct cactus_msg *msg = argument;
	const uint8_t *iv = cactus_behead(msg, growth->prefix);

	if (!c->cipher[SECCOMM_RECEIVE] || !iv ||
	    (growth->block && (msg->length == 0 || msg->length % growth->block != 0)) ||
	    seccomm_cipher_run(c->cipher[SECCOMM_RECEIVE], iv, msg->body, msg->length) < 0 ||
	    (growth->block && !unpad(msg, growth->block)) || cactus_unpack(self, msg) < 0)
		return seccomm_refuse(self, msg, SECCOMM_ALERT_BAD_DECRYPTION);
	return CACTUS_NEXT;
}

static const struct cactus_tie needs[] = { { .capability = "key", .index = CACTUS_AT(struct seccomm_self, key) }, { 0 } };
static const struct cactus_event_row events[] = { SECCOMM_KEY_EVENT(key_ready), { 0 } };

/* IV and BLOCK in bytes, 0: none. */
#define CIPHER(word_, paper_, standing_, key_, iv_, block_, wire_, summary_)                                           \
	{                                                                                                              \
		.cactus = { .name = "encrypt:" word_, .summary = summary_, .size = sizeof(struct cipher),              \
			.growth = { .prefix = (iv_), .block = (block_) }, .packs = true, .needs = needs,               \
			.events = events, .down = down, .up = up },                                                    \
		.layer = "encrypt", .word = word_, .paper = paper_, .class_of = SECCOMM_PRIVACY,                       \
		.standing = (standing_), .gives = SECCOMM_GIVES_CONFIDENTIALITY, .quantum = (key_) >= 32, .revision = 1, .kind = "cipher", \
		.algorithm = word_, .key_bytes = (key_), .wire = wire_                                                 \
	}

const struct seccomm_mp mp_des_cbc = CIPHER("des-cbc", "DESPrivacy", SECCOMM_BROKEN, 8, 8, 8,
    "IV (8) || DES-CBC(packed body || padding (1 to 8))",
    "hides a message with DES in CBC mode (FIPS 46-3); a key of 56 bits stops no determined reader");
const struct seccomm_mp mp_des_ecb = CIPHER("des-ecb", NULL, SECCOMM_BROKEN, 8, 0, 8,
    "DES-ECB(packed body || padding (1 to 8))",
    "hides a message with DES block by block (FIPS 81), so that equal blocks look equal; a key of 56 bits stops nobody");
const struct seccomm_mp mp_des_cfb = CIPHER("des-cfb", NULL, SECCOMM_BROKEN, 8, 8, 0, "IV (8) || DES-CFB64(packed body)",
    "hides a message with DES in cipher feedback mode (FIPS 81); a key of 56 bits stops no determined reader");
const struct seccomm_mp mp_des_ofb = CIPHER("des-ofb", NULL, SECCOMM_BROKEN, 8, 8, 0, "IV (8) || DES-OFB64(packed body)",
    "hides a message with DES in output feedback mode (FIPS 81); a key of 56 bits stops no determined reader");
const struct seccomm_mp mp_3des_ede_cbc = CIPHER("3des-ede-cbc", NULL, SECCOMM_LEGACY, 24, 8, 8,
    "IV (8) || 3DES-CBC(packed body || padding (1 to 8))",
    "hides a message with three keys of DES in CBC mode (NIST SP 800-67); its small block limits it to 8 MiB under one key");
const struct seccomm_mp mp_aes_128_cbc = CIPHER("aes-128-cbc", NULL, SECCOMM_MODERN, 16, 16, 16,
    "IV (16) || AES-128-CBC(packed body || padding (1 to 16))", "hides a message with AES-128 in CBC mode (NIST SP 800-38A)");
const struct seccomm_mp mp_aes_256_cbc = CIPHER("aes-256-cbc", NULL, SECCOMM_MODERN, 32, 16, 16,
    "IV (16) || AES-256-CBC(packed body || padding (1 to 16))", "hides a message with AES-256 in CBC mode (NIST SP 800-38A)");
const struct seccomm_mp mp_aes_128_ctr = CIPHER("aes-128-ctr", NULL, SECCOMM_MODERN, 16, 16, 0,
    "first counter block (16) || AES-128-CTR(packed body)", "hides a message with AES-128 in counter mode (NIST SP 800-38A)");
const struct seccomm_mp mp_aes_256_ctr = CIPHER("aes-256-ctr", NULL, SECCOMM_MODERN, 32, 16, 0,
    "first counter block (16) || AES-256-CTR(packed body)", "hides a message with AES-256 in counter mode (NIST SP 800-38A)");
const struct seccomm_mp mp_chacha20 = CIPHER("chacha20", NULL, SECCOMM_MODERN, 32, 16, 0,
    "counter (4) and nonce (12) || ChaCha20(packed body)", "hides a message with ChaCha20 (RFC 8439)");
