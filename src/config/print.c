/* SPDX-License-Identifier: Apache-2.0 */
/* print.c - text as YAML (see print.h): for configurations that options or a line stand for. */
#include "config/print.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* Words that no reader of YAML takes for anything but text. */
static bool bare(const char *text)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char more[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/@";
	static const char *const special[] = { "true", "false", "null", "yes", "no", "on", "off", "y", "n", NULL };

	if (!*text || !strchr(first, *text) || strspn(text, more) != strlen(text))
		return false;
	for (size_t i = 0; special[i]; i++)
		if (strcasecmp(special[i], text) == 0)
			return false;
	return true;
}

void config_print_scalar(FILE *out, const char *text)
{
	if (bare(text)) {
		(void)fputs(text, out);
		return;
	}
	(void)fputc('"', out);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x20 || c == 0x7f)
			(void)fprintf(out, "\\x%02x", c);
		else
			(void)fprintf(out, "%s%c", c == '"' || c == '\\' ? "\\" : "", c);
	}
	(void)fputc('"', out);
}
