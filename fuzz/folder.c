/* SPDX-License-Identifier: Apache-2.0 */
/*
 * folder.c - a home of the program for one process, in $TMPDIR, and gone when it ends (see fuzz.h).
 *
 * libFuzzer hands a target nothing but the input, so its name lies in a variable of the process.
 */
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/home.h"
#include "fuzz.h"

enum { DEPTH = 8 };

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *ftw)
{
	(void)status, (void)kind, (void)ftw;
	return remove(path);
}

static char *name(void)
{
	static char folder[PATH_MAX];

	return folder;
}

static void remove_folder(void)
{
	(void)nftw(name(), remove_one, DEPTH, FTW_DEPTH | FTW_PHYS);
}

const char *fuzz_home(void)
{
	const char *parent = getenv("TMPDIR");
	char *folder = name();

	if (folder[0] == '\0')
		must(
		    snprintf(folder, PATH_MAX, "%s/seccomm-fuzz-XXXXXX", parent != NULL ? parent : "/tmp") < PATH_MAX &&
			mkdtemp(folder) != NULL && home_make(folder) && atexit(remove_folder) == 0,
		    "a home can be made");
	return folder;
}
