/* SPDX-License-Identifier: Apache-2.0 */
/* frames.h - the situations in which the targets of frames.c try an end; seeds.c records what a genuine peer sends in
 * them. */
#ifndef FUZZ_FRAMES_H
#define FUZZ_FRAMES_H

#include "ends.h"

/*
 * PROGRESS: how many frames of the opening have passed (3 bits; 7: all), how many of a renewal (3 bits; 0: none was
 * begun), whether data was sent, whether the peer has closed.  HOW: the composition (4 bits), who asks for the renewal
 * and, for others, what is done inside a callback (bits 4 to 6), which end is tried (bit 7).
 */
void frames_reach(struct pair *, enum seccomm_link link, uint8_t progress, uint8_t how);

#endif
