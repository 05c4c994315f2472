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

#endif
