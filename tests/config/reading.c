/* SPDX-License-Identifier: Apache-2.0 */
/* reading.c - a text as it is read (see reading.h). */
#include "reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void hear(void *context, const struct config_fault *fault)
{
	struct heard *heard = context;

	assert_non_null(fault->message);
	if (heard->count++ == 0) {
		(void)snprintf(heard->id, sizeof heard->id, "%s", fault->id);
		heard->at = fault->at;
		(void)snprintf(heard->meant, sizeof heard->meant, "%s", fault->meant ? fault->meant : "");
		assert_true(!fault->meant || (fault->name && !strstr(fault->message, fault->meant)));
	}
}

struct reading *read_text(const char *text, size_t length)
{
	struct reading *r = calloc(1, sizeof *r);

	assert_non_null(r);
	r->sink = (struct config_sink){ &r->arena, hear, &r->heard };
	assert_true(config_load(&r->sink, text, length, &r->model));
	return r;
}

void done(struct reading *r)
{
	config_release(&r->arena);
	free(r);
}
