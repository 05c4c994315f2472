/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The partner of OneTimePadPrivacy: Poly1305 (RFC 8439, 2.5) under a key of 32 bytes of a pad, for each message another one.
 *
 * On the wire: offset (8, in the sender's region of the pad) || packed body || tag (16), over the transcript (32, seccomm_transcript) ||
 * what goes around the body (seccomm_cover) || offset || packed body.  The pad is the same in all sessions of two ends; the
 * transcript keeps a message in its own.  A forgery of a message of N bytes succeeds with a chance of N/16 in 2^103, whatever
 * computer tries it: that rests on no assumption, as long as no byte of the pad serves twice.
 */
#include "pad.h"

enum { KEY = 32, TAG = 16 };

struct poly1305 {
	struct pad_layer pad;
	struct seccomm_onetime *context;
};

static int begin(void *self)
{
	struct poly1305 *p = self;
	int status = pad_begin(self);

	if (status != CACTUS_OK)
		return status;
	p->context = seccomm_onetime_new(self);
	return p->context ? CACTUS_OK : CACTUS_NO_MEMORY;
}

/* The body begins with the offset. */
static bool compute(const struct poly1305 *p, const struct cactus_msg *msg, const uint8_t key[KEY], uint8_t tag[TAG])
{
	uint8_t transcript[SECCOMM_TRANSCRIPT_BYTES];
	struct seccomm_part parts[3] = { { transcript, sizeof(transcript) }, { 0 }, { msg->body, msg->length } };

	seccomm_transcript(p, transcript);
	parts[1].bytes = seccomm_cover(msg, &parts[1].length);
	return seccomm_onetime_run(p->context, key, parts, 3, tag) == SECCOMM_OK;
}

static enum cactus_verdict down(void *self, void *argument)
{
	struct poly1305 *p = self;
	struct cactus_msg *msg = argument;
	uint8_t key[KEY], tag[TAG], *head, *tail = NULL;
	uint64_t offset;
	bool good;

	if (!cactus_pack(self, msg) || !(head = cactus_prefix(msg, PAD_OFFSET)))
		return seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL);
	if (!pad_take(&p->pad, msg, KEY, &offset))
		return CACTUS_STOP;
	cactus_put_u64(head, offset);
	good = pad_read(&p->pad, offset, key, KEY) && compute(p, msg, key, tag) && (tail = cactus_suffix(msg, TAG));
	pad_spend(&p->pad, offset, KEY);
	seccomm_wipe(key, KEY);
	if (!good)
		return seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL);
	for (size_t i = 0; i < TAG; i++)
		tail[i] = tag[i];
	return CACTUS_NEXT;
}

static enum cactus_verdict up(void *self, void *argument)
{
	struct poly1305 *p = self;
	struct cactus_msg *msg = argument;
	const uint8_t *sent = cactus_curtail(msg, TAG);
	uint8_t key[KEY], tag[TAG];
	uint64_t offset;
	bool good;

	if (!sent || msg->length < PAD_OFFSET)
		return seccomm_refuse(self, msg, SECCOMM_ALERT_BAD_MAC);
	offset = cactus_u64(msg->body);
	if (!pad_find(&p->pad, msg, offset, key, KEY))
		return CACTUS_STOP;
	good = compute(p, msg, key, tag) && seccomm_equal(sent, tag, TAG);
	seccomm_wipe(key, KEY);
	if (!good || !pad_note(&p->pad, msg, offset, KEY))
		return seccomm_refuse(self, msg, SECCOMM_ALERT_BAD_MAC);
	seccomm_authenticated(self, msg);
	if (!cactus_behead(msg, PAD_OFFSET) || cactus_unpack(self, msg) < 0)
		return seccomm_refuse(self, msg, SECCOMM_ALERT_MALFORMED);
	return CACTUS_NEXT;
}

const struct seccomm_mp mp_one_time_poly1305 = {
	.cactus = {
		.name = "mac:one-time-poly1305",
		.summary = "refuses a message that was changed or that the peer did not send, with Poly1305 and 32 bytes of a pad",
		.size = sizeof(struct poly1305),
		.growth = { .prefix = PAD_OFFSET, .suffix = TAG },
		.packs = true,
		.params = pad_params,
		/* The paper's edge of Figure 8: replay prevention comes first, to be covered. */
		.needs = (const struct cactus_tie[]){ { .capability = "freshness", .soft = true, .inner = true }, { 0 } },
		.attributes = pad_attributes,
		.events = pad_events,
		.down = down,
		.up = up,
		.begin = begin,
		.end = pad_end,
	},
	.layer = "mac", .word = "one-time-poly1305",
	.class_of = SECCOMM_INTEGRITY, .standing = SECCOMM_MODERN, .quantum = true,
	.gives = SECCOMM_GIVES_INTEGRITY | SECCOMM_GIVES_AUTHENTICITY,
	.revision = 2, .kind = "onetime", .algorithm = "poly1305", .counts = true, .wire = "offset (8) || packed body || tag (16)",
};
