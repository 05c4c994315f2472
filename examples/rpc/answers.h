/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answers.h - what a server remembers for at-most-once: some clients, and of each of them some replies.
 *
 * Call n of a client has place n % WINDOW, which holds the greatest call of that remainder that has run.  So nothing
 * that was forgotten can run again while its client is remembered.
 */
#ifndef RPC_ANSWERS_H
#define RPC_ANSWERS_H

#include "cactus.h"

struct answer {
	uint64_t call; /* counted from 1; 0: none so far */
	struct cactus_msg *reply; /* kept as it was sent */
};

struct answers_client {
	struct answers_client *next;
	uint64_t id, heard_us;
	struct answer places[]; /* WINDOW */
};

struct answers {
	uint32_t window, limit; /* replies of a client, clients */
	uint32_t known;
	struct answers_client *first;
};

/* NULL: not known. */
struct answers_client *answers_find(const struct answers *, uint64_t id);
/* NULL: no memory. */
struct answers_client *answers_admit(struct answers *, const struct cactus_platform *, uint64_t id);
void answers_forget(struct answers *, const struct cactus_platform *, struct answers_client *);
struct answer *answers_place(const struct answers *, struct answers_client *, uint64_t call);
/* Takes a reference to REPLY, and gives back the one to what was there. */
void answer_set(struct answer *, uint64_t call, struct cactus_msg *reply);

#endif
