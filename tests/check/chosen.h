/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chosen.h - configurations by chance: layers, requirements, keys, link and notation of one session, all of them from a seed.
 */
#ifndef CHECK_CHOSEN_H
#define CHECK_CHOSEN_H

#include "check/check.h"

enum { CHOSEN_LAYERS = 6, CHOSEN_ROOM = 8192 };

enum notation { BLOCK, FLOW, LINE, NOTATIONS };

struct chosen {
	enum seccomm_link link;
	enum notation notation;
	const struct seccomm_mp *layers[CHOSEN_LAYERS];
	size_t count;
	char text[CHOSEN_ROOM];
};

/* What is chosen of the layers that LIBRARY has; OUT is all zero before.  Fails the test when there is no room. */
void chosen_make(const struct seccomm *library, uint64_t seed, struct chosen *out);

#endif
