/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_diff.c - `diff A B`: what changes from one configuration to another, and whether their ends would talk. */
#include "cli/chosen.h"
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A or B as it is meant: a profile, or a session of a file. */
struct meant {
	const char *profile;
	char file[PATH_MAX];
	const char *session; /* or NULL: the only one */
};
struct sides {
	struct meant meant[2];
	struct chosen chosen[2];
	struct seccomm_plan *plan[2];
};

/* A file whose name has a colon is a file. */
static bool read_word(const char *word, struct meant *out)
{
	const char *colon = strrchr(word, ':');
	const size_t length = colon && access(word, F_OK) != 0 ? (size_t)(colon - word) : strlen(word);

	if (check_profile_text(word, SECCOMM_STREAM) && access(word, F_OK) != 0) {
		out->profile = word;
		return true;
	}
	if (length >= sizeof(out->file)) {
		cli_complain("%.60s...: a path has at most %d bytes", word, PATH_MAX - 1);
		return false;
	}
	memcpy(out->file, word, length);
	out->file[length] = '\0';
	out->session = word[length] ? word + length + 1 : NULL;
	if (access(out->file, F_OK) == 0 || strchr(out->file, '/') || out->session)
		return true;
	if (check_profile_purpose(word)) {
		cli_complain("profile '%s' has no layers of its own that could be compared: it only lets a session have what others may not", word);
		cli_help_line("write FILE:SESSION, of a session that has   profile: %s", word);
		return false;
	}
	cli_complain("'%s' is neither a file nor a profile", word);
	cli_help_line("write FILE, FILE:SESSION, or one of what 'seccomm list profiles' shows");
	return false;
}

static int read_file(struct seccomm *library, struct sides *s, int i)
{
	const int status = chosen_read(library, s->meant[i].file, s->meant[i].session, &s->chosen[i]);

	if (status == CLI_OK)
		s->plan[i] = seccomm_plan_keep(s->chosen[i].session->plan);
	return status;
}

/* A profile says nothing of role and link: they are those of the other side. */
static int read_profile(struct seccomm *library, struct sides *s, int i)
{
	static const char *const peers[] = { "peer" };
	const struct seccomm_plan *other = s->plan[1 - i];
	struct seccomm_error error;

	if (seccomm_plan_stack(library, other ? seccomm_plan_role(other) : SECCOMM_CLIENT,
		other ? seccomm_plan_link(other) : SECCOMM_STREAM, s->meant[i].profile, NULL, "self", peers, 1, false,
		&s->plan[i], &error) == SECCOMM_OK)
		return CLI_OK;
	cli_complain_error(&error);
	return CLI_FAILED;
}

static int read_sides(struct seccomm *library, struct sides *s)
{
	int status = CLI_OK;

	for (int i = 0; i < 2 && status == CLI_OK; i++)
		if (!s->meant[i].profile)
			status = read_file(library, s, i);
	for (int i = 0; i < 2 && status == CLI_OK; i++)
		if (s->meant[i].profile)
			status = read_profile(library, s, i);
	return status;
}

static int answer(const struct cli *cli, const struct sides *s)
{
	const struct check_side a = { cli->words[0], s->plan[0] }, b = { cli->words[1], s->plan[1] };
	char *text = check_compare(&a, &b, cli_has(cli, "json"));
	const int status = cli_has(cli, "json") ? cli_answer_json_text(text) : cli_answer_text(text);

	return status == CLI_OK && !check_same(s->plan[0], s->plan[1]) ? CLI_FAILED : status;
}

int cmd_diff(const struct cli *cli)
{
	struct sides *s;
	struct seccomm *library;
	int status = cli_library_with_modules(cli, &library);

	if (status != CLI_OK)
		return status;
	s = calloc(1, sizeof(*s));
	if (!s) {
		cli_complain("out of memory");
		status = CLI_FAILED;
	} else if (!read_word(cli->words[0], &s->meant[0]) || !read_word(cli->words[1], &s->meant[1])) {
		status = CLI_USAGE;
	} else {
		status = read_sides(library, s);
	}
	if (status == CLI_OK)
		status = answer(cli, s);
	for (int i = 0; s && i < 2; i++) {
		seccomm_plan_free(s->plan[i]);
		chosen_free(&s->chosen[i]);
	}
	free(s);
	seccomm_free(library);
	return status;
}
