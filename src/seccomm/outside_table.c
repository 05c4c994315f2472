/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outside_table.c - whether a table from outside has what everybody relies on.  The library's own tables are held to the same by
 * tests/laws.
 *
 * This finds mistakes, not malice: a module is code that runs with all our rights.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "seccomm/plan.h"
#include "seccomm/library.h"

enum { STATE_MAX = 1024 * 1024, ROWS_MAX = 64, WHAT_ROOM = 256, ATTRIBUTE_MAX = 65536, KEY_MAX = 64 };
/* A new key is asked for when three quarters are gone, and until it is there one more message of any size must find room. */
enum { BYTES_MIN = 4 * PLAN_STREAM_MESSAGE_MAX };

struct judging {
	const struct seccomm_mp *mp;
	struct seccomm_error *error;
};

/* Answers false. */
__attribute__((format(printf, 2, 3))) static bool wrong(const struct judging *j, const char *format, ...)
{
	const char *name = j->mp->cactus.name;
	char what[WHAT_ROOM];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	error_set(j->error, SECCOMM_INVALID, "mend the table; cactus.h and seccomm_module.h say what each field is for",
	    "its table '%.60s' %s", name != NULL ? name : "", what);
	return false;
}

bool outside_is_word(const char *text, size_t most, const char *more)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	size_t length = strnlen(text, most + 1);

	if (length == 0 || length > most || strchr(first, text[0]) == NULL)
		return false;
	for (size_t i = 0; i < length; i++)
		if (strchr(first, text[i]) == NULL && strchr(more, text[i]) == NULL)
			return false;
	return true;
}

static bool is_word(const char *text)
{
	return text != NULL && outside_is_word(text, SECCOMM_MODULE_WORD_MAX, "-");
}

static bool is_paper_name(const char *text)
{
	static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char good[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	size_t length = strnlen(text, PLAN_NAME_MAX + 1);

	return length > 0 && length <= PLAN_NAME_MAX && strchr(upper, text[0]) != NULL && strspn(text, good) == length;
}

/* ---- Names ---- */

static bool names(const struct judging *j)
{
	const struct seccomm_mp *mp = j->mp;
	char name[2 * SECCOMM_MODULE_WORD_MAX + 2];

	if (!is_word(mp->layer) || !is_word(mp->word))
		return wrong(j, "has no layer and word of 1 to 31 of a-z 0-9 - each");
	snprintf(name, sizeof(name), "%s:%s", mp->layer, mp->word);
	if (mp->cactus.name == NULL || strcmp(mp->cactus.name, name) != 0)
		return wrong(j, "must be called LAYER:WORD, '%s'", name);
	if (strlen(name) > PLAN_NAME_MAX)
		return wrong(j, "has a name of more than %d characters", PLAN_NAME_MAX);
	if (mp->cactus.summary == NULL || mp->cactus.summary[0] == '\0')
		return wrong(j, "has no summary");
	if (mp->paper != NULL && !is_paper_name(mp->paper))
		return wrong(j, "has a name of a paper that is not of A-Z a-z 0-9, beginning with A-Z");
	if ((mp->class_of == SECCOMM_KEY_CREATION) != (strcmp(mp->layer, "create") == 0) ||
	    (mp->class_of == SECCOMM_KEY_DISTRIBUTION) != (strcmp(mp->layer, "establish") == 0))
		return wrong(j, "has layer '%s', which does not go with its class: what makes keys is 'create' or 'establish'",
		    mp->layer);
	return true;
}

/* ---- State and fields ---- */

static bool is_inside(const struct judging *j, struct cactus_field field, size_t size)
{
	return field.size == size && (size_t)field.offset + size <= j->mp->cactus.size;
}

/* Behind the head that all states have. */
static bool is_own(const struct judging *j, struct cactus_field field, size_t size)
{
	return is_inside(j, field, size) && field.offset >= sizeof(struct seccomm_self);
}

static bool is_index(const struct judging *j, struct cactus_field field)
{
	return field.size == 0 || (field.offset >= sizeof(struct cactus_instance) && is_inside(j, field, sizeof(uint32_t)));
}

static size_t width(const struct cactus_param *p)
{
	switch (p->kind) {
	case CACTUS_COUNT:
		return p->at.size == sizeof(uint32_t) ? sizeof(uint32_t) : sizeof(uint64_t);
	case CACTUS_WORD:
		return sizeof(uint32_t);
	case CACTUS_TEXT:
		return sizeof(const char *);
	default:
		return sizeof(uint64_t);
	}
}

static bool range(const struct judging *j, const struct cactus_param *p)
{
	size_t words = 0;

	if (p->kind == CACTUS_TEXT)
		return true;
	if (p->kind == CACTUS_WORD) {
		while (p->words != NULL && p->words[words] != NULL)
			words++;
		return p->dflt < words || wrong(j, "has no word for the default of parameter '%s'", p->name);
	}
	if (p->min > p->dflt || p->dflt > p->max)
		return wrong(j, "has a default of parameter '%s' that is not in its range", p->name);
	return p->at.size == sizeof(uint64_t) || p->max <= UINT32_MAX ||
	       wrong(j, "has a parameter '%s' that its field is too small for", p->name);
}

/* What a configuration writes beside the parameters of a table. */
static bool is_reserved(const char *name)
{
	static const char *const reserved[] = { "algorithm", "method", "key", "direction", "order", "name", "establish",
		"create", "protect", "rekey" };

	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcmp(reserved[i], name) == 0)
			return true;
	return false;
}

static bool params(const struct judging *j)
{
	const struct cactus_param *first = j->mp->cactus.params;

	for (const struct cactus_param *p = first; p != NULL && p->name != NULL; p++) {
		if (p - first == PLAN_PARAMS_MAX)
			return wrong(j, "has more than %d parameters, or no row without a name behind them", PLAN_PARAMS_MAX);
		if (!is_word(p->name) || is_reserved(p->name))
			return wrong(j, "has a parameter '%.40s', which is not a word of its own", p->name);
		for (const struct cactus_param *q = first; q < p; q++)
			if (strcmp(q->name, p->name) == 0)
				return wrong(j, "has two parameters '%s'", p->name);
		if ((unsigned)p->kind > CACTUS_TEXT || !is_own(j, p->at, width(p)))
			return wrong(j, "has no field of the right size for parameter '%s' in its state", p->name);
		if (p->doc == NULL)
			return wrong(j, "says nothing about its parameter '%s'", p->name);
		if (!range(j, p))
			return false;
	}
	return true;
}

/* The one that names another algorithm. */
static bool choice(const struct judging *j)
{
	const struct cactus_param *p = j->mp->cactus.params;

	if (j->mp->choice.size == 0)
		return true;
	while (p != NULL && p->name != NULL && p->at.offset != j->mp->choice.offset)
		p++;
	return (p != NULL && p->name != NULL && p->kind == CACTUS_WORD && j->mp->kind != NULL) ||
	       wrong(j, "has a choice of algorithms that is no parameter of words");
}

/* ---- What it has to do with others ---- */

static bool attributes(const struct judging *j)
{
	const struct cactus_attribute *first = j->mp->cactus.attributes;

	for (const struct cactus_attribute *a = first; a != NULL && a->name != NULL; a++) {
		if (a - first == ROWS_MAX)
			return wrong(j, "has no attribute without a name behind the others");
		if (a->name[0] == '\0' || (unsigned)a->act > CACTUS_READS || (unsigned)a->scope > CACTUS_CLEAR)
			return wrong(j, "has an attribute '%.40s' of no name, scope or act that there is", a->name);
		if (a->bytes > ATTRIBUTE_MAX)
			return wrong(j, "has an attribute '%.40s' of %u bytes, and %d are the most", a->name, (unsigned)a->bytes,
			    ATTRIBUTE_MAX);
		if (!is_own(j, a->at, sizeof(cactus_column)))
			return wrong(j, "has no field for the column of attribute '%.40s'", a->name);
		if ((a->act != CACTUS_READS && a->bytes == 0) || (a->of.size != 0 && !is_own(j, a->of, sizeof(const char *))))
			return wrong(j, "has an attribute '%.40s' without a size or an owner", a->name);
	}
	return true;
}

static bool ties(const struct judging *j, const struct cactus_tie *first)
{
	for (const struct cactus_tie *t = first; t != NULL && t->capability != NULL; t++) {
		if (t - first == ROWS_MAX)
			return wrong(j, "has no row without a capability behind the others");
		if (!is_index(j, t->index))
			return wrong(j, "has no number in its state that says which '%.40s' is meant", t->capability);
	}
	return true;
}

static bool events(const struct judging *j)
{
	const struct cactus_event_row *first = j->mp->cactus.events;

	for (const struct cactus_event_row *e = first; e != NULL && e->event != NULL; e++) {
		size_t length = strlen(e->event);
		bool indexed = length > 0 && e->event[length - 1] == '_';

		if (e - first == ROWS_MAX)
			return wrong(j, "has no row without an event behind the others");
		if (e->handler == NULL || !is_index(j, e->index) || indexed != (e->index.size != 0))
			return wrong(j, "binds nothing to event '%.40s', or does not say to which one", e->event);
	}
	return true;
}

/* A key of its own is one that it says it needs, and of a size that seccomm_layer_key() makes. */
static bool key(const struct judging *j)
{
	bool needed = false;

	if (j->mp->key_bytes > KEY_MAX)
		return wrong(j, "needs a key of %u bytes, and %d are the most", (unsigned)j->mp->key_bytes, KEY_MAX);
	for (const struct cactus_tie *t = j->mp->cactus.needs; t != NULL && t->capability != NULL; t++)
		needed |= strcmp(t->capability, "key") == 0 && t->index.offset == offsetof(struct seccomm_self, key);
	return needed == (j->mp->key_bytes > 0) || wrong(j, "must need a key if it has key_bytes, and only then");
}

static bool whole(const struct judging *j)
{
	const struct seccomm_mp *mp = j->mp;

	if (mp->cactus.size < sizeof(struct seccomm_self) || mp->cactus.size > STATE_MAX)
		return wrong(j, "has a state of %zu bytes, which begins with no struct seccomm_self", mp->cactus.size);
	if ((unsigned)mp->class_of > SECCOMM_DIRECTORY || (unsigned)mp->standing > SECCOMM_TOY)
		return wrong(j, "has no class or standing that there is");
	if (mp->revision == 0)
		return wrong(j, "has no revision; the first one is 1");
	if ((mp->kind == NULL) != (mp->algorithm == NULL))
		return wrong(j, "must have both kind and algorithm, or none of them");
	if (mp->max_bytes != 0 && mp->max_bytes < BYTES_MIN)
		return wrong(j, "has max_bytes of %llu, which is less than %d: a large message might never be sent",
		    (unsigned long long)mp->max_bytes, BYTES_MIN);
	return true;
}

static bool pair(const struct judging *j)
{
	const struct seccomm_mp *mp = j->mp;
	const bool makes_keys = mp->class_of == SECCOMM_KEY_CREATION || mp->class_of == SECCOMM_KEY_DISTRIBUTION;
	const unsigned block = mp->cactus.growth.block;

	if ((mp->cactus.down == NULL) != (mp->cactus.up == NULL))
		return wrong(j, "has one handler of a pair: down and up go together");
	if ((mp->cactus.down == NULL) != makes_keys)
		return wrong(j, "must have down and up if it is a layer, and only then");
	if (mp->cactus.down != NULL && mp->wire == NULL)
		return wrong(j, "does not say what it makes of a body (wire)");
	if (block > PLAN_BLOCK_MAX || (block & (block - 1)) != 0)
		return wrong(j, "has a block of %u bytes, which is no power of two up to %d", block, PLAN_BLOCK_MAX);
	return mp->counts || (mp->gives & SECCOMM_GIVES_INTEGRITY) == 0 ||
	       wrong(j, "authenticates, and so must count: it covers the number");
}

bool outside_table_good(const struct seccomm_mp *mp, struct seccomm_error *error)
{
	const struct judging j = { mp, error };

	return names(&j) && whole(&j) && pair(&j) && params(&j) && choice(&j) && attributes(&j) && ties(&j, mp->cactus.needs) &&
	       ties(&j, mp->cactus.provides) && events(&j) && key(&j);
}
