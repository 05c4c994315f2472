/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compare.h - what the files share that compare two plans; private to src/check.
 *
 * compare.c makes JSON of all that differs, section by section; compare_text.c writes that for people.  So both say the
 * same.
 */
#ifndef CHECK_COMPARE_H
#define CHECK_COMPARE_H

#include <jansson.h>
#include <stdio.h>

#include "check/check.h"
#include "config/model.h"

struct comparison {
	const struct check_side *side[2];
	struct config_arena arena;
	bool failed; /* no memory */
};

/* ROW, which it takes, to the end of LIST. */
void compare_add(struct comparison *, json_t *list, json_t *row);
/* {what, from, to, local} to LIST unless the two are equal; NULL: that side says nothing of it.  LOCAL: each end's own
 * affair. */
void compare_value(struct comparison *, json_t *list, const char *what, const char *from, const char *to, bool local);
/* compare_layers.c: the layers of a lane, as {lane, change, from, to, changes}. */
struct compare_lane {
	const struct plan_layer *layers;
	size_t count;
	const struct plan_slot *slots; /* of the whole plan, for the names of keys */
};
void compare_lanes(
    struct comparison *, json_t *list, const char *lane, const struct compare_lane *a, const struct compare_lane *b);
/* What differs between two micro-protocols and their parameters, to LIST; WHAT is what they are in their place
 * ("establish"). */
void compare_layer(struct comparison *, json_t *list, const char *what, const struct plan_layer *a,
    const struct plan_layer *b, bool local);

/* compare_text.c */
void compare_write(FILE *out, const void *whole);

#endif
