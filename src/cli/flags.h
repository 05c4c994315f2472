/* SPDX-License-Identifier: Apache-2.0 */
/* flags.h - the configuration file that the options of `client` and `server` stand for. */
#ifndef CLI_FLAGS_H
#define CLI_FLAGS_H

#include "cli/cli.h"

/* YAML for free(); IDENTITY may be NULL.  NULL: it has complained. */
char *flags_yaml(const struct cli *, const char *role, const char *identity);

#endif
