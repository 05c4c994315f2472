/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pads.h - one-time pads in memory, for tests: bytes that a seed makes, and a note of what has been done with each unit.
 */
#ifndef LAWS_PADS_H
#define LAWS_PADS_H

#include "seccomm.h"

enum { PAD_BYTES = 4 * 1024 * 1024, PAD_UNITS = PAD_BYTES / SECCOMM_PAD_UNIT }; /* of a region */

/* One end's copy. */
struct memory_pad {
	enum seccomm_role role;
	uint64_t seed;
	uint64_t limit; /* of a region; PAD_BYTES, or what a test makes of it */
	uint64_t mark; /* of this end's region */
	bool broken; /* every call fails */
	uint64_t reserved, admitted; /* calls */
	uint8_t spent[2][PAD_UNITS / 8]; /* by enum seccomm_pad_region */
	struct seccomm_pad pad;
};
/* Copies of one seed fit together.  The test frees it, after its keyring. */
struct memory_pad *memory_pad_new(enum seccomm_role role, uint64_t seed);

#endif
