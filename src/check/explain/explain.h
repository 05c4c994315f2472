/* SPDX-License-Identifier: Apache-2.0 */
/* explain.h - what the explaining files share; private to src/check. */
#ifndef CHECK_EXPLAIN_H
#define CHECK_EXPLAIN_H

#include <stdio.h>

#include "check/check.h"
#include "check/levels.h"

/* What the data of PLAN achieves, by direction (its first entry is none). */
void check_data_levels(const struct seccomm_plan *, const struct check_keys *, struct check_levels out[3]);
/* The table of all levels of PLAN, and of the data's why they are what they are. */
void check_explain_levels(FILE *out, const struct seccomm_plan *plan);
/* What makes P of LEVELS what it is, without a line feed. */
void check_why_text(FILE *out, const struct plan_slot *slots, const struct check_levels *levels, enum seccomm_property p);
/* What it means not to have P. */
const char *check_lacking(enum seccomm_property p);
/* The configuration digest as a JSON string (a json_t of jansson); NULL: no memory. */
struct json_t *check_digest_json(const struct seccomm_plan *);
/* What WRITE writes, as a string for free(); NULL: no memory. */
char *check_stream_text(void (*write)(FILE *, const void *), const void *context);

#endif
