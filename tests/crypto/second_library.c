/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For second_library.py: tells what every available digest and MAC, and Argon2id, make of inputs from a fixed seed, a line
 * each: kind, name, key, message and result, the last three in hex, with a dash for no bytes.  Argon2id has its memory in KiB
 * and its passes as name, and its salt as key.
 */
#include "crypto/crypto.h"
#include <stdio.h>

enum { LONGEST = 300, RESULT_MAX = 64, KEY_MAX = 64, ARGON2 = 40 };

static void fill(uint64_t *state, uint8_t *out, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
		out[i] = (uint8_t)(*state >> 56);
	}
}

static void tell(const uint8_t *bytes, size_t length)
{
	printf(length ? " " : " -");
	for (size_t i = 0; i < length; i++)
		printf("%02x", bytes[i]);
}

/* The message goes in as two parts, cut at a third. */
static bool run(struct crypto *crypto, const struct crypto_algorithm *row, const uint8_t *key, const uint8_t *text,
    size_t length, uint8_t *out)
{
	const struct crypto_part parts[] = { { text, length / 3 }, { text + length / 3, length - length / 3 } };
	struct crypto_digest *digest = NULL;
	struct crypto_mac *mac = NULL;
	bool good;

	if (row->kind == CRYPTO_DIGEST)
		good = crypto_digest_new(crypto, row, &digest) == 0 && crypto_digest_run(digest, parts, 2, out) == 0;
	else
		good = crypto_mac_new(crypto, row, key, row->key_bytes, &mac) == 0 && crypto_mac_run(mac, parts, 2, out) == 0;
	crypto_digest_free(digest);
	crypto_mac_free(mac);
	return good;
}

static bool tell_row(struct crypto *crypto, const struct crypto_algorithm *row)
{
	uint8_t text[LONGEST], key[KEY_MAX], out[RESULT_MAX];
	uint64_t seed = 1;

	for (size_t length = 0; length < LONGEST; length++) {
		fill(&seed, text, length);
		fill(&seed, key, row->key_bytes);
		if (!run(crypto, row, key, text, length, out))
			return false;
		printf("%s %s", crypto_kind_name(row->kind), row->name);
		tell(key, row->key_bytes);
		tell(text, length);
		tell(out, row->output_bytes);
		printf("\n");
	}
	return true;
}

static bool tell_argon2id(void)
{
	uint8_t text[LONGEST], out[RESULT_MAX];
	struct crypto_argon2 cost;
	uint64_t seed = 2;

	for (uint32_t n = 0; n < ARGON2; n++) {
		cost = (struct crypto_argon2){ .memory_kib = 8 + 37 * n, .passes = 1 + n % 4 };
		fill(&seed, text, n);
		fill(&seed, cost.salt, sizeof cost.salt);
		if (crypto_argon2id(text, n, &cost, out, 16 + n) != 0)
			return false;
		printf("argon2id %u,%u", (unsigned)cost.memory_kib, (unsigned)cost.passes);
		tell(cost.salt, sizeof cost.salt);
		tell(text, n);
		tell(out, 16 + n);
		printf("\n");
	}
	return true;
}

int main(void)
{
	char why[256];
	size_t count;
	const struct crypto_algorithm *rows = crypto_algorithms(&count);
	struct crypto *crypto = crypto_new(why, sizeof why);
	bool good = crypto != NULL;

	for (size_t i = 0; good && i < count; i++)
		if ((rows[i].kind == CRYPTO_DIGEST || rows[i].kind == CRYPTO_MAC) && !crypto_unavailable(crypto, &rows[i]))
			good = tell_row(crypto, &rows[i]);
	good = good && tell_argon2id();
	crypto_free(crypto);
	return good ? 0 : 1;
}
