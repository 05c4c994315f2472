/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli.h - what the subcommands of `seccomm` share: the table's row, the parsed command line, and how they answer.
 *
 * Answers go to standard output, everything else to standard error.  A subcommand answers its exit status.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "seccomm.h"

/* The word that stands for standard input, where a file could stand, and what messages call it. */
#define CLI_STDIN "-"
#define CLI_STDIN_NAME "<stdin>"

enum cli_exit { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

/* VALUE is what follows the option, "URL"; NULL: it is a switch.  LETTER 0: it has none. */
struct cli_option {
	const char *name;
	char letter;
	const char *value, *help;
};

struct cli;
struct cli_command {
	const char *name; /* one word or two */
	const char *group;
	const char *arguments, *purpose;
	const struct cli_option *options; /* beside the common ones; ends with one without a name */
	unsigned least, most; /* how many words may follow the name */
	int (*run)(const struct cli *);
	bool json; /* it answers something, and in JSON if asked */
};

struct cli_given {
	const struct cli_option *option;
	const char *value;
};

/* A parsed command line.  Texts are argv's. */
struct cli {
	const struct cli_command *commands; /* all that there are */
	size_t command_count;
	const struct cli_command *command;
	const char **words;
	size_t word_count;
	struct cli_given *given;
	size_t given_count;
	char home[PATH_MAX];
};

/* ---- args.c --------------------------------------------------------------------------------------------------------
 */

/* The options that every subcommand has: home, help; and the one of those that answer something: json. */
const struct cli_option *cli_common_options(void);
const struct cli_option *cli_json_option(void);
/* The one with the name, or letter, of LENGTH bytes; NULL: there is none. */
const struct cli_option *cli_option_named(const struct cli_command *, const char *name, size_t length);
/* How many of COUNT arguments are the words of a command's NAME: all of its one or two, or 0. */
int cli_matches(const char *name, int count, const char *const *arguments);
/* Reads what follows the subcommand's name; CLI_USAGE when it has told what is wrong.  cli_forget() in any case. */
int cli_read(struct cli *, const struct cli_command *, int count, char **arguments);
void cli_forget(struct cli *);
/* The last value of an option, or NULL; for a switch, whether it is there. */
const char *cli_value(const struct cli *, const char *name);
bool cli_has(const struct cli *, const char *name);
/* The N-th value of an option that may be given several times; NULL: there are fewer. */
const char *cli_nth(const struct cli *, const char *name, size_t n);
/* "500ms", "5s", "2m" to milliseconds; a number alone is seconds. */
bool cli_duration(const char *text, unsigned *milliseconds);

/* ---- answer.c -------------------------------------------------------------------------------------------------------
 */

/*
 * What is wrong, kept for whoever asked: a running program answers it through its control socket.  Functions that serve
 * commands as well take NULL for standard error.
 */
enum { COMPLAINTS_MAX = 16 };
struct complaints {
	struct seccomm_error list[COMPLAINTS_MAX]; /* without place and status */
	size_t count; /* more than these may have come: the last one says so */
};
void complain(struct complaints *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What can be done about the last one. */
void complain_help(struct complaints *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "seccomm: …" on standard error. */
void cli_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "  help: …". */
void cli_help_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Place, text and remedy. */
void cli_complain_error(const struct seccomm_error *);
/* Writes VALUE and drops the reference; a NULL is memory that ran out. */
int cli_answer_json(json_t *value);
/* Writes TEXT, which malloc made, and frees it; NULL as before. */
int cli_answer_text(char *text);
/* The same for JSON, which is then indented and ends with a line feed. */
int cli_answer_json_text(char *text);
/* Whether all that was written to standard output has arrived; complains if not. */
bool cli_answered(void);
/* NULL: it has complained. */
struct seccomm *cli_library(void);
/*
 * The library with the micro-protocols of every --module; *OUT is NULL, and it has complained, unless this is CLI_OK.  For
 * commands with CLI_MODULE_OPTION.
 */
int cli_library_with_modules(const struct cli *, struct seccomm **out);
#define CLI_MODULE_OPTION                                                                                              \
	{                                                                                                              \
		"module", 0, "FILE", "a shared object with further micro-protocols; several times for several"         \
	}
/* The fingerprint of a "sck1…" word as text; "" when it is none. */
void cli_fingerprint(struct seccomm *, const char *public_key, char out[SECCOMM_FINGERPRINT_TEXT]);

/* ---- The subcommands ---- */

int cmd_key_gen(const struct cli *);
int cmd_key_show(const struct cli *);
int cmd_key_passphrase(const struct cli *);
int cmd_pad_gen(const struct cli *);
int cmd_pad_show(const struct cli *);
int cmd_peer_add(const struct cli *);
int cmd_peer_list(const struct cli *);
int cmd_peer_remove(const struct cli *);
int cmd_server(const struct cli *);
int cmd_client(const struct cli *);
int cmd_run(const struct cli *);
int cmd_check(const struct cli *);
int cmd_resolve(const struct cli *);
int cmd_explain(const struct cli *);
int cmd_diff(const struct cli *);
int cmd_graph(const struct cli *);
int cmd_schema(const struct cli *);
int cmd_list(const struct cli *);
int cmd_demo(const struct cli *);
int cmd_bench(const struct cli *);
int cmd_status(const struct cli *);
int cmd_reload(const struct cli *);
int cmd_rekey(const struct cli *);
int cmd_drain(const struct cli *);
int cmd_alerts(const struct cli *);
int cmd_trace(const struct cli *);
int cmd_complete(const struct cli *);
/* The N-th algorithm of `key gen`; NULL: there are fewer. */
const char *cli_key_algorithm(size_t n);

#endif
