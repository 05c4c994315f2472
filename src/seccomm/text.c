/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.c - the configuration text: what both ends must have in common, a line for each fact (doc/wire.md), and the
 * difference of two such texts in sentences.
 *
 * Names, addresses, peers and identities are local and not in it; nor is how a key is created, which each end does
 * alone, unless a module does it.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seccomm/plan_private.h"

struct writer {
	const struct seccomm *library;
	char *text;
	size_t used, room;
	bool full;
};

__attribute__((format(printf, 2, 3))) static void add(struct writer *w, const char *format, ...)
{
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(w->text + w->used, w->room - w->used, format, arguments);
	va_end(arguments);
	if (n < 0 || (size_t)n >= w->room - w->used)
		w->full = true;
	else
		w->used += (size_t)n;
}

/* ---- Writing ---- */

static uint64_t number_at(const struct plan_layer *layer, const struct cactus_param *p)
{
	const char *at = (const char *)layer->image + p->at.offset;
	uint64_t wide = 0;
	uint32_t narrow = 0;

	if (p->at.size == sizeof(wide)) {
		memcpy(&wide, at, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, at, sizeof(narrow));
	return narrow;
}

/* A parameter added later is left out at its historical value, so that an upgrade keeps the digest. */
static void write_param(struct writer *w, const struct plan_layer *layer, const struct cactus_param *p)
{
	if (p->local || (p->since != 0 && p->kind != CACTUS_TEXT && number_at(layer, p) == p->dflt))
		return;
	if (p->kind == CACTUS_TEXT) {
		const char *text;

		memcpy(&text, (const char *)layer->image + p->at.offset, sizeof(text));
		add(w, " %s=%s", p->name, text != NULL ? text : "");
	} else if (p->kind == CACTUS_WORD) {
		add(w, " %s=%s", p->name, p->words[number_at(layer, p)]);
	} else {
		add(w, " %s=%" PRIu64, p->name, number_at(layer, p));
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const struct cactus_param *const *)a)->name, (*(const struct cactus_param *const *)b)->name);
}

/* What a module's table does is the module's affair: another one, or another version of it, may do something else. */
static void write_name(struct writer *w, const struct seccomm_mp *mp)
{
	const struct seccomm_module *module = seccomm_mp_module(w->library, mp, NULL);

	add(w, "%s/%u", mp->cactus.name, mp->revision);
	if (module != NULL)
		add(w, "@%s/%s", module->name, module->version);
}

static void write_layer(struct writer *w, const char *where, size_t place, const struct plan_layer *layer, bool pair)
{
	const struct cactus_param *sorted[PLAN_PARAMS_MAX];
	size_t count = 0;

	add(w, "%s %zu ", where, place);
	write_name(w, layer->mp);
	if (pair)
		add(w, " direction=%s", seccomm_direction_name((enum seccomm_direction)layer->image->direction));
	if (pair && layer->image->key != 0)
		add(w, " key=%" PRIu32, layer->image->key);
	for (const struct cactus_param *p = layer->mp->cactus.params; p != NULL && p->name != NULL && count < PLAN_PARAMS_MAX; p++)
		sorted[count++] = p;
	qsort(sorted, count, sizeof(sorted[0]), by_name);
	for (size_t i = 0; i < count; i++)
		write_param(w, layer, sorted[i]);
	add(w, "\n");
}

/* Of the properties that came later only what is not the default, for the same reason. */
static void write_require(struct writer *w, enum seccomm_property p, enum seccomm_level level)
{
	if (p <= PLAN_FRESHNESS || level != seccomm_require_default(p))
		add(w, "require %s %s\n", seccomm_property_name(p), seccomm_level_name(level));
}

/* The library's own creations are judged, and each end may have another one; of a module's both ends are to know. */
static void write_creator(struct writer *w, size_t place, const struct seccomm_mp *mp)
{
	if (seccomm_mp_module(w->library, mp, NULL) == NULL)
		return;
	add(w, "key %zu create ", place);
	write_name(w, mp);
	add(w, "\n");
}

static int by_order(const void *a, const void *b)
{
	const struct plan_layer *x = *(const struct plan_layer *const *)a, *y = *(const struct plan_layer *const *)b;

	return (x->order > y->order) - (x->order < y->order);
}

/* Layers by their order, which is what counts, not by where the file names them. */
static void write_layers(struct writer *w, const char *where, const struct plan_layer *layers, size_t count)
{
	const struct plan_layer *sorted[PLAN_LAYERS_MAX];

	for (size_t i = 0; i < count && i < PLAN_LAYERS_MAX; i++)
		sorted[i] = &layers[i];
	qsort(sorted, count < PLAN_LAYERS_MAX ? count : PLAN_LAYERS_MAX, sizeof(sorted[0]), by_order);
	for (size_t i = 0; i < count && i < PLAN_LAYERS_MAX; i++)
		write_layer(w, where, i + 1, sorted[i], true);
}

char *plan_write_text(const struct seccomm_plan *plan)
{
	struct writer w = { .library = plan->library, .text = malloc(PLAN_TEXT_MAX), .room = PLAN_TEXT_MAX };

	if (w.text == NULL)
		return NULL;
	add(&w, "seccomm 1\nlink %s\nmax-message %zu\n", plan->link == SECCOMM_STREAM ? "stream" : "datagram",
	    plan->max_message);
	for (int p = 0; p < PLAN_PROPERTIES; p++)
		write_require(&w, (enum seccomm_property)p, plan->require[p]);
	add(&w, "%s", plan->accepted);
	if (plan->lab)
		add(&w, "lab\n");
	write_layers(&w, "layer", plan->stack, plan->stack_count);
	for (size_t i = 0; i < plan->slot_count; i++) {
		char where[40];

		write_layer(&w, "key", i + 1, &plan->slots[i].establish, false);
		write_creator(&w, i + 1, plan->slots[i].create.mp);
		snprintf(where, sizeof(where), "key %zu protect", i + 1);
		write_layers(&w, where, plan->slots[i].protect, plan->slots[i].protect_count);
	}
	if (w.full) {
		free(w.text);
		return NULL;
	}
	return w.text;
}

/* ---- The difference ---- */

/* A line's subject is what it is about: "layer 2", "require freshness", "key 1 create", "key 1 protect 1", "link". */
static size_t subject_length(const char *line, size_t length)
{
	size_t end = 0;

	for (unsigned words = 0; end < length; words++) {
		size_t word = strcspn(line + end, " \n");
		bool number = word > 0 && isdigit((unsigned char)line[end]);

		bool pair = strncmp(line, "require ", 8) == 0 || strncmp(line, "accept ", 7) == 0; /* two words */

		if (words > 0 && !number && strncmp(line + end, "protect ", 8) != 0 && strncmp(line + end, "create ", 7) != 0 && !pair)
			break;
		if (words > 1 && pair)
			break;
		end += word;
		end += end < length && line[end] == ' ';
	}
	return end;
}

/* Where the line behind LINE begins; a text may end without a line feed. */
static const char *next_line(const char *line)
{
	size_t length = strcspn(line, "\n");

	return line + length + (line[length] == '\n');
}

static const char *find_subject(const char *text, const char *subject, size_t length)
{
	for (const char *line = text; *line != '\0'; line = next_line(line)) {
		size_t line_length = strcspn(line, "\n");

		if (subject_length(line, line_length) == length && strncmp(line, subject, length) == 0)
			return line;
	}
	return NULL;
}

static void compare(struct writer *w, const char *ours, const char *theirs, bool reversed)
{
	for (const char *line = ours; *line != '\0'; line = next_line(line)) {
		size_t length = strcspn(line, "\n"), subject = subject_length(line, length), shown = subject;
		const char *other = find_subject(theirs, line, subject);
		size_t other_length = other != NULL ? strcspn(other, "\n") : 0;

		while (shown > 0 && line[shown - 1] == ' ')
			shown--;
		if (other == NULL)
			add(w, "%s has %.*s%s%.*s%s, %s has none; ", reversed ? "the peer" : "this end", (int)shown, line,
			    length > subject ? " (" : "", (int)(length - subject), line + subject, length > subject ? ")" : "",
			    reversed ? "this end" : "the peer");
		else if (!reversed && (length != other_length || strncmp(line, other, length) != 0))
			add(w, "the peer's %.*s is %.*s, ours is %.*s; ", (int)shown, line,
			    (int)(other_length - subject), other + subject, (int)(length - subject), line + subject);
	}
}

void seccomm_text_diff(const char *ours, const char *theirs, char *out, size_t room)
{
	struct writer w = { .text = out, .room = room };

	out[0] = '\0';
	compare(&w, ours, theirs, false);
	compare(&w, theirs, ours, true);
	if (w.used >= 2)
		w.text[w.used - 2] = '\0';
	for (char *c = out; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || (unsigned char)*c > '~')
			*c = '?';
}
