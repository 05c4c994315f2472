/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judged.c - the checker's findings and the program's own: memory: is an address for programs that use the library,
 * and no socket (see judged.h).
 */
#include "cli/judged.h"
#include "cli/cli.h"
#include "cli/home.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ENDS = 2 };

struct judged_refusal {
	char message[160], help[80];
};

struct place {
	const char *at;
	size_t length;
};

/* Whether what stands before AT, which begins with blanks and quotes, is "KEY:". */
static bool follows(const char *text, const char *at, const char *key)
{
	size_t length = strlen(key);

	while (at > text && (isspace((unsigned char)at[-1]) || at[-1] == '"' || at[-1] == '\''))
		at--;
	if (at == text || *--at != ':')
		return false;
	while (at > text && (at[-1] == ' ' || at[-1] == '"' || at[-1] == '\''))
		at--;
	return (size_t)(at - text) > length && strncmp(at - length, key, length) == 0 &&
	       strchr(" \n\t\"'{,", at[-(ptrdiff_t)length - 1]);
}

static const char *line_start(const char *text, unsigned line)
{
	for (; line > 1 && *text; line--)
		text += strcspn(text, "\n") + (text[strcspn(text, "\n")] == '\n');
	return text;
}

/* Where URL stands as KEY's value; at the session's line if it is written so that it cannot be found. */
static struct place find(const char *text, unsigned line, const char *key, const char *url)
{
	const char *from = line_start(text, line), *found = from;

	while ((found = strstr(found, url)) && !follows(from, found, key))
		found++;
	if (found)
		return (struct place){ found, strlen(url) };
	return (struct place){ from + strspn(from, " \t"), strcspn(from + strspn(from, " \t"), ":\n") };
}

static unsigned characters(const char *from, const char *to)
{
	unsigned count = 0;

	for (; from < to; from++)
		count += (*from & 0xc0) != 0x80;
	return count;
}

static void describe(struct check_finding *out, struct judged_refusal *refusal, const char *text, struct place place,
    const char *key, const char *url)
{
	const char *start = place.at;

	while (start > text && start[-1] != '\n')
		start--;
	(void)snprintf(refusal->message, sizeof(refusal->message),
	    "'%s' cannot be '%.60s': memory: is for programs that use the library", key, url);
	(void)snprintf(refusal->help, sizeof(refusal->help), "give tcp:HOST:PORT, udp:HOST:PORT, unix:PATH or unixgram:PATH");
	*out = (struct check_finding){ .id = "SC014",
		.severity = CHECK_ERROR,
		.line = 1,
		.column = characters(start, place.at) + 1,
		.message = refusal->message,
		.help = refusal->help };
	for (const char *p = text; p < start; p++)
		out->line += *p == '\n';
	out->end = out->column + (place.length ? characters(place.at, place.at + place.length) : 1);
}

/* By place, as the others are. */
static void insert(struct check_result *result, struct check_finding finding)
{
	size_t at = result->finding_count++;

	for (; at > 0; at--) {
		const struct check_finding *before = &result->findings[at - 1];

		if (before->line < finding.line || (before->line == finding.line && before->column <= finding.column))
			break;
		result->findings[at] = *before;
	}
	result->findings[at] = finding;
	result->errors++;
}

static void refuse_memory(struct judged *judged, const char *text)
{
	struct check_result *result = judged->result;
	struct judged_refusal *refusal = judged->refusals;

	for (size_t i = 0; i < result->session_count; i++) {
		const struct check_session *session = &result->sessions[i];
		const char *const keys[ENDS] = { "listen", "connect" };
		const char *const urls[ENDS] = { session->listen, session->connect };

		for (size_t k = 0; k < ENDS; k++) {
			struct check_finding finding;

			if (!urls[k] || strncmp(urls[k], "memory", strlen("memory")) != 0)
				continue;
			describe(
			    &finding, refusal++, text, find(text, session->line, keys[k], urls[k]), keys[k], urls[k]);
			insert(result, finding);
		}
	}
}

bool judged_read(const char *word, const char **file, char **text, size_t *length)
{
	const bool input = strcmp(word, CLI_STDIN) == 0;
	enum home_result read;

	*file = input ? CLI_STDIN_NAME : word;
	read = input ? home_read_from(NULL, STDIN_FILENO, *file, HOME_INPUT, text, length) : home_read(NULL, *file, HOME_INPUT, text, length);
	if (read == HOME_MISSING)
		cli_complain("%s: %s", *file, strerror(ENOENT));
	return read == HOME_OK;
}

bool judged_text(struct judged *out, struct seccomm *library, const char *file, const char *text, size_t length)
{
	struct check_result *result = check_text(library, file, text, length);
	size_t room = result ? ENDS * result->session_count + 1 : 0;

	*out = (struct judged){ .result = result };
	if (result) {
		out->refusals = calloc(room, sizeof(*out->refusals));
		out->findings = calloc(result->finding_count + room, sizeof(*out->findings));
	}
	if (!out->refusals || !out->findings) {
		cli_complain("out of memory");
		judged_free(out);
		return false;
	}
	if (result->finding_count)
		memcpy(out->findings, result->findings, result->finding_count * sizeof(*out->findings));
	result->findings = out->findings;
	refuse_memory(out, text);
	return true;
}

void judged_free(struct judged *judged)
{
	check_free(judged->result);
	free(judged->findings);
	free(judged->refusals);
	*judged = (struct judged){ NULL, NULL, NULL };
}
