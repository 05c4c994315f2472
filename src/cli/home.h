/* SPDX-License-Identifier: Apache-2.0 */
/*
 * home.h - the directory with keys and peers, and reading and writing its files so that none is half there or too open.
 *
 * keys/NAME (scs1…), keys/NAME.rsa-3072.pem and others, keys/NAME.psk (scp1…), pads/NAME.client and .server: 0600.  peers: "NAME sck1… comment" a line.
 * peers.d/NAME.pem: further public keys.  covers/NAME: images and sounds that messages are hidden in.  Directories are 0700.
 */
#ifndef CLI_HOME_H
#define CLI_HOME_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "cli/cli.h"

/*
 * INPUT: a file, or a pipe, that the user named.  FOLLOWED: such a one that says what is run: if it is a file, nobody else
 * may be able to change it.  AGAIN: the same, but no pipe, whose writer may be gone.  TRUSTED: a file that decides whom we
 * trust; nobody else may be able to change it, or the folder it is in.  SECRET: a file that nobody else may be able to
 * read, either.
 */
enum home_access { HOME_INPUT, HOME_FOLLOWED, HOME_AGAIN, HOME_TRUSTED, HOME_SECRET };
enum home_result { HOME_OK, HOME_MISSING, HOME_BAD };
enum { HOME_FILE_MAX = 1024 * 1024 };

/*
 * OPTION, else $SECCOMM_HOME, else /etc/seccomm for root, else $XDG_CONFIG_HOME/seccomm, else ~/.config/seccomm. False:
 * it has complained.
 */
bool home_find(const char *option, char out[PATH_MAX]);
/*
 * FOLDER of where the state that belongs to HOME is kept, made if it is missing: in /var/lib/seccomm for /etc/seccomm, in
 * $XDG_STATE_HOME/seccomm or ~/.local/state/seccomm for the user's usual home, else in HOME/state.  However HOME is written,
 * it is the same one.  False: it has complained.
 */
bool home_state(struct complaints *, const char *home, const char *folder, char out[PATH_MAX]);
/* HOME/FOLDER/NAMESUFFIX; FOLDER may be "".  False, and a complaint: too long. */
bool home_path(struct complaints *, const char *home, const char *folder, const char *name, const char *suffix,
    char out[PATH_MAX]);
/* Makes the home and its folders where they are missing. */
bool home_make(const char *home);
/* Whether NAME can be the name of a key or a peer; complains if not. */
bool home_name(struct complaints *, const char *name);

/* The whole file, with a final NUL.  A SECRET one that others can read or own is BAD.  MISSING is not complained about.
 */
enum home_result home_read(struct complaints *, const char *path, enum home_access, char **text, size_t *length);
/* The same from a descriptor that is open, which messages call PATH; who can exchange it is not looked at. */
enum home_result home_read_from(
    struct complaints *, int fd, const char *path, enum home_access, char **text, size_t *length);
/* Wipes and frees. */
void home_wipe(char *text, size_t length);
/*
 * Both by who has home_lock().  CREATE makes a new file of mode 0600, and it is false, with a complaint, when there is one
 * already; REPLACE puts it in the place of one.  It is on the disk when they return, and at no time is half of it there
 * under its name, even if this process is killed.
 */
bool home_create(const char *path, const char *text);
bool home_replace(const char *path, const char *text);
/* The exclusive right to change the home, until the descriptor is closed; negative: it has complained. */
int home_lock(const char *home);

#endif
