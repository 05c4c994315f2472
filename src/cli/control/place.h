/* SPDX-License-Identifier: Apache-2.0 */
/*
 * place.h - where control sockets are: --control PATH; else in $RUNTIME_DIRECTORY (a systemd unit's), in /run/seccomm
 * for root, or in $XDG_RUNTIME_DIR/seccomm; there NAME.sock, NAME being the stem of the configuration's file, "server"
 * or "client".
 */
#ifndef CONTROL_PLACE_H
#define CONTROL_PLACE_H

#include "cli/cli.h"

#include <sys/un.h>

enum { CONTROL_PATH_MAX = sizeof((struct sockaddr_un){ 0 }.sun_path) };

/* False: this user has no such place, and it has complained. */
bool control_folder(struct complaints *, char out[PATH_MAX]);
/* The usual path of the program called NAME. */
bool control_usual_path(struct complaints *, const char *name, char out[CONTROL_PATH_MAX]);
/* False: too long, and it has complained. */
bool control_path_fits(struct complaints *, const char *path, char out[CONTROL_PATH_MAX]);

/* ---- For the program ---- */

struct control_place {
	char path[CONTROL_PATH_MAX];
	int lock; /* held as long as the place is ours */
	int fd; /* listening */
};
/*
 * Makes the socket, mode 0600, and its directory, mode 0700, where that is missing.  What a program that died has left
 * is taken over; false: one that lives is there, or it cannot be made, and it has complained.  *TAKEN: by one that
 * lives.
 */
bool control_place_take(struct control_place *, const char *path, struct complaints *, bool *taken);
/* Removes what was made; the descriptor is closed by whoever watches it. */
void control_place_leave(struct control_place *);

#endif
