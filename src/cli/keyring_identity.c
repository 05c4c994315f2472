/* SPDX-License-Identifier: Apache-2.0 */
/* keyring_identity.c - loading this end's own keys: keys/NAME, and beside it one file for each further private key. */
#include "cli/keyring_loading.h"
#include "cli/home.h"
#include "seccomm/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What lies there and cannot be read is not passed over: it would be told as missing. */
static bool readable(const struct loading *loading, const char *name, const char *make, const char *path, const char *pem)
{
	const char *fault = seccomm_key_fault(loading->library, pem, make);

	if (!fault)
		return true;
	complain(loading->to, "%s: this is where the %s key of '%s' is kept, but it cannot be read: %s", path, make, name, fault);
	complain_help(loading->to, "bring the file back, or move it away and make a new key with   seccomm key gen %s --algorithm %s",
	    name, make);
	return false;
}

/* TEXT and the further key that MAKE names, if there is one, as one text. */
static enum home_result with_pem(
    const struct loading *loading, const char *name, const char *make, char **text, size_t *length)
{
	char path[PATH_MAX], suffix[SECCOMM_NAME_MAX], *pem, *both = NULL;
	size_t pem_length;
	enum home_result result;

	snprintf(suffix, sizeof(suffix), ".%s.pem", make);
	if (!home_path(loading->to, loading->home, "keys", name, suffix, path))
		return HOME_BAD;
	result = home_read(loading->to, path, HOME_SECRET, &pem, &pem_length);
	if (result != HOME_OK)
		return result;
	if (readable(loading, name, make, path, pem))
		both = malloc(*length + pem_length + 2);
	if (both)
		snprintf(both, *length + pem_length + 2, "%s\n%s", *text, pem);
	home_wipe(*text, *length);
	home_wipe(pem, pem_length);
	*text = both;
	*length += both ? pem_length + 1 : 0;
	return both ? HOME_OK : HOME_BAD;
}

bool keyring_load_identity(const struct loading *loading, const char *name)
{
	static const char *const further[] = { "rsa-3072", "ecdsa-p256", "rsa-oaep-3072", "rsa-kem-3072" };
	struct seccomm_error error = { .status = 0 };
	char path[PATH_MAX], *text;
	size_t length;
	enum home_result result;
	bool done = false;

	if (!home_name(loading->to, name) || !home_path(loading->to, loading->home, "keys", name, "", path))
		return false;
	result = home_read(loading->to, path, HOME_SECRET, &text, &length);
	if (result == HOME_MISSING) {
		complain(loading->to, "there is no key '%s' in %s/keys", name, loading->home);
		complain_help(loading->to, "seccomm key gen %s", name);
	}
	if (result != HOME_OK)
		return false;
	for (size_t i = 0; i < sizeof(further) / sizeof(further[0]) && result != HOME_BAD; i++)
		result = with_pem(loading, name, further[i], &text, &length);
	if (result != HOME_BAD)
		done = keyring_taken(loading, seccomm_keyring_identity(loading->keyring, name, text, &error), path, &error);
	home_wipe(text, text ? length : 0);
	return done;
}
