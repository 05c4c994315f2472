/* SPDX-License-Identifier: Apache-2.0 */
/*
 * theatre.h - where a scene is played: the two sessions of a rig, and who listens.
 */
#ifndef SECRETS_THEATRE_H
#define SECRETS_THEATRE_H

#include "../session/rig.h"
#include "secrets.h"

struct telling;
struct theatre {
	struct rig rig;
	int in, out;
	uint32_t phase; /* what is drawn and agreed now belongs to it */
	struct telling *telling; /* NULL: this process keeps no secret */
};

/* ---- telling.c: in the process that tells ---- */

/* From now on what is drawn is noted. */
void telling_begin(struct theatre *);
/* The sessions have been started: from now on what they agree on is noted, too. */
void telling_listen(struct theatre *);
/* Notes the keys that both ends have in the epoch that sends, and in the others. */
void telling_epochs(struct theatre *);
/* Writes all that was noted, and what follows from it. */
void telling_end(struct theatre *);

/* ---- stage.c ---- */

/* The set of phase N alone. */
uint32_t phase(unsigned n);
/* Waits until the memory of this process has been searched; of the sets see struct checkpoint. */
void checkpoint(struct theatre *, const char *name, uint32_t gone, uint32_t spent, uint32_t there);
/* Runs RUN on a stack of its own. */
void step(struct rig *, void (*run)(struct rig *, unsigned), unsigned end);

/* ---- plays.c: what can happen; each begins with a rig that has not been started. ---- */

typedef void play(struct theatre *);
play play_life, play_replaced, play_predefined, play_cut_openings, play_refused_openings, play_unanswered_opening,
    play_openings_without_memory, play_dropped_renewals;

#endif
