/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_alerts.c - `alerts`: the last alerts of a running program, and with --follow those to come. */
#include "cli/ask.h"

#include <stdio.h>
#include <stdlib.h>

static void print_lost(const json_t *answer)
{
	if (ask_number(answer, "lost"))
		printf("(%llu more came than could be shown)\n", (unsigned long long)ask_number(answer, "lost"));
}

static bool print_alert(void *context, const json_t *answer)
{
	const json_t *alert = json_object_get(answer, "alert");

	(void)context;
	if (!alert)
		return true;
	print_lost(answer);
	printf("%s  %s  %s/%llu  %s  %s", ask_text(alert, "time"), ask_text(alert, "id"), ask_text(alert, "session"),
	    (unsigned long long)ask_number(alert, "connection"), ask_text(alert, "peer"), ask_text(alert, "address"));
	if (json_is_string(json_object_get(alert, "layer")))
		printf("  %s", ask_text(alert, "layer"));
	printf("  %s", ask_text(alert, "text"));
	if (json_is_string(json_object_get(alert, "detail")))
		printf(": %s", ask_text(alert, "detail"));
	putchar('\n');
	return fflush(stdout) == 0;
}

/* A line an alert; what was lost before it is one of its members. */
static bool print_json(void *context, const json_t *answer)
{
	json_t *alert = json_object_get(answer, "alert"), *lost = json_object_get(answer, "lost");

	(void)context;
	if (alert && lost)
		json_object_set(alert, "lost", lost);
	return !alert || ask_print_line(alert);
}

int cmd_alerts(const struct cli *cli)
{
	bool follow = cli_has(cli, "follow");
	const struct ask how = { .more = cli_has(cli, "json") ? print_json : print_alert, .patient = follow };
	json_t *arguments = ask_target(cli);
	unsigned count;

	if (!ask_count(cli, &count)) {
		json_decref(arguments);
		return CLI_USAGE;
	}
	if (cli_has(cli, "count"))
		json_object_set_new(arguments, "count", json_integer(count));
	json_object_set_new(arguments, "follow", json_boolean(follow));
	return ask(cli, "alerts", arguments, &how, NULL);
}
