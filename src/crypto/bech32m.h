/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bech32m.h - keys as one word of text with a readable prefix and a checksum (BIP 173, BIP 350).
 *
 * Three prefixes are in use: "sck" public keys (sck1...), "scs" secret keys (scs1...), "scp" pre-shared secrets
 * (scp1...). The payload is TYPE (1) || key (32); types: 1 Ed25519, 2 pre-shared secret.
 */
#ifndef BECH32M_H
#define BECH32M_H

#include <stddef.h>
#include <stdint.h>

enum { BECH32M_TEXT_MAX = 128 }; /* with the final NUL, for 33 bytes under a prefix of 3 */
enum bech32m_status {
	BECH32M_OK = 0,
	BECH32M_BAD_CHARACTER = -1,
	BECH32M_BAD_PREFIX = -2,
	BECH32M_BAD_LENGTH = -3,
	BECH32M_BAD_CHECKSUM = -4
};

/* Writes LENGTH bytes as text with PREFIX into TEXT (BECH32M_TEXT_MAX bytes). */
int bech32m_write(const char *prefix, const uint8_t *bytes, size_t length, char text[BECH32M_TEXT_MAX]);
/*
 * Reads TEXT, which must have PREFIX and exactly LENGTH bytes.  *AT (may be NULL) is the place of the first wrong
 * character.  BECH32M_BAD_CHECKSUM: characters were mistyped; *AT is the place of the wrong one, or the length of TEXT
 * when it is not just one.
 */
int bech32m_read(const char *prefix, const char *text, uint8_t *bytes, size_t length, size_t *at);

#endif
