/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cookie.c - cookies: what only who receives at its address can send back, while the server keeps nothing of it.
 *
 * HMAC-SHA-256(secret, name), NAME being SHA-256 of the address and of the OPEN's core.  The secret changes every two
 * minutes; the one before is good for as long again.
 */
#include <string.h>

#include "seccomm/exchange.h"

enum { SECRET_US = 120 * 1000 * 1000 };

static bool draw(const struct cactus_platform *platform, uint8_t out[HASH])
{
	return platform->random(platform->context, out, HASH) >= 0;
}

bool cookies_turn(struct cookies *cookies, const struct cactus_platform *platform)
{
	uint64_t now = platform->monotonic_us(platform->context);
	bool stale = now >= cookies->until && now - cookies->until >= SECRET_US;

	if (now < cookies->until)
		return true;
	memcpy(cookies->secret[1], cookies->secret[0], HASH);
	if (!draw(platform, cookies->secret[0]) || (stale && !draw(platform, cookies->secret[1])))
		return false;
	cookies->until = now + SECRET_US;
	return true;
}

static bool make(struct crypto *crypto, const uint8_t secret[HASH], const uint8_t name[HASH], uint8_t out[COOKIE])
{
	const struct crypto_part part = { name, HASH };

	return crypto_hmac_sha256(crypto, secret, HASH, &part, 1, out) == 0;
}

bool cookies_make(
    struct crypto *crypto, const struct cookies *cookies, const uint8_t name[HASH], uint8_t out[COOKIE])
{
	return make(crypto, cookies->secret[0], name, out);
}

bool cookies_match(
    struct crypto *crypto, const struct cookies *cookies, const uint8_t name[HASH], const uint8_t *cookie)
{
	uint8_t expected[COOKIE];

	for (unsigned which = 0; which < 2; which++)
		if (make(crypto, cookies->secret[which], name, expected) && crypto_equal(expected, cookie, COOKIE))
			return true;
	return false;
}
