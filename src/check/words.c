/* SPDX-License-Identifier: Apache-2.0 */
/* words.c - the names that may stand in a place, taken from the tables; for messages and "did you mean". */
#include "check/internal.h"

#include <string.h>

static bool has(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static bool belongs_under_keys(const struct seccomm_mp *mp)
{
	return strcmp(mp->layer, "establish") == 0 || strcmp(mp->layer, "create") == 0;
}

const char *const *check_layer_names(const struct check_run *run)
{
	size_t count, n = 0;
	const struct seccomm_mp *const *list = seccomm_micro_protocols(run->library, &count);
	const char **names = config_take(run->arena, (2 * count + 1) * sizeof *names);

	for (size_t i = 0; names && i < count; i++)
		if (!belongs_under_keys(list[i]) && !has(names, n, list[i]->layer))
			names[n++] = list[i]->layer;
	for (size_t i = 0; names && i < count; i++)
		if (!belongs_under_keys(list[i]) && list[i]->paper)
			names[n++] = list[i]->paper;
	return names;
}

const char *const *check_words(const struct check_run *run, const char *layer)
{
	size_t count, n = 0;
	const struct seccomm_mp *const *list = seccomm_micro_protocols(run->library, &count);
	const char **names = config_take(run->arena, (count + 1) * sizeof *names);

	for (size_t i = 0; names && i < count; i++)
		if (strcmp(list[i]->layer, layer) == 0 && list[i]->word)
			names[n++] = list[i]->word;
	return names;
}

const char *const *check_param_names(const struct check_run *run, const struct seccomm_mp *mp, bool layer)
{
	static const char *const universal[] = { "key", "direction", "order", "name" };
	const struct cactus_param *p = mp->cactus.params;
	size_t count = 0, n = 0;
	const char **names;

	while (p && p[count].name)
		count++;
	names = config_take(run->arena, (count + 5) * sizeof *names);
	for (size_t i = 0; names && i < count; i++)
		names[n++] = p[i].name;
	for (size_t i = 0; names && layer && i < 4; i++)
		if (i != 0 || check_needs_key(mp))
			names[n++] = universal[i];
	return names;
}

/* Whether the name alone does not make a layer of it: it needs a file, or a layer that leaves a digest. */
static bool asks_more(const struct seccomm_mp *mp)
{
	for (const struct cactus_param *p = mp->cactus.params; p && p->name; p++)
		if (p->required)
			return true;
	for (const struct cactus_attribute *a = mp->cactus.attributes; a && a->name; a++)
		if (a->act != CACTUS_SETS)
			return true;
	return false;
}

const char *check_providers(
    const struct check_run *run, bool (*wanted)(const struct seccomm_mp *, const void *), const void *context)
{
	size_t count, n = 0;
	const struct seccomm_mp *const *list = seccomm_micro_protocols(run->library, &count);
	const char *text = "", *layer = "";

	/* The first of each layer: who wants another one of a kind finds it by `list`. */
	for (size_t i = 0; i < count && n < 3 && text; i++) {
		if (list[i]->standing != SECCOMM_MODERN || asks_more(list[i]) || strcmp(list[i]->layer, layer) == 0 ||
		    !wanted(list[i], context))
			continue;
		layer = list[i]->layer;
		text = config_print(run->arena, "%s%s%s: %s", text,
		    n == 0   ? ""
		    : n == 1 ? "   (or "
			     : ", ",
		    list[i]->layer, list[i]->word);
		n++;
	}
	return text && n > 1 ? config_print(run->arena, "%s)", text) : text;
}

const char *check_provider(
    const struct check_run *run, bool (*wanted)(const struct seccomm_mp *, const void *), const void *context)
{
	size_t count;
	const struct seccomm_mp *const *list = seccomm_micro_protocols(run->library, &count);

	for (size_t i = 0; i < count; i++)
		if (list[i]->standing == SECCOMM_MODERN && !asks_more(list[i]) && wanted(list[i], context))
			return config_print(run->arena, "%s:%s", list[i]->layer, list[i]->word);
	return NULL;
}

const char *check_with_key(const struct check_draft *d, const char *line, uint32_t key, unsigned ways)
{
	const char *way = ways == 1U << SECCOMM_C2S ? ",direction=c2s" : ways == 1U << SECCOMM_S2C ? ",direction=s2c" : "";
	bool named = d->slot_count > 1 && key > 0;

	return line ? config_print(d->run->arena, "%s%s%s%s", line, named ? ",key=" : "", named ? d->slots[key - 1].name : "", way) : NULL;
}

const char *check_layer_text(struct config_arena *arena, const struct plan_layer *layer)
{
	if (!layer->mp->word)
		return layer->mp->layer;
	return config_print(arena, "%s: %s", layer->mp->layer, layer->mp->word);
}

struct config_place check_layer_place(const struct config_layer *from)
{
	return from->layer ? from->layer->at : from->word ? from->word->at : (struct config_place){ 0 };
}

bool check_is_name(const char *name, bool pattern)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-*?[]!";
	size_t length = strlen(name), good = strspn(name, letters);

	return length > 0 && length < SECCOMM_NAME_MAX && good == length &&
	       (pattern || strcspn(name, "*?[]!") == length);
}

bool check_size(const char *text, uint64_t *bytes)
{
	return config_size(text, bytes) == CONFIG_VALUE_OK;
}

const char *check_nearest(const char *word, const char *const *names)
{
	return config_nearest(word, names);
}
