/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_rekey.c - `rekey`: new keys for open connections, now; or one of them. */
#include "cli/ask.h"

#include <stdio.h>

/* Appends to the list, or prints when there is none. */
static bool refused(void *context, const json_t *answer)
{
	json_t *list = *(json_t **)context, *refusal = json_object_get(answer, "refused");

	if (list)
		json_array_append(list, refusal);
	else
		printf("%-16s not now: %s\n", ask_text(refusal, "connection"), ask_text(refusal, "reason"));
	return true;
}

int cmd_rekey(const struct cli *cli)
{
	json_t *list = cli_has(cli, "json") ? json_array() : NULL, *last;
	const struct ask how = { .context = &list, .more = refused };
	json_t *arguments = ask_target(cli);
	const char *key = cli_value(cli, "key");
	bool nowhere;
	int status;

	if (key)
		json_object_set_new(arguments, "key", json_string(key));
	status = ask(cli, "rekey", arguments, &how, &last);
	nowhere = ask_number(last, "asked") == 0 && ask_number(last, "refused") > 0;
	if (status == CLI_OK && list)
		status = cli_answer_json(
		    json_pack("{s:I, s:O}", "asked", (json_int_t)ask_number(last, "asked"), "refused", list));
	else if (status == CLI_OK)
		printf("new keys asked for on %llu connections, refused by %llu\n",
		    (unsigned long long)ask_number(last, "asked"), (unsigned long long)ask_number(last, "refused"));
	json_decref(last);
	json_decref(list);
	return status == CLI_OK && nowhere ? CLI_FAILED : status;
}
