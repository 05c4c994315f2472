/* SPDX-License-Identifier: Apache-2.0 */
/*
 * repair.c - doing what the findings offer, one at a time, and checking again after each: `check --fix`, and `resolve`, which
 * is after errors only, and goes on where one addition makes another one necessary.
 */
#include "check/internal.h"

#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 1024 };

struct progress {
	struct seccomm *library;
	const char *file;
	struct check_repaired *done;
	size_t count;
	uint64_t seen[ROUNDS]; /* of the texts on the way, of which none comes twice */
	size_t seen_count;
	bool too_large; /* what one of the last choice would have made */
};

/* How a repair is chosen, the first of these that finds one. */
enum choice {
	ADDING, /* of an error: what only adds to the text, and makes nothing worse */
	BETTER, /* of an error: what makes nothing worse */
	CLOSING, /* of an error: whatever makes it go away, though it may ask for more */
	ANY /* of a finding: what makes nothing worse */
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
	return result->told ? result->told[check_rule(id) - check_rules] : 0;
}

/* As many as have its words, too: a thing that is missing goes, and another one is still missing. */
static size_t how_alike(const struct check_result *result, const struct check_finding *f)
{
	size_t n = 0;

	for (size_t i = 0; i < result->finding_count; i++)
		n += strcmp(result->findings[i].id, f->id) == 0 && strcmp(result->findings[i].message, f->message) == 0;
	return n;
}

/* Whether AFTER is no YAML, or has a name twice, where BEFORE was not so: of what is hidden then nothing has been mended. */
static bool broken(const struct check_result *before, const struct check_result *after)
{
	static const char *const unreadable[] = { "SC001", "SC004", "SC005", "SC006", "SC007" };
	bool worse = false;

	for (size_t i = 0; i < sizeof unreadable / sizeof *unreadable; i++)
		worse = worse || how_many(after, unreadable[i]) > how_many(before, unreadable[i]);
	return worse;
}

/*
 * Whether AFTER has fewer of ID and nothing worse: not more errors, none of a kind that BEFORE had not.  What is written in a
 * way that says nothing (SC0xx) hides what else is wrong, so there it may come to light.
 */
static bool better(const struct check_result *before, const struct check_result *after, const char *id)
{
	if (how_many(after, id) >= how_many(before, id) || broken(before, after))
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

static void forget(struct check_repaired *one)
{
	for (unsigned i = 0; i < one->edits; i++)
		free(one->edit[i].text);
	free(one->message);
	free(one->help);
	free(one->reason);
	free(one->what);
}

/* What finding F of TEXT was, and what its edits do. */
static bool note(struct progress *p, const struct check_finding *f, const char *text)
{
	struct check_repaired *more = realloc(p->done, (p->count + 1) * sizeof *more), *one;
	const char *help = f->help ? f->help : "";

	if (!more)
		return false;
	p->done = more;
	one = &more[p->count];
	*one = (struct check_repaired){ .line = f->line, .message = strdup(f->message), .help = strndup(help, strcspn(help, "\n")),
		.reason = strdup(f->reason ? f->reason : ""), .what = check_edits_text(text, f->edit, f->edits) };
	while (one->edits < f->edits) {
		one->edit[one->edits] = f->edit[one->edits];
		one->edit[one->edits].text = strdup(f->edit[one->edits].text);
		if (!one->edit[one->edits++].text)
			break;
	}
	if (!one->message || !one->help || !one->reason || !one->what || !one->edit[one->edits - 1].text) {
		forget(one);
		return false;
	}
	memcpy(one->id, f->id, strlen(f->id) < sizeof one->id ? strlen(f->id) + 1 : sizeof one->id - 1);
	p->count++;
	return true;
}

static bool only_adds(const struct check_finding *f)
{
	for (unsigned i = 0; i < f->edits; i++)
		if (f->edit[i].from != f->edit[i].to)
			return false;
	return true;
}

/* FNV-1a.  That two texts have one is as good as impossible, and then a repair is not made. */
static uint64_t number_of(const char *text)
{
	uint64_t number = UINT64_C(0xcbf29ce484222325);

	for (; *text; text++)
		number = (number ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return number;
}

static bool seen(const struct progress *p, const char *text)
{
	const uint64_t number = number_of(text);

	for (size_t i = 0; i < p->seen_count; i++)
		if (p->seen[i] == number)
			return true;
	return false;
}

static bool eligible(const struct check_finding *f, enum choice choice)
{
	return f->edits > 0 && (choice == ANY || (f->severity == CHECK_ERROR && !f->guess)) && (choice != ADDING || only_adds(f));
}

static bool good(
    const struct check_result *before, const struct check_result *after, const struct check_finding *f, enum choice choice)
{
	return choice == CLOSING ? how_alike(after, f) < how_alike(before, f) && !broken(before, after) : better(before, after, f->id);
}

/* TEXT with the edits of F if that is good by CHOICE, and *AFTER, what is to be said of it; NULL: it is not, or, with *FAILED, no memory. */
static char *tried(struct progress *p, const struct check_result *result, const struct check_finding *f, const char *text,
    enum choice choice, struct check_result **after, bool *failed)
{
	const size_t length = strlen(text);
	char *next = edited(text, length, f);

	*after = NULL;
	*failed = !next;
	if (next && strlen(next) > CHECK_TEXT_MAX && strlen(next) > length)
		p->too_large = true;
	else if (next && !seen(p, next))
		*failed = !(*after = check_text(p->library, p->file, next, strlen(next)));
	if (*after && good(result, *after, f, choice) && !(*failed = !note(p, f, text)))
		return next;
	check_free(*after);
	*after = NULL;
	free(next);
	return NULL;
}

/* The first repair of RESULT that is good by CHOICE, which becomes what is to be said of the new text; NULL as above. */
static char *step(struct progress *p, struct check_result **result, const char *text, enum choice choice, bool *failed)
{
	for (size_t i = 0; i < (*result)->finding_count && !*failed; i++) {
		const struct check_finding *f = &(*result)->findings[i];
		struct check_result *after = NULL;
		char *next = eligible(f, choice) ? tried(p, *result, f, text, choice, &after, failed) : NULL;

		if (next) {
			check_free(*result);
			*result = after;
			return next;
		}
	}
	return NULL;
}

/* NOW, which *RESULT is about, as it is after one step, which frees it; *MORE: there was one. */
static char *advance(
    struct progress *p, struct check_result **result, char *now, enum choice first, enum choice last, bool *more, bool *failed)
{
	char *next = NULL;

	p->too_large = false;
	p->seen[p->seen_count++] = number_of(now);
	for (enum choice choice = first; !next && !*failed && choice <= last; choice++)
		next = step(p, result, now, choice, failed);
	*more = next != NULL;
	if (!next)
		return now;
	free(now);
	return next;
}

/* Whether not all that is wrong is told (SC022). */
static bool untold(const struct check_result *result)
{
	bool is = false;

	for (size_t i = 0; result && i < result->finding_count; i++)
		is = is || strcmp(result->findings[i].id, "SC022") == 0;
	return is;
}

static char *repair(struct progress *p, const char *text, size_t length, enum choice first, enum choice last, enum check_left *left)
{
	char *now = strndup(text, length);
	bool more = now && strlen(now) == length; /* a NUL is not text: nothing is offered for that */
	struct check_result *result = now ? check_text(p->library, p->file, now, strlen(now)) : NULL;
	bool failed = !result;

	while (more && !failed && p->seen_count < ROUNDS)
		now = advance(p, &result, now, first, last, &more, &failed);
	*left = p->too_large	 ? CHECK_LEFT_TOO_LARGE
		: more		 ? CHECK_LEFT_TOO_MANY
		: untold(result) ? CHECK_LEFT_UNTOLD
				 : CHECK_LEFT_NOTHING;
	check_free(result);
	if (failed) {
		free(now);
		return NULL;
	}
	return now;
}

char *check_repair(struct seccomm *library, const char *file, const char *text, size_t length, struct check_repaired **done,
    size_t *count, enum check_left *left)
{
	struct progress p = { .library = library, .file = file };
	char *now = repair(&p, text, length, ANY, ANY, left);

	*done = p.done;
	*count = p.count;
	return now;
}

char *check_resolve(struct seccomm *library, const char *file, const char *text, size_t length, struct check_repaired **done,
    size_t *count)
{
	struct progress p = { .library = library, .file = file };
	enum check_left left; /* what is left then is told of, as all that is left */
	char *now = repair(&p, text, length, ADDING, CLOSING, &left);

	now = now && p.count ? check_trim(library, file, now, p.done, &p.count) : now;
	*done = p.done;
	*count = p.count;
	return now;
}

void check_repaired_drop(struct check_repaired *done, size_t count)
{
	for (size_t i = 0; i < count; i++)
		forget(&done[i]);
}

void check_repaired_free(struct check_repaired *done, size_t count)
{
	check_repaired_drop(done, count);
	free(done);
}
