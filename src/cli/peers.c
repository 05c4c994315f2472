/* SPDX-License-Identifier: Apache-2.0 */
/* peers.c - reading the file `peers` (see peers.h). */
#include "cli/peers.h"
#include "cli/home.h"

#include <stdlib.h>
#include <string.h>

static const char blanks[] = " \t\r";

static char *word(const char *at, size_t *length, size_t end)
{
	size_t skip = 0, size = 0;

	while (skip < end && strchr(blanks, at[skip]))
		skip++;
	while (skip + size < end && !strchr(blanks, at[skip + size]))
		size++;
	*length = skip + size;
	return size ? strndup(at + skip, size) : NULL;
}

static bool read_line(
    struct complaints *complaints, struct peers *peers, const char *path, size_t number, size_t from, size_t to)
{
	struct peers_entry *entry = &peers->entries[peers->count];
	const char *at = peers->text + from;
	size_t end = to - from, used;

	if (end && at[end - 1] == '\n')
		end--;
	entry->name = word(at, &used, end);
	if (!entry->name || *entry->name == '#') {
		free(entry->name);
		entry->name = NULL;
		return true;
	}
	peers->count++;
	entry->from = from;
	entry->to = to;
	at += used, end -= used;
	entry->key = word(at, &used, end);
	if (!entry->key) {
		complain(complaints, "%s:%zu: the key of '%s' is missing; a line is: NAME sck1… comment", path, number,
		    entry->name);
		return false;
	}
	at += used, end -= used;
	while (end && strchr(blanks, *at))
		at++, end--;
	entry->comment = strndup(at, end);
	return entry->comment != NULL;
}

static bool read_lines(struct complaints *complaints, struct peers *peers, const char *path)
{
	size_t lines = 1, number = 0;

	for (size_t i = 0; i < peers->length; i++)
		lines += peers->text[i] == '\n';
	peers->entries = calloc(lines, sizeof(*peers->entries));
	if (!peers->entries)
		return false;
	for (size_t from = 0, to; from < peers->length; from = to) {
		const char *feed = memchr(peers->text + from, '\n', peers->length - from);

		to = feed ? (size_t)(feed - peers->text) + 1 : peers->length;
		if (!read_line(complaints, peers, path, ++number, from, to))
			return false;
	}
	return true;
}

bool peers_read(struct complaints *complaints, const char *home, struct peers *out)
{
	char path[PATH_MAX];
	enum home_result result;

	*out = (struct peers){ .text = NULL };
	if (!home_path(complaints, home, "", "peers", "", path))
		return false;
	result = home_read(complaints, path, HOME_TRUSTED, &out->text, &out->length);
	if (result == HOME_BAD)
		return false;
	if (result == HOME_MISSING || read_lines(complaints, out, path))
		return true;
	peers_free(out);
	return false;
}

void peers_free(struct peers *peers)
{
	for (size_t i = 0; i < peers->count; i++) {
		free(peers->entries[i].name);
		free(peers->entries[i].key);
		free(peers->entries[i].comment);
	}
	free(peers->entries);
	free(peers->text);
	*peers = (struct peers){ .text = NULL };
}

bool peers_pem(struct complaints *complaints, const char *home, const char *name, char **text)
{
	char path[PATH_MAX];
	size_t length;

	*text = NULL;
	return home_path(complaints, home, "peers.d", name, ".pem", path) &&
	       home_read(complaints, path, HOME_TRUSTED, text, &length) != HOME_BAD;
}
