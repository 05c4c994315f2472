/* SPDX-License-Identifier: Apache-2.0 */
/* value.c - numbers, durations and sizes as people write them, and back. */
#include "config/model.h"

#include <inttypes.h>
#include <string.h>

struct unit {
	const char *name;
	uint64_t worth;
};

/* The largest first, for writing. */
static const struct unit durations[] = { { "d", UINT64_C(86400000000) }, { "h", UINT64_C(3600000000) },
	{ "m", 60000000 }, { "s", 1000000 }, { "ms", 1000 }, { "us", 1 }, { NULL, 0 } };
static const struct unit sizes[] = { { "TiB", UINT64_C(1) << 40 }, { "GiB", UINT64_C(1) << 30 }, { "MiB", 1 << 20 },
	{ "KiB", 1 << 10 }, { "B", 1 }, { "", 1 }, { NULL, 0 } };
static const struct unit plain[] = { { "", 1 }, { NULL, 0 } };

static enum config_value number(const char *text, const struct unit *units, uint64_t *out)
{
	uint64_t value = 0;
	bool large = false;

	if (*text < '0' || *text > '9')
		return CONFIG_VALUE_BAD;
	for (; *text >= '0' && *text <= '9'; text++) {
		unsigned digit = (unsigned)(*text - '0');

		large = large || value > (UINT64_MAX - digit) / 10;
		value = value * 10 + digit;
	}
	while (units->name && strcmp(units->name, text) != 0)
		units++;
	if (!units->name)
		return CONFIG_VALUE_BAD;
	if (large || value > UINT64_MAX / units->worth)
		return CONFIG_VALUE_TOO_LARGE;
	*out = value * units->worth;
	return CONFIG_VALUE_OK;
}

enum config_value config_count(const char *text, uint64_t *out)
{
	return number(text, plain, out);
}
enum config_value config_duration(const char *text, uint64_t *out)
{
	return number(text, durations, out);
}
enum config_value config_size(const char *text, uint64_t *out)
{
	return number(text, sizes, out);
}

static const char *written(struct config_arena *arena, uint64_t value, const struct unit *units)
{
	while (value % units->worth != 0 || (value == 0 && units->worth != 1))
		units++;
	return config_print(arena, "%" PRIu64 "%s", value / units->worth, units->name);
}

const char *config_duration_text(struct config_arena *arena, uint64_t us)
{
	return written(arena, us, durations);
}

const char *config_size_text(struct config_arena *arena, uint64_t bytes)
{
	/* Bytes are written without a unit. */
	return bytes % 1024 || bytes == 0 ? config_print(arena, "%" PRIu64, bytes) : written(arena, bytes, sizes);
}

const char *config_duration_unit(size_t n)
{
	return n < sizeof durations / sizeof *durations ? durations[n].name : NULL;
}

const char *config_size_unit(size_t n)
{
	return n < sizeof sizes / sizeof *sizes ? sizes[n].name : NULL;
}
