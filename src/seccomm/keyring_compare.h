/* SPDX-License-Identifier: Apache-2.0 */
/* keyring_compare.h - what two keyrings have in common, for a program that has read its keys again. */
#ifndef SECCOMM_KEYRING_COMPARE_H
#define SECCOMM_KEYRING_COMPARE_H

#include "seccomm.h"

/* Whether both mean the same key, or none, by NAME (NULL: the same). */
bool keyring_same_identity(const struct seccomm_keyring *, const struct seccomm_keyring *, const char *name);
bool keyring_same_psk(const struct seccomm_keyring *, const struct seccomm_keyring *, const char *name);
/* Whether what A calls A_NAME and B calls B_NAME is the same file. */
bool keyring_same_cover(
    const struct seccomm_keyring *a, const char *a_name, const struct seccomm_keyring *b, const char *b_name);
/* Whether the peers whose names match one of PATTERNS are the same, by name and keys. */
bool keyring_same_peers(
    const struct seccomm_keyring *, const struct seccomm_keyring *, const char *const *patterns, size_t pattern_count);
/* Whether the principal is a peer whose name matches one of PATTERNS. */
bool keyring_allows(const struct seccomm_keyring *, const char *const *patterns, size_t pattern_count,
    const uint8_t fingerprint[SECCOMM_FINGERPRINT_BYTES]);

#endif
