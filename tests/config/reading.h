/* SPDX-License-Identifier: Apache-2.0 */
/* reading.h - a text as it is read, and what is heard of its faults. */
#ifndef CONFIG_READING_H
#define CONFIG_READING_H

#include "config/model.h"

/* How many faults, and the first of them. */
struct heard {
	unsigned count;
	char id[8], meant[32];
	struct config_place at;
};

struct reading {
	struct config_arena arena;
	struct heard heard;
	struct config_sink sink;
	struct config_model model;
};

/* Fails the test when there is no memory, or a fault says something else than it should. */
struct reading *read_text(const char *text, size_t length);
void done(struct reading *);

/* Nothing is wrong with it. */
static const char good[] =
    "seccomm: 1\nsessions:\n  feed:\n    role: server\n    listen: tcp::7443\n    connect: unix:/run/feed.sock\n"
    "    identity: 'feed1'\n    peers: [desk1, \"desk2\"]\n    stack:\n      - anti-replay: sequence\n"
    "      - encrypt: {algorithm: aes-256-gcm, key: data}\n    keys:\n      data:\n        establish: dh\n"
    "        protect: [sign: ed25519]\n";

#endif
