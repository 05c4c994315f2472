/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: whatever write or sync of a pad, or of its marks apart from it, a crash comes at, and whatever part of what was
 * written and not synced is on the disk then, the pad can be opened again, is not taken for a copy that was brought back, and
 * no byte of it is ever given out or accepted twice.  One that is an older copy is noticed, after every crash, too.
 *
 * The disk is the test's, with the pad and behind it the file of its marks: a crash keeps any of the writes since the last sync
 * of their file, one of them perhaps torn.  Every crash is followed by two more lives, which end by crashes, too.
 */
#include "cli/pad_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BLOCKS = 256, REGION = BLOCKS * SECCOMM_PAD_BLOCK, MARKS = PAD_HEAD + 2 * REGION, SIZE = MARKS + PAD_HEAD, UNITS = REGION / SECCOMM_PAD_UNIT };
enum { CRASHES = 500, LIVES = 3, PENDING = 64, PIECE = 512, STEPS = 2000 };

struct pending {
	uint64_t offset;
	size_t length;
	uint8_t bytes[PIECE];
};
struct disk {
	uint8_t seen[SIZE], durable[SIZE]; /* as a program reads it, and as a crash leaves it */
	struct pending pending[PENDING];
	size_t count;
	uint64_t steps, crash_at, seed; /* writes and syncs */
	bool crashed;
};
static struct disk disk;
static const uint64_t pad_at = 0, marks_at = MARKS; /* where each of the files lies on it */
static uint8_t old[PAD_HEAD]; /* a copy of the pad's head as the present life found it */
static bool grown; /* this life has moved a mark, and was told so */

/* Units that this end has been given, and that it has accepted of the peer. */
static bool given[UNITS], accepted[UNITS];

static uint64_t draw(uint64_t below)
{
	uint64_t z = (disk.seed += 0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (z ^ z >> 31) % below;
}

/* Each of the writes may have arrived, whole or torn; then the program that starts next sees what is there. */
static void crash(void)
{
	for (size_t i = 0; i < disk.count; i++) {
		const struct pending *p = &disk.pending[i];
		const size_t from = draw(4) ? 0 : draw(p->length), to = draw(4) ? p->length : draw(p->length);

		if (draw(2) && from < to)
			memcpy(disk.durable + p->offset + from, p->bytes + from, to - from);
	}
	disk.count = 0;
	disk.crashed = true;
}

/* The end of the file that begins there. */
static uint64_t end_of(uint64_t start)
{
	return start == pad_at ? MARKS : SIZE;
}

static int disk_read(void *context, uint64_t offset, void *out, size_t length)
{
	const uint64_t start = *(const uint64_t *)context, room = end_of(start) - start;

	if (disk.crashed || offset > room || length > room - offset)
		return -1;
	memcpy(out, disk.seen + start + offset, length);
	return 0;
}

/* What was written to the file that begins at START is on the disk. */
static void arrive(uint64_t start)
{
	size_t kept = 0;

	for (size_t i = 0; i < disk.count; i++) {
		const struct pending *p = &disk.pending[i];

		if (p->offset >= start && p->offset < end_of(start))
			memcpy(disk.durable + p->offset, p->bytes, p->length);
		else
			disk.pending[kept++] = *p;
	}
	disk.count = kept;
}

static int disk_write(void *context, uint64_t offset, const void *bytes, size_t length)
{
	const uint64_t start = *(const uint64_t *)context, room = end_of(start) - start;
	struct pending *p = &disk.pending[disk.count];

	assert_true(length <= PIECE && offset <= room && length <= room - offset);
	offset += start;
	if (disk.crashed)
		return -1;
	if (disk.count == PENDING - 1) { /* as a system does at its leisure */
		arrive(pad_at);
		arrive(marks_at);
		p = &disk.pending[0];
	}
	p->offset = offset;
	p->length = length;
	memcpy(p->bytes, bytes, length);
	disk.count++;
	memcpy(disk.seen + offset, bytes, length);
	if (++disk.steps == disk.crash_at)
		crash();
	return disk.crashed ? -1 : 0;
}

static int disk_sync(void *context)
{
	if (!disk.crashed && ++disk.steps == disk.crash_at)
		crash();
	if (disk.crashed)
		return -1;
	arrive(*(const uint64_t *)context);
	return 0;
}

static void use(bool *units, uint64_t offset, uint64_t length)
{
	for (uint64_t i = offset / SECCOMM_PAD_UNIT; i < (offset + length) / SECCOMM_PAD_UNIT; i++) {
		assert_false(units[i]);
		units[i] = true;
	}
}

/* Sends: takes one or two blocks, and uses all of them or a part. */
static void send(const struct seccomm_pad *pad)
{
	const uint64_t length = (1 + draw(2)) * SECCOMM_PAD_BLOCK;
	uint8_t out[48];
	uint64_t at;

	if (pad->reserve(pad->context, length, &at) != SECCOMM_OK)
		return;
	use(given, at, length); /* from here on any of them may have been seen on the wire */
	if (pad->read(pad->context, SECCOMM_PAD_OURS, at, out, sizeof(out)) == SECCOMM_OK)
		pad->spend(pad->context, SECCOMM_PAD_OURS, at, draw(2) ? length : 48);
}

/* Receives: something of the peer's next block, or what has come before. */
static void receive(const struct seccomm_pad *pad, uint64_t *peer)
{
	const bool again = draw(3) == 0 && *peer > 0;
	const uint64_t length = (1 + draw(8)) * SECCOMM_PAD_UNIT, at = again ? draw(*peer / SECCOMM_PAD_UNIT) * SECCOMM_PAD_UNIT : *peer;

	if (at + length > REGION)
		return;
	if (!again)
		*peer += length;
	if (pad->admit(pad->context, at, length) != SECCOMM_OK)
		return;
	use(accepted, at, length); /* delivered */
	pad->spend(pad->context, SECCOMM_PAD_PEERS, at, length);
}

static struct pad_disk file_at(const uint64_t *start)
{
	return (struct pad_disk){ .context = (void *)(uintptr_t)start, .read = disk_read, .write = disk_write, .sync = disk_sync };
}

/* What is wrong with what programs see; a crash while it is opened leaves STORE without use. */
static const char *open_store(struct pad_store *store)
{
	const struct pad_disk pad = file_at(&pad_at), marks = file_at(&marks_at);
	const char *wrong;

	disk.crashed = false;
	wrong = pad_store_open(store, &pad);
	return wrong ? wrong : pad_store_watch(store, &marks);
}

/* The copy is in the place of the pad's head; what it has of the rest is not looked at when it is opened. */
static void old_copy_is_noticed(void)
{
	struct pad_store store;
	const char *wrong;

	memcpy(disk.seen, old, PAD_HEAD);
	memcpy(disk.seen + MARKS, disk.durable + MARKS, PAD_HEAD);
	disk.crash_at = 0;
	wrong = open_store(&store);
	if (!wrong || !strstr(wrong, "older copy"))
		fail_msg("%s", wrong ? wrong : "an older copy was taken");
}

/* Until the crash.  The peer's new sessions begin with blocks of their own. */
static void live(uint64_t *peer)
{
	struct pad_store store;
	struct seccomm_pad pad;
	const char *wrong;
	uint64_t found[2];

	memcpy(disk.seen, disk.durable, SIZE);
	memcpy(old, disk.durable, PAD_HEAD);
	grown = false;
	wrong = open_store(&store);
	if (disk.crashed)
		return;
	if (wrong)
		fail_msg("%s", wrong);
	memcpy(found, store.mark, sizeof(found));
	pad = pad_store_pad(&store);
	*peer = (*peer + SECCOMM_PAD_BLOCK - 1) / SECCOMM_PAD_BLOCK * SECCOMM_PAD_BLOCK;
	for (unsigned n = 0; n < STEPS && !disk.crashed; n++)
		if (draw(3))
			receive(&pad, peer);
		else
			send(&pad);
	if (disk.crashed) {
		assert_int_equal(pad.reserve(pad.context, SECCOMM_PAD_BLOCK, &(uint64_t){ 0 }), SECCOMM_FAILED);
		assert_int_equal(pad.admit(pad.context, REGION - 16, 16), SECCOMM_FAILED);
	} else {
		crash();
	}
	grown = memcmp(found, store.mark, sizeof(found)) != 0;
}

static void new_pad(void)
{
	static const uint8_t id[PAD_ID] = "the pad of tests";

	struct pad_store store = { .region = REGION, .role = SECCOMM_CLIENT };

	memcpy(store.id, id, PAD_ID);
	pad_store_head(disk.durable, id, REGION, SECCOMM_CLIENT);
	pad_store_marks(&store, disk.durable + MARKS);
	for (size_t i = PAD_HEAD; i < MARKS; i++)
		disk.durable[i] = (uint8_t)(1 + i % 255);
	memset(given, 0, sizeof(given));
	memset(accepted, 0, sizeof(accepted));
}

static void no_crash_makes_a_byte_serve_twice(void **state)
{
	uint64_t reached = 0, noticed = 0;

	(void)state;
	for (uint64_t n = 1; n <= CRASHES; n++) {
		uint64_t peer = 0;

		disk.seed = n;
		new_pad();
		for (unsigned life = 0; life < LIVES; life++) {
			disk.steps = 0;
			disk.crash_at = life == 0 ? n : 1 + draw(40);
			live(&peer);
			reached += disk.steps == disk.crash_at;
			noticed += grown;
			if (grown)
				old_copy_is_noticed();
		}
	}
	assert_true(reached > CRASHES * LIVES / 2 && noticed > CRASHES * LIVES / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(no_crash_makes_a_byte_serve_twice) };

	return cmocka_run_group_tests_name("pads and crashes", tests, NULL, NULL);
}
