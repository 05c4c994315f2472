/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OneTimePadPrivacy (TR 99-08, 3.3.2): a message XOR as many bytes of a pad that both ends hold, and that serve once.
 *
 * On the wire: offset (8, in the sender's region of the pad) || packed body XOR pad.  Nobody can read it, with whatever
 * computer; anybody can change it, and its offset, unless a layer outside it authenticates: mac:one-time-poly1305 of the same
 * pad is the only one that promises as much.  Copies of a pad, snapshots of the disk under it and backups that are brought back
 * defeat it.
 */
#include "pad.h"

enum { PIECE = 512 };

/* XORs the body with the pad from OFFSET on, piece by piece. */
static bool combine(struct pad_layer *p, struct cactus_msg *msg, enum seccomm_way way, uint64_t offset)
{
	uint8_t pad[PIECE];
	size_t at = 0, n;
	bool good;

	do {
		n = msg->length - at < PIECE ? msg->length - at : PIECE;
		good = way == SECCOMM_SEND ? pad_read(p, offset + at, pad, n) : pad_find(p, msg, offset + at, pad, n);
		for (size_t i = 0; good && i < n; i++)
			msg->body[at + i] ^= pad[i];
		at += n;
	} while (good && at < msg->length);
	seccomm_wipe(pad, PIECE);
	return good;
}

static enum cactus_verdict down(void *self, void *argument)
{
	struct pad_layer *p = self;
	struct cactus_msg *msg = argument;
	uint64_t offset;
	size_t length;
	uint8_t *head;
	bool good;

	if (!cactus_pack(self, msg))
		return seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL);
	length = msg->length;
	if (!pad_take(p, msg, length, &offset))
		return CACTUS_STOP;
	good = combine(p, msg, SECCOMM_SEND, offset);
	pad_spend(p, offset, length);
	if (!good || !(head = cactus_prefix(msg, PAD_OFFSET)))
		return seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL);
	cactus_put_u64(head, offset);
	return CACTUS_NEXT;
}

static enum cactus_verdict up(void *self, void *argument)
{
	struct cactus_msg *msg = argument;
	const uint8_t *head = cactus_behead(msg, PAD_OFFSET);
	const size_t length = msg->length;
	uint64_t offset;

	if (!head)
		return seccomm_refuse(self, msg, SECCOMM_ALERT_BAD_DECRYPTION);
	offset = cactus_u64(head);
	if (!combine(self, msg, SECCOMM_RECEIVE, offset))
		return CACTUS_STOP;
	if (!pad_note(self, msg, offset, length) || cactus_unpack(self, msg) < 0)
		return seccomm_refuse(self, msg, SECCOMM_ALERT_BAD_DECRYPTION);
	return CACTUS_NEXT;
}

const struct seccomm_mp mp_one_time_pad = {
	.cactus = {
		.name = "encrypt:one-time-pad",
		.summary = "hides a message for good, with as many bytes of a pad that both ends hold and that serve once",
		.size = sizeof(struct pad_layer),
		.growth = { .prefix = PAD_OFFSET },
		.packs = true,
		.params = pad_params,
		.attributes = pad_attributes,
		.events = pad_events,
		.down = down,
		.up = up,
		.begin = pad_begin,
		.end = pad_end,
	},
	.layer = "encrypt", .word = "one-time-pad", .paper = "OneTimePadPrivacy",
	.class_of = SECCOMM_PRIVACY, .standing = SECCOMM_MODERN, .quantum = true, .gives = SECCOMM_GIVES_CONFIDENTIALITY,
	.revision = 1, .wire = "offset (8) || packed body XOR pad",
};
