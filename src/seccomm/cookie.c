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

static struct crypto_mac *draw(struct crypto *crypto, const struct cactus_platform *platform)
{
	struct crypto_mac *mac = NULL;
	uint8_t secret[HASH];

	if (platform->random(platform->context, secret, HASH) < 0 ||
	    crypto_mac_new(crypto, crypto_find(CRYPTO_MAC, "hmac-sha-256"), secret, HASH, &mac) < 0)
		mac = NULL;
	crypto_wipe(secret, HASH);
	return mac;
}

bool cookies_turn(struct cookies *cookies, struct crypto *crypto, const struct cactus_platform *platform)
{
	uint64_t now = platform->monotonic_us(platform->context);
	bool stale = now >= cookies->until && now - cookies->until >= SECRET_US;
	struct crypto_mac *mac;

	if (now < cookies->until)
		return true;
	mac = draw(crypto, platform);
	if (mac == NULL)
		return false;
	crypto_mac_free(cookies->mac[1]);
	cookies->mac[1] = cookies->mac[0];
	cookies->mac[0] = mac;
	if (stale) {
		crypto_mac_free(cookies->mac[1]);
		cookies->mac[1] = NULL;
	}
	cookies->until = now + SECRET_US;
	return true;
}

void cookies_free(struct cookies *cookies)
{
	for (unsigned which = 0; which < 2; which++)
		crypto_mac_free(cookies->mac[which]);
}

static bool make(struct crypto_mac *mac, const uint8_t name[HASH], uint8_t out[COOKIE])
{
	const struct crypto_part part = { name, HASH };

	return mac != NULL && crypto_mac_run(mac, &part, 1, out) == 0;
}

bool cookies_make(const struct cookies *cookies, const uint8_t name[HASH], uint8_t out[COOKIE])
{
	return make(cookies->mac[0], name, out);
}

bool cookies_match(const struct cookies *cookies, const uint8_t name[HASH], const uint8_t *cookie)
{
	uint8_t expected[COOKIE];

	for (unsigned which = 0; which < 2; which++)
		if (make(cookies->mac[which], name, expected) && crypto_equal(expected, cookie, COOKIE))
			return true;
	return false;
}
