/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frame.c - the header in front of every message of the native layout (doc/wire.md).
 *
 * Stream: type (1) || epoch (1) || length of the rest (4).  Datagram: type (1) || receiver's index (4) || epoch (1).
 * The type is the version in the upper 3 bits and the lane in the lower 5.
 */
#include <string.h>

#include "seccomm/session.h"

void frame_write(enum seccomm_link link, const struct frame *frame, uint8_t header[FRAME_HEADER])
{
	header[0] = (uint8_t)(FRAME_VERSION << 5 | frame->lane);
	if (link == SECCOMM_STREAM) {
		header[1] = frame->epoch;
		cactus_put_u32(header + 2, (uint32_t)frame->length);
	} else {
		cactus_put_u32(header + 1, frame->index);
		header[5] = frame->epoch;
	}
}

bool frame_read(enum seccomm_link link, const uint8_t header[FRAME_HEADER], size_t datagram_length, struct frame *out)
{
	out->lane = header[0] & 31;
	if (link == SECCOMM_STREAM) {
		out->epoch = header[1];
		out->length = cactus_u32(header + 2);
		out->index = 0;
	} else {
		out->index = cactus_u32(header + 1);
		out->epoch = header[5];
		out->length = datagram_length - FRAME_HEADER;
	}
	return header[0] >> 5 == FRAME_VERSION;
}

/* What follows the header of a data message: [number (8)] || clear attributes.  Both lie in VALUES, around the header.
 */
static bool numbered(const struct seccomm_plan *plan)
{
	return plan->link == SECCOMM_DATAGRAM && plan->counts;
}

void frame_write_rest(const struct seccomm_plan *plan, const uint8_t *values, uint8_t *out)
{
	size_t number = numbered(plan) ? FRAME_NUMBER : 0;

	memcpy(out, values, number);
	memcpy(out + number, values + COVER_HEADER + FRAME_HEADER, plan->head - FRAME_HEADER - plan->salt - number);
}

uint64_t frame_read_rest(const struct seccomm_plan *plan, const uint8_t *in, uint8_t *values)
{
	size_t number = numbered(plan) ? FRAME_NUMBER : 0;

	memcpy(values, in, number);
	memcpy(values + COVER_HEADER + FRAME_HEADER, in + number, plan->head - FRAME_HEADER - plan->salt - number);
	return cactus_u64(values);
}
