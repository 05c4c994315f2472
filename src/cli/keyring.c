/* SPDX-License-Identifier: Apache-2.0 */
/* keyring.c - loading keys and peers (see keyring.h).  Every secret text is wiped as soon as the library has it. */
#include "cli/keyring_loading.h"
#include "cli/home.h"
#include "cli/pads.h"

#include <dirent.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool keyring_taken(const struct loading *loading, int status, const char *path, const struct seccomm_error *error)
{
	if (status == SECCOMM_OK)
		return true;
	complain(loading->to, "%s: %s", path, error->text);
	if (*error->remedy)
		complain_help(loading->to, "%s", error->remedy);
	return false;
}

static bool load_peer(const struct loading *loading, const struct peers_entry *entry)
{
	struct seccomm_error error = { .status = 0 };
	char place[PATH_MAX], *pem, *text = NULL;
	bool done = false;

	if (!peers_pem(loading->to, loading->home, entry->name, &pem))
		return false;
	if (asprintf(&text, "%s\n%s", entry->key, pem ? pem : "") >= 0) {
		snprintf(place, sizeof(place), "%.3000s/peers, '%.64s'", loading->home, entry->name);
		done = keyring_taken(loading, seccomm_keyring_peer(loading->keyring, entry->name, text, &error), place, &error);
	}
	free(text);
	free(pem);
	return done;
}

static bool load_psk(const struct loading *loading, const char *name)
{
	struct seccomm_error error = { .status = 0 };
	char path[PATH_MAX], *text;
	size_t length;
	enum home_result result;
	bool done;

	if (!home_name(loading->to, name) || !home_path(loading->to, loading->home, "keys", name, ".psk", path))
		return false;
	result = home_read(loading->to, path, HOME_SECRET, &text, &length);
	if (result == HOME_MISSING) {
		complain(loading->to, "there is no pre-shared secret '%s' in %s/keys", name, loading->home);
		complain_help(loading->to,
		    "seccomm key gen %s --algorithm psk   here, then bring the file %s.psk to the other host", name,
		    name);
	}
	if (result != HOME_OK)
		return false;
	done = keyring_taken(loading, seccomm_keyring_psk(loading->keyring, name, text, &error), path, &error);
	home_wipe(text, length);
	return done;
}

size_t keyring_stem(const char *name, const char *suffix)
{
	size_t length = strlen(name), tail = strlen(suffix);

	return length > tail && strcmp(name + length - tail, suffix) == 0 ? length - tail : 0;
}

static bool pattern(const char *name)
{
	return strpbrk(name, "*?[") != NULL;
}

static bool known(const struct loading *loading, const char *name)
{
	for (size_t i = 0; i < loading->peers.count; i++)
		if (fnmatch(name, loading->peers.entries[i].name, 0) == 0)
			return true;
	return false;
}

/* A session that waits for somebody it could not recognise is a mistake, seen best at the start. */
static bool peers_known(const struct loading *loading, const struct check_session *session)
{
	bool all = true;

	for (size_t i = 0; i < session->peer_count; i++) {
		const char *name = session->peers[i];

		if (known(loading, name))
			continue;
		if (pattern(name))
			complain(loading->to, "session '%s': no peer is named like '%s' in %s/peers", session->name,
			    name, loading->home);
		else
			complain(loading->to, "session '%s': there is no peer '%s' in %s/peers", session->name, name,
			    loading->home);
		complain_help(loading->to,
		    "seccomm peer add %s sck1…   , with the word that 'seccomm key show' prints on its host",
		    pattern(name) ? "NAME" : name);
		all = false;
	}
	return all;
}

/* The N-th name of what a session needs of one kind; NULL: it needs no more. */
typedef const char *name_of(const struct check_session *, size_t n);

static const char *identity_of(const struct check_session *session, size_t n)
{
	return n == 0 ? session->identity : NULL;
}

static const char *psk_of(const struct check_session *session, size_t n)
{
	size_t count;
	const struct plan_slot *slots = seccomm_plan_slots(session->plan, &count);

	for (size_t i = 0; i < count; i++) {
		const char *names[] = { seccomm_slot_psk(&slots[i]), seccomm_slot_creator_secret(&slots[i]) };

		for (size_t k = 0; k < 2; k++)
			if (names[k] && n-- == 0)
				return names[k];
	}
	return NULL;
}

/* Whether a session before N, or N itself under a name before its K-th, needed NAME. */
static bool loaded(const struct check_session *const *sessions, size_t n, size_t k, name_of *names, const char *name)
{
	const char *other;

	for (size_t i = 0; i <= n; i++)
		for (size_t j = 0; (i < n || j < k) && (other = names(sessions[i], j)); j++)
			if (strcmp(other, name) == 0)
				return true;
	return false;
}

/* Loads each that session N needs, once. */
static bool load_all(const struct loading *loading, const struct check_session *const *sessions, size_t n, name_of *names,
    bool (*load)(const struct loading *, const char *name))
{
	const char *name;

	for (size_t k = 0; (name = names(sessions[n], k)); k++)
		if (!loaded(sessions, n, k, names, name) && !load(loading, name))
			return false;
	return true;
}

/* ---- Pads ---- */

/* The N-th layer of a session, of whatever lane; NULL: there are fewer. */
static const struct plan_layer *layer_of(const struct check_session *session, size_t n)
{
	size_t count, slot_count;
	const struct plan_layer *stack = seccomm_plan_stack_layers(session->plan, &count);
	const struct plan_slot *slots = seccomm_plan_slots(session->plan, &slot_count);

	if (n < count)
		return &stack[n];
	n -= count;
	for (size_t i = 0; i < slot_count; n -= slots[i++].protect_count)
		if (n < slots[i].protect_count)
			return &slots[i].protect[n];
	return NULL;
}

static bool load_pad(const struct loading *loading, const char *name, enum seccomm_role role)
{
	struct seccomm_error error = { .status = 0 };
	struct pad_store *store = loading->pads ? pads_open(loading->pads, name, role, loading->to) : NULL;
	struct seccomm_pad pad;

	if (!store)
		return false;
	pad = pad_store_pad(store);
	return keyring_taken(loading, seccomm_keyring_pad(loading->keyring, name, role, &pad, &error), name, &error);
}

/* Whether a session before N, or N itself before its K-th layer, has that pad. */
static bool pad_loaded(
    const struct check_session *const *sessions, size_t n, size_t k, const char *name, enum seccomm_role role)
{
	const struct plan_layer *layer;

	for (size_t i = 0; i <= n; i++)
		for (size_t j = 0; (i < n || j < k) && (layer = layer_of(sessions[i], j)); j++) {
			const char *other = seccomm_layer_pad(layer);

			if (other && strcmp(other, name) == 0 && seccomm_plan_role(sessions[i]->plan) == role)
				return true;
		}
	return false;
}

static bool load_pads(const struct loading *loading, const struct check_session *const *sessions, size_t n)
{
	const enum seccomm_role role = seccomm_plan_role(sessions[n]->plan);
	const struct plan_layer *layer;

	for (size_t k = 0; (layer = layer_of(sessions[n], k)); k++) {
		const char *name = seccomm_layer_pad(layer);

		if (name && !pad_loaded(sessions, n, k, name, role) && !load_pad(loading, name, role))
			return false;
	}
	return true;
}

/* ---- Covers ---- */

const char *keyring_cover_name(const struct check_session *session, size_t n)
{
	const struct plan_layer *layer;
	size_t size;

	for (size_t k = 0; (layer = layer_of(session, k)); k++) {
		const char *name = seccomm_layer_cover(layer, &size);

		if (name && n-- == 0)
			return name;
	}
	return NULL;
}

static bool load_cover(const struct loading *loading, const char *name)
{
	struct seccomm_error error = { .status = 0 };
	char path[PATH_MAX], *bytes;
	size_t length;
	enum home_result result;
	bool done;

	if (!home_name(loading->to, name) || !home_path(loading->to, loading->home, "covers", name, "", path))
		return false;
	result = home_read(loading->to, path, HOME_AGAIN, &bytes, &length);
	if (result == HOME_MISSING) {
		complain(loading->to, "%s: there is no such cover", path);
		complain_help(loading->to, "put there the image or the sound that messages are to be hidden in, at both ends the same");
	}
	if (result != HOME_OK)
		return false;
	done = keyring_taken(loading, seccomm_keyring_cover(loading->keyring, name, bytes, length, &error), path, &error);
	home_wipe(bytes, length);
	return done;
}

/* A message is the whole file, so both ends agree on its size; it is seen best at the start if this file has another one. */
static bool covers_fit(const struct loading *loading, const struct check_session *session)
{
	const struct plan_layer *layer;
	char path[PATH_MAX];
	struct stat file = { .st_size = 0 };

	for (size_t k = 0; (layer = layer_of(session, k)); k++) {
		size_t size;
		const char *name = seccomm_layer_cover(layer, &size);

		if (!name)
			continue;
		if (!home_path(loading->to, loading->home, "covers", name, "", path))
			return false;
		if (stat(path, &file) == 0 && (uint64_t)file.st_size == size)
			continue;
		complain(loading->to, "%s: this cover has %jd bytes, and session '%s' says %zu", path, (intmax_t)file.st_size,
		    session->name, size);
		complain_help(loading->to, "write   size: %jd   beside it, at both ends, or bring the file that is meant",
		    (intmax_t)file.st_size);
		return false;
	}
	return true;
}

static bool keys_suffice(const struct loading *loading, const struct check_session *session)
{
	struct seccomm_error error = { .status = 0 };

	return !session->plan ||
	       keyring_taken(loading, seccomm_plan_identity(session->plan, loading->keyring, &error), session->name, &error);
}

static bool load_session(const struct loading *loading, const struct check_session *const *sessions, size_t n)
{
	return load_all(loading, sessions, n, identity_of, keyring_load_identity) &&
	    load_all(loading, sessions, n, psk_of, load_psk) && load_pads(loading, sessions, n) &&
	    load_all(loading, sessions, n, keyring_cover_name, load_cover) && covers_fit(loading, sessions[n]) &&
	    keys_suffice(loading, sessions[n]) && peers_known(loading, sessions[n]);
}

struct seccomm_keyring *keyring_load(struct seccomm *library, const char *home, struct pads *pads,
    const struct check_session *const *sessions, size_t count, struct complaints *to)
{
	struct loading loading = { .library = library, .keyring = seccomm_keyring_new(library), .to = to, .home = home, .pads = pads };
	bool done = loading.keyring && peers_read(to, home, &loading.peers);

	for (size_t i = 0; i < loading.peers.count && done; i++)
		done = load_peer(&loading, &loading.peers.entries[i]);
	for (size_t i = 0; i < count && done; i++)
		done = load_session(&loading, sessions, i);
	peers_free(&loading.peers);
	if (done)
		return loading.keyring;
	seccomm_keyring_free(loading.keyring);
	return NULL;
}

bool keyring_only_identity(const char *home, char name[SECCOMM_NAME_MAX])
{
	char path[PATH_MAX];
	struct dirent *entry;
	unsigned count = 0;
	DIR *folder;

	if (!home_path(NULL, home, "keys", "", "", path))
		return false;
	folder = opendir(path);
	while (folder && (entry = readdir(folder))) {
		const char *file = entry->d_name;

		if (*file == '.' || keyring_stem(file, ".psk") || keyring_stem(file, ".pem") || strlen(file) >= SECCOMM_NAME_MAX)
			continue;
		memcpy(name, file, strlen(file) + 1);
		count++;
	}
	if (folder)
		closedir(folder);
	if (count == 1)
		return true;
	if (count > 1) {
		cli_complain("there are several keys in %s", path);
		cli_help_line("say which one is this end's:   --identity NAME");
	} else {
		cli_complain("there is no key in %s yet", path);
		cli_help_line("seccomm key gen NAME   makes one");
	}
	return false;
}
