/* SPDX-License-Identifier: Apache-2.0 */
/* keyring.h - from the files of a home to the library's keyring. */
#ifndef CLI_KEYRING_H
#define CLI_KEYRING_H

#include "check/check.h"
#include "cli/cli.h"

struct pads;

/*
 * What the COUNT sessions need: their identities, every peer, every pre-shared secret, and every one-time pad, which PADS
 * (NULL: there are none) goes on to own.  NULL: it has complained.
 */
struct seccomm_keyring *keyring_load(struct seccomm *, const char *home, struct pads *pads,
    const struct check_session *const *sessions, size_t count, struct complaints *);
/* The name of the N-th cover that SESSION's layers hide messages in; NULL: there are fewer. */
const char *keyring_cover_name(const struct check_session *session, size_t n);
/* The only identity of a home, into NAME; false: there is none, or several, and it has complained. */
bool keyring_only_identity(const char *home, char name[SECCOMM_NAME_MAX]);
/* The length of NAME, a file's, without SUFFIX; 0: it does not end so. */
size_t keyring_stem(const char *name, const char *suffix);

#endif
