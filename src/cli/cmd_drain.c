/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_drain.c - `drain`: the program accepts nothing more, and ends with its last connection. */
#include "cli/ask.h"
#include "cli/serve.h"

#include <stdio.h>

static json_t *arguments(const struct cli *cli, unsigned milliseconds)
{
	if (cli_has(cli, "now"))
		return json_pack("{s:b}", "now", 1);
	if (cli_has(cli, "drain"))
		return json_pack("{s:i}", "milliseconds", (int)milliseconds);
	return json_object();
}

int cmd_drain(const struct cli *cli)
{
	const char *drain = cli_value(cli, "drain");
	char time[ASK_TEXT_MAX];
	unsigned milliseconds = 0;
	json_t *last;
	int status;

	if (drain && !serve_drain(drain, &milliseconds))
		return CLI_USAGE;
	status = ask(cli, "drain", arguments(cli, milliseconds), NULL, &last);
	if (status == CLI_OK && cli_has(cli, "json"))
		status =
		    cli_answer_json(json_pack("{s:I, s:I}", "connections", (json_int_t)ask_number(last, "connections"),
			"milliseconds", (json_int_t)ask_number(last, "milliseconds")));
	else if (status == CLI_OK && ask_number(last, "connections") == 0)
		puts("no connection is open: the program ends");
	else if (status == CLI_OK)
		printf("open connections, which may finish within %s: %llu\n",
		    ask_duration(ask_number(last, "milliseconds"), time),
		    (unsigned long long)ask_number(last, "connections"));
	json_decref(last);
	return status;
}
