/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For second_library.py: tells what every available cipher, AEAD, digest and MAC, and Argon2id, make of inputs from a fixed seed,
 * a line each: kind, name, key, nonce, message and result, the last four in hex, with a dash for no bytes.  Of an AEAD the first
 * third of the message is not enciphered, and the tag stands behind the rest.  Argon2id has its memory in KiB and its passes as
 * name, and its salt as nonce.
 */
#include "crypto/crypto.h"
#include <stdio.h>
#include <string.h>

enum { LONGEST = 300, RESULT_MAX = 64, ARGON2 = 40 };

struct input {
	uint8_t key[CRYPTO_KEY_MAX], nonce[CRYPTO_NONCE_MAX], text[LONGEST];
	size_t length;
};
struct output {
	uint8_t bytes[LONGEST + CRYPTO_OUTPUT_MAX];
	size_t length;
};

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

static bool run_aead(struct crypto *crypto, const struct crypto_algorithm *row, const struct input *in, struct output *out)
{
	const size_t clear = in->length / 3, rest = in->length - clear;
	struct crypto_aead *aead = NULL;
	bool good = crypto_aead_new(crypto, row, in->key, true, &aead) == 0;

	memcpy(out->bytes, in->text + clear, rest);
	out->length = rest + row->output_bytes;
	good = good && crypto_aead_seal(aead, in->nonce, in->text, clear, out->bytes, rest, out->bytes + rest) == 0;
	crypto_aead_free(aead);
	return good;
}

static bool run_cipher(struct crypto *crypto, const struct crypto_algorithm *row, const struct input *in, struct output *out)
{
	struct crypto_cipher *cipher = NULL;
	bool good = crypto_cipher_new(crypto, row, in->key, true, &cipher) == 0;

	memcpy(out->bytes, in->text, in->length);
	out->length = in->length;
	good = good && crypto_cipher_run(cipher, in->nonce, out->bytes, in->length) == 0;
	crypto_cipher_free(cipher);
	return good;
}

/* The message goes in as two parts, cut at a third. */
static bool run_parts(struct crypto *crypto, const struct crypto_algorithm *row, const struct input *in, struct output *out)
{
	const struct crypto_part parts[] = { { in->text, in->length / 3 },
		{ in->text + in->length / 3, in->length - in->length / 3 } };
	struct crypto_digest *digest = NULL;
	struct crypto_mac *mac = NULL;
	struct crypto_onetime *onetime = NULL;
	bool good;

	out->length = row->output_bytes;
	if (row->kind == CRYPTO_DIGEST)
		good = crypto_digest_new(crypto, row, &digest) == 0 && crypto_digest_run(digest, parts, 2, out->bytes) == 0;
	else if (row->kind == CRYPTO_ONETIME)
		good = crypto_onetime_new(crypto, &onetime) == 0 &&
		       crypto_onetime_run(onetime, in->key, parts, 2, out->bytes) == 0;
	else
		good = crypto_mac_new(crypto, row, in->key, row->key_bytes, &mac) == 0 &&
		       crypto_mac_run(mac, parts, 2, out->bytes) == 0;
	crypto_digest_free(digest);
	crypto_onetime_free(onetime);
	crypto_mac_free(mac);
	return good;
}

static bool tell_row(struct crypto *crypto, const struct crypto_algorithm *row)
{
	const size_t block = row->block_bytes ? row->block_bytes : 1;
	struct input in;
	struct output out;
	uint64_t seed = 1;

	for (size_t length = 0; length < LONGEST; length++) {
		in.length = length - length % block;
		fill(&seed, in.text, in.length);
		fill(&seed, in.key, row->key_bytes);
		fill(&seed, in.nonce, row->nonce_bytes);
		if (!(row->kind == CRYPTO_AEAD	   ? run_aead(crypto, row, &in, &out)
			: row->kind == CRYPTO_CIPHER ? run_cipher(crypto, row, &in, &out)
						     : run_parts(crypto, row, &in, &out)))
			return false;
		printf("%s %s", crypto_kind_name(row->kind), row->name);
		tell(in.key, row->key_bytes);
		tell(in.nonce, row->nonce_bytes);
		tell(in.text, in.length);
		tell(out.bytes, out.length);
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
		tell(NULL, 0);
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
		if (rows[i].kind <= CRYPTO_ONETIME && !crypto_unavailable(crypto, &rows[i]))
			good = tell_row(crypto, &rows[i]);
	good = good && tell_argon2id();
	crypto_free(crypto);
	return good ? 0 : 1;
}
