/* SPDX-License-Identifier: Apache-2.0 */
/*
 * promises.h - what the tables of a stack say of it as a whole: whether it can be one, and what it promises.
 */
#ifndef LAWS_PROMISES_H
#define LAWS_PROMISES_H

#include "seccomm_module.h"

enum { STACK_MAX = 8 };

/* A stack is an array of tables, from the sender's inside out; it ends with NULL. */
struct stack {
	const struct seccomm_mp *mp[STACK_MAX + 1];
};

/* Whether the tables say that STACK can be one: every order is allowed, and every need is met. */
bool hold_admissible(const struct stack *);
/*
 * Whether some layer of STACK gives WHAT, and nothing outside it adds an attribute that nobody checks.  What protects a digest
 * covers nothing that was added behind that digest.
 */
bool hold_promised(const struct stack *, unsigned what);
/* What the attributes of a table add to (or, consumed, take from) what the next pack takes in, and to the clear block. */
void hold_attributes(const struct seccomm_mp *, int64_t *packed, size_t *clear);

#endif
