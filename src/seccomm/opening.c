/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opening.c - the OPEN message, whose layout no configuration changes (doc/wire.md, "Opening"):
 *
 * kind (1) || version (1) || id_c (4) || configuration digest (32) || client principal (32) || nonce_c (32) ||
 * length (2) || share || length (2) || cookie || length (2) || padding || mac1 (32)
 *
 * mac1 = HMAC-SHA-256(SHA-256("mac1" || server public key), everything before it).  On a stream, where the return path
 * is proven by the connection, cookie and padding are empty; on datagrams padding makes it no shorter than any answer.
 */
#include <string.h>

#include "seccomm/exchange.h"

const uint8_t *cursor_take(struct cursor *cursor, size_t length)
{
	const uint8_t *taken = cursor->at;

	if (cursor->bad || cursor->left < length) {
		cursor->bad = true;
		return NULL;
	}
	cursor->at += length;
	cursor->left -= length;
	return taken;
}

uint32_t cursor_u32(struct cursor *cursor)
{
	const uint8_t *bytes = cursor_take(cursor, 4);

	return bytes != NULL ? cactus_u32(bytes) : 0;
}

const uint8_t *cursor_short(struct cursor *cursor, size_t *length)
{
	const uint8_t *bytes = cursor_take(cursor, 2);

	*length = bytes != NULL ? (size_t)(bytes[0] << 8 | bytes[1]) : 0;
	return cursor_take(cursor, *length);
}

struct crypto_mac *opening_mac1(struct crypto *crypto, const uint8_t public_key[32])
{
	const struct crypto_part name[] = { { "mac1", 4 }, { public_key, 32 } };
	struct crypto_mac *mac = NULL;
	uint8_t key[HASH];

	if (crypto_sha256(crypto, name, 2, key) < 0 ||
	    crypto_mac_new(crypto, crypto_find(CRYPTO_MAC, "hmac-sha-256"), key, sizeof(key), &mac) < 0)
		return NULL;
	return mac;
}

static int mac1(
    struct crypto *crypto, const uint8_t public_key[32], const uint8_t *bytes, size_t length, uint8_t out[HASH])
{
	struct crypto_mac *mac = opening_mac1(crypto, public_key);
	const struct crypto_part body = { bytes, length };
	int status = mac != NULL ? crypto_mac_run(mac, &body, 1, out) : SECCOMM_FAILED;

	crypto_mac_free(mac);
	return status;
}

static size_t put(uint8_t *out, size_t at, const void *bytes, size_t length)
{
	if (length > 0)
		memcpy(out + at, bytes, length);
	return at + length;
}

/* LENGTH (2) || bytes. */
static size_t put_short(uint8_t *out, size_t at, const void *bytes, size_t length)
{
	cactus_put_u16(out + at, (uint16_t)length);
	return put(out, at + 2, bytes, length);
}

size_t opening_write(struct crypto *crypto, const struct opening *opening, const struct peer *server, uint8_t *out)
{
	size_t n = 0, padding, fixed;

	out[n++] = KIND_OPEN;
	out[n++] = FRAME_VERSION;
	cactus_put_u32(out + n, opening->id);
	n = put(out, n + 4, opening->digest, HASH);
	n = put(out, n, opening->principal, HASH);
	n = put(out, n, opening->nonce, RANDOM);
	n = put_short(out, n, opening->share, opening->share_length);
	n = put_short(out, n, opening->cookie, opening->cookie_length);
	fixed = n + 2 + HASH;
	padding = opening->length > fixed ? opening->length - fixed : 0;
	if (fixed + padding > OPEN_MAX)
		return 0;
	cactus_put_u16(out + n, (uint16_t)padding);
	memset(out + n + 2, 0, padding);
	n += 2 + padding;
	return mac1(crypto, server->public_key, out, n, out + n) < 0 ? 0 : n + HASH;
}

static void copy_or_zero(uint8_t *out, const uint8_t *in, size_t length)
{
	if (in != NULL)
		memcpy(out, in, length);
	else
		memset(out, 0, length);
}

bool opening_read(const uint8_t *body, size_t length, struct opening *out)
{
	struct cursor cursor = { .at = body, .left = length };
	const uint8_t *head = cursor_take(&cursor, 2);
	size_t ignored;

	out->id = cursor_u32(&cursor);
	copy_or_zero(out->digest, cursor_take(&cursor, HASH), HASH);
	copy_or_zero(out->principal, cursor_take(&cursor, HASH), HASH);
	copy_or_zero(out->nonce, cursor_take(&cursor, RANDOM), RANDOM);
	out->share = cursor_short(&cursor, &out->share_length);
	out->core_length = length - cursor.left;
	out->cookie = cursor_short(&cursor, &out->cookie_length);
	(void)cursor_short(&cursor, &ignored); /* padding */
	out->body = body;
	out->length = length;
	out->mac = cursor_take(&cursor, HASH);
	return !cursor.bad && cursor.left == 0 && head[0] == KIND_OPEN && head[1] == FRAME_VERSION &&
	       (out->cookie_length == 0 || out->cookie_length == COOKIE);
}

bool opening_is_for(struct crypto_mac *mac1, const struct opening *opening)
{
	const struct crypto_part body = { opening->body, opening->length - HASH };
	uint8_t expected[HASH];

	return mac1 != NULL && crypto_mac_run(mac1, &body, 1, expected) == 0 &&
	       crypto_equal(expected, opening->mac, HASH);
}
