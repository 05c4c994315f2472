/* SPDX-License-Identifier: Apache-2.0 */
/* Pads in memory; see pads.h. */
#include "pads.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static uint8_t byte_at(const struct memory_pad *p, enum seccomm_pad_region region, uint64_t offset)
{
	const bool client = (region == SECCOMM_PAD_OURS) == (p->role == SECCOMM_CLIENT);
	uint64_t z = p->seed + (offset / 8 * 2 + client) * 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (uint8_t)((z ^ z >> 31) >> 8 * (offset % 8));
}

static int reserve(void *context, uint64_t length, uint64_t *offset)
{
	struct memory_pad *p = context;

	assert_int_equal(length % SECCOMM_PAD_BLOCK, 0);
	if (p->broken)
		return SECCOMM_FAILED;
	if (length > p->limit - p->mark)
		return SECCOMM_LIMIT;
	*offset = p->mark;
	p->mark += length;
	p->reserved++;
	return SECCOMM_OK;
}

static int judge(const struct memory_pad *p, enum seccomm_pad_region region, uint64_t offset, uint64_t length)
{
	if (p->broken)
		return SECCOMM_FAILED;
	if (offset >= p->limit || length > p->limit - offset)
		return SECCOMM_INVALID;
	for (uint64_t unit = offset / SECCOMM_PAD_UNIT; unit * SECCOMM_PAD_UNIT < offset + (length ? length : 1); unit++)
		if (p->spent[region][unit / 8] >> unit % 8 & 1)
			return SECCOMM_REFUSED;
	return SECCOMM_OK;
}

static int read_pad(void *context, enum seccomm_pad_region region, uint64_t offset, uint8_t *out, size_t length)
{
	const struct memory_pad *p = context;
	int status = judge(p, region, offset, length);

	if (region == SECCOMM_PAD_OURS)
		assert_true(offset + length <= p->mark); /* nobody uses what is not reserved */
	for (size_t i = 0; status == SECCOMM_OK && i < length; i++)
		out[i] = byte_at(p, region, offset + i);
	return status;
}

static int admit(void *context, uint64_t offset, uint64_t length)
{
	struct memory_pad *p = context;

	p->admitted++;
	return judge(p, SECCOMM_PAD_PEERS, offset, length);
}

static void spend(void *context, enum seccomm_pad_region region, uint64_t offset, uint64_t length)
{
	struct memory_pad *p = context;

	assert_true(offset % SECCOMM_PAD_UNIT == 0 && length % SECCOMM_PAD_UNIT == 0 && offset + length <= p->limit);
	for (uint64_t unit = offset / SECCOMM_PAD_UNIT; unit * SECCOMM_PAD_UNIT < offset + length; unit++)
		p->spent[region][unit / 8] |= (uint8_t)(1 << unit % 8);
}

/* What the peer's sender has left is not known here. */
static uint64_t left(void *context, enum seccomm_pad_region region, uint64_t *used)
{
	const struct memory_pad *p = context;

	*used = region == SECCOMM_PAD_OURS ? p->mark : 0;
	return p->limit - *used;
}

struct memory_pad *memory_pad_new(enum seccomm_role role, uint64_t seed)
{
	struct memory_pad *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	p->role = role;
	p->seed = seed;
	p->limit = PAD_BYTES;
	p->pad = (struct seccomm_pad){
		.context = p, .reserve = reserve, .read = read_pad, .admit = admit, .spend = spend, .left = left
	};
	return p;
}
