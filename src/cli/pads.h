/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pads.h - the one-time pads of a home: pads/NAME.client is the client's copy, pads/NAME.server the server's, 0600.  Where one
 * is used it is locked for this program as long as it runs, a reload and all its sessions included; and so are its marks
 * (pad_marks.h).
 */
#ifndef CLI_PADS_H
#define CLI_PADS_H

#include "cli/cli.h"
#include "cli/home.h"
#include "cli/pad_store.h"

struct pads;
/* NULL: out of memory, and it has complained. */
struct pads *pads_new(const char *home);
/* After the keyrings that have its pads. */
void pads_free(struct pads *);
/*
 * The store of NAME for ROLE, opened and locked at the first call.  NULL: it has complained; the file is missing, is open to
 * others, used by another program, no pad of that role, or a copy of one that has been used, wherever it lies.
 */
struct pad_store *pads_open(struct pads *, const char *name, enum seccomm_role role, struct complaints *);

/* pads/NAME.client or pads/NAME.server of HOME. */
bool pads_path(struct complaints *, const char *home, const char *name, enum seccomm_role role, char out[PATH_MAX]);
/*
 * What the file of NAME for ROLE says of itself: it is only read, and not locked.  The disk of *OUT is gone.  MISSING is not
 * complained about.
 */
enum home_result pads_look(struct complaints *, const char *home, const char *name, enum seccomm_role role, char path[PATH_MAX],
    struct pad_store *out);
/* A disk that is the file at FD, which is *FD and must outlive it. */
struct pad_disk pads_disk(int *fd);

#endif
