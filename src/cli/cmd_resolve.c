/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_resolve.c - `resolve`: a configuration with all that its errors ask for, of a file, of standard input, or of what flags require.
 *
 * The configuration is the answer; what was added, and why, is told on standard error, a line each.
 */
#include "check/check.h"
#include "cli/cli.h"
#include "cli/fix.h"
#include "cli/judged.h"
#include "cli/serve.h"
#include "config/print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- A configuration of flags ---- */

/* "confidentiality=modern,non-repudiation=modern" as members of a map. */
static void write_require(FILE *out, const char *list)
{
	fputs("    require:\n", out);
	while (*list) {
		size_t length = strcspn(list, ","), sign = strcspn(list, "=");

		if (sign < length)
			fprintf(out, "      %.*s: %.*s\n", (int)sign, list, (int)(length - sign - 1), list + sign + 1);
		else
			fprintf(out, "      %.*s: modern\n", (int)length, list);
		list += length + (list[length] == ',');
	}
}

static bool printable(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~' || strchr("#:{}[]\"'&*!|>%@`", *text))
			return false;
	return true;
}

/* Addresses and names are for whoever takes it over to replace. */
static char *from_flags(const struct cli *cli)
{
	const char *require = cli_value(cli, "require"), *stack = cli_value(cli, "stack"), *link = cli_value(cli, "link");
	const char *scheme = link && strcmp(link, "datagram") == 0 ? "udp" : "tcp";
	char *text = NULL;
	size_t size;
	FILE *out;

	if (link && strcmp(link, "datagram") != 0 && strcmp(link, "stream") != 0) {
		cli_complain("'%s' is no link", link);
		cli_help_line("the links are stream and datagram");
		return NULL;
	}
	if (require && !printable(require)) {
		cli_complain("'%s' is not what --require takes", require);
		cli_help_line("write it like   --require confidentiality=modern,non-repudiation=modern");
		return NULL;
	}
	out = open_memstream(&text, &size);
	if (!out) {
		cli_complain("out of memory");
		return NULL;
	}
	fprintf(out,
	    "seccomm: 1\nsessions:\n  client:\n    role: client\n    # Addresses and names are examples.\n    listen: %s:127.0.0.1:7001\n"
	    "    connect: %s:server.example.net:7443\n    identity: client1\n    peers: [server1]\n",
	    scheme, scheme);
	if (require && *require)
		write_require(out, require);
	if (stack) {
		fputs("    stack: ", out);
		config_print_scalar(out, stack);
		fputc('\n', out);
	}
	if (fclose(out) == 0)
		return text;
	free(text);
	cli_complain("out of memory");
	return NULL;
}

/* ---- Telling ---- */

struct resolved {
	struct check_repaired *done;
	size_t count;
	char *text;
	struct judged judged; /* of TEXT */
};

static void tell(const char *file, const struct resolved *r)
{
	for (size_t i = 0; i < r->count; i++)
		fprintf(stderr, "%s:%u: %s: %s (%s)\n", file, r->done[i].line, r->done[i].what,
		    *r->done[i].reason ? r->done[i].reason : r->done[i].message, r->done[i].id);
}

static json_t *steps(const struct resolved *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->count; i++)
		json_array_append_new(list, json_pack("{s:s, s:I, s:s, s:s, s:s}", "id", r->done[i].id, "line", (json_int_t)r->done[i].line,
						"what", r->done[i].what, "message", r->done[i].message, "reason", r->done[i].reason));
	return list;
}

static int answer_json(const struct resolved *r, bool complete)
{
	char *findings = check_findings_json(r->judged.result);
	json_t *left = findings ? json_loads(findings, 0, NULL) : NULL;

	free(findings);
	return cli_answer_json(json_pack("{s:b, s:s, s:o, s:o?}", "complete", complete, "text", r->text, "steps", steps(r), "findings", left));
}

static int answer(const struct cli *cli, const char *file, const struct resolved *r, bool complete)
{
	int status = CLI_OK;

	if (cli_has(cli, "json"))
		status = answer_json(r, complete);
	else if (complete && !cli_has(cli, "in-place"))
		fputs(r->text, stdout);
	if (!cli_has(cli, "json"))
		tell(file, r);
	if (!complete && !cli_has(cli, "json")) {
		serve_findings(r->judged.result, r->text, strlen(r->text));
		cli_complain("%s: something is left that only you can decide; the lines are of the text as it would be", file);
	}
	return status != CLI_OK || complete ? status : CLI_USAGE;
}

/* TEXT, resolved and told; written back to FILE if that was asked for and nothing is left. */
static int resolve(const struct cli *cli, struct seccomm *library, const char *file, const char *text, size_t length)
{
	struct resolved r = { .done = NULL };
	int status = CLI_FAILED;
	bool complete;

	r.text = check_resolve(library, file, text, length, &r.done, &r.count);
	if (!r.text)
		cli_complain("out of memory");
	if (r.text && judged_text(&r.judged, library, file, r.text, strlen(r.text))) {
		complete = r.judged.result->errors == 0;
		status = complete && r.count && cli_has(cli, "in-place") && !fix_write(file, r.text) ? CLI_FAILED : answer(cli, file, &r, complete);
		judged_free(&r.judged);
	}
	check_repaired_free(r.done, r.count);
	free(r.text);
	return status;
}

static int resolve_file(const struct cli *cli, struct seccomm *library, const char *word)
{
	const char *file;
	char *text;
	size_t length;
	int status;

	if (!judged_read(word, &file, &text, &length))
		return CLI_USAGE;
	status = resolve(cli, library, file, text, length);
	free(text);
	return status;
}

static int resolve_flags(const struct cli *cli, struct seccomm *library)
{
	char *text = from_flags(cli);
	int status = text ? resolve(cli, library, "flags", text, strlen(text)) : CLI_USAGE;

	free(text);
	return status;
}

static bool contradicts(const struct cli *cli)
{
	static const char *const flags[] = { "require", "stack", "link" };

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (cli->word_count && cli_has(cli, flags[i])) {
			cli_complain("--%s is for a configuration without a file; write it into %s", flags[i], cli->words[0]);
			return true;
		}
	if (cli_has(cli, "in-place") && (!cli->word_count || strcmp(cli->words[0], CLI_STDIN) == 0)) {
		cli_complain("--in-place needs a file to write back to");
		return true;
	}
	if (!cli->word_count && !cli_has(cli, "require") && !cli_has(cli, "stack")) {
		cli_complain("there is nothing to resolve");
		cli_help_line("name a file, or say what is required:   --require confidentiality=modern");
		return true;
	}
	return false;
}

int cmd_resolve(const struct cli *cli)
{
	struct seccomm *library;
	int status;

	if (contradicts(cli))
		return CLI_USAGE;
	status = cli_library_with_modules(cli, &library);
	if (status != CLI_OK)
		return status;
	status = cli->word_count ? resolve_file(cli, library, cli->words[0]) : resolve_flags(cli, library);
	seccomm_free(library);
	return status;
}
