/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KeyedSHAIntegrity (TR 99-08, 3.3.3) with the construction that has since become the standard: HMAC (RFC 2104).
 *
 * On the wire: packed body || MAC (32), untruncated, over what goes around the body (seccomm_cover) || packed body, under a
 * key (32) derived for each direction.  It proves who sent a message, to the peer only: the peer could have made it, too.
 */
#include "seccomm_module.h"

enum { KEY = 32, MAC = 32 };

struct mac {
	struct seccomm_self self;
	struct seccomm_mac *context[2]; /* by enum seccomm_way; NULL until the key is ready */
};

static enum cactus_verdict key_ready(void *self, void *argument)
{
	struct mac *m = self;
	const struct seccomm_mp *mp = (const void *)m->self.cactus.mp;
	uint8_t key[KEY];

	(void)argument;
	for (enum seccomm_way way = SECCOMM_SEND; way <= SECCOMM_RECEIVE; way++) {
		if (!seccomm_runs(self, way))
			continue;
		if (seccomm_layer_key(self, way, "key", key, KEY) == 0)
			m->context[way] = seccomm_mac_new(self, mp->algorithm, key, KEY);
		seccomm_wipe(key, KEY);
		if (!m->context[way])
			return CACTUS_STOP;
	}
	return CACTUS_NEXT;
}

static int compute(struct seccomm_mac *context, const struct cactus_msg *msg, uint8_t out[MAC])
{
	struct seccomm_part parts[2] = { { 0 }, { msg->body, msg->length } };

	parts[0].bytes = seccomm_cover(msg, &parts[0].length);
	return context ? seccomm_mac_run(context, parts, 2, out) : SECCOMM_NOT_READY;
}

static enum cactus_verdict down(void *self, void *argument)
{
	const struct mac *m = self;
	struct cactus_msg *msg = argument;

	/* The MAC is written behind the body it covers, before that place belongs to the body. */
	if (!cactus_pack(self, msg) || !cactus_suffix(msg, MAC))
		return seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL);
	if (compute(m->context[SECCOMM_SEND], msg, cactus_curtail(msg, MAC)) < 0)
		return seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL);
	cactus_suffix(msg, MAC);
	return CACTUS_NEXT;
}

static enum cactus_verdict up(void *self, void *argument)
{
	const struct mac *m = self;
	struct cactus_msg *msg = argument;
	const uint8_t *sent = cactus_curtail(msg, MAC);
	uint8_t mac[MAC];

	if (sent && compute(m->context[SECCOMM_RECEIVE], msg, mac) < 0)
		return seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL);
	if (!sent || !seccomm_equal(sent, mac, MAC))
		return seccomm_refuse(self, msg, SECCOMM_ALERT_BAD_MAC);
	seccomm_authenticated(self, msg);
	if (cactus_unpack(self, msg) < 0)
		return seccomm_refuse(self, msg, SECCOMM_ALERT_MALFORMED);
	return CACTUS_NEXT;
}

const struct seccomm_mp mp_hmac_sha_256 = {
	.cactus = {
		.name = "mac:hmac-sha-256",
		.summary = "refuses a message that was changed or that the peer did not send, with HMAC-SHA-256 (RFC 2104)",
		.size = sizeof(struct mac),
		.growth = { .suffix = MAC },
		.packs = true,
		/* The second is the paper's edge of Figure 8: replay prevention comes first, to be covered. */
		.needs = (const struct cactus_tie[]){
			{ .capability = "key", .index = CACTUS_AT(struct seccomm_self, key) },
			{ .capability = "freshness", .soft = true, .inner = true },
			{ 0 } },
		.events = (const struct cactus_event_row[]){ SECCOMM_KEY_EVENT(key_ready), { 0 } },
		.down = down,
		.up = up,
	},
	.layer = "mac", .word = "hmac-sha-256", .paper = "KeyedSHAIntegrity",
	.class_of = SECCOMM_INTEGRITY, .standing = SECCOMM_MODERN,
	.gives = SECCOMM_GIVES_INTEGRITY | SECCOMM_GIVES_AUTHENTICITY,
	.revision = 1, .kind = "mac", .algorithm = "hmac-sha-256", .key_bytes = KEY, .counts = true,
	.wire = "packed body || MAC (32)",
};
