/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_run.c - `server` and `client`, which are configurations in flags, and `run`, which has them in a file. */
#include "cli/cli.h"
#include "cli/flags.h"
#include "cli/home.h"
#include "cli/keyring.h"
#include "cli/serve.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool given(const struct cli *cli)
{
	static const struct {
		const char *name, *example;
	} needed[] = { { "listen", "tcp:127.0.0.1:5432" }, { "connect", "tcp:db.example.net:7443" } };
	bool all = true;

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (cli_has(cli, needed[i].name))
			continue;
		cli_complain("--%s URL is missing", needed[i].name);
		cli_help_line("as in   --%s %s", needed[i].name, needed[i].example);
		all = false;
	}
	if (!cli_has(cli, "peer") && !cli_has(cli, "psk")) {
		cli_complain("--peer NAME is missing: who may be at the other end?");
		cli_help_line("seccomm peer add NAME sck1…   makes a peer known");
		all = false;
	}
	return all;
}

static int run_flags(const struct cli *cli, const char *role)
{
	const char *identity = cli_value(cli, "identity");
	char only[SECCOMM_NAME_MAX], *text;
	int status;

	if (!given(cli))
		return CLI_USAGE;
	if (!identity && !cli_has(cli, "psk")) {
		if (!keyring_only_identity(cli->home, only))
			return CLI_USAGE;
		identity = only;
	}
	text = flags_yaml(cli, role, identity);
	if (!text)
		return CLI_FAILED;
	if (cli_has(cli, "print-config"))
		return cli_answer_text(text);
	status = serve_text(cli, "<command line>", text, strlen(text), NULL);
	free(text);
	return status;
}

int cmd_server(const struct cli *cli)
{
	return run_flags(cli, "server");
}

int cmd_client(const struct cli *cli)
{
	return run_flags(cli, "client");
}

int cmd_run(const struct cli *cli)
{
	const char *file = cli_value(cli, "config");
	char usual[PATH_MAX], *text;
	size_t length;
	enum home_result result;
	int status;

	if (!file) {
		if (!home_path(cli->home, "", "seccomm.yaml", "", usual))
			return CLI_USAGE;
		file = usual;
	}
	result = home_read(file, HOME_PUBLIC, &text, &length);
	if (result == HOME_MISSING) {
		cli_complain("%s: %s", file, strerror(ENOENT));
		cli_help_line("seccomm run -c FILE   ; 'seccomm client … --print-config' writes one");
	}
	if (result != HOME_OK)
		return CLI_USAGE;
	status = serve_text(cli, file, text, length, cli->word_count ? cli->words[0] : NULL);
	free(text);
	return status;
}
