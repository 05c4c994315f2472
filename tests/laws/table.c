/* SPDX-License-Identifier: Apache-2.0 */
/* table.c - what a table must say of itself (see table.h). */
#include "table.h"
#include "pair.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct cactus_param no_params[] = { { 0 } };
const struct cactus_param *table_params(const struct seccomm_mp *mp)
{
	return mp->cactus.params ? mp->cactus.params : no_params;
}

static void inside(const struct seccomm_mp *mp, struct cactus_field field)
{
	assert_true(field.size > 0);
	assert_true((size_t)field.offset + field.size <= mp->cactus.size);
}

/* A field of its own, behind the head that everybody shares. */
static void own(const struct seccomm_mp *mp, struct cactus_field field, size_t size)
{
	inside(mp, field);
	assert_int_equal(field.size, size);
	assert_true(field.offset >= sizeof(struct seccomm_self));
}

static void names_are_right(const struct seccomm *library, const struct seccomm_mp *const *all, const struct seccomm_mp *mp)
{
	char name[128];

	snprintf(name, sizeof(name), "%s:%s", mp->layer, mp->word);
	assert_string_equal(mp->cactus.name, name);
	assert_non_null(mp->cactus.summary);
	assert_true(strlen(mp->cactus.summary) > 10);
	for (const char *c = mp->paper; c && *c; c++)
		assert_true(isalnum((unsigned char)*c) && (c != mp->paper || isupper((unsigned char)*c)));
	for (size_t i = 0; all[i] != mp; i++) {
		assert_string_not_equal(all[i]->cactus.name, mp->cactus.name);
		assert_true(!mp->paper || !all[i]->paper || strcmp(all[i]->paper, mp->paper) != 0);
	}
	assert_ptr_equal(seccomm_micro_protocol(library, mp->layer, mp->word), mp);
	if (mp->paper)
		assert_ptr_equal(seccomm_micro_protocol(library, mp->paper, NULL), mp);
}

static void params_are_right(const struct seccomm_mp *mp)
{
	size_t rows = 0;

	while (table_params(mp)[rows].name)
		rows++;
	assert_in_range(rows, 0, PLAN_PARAMS_MAX);
	assert_in_range(strlen(mp->cactus.name), 1, PLAN_NAME_MAX);
	for (const struct cactus_param *p = table_params(mp); p->name; p++) {
		size_t size = p->kind == CACTUS_COUNT ? p->at.size : p->kind == CACTUS_WORD ? sizeof(uint32_t) : sizeof(uint64_t);

		assert_true(p->doc && p->doc[strlen(p->doc) - 1] == '.');
		own(mp, p->at, p->kind == CACTUS_TEXT ? sizeof(const char *) : size);
		assert_true(size == sizeof(uint32_t) || size == sizeof(uint64_t));
		if (p->kind == CACTUS_WORD) {
			uint64_t words = 0;

			while (p->words[words])
				words++;
			assert_true(p->dflt < words);
		} else if (p->kind != CACTUS_TEXT) {
			assert_true(p->min <= p->dflt && p->dflt <= p->max);
			assert_true(size == sizeof(uint64_t) || p->max <= UINT32_MAX);
		}
	}
}

static void rest_is_right(const struct seccomm *library, const struct seccomm_mp *mp)
{
	bool key = false;

	for (const struct cactus_attribute *a = mp->cactus.attributes; a && a->name; a++) {
		own(mp, a->at, sizeof(cactus_column));
		assert_true(a->act == CACTUS_READS || a->bytes > 0); /* what is read has the size that its owner says */
	}
	for (const struct cactus_tie *t = mp->cactus.needs; t && t->capability; t++)
		key |= strcmp(t->capability, "key") == 0 && t->index.offset == offsetof(struct seccomm_self, key);
	for (const struct cactus_event_row *e = mp->cactus.events; e && e->event; e++) {
		assert_non_null(e->handler);
		if (e->event[strlen(e->event) - 1] == '_')
			inside(mp, e->index);
		else
			assert_int_equal(e->index.size, 0);
	}
	assert_int_equal(key, mp->key_bytes > 0);
	assert_true(mp->cactus.size >= sizeof(struct seccomm_self));
	assert_int_equal(mp->cactus.down == NULL, mp->cactus.up == NULL);
	assert_true(!mp->cactus.down || (mp->wire && (mp->gives || seccomm_mp_module(library, mp, NULL))));
	assert_true(mp->revision >= 1);
	assert_true(mp->cactus.growth.block <= PLAN_BLOCK_MAX && (mp->cactus.growth.block & (mp->cactus.growth.block - 1)) == 0);
	/* What authenticates covers the number, so the receiver must know it. */
	assert_true(mp->counts || !(mp->gives & SECCOMM_GIVES_INTEGRITY));
}

static void algorithm_is_right(const struct seccomm_mp *mp)
{
	size_t rows;
	const struct crypto_algorithm *algorithm = NULL, *table = crypto_algorithms(&rows);

	assert_int_equal(mp->kind == NULL, mp->algorithm == NULL);
	if (!mp->kind)
		return;
	for (size_t i = 0; i < rows; i++)
		if (strcmp(crypto_kind_name(table[i].kind), mp->kind) == 0 && strcmp(table[i].name, mp->algorithm) == 0)
			algorithm = &table[i];
	assert_non_null(algorithm);
	assert_true((int)mp->standing >= (int)algorithm->standing); /* what is made of it may be worth less */
	if (mp->key_bytes)
		assert_int_equal(mp->key_bytes, algorithm->key_bytes);
	if (algorithm->block_bytes && mp->cactus.packs)
		assert_int_equal(mp->cactus.growth.block, algorithm->block_bytes);
	if (mp->cactus.growth.suffix && algorithm->output_bytes)
		assert_int_equal(mp->cactus.growth.suffix, algorithm->output_bytes);
	if (strcmp(mp->layer, "digest") == 0)
		assert_int_equal(mp->cactus.attributes[0].bytes, algorithm->output_bytes);
}

void table_is_right(const struct seccomm *library, size_t n)
{
	size_t count;
	const struct seccomm_mp *const *all = seccomm_micro_protocols(library, &count);

	names_are_right(library, all, all[n]);
	params_are_right(all[n]);
	rest_is_right(library, all[n]);
	algorithm_is_right(all[n]);
}
