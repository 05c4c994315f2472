/* SPDX-License-Identifier: Apache-2.0 */
/* nearest.c - "did you mean": the distance of Damerau and Levenshtein (restricted to adjacent swaps), case ignored. */
#include "config/model.h"

#include <string.h>

enum { WORD_MAX = 48 };

static unsigned fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned)c + 32U : (unsigned char)c;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned distance(const char *a, size_t m, const char *b, size_t n)
{
	unsigned rows[3][WORD_MAX + 1];
	unsigned *before = rows[0], *last = rows[1], *now = rows[2];

	for (size_t j = 0; j <= n; j++)
		before[j] = last[j] = (unsigned)j;
	for (size_t i = 1; i <= m; i++) {
		unsigned *spare = before;

		now[0] = (unsigned)i;
		for (size_t j = 1; j <= n; j++) {
			unsigned same = fold(a[i - 1]) == fold(b[j - 1]) ? 0 : 1;

			now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + same);
			if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) && fold(a[i - 2]) == fold(b[j - 1]))
				now[j] = least(now[j], before[j - 2] + 1);
		}
		before = last;
		last = now;
		now = spare;
	}
	return last[n];
}

const char *config_nearest(const char *word, const char *const *names)
{
	size_t length = strlen(word);
	/* Of a short word two slips leave nothing. */
	unsigned best = length < 4 ? 2 : 3;
	const char *found = NULL;

	if (length == 0 || length > WORD_MAX)
		return NULL;
	for (; *names; names++) {
		size_t other = strlen(*names);
		unsigned d;

		if (other > WORD_MAX)
			continue;
		d = distance(word, length, *names, other);
		if (d < best && d < other) {
			best = d;
			found = *names;
		}
	}
	return found;
}

const char *config_names(struct config_arena *arena, const char *const *names)
{
	const char *text = *names ? *names++ : "";

	while (text && *names)
		text = config_print(arena, "%s, %s", text, *names++);
	return text;
}
