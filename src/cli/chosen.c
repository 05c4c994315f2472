/* SPDX-License-Identifier: Apache-2.0 */
/* chosen.c - reads a file and finds the session in it that is meant; see chosen.h. */
#include "cli/chosen.h"
#include "cli/cli.h"
#include "cli/home.h"
#include "cli/serve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct check_session *named(const struct check_result *result, const char *name)
{
	for (size_t i = 0; i < result->session_count; i++)
		if (strcmp(result->sessions[i].name, name) == 0)
			return &result->sessions[i];
	return NULL;
}

/* Tells which sessions there are. */
static int which(const struct check_result *result, const char *name)
{
	if (name)
		cli_complain("%s has no session '%s'", result->file, name);
	else
		cli_complain("%s has %zu sessions; which of them is not said", result->file, result->session_count);
	for (size_t i = 0; i < result->session_count; i++)
		cli_help_line("%s", result->sessions[i].name);
	return CLI_USAGE;
}

static int choose(struct chosen *c, const char *name, size_t length)
{
	const struct check_result *result = c->result;

	/* What only warns is for `check`; an error may be in another session than the one that is meant. */
	if (result->session_count > 0)
		c->session = name ? named(result, name) : result->session_count == 1 ? &result->sessions[0] : NULL;
	if (result->errors && (!c->session || !c->session->plan)) {
		serve_findings(result, c->text, length);
		return CLI_USAGE;
	}
	return c->session ? CLI_OK : which(result, name);
}

int chosen_read(struct seccomm *library, const char *file, const char *name, struct chosen *out)
{
	size_t length;
	enum home_result read = home_read(NULL, file, HOME_INPUT, &out->text, &length);

	*out = (struct chosen){ .text = read == HOME_OK ? out->text : NULL };
	if (read == HOME_MISSING)
		cli_complain("%s: %s", file, strerror(ENOENT));
	if (read != HOME_OK)
		return CLI_USAGE;
	out->result = check_text(library, file, out->text, length);
	if (out->result)
		return choose(out, name, length);
	cli_complain("out of memory");
	return CLI_FAILED;
}

void chosen_free(struct chosen *c)
{
	check_free(c->result);
	free(c->text);
}
