/* SPDX-License-Identifier: Apache-2.0 */
/* answer.c - answers on standard output, which may fail, and complaints on standard error, which nobody can help. */
#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print(const char *head, const char *format, va_list list)
{
	fputs(head, stderr);
	vfprintf(stderr, format, list);
	fputc('\n', stderr);
}

static const char complaint_head[] = "seccomm: ", help_head[] = "  help: ";

void cli_complain(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	print(complaint_head, format, list);
	va_end(list);
}

void cli_help_line(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	print(help_head, format, list);
	va_end(list);
}

void complain(struct complaints *to, const char *format, ...)
{
	struct seccomm_error *next = to && to->count < COMPLAINTS_MAX ? &to->list[to->count++] : NULL;
	va_list list;

	va_start(list, format);
	if (!to)
		print(complaint_head, format, list);
	else if (next)
		vsnprintf(next->text, sizeof(next->text), format, list);
	else
		snprintf(to->list[COMPLAINTS_MAX - 1].text, sizeof(next->text), "and more");
	va_end(list);
}

void complain_help(struct complaints *to, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	if (!to)
		print(help_head, format, list);
	else if (to->count)
		vsnprintf(to->list[to->count - 1].remedy, sizeof(to->list[0].remedy), format, list);
	va_end(list);
}

void cli_complain_error(const struct seccomm_error *error)
{
	cli_complain("%s%s%s", error->place, *error->place ? ": " : "", error->text);
	if (*error->remedy)
		cli_help_line("%s", error->remedy);
}

int cli_answer_json(json_t *value)
{
	char *text = value ? json_dumps(value, JSON_INDENT(2)) : NULL;

	json_decref(value);
	if (!text)
		return cli_answer_text(NULL);
	puts(text);
	free(text);
	return CLI_OK;
}

int cli_answer_text(char *text)
{
	if (!text) {
		cli_complain("out of memory");
		return CLI_FAILED;
	}
	fputs(text, stdout);
	free(text);
	return CLI_OK;
}

int cli_answer_json_text(char *text)
{
	json_t *value = text ? json_loads(text, 0, NULL) : NULL;

	free(text);
	return cli_answer_json(value);
}

bool cli_answered(void)
{
	int error;

	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return true;
	error = errno;
	cli_complain("the answer could not be written: %s", error ? strerror(error) : "an earlier part failed");
	return false;
}

void cli_fingerprint(struct seccomm *library, const char *public_key, char out[SECCOMM_FINGERPRINT_TEXT])
{
	uint8_t fingerprint[SECCOMM_FINGERPRINT_BYTES];

	*out = '\0';
	if (seccomm_key_fingerprint(library, public_key, fingerprint, NULL) == SECCOMM_OK)
		seccomm_fingerprint_text(fingerprint, out);
}

struct seccomm *cli_library(void)
{
	struct seccomm_error error;
	struct seccomm *library = seccomm_new(&error);

	if (!library)
		cli_complain_error(&error);
	return library;
}

int cli_library_with_modules(const struct cli *cli, struct seccomm **out)
{
	struct seccomm_error error;
	const char *file;

	*out = cli_library();
	if (!*out)
		return CLI_FAILED;
	for (size_t i = 0; (file = cli_nth(cli, "module", i)); i++) {
		if (seccomm_module_load(*out, file, &error) == SECCOMM_OK)
			continue;
		cli_complain_error(&error);
		seccomm_free(*out);
		*out = NULL;
		return CLI_USAGE;
	}
	return CLI_OK;
}
