/* SPDX-License-Identifier: Apache-2.0 */
/* verdict.h - what the checker says about a stack, and that it always says the same. */
#ifndef COMPOSITION_VERDICT_H
#define COMPOSITION_VERDICT_H

#include "seccomm/plan.h"
#include "stacks.h"

enum { VERDICT_TEXT = 8192 };

struct verdict {
	enum seccomm_level level[2][PLAN_PROPERTIES]; /* by who sends: client, server; all NONE if it does not compose */
	bool ordered; /* a layer promises the order, too */
	bool guarded; /* nothing that remembers messages stands where anybody can alter what it remembers */
	struct seccomm_plan *plan[2]; /* client's, server's; NULL: it does not compose */
	char findings[VERDICT_TEXT]; /* id and message of each, a line each, sorted */
};
/*
 * Judges STACK as client and as server, twice each, with the order as place and as number.  Answers NULL, or what was not
 * the same.  To be dropped either way.
 */
const char *verdict_make(struct seccomm *, const struct stack *, enum seccomm_link, struct verdict *);
void verdict_drop(struct verdict *);

#endif
