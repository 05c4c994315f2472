/* SPDX-License-Identifier: Apache-2.0 */
/* serve.h - running the sessions of a configuration until a signal or a request ends them. */
#ifndef CLI_SERVE_H
#define CLI_SERVE_H

#include "cli/setup.h"

/* Reads what SOURCE says, and runs it. */
int serve(const struct cli *, const struct setup_source *source);
/* What --drain says; false: it has complained. */
bool serve_drain(const char *text, unsigned *milliseconds);
/* Writes the findings to standard error; COLOUR where that is a terminal. */
void serve_findings(const struct check_result *, const char *text, size_t length);
/* More descriptors, and no death by writing to a pipe that nobody reads. */
void serve_prepare_process(void);

#endif
