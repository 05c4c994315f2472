/* SPDX-License-Identifier: Apache-2.0 */
/* peers.h - the file `peers` of a home: "NAME sck1… comment" a line; empty lines and those that begin with # are kept.
 */
#ifndef CLI_PEERS_H
#define CLI_PEERS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/cli.h"

struct peers_entry {
	char *name, *key, *comment;
	size_t from, to; /* its line in the text, line feed included */
};
struct peers {
	char *text; /* as it is in the file */
	size_t length;
	struct peers_entry *entries;
	size_t count;
};

/* False: it has complained.  A missing file has no entries. */
bool peers_read(struct complaints *, const char *home, struct peers *out);
void peers_free(struct peers *);
/* The public PEM text of a peer, or NULL in *TEXT; false: it has complained. */
bool peers_pem(struct complaints *, const char *home, const char *name, char **text);

#endif
