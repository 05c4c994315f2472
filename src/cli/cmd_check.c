/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_check.c - `check FILE…|-`: every finding of every file, as text or JSON; with --fix, of what is left of them. */
#include "cli/cli.h"
#include "cli/fix.h"
#include "cli/judged.h"
#include "cli/serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct totals {
	size_t errors, warnings;
	json_t *findings; /* or NULL */
};

static bool collect(struct totals *totals, const struct check_result *result)
{
	char *text = check_findings_json(result);
	json_t *list = text ? json_loads(text, 0, NULL) : NULL;
	bool done = list && json_array_extend(totals->findings, list) == 0;

	json_decref(list);
	free(text);
	return done;
}

/* One of the words: FILE, or standard input. */
static int check_file(const struct cli *cli, struct seccomm *library, const char *word, struct totals *totals)
{
	const char *file;
	char *text;
	size_t length;
	struct judged judged;
	int status = CLI_OK;

	if (!judged_read(word, &file, &text, &length))
		return CLI_USAGE;
	if (cli_has(cli, "fix") &&
	    !fix_text(library, file, cli_has(cli, "dry-run"), totals->findings != NULL, &text, &length)) {
		status = CLI_FAILED;
		goto free_text;
	}
	if (!judged_text(&judged, library, file, text, length)) {
		status = CLI_FAILED;
		goto free_text;
	}
	if (totals->findings && !collect(totals, judged.result)) {
		cli_complain("out of memory");
		status = CLI_FAILED;
	} else {
		totals->errors += judged.result->errors;
		totals->warnings += judged.result->warnings;
		if (!totals->findings)
			serve_findings(judged.result, text, length);
	}
	judged_free(&judged);
free_text:
	free(text);
	return status;
}

static int judge(const struct cli *cli, const struct totals *totals)
{
	if (totals->errors)
		return CLI_USAGE;
	return totals->warnings && cli_has(cli, "strict") ? CLI_FAILED : CLI_OK;
}

static void print_totals(FILE *out, const struct totals *totals)
{
	if (totals->errors || totals->warnings)
		fprintf(out, "%zu error%s, %zu warning%s\n", totals->errors, totals->errors == 1 ? "" : "s", totals->warnings,
		    totals->warnings == 1 ? "" : "s");
	else
		fputs("no mistake found\n", out);
}

/* Whether the words go together; nothing is read, or written, before all of them do. */
static bool sensible(const struct cli *cli)
{
	size_t inputs = 0;
	bool writable = true;

	if (cli_has(cli, "dry-run") && !cli_has(cli, "fix")) {
		cli_complain("--dry-run shows what --fix would change, and there is no --fix");
		cli_help_line("seccomm check --fix --dry-run %s", cli->words[0]);
		return false;
	}
	for (size_t i = 0; i < cli->word_count; i++) {
		inputs += strcmp(cli->words[i], CLI_STDIN) == 0;
		if (cli_has(cli, "fix") && !cli_has(cli, "dry-run"))
			writable = fix_takes(cli->words[i]) && writable;
	}
	if (inputs > 1)
		cli_complain("standard input can be read once, and '-' is here %zu times", inputs);
	return writable && inputs <= 1;
}

int cmd_check(const struct cli *cli)
{
	struct totals totals = { 0 };
	struct seccomm *library;
	int status;

	if (!sensible(cli))
		return CLI_USAGE;
	totals.findings = cli_has(cli, "json") ? json_array() : NULL;
	status = cli_library_with_modules(cli, &library);
	for (size_t i = 0; library && i < cli->word_count; i++) {
		int one = check_file(cli, library, cli->words[i], &totals);

		status = one > status ? one : status;
	}
	seccomm_free(library);
	if (totals.findings)
		(void)cli_answer_json(totals.findings);
	else if (status == CLI_OK)
		print_totals(cli_has(cli, "dry-run") ? stderr : stdout, &totals); /* the answer is the diff then */
	return status != CLI_OK ? status : judge(cli, &totals);
}
