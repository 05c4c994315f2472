/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyring_compare.c - comparing keyrings (see keyring_compare.h).  A principal is its key, so an Ed25519 key is
 * compared by its fingerprint, a pre-shared secret by its id; a further key by its public part.
 */
#include "seccomm/keyring_compare.h"
#include "seccomm/keyring.h"

#include <fnmatch.h>
#include <string.h>

enum { PUBLIC_MAX = 4096 };

static bool same_principal(const uint8_t a[CRYPTO_HASH_BYTES], const uint8_t b[CRYPTO_HASH_BYTES])
{
	return memcmp(a, b, CRYPTO_HASH_BYTES) == 0;
}

static bool same_key(const struct crypto_key *a, const struct crypto_key *b)
{
	char x[PUBLIC_MAX], y[PUBLIC_MAX];
	size_t x_length = sizeof(x), y_length = sizeof(y);

	if (a == NULL || b == NULL)
		return a == b;
	return crypto_key_export_public(a, x, &x_length) == 0 && crypto_key_export_public(b, y, &y_length) == 0 &&
	       x_length == y_length && memcmp(x, y, x_length) == 0;
}

static bool same_keys(struct crypto_key *const a[KEYS_EACH], struct crypto_key *const b[KEYS_EACH])
{
	for (size_t i = 0; i < KEYS_EACH; i++)
		if (!same_key(a[i], b[i]))
			return false;
	return true;
}

bool keyring_same_identity(const struct seccomm_keyring *a, const struct seccomm_keyring *b, const char *name)
{
	const struct identity *x = name != NULL ? keyring_identity(a, name) : NULL;
	const struct identity *y = name != NULL ? keyring_identity(b, name) : NULL;

	if (x == NULL || y == NULL)
		return x == NULL && y == NULL;
	return same_principal(x->principal, y->principal) && same_keys(x->keys, y->keys);
}

bool keyring_same_psk(const struct seccomm_keyring *a, const struct seccomm_keyring *b, const char *name)
{
	const struct psk *x = name != NULL ? keyring_psk(a, name) : NULL;
	const struct psk *y = name != NULL ? keyring_psk(b, name) : NULL;

	if (x == NULL || y == NULL)
		return x == NULL && y == NULL;
	return same_principal(x->as_peer.principal, y->as_peer.principal);
}

bool keyring_same_cover(
    const struct seccomm_keyring *a, const char *a_name, const struct seccomm_keyring *b, const char *b_name)
{
	const struct seccomm_medium *x = keyring_cover(a, a_name), *y = keyring_cover(b, b_name);

	if (x == NULL || y == NULL)
		return x == NULL && y == NULL;
	return x->length == y->length && memcmp(x->bytes, y->bytes, x->length) == 0;
}

static bool matches(const char *const *patterns, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (fnmatch(patterns[i], name, 0) == 0)
			return true;
	return false;
}

/* Whether every peer of A that matches is in B as well. */
static bool within(
    const struct seccomm_keyring *a, const struct seccomm_keyring *b, const char *const *patterns, size_t count)
{
	for (const struct peer *peer = a->peers; peer != NULL; peer = peer->next) {
		const struct peer *other;

		if (!matches(patterns, count, peer->name))
			continue;
		other = keyring_peer_by_principal(b, peer->principal);
		if (other == NULL || strcmp(other->name, peer->name) != 0 || !same_keys(peer->keys, other->keys))
			return false;
	}
	return true;
}

bool keyring_same_peers(
    const struct seccomm_keyring *a, const struct seccomm_keyring *b, const char *const *patterns, size_t pattern_count)
{
	return within(a, b, patterns, pattern_count) && within(b, a, patterns, pattern_count);
}

bool keyring_allows(const struct seccomm_keyring *keyring, const char *const *patterns, size_t pattern_count,
    const uint8_t fingerprint[SECCOMM_FINGERPRINT_BYTES])
{
	const struct peer *peer = keyring_peer_by_principal(keyring, fingerprint);

	return peer != NULL && matches(patterns, pattern_count, peer->name);
}
