/* SPDX-License-Identifier: Apache-2.0 */
/* fix.h - doing what the findings of a configuration offer. */
#ifndef CLI_FIX_H
#define CLI_FIX_H

#include "cli/cli.h"

/*
 * Repairs the configuration TEXT of FILE and writes it back, or, when DRY, only shows what would change on standard output,
 * unless QUIET.  Written back, TEXT is exchanged for the repaired one.  False: it has complained, and TEXT is as it was.
 */
bool fix_text(struct seccomm *, const char *file, bool dry, bool quiet, char **text, size_t *length);

/* Whether FILE is one that can be read twice and written back, as far as can be seen before it is read; complains if not. */
bool fix_takes(const char *file);

/* Writes FILE anew, with TEXT; it keeps its mode and its owner, and a link to it stays one.  False: it has complained. */
bool fix_write(const char *file, const char *text);

#endif
