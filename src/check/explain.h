/* SPDX-License-Identifier: Apache-2.0 */
/* explain.h - what the explaining files share; private to src/check. */
#ifndef CHECK_EXPLAIN_H
#define CHECK_EXPLAIN_H

#include <stdio.h>

#include "check/check.h"
#include "check/levels.h"

/* Whether the key of slot I (from 0) stays secret when long-term keys are lost, and the data depends on it. */
bool check_slot_forward(const struct seccomm_plan *, size_t i);
/* How well it is known with whom the key is shared; OWN is the level of the key. */
enum seccomm_level check_slot_authenticity(const struct plan_slot *, const struct check_keys *, enum seccomm_level own);
/* What WRITE writes, as a string for free(); NULL: no memory. */
char *check_stream_text(void (*write)(FILE *, const void *), const void *context);

#endif
