/* SPDX-License-Identifier: Apache-2.0 */
/* ask.h - asking a running program through its control socket (doc/control.md). */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include "cli/cli.h"

/* The option of all commands that ask: --control PATH. */
#define ASK_OPTION                                                                                                     \
	{                                                                                                              \
		"control", 0, "PATH", "the control socket of the program; may be left out when one runs"               \
	}

/* What a command does with the answers. */
struct ask {
	void *context;
	/* Each of several; NULL: there are none of interest.  False ends the asking. */
	bool (*more)(void *context, const json_t *answer);
	bool patient; /* the next answer may come any time later */
};
/*
 * Asks COMMAND with ARGUMENTS (an object, or NULL; dropped) the program that --control says, or the only one that runs.
 * Writes an error that is answered, and its remedy, as complaints.  *LAST, if not NULL, gets the last answer, to be
 * dropped.  CLI_OK: it is done; CLI_FAILED: an error was answered; CLI_USAGE: no program could be asked.
 */
int ask(const struct cli *, const char *command, json_t *arguments, const struct ask *how, json_t **last);

/* A connected socket; negative: it has complained. */
int ask_dial(const struct cli *);
/* {"target": the first word}, or {}. */
json_t *ask_target(const struct cli *);
/* What --count says, if it is there; false: it is no number, and it has complained. */
bool ask_count(const struct cli *, unsigned *out);
/* Writes one JSON value as a line, at once. */
bool ask_print_line(const json_t *value);

/* ---- Reading answers ---- */

/* The text of a member, or "-" when it is null or missing. */
const char *ask_text(const json_t *object, const char *name);
uint64_t ask_number(const json_t *object, const char *name);
enum { ASK_TEXT_MAX = 32 };
/* "512 B", "1.5 MiB"; and "250 ms", "3.2 s", "4m 05s", "3h 02m", "5d 07h". */
const char *ask_bytes(uint64_t bytes, char out[ASK_TEXT_MAX]);
const char *ask_duration(uint64_t milliseconds, char out[ASK_TEXT_MAX]);

#endif
