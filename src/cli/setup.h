/* SPDX-License-Identifier: Apache-2.0 */
/* setup.h - what services run from: a configuration that has been read and found right, and its keys; read again at a
 * reload. */
#ifndef CLI_SETUP_H
#define CLI_SETUP_H

#include "cli/cli.h"
#include "cli/judged.h"

/* Where it comes from.  What it points to outlives the program's run. */
struct pads;
struct setup_source {
	const char *home;
	struct pads *pads; /* of that home; NULL: no session can have one */
	const char *name; /* of the program among others: what its control socket is called */
	const char *file; /* its path, and how findings call it; or, with TEXT, only that */
	const char *text; /* or NULL: FILE is read */
	const char *only; /* the one session to run, or NULL: all */
};

/* Lives as long as a service uses it. */
struct setup {
	unsigned users;
	char *text;
	size_t length;
	struct judged judged;
	const struct check_session **sessions; /* those to run */
	size_t count;
	struct seccomm_keyring *keyring;
};

/*
 * Reads configuration, keys and peers.  NULL: no memory, and it has complained.  Else, unless setup_ready(), there are
 * findings that are errors, or it has complained.  AGAIN: for a program that runs and must not wait for a pipe.
 */
struct setup *setup_read(struct seccomm *, const struct setup_source *, bool again, struct complaints *);
bool setup_ready(const struct setup *);
/* One user more, or one less; the last one frees it. */
struct setup *setup_use(struct setup *);
void setup_release(struct setup *);

#endif
