/* SPDX-License-Identifier: Apache-2.0 */
/*
 * retry.c - the RETRY message, with which a server answers an opening and keeps nothing of it (doc/wire.md, "Floods"):
 *
 * kind (1) || id_c (4) || echo (16) || size (2) || cookie (32)
 *
 * The echo is of the OPEN's core, so that only who has seen the OPEN can make one; nothing else protects it, and all it
 * can do is make the client send its OPEN again.
 */
#include <string.h>

#include "seccomm/exchange.h"

int retry_echo(struct crypto *crypto, const struct opening *opening, uint8_t out[RETRY_ECHO])
{
	const struct crypto_part core = { opening->body, opening->core_length };
	uint8_t hash[HASH];
	int status = crypto_sha256(crypto, &core, 1, hash);

	memcpy(out, hash, RETRY_ECHO);
	return status;
}

void retry_write(const struct retry *retry, uint8_t out[RETRY_BODY])
{
	out[0] = KIND_RETRY;
	cactus_put_u32(out + 1, retry->id);
	memcpy(out + 5, retry->echo, RETRY_ECHO);
	cactus_put_u16(out + 5 + RETRY_ECHO, retry->size);
	memcpy(out + 7 + RETRY_ECHO, retry->cookie, COOKIE);
}

bool retry_read(const uint8_t *body, size_t length, struct retry *out)
{
	if (length != RETRY_BODY || body[0] != KIND_RETRY)
		return false;
	out->id = cactus_u32(body + 1);
	memcpy(out->echo, body + 5, RETRY_ECHO);
	out->size = (uint16_t)(body[5 + RETRY_ECHO] << 8 | body[6 + RETRY_ECHO]);
	memcpy(out->cookie, body + 7 + RETRY_ECHO, COOKIE);
	return true;
}
