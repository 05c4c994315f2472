/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stand_ins.h - micro-protocols that break rules which today's cannot break; what they do is nothing.
 */
#ifndef CHECK_STAND_INS_H
#define CHECK_STAND_INS_H

#include "seccomm_module.h"

/* The state of each, and where its parameters go. */
struct shifted {
	struct seccomm_self self;
	uint32_t shift;
	uint64_t pause_us, window;
	const char *label;
	uint32_t mode;
	cactus_column column;
};

/* A toy cipher with a parameter of every kind, none of which must be given. */
extern const struct seccomm_mp stand_in_caesar;
/* All of them; NULL behind the last. */
extern const struct seccomm_mp *const stand_ins[];

#endif
