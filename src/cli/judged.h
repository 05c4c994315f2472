/* SPDX-License-Identifier: Apache-2.0 */
/* judged.h - a configuration's text as the program judges it: as the library does, but without what needs a library. */
#ifndef CLI_JUDGED_H
#define CLI_JUDGED_H

#include "check/check.h"

struct judged_refusal;
struct judged {
	struct check_result *result; /* its findings may be this struct's, so judged_free() frees it, too */
	struct check_finding *findings;
	struct judged_refusal *refusals;
};

/* The text of the configuration that is called WORD, "-" being standard input, for free(); and what findings call it.  False: it has complained. */
SECCOMM_MUST_USE bool judged_read(const char *word, const char **file, char **text, size_t *length);

/* check_text(), and an error for every memory: address.  False: no memory, and it has complained. */
SECCOMM_MUST_USE bool judged_text(struct judged *, struct seccomm *, const char *file, const char *text, size_t length);
void judged_free(struct judged *);

#endif
