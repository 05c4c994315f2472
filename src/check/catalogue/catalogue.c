/* SPDX-License-Identifier: Apache-2.0 */
/* catalogue.c - finding rows of the catalogue, the ten laws that they follow from, and examples as whole files. */
#include "check/catalogue/catalogue.h"
#include "check/explain/explain.h"
#include "check/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct check_entry *const pages[] = { check_catalogue_0xx, check_catalogue_1xx, check_catalogue_2xx,
	check_catalogue_3xx, check_catalogue_4xx, check_catalogue_5xx, check_catalogue_6xx, check_catalogue_7xx,
	check_catalogue_8xx, check_catalogue_9xx };
enum { PAGES = sizeof(pages) / sizeof(*pages) };

static const struct check_law laws[CHECK_LAWS] = {
	{ "outermost authenticates", "In each direction the outermost layer authenticates, and is verified before any "
				     "other layer looks at the message." },
	{ "one key, one use", "A key serves one algorithm, one purpose, one direction and one epoch." },
	{ "what is trusted is covered", "Whatever a receiver acts on or delivers is authenticated, numbers, names and "
					"lengths as well." },
	{ "nonces are unique", "No nonce, IV or byte of a pad comes twice: by construction, over restarts, in both "
			       "directions and for every sender." },
	{ "freshness needs integrity", "A message is fresh only if its number or time is protected, the receiver "
				       "remembers, and the window has an end." },
	{ "agreement is with somebody", "Keys are agreed with authentication both ways, bound to names, roles, all that "
					"was said and the configuration." },
	{ "strangers are cheap", "Before a message is authenticated it costs no disk, no network, no state and little "
				 "work." },
	{ "layers are independent", "Stacked layers have keys of their own and do not undo each other, and only what "
				    "the strongest gives is counted." },
	{ "toys do not count", "Toy, legacy and broken algorithms count as nothing where modern ones are required." },
	{ "the unknown is an error", "What is unknown, missing or ambiguous is refused, never guessed." },
};

/* The page that the row stands on; an id's first digit is the number of its page. */
static size_t page_of(const struct check_entry *entry)
{
	return (size_t)(entry->id[2] - '0');
}

const struct check_entry *check_entry_next(const struct check_entry *entry)
{
	size_t page = entry ? page_of(entry) : 0;
	const struct check_entry *next = entry ? entry + 1 : pages[0];

	while (!next->id && ++page < PAGES)
		next = pages[page];
	return next->id ? next : NULL;
}

const struct check_entry *check_entry(const char *id)
{
	const struct check_entry *entry = NULL;

	do
		entry = check_entry_next(entry);
	while (entry && strcmp(entry->id, id) != 0);
	return entry;
}

const char **check_entry_ids(void)
{
	size_t count = 0;
	const char **ids;

	for (const struct check_entry *entry = NULL; (entry = check_entry_next(entry));)
		count++;
	ids = calloc(count + 1, sizeof(*ids));
	for (const struct check_entry *entry = NULL; ids && (entry = check_entry_next(entry));)
		*ids++ = entry->id;
	return ids ? ids - count : NULL;
}

const char *check_entry_title(const struct check_entry *entry)
{
	const char *title = check_rule(entry->id)->title;

	return title ? title : entry->title;
}

const char *check_entry_by(const struct check_entry *entry)
{
	return check_rule(entry->by ? entry->by : entry->id)->id;
}

const char *check_entry_unmounted(const struct check_entry *entry)
{
	if (check_backed(entry->id) || entry->decided != CHECK_IN_CONFIGURATION || (entry->severity != 'F' && entry->severity != 'D'))
		return NULL;
	if (entry->unmounted)
		return entry->unmounted;
	return page_of(entry) == 0 ? "It is a mistake of writing: no session comes of it, so there is nothing to attack." : NULL;
}

const struct check_law *check_law(unsigned number)
{
	return &laws[number - 1];
}

const char *check_decided_name(enum check_decided decided)
{
	static const char *const names[] = { "configuration", "design", "runtime", "not yet" };

	return names[decided];
}

const char *check_entry_severity(const struct check_entry *entry)
{
	switch (entry->severity) {
	case 'F':
		return "fatal";
	case 'D':
		return "danger";
	case 'W':
		return "warning";
	default:
		return "information";
	}
}

static void indented(FILE *out, const char *text, const char *by)
{
	for (const char *end; *text; text = end + 1) {
		end = strchr(text, '\n');
		fprintf(out, "%s%.*s\n", by, (int)(end - text), text);
	}
}

/* Whether a line of BODY says what LINE does, up to its colon. */
static bool says(const char *body, const char *line)
{
	const size_t name = strcspn(line, ":") + 1;

	while (*body && strncmp(body, line, name) != 0) {
		body += strcspn(body, "\n");
		body += *body == '\n';
	}
	return *body != '\0';
}

static void whole(FILE *out, const void *body)
{
	static const char *const frame[] = { "role: client\n", "listen: tcp:127.0.0.1:5432\n",
		"connect: tcp:db.example.net:7443\n", "identity: web1\n", "peers: [db1]\n" };

	if (strncmp(body, "seccomm:", 8) == 0) {
		indented(out, body, "");
		return;
	}
	fputs("seccomm: 1\nsessions:\n  s:\n", out);
	for (size_t i = 0; i < sizeof(frame) / sizeof(*frame) && strncmp(body, "role:", 5) != 0; i++)
		if (!says(body, frame[i]))
			indented(out, frame[i], "    ");
	indented(out, body, "    ");
}

char *check_entry_text(const char *body)
{
	return check_stream_text(whole, body);
}
