/* SPDX-License-Identifier: Apache-2.0 */
/* chosen.h - one session of a configuration file, for the commands that look at one and run none. */
#ifndef CLI_CHOSEN_H
#define CLI_CHOSEN_H

#include "check/check.h"

struct chosen {
	char *text;
	struct check_result *result;
	const struct check_session *session; /* the result's; it has a plan */
};
/*
 * Session NAME of FILE; NULL: the only one that it has.  CLI_OK, or another status when it has complained: findings
 * that are errors are shown as `check` does.  chosen_free() in any case.
 */
int chosen_read(struct seccomm *, const char *file, const char *name, struct chosen *out);
void chosen_free(struct chosen *);

#endif
