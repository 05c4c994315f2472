/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_graph.c - `graph`: Figure 8 of TR 99-08 as a picture, of all micro-protocols or of one session. */
#include "cli/chosen.h"
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum check_graph_form form_of(const struct cli *cli)
{
	return cli_has(cli, "json") ? CHECK_GRAPH_JSON : cli_has(cli, "dot") ? CHECK_GRAPH_DOT : CHECK_GRAPH_SVG;
}

/* TEXT, which it frees, to where it is wanted. */
static int answer(const struct cli *cli, char *text)
{
	const char *file = cli_value(cli, "output");
	FILE *out;
	int status = CLI_OK;

	if (!text || !file)
		return cli_has(cli, "json") ? cli_answer_json_text(text) : cli_answer_text(text);
	out = fopen(file, "we");
	if (!out || fputs(text, out) < 0 || fflush(out) != 0) {
		cli_complain("%s: %s", file, strerror(errno));
		status = CLI_FAILED;
	}
	if (out && fclose(out) != 0 && status == CLI_OK) {
		cli_complain("%s: %s", file, strerror(errno));
		status = CLI_FAILED;
	}
	free(text);
	return status;
}

/* What is refused is drawn all the same: it shows what is not met. */
static int graph_file(const struct cli *cli, struct seccomm *library)
{
	struct chosen chosen;
	const int read = chosen_read(library, cli->words[0], cli->word_count > 1 ? cli->words[1] : NULL, &chosen);
	const struct check_session *s = chosen.session;
	int status = read;

	if (s && (s->drawn.count || s->key_count))
		status = answer(cli, check_graph_session(s, form_of(cli)));
	chosen_free(&chosen);
	return read > status ? read : status;
}

int cmd_graph(const struct cli *cli)
{
	struct seccomm *library;
	int status;

	if (cli_has(cli, "dot") + cli_has(cli, "svg") + cli_has(cli, "json") > 1) {
		cli_complain("--dot, --svg and --json exclude each other");
		return CLI_USAGE;
	}
	status = cli_library_with_modules(cli, &library);
	if (status != CLI_OK)
		return status;
	status = cli->word_count ? graph_file(cli, library) : answer(cli, check_graph_catalogue(library, form_of(cli)));
	seccomm_free(library);
	return status;
}
