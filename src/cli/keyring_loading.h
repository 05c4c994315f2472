/* SPDX-License-Identifier: Apache-2.0 */
/* keyring_loading.h - what the files share that make a keyring of a home's files. */
#ifndef CLI_KEYRING_LOADING_H
#define CLI_KEYRING_LOADING_H

#include "cli/keyring.h"
#include "cli/peers.h"

struct loading {
	struct seccomm *library;
	struct seccomm_keyring *keyring;
	struct complaints *to;
	const char *home;
	struct pads *pads;
	struct peers peers;
};

/* Whether STATUS is OK; if not, it has complained of PATH. */
bool keyring_taken(const struct loading *, int status, const char *path, const struct seccomm_error *error);
/* keyring_identity.c: the identity NAME with all its further private keys; false: it has complained. */
bool keyring_load_identity(const struct loading *, const char *name);

#endif
