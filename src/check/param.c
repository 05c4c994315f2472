/* SPDX-License-Identifier: Apache-2.0 */
/* param.c - one value of the configuration into one field of a micro-protocol's image, as its table says. */
#include "check/internal.h"

#include <inttypes.h>
#include <string.h>

/* A plan has a bounded text, and names are short. */
enum { TEXT_MOST = 255 };

static const char *const kind_shape[] = { "a number", "a duration such as 250ms, 5s or 1h",
	"a size such as 4096, 64KiB or 1GiB", "a word", "a name" };

static const char *number_text(struct config_arena *arena, enum cactus_kind kind, uint64_t value)
{
	if (kind == CACTUS_DURATION)
		return config_duration_text(arena, value);
	if (kind == CACTUS_SIZE)
		return config_size_text(arena, value);
	return config_print(arena, "%" PRIu64, value);
}

/* A field of 4 bytes bounds what a table without bounds allows. */
static uint64_t most(const struct cactus_param *p)
{
	uint64_t field = p->at.size == 4 ? UINT32_MAX : UINT64_MAX;

	return p->max && p->max < field ? p->max : field;
}

const char *check_param_range(struct config_arena *arena, const struct cactus_param *p)
{
	const char *low, *high;

	if (p->kind == CACTUS_TEXT)
		return "";
	if (p->kind == CACTUS_WORD)
		return config_names(arena, p->words);
	low = number_text(arena, p->kind, p->min);
	high = number_text(arena, p->kind, most(p));
	return low && high ? config_print(arena, "%s to %s", low, high) : NULL;
}

const char *check_param_default(struct config_arena *arena, const struct cactus_param *p)
{
	if (p->required)
		return "";
	if (p->kind == CACTUS_TEXT)
		return p->text ? p->text : "";
	if (p->kind != CACTUS_WORD)
		return number_text(arena, p->kind, p->dflt);
	for (uint64_t i = 0; p->words[i]; i++)
		if (i == p->dflt)
			return p->words[i];
	return "";
}

const char *check_param_example(struct config_arena *arena, const struct cactus_param *p)
{
	if (p->kind == CACTUS_TEXT)
		return CHECK_EXAMPLE_NAME;
	return p->kind == CACTUS_WORD ? p->words[0] : number_text(arena, p->kind, p->min ? p->min : 1);
}

static void store(const struct cactus_param *p, void *image, uint64_t value)
{
	unsigned char *field = (unsigned char *)image + p->at.offset;
	uint32_t small = (uint32_t)value;

	if (p->at.size == sizeof small)
		memcpy(field, &small, sizeof small);
	else
		memcpy(field, &value, sizeof value);
}

static bool tell(struct check_draft *d, const char *id, const struct config_node *value, const char *message,
    const char *help, bool *ok)
{
	*ok = false;
	check_tell(d->run, &(struct check_report){ .id = id, .at = value->at, .message = message, .help = help });
	return message != NULL;
}

static bool word(
    struct check_draft *d, const struct cactus_param *p, const struct config_node *value, void *image, bool *ok)
{
	struct config_arena *arena = d->run->arena;
	const char *names;

	for (uint64_t i = 0; p->words[i]; i++) {
		if (strcmp(p->words[i], value->text) == 0) {
			store(p, image, i);
			return true;
		}
	}
	*ok = false;
	names = config_names(arena, p->words);
	return names && check_tell_unknown(d->run, "SC011", value, p->words, config_print(arena, "'%s' is no %s", value->text, p->name),
			    config_print(arena, "it can be: %s", names));
}

static bool number(
    struct check_draft *d, const struct cactus_param *p, const struct config_node *value, void *image, bool *ok)
{
	struct config_arena *arena = d->run->arena;
	uint64_t n = 0;
	enum config_value status = p->kind == CACTUS_DURATION ? config_duration(value->text, &n)
				   : p->kind == CACTUS_SIZE   ? config_size(value->text, &n)
							      : config_count(value->text, &n);
	const char *range;

	if (status == CONFIG_VALUE_BAD)
		return tell(d, "SC003", value,
		    config_print(arena, "'%s' wants %s, not '%s'", p->name, kind_shape[p->kind], value->text), NULL,
		    ok);
	if (status == CONFIG_VALUE_OK && n >= p->min && n <= most(p)) {
		store(p, image, n);
		return true;
	}
	range = check_param_range(arena, p);
	return range &&
	       tell(d, "SC008", value, config_print(arena, "'%s' is %s, which is out of range", p->name, value->text),
		   config_print(arena, "it can be %s", range), ok);
}

bool check_param(
    struct check_draft *d, const struct cactus_param *p, const struct config_node *value, void *image, bool *ok)
{
	if (p->kind == CACTUS_WORD)
		return word(d, p, value, image, ok);
	if (p->kind != CACTUS_TEXT)
		return number(d, p, value, image, ok);
	if (value->length > TEXT_MOST)
		return tell(d, "SC008", value,
		    config_print(d->run->arena, "'%s' is longer than 255 characters", p->name), NULL, ok);
	memcpy((unsigned char *)image + p->at.offset, &value->text, sizeof value->text);
	return true;
}

const char *check_param_value(struct config_arena *arena, const struct cactus_param *p, const void *image)
{
	const unsigned char *field = (const unsigned char *)image + p->at.offset;
	const char *text = NULL;
	uint64_t wide = 0;
	uint32_t narrow = 0;

	if (p->kind == CACTUS_TEXT) {
		memcpy(&text, field, sizeof text);
		return text ? text : "";
	}
	if (p->at.size == sizeof wide)
		memcpy(&wide, field, sizeof wide);
	else
		memcpy(&narrow, field, sizeof narrow);
	wide += narrow;
	return p->kind == CACTUS_WORD ? p->words[wide] : number_text(arena, p->kind, wide);
}

uint64_t check_param_most(const struct cactus_param *p)
{
	return most(p);
}
