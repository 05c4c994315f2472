/* SPDX-License-Identifier: Apache-2.0 */
/* main.c - the table of subcommands, and what is the same for all of them: finding one, --help, --version, hardening.
 */
#include "check/check.h"
#include "cli/ask.h"
#include "cli/cli.h"
#include "cli/home.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define NONE                                                                                                           \
	{                                                                                                              \
		.name = NULL                                                                                           \
	}

/* Of all that serve sessions. */
/* clang-format off */
#define SERVE_OPTIONS                                                                                                  \
	{ "drain", 0, "TIME", "how long connections may go on after SIGTERM, or a change of their session (5s)" },      \
	{ "control", 0, "PATH", "the control socket, for 'seccomm status' and others (NAME.sock of this user)" },       \
	{ "no-control", 0, NULL, "no control socket" },                                                                \
	{ "log", 0, "FORM", "of the log on standard error: logfmt (the default) or json" }
/* clang-format on */

static const struct cli_option session_options[] = {
	{ "listen", 0, "URL", "where connections come in: tcp:HOST:PORT, tcp::PORT, unix:PATH; datagrams: udp:HOST:PORT, "
			    "unixgram:PATH" },
	{ "connect", 0, "URL", "where each of them is carried on to" },
	{ "identity", 0, "NAME", "this end's key; may be left out when there is only one" },
	{ "peer", 0, "NAME", "who may be at the other end; several times for several, '*' for every known peer" },
	{ "profile", 0, "NAME", "a named protection (default@1); see: seccomm list profiles" },
	{ "stack", 0, "EXPR", "a protection of your own: 'LAYER:WORD,name=value | …', innermost first" },
	{ "key", 0, "EXPR", "how the stack's key is agreed: 'dh,protect=sign:ed25519'" },
	{ "psk", 0, "NAME", "use this pre-shared secret as the stack's key" },
	{ "rekey", 0, "TIME", "agree on new keys this often (1h), or never" },
	{ "idle", 0, "TIME", "on datagram links: close a session without data after this time (3m), or never" },
	{ "keepalive", 0, "TIME", "on datagram links: send something at least this often (never)" },
	SERVE_OPTIONS,
	CLI_MODULE_OPTION,
	{ "print-config", 0, NULL, "write the configuration file that does the same, and end" },
	NONE,
};
static const struct cli_option run_options[] = {
	{ "config", 'c', "FILE", "the configuration (seccomm.yaml of the home)" },
	SERVE_OPTIONS,
	CLI_MODULE_OPTION,
	NONE,
};
static const struct cli_option ask_options[] = { ASK_OPTION, NONE };
static const struct cli_option drain_options[] = {
	ASK_OPTION,
	{ "drain", 0, "TIME", "how long connections may go on, instead of what the program was started with" },
	{ "now", 0, NULL, "not at all: reset them" },
	NONE,
};
static const struct cli_option alerts_options[] = {
	ASK_OPTION,
	{ "follow", 'f', NULL, "go on with those to come" },
	{ "count", 0, "N", "how many of the last ones, at most 256 (20; with --follow 0)" },
	NONE,
};
static const struct cli_option rekey_options[] = {
	ASK_OPTION,
	{ "key", 0, "NAME|NUMBER", "only this key; the others carry over" },
	NONE,
};
static const struct cli_option trace_options[] = {
	ASK_OPTION,
	{ "count", 0, "N", "end after so many messages" },
	NONE,
};
static const struct cli_option check_options[] = {
	{ "strict", 0, NULL, "warnings count, too: exit 1" },
	{ "fix", 0, NULL, "write the files back with what the findings offer done; what is told then is what is left" },
	{ "dry-run", 0, NULL, "show what --fix would change as a diff, and change nothing" },
	CLI_MODULE_OPTION,
	NONE,
};
static const struct cli_option resolve_options[] = {
	{ "in-place", 0, NULL, "write the file back, if nothing is left to decide, instead of printing it" },
	{ "require", 0, "LIST", "without a file: what is to be achieved, 'confidentiality=modern,non-repudiation=modern'" },
	{ "stack", 0, "EXPR", "without a file: layers that are to be there, 'LAYER:WORD,name=value | …', innermost first" },
	{ "link", 0, "LINK", "without a file: stream (the default) or datagram" },
	CLI_MODULE_OPTION,
	NONE,
};
static const struct cli_option module_options[] = { CLI_MODULE_OPTION, NONE };
static const struct cli_option graph_options[] = {
	{ "svg", 0, NULL, "as a picture that browsers show (the default)" },
	{ "dot", 0, NULL, "as input for Graphviz" },
	{ "output", 'o', "FILE", "write it there" },
	CLI_MODULE_OPTION,
	NONE,
};
static const struct cli_option key_options[] = { { "algorithm", 0, "NAME", "ed25519 (the default), rsa-3072, ecdsa-p256, rsa-oaep-3072, rsa-kem-3072 or psk" },
	NONE };
static const struct cli_option passphrase_options[] = {
	{ "salt", 0, "HEX", "that the other host has printed (a new one is drawn)" },
	{ "memory", 0, "SIZE", "that each try of a passphrase takes (256MiB)" },
	{ "passes", 0, "N", "over that memory (3)" },
	NONE,
};
static const struct cli_option pad_options[] = { { "size", 0, "SIZE", "how many bytes can be sent each way (1MiB)" }, NONE };
static const struct cli_option peer_options[] = { { "pem", 0, "FILE", "further public keys of this peer, as PEM" },
	NONE };
static const struct cli_option bench_options[] = {
	{ "all", 0, NULL, "every profile, and every micro-protocol alone" },
	{ "calibrate", 0, NULL, "the same, kept for 'seccomm explain' instead of printed" },
	{ "time", 0, "TIME", "how long each figure is measured (100ms; with --calibrate 20ms)" },
	CLI_MODULE_OPTION,
	NONE,
};
static const struct cli_option demo_options[] = {
	{ "udp", 0, NULL, "datagrams instead of streams" },
	{ "once", 0, NULL, "end after the check; exit 0 if all was as it must be" },
	NONE,
};

static const struct cli_command commands[] = {
	{ "demo", "Run", "[--udp] [--once]", "a protected pair on this machine, with attacks shown being refused", demo_options,
	    0, 0, cmd_demo },
	{ "client", "Run", "--listen URL --connect URL --peer NAME…",
	    "take plain connections here and carry them protected", session_options, 0, 0, cmd_client },
	{ "server", "Run", "--listen URL --connect URL --peer NAME…",
	    "take protected connections here and carry them on plain", session_options, 0, 0, cmd_server },
	{ "run", "Run", "[-c FILE] [SESSION]", "run every session of a configuration file, or one", run_options, 0, 1,
	    cmd_run },
	{ "bench", "Run", "[--all|--calibrate] [--time TIME]", "what protecting a message costs on this machine, in memory", bench_options, 0, 0, cmd_bench,
	    true },
	{ "status", "Operate", "[SESSION|SESSION/CONNECTION]",
	    "what a running program does: sessions, connections, alerts", ask_options, 0, 1, cmd_status, true },
	{ "reload", "Operate", "", "read configuration, keys and peers again: all of it is swapped, or nothing",
	    ask_options, 0, 0, cmd_reload, true },
	{ "rekey", "Operate", "[--key NAME|NUMBER] [SESSION|SESSION/CONNECTION]", "agree on new keys now, or on a new one",
	    rekey_options, 0, 1, cmd_rekey, true },
	{ "drain", "Operate", "[--now]", "accept nothing more, and end with the last connection", drain_options, 0, 0,
	    cmd_drain, true },
	{ "alerts", "Operate", "[--follow] [SESSION|SESSION/CONNECTION]", "the last alerts, and those to come",
	    alerts_options, 0, 1, cmd_alerts, true },
	{ "trace", "Operate", "SESSION|SESSION/CONNECTION", "what each layer does to messages, as it happens",
	    trace_options, 1, 1, cmd_trace, true },
	{ "check", "Configure", "FILE…", "find every mistake, with - in standard input; exit 0 none, 1 warnings with --strict, 2 errors",
	    check_options, 1, UINT_MAX, cmd_check, true },
	{ "resolve", "Configure", "FILE | --require LIST [--stack EXPR] [--link LINK]",
	    "add to a configuration, with - standard input, what it lacks, and say why; exit 2 if something is left", resolve_options, 0, 1, cmd_resolve, true },
	{ "explain", "Configure", "FILE|NAME",
	    "what a configuration achieves; or one micro-protocol, profile, alert or rule", module_options, 1, 1, cmd_explain,
	    true },
	{ "diff", "Configure", "A B",
	    "what changes from one configuration to another: FILE, FILE:SESSION or a profile; exit 0 they talk, 1 they do not",
	    module_options, 2, 2, cmd_diff, true },
	{ "graph", "Configure", "[FILE [SESSION]] [--svg | --dot] [-o FILE]",
	    "a picture of all micro-protocols and what ties them, or of a session and what meets which need", graph_options, 0, 2,
	    cmd_graph, true },
	{ "schema", "Configure", "", "a JSON Schema of configurations, for editors", module_options, 0, 0, cmd_schema, true },
	{ "list", "Configure", "micro-protocols|algorithms|transports|profiles|alerts|rules|laws", "what there is on this machine",
	    module_options, 1, 1, cmd_list, true },
	{ "key gen", "Keys and peers", "NAME [--algorithm NAME]", "make a key and say what to do with its public part",
	    key_options, 1, 1, cmd_key_gen, true },
	{ "key show", "Keys and peers", "NAME", "print the public part of a key", NULL, 1, 1, cmd_key_show, true },
	{ "key passphrase", "Keys and peers", "NAME [--salt HEX] [--memory SIZE] [--passes N]",
	    "make a pre-shared secret from a passphrase, which is asked for", passphrase_options, 1, 1, cmd_key_passphrase, true },
	{ "pad gen", "Keys and peers", "NAME [--size SIZE]", "make a one-time pad, a copy for each end", pad_options, 1, 1,
	    cmd_pad_gen, true },
	{ "pad show", "Keys and peers", "NAME", "how much of a one-time pad is used up", NULL, 1, 1, cmd_pad_show, true },
	{ "peer add", "Keys and peers", "NAME sck1… [--pem FILE]", "trust a public key under a name", peer_options, 2,
	    2, cmd_peer_add, true },
	{ "peer list", "Keys and peers", "", "the peers that are trusted", NULL, 0, 0, cmd_peer_list, true },
	{ "peer remove", "Keys and peers", "NAME", "trust a peer no longer", NULL, 1, 1, cmd_peer_remove, true },
	{ "complete", "For the shell", "-- WORD…", "the words that may stand in place of the last one", NULL, 0,
	    UINT_MAX, cmd_complete },
};
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void print_program_help(void)
{
	const char *group = "";

	puts("Usage: seccomm COMMAND [OPTIONS]      secure traffic between two programs, layer by layer");
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(group, commands[i].group) != 0)
			printf("\n%s\n", commands[i].group);
		group = commands[i].group;
		printf("  %-15s %s\n", commands[i].name, commands[i].purpose);
	}
	puts("\nEvery command: --help, --home DIR, and --json where it answers something.  seccomm --version says "
	     "which one this "
	     "is.\nErrors have a code: seccomm explain SC201.  First steps: seccomm demo, then seccomm key gen NAME");
}

static void print_options(const struct cli_option *option)
{
	char text[64];

	for (; option && option->name; option++) {
		snprintf(text, sizeof(text), "%s%c%s--%s%s%s", option->letter ? "-" : "",
		    option->letter ? option->letter : ' ', option->letter ? ", " : "   ", option->name,
		    option->value ? " " : "", option->value ? option->value : "");
		printf("  %-24s %s\n", text, option->help);
	}
}

static void print_help(const struct cli_command *command)
{
	printf("Usage: seccomm %s %s\n\n%s\n\n", command->name, command->arguments, command->purpose);
	print_options(command->options);
	print_options(cli_common_options());
	if (command->json)
		print_options(cli_json_option());
}

/* Whether WORD is the first of NAME's two. */
static bool in_group(const char *name, const char *word)
{
	const char *blank = strchr(name, ' ');

	return blank && strlen(word) == (size_t)(blank - name) && strncmp(name, word, strlen(word)) == 0;
}

static bool is_group(const char *word)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (in_group(commands[i].name, word))
			return true;
	return false;
}

static void print_group(FILE *out, const char *word)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (in_group(commands[i].name, word))
			fprintf(out, "  seccomm %s%s%s\n      %s\n", commands[i].name,
			    *commands[i].arguments ? " " : "", commands[i].arguments, commands[i].purpose);
}

static bool is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

static int no_such_command(int count, char **arguments)
{
	const char *names[COMMANDS + 1] = { NULL }, *near;
	char text[128];
	bool group = is_group(arguments[0]), more = group && count > 1;

	if (more && is_help(arguments[1])) {
		printf("Usage: seccomm %s COMMAND\n\n", arguments[0]);
		print_group(stdout, arguments[0]);
		return CLI_OK;
	}
	for (size_t i = 0; i < COMMANDS; i++)
		names[i] = commands[i].name;
	snprintf(text, sizeof(text), "%.60s%s%.60s", arguments[0], more ? " " : "", more ? arguments[1] : "");
	near = group && !more ? NULL : check_nearest(text, names);
	if (group && !more)
		cli_complain("something is missing behind 'seccomm %s'", arguments[0]);
	else
		cli_complain("there is no command '%s'%s%s%s", text, near ? "; did you mean '" : "", near ? near : "",
		    near ? "'?" : "");
	if (group)
		print_group(stderr, arguments[0]);
	cli_help_line("seccomm --help   lists the commands");
	return CLI_USAGE;
}

/* No memory of this process is to end in a file, and none is another process's to look at: it has keys. */
static void harden(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/*
 * A closed standard descriptor would be given to the next file or socket, and the log or an answer written into it.
 * What nobody can write to stays so: an answer that is lost is told.
 */
static void fill_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static int run(struct cli *cli, int count, char **arguments)
{
	const struct cli_command *command = NULL;
	int words = 0, status;

	for (size_t i = 0; i < COMMANDS && !words; i++) {
		words = cli_matches(commands[i].name, count, (const char *const *)arguments);
		if (words)
			command = &commands[i];
	}
	if (!command)
		return no_such_command(count, arguments);
	status = cli_read(cli, command, count - words, arguments + words);
	if (status != CLI_OK)
		return status;
	if (cli_has(cli, "help")) {
		print_help(command);
		return CLI_OK;
	}
	if (!home_find(cli_value(cli, "home"), cli->home))
		return CLI_USAGE;
	return command->run(cli);
}

/* What may stand before the command: --home DIR.  Answers how many arguments that was; negative: it cannot be read. */
static int before_command(struct cli *cli, int count, char **arguments)
{
	bool joined = count > 0 && strncmp(arguments[0], "--home=", 7) == 0;

	if (!joined && (count < 2 || strcmp(arguments[0], "--home") != 0))
		return 0;
	cli->given = calloc(1, sizeof(*cli->given));
	if (!cli->given)
		return -1;
	cli->given[0] = (struct cli_given){ cli_common_options(), joined ? arguments[0] + 7 : arguments[1] };
	cli->given_count = 1;
	return joined ? 1 : 2;
}

int main(int argc, char **argv)
{
	struct cli cli = { .commands = commands, .command_count = COMMANDS };
	int skipped, status = CLI_OK, count = argc - 1;
	char **arguments = argv + 1;

	fill_standard_descriptors();
	harden();
	skipped = before_command(&cli, count, arguments);
	if (skipped > 0) {
		count -= skipped;
		arguments += skipped;
	}
	if (skipped < 0) {
		status = CLI_FAILED;
	} else if (count < 1) {
		print_program_help();
		status = CLI_USAGE;
	} else if (is_help(arguments[0])) {
		print_program_help();
	} else if (strcmp(arguments[0], "--version") == 0) {
		printf("seccomm %s\n", seccomm_version());
	} else {
		status = run(&cli, count, arguments);
	}
	cli_forget(&cli);
	if (!cli_answered() && status == CLI_OK)
		status = CLI_FAILED;
	return status;
}
