/* SPDX-License-Identifier: Apache-2.0 */
/* setup.c - reading configuration, keys and peers as one (see setup.h). */
#include "cli/setup.h"
#include "cli/cli.h"
#include "cli/home.h"
#include "cli/keyring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool read_text(struct setup *setup, const struct setup_source *source, bool again, struct complaints *to)
{
	enum home_result result;

	if (source->text) {
		setup->text = strdup(source->text);
		setup->length = strlen(source->text);
		if (!setup->text)
			complain(to, "out of memory");
		return setup->text;
	}
	result = home_read(to, source->file, again ? HOME_AGAIN : HOME_FOLLOWED, &setup->text, &setup->length);
	if (result == HOME_MISSING) {
		complain(to, "%s: %s", source->file, strerror(ENOENT));
		complain_help(to, "seccomm run -c FILE   ; 'seccomm client … --print-config' writes one");
	}
	return result == HOME_OK;
}

/* The sessions to run: all, or the one called ONLY. */
static bool choose(struct setup *setup, const char *only, struct complaints *to)
{
	const struct check_result *result = setup->judged.result;

	setup->sessions = calloc(result->session_count + 1, sizeof(*setup->sessions));
	if (!setup->sessions) {
		complain(to, "out of memory");
		return false;
	}
	for (size_t i = 0; i < result->session_count; i++)
		if (!only || strcmp(result->sessions[i].name, only) == 0)
			setup->sessions[setup->count++] = &result->sessions[i];
	if (setup->count == 0)
		complain(to, "%s: there is no session%s%s%s", result->file, only ? " '" : "", only ? only : "",
		    only ? "'" : "");
	return setup->count > 0;
}

struct setup *setup_read(struct seccomm *library, const struct setup_source *source, bool again, struct complaints *to)
{
	struct setup *setup = calloc(1, sizeof(*setup));

	if (!setup) {
		complain(to, "out of memory");
		return NULL;
	}
	setup->users = 1;
	if (!read_text(setup, source, again, to))
		return setup;
	if (!judged_text(&setup->judged, library, source->file, setup->text, setup->length)) {
		setup_release(setup);
		return NULL;
	}
	if (!setup->judged.result->errors && choose(setup, source->only, to))
		setup->keyring = keyring_load(library, source->home, source->pads, setup->sessions, setup->count, to);
	return setup;
}

bool setup_ready(const struct setup *setup)
{
	return setup->keyring;
}

struct setup *setup_use(struct setup *setup)
{
	setup->users++;
	return setup;
}

void setup_release(struct setup *setup)
{
	if (!setup || --setup->users)
		return;
	seccomm_keyring_free(setup->keyring);
	free(setup->sessions);
	judged_free(&setup->judged);
	free(setup->text);
	free(setup);
}
