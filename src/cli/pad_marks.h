/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pad_marks.h - how much of a pad is used, noted apart from the pad: pads/ID.client or ID.server of the home's state, 0600.
 * What brings an old copy of a pad back does not bring that back, too, unless it is a snapshot of everything.
 */
#ifndef CLI_PAD_MARKS_H
#define CLI_PAD_MARKS_H

#include "cli/cli.h"
#include "cli/pad_store.h"

/*
 * Opens the marks of STORE's pad, which lies at PATH, locked for this program; they are made with the pad's first use.  They
 * are on the disk when this returns.  -1: it has complained; they are missing, open to others, or used by another program.
 */
int pad_marks_open(struct complaints *, const char *home, const struct pad_store *, const char *path);
/* The same only to look: -1: there are none, or they cannot be read. */
int pad_marks_look(const char *home, const struct pad_store *);

#endif
