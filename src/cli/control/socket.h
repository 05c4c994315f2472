/* SPDX-License-Identifier: Apache-2.0 */
/* socket.h - the control socket of a running program: who connects to it, and lines in and out. */
#ifndef CONTROL_SOCKET_H
#define CONTROL_SOCKET_H

#include "cli/program.h"

enum { CONTROL_CLIENTS_MAX = 32 };

struct control_socket;
/*
 * Listens at PATH and sets program->control.  NULL: it has complained; *TAKEN: another program that lives is there.
 */
struct control_socket *control_socket_open(struct program *, const char *path, struct complaints *, bool *taken);
/* Where it is. */
const char *control_socket_path(const struct control_socket *);
/* Drops every client and removes the socket; after program_free().  NULL is ignored. */
void control_socket_close(struct control_socket *);

#endif
