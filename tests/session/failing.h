/* SPDX-License-Identifier: Apache-2.0 */
/*
 * failing.h - two sessions to which something happens while allocations or random numbers fail, and what must hold
 * whichever it was:
 *
 * the session works afterwards, or has ended and said so by an alert; on datagrams a renewal that fails leaves the
 * epoch before working; nothing is delivered but what was pushed, once and on a stream in its order; no plaintext is
 * ever transmitted; and all memory comes back.
 */
#ifndef SESSION_FAILING_H
#define SESSION_FAILING_H

#include "rig.h"

/* What fails. */
struct failing_means {
	/* Makes the AT-th from now on fail, and if PERSISTENT all behind it; AT 0: none.  Answers how many there were
	 * since the last call. */
	uint64_t (*arm)(struct rig *, uint64_t at, bool persistent);
	uint64_t every; /* the EVERY-th is tried */
	bool ends_streams; /* a message may not be readable for it, and what follows that one on a stream is nothing */
};

/* Tries every life of two sessions, or with FAULTS_PART=0/8 in the environment every eighth, with each thing failing once, and
 * with all behind it; answers how many tries that was.  Dies, as a failed assertion, when something does not hold. */
uint64_t failing_try(struct seccomm *library, const struct failing_means *);
/* The EVERY of this run: from FAULTS_EVERY in the environment, else 1. */
uint64_t failing_every(void);

#endif
