/* SPDX-License-Identifier: Apache-2.0 */
/* repair.c - doing what the findings offer, one at a time, and checking again after each: `check --fix`. */
#include "check/internal.h"

#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 64 };

struct progress {
	struct seccomm *library;
	const char *file;
	struct check_repaired *done;
	size_t count;
};

/* TEXT with the edits of FINDING; NULL: no memory. */
static char *edited(const char *text, size_t length, const struct check_finding *finding)
{
	size_t room = length + 1, used = 0, at = 0;
	char *out;

	for (unsigned i = 0; i < finding->edits; i++)
		room += strlen(finding->edit[i].text);
	out = malloc(room);
	for (unsigned i = 0; out && i < finding->edits; i++) {
		const struct check_edit *edit = &finding->edit[i];

		memcpy(out + used, text + at, edit->from - at);
		used += edit->from - at;
		memcpy(out + used, edit->text, strlen(edit->text));
		used += strlen(edit->text);
		at = edit->to;
	}
	if (out) {
		memcpy(out + used, text + at, length - at);
		out[used + length - at] = 0;
	}
	return out;
}

static size_t how_many(const struct check_result *result, const char *id)
{
	size_t n = 0;

	for (size_t i = 0; i < result->finding_count; i++)
		n += strcmp(result->findings[i].id, id) == 0;
	return n;
}

/*
 * Whether AFTER has fewer of ID and nothing worse: not more errors, none of a kind that BEFORE had not.  What is written in a
 * way that cannot be read (SC0xx) hides what else is wrong, so there it may come to light.
 */
static bool better(const struct check_result *before, const struct check_result *after, const char *id)
{
	if (how_many(after, id) >= how_many(before, id))
		return false;
	if (id[2] == '0')
		return true;
	if (after->errors > before->errors)
		return false;
	for (size_t i = 0; i < after->finding_count; i++)
		if (after->findings[i].severity == CHECK_ERROR && how_many(before, after->findings[i].id) == 0)
			return false;
	return true;
}

static bool note(struct progress *p, const struct check_finding *f)
{
	struct check_repaired *more = realloc(p->done, (p->count + 1) * sizeof *more), *one;
	const char *help = f->help ? f->help : "";

	if (!more)
		return false;
	p->done = more;
	one = &more[p->count];
	*one = (struct check_repaired){ .line = f->line, .message = strdup(f->message), .help = strndup(help, strcspn(help, "\n")) };
	if (!one->message || !one->help) {
		free(one->message);
		free(one->help);
		return false;
	}
	memcpy(one->id, f->id, strlen(f->id) < sizeof one->id ? strlen(f->id) + 1 : sizeof one->id - 1);
	p->count++;
	return true;
}

/* The first repair of RESULT that makes TEXT better: the new text; or NULL: none does, or, with *FAILED, no memory. */
static char *step(struct progress *p, const struct check_result *result, const char *text, bool *failed)
{
	for (size_t i = 0; i < result->finding_count && !*failed; i++) {
		const struct check_finding *f = &result->findings[i];
		char *next = f->edits ? edited(text, strlen(text), f) : NULL;
		struct check_result *after = next ? check_text(p->library, p->file, next, strlen(next)) : NULL;
		bool good;

		if (!f->edits)
			continue;
		*failed = !after;
		good = after && better(result, after, f->id) && !(*failed = !note(p, f));
		check_free(after);
		if (good)
			return next;
		free(next);
	}
	return NULL;
}

char *check_repair(struct seccomm *library, const char *file, const char *text, size_t length, struct check_repaired **done,
    size_t *count)
{
	struct progress p = { .library = library, .file = file };
	char *now = strndup(text, length);
	bool failed = !now || strlen(now) != length; /* a NUL is not text: nothing is offered for that */

	for (size_t round = 0; round < ROUNDS && now && !failed; round++) {
		struct check_result *result = check_text(library, file, now, strlen(now));
		char *next = result ? step(&p, result, now, &failed) : NULL;

		failed = failed || !result;
		check_free(result);
		if (!next)
			break;
		free(now);
		now = next;
	}
	if (failed && now && strlen(now) == length) {
		free(now);
		now = NULL;
	}
	*done = p.done;
	*count = p.count;
	return now;
}

void check_repaired_free(struct check_repaired *done, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(done[i].message);
		free(done[i].help);
	}
	free(done);
}
