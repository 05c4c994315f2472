/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_run.c - `server` and `client`, which are configurations in flags, and `run`, which has them in a file. */
#include "cli/cli.h"
#include "cli/flags.h"
#include "cli/home.h"
#include "cli/judged.h"
#include "cli/keyring.h"
#include "cli/serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What findings call a configuration that stands in options. */
static const char command_line[] = "<command line>";

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

/* Answers TEXT, and frees it, if it is a configuration that runs. */
static int print_config(const struct cli *cli, char *text)
{
	const char *drain = cli_value(cli, "drain"), *module = cli_value(cli, "module");
	size_t length = strlen(text);
	struct seccomm *library = NULL;
	struct judged judged;
	unsigned ignored;
	int status;

	if (drain && !serve_drain(drain, &ignored)) {
		status = CLI_USAGE;
		goto free_text;
	}
	status = cli_library_with_modules(cli, &library);
	if (status != CLI_OK)
		goto free_text;
	status = CLI_FAILED;
	if (!judged_text(&judged, library, command_line, text, length))
		goto free_text;
	serve_findings(judged.result, text, length);
	status = judged.result->errors ? CLI_USAGE : CLI_OK;
	judged_free(&judged);
	if (status != CLI_OK)
		goto free_text;
	if (drain) {
		cli_complain("--drain is not part of the configuration");
		cli_help_line("seccomm run -c FILE --drain %s", drain);
	}
	if (module) {
		cli_complain("--module is not part of the configuration");
		cli_help_line("seccomm run -c FILE --module %s", module);
	}
	seccomm_free(library);
	return cli_answer_text(text);
free_text:
	seccomm_free(library);
	free(text);
	return status;
}

static int run_flags(const struct cli *cli, const char *role)
{
	const char *identity = cli_value(cli, "identity");
	struct setup_source source = { .home = cli->home, .file = command_line, .name = role };
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
		return print_config(cli, text);
	source.text = text;
	status = serve(cli, &source);
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

/* A configuration is called by its file, without folder and what follows the last dot. */
static char *stem(const char *file)
{
	const char *name = strrchr(file, '/') ? strrchr(file, '/') + 1 : file, *dot = strrchr(name, '.');

	return strndup(name, dot && dot != name ? (size_t)(dot - name) : strlen(name));
}

int cmd_run(const struct cli *cli)
{
	struct setup_source source = {
		.home = cli->home, .file = cli_value(cli, "config"), .only = cli->word_count ? cli->words[0] : NULL
	};
	char usual[PATH_MAX], *name;
	int status;

	if (!source.file) {
		if (!home_path(NULL, cli->home, "", "seccomm.yaml", "", usual))
			return CLI_USAGE;
		source.file = usual;
	}
	name = stem(source.file);
	source.name = name ? name : "seccomm";
	status = serve(cli, &source);
	free(name);
	return status;
}
