/* SPDX-License-Identifier: Apache-2.0 */
/*
 * onetime.c - Poly1305 (RFC 8439, 2.5) as what it is: an authenticator whose key serves for one message only.
 */
#include "crypto/library.h"
#include <stdlib.h>

struct crypto_onetime {
	EVP_MAC_CTX *context;
};

int crypto_onetime_new(struct crypto *crypto, struct crypto_onetime **out)
{
	const struct fetched *row = &crypto->rows[ROW_POLY1305];
	struct crypto_onetime *onetime;

	if (row->why)
		return CRYPTO_UNAVAILABLE;
	onetime = calloc(1, sizeof *onetime);
	if (onetime)
		onetime->context = EVP_MAC_CTX_new(EVP_MAC_CTX_get0_mac(row->mac));
	if (!onetime || !onetime->context) {
		free(onetime);
		return crypto_failed(CRYPTO_ERROR);
	}
	*out = onetime;
	return 0;
}

void crypto_onetime_free(struct crypto_onetime *onetime)
{
	if (!onetime)
		return;
	EVP_MAC_CTX_free(onetime->context);
	free(onetime);
}

int crypto_onetime_run(struct crypto_onetime *onetime, const uint8_t key[CRYPTO_ONETIME_KEY],
    const struct crypto_part *parts, size_t count, uint8_t tag[CRYPTO_TAG_BYTES])
{
	size_t length = 0;
	bool good = EVP_MAC_init(onetime->context, key, CRYPTO_ONETIME_KEY, NULL) == 1;

	for (size_t i = 0; good && i < count; i++)
		good = EVP_MAC_update(onetime->context, parts[i].bytes, parts[i].length) == 1;
	good = good && EVP_MAC_final(onetime->context, tag, &length, CRYPTO_TAG_BYTES) == 1 && length == CRYPTO_TAG_BYTES;
	return good ? 0 : crypto_failed(CRYPTO_ERROR);
}
