/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trim.c - the steps that later ones have made needless, as an AEAD does the MAC inside it: what they added is taken away again, if
 * the text is as good without it.
 */
#include "check/internal.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS = 64 };

/*
 * What an edit left in the text as it is now; TO 0: it is gone, or nobody can say.  LEAD and TRAIL of its bytes only join it to
 * others: they are alike, so what comes or goes among them does so beside it.
 */
struct span {
	size_t from, to, lead, trail;
};
/* Those of a step, in the order of the text. */
struct left {
	struct span span[CHECK_EDITS_MAX];
};

struct trim {
	struct seccomm *library;
	const char *file;
	char *text;
	size_t warnings;
	struct check_repaired *done;
	size_t count;
	/* Of each step; and the same with what came right behind it later, as ",key=data" does. */
	struct left left[2][STEPS];
	bool trimmed, failed;
};

/* S after FROM to before TO have become LENGTH bytes.  INSIDE: what comes right behind it is part of it. */
static struct span after(struct span s, size_t from, size_t to, size_t length, bool inside)
{
	const size_t gone = to - from, end = s.to - s.trail;

	if (s.to == 0 || from > end || (from == end && !inside))
		return s;
	if (to <= s.from + s.lead)
		return (struct span){ s.from + length - gone, s.to + length - gone, s.lead, s.trail };
	if (from >= s.from + s.lead && to <= end && s.to - s.from + length > gone)
		return (struct span){ s.from, s.to + length - gone, s.lead, s.trail };
	return (struct span){ 0, 0, 0, 0 };
}

static struct span made(const struct check_edit *edit)
{
	const size_t length = strlen(edit->text);
	struct span s = { edit->from, edit->from + length, strspn(edit->text, " \n,|-"), 0 };

	while (s.lead + s.trail < length && strchr(" \n,|", edit->text[length - s.trail - 1]))
		s.trail++;
	return s;
}

/* What the N-th edit of step I left. */
static struct span trace(const struct trim *t, size_t i, unsigned n, bool inside)
{
	const struct check_edit *edit = t->done[i].edit;
	struct span s = made(&edit[n]);

	for (unsigned k = 0; k < n; k++) {
		s.from += strlen(edit[k].text) - (edit[k].to - edit[k].from);
		s.to += strlen(edit[k].text) - (edit[k].to - edit[k].from);
	}
	for (i++; i < t->count; i++)
		for (unsigned k = t->done[i].edits; k-- > 0;) {
			edit = &t->done[i].edit[k];
			s = after(s, edit->from, edit->to, strlen(edit->text), inside);
		}
	return s.from <= s.to && s.to <= strlen(t->text) ? s : (struct span){ 0, 0, 0, 0 };
}

static bool only_adds(const struct check_repaired *step)
{
	for (unsigned n = 0; n < step->edits; n++)
		if (step->edit[n].from != step->edit[n].to)
			return false;
	return step->edits > 0;
}

/* TEXT without what is LEFT of edits. */
static char *cut(const char *text, const struct left *left)
{
	char *out = strdup(text);

	for (unsigned n = CHECK_EDITS_MAX; out && n-- > 0;)
		memmove(out + left->span[n].from, out + left->span[n].to, strlen(out + left->span[n].to) + 1);
	return out;
}

static bool as_good(struct trim *t, const char *text)
{
	struct check_result *result = text ? check_text(t->library, t->file, text, strlen(text)) : NULL;
	const bool good = result && result->errors == 0 && result->warnings <= t->warnings;

	t->failed = t->failed || !result;
	check_free(result);
	return good;
}

/* TEXT is the text now, without what was LEFT of a step. */
static void take(struct trim *t, char *text, struct left left)
{
	free(t->text);
	t->text = text;
	t->trimmed = true;
	for (unsigned n = CHECK_EDITS_MAX; n-- > 0;)
		for (size_t i = 0; i < t->count && left.span[n].to > 0; i++)
			for (unsigned k = 0; k < 2 * CHECK_EDITS_MAX; k++) {
				struct span *s = &t->left[k % 2][i].span[k / 2];

				*s = s->from >= left.span[n].from && s->to <= left.span[n].to
					 ? (struct span){ 0, 0, 0, 0 }
					 : after(*s, left.span[n].from, left.span[n].to, 0, false);
			}
}

static bool try_without(struct trim *t, const struct left *left)
{
	const bool any = left->span[0].to > 0 || left->span[1].to > 0;
	char *text = any ? cut(t->text, left) : NULL;
	const bool good = any && as_good(t, text);

	if (good)
		take(t, text, *left);
	else
		free(text);
	return good;
}

/* All that step I added; else one part of it, for another step may need the other. */
static void try_step(struct trim *t, size_t i)
{
	bool done = false;

	for (unsigned inside = 0; inside < 2 && !t->failed && !done; inside++)
		done = try_without(t, &t->left[inside][i]);
	for (unsigned n = 0; n < 2 * CHECK_EDITS_MAX && !t->failed && !done && t->done[i].edits > 1; n++) {
		struct left part = { { { 0, 0, 0, 0 } } };

		part.span[n / 2] = t->left[n % 2][i].span[n / 2];
		done = try_without(t, &part);
	}
}

/* What step I did, next to what is there now. */
static void retell(struct trim *t, size_t i)
{
	struct check_repaired *step = &t->done[i];
	const struct left *left = &t->left[0][i];
	struct check_edit edit[CHECK_EDITS_MAX] = { { 0 } };
	char *without = cut(t->text, left), *what = NULL;
	unsigned count = 0;
	size_t shift = 0;

	for (unsigned n = 0; n < step->edits; n++) {
		const struct span s = left->span[n];
		char *part = s.to > 0 ? strndup(t->text + s.from, s.to - s.from) : NULL;

		if (part)
			edit[count++] = (struct check_edit){ s.from - shift, s.from - shift, part };
		shift += s.to - s.from;
	}
	if (without && count > 0)
		what = check_edits_text(without, edit, count);
	t->failed = t->failed || !what;
	if (what) {
		free(step->what);
		step->what = what;
	}
	while (count > 0)
		free(edit[--count].text);
	free(without);
}

/* Whether anything of step I is there. */
static bool there(const struct trim *t, size_t i)
{
	bool is = false;

	for (unsigned n = 0; n < t->done[i].edits; n++)
		is = is || t->left[0][i].span[n].to > 0;
	return is;
}

/* Leaves out the steps that are gone, and tells the others as they are without those. */
static void tell(struct trim *t)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->count; i++) {
		struct check_repaired step;

		if (there(t, i) && only_adds(&t->done[i]))
			retell(t, i);
		step = t->done[i];
		if (there(t, i)) {
			t->done[i] = t->done[kept];
			t->done[kept++] = step;
		}
	}
	check_repaired_drop(t->done + kept, t->count - kept);
	t->count = kept;
}

char *check_trim(struct seccomm *library, const char *file, char *text, struct check_repaired *done, size_t *count)
{
	struct check_result *result = check_text(library, file, text, strlen(text));
	struct trim t = { .library = library, .file = file, .text = text, .done = done, .count = *count, .failed = !result };
	bool complete = result && result->errors == 0 && *count <= STEPS;

	t.warnings = result ? result->warnings : 0;
	check_free(result);
	for (unsigned inside = 0; inside < 2; inside++)
		for (size_t i = 0; complete && i < t.count; i++)
			for (unsigned n = 0; n < done[i].edits; n++)
				t.left[inside][i].span[n] = trace(&t, i, n, inside);
	for (size_t i = 0; complete && !t.failed && i < t.count; i++)
		if (only_adds(&done[i]))
			try_step(&t, i);
	if (t.trimmed && !t.failed)
		tell(&t);
	*count = t.count;
	if (!t.failed)
		return t.text;
	free(t.text);
	return NULL;
}
