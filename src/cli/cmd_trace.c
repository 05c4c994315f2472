/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_trace.c - `trace`: the way of messages through their layers, as it happens; never a byte of what they hold. */
#include "cli/ask.h"

#include <stdio.h>

static void print_layer(const json_t *layer)
{
	printf("    %-28s %8llu -> %8llu B %8llu us  %s\n", ask_text(layer, "layer"),
	    (unsigned long long)ask_number(layer, "before"), (unsigned long long)ask_number(layer, "after"),
	    (unsigned long long)ask_number(layer, "us"), ask_text(layer, "verdict"));
}

static bool tell_begin(const json_t *answer)
{
	fprintf(stderr, "open connections that are traced: %llu; Ctrl-C ends\n",
	    (unsigned long long)ask_number(answer, "tracing"));
	return true;
}

static bool print_message(void *context, const json_t *answer)
{
	const json_t *message = json_object_get(answer, "message"), *layer;
	size_t i;

	(void)context;
	if (!message)
		return tell_begin(answer);
	if (ask_number(answer, "lost"))
		printf("(%llu more came than could be shown)\n", (unsigned long long)ask_number(answer, "lost"));
	printf("%s/%llu  %s  %s message %llu", ask_text(message, "session"),
	    (unsigned long long)ask_number(message, "connection"), ask_text(message, "way"), ask_text(message, "lane"),
	    (unsigned long long)ask_number(message, "number"));
	if (ask_number(message, "key"))
		printf(" of key %llu", (unsigned long long)ask_number(message, "key"));
	printf(" of epoch %llu: %llu -> %llu B\n", (unsigned long long)ask_number(message, "epoch"),
	    (unsigned long long)ask_number(message, "before"), (unsigned long long)ask_number(message, "after"));
	json_array_foreach(json_object_get(message, "layers"), i, layer) print_layer(layer);
	return fflush(stdout) == 0;
}

static bool print_json(void *context, const json_t *answer)
{
	json_t *message = json_object_get(answer, "message"), *lost = json_object_get(answer, "lost");

	(void)context;
	if (message && lost)
		json_object_set(message, "lost", lost);
	return message ? ask_print_line(message) : tell_begin(answer);
}

int cmd_trace(const struct cli *cli)
{
	const struct ask how = { .more = cli_has(cli, "json") ? print_json : print_message, .patient = true };
	json_t *arguments = ask_target(cli);
	unsigned count;

	if (!ask_count(cli, &count)) {
		json_decref(arguments);
		return CLI_USAGE;
	}
	if (cli_has(cli, "count"))
		json_object_set_new(arguments, "count", json_integer(count));
	return ask(cli, "trace", arguments, &how, NULL);
}
