/* SPDX-License-Identifier: Apache-2.0 */
/* rig.h - a program as `seccomm run` has it, with keys and sockets in a folder of its own, and a client of its control
 * protocol without a socket. */
#ifndef PROGRAM_RIG_H
#define PROGRAM_RIG_H

#include "cli/control/control.h"

struct rig {
	char folder[64];
	char text[4096]; /* the configuration */
	struct seccomm *library;
	struct transport_loop *loop;
	struct program program;
	/* What the client was sent. */
	json_t *lines; /* all since the last rig_ask() */
	size_t bad; /* lines that were none */
	size_t waiting; /* what the client says that it has not taken */
	struct control_client *client;
};

/* Makes the folder, with the identity "me" and the peers "a" and "b", and runs TEXT (see rig_text()). */
void rig_start(struct rig *, const char *text);
void rig_end(struct rig *);
/* Puts TEXT, in which every "%" is the folder, in the place of the configuration. */
void rig_text(struct rig *, const char *text);
void rig_add_peer(struct rig *, const char *name);
void rig_remove_peers(struct rig *);
/* One event of the loop, at most. */
void rig_turn(struct rig *);

/* Hands in a line; the answers are in rig->lines. */
void rig_line(struct rig *, const char *line, size_t length);
void rig_ask(struct rig *, const char *request);
/* The last answer's member; NULL: it has none. */
json_t *rig_last(const struct rig *, const char *name);
/* The text of its error, or "". */
const char *rig_error(const struct rig *);

#endif
