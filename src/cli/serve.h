/* SPDX-License-Identifier: Apache-2.0 */
/* serve.h - running the sessions of a checked configuration until a signal, with a log. */
#ifndef CLI_SERVE_H
#define CLI_SERVE_H

#include "check/check.h"
#include "cli/cli.h"

/* Checks TEXT (called FILE), then runs the session called ONLY, or all of them when it is NULL. */
int serve_text(const struct cli *, const char *file, const char *text, size_t length, const char *only);
/* What --drain says; false: it has complained. */
bool serve_drain(const char *text, unsigned *milliseconds);
/* Writes the findings to standard error; COLOUR where that is a terminal. */
void serve_findings(const struct check_result *, const char *text, size_t length);
/* More descriptors, and no death by writing to a pipe that nobody reads. */
void serve_prepare_process(void);

#endif
