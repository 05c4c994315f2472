/* SPDX-License-Identifier: Apache-2.0 */
/* explain.h - what the explaining files share; private to src/check. */
#ifndef CHECK_EXPLAIN_H
#define CHECK_EXPLAIN_H

#include <stdio.h>

#include "check/check.h"
#include "check/levels.h"

bool check_slot_forward(const struct plan_slot *);
/* What WRITE writes, as a string for free(); NULL: no memory. */
char *check_stream_text(void (*write)(FILE *, const void *), const void *context);

#endif
