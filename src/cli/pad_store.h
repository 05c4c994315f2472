/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pad_store.h - a one-time pad as bytes on a disk, such that no byte of it ever serves twice, whatever crashes.
 *
 * The form, all numbers big-endian:
 *
 *     "SCPAD" 0 0 1 (8) || pad id (16) || bytes of a region (8) || role (1: 0 client, 1 server) || 0 (7) || place (16)
 *     at  512 and 1024: mark of this end's region (8) || its complement (8)
 *     at 1536 and 2048: mark of the peer's region, likewise
 *     at 4096: the region that the client sends with, then that which the server sends with
 *
 * What lies in front of this end's mark has been reserved, by this run or an earlier one.  What lies in front of the peer's
 * mark when a store is opened is refused.  Of the two places of a mark the one with the smaller value is written, so a
 * write that was torn leaves the mark before; that one was not in use yet, for the sync had not come back.  A unit of zeros
 * is one that was destroyed.
 *
 * An old copy that was written back into the file has old marks and bytes that have served.  So the marks are in a second
 * file, too, elsewhere, which copies and backups of the pad do not bring along:
 *
 *     "SCMARK" 0 1 (8) || pad id (16) || bytes of a region (8) || role (1) || 0 (23)
 *     from 512 on: both marks, as above
 *
 * A mark is written and synced in the pad first, then there; so after a crash the pad's may be the greater one, and counts.
 * If it is the smaller one, the pad is not the one that was used last.
 */
#ifndef CLI_PAD_STORE_H
#define CLI_PAD_STORE_H

#include "seccomm.h"

enum { PAD_ID = 16, PAD_PLACE = 16, PAD_HEAD = 4096, PAD_ID_TEXT = 2 * PAD_ID + 1 };

/* What a store lies on.  Each answers 0, or -1; a read or write of less is a failure. */
struct pad_disk {
	void *context;
	int (*read)(void *context, uint64_t offset, void *out, size_t length);
	int (*write)(void *context, uint64_t offset, const void *bytes, size_t length);
	int (*sync)(void *context); /* all that was written before is on the disk */
};

struct pad_store {
	struct pad_disk disk, marks; /* the second file, once there is one */
	uint8_t id[PAD_ID], place[PAD_PLACE];
	enum seccomm_role role;
	uint64_t region; /* bytes */
	uint64_t mark[2]; /* by enum seccomm_pad_region */
	uint64_t floor; /* of the peer's region: the mark when it was opened */
	bool ended; /* more was wanted of this end's region than is left */
	bool broken; /* a write or a sync failed; nobody knows what is on the disk */
};

/* In hexadecimal. */
void pad_store_id_text(const uint8_t id[PAD_ID], char out[PAD_ID_TEXT]);
/* The head of a new pad. */
void pad_store_head(uint8_t head[PAD_HEAD], const uint8_t id[PAD_ID], uint64_t region, enum seccomm_role role);
/* NULL, or what is wrong with what lies on DISK. */
const char *pad_store_open(struct pad_store *, const struct pad_disk *disk);
/* The head that the second file of marks of STORE begins with, which has the marks that the pad has now. */
void pad_store_marks(const struct pad_store *, uint8_t head[PAD_HEAD]);
/* NULL, or what the marks on MARKS say against this pad. */
const char *pad_store_compare(const struct pad_store *, const struct pad_disk *marks);
/* The same, and from now on every mark is written there, too. */
const char *pad_store_watch(struct pad_store *, const struct pad_disk *marks);
/* Where the file lies, written once, on the disk before it returns; -1: it could not be. */
int pad_store_settle(struct pad_store *, const uint8_t place[PAD_PLACE]);
/* The functions of struct seccomm_pad on STORE. */
struct seccomm_pad pad_store_pad(struct pad_store *);

#endif
