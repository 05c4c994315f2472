/* SPDX-License-Identifier: Apache-2.0 */
/*
 * checksum: a datagram that was damaged on the way is refused.
 *
 * On the wire: packed body || CRC-32 (4) of it, the one of IEEE 802.3.
 */
#include "rpc_module.h"

enum { CRC = 4 };

static uint32_t crc_32(const uint8_t *bytes, size_t length)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < length; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
	}
	return ~crc;
}

static enum cactus_verdict down(void *self, void *argument)
{
	struct cactus_msg *msg = argument;
	uint8_t *out;
	uint32_t crc;

	if (!cactus_pack(self, msg))
		return rpc_refuse(msg, RPC_REFUSED);
	crc = crc_32(msg->body, msg->length);
	out = cactus_suffix(msg, CRC);
	if (out == NULL)
		return rpc_refuse(msg, RPC_REFUSED);
	cactus_put_u32(out, crc);
	return CACTUS_NEXT;
}

static enum cactus_verdict up(void *self, void *argument)
{
	struct cactus_msg *msg = argument;
	const uint8_t *sent = cactus_curtail(msg, CRC);

	if (sent == NULL || cactus_u32(sent) != crc_32(msg->body, msg->length))
		return rpc_refuse(msg, RPC_CORRUPT);
	return cactus_unpack(self, msg) < 0 ? rpc_refuse(msg, RPC_MALFORMED) : CACTUS_NEXT;
}

const struct cactus_mp rpc_checksum = {
	.name = "checksum",
	.summary = "refuses a datagram that was damaged on the way, with CRC-32",
	.size = sizeof(struct cactus_instance),
	.growth = { .suffix = CRC },
	.packs = true,
	/* What names a call must be covered; and nothing may be remembered of a request that was not checked. */
	.needs = (const struct cactus_tie[]){
		{ .capability = RPC_HAS_IDENTITY, .soft = true, .inner = true },
		{ .capability = RPC_HAS_UNIQUE_EXECUTION, .soft = true, .inner = true },
		{ 0 } },
	.down = down,
	.up = up,
};
