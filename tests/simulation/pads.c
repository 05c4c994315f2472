/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One-time pads of a run: each end's copy lies on a disk in memory, under the store that the program uses, and is what is left
 * of it when its host starts again.  The ledger says of every byte who may send with it, and that nobody does so twice.
 *
 * A disk loses, when the power fails, any of what was written and not synced since.  Nobody has a chance to destroy what is left
 * of a block before that, nor when a program is killed.
 */
#include "sim.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/pad_store.h"

enum { REGION = 8 * 1024 * 1024, UNITS = REGION / SECCOMM_PAD_UNIT, PAGE = 4096, PAGES = 1 + 2 * REGION / PAGE };

/* What was there before a write that has not been synced. */
struct write {
	struct write *before;
	uint64_t offset;
	size_t length;
	uint8_t bytes[];
};

struct pad_copy {
	struct sim *sim;
	const struct host *host;
	struct pad_store store;
	struct seccomm_pad below; /* the store's */
	uint8_t *pages[PAGES];	  /* NULL: not touched yet */
	struct write *writes;	  /* the newest first */
	bool off;		  /* the program is gone, and changes nothing any more */
	bool used[UNITS];	  /* sent with */
	bool accepted[UNITS];	  /* of the peer's region: delivered */
};

/* ---- The disk ------------------------------------------------------------------------------------------------------ */

/* 8 bytes of the pad, at OFFSET of a region, which is a multiple of 8; the same at both ends, and never the same again. */
static uint64_t content(const struct sim *sim, bool client, uint64_t offset)
{
	uint64_t at = sim->seed ^ (offset * 2 + client) << 8;

	return rig_random(&at);
}

static uint8_t *page_of(struct pad_copy *p, uint64_t offset)
{
	const size_t n = (size_t)(offset / PAGE);

	if (p->pages[n] == NULL) {
		p->pages[n] = malloc(PAGE);
		if (p->pages[n] == NULL)
			abort();
		for (size_t i = 0; i < PAGE; i += 8) {
			const uint64_t at = (n - 1) * PAGE + i, word = content(p->sim, at < REGION, at % REGION);

			memcpy(p->pages[n] + i, &word, 8);
		}
	}
	return p->pages[n];
}

static int disk_move(struct pad_copy *p, uint64_t offset, uint8_t *out, const uint8_t *in, size_t length)
{
	if (offset > (uint64_t)PAGES * PAGE || length > (uint64_t)PAGES * PAGE - offset)
		return -1;
	for (size_t at = 0, n; at < length; at += n) {
		uint8_t *page = page_of(p, offset + at) + (offset + at) % PAGE;

		n = PAGE - (size_t)((offset + at) % PAGE);
		n = length - at < n ? length - at : n;
		if (out != NULL)
			memcpy(out + at, page, n);
		if (in != NULL)
			memcpy(page, in + at, n);
	}
	return 0;
}

static int disk_read(void *context, uint64_t offset, void *out, size_t length)
{
	return disk_move(context, offset, out, NULL, length);
}

static int disk_write(void *context, uint64_t offset, const void *bytes, size_t length)
{
	struct pad_copy *p = context;
	struct write *write;

	if (p->off)
		return 0;
	write = malloc(sizeof(*write) + length);
	if (write == NULL)
		abort();
	*write = (struct write){ .before = p->writes, .offset = offset, .length = length };
	p->writes = write;
	return disk_move(p, offset, write->bytes, bytes, length);
}

static int disk_sync(void *context)
{
	struct pad_copy *p = context;

	for (struct write *write = p->off ? NULL : p->writes, *before; write != NULL; write = before) {
		before = write->before;
		free(write);
	}
	p->writes = p->off ? p->writes : NULL;
	return 0;
}

/* The power fails: any of what was not synced is lost. */
static void lose(struct pad_copy *p)
{
	for (const struct write *write = p->writes; write != NULL; write = write->before)
		if (sim_chance(p->sim, 50))
			(void)disk_move(p, write->offset, NULL, write->bytes, write->length);
}

/* ---- The ledger, between a session and the store ------------------------------------------------------------------- */

static bool is_client(const struct pad_copy *p) { return p->host->number != 0; }

static int reserve(void *context, uint64_t length, uint64_t *offset)
{
	const struct pad_copy *p = context;

	return p->below.reserve(p->below.context, length, offset);
}

/* What this end sends with comes from its own region, whatever the store did, and each unit for one message. */
static void judge_use(struct pad_copy *p, uint64_t offset, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		const uint64_t word = content(p->sim, is_client(p), (offset + i) / 8 * 8);

		if (bytes[i] != ((const uint8_t *)&word)[(offset + i) % 8])
			sim_fail(p->sim, "%s sends with bytes that are not those of its pad", p->host->name);
	}
	for (uint64_t unit = offset / SECCOMM_PAD_UNIT; unit * SECCOMM_PAD_UNIT < offset + length; unit++) {
		if (p->used[unit])
			sim_fail(p->sim, "%s sends twice with the bytes of its pad at %" PRIu64, p->host->name, unit * SECCOMM_PAD_UNIT);
		p->used[unit] = true;
	}
	p->sim->pad_bytes += length;
}

static int read_pad(void *context, enum seccomm_pad_region region, uint64_t offset, uint8_t *out, size_t length)
{
	struct pad_copy *p = context;
	const int status = p->below.read(p->below.context, region, offset, out, length);

	if (status == SECCOMM_OK && region == SECCOMM_PAD_OURS)
		judge_use(p, offset, out, length);
	return status;
}

static int admit(void *context, uint64_t offset, uint64_t length)
{
	const struct pad_copy *p = context;

	return p->below.admit(p->below.context, offset, length);
}

static void spend(void *context, enum seccomm_pad_region region, uint64_t offset, uint64_t length)
{
	struct pad_copy *p = context;

	for (uint64_t unit = offset / SECCOMM_PAD_UNIT; region == SECCOMM_PAD_PEERS && unit * SECCOMM_PAD_UNIT < offset + length; unit++) {
		if (p->accepted[unit])
			sim_fail(p->sim, "%s accepts twice what was sent with the bytes at %" PRIu64, p->host->name, unit * SECCOMM_PAD_UNIT);
		p->accepted[unit] = true;
	}
	p->below.spend(p->below.context, region, offset, length);
}

/* ---- Life ---------------------------------------------------------------------------------------------------------- */

static void open_store(struct pad_copy *p)
{
	const struct pad_disk disk = { .context = p, .read = disk_read, .write = disk_write, .sync = disk_sync };
	const char *wrong;

	p->off = false;
	(void)disk_sync(p);
	wrong = pad_store_open(&p->store, &disk);
	if (wrong != NULL)
		sim_fail(p->sim, "the pad of %s cannot be opened again: %s", p->host->name, wrong);
	p->below = pad_store_pad(&p->store);
}

struct pad_copy *pad_make(struct sim *sim, const struct host *host)
{
	static const uint8_t id[PAD_ID] = "simulated pad";
	struct pad_copy *p = calloc(1, sizeof(*p));
	const struct seccomm_pad pad = { .context = p, .reserve = reserve, .read = read_pad, .admit = admit, .spend = spend };
	const enum seccomm_role role = host->number == 0 ? SECCOMM_SERVER : SECCOMM_CLIENT;

	if (p == NULL)
		abort();
	p->sim = sim;
	p->host = host;
	pad_store_head(page_of(p, 0), id, REGION, role);
	open_store(p);
	if (seccomm_keyring_pad(host->keyring, "pad", role, &pad, NULL) != SECCOMM_OK)
		sim_fail(sim, "no pad");
	return p;
}

void pad_drop(struct pad_copy *p)
{
	if (p == NULL)
		return;
	p->off = false;
	(void)disk_sync(p);
	for (size_t i = 0; i < PAGES; i++)
		free(p->pages[i]);
	free(p);
}

void pad_halt(struct pad_copy *p)
{
	if (p == NULL)
		return;
	p->off = true;
	if (sim_chance(p->sim, 50))
		lose(p);
}

void pad_start(struct pad_copy *p)
{
	if (p != NULL)
		open_store(p);
}
