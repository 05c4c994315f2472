/* SPDX-License-Identifier: Apache-2.0 */
/* pair.h - two ends with throw-away keys, for `demo` and `bench`: nothing of them is written to a file. */
#ifndef CLI_PAIR_H
#define CLI_PAIR_H

#include "seccomm.h"

struct pair_end {
	struct seccomm_plan *plan;
	struct seccomm_keyring *keyring;
};
struct pair {
	struct seccomm *library;
	struct pair_end client, server;
};

/*
 * Two ends that know each other, each with an identity, or with ALL kinds of keys that participants can have.  LIBRARY is the
 * pair's from now on; NULL: who made none has complained.  False: it has complained; pair_free() in any case.
 */
bool pair_make(struct pair *, struct seccomm *library, bool all);
/* Both ends run STACK (or a profile) over LINK, instead of what they ran before; ERROR says why they cannot. */
bool pair_stack(struct pair *, enum seccomm_link link, const char *stack, bool lab, struct seccomm_error *error);
void pair_free(struct pair *);

#endif
