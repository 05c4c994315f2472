/* SPDX-License-Identifier: Apache-2.0 */
/* pad_store.c - reserving, reading and destroying bytes of a pad (see pad_store.h). */
#include "cli/pad_store.h"
#include "seccomm_module.h"

#include <stdio.h>
#include <string.h>

enum { AT_ID = 8, AT_REGION = 24, AT_ROLE = 32, AT_PLACE = 40, SLOT = 512, SLOT_BYTES = 16, PIECE = 512 };

static const uint8_t magic[8] = { 'S', 'C', 'P', 'A', 'D', 0, 0, 1 }, marks_magic[8] = { 'S', 'C', 'M', 'A', 'R', 'K', 0, 1 };

void pad_store_id_text(const uint8_t id[PAD_ID], char out[PAD_ID_TEXT])
{
	for (size_t i = 0; i < PAD_ID; i++)
		snprintf(out + 2 * i, 3, "%02x", id[i]);
}

void pad_store_head(uint8_t head[PAD_HEAD], const uint8_t id[PAD_ID], uint64_t region, enum seccomm_role role)
{
	memset(head, 0, PAD_HEAD);
	memcpy(head, magic, sizeof(magic));
	memcpy(head + AT_ID, id, PAD_ID);
	cactus_put_u64(head + AT_REGION, region);
	head[AT_ROLE] = role == SECCOMM_SERVER;
	for (unsigned slot = 1; slot <= 4; slot++)
		cactus_put_u64(head + (size_t)slot * SLOT + 8, UINT64_MAX); /* the complement of 0 */
}

void pad_store_marks(const struct pad_store *s, uint8_t head[PAD_HEAD])
{
	pad_store_head(head, s->id, s->region, s->role);
	memcpy(head, marks_magic, sizeof(marks_magic));
	for (unsigned slot = 1; slot <= 4; slot++) {
		cactus_put_u64(head + (size_t)slot * SLOT, s->mark[(slot - 1) / 2]);
		cactus_put_u64(head + (size_t)slot * SLOT + 8, ~s->mark[(slot - 1) / 2]);
	}
}

/* ---- Marks ---- */

static bool slot_read(const uint8_t *slot, uint64_t *value)
{
	*value = cactus_u64(slot);
	return *value == ~cactus_u64(slot + 8);
}

static uint64_t slot_place(enum seccomm_pad_region region, unsigned which)
{
	return (uint64_t)(1 + 2 * (unsigned)region + which) * SLOT;
}

/* The greater of the two that can be read; false: neither can. */
static bool mark_read(const uint8_t *head, enum seccomm_pad_region region, uint64_t *mark)
{
	uint64_t value[2];
	const bool first = slot_read(head + slot_place(region, 0), &value[0]), second = slot_read(head + slot_place(region, 1), &value[1]);

	*mark = first && (!second || value[0] > value[1]) ? value[0] : value[1];
	return first || second;
}

/* Puts MARK in the place of the older one on DISK, and waits until it is there. */
static int slot_write(const struct pad_disk *disk, enum seccomm_pad_region region, uint64_t mark)
{
	uint8_t slot[SLOT_BYTES];
	uint64_t value[2] = { 0 };

	for (unsigned which = 0; which < 2; which++) {
		if (disk->read(disk->context, slot_place(region, which), slot, SLOT_BYTES) < 0)
			return -1;
		if (!slot_read(slot, &value[which]))
			value[which] = 0;
	}
	cactus_put_u64(slot, mark);
	cactus_put_u64(slot + 8, ~mark);
	if (disk->write(disk->context, slot_place(region, value[1] < value[0]), slot, SLOT_BYTES) < 0)
		return -1;
	return disk->sync(disk->context);
}

/* In the pad first: after a crash in between it is not taken for a copy that was brought back. */
static int mark_write(struct pad_store *s, enum seccomm_pad_region region, uint64_t mark)
{
	if (slot_write(&s->disk, region, mark) < 0 || (s->marks.write && slot_write(&s->marks, region, mark) < 0)) {
		s->broken = true;
		return SECCOMM_FAILED;
	}
	s->mark[region] = mark;
	return SECCOMM_OK;
}

const char *pad_store_open(struct pad_store *s, const struct pad_disk *disk)
{
	uint8_t head[PAD_HEAD];

	*s = (struct pad_store){ .disk = *disk };
	if (disk->read(disk->context, 0, head, PAD_HEAD) < 0 || memcmp(head, magic, sizeof(magic)) != 0 || head[AT_ROLE] > 1)
		return "this is no one-time pad";
	memcpy(s->id, head + AT_ID, PAD_ID);
	memcpy(s->place, head + AT_PLACE, PAD_PLACE);
	s->region = cactus_u64(head + AT_REGION);
	s->role = head[AT_ROLE] ? SECCOMM_SERVER : SECCOMM_CLIENT;
	if (s->region == 0 || s->region % SECCOMM_PAD_BLOCK != 0 || s->region > UINT64_MAX / 4 ||
	    disk->read(disk->context, PAD_HEAD + 2 * s->region - 1, head + PAD_HEAD - 1, 1) < 0)
		return "a part of this pad is missing";
	if (!mark_read(head, SECCOMM_PAD_OURS, &s->mark[SECCOMM_PAD_OURS]) ||
	    !mark_read(head, SECCOMM_PAD_PEERS, &s->mark[SECCOMM_PAD_PEERS]) || s->mark[SECCOMM_PAD_OURS] > s->region ||
	    s->mark[SECCOMM_PAD_PEERS] > s->region)
		return "this pad is damaged: how much of it has been used cannot be read";
	s->floor = s->mark[SECCOMM_PAD_PEERS];
	return NULL;
}

static const char *read_marks(const struct pad_store *s, const struct pad_disk *marks, uint64_t out[2])
{
	uint8_t head[PAD_HEAD], own[PAD_HEAD];

	pad_store_marks(s, own);
	if (marks->read(marks->context, 0, head, PAD_HEAD) < 0 || memcmp(head, own, AT_PLACE) != 0 ||
	    !mark_read(head, SECCOMM_PAD_OURS, &out[SECCOMM_PAD_OURS]) || !mark_read(head, SECCOMM_PAD_PEERS, &out[SECCOMM_PAD_PEERS]))
		return "what has been noted of this pad's use is damaged, so nobody can tell how much of it is gone";
	return out[SECCOMM_PAD_OURS] > s->mark[SECCOMM_PAD_OURS] || out[SECCOMM_PAD_PEERS] > s->mark[SECCOMM_PAD_PEERS]
		   ? "this is an older copy of this pad that was brought back: bytes that it has as new have been used"
		   : NULL;
}

const char *pad_store_compare(const struct pad_store *s, const struct pad_disk *marks)
{
	uint64_t there[2];

	return read_marks(s, marks, there);
}

const char *pad_store_watch(struct pad_store *s, const struct pad_disk *marks)
{
	uint64_t there[2];
	const char *wrong = read_marks(s, marks, there);

	for (enum seccomm_pad_region region = SECCOMM_PAD_OURS; !wrong && region <= SECCOMM_PAD_PEERS; region++)
		if (there[region] < s->mark[region] && slot_write(marks, region, s->mark[region]) < 0)
			wrong = "what is noted of this pad's use could not be written";
	if (!wrong)
		s->marks = *marks;
	return wrong;
}

int pad_store_settle(struct pad_store *s, const uint8_t place[PAD_PLACE])
{
	memcpy(s->place, place, PAD_PLACE);
	return s->disk.write(s->disk.context, AT_PLACE, place, PAD_PLACE) < 0 ? -1 : s->disk.sync(s->disk.context);
}

/* ---- What sessions do with it ---- */

static uint64_t place_of(const struct pad_store *s, enum seccomm_pad_region region, uint64_t offset)
{
	const bool client = (region == SECCOMM_PAD_OURS) == (s->role == SECCOMM_CLIENT);

	return PAD_HEAD + (client ? 0 : s->region) + offset;
}

static int reserve(void *context, uint64_t length, uint64_t *offset)
{
	struct pad_store *s = context;
	const uint64_t mark = s->mark[SECCOMM_PAD_OURS];
	int status;

	if (s->broken)
		return SECCOMM_FAILED;
	if (length > s->region - mark) {
		s->ended = true;
		return SECCOMM_LIMIT;
	}
	status = mark_write(s, SECCOMM_PAD_OURS, mark + length);
	*offset = mark;
	return status;
}

static bool spent(const uint8_t *unit)
{
	uint8_t any = 0;

	for (size_t i = 0; i < SECCOMM_PAD_UNIT; i++)
		any |= unit[i];
	return any == 0;
}

/* Whole units of a region from OFFSET on, at most PIECE bytes; REFUSED: one is spent. */
static int read_units(const struct pad_store *s, enum seccomm_pad_region region, uint64_t offset, uint8_t *out, size_t length)
{
	const uint64_t end = region == SECCOMM_PAD_OURS ? s->mark[SECCOMM_PAD_OURS] : s->region;

	if (s->broken)
		return SECCOMM_FAILED;
	if (offset % SECCOMM_PAD_UNIT != 0 || offset > end || length > end - offset)
		return SECCOMM_INVALID;
	if (region == SECCOMM_PAD_PEERS && offset < s->floor)
		return SECCOMM_REFUSED;
	if (s->disk.read(s->disk.context, place_of(s, region, offset), out, length) < 0)
		return SECCOMM_FAILED;
	for (size_t i = 0; i < length; i += SECCOMM_PAD_UNIT)
		if (spent(out + i))
			return SECCOMM_REFUSED;
	return SECCOMM_OK;
}

static size_t units(uint64_t length)
{
	const uint64_t piece = length < PIECE ? length : PIECE;

	return piece == 0 ? SECCOMM_PAD_UNIT
			  : (size_t)(piece + SECCOMM_PAD_UNIT - 1) / SECCOMM_PAD_UNIT * SECCOMM_PAD_UNIT;
}

/* To OUT, unless it is NULL. */
static int look(const struct pad_store *s, enum seccomm_pad_region region, uint64_t offset, uint8_t *out, uint64_t length)
{
	uint8_t piece[PIECE];
	int status;
	uint64_t at = 0;

	do {
		status = read_units(s, region, offset + at, piece, units(length - at));
		if (status == SECCOMM_OK && out)
			memcpy(out + at, piece, length - at < PIECE ? (size_t)(length - at) : PIECE);
		at += PIECE;
	} while (status == SECCOMM_OK && at < length);
	seccomm_wipe(piece, sizeof(piece));
	return status;
}

static int read_pad(void *context, enum seccomm_pad_region region, uint64_t offset, uint8_t *out, size_t length)
{
	return look(context, region, offset, out, length);
}

static int admit(void *context, uint64_t offset, uint64_t length)
{
	struct pad_store *s = context;
	const uint64_t block = SECCOMM_PAD_BLOCK;
	int status = look(s, SECCOMM_PAD_PEERS, offset, NULL, length);
	uint64_t end;

	if (status != SECCOMM_OK)
		return status;
	/* A sender's session has blocks of its own, and none outlives this program: after it all of this one is refused. */
	end = (offset + length + block - 1) / block * block;
	return end > s->mark[SECCOMM_PAD_PEERS] ? mark_write(s, SECCOMM_PAD_PEERS, end) : SECCOMM_OK;
}

static void spend(void *context, enum seccomm_pad_region region, uint64_t offset, uint64_t length)
{
	static const uint8_t zeros[PIECE];
	struct pad_store *s = context;

	for (uint64_t at = 0, n; at < length && !s->broken; at += n) {
		n = length - at < PIECE ? length - at : PIECE;
		s->broken = s->disk.write(s->disk.context, place_of(s, region, offset + at), zeros, (size_t)n) < 0;
	}
}

/* A message that found too little left ends the pad, though a shorter one might fit: or each larger one would open a session. */
static uint64_t left(void *context, enum seccomm_pad_region region, uint64_t *used)
{
	const struct pad_store *s = context;

	*used = s->mark[region];
	return s->ended && region == SECCOMM_PAD_OURS ? 0 : s->region - *used;
}

struct seccomm_pad pad_store_pad(struct pad_store *s)
{
	return (struct seccomm_pad){
		.context = s, .reserve = reserve, .read = read_pad, .admit = admit, .spend = spend, .left = left
	};
}
