/* SPDX-License-Identifier: Apache-2.0 */
/* passphrase.h - asking for a passphrase, which is never an argument, in the environment, or to be seen. */
#ifndef CLI_PASSPHRASE_H
#define CLI_PASSPHRASE_H

#include <stdbool.h>
#include <stddef.h>

enum { PASSPHRASE_ROOM = 4096 }; /* a terminal's longest line */
/*
 * The passphrase into OUT, *LENGTH bytes: typed twice at a terminal that shows nothing, or else the first line of standard
 * input; a file there must be closed to others, as a key is.  OUT is the caller's to wipe.  False: it has complained.
 */
bool passphrase_read(char out[PASSPHRASE_ROOM], size_t *length);

#endif
