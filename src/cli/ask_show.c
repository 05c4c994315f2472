/* SPDX-License-Identifier: Apache-2.0 */
/* ask_show.c - answers of a running program as people read them (see ask.h). */
#include "cli/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS_MAX = 9 };

json_t *ask_target(const struct cli *cli)
{
	return cli->word_count ? json_pack("{s:s}", "target", cli->words[0]) : json_object();
}

bool ask_count(const struct cli *cli, unsigned *out)
{
	const char *text = cli_value(cli, "count");
	size_t length = text ? strlen(text) : 0;

	*out = 0;
	if (!text)
		return true;
	if (length >= 1 && length <= DIGITS_MAX && strspn(text, "0123456789") == length) {
		*out = (unsigned)strtoul(text, NULL, 10);
		return true;
	}
	cli_complain("'%s' is not a number of at most %d digits", text, DIGITS_MAX);
	return false;
}

bool ask_print_line(const json_t *value)
{
	char *text = value ? json_dumps(value, JSON_COMPACT) : NULL;

	if (text)
		puts(text);
	free(text);
	return text && fflush(stdout) == 0;
}

const char *ask_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "-";
}

uint64_t ask_number(const json_t *object, const char *name)
{
	return (uint64_t)json_integer_value(json_object_get(object, name));
}

const char *ask_bytes(uint64_t bytes, char out[ASK_TEXT_MAX])
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB" };
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		value /= 1024;
		unit++;
	}
	snprintf(out, ASK_TEXT_MAX, unit && value < 100 ? "%.1f %s" : "%.0f %s", value, units[unit]);
	return out;
}

const char *ask_duration(uint64_t milliseconds, char out[ASK_TEXT_MAX])
{
	static const struct {
		uint64_t seconds;
		const char *large, *small;
	} units[] = { { 86400, "d", "h" }, { 3600, "h", "m" }, { 60, "m", "s" } };
	uint64_t seconds = milliseconds / 1000;

	if (milliseconds < 1000)
		snprintf(out, ASK_TEXT_MAX, "%u ms", (unsigned)milliseconds);
	else if (seconds < 60)
		snprintf(out, ASK_TEXT_MAX, "%u.%u s", (unsigned)seconds, (unsigned)(milliseconds % 1000 / 100));
	for (size_t i = 0; seconds >= 60 && i < 3; i++) {
		uint64_t part = i == 0 ? 3600 : units[i].seconds / 60;

		if (seconds < units[i].seconds)
			continue;
		snprintf(out, ASK_TEXT_MAX, "%llu%s %02u%s", (unsigned long long)(seconds / units[i].seconds),
		    units[i].large, (unsigned)(seconds % units[i].seconds / part), units[i].small);
		break;
	}
	return out;
}
