/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profiles.c - named stacks with their keys.
 *
 * A profile is immutable: what it says is part of the configuration digest, so a better one gets another number.
 */
#include "check/internal.h"

#include <string.h>

struct profile {
	const char *name;
	const char *text[2]; /* by enum seccomm_link */
};

#define DEFAULT_1(replay_)                                                                                             \
	"stack:\n"                                                                                                     \
	"  - anti-replay: " replay_ "\n"                                                                               \
	"  - encrypt: aes-256-gcm\n"                                                                                   \
	"keys:\n"                                                                                                      \
	"  data:\n"                                                                                                    \
	"    establish: dh\n"                                                                                          \
	"    protect:\n"                                                                                               \
	"      - sign: ed25519\n"

static const struct profile profiles[] = {
	{ "default@1", { [SECCOMM_STREAM] = DEFAULT_1("sequence"), [SECCOMM_DATAGRAM] = DEFAULT_1("window") } },
};
static const char *const names[] = { "default@1", NULL };

const char *const *check_profiles(void)
{
	return names;
}

const char *check_profile_text(const char *name, enum seccomm_link link)
{
	for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++)
		if (strcmp(profiles[i].name, name) == 0)
			return profiles[i].text[link];
	return NULL;
}

/* OUT gets stack and keys, all of it at AT; unchanged when there is no such profile. */
bool check_profile_load(
    struct check_run *run, const char *name, enum seccomm_link link, struct config_place at, struct config_session *out)
{
	const char *text = check_profile_text(name, link);
	struct config_node *root;

	if (!text)
		return true;
	root = config_tree(&run->sink, text, strlen(text));
	if (!root)
		return false;
	config_place_all(root, at);
	out->field[CONFIG_STACK] = config_get(root, "stack");
	out->field[CONFIG_KEYS] = config_get(root, "keys");
	return true;
}
