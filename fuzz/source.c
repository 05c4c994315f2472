/* SPDX-License-Identifier: Apache-2.0 */
/* source.c - a seeded platform, and lists of frames (see ends.h). */
#include "ends.h"

#include <stdlib.h>
#include <string.h>

/* ---- The platform ---- */

/* The size stands in front of a block, so that a wrong one at the release is seen. */
union head {
	size_t size;
	max_align_t align;
};

static uint64_t monotonic(void *context)
{
	return *((struct source *)context)->monotonic_us;
}

/* Two ends' clocks go alike. */
static uint64_t wall(void *context)
{
	return UINT64_C(1700000000000000) + monotonic(context);
}

/* splitmix64. */
static uint64_t draw(uint64_t *seed)
{
	uint64_t z = (*seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Not traced: the fuzzer would learn nothing from a comparison for each byte. */
__attribute__((no_sanitize("coverage"))) static int generate(void *context, void *out, size_t length)
{
	struct source *source = context;
	uint8_t *bytes = out;

	for (size_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)draw(&source->seed);
	return 0;
}

static void *allocate(void *context, size_t size)
{
	struct source *source = context;
	union head *block;

	if (source->fail_in > 0 && --source->fail_in == 0)
		return NULL;
	block = calloc(1, sizeof(*block) + size);
	must(block != NULL, "there is memory");
	block->size = size;
	source->blocks++;
	source->bytes += size;
	return block + 1;
}

static void release(void *context, void *memory, size_t size)
{
	struct source *source = context;
	union head *block = memory;

	if (memory == NULL)
		return;
	block--;
	must(block->size == size, "memory is released with the size it was asked for");
	source->blocks--;
	source->bytes -= size;
	free(block);
}

static void forget(void *context, int level, const char *line)
{
	(void)context;
	(void)level;
	(void)line;
}

void source_make(struct source *source, const uint64_t *monotonic_us, uint64_t seed)
{
	*source = (struct source){ .monotonic_us = monotonic_us, .seed = seed };
	source->platform = (struct cactus_platform){ .context = source,
		.monotonic_us = monotonic,
		.wall_us = wall,
		.random = generate,
		.allocate = allocate,
		.release = release,
		.log = forget };
}

/* ---- Frames ---- */

void frames_add(struct frames *frames, const uint8_t *bytes, size_t length)
{
	struct frame_unit *unit = malloc(sizeof(*unit) + length), **last = &frames->first;

	must(unit != NULL, "there is memory");
	*unit = (struct frame_unit){ .length = length };
	if (length > 0)
		memcpy(unit->bytes, bytes, length);
	while (*last != NULL)
		last = &(*last)->next;
	*last = unit;
}

struct frame_unit *frames_take(struct frames *frames)
{
	struct frame_unit *unit = frames->first;

	if (unit != NULL)
		frames->first = unit->next;
	return unit;
}

void frames_drop(struct frames *frames)
{
	for (struct frame_unit *unit; (unit = frames_take(frames)) != NULL;)
		free(unit);
}
