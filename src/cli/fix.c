/* SPDX-License-Identifier: Apache-2.0 */
/* fix.c - `check --fix`: a configuration with what the findings offer done, written back or shown as a diff. */
#include "cli/fix.h"
#include "check/check.h"
#include "cli/home.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool fix_write(const char *file, const char *text)
{
	char path[PATH_MAX];
	struct stat was;

	if (!realpath(file, path) || stat(path, &was) != 0) {
		cli_complain("%s: %s", file, strerror(errno));
		return false;
	}
	if (!S_ISREG(was.st_mode)) {
		cli_complain("%s: not a file that could be written back", file);
		return false;
	}
	if (was.st_nlink > 1 || access(path, W_OK) != 0 || (geteuid() != 0 && was.st_uid != geteuid())) {
		cli_complain("%s: not written back: %s", file,
		    was.st_nlink > 1 ? "it has several names, and only this one would lead to the new text" : "it is not this user's to write");
		return false;
	}
	if (!home_replace(path, text))
		return false;
	if (chown(path, was.st_uid, was.st_gid) != 0 || chmod(path, was.st_mode & 07777) != 0) {
		cli_complain("%s: written, but its owner and mode are not what they were: %s", file, strerror(errno));
		return false;
	}
	return true;
}

static void see_first(const char *file)
{
	cli_help_line("see what would change:   seccomm check --fix --dry-run %s", file);
}

/* What a name below /dev or /proc stands for now is not what it stands for when it is written. */
bool fix_takes(const char *file)
{
	const bool input = strcmp(file, CLI_STDIN) == 0;
	struct stat was;

	if (!input && strncmp(file, "/dev/", 5) != 0 && strncmp(file, "/proc/", 6) != 0 &&
	    (stat(file, &was) != 0 || S_ISREG(was.st_mode))) /* what is missing is told as such */
		return true;
	cli_complain(input ? "--fix cannot write standard input back" : "%s: --fix cannot write this back: it is no file", file);
	see_first(file);
	return false;
}

static bool show(const char *file, const char *before, const char *after)
{
	char *diff = check_text_diff(file, before, after);

	if (diff)
		fputs(diff, stdout);
	free(diff);
	return diff != NULL;
}

static void tell(const char *file, const struct check_repaired *done, size_t count, bool dry)
{
	for (size_t i = 0; i < count; i++)
		fprintf(stderr, "%s:%u: %s [%s]: %s%s%s\n", file, done[i].line, dry ? "would be repaired" : "repaired", done[i].id,
		    done[i].message, *done[i].help ? ": " : "", done[i].help);
}

static void tell_left(const char *file, enum check_left left)
{
	if (left == CHECK_LEFT_TOO_LARGE) {
		cli_complain("%s: not all is repaired that could be, for the file would be larger than 1 MiB", file);
		cli_help_line("split it: one file for each group of sessions");
	} else if (left == CHECK_LEFT_TOO_MANY) {
		cli_complain("%s: not all is repaired that could be, for it is too much for one time", file);
		cli_help_line("run this again");
	} else if (left == CHECK_LEFT_UNTOLD) {
		cli_complain("%s: not all is repaired that could be, for there is more than is told at a time", file);
		cli_help_line("mend what is told, and run this again");
	}
}

bool fix_text(struct seccomm *library, const char *file, bool dry, bool quiet, char **text, size_t *length)
{
	struct check_repaired *done;
	size_t count;
	enum check_left left;
	char *after = check_repair(library, file, *text, *length, &done, &count, &left);
	bool ok = after != NULL;

	if (!ok)
		cli_complain("out of memory");
	else if (count && dry && !quiet)
		ok = show(file, *text, after);
	else if (count && !dry && !(ok = fix_write(file, after)))
		see_first(file);
	if (ok && !quiet)
		tell(file, done, count, dry);
	if (ok)
		tell_left(file, left);
	check_repaired_free(done, count);
	if (!ok || dry) { /* what is told then is about the file, which stays as it is */
		free(after);
		return ok;
	}
	free(*text);
	*text = after;
	*length = strlen(after);
	return true;
}
