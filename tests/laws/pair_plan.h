/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pair_plan.h - what the ends of a pair are opened with: plans, and keyrings.
 */
#ifndef LAWS_PAIR_PLAN_H
#define LAWS_PAIR_PLAN_H

#include "pair.h"

/* Makes END's plan of STACK, with PROTECT under the key; negative: it cannot be composed. */
int pair_plan_make(struct pair *, unsigned end, const struct stack *, const struct stack *protect);
/* Makes END's keyring, and its pad.  Fails the test when that is not possible. */
void pair_plan_keys(struct pair *, unsigned end);
/* Whether a layer works with RSA or ECDSA keys. */
bool pair_plan_needs_all_keys(const struct stack *);

#endif
