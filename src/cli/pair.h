/* SPDX-License-Identifier: Apache-2.0 */
/* pair.h - two ends with throw-away keys, for `demo` and `bench`: nothing of them is written to a file. */
#ifndef CLI_PAIR_H
#define CLI_PAIR_H

#include "seccomm.h"

struct pair_pad;

struct pair_end {
	struct seccomm_plan *plan;
	struct seccomm_keyring *keyring;
	struct pair_pad *pad;
};
struct pair {
	struct seccomm *library;
	struct pair_end client, server;
};

/*
 * Two ends that know each other, each with an identity, or with ALL kinds of keys that participants can have, and a
 * pre-shared secret, a one-time pad and a cover that are called as in the examples of tables (check.h).  LIBRARY is the
 * pair's from now on; NULL: who made none has complained.  False: it has complained; pair_free() in any case.
 */
bool pair_make(struct pair *, struct seccomm *library, bool all);
/* Both ends run STACK (or a profile) over LINK, instead of what they ran before; ERROR says why they cannot. */
bool pair_stack(struct pair *, enum seccomm_link link, const char *stack, bool lab, struct seccomm_error *error);
/* The same for a session of the lab whose keys and stack are written in YAML: "data: {establish: dh}", "encrypt: aes-256-gcm".  Not
 * NAMED: neither end has an identity, but the pre-shared secret. */
bool pair_lab(struct pair *, bool named, const char *keys, const char *stack, struct seccomm_error *error);
void pair_free(struct pair *);

/* ---- pair_shared.c: what both ends have; only pair.c makes and frees it ---- */

enum { PAIR_PAD_BYTES = 8 * 1024 * 1024, PAIR_COVER_BYTES = 384 * 384 + 15 };
/* False: it has complained. */
bool pair_shared_make(struct pair *);
void pair_shared_free(struct pair *);
/* The pad is as large as when it was new, and its bytes are new; while no session uses it. */
bool pair_pad_renew(struct pair *);
/* How many bytes the client can still send with it. */
size_t pair_pad_left(const struct pair *);

#endif
