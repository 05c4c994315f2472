/* SPDX-License-Identifier: Apache-2.0 */
/* memory.c - cutting blocks, letting tables grow, and giving memory back wiped. */
#include <stddef.h>
#include <string.h>

#include "internal.h"

/* Volatile, so that no compiler may know that it is memset() and leave out a wipe before a release. */
static void *(*const volatile wipe)(void *, int, size_t) = memset;

size_t core_aligned(size_t bytes)
{
	const size_t unit = _Alignof(max_align_t);

	return (bytes + unit - 1) / unit * unit;
}

void *core_carve(struct carver *carver, size_t bytes)
{
	uint8_t *piece = carver->base == NULL ? NULL : carver->base + carver->used;

	carver->used += core_aligned(bytes);
	return piece;
}

void core_release(const struct cactus_platform *platform, void *memory, size_t bytes)
{
	if (memory == NULL)
		return;
	wipe(memory, 0, bytes);
	platform->release(platform->context, memory, bytes);
}

size_t core_outside(const struct cactus *c, const void *table, size_t bytes)
{
	const uintptr_t at = (uintptr_t)table, block = (uintptr_t)c;

	return table == NULL || (at >= block && at < block + c->composition->instance_size) ? 0 : bytes;
}

void core_drop(struct cactus *c, void *table, size_t bytes)
{
	if (core_outside(c, table, bytes) > 0)
		core_release(c->platform, table, bytes);
}

void *core_enlarge(struct cactus *c, void *table, size_t item, uint32_t *room)
{
	const size_t bytes = *room * item;
	void *larger = c->platform->allocate(c->platform->context, 2 * bytes);

	if (larger == NULL)
		return NULL;
	memcpy(larger, table, bytes);
	core_drop(c, table, bytes);
	*room *= 2;
	return larger;
}
