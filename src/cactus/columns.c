/* SPDX-License-Identifier: Apache-2.0 */
/*
 * columns.c - which attribute gets which number, and where its value lies.
 *
 * CLEAR columns come first, the service's before the micro-protocols' (by ascending order), those of many chains before
 * those of few.  A message travels on one chain, so columns of different chains may lie at the same place: each chain's
 * clear block starts at 0 and has no gaps.
 */
#include <string.h>

#include "internal.h"

static bool is_same(const struct column *column, size_t spec, const struct cactus_attribute *row)
{
	if (row->shared && column->row->shared)
		return strcmp(row->name, column->row->name) == 0;
	return column->row == row && column->spec == spec;
}

static const struct cactus_attribute *setting(const struct cactus_mp *mp, const char *name)
{
	const struct cactus_attribute *a = mp->attributes;

	while (a != NULL && a->name != NULL && (a->act != CACTUS_SETS || strcmp(a->name, name) != 0))
		a++;
	return a != NULL && a->name != NULL ? a : NULL;
}

/* The name that the parameter of ROW gives; NULL: none. */
static const char *wanted_name(const struct part *part, const struct cactus_attribute *row)
{
	const char *name = NULL;

	if (row->of.size == sizeof(name))
		memcpy(&name, part->image + row->of.offset, sizeof(name));
	return name != NULL && *name != '\0' ? name : NULL;
}

/* The nearest one inside SPEC on its chain, in every direction in which SPEC runs. */
static cactus_column read_column(const struct cactus_composition *c, size_t spec, const struct cactus_attribute *row)
{
	const struct cactus_spec *reader = &c->parts[spec].spec;
	const char *name = wanted_name(&c->parts[spec], row);
	size_t at = c->count;

	while (at > 0 && c->by_order[at - 1] != spec)
		at--;
	for (at -= at > 0; at > 0; at--) {
		const size_t other = c->by_order[at - 1];
		const struct cactus_spec *setter = &c->parts[other].spec;
		const struct cactus_attribute *found = setting(setter->mp, row->name);

		if (found != NULL && setter->chain == reader->chain && (setter->down || !reader->down) &&
		    (setter->up || !reader->up) && (name == NULL || strcmp(setter->name, name) == 0))
			return core_column_of(c, other, found);
	}
	return CACTUS_NO_COLUMN;
}

cactus_column core_column_of(const struct cactus_composition *c, size_t spec, const struct cactus_attribute *row)
{
	if (row->act == CACTUS_READS)
		return read_column(c, spec, row);
	for (size_t i = 0; i < c->column_count; i++)
		if (is_same(&c->columns[i], spec, row))
			return (cactus_column)i;
	return CACTUS_NO_COLUMN;
}

static bool agree(const struct cactus_attribute *a, const struct cactus_attribute *b)
{
	return a->scope == b->scope && a->bytes == b->bytes && a->variable == b->variable;
}

static void number_row(struct checker *ck, size_t spec, const struct cactus_attribute *row)
{
	struct cactus_composition *c = ck->composition;
	const cactus_column old = core_column_of(c, spec, row);

	if (old != CACTUS_NO_COLUMN) {
		if (!agree(row, c->columns[old].row))
			core_problem(
			    ck, CACTUS_CLASHING_ATTRIBUTE, spec, c->columns[old].spec, row->name, CACTUS_NO_INDEX);
		return;
	}
	/* The peer could not tell where a variable one ends in front of the body. */
	if (row->scope == CACTUS_CLEAR && row->variable)
		core_problem(ck, CACTUS_CLASHING_ATTRIBUTE, spec, SIZE_MAX, row->name, CACTUS_NO_INDEX);
	if (c->column_count == CACTUS_COLUMNS_MAX) {
		core_problem(ck, CACTUS_TOO_MANY, spec, SIZE_MAX, row->name, CACTUS_NO_INDEX);
		return;
	}
	if (row->scope == CACTUS_PEER)
		c->peers |= (uint64_t)1 << c->column_count;
	c->columns[c->column_count++] = (struct column){ .row = row, .spec = spec };
}

static void number_rows(struct checker *ck, size_t spec, const struct cactus_attribute *rows, bool clear)
{
	for (; rows != NULL && rows->name != NULL; rows++)
		if (rows->act != CACTUS_READS && (rows->scope == CACTUS_CLEAR) == clear)
			number_row(ck, spec, rows);
}

static void number_scope(struct checker *ck, bool clear)
{
	const struct cactus_composition *c = ck->composition;

	number_rows(ck, SERVICE, c->service->attributes, clear);
	for (size_t i = 0; i < c->count; i++)
		number_rows(ck, c->by_order[i], c->parts[c->by_order[i]].spec.mp->attributes, clear);
}

static bool is_used(const struct cactus_composition *c, const struct column *column, unsigned chain)
{
	if (column->spec == SERVICE)
		return true;
	for (size_t i = 0; i < c->count; i++) {
		const struct cactus_attribute *row = c->parts[i].spec.mp->attributes;

		for (; c->parts[i].spec.chain == chain && row != NULL && row->name != NULL; row++)
			if (is_same(column, i, row))
				return true;
	}
	return false;
}

static size_t uses(const struct cactus_composition *c, const struct column *column)
{
	size_t n = 0;

	for (unsigned chain = 0; chain < c->service->chain_count; chain++)
		n += is_used(c, column, chain);
	return n;
}

/* By insertion, which keeps the order of those used alike. */
static void sort_clear(struct cactus_composition *c)
{
	for (size_t i = 1; i < c->clear_count; i++) {
		const struct column moving = c->columns[i];
		size_t at = i;

		for (; at > 0 && uses(c, &c->columns[at - 1]) < uses(c, &moving); at--)
			c->columns[at] = c->columns[at - 1];
		c->columns[at] = moving;
	}
}

void core_number_columns(struct checker *ck)
{
	number_scope(ck, true);
	ck->composition->clear_count = ck->composition->column_count;
	sort_clear(ck->composition);
	number_scope(ck, false);
}

/* Puts COLUMN at the end of the clear block of every chain that uses it; false if these ends differ. */
static bool lay_clear(struct cactus_composition *c, struct column *column)
{
	size_t offset = SIZE_MAX;

	for (unsigned chain = 0; chain < c->service->chain_count; chain++) {
		struct lane *lane = &c->lanes[chain];

		if (!is_used(c, column, chain))
			continue;
		if (offset != SIZE_MAX && lane->clear != offset)
			return false;
		offset = lane->clear;
		lane->clear += column->row->bytes;
	}
	if (offset == SIZE_MAX) /* on no chain at all */
		offset = c->values_size;
	column->offset = (uint32_t)offset;
	if (offset + column->row->bytes > c->values_size)
		c->values_size = offset + column->row->bytes;
	return true;
}

void core_lay_values(struct checker *ck)
{
	struct cactus_composition *c = ck->composition;

	for (size_t i = 0; i < c->clear_count; i++)
		if (!lay_clear(c, &c->columns[i]))
			core_problem(ck, CACTUS_TOO_MANY, c->columns[i].spec, SIZE_MAX, c->columns[i].row->name,
			    CACTUS_NO_INDEX);
	for (size_t i = c->clear_count; i < c->column_count; i++) {
		c->columns[i].offset = (uint32_t)c->values_size;
		c->values_size += c->columns[i].row->bytes;
		c->columns[i].length_at = (uint32_t)c->values_size;
		c->values_size += c->columns[i].row->variable ? sizeof(uint32_t) : 0;
	}
}

cactus_column cactus_service_column(const struct cactus_composition *c, size_t n)
{
	const struct cactus_attribute *rows = c->service->attributes;

	for (size_t i = 0; rows != NULL && rows[i].name != NULL; i++)
		if (i == n)
			return core_column_of(c, SERVICE, &rows[n]);
	return CACTUS_NO_COLUMN;
}

cactus_column cactus_column_named(const struct cactus_composition *c, const char *name)
{
	for (size_t i = 0; i < c->column_count; i++)
		if (strcmp(c->columns[i].row->name, name) == 0)
			return (cactus_column)i;
	return CACTUS_NO_COLUMN;
}

const struct cactus_mp *cactus_column_owner(const struct cactus_composition *c, cactus_column column)
{
	return column < c->column_count && c->columns[column].spec != SERVICE ? c->parts[c->columns[column].spec].spec.mp
									      : NULL;
}

size_t cactus_values_size(const struct cactus_composition *c)
{
	return c->values_size;
}

size_t cactus_clear_size(const struct cactus_composition *c, unsigned chain)
{
	return c->lanes[chain].clear;
}
