/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_reload.c - `reload`: the program reads configuration, keys and peers again; everything is swapped, or nothing. */
#include "cli/ask.h"

#include <stdio.h>

struct told {
	json_t *findings; /* NULL: they are for people */
};

/* What is wrong goes where it goes at a start. */
static bool tell(void *context, const json_t *answer)
{
	const struct told *told = context;
	json_t *finding = json_object_get(answer, "finding");
	const json_t *complaint = json_object_get(answer, "complaint");

	if (finding && told->findings)
		json_array_append(told->findings, finding);
	else if (finding)
		fputs(ask_text(finding, "text"), stderr);
	if (complaint) {
		const char *remedy = ask_text(complaint, "remedy");

		cli_complain("%s", ask_text(complaint, "text"));
		if (*remedy)
			cli_help_line("%s", remedy);
	}
	return true;
}

static void print_changes(const json_t *last)
{
	const json_t *session;
	size_t i;

	json_array_foreach(json_object_get(last, "sessions"), i, session)
	    printf("%-16s %s\n", ask_text(session, "session"), ask_text(session, "change"));
	if (ask_number(last, "ended"))
		printf("%llu connections of peers that are not allowed any more were ended\n",
		    (unsigned long long)ask_number(last, "ended"));
}

int cmd_reload(const struct cli *cli)
{
	struct told told = { .findings = cli_has(cli, "json") ? json_array() : NULL };
	const struct ask how = { .context = &told, .more = tell };
	json_t *last;
	int status = ask(cli, "reload", NULL, &how, &last);

	if (told.findings && status != CLI_USAGE)
		(void)cli_answer_json(json_pack("{s:b, s:O, s:o, s:I}", "done", status == CLI_OK, "findings",
		    told.findings, "sessions", last ? json_incref(json_object_get(last, "sessions")) : json_array(),
		    "ended", (json_int_t)ask_number(last, "ended")));
	else if (status == CLI_OK)
		print_changes(last);
	json_decref(last);
	json_decref(told.findings);
	return status;
}
