/* SPDX-License-Identifier: Apache-2.0 */
/* memory.c - an arena: everything that one reading of a configuration makes is released together. */
#include "config/model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct config_block {
	struct config_block *next;
	size_t used, size;
	max_align_t bytes[];
};

enum { BLOCK = 16 * 1024 };

void *config_take(struct config_arena *arena, size_t size)
{
	struct config_block *block = arena->blocks;
	size_t whole = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);

	if (!block || block->size - block->used < whole) {
		size_t room = whole > BLOCK ? whole : BLOCK;

		block = calloc(1, sizeof *block + room);
		if (!block) {
			arena->failed = true;
			return NULL;
		}
		block->size = room;
		block->next = arena->blocks;
		arena->blocks = block;
	}
	block->used += whole;
	return (unsigned char *)block->bytes + (block->used - whole);
}

char *config_copy(struct config_arena *arena, const char *text, size_t length)
{
	char *copy = config_take(arena, length + 1);

	if (copy && length)
		memcpy(copy, text, length);
	return copy;
}

char *config_print(struct config_arena *arena, const char *format, ...)
{
	va_list arguments;
	char *text = NULL;
	int length;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length >= 0)
		text = config_take(arena, (size_t)length + 1);
	if (!text)
		return NULL;
	va_start(arguments, format);
	(void)vsnprintf(text, (size_t)length + 1, format, arguments);
	va_end(arguments);
	return text;
}

void config_release(struct config_arena *arena)
{
	while (arena->blocks) {
		struct config_block *block = arena->blocks;

		arena->blocks = block->next;
		free(block);
	}
}
