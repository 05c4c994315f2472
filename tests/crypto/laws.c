/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: every available row obeys its kind's laws: what is sealed opens, one changed bit anywhere is refused, both ends
 * of an agreement meet, and arguments that make no sense are refused.
 */
#include "crypto/crypto.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/err.h>
#include <cmocka.h>

enum { AD_BYTES = 13, LONGEST = 65536 };

/* Calls LAW for every available row of KIND; there must be one. */
static void each(
    struct crypto *crypto, enum crypto_kind kind, void (*law)(struct crypto *, const struct crypto_algorithm *))
{
	size_t count, seen = 0;
	const struct crypto_algorithm *rows = crypto_algorithms(&count);

	for (size_t i = 0; i < count; i++)
		if (rows[i].kind == kind && !crypto_unavailable(crypto, &rows[i])) {
			law(crypto, &rows[i]);
			assert_int_equal(ERR_peek_error(), 0); /* failures leave nothing in OpenSSL's queue */
			seen++;
		}
	assert_true(seen > 0);
}

static void fill(uint8_t *bytes, size_t length, unsigned seed)
{
	for (size_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)(seed + 31 * i);
}

struct sealed {
	uint8_t nonce[CRYPTO_NONCE_MAX], ad[AD_BYTES], tag[CRYPTO_TAG_BYTES];
	uint8_t *text;
	size_t length;
};

/* Opens a copy after flipping BIT of the byte at CHANGED, which may be NULL. */
static int open_changed(struct crypto_aead *aead, struct sealed *s, uint8_t *changed, unsigned bit, uint8_t *out)
{
	int status;

	if (changed)
		*changed ^= (uint8_t)(1U << bit);
	memcpy(out, s->text, s->length);
	status = crypto_aead_open(aead, s->nonce, s->ad, AD_BYTES, out, s->length, s->tag);
	if (changed)
		*changed ^= (uint8_t)(1U << bit);
	return status;
}

/* Every bit of the tag, of the additional data and of the nonce, and of the text's ends. */
static void check_changes(struct crypto_aead *aead, struct sealed *s, uint8_t *out)
{
	for (unsigned i = 0; i < 8 * CRYPTO_TAG_BYTES; i++)
		assert_int_equal(open_changed(aead, s, &s->tag[i / 8], i % 8, out), CRYPTO_BAD);
	for (unsigned i = 0; i < 8 * AD_BYTES; i++)
		assert_int_equal(open_changed(aead, s, &s->ad[i / 8], i % 8, out), CRYPTO_BAD);
	for (unsigned i = 0; i < 8 * crypto_aead_nonce_bytes(aead); i++)
		assert_int_equal(open_changed(aead, s, &s->nonce[i / 8], i % 8, out), CRYPTO_BAD);
	for (unsigned i = 0; i < 8 && s->length > 0; i++) {
		assert_int_equal(open_changed(aead, s, s->text, i, out), CRYPTO_BAD);
		assert_int_equal(open_changed(aead, s, s->text + s->length - 1, i, out), CRYPTO_BAD);
	}
}

static void seal_and_open(struct crypto_aead *seals, struct crypto_aead *opens, size_t length)
{
	struct sealed s = { .text = malloc(length ? length : 1), .length = length };
	uint8_t *plain = malloc(length ? length : 1), *out = malloc(length ? length : 1);

	assert_true(s.text && plain && out);
	fill(plain, length, 7);
	fill(s.nonce, sizeof s.nonce, (unsigned)length);
	fill(s.ad, sizeof s.ad, 99);
	memcpy(s.text, plain, length);
	assert_int_equal(crypto_aead_seal(seals, s.nonce, s.ad, AD_BYTES, s.text, length, s.tag), 0);
	assert_true(length < 15 || memcmp(s.text, plain, length) != 0);
	assert_int_equal(open_changed(opens, &s, NULL, 0, out), 0);
	assert_memory_equal(out, plain, length);
	check_changes(opens, &s, out);
	/* A refusal does not spoil the context. */
	assert_int_equal(open_changed(opens, &s, NULL, 0, out), 0);
	if (length > 0) {
		s.length--;
		assert_int_equal(open_changed(opens, &s, NULL, 0, out), CRYPTO_BAD);
	}
	free(s.text);
	free(plain);
	free(out);
}

static void aead_law(struct crypto *crypto, const struct crypto_algorithm *row)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 1024, LONGEST };
	uint8_t key[CRYPTO_KEY_MAX], tag[CRYPTO_TAG_BYTES] = { 0 }, nonce[CRYPTO_NONCE_MAX] = { 0 };
	struct crypto_aead *seals = NULL, *opens = NULL, *other = NULL;

	assert_in_range(row->nonce_bytes, CRYPTO_NONCE_BYTES, CRYPTO_NONCE_MAX);
	assert_int_equal(row->output_bytes, CRYPTO_TAG_BYTES);
	assert_true(row->max_messages > 0 && row->max_bytes > 0 && row->max_failures > 0);
	fill(key, sizeof key, 1);
	assert_int_equal(crypto_aead_new(crypto, row, key, true, &seals), 0);
	assert_int_equal(crypto_aead_new(crypto, row, key, false, &opens), 0);
	assert_int_equal(crypto_aead_nonce_bytes(seals), row->nonce_bytes);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		seal_and_open(seals, opens, sizes[i]);
	assert_int_equal(crypto_aead_seal(opens, nonce, NULL, 0, NULL, 0, tag), CRYPTO_BAD);
	assert_int_equal(crypto_aead_open(seals, nonce, NULL, 0, NULL, 0, tag), CRYPTO_BAD);
	assert_int_equal(crypto_aead_seal(seals, nonce, NULL, SIZE_MAX, NULL, 0, tag), CRYPTO_BAD);
	/* Neither text nor additional data; then another key. */
	assert_int_equal(crypto_aead_seal(seals, nonce, NULL, 0, NULL, 0, tag), 0);
	assert_int_equal(crypto_aead_open(opens, nonce, NULL, 0, NULL, 0, tag), 0);
	key[0] ^= 1;
	assert_int_equal(crypto_aead_new(crypto, row, key, false, &other), 0);
	assert_int_equal(crypto_aead_open(other, nonce, NULL, 0, NULL, 0, tag), CRYPTO_BAD);
	crypto_aead_free(seals);
	crypto_aead_free(opens);
	crypto_aead_free(other);
}

static void test_aead(void **state)
{
	each(*state, CRYPTO_AEAD, aead_law);
}

static void cipher_law(struct crypto *crypto, const struct crypto_algorithm *row)
{
	uint8_t key[CRYPTO_KEY_MAX], iv[16], text[1024], copy[1024];
	const size_t block = row->block_bytes ? row->block_bytes : 1;
	struct crypto_cipher *there = NULL, *back = NULL;

	assert_true(row->nonce_bytes <= sizeof iv);
	fill(key, sizeof key, 3);
	fill(iv, sizeof iv, 4);
	fill(text, sizeof text, 5);
	assert_int_equal(crypto_cipher_new(crypto, row, key, true, &there), 0);
	assert_int_equal(crypto_cipher_new(crypto, row, key, false, &back), 0);
	for (size_t length = 0; length <= sizeof text; length += block) {
		memcpy(copy, text, length);
		assert_int_equal(crypto_cipher_run(there, iv, copy, length), 0);
		assert_true(length < 8 || memcmp(copy, text, length) != 0);
		assert_int_equal(crypto_cipher_run(back, iv, copy, length), 0);
		assert_memory_equal(copy, text, length);
	}
	if (row->block_bytes) {
		assert_int_equal(crypto_cipher_run(there, iv, copy, block + 1), CRYPTO_BAD);
		assert_int_equal(crypto_cipher_run(back, iv, copy, block - 1), CRYPTO_BAD);
	}
	crypto_cipher_free(there);
	crypto_cipher_free(back);
}

/* There is none without OpenSSL's legacy provider. */
static void test_cipher(void **state)
{
	const struct crypto_algorithm *des = crypto_find(CRYPTO_CIPHER, "des-cbc");

	assert_non_null(des);
	if (crypto_unavailable(*state, des))
		skip();
	each(*state, CRYPTO_CIPHER, cipher_law);
}

static void mac_law(struct crypto *crypto, const struct crypto_algorithm *row)
{
	uint8_t key[CRYPTO_KEY_MAX], out[CRYPTO_OUTPUT_MAX], other[CRYPTO_OUTPUT_MAX];
	const struct crypto_part ab[] = { { "a", 1 }, { NULL, 0 }, { "b", 1 } }, a = { "a", 1 };
	struct crypto_mac *mac = NULL;

	fill(key, sizeof key, 6);
	assert_int_equal(crypto_mac_new(crypto, row, key, 0, &mac), CRYPTO_BAD);
	assert_int_equal(crypto_mac_new(crypto, row, key, row->key_bytes, &mac), 0);
	assert_int_equal(crypto_mac_run(mac, ab, 3, out), 0);
	assert_int_equal(crypto_mac_run(mac, &a, 1, other), 0);
	assert_memory_not_equal(out, other, row->output_bytes);
	assert_int_equal(crypto_mac_run(mac, ab, 3, other), 0);
	assert_memory_equal(out, other, row->output_bytes);
	crypto_mac_free(mac);
}

static void test_mac(void **state)
{
	each(*state, CRYPTO_MAC, mac_law);
}

static void kx_law(struct crypto *crypto, const struct crypto_algorithm *row)
{
	uint8_t seed[CRYPTO_HASH_BYTES], a[CRYPTO_SHARE_MAX], b[CRYPTO_SHARE_MAX];
	uint8_t public_a[CRYPTO_SHARE_MAX], public_b[CRYPTO_SHARE_MAX];
	uint8_t secret_a[CRYPTO_SHARE_MAX], secret_b[CRYPTO_SHARE_MAX];

	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(crypto_random(seed, sizeof seed), 0);
		assert_int_equal(crypto_kx_private(crypto, row, seed, b), 0);
		assert_int_equal(crypto_kx_private(crypto, row, seed, a), 0);
		assert_memory_equal(a, b, row->key_bytes);
		seed[i] ^= 1;
		assert_int_equal(crypto_kx_private(crypto, row, seed, b), 0);
		assert_memory_not_equal(a, b, row->key_bytes);
		assert_int_equal(crypto_kx_public(crypto, row, a, public_a), 0);
		assert_int_equal(crypto_kx_public(crypto, row, b, public_b), 0);
		assert_int_equal(crypto_kx_secret(crypto, row, a, public_b, secret_a), 0);
		assert_int_equal(crypto_kx_secret(crypto, row, b, public_a, secret_b), 0);
		assert_memory_equal(secret_a, secret_b, row->output_bytes);
	}
	memset(public_b, 0, sizeof public_b);
	assert_int_equal(crypto_kx_secret(crypto, row, a, public_b, secret_a), CRYPTO_BAD);
}

static void test_kx(void **state)
{
	each(*state, CRYPTO_KX, kx_law);
}

/*
 * Both ends come to one secret, another for every pair and every encapsulation; what was changed on its way gives the owner of the
 * key a secret that nobody has, or is refused.
 */
static void kem_law(struct crypto *crypto, const struct crypto_algorithm *row)
{
	uint8_t pair[CRYPTO_ENCAPSULATED_MAX], coins[CRYPTO_OUTPUT_MAX], public[CRYPTO_ENCAPSULATED_MAX];
	uint8_t sealed[CRYPTO_ENCAPSULATED_MAX], before[CRYPTO_ENCAPSULATED_MAX];
	uint8_t secret[CRYPTO_OUTPUT_MAX], out[CRYPTO_OUTPUT_MAX];

	if (row->public_bytes == 0)
		return; /* a long-term key: keys.c */
	assert_true(row->sealed_bytes < row->public_bytes); /* no answer is longer than its request */
	assert_int_equal(crypto_random(pair, row->key_bytes), 0);
	assert_int_equal(crypto_random(coins, row->output_bytes), 0);
	for (size_t i = 0; i < row->output_bytes; i += 31) {
		assert_int_equal(crypto_mlkem_public(crypto, row, pair, public), 0);
		assert_int_equal(crypto_mlkem_encapsulate(crypto, row, public, coins, sealed, secret), 0);
		assert_true(i == 0 || memcmp(sealed, before, row->sealed_bytes) != 0);
		memcpy(before, sealed, row->sealed_bytes);
		assert_int_equal(crypto_mlkem_decapsulate(crypto, row, pair, sealed, out), 0);
		assert_memory_equal(out, secret, row->output_bytes);
		coins[i] ^= 4;
		pair[0] ^= 1;
		assert_int_equal(crypto_mlkem_decapsulate(crypto, row, pair, sealed, out), 0);
		assert_memory_not_equal(out, secret, row->output_bytes);
		pair[0] ^= 1;
	}
	for (size_t i = 0; i < row->sealed_bytes; i += 31) {
		sealed[i] ^= 1;
		if (crypto_mlkem_decapsulate(crypto, row, pair, sealed, out) == 0)
			assert_memory_not_equal(out, secret, row->output_bytes);
		sealed[i] ^= 1;
	}
}

static void test_kem(void **state)
{
	each(*state, CRYPTO_KEM, kem_law);
}

/* HKDF: nothing, one byte past a block, the most there is, and one more; a salt and key material of no bytes (Noise).
 */
static void test_hkdf(void **state)
{
	uint8_t prk[CRYPTO_HASH_BYTES], *out = malloc(8161), other[CRYPTO_HASH_BYTES];
	const uint8_t zeros[CRYPTO_HASH_BYTES] = { 0 };

	assert_non_null(out);
	assert_int_equal(crypto_hkdf_extract(*state, NULL, 0, NULL, 0, prk), 0);
	assert_int_equal(crypto_hkdf_extract(*state, zeros, sizeof zeros, "", 0, other), 0);
	assert_memory_equal(prk, other, sizeof prk); /* RFC 5869 2.2: no salt is one of zeros */
	assert_int_equal(crypto_hkdf_expand(*state, prk, NULL, 0, out, 0), 0);
	assert_int_equal(crypto_hkdf_expand(*state, prk, NULL, 0, out, 8160), 0);
	assert_int_equal(crypto_hkdf_expand(*state, prk, NULL, 0, other, 31), 0);
	assert_memory_equal(out, other, 31);
	assert_int_equal(crypto_hkdf_expand(*state, prk, NULL, 0, out, 8161), CRYPTO_BAD);
	free(out);
}

static void test_table(void **state)
{
	size_t count;
	const struct crypto_algorithm *rows = crypto_algorithms(&count);
	struct crypto_algorithm foreign = rows[0];
	uint8_t key[CRYPTO_KEY_MAX] = { 0 };
	struct crypto_aead *aead = NULL;

	for (size_t i = 0; i < count; i++) {
		assert_ptr_equal(crypto_find(rows[i].kind, rows[i].name), &rows[i]);
		assert_non_null(rows[i].source);
		assert_string_not_equal(crypto_kind_name(rows[i].kind), "unknown");
		assert_string_not_equal(crypto_standing_name(rows[i].standing), "unknown");
		if (rows[i].kind == CRYPTO_KX)
			assert_true(rows[i].key_bytes <= CRYPTO_SHARE_MAX && rows[i].output_bytes <= CRYPTO_SHARE_MAX);
		else
			assert_true(rows[i].output_bytes <= CRYPTO_OUTPUT_MAX);
		if (rows[i].kind == CRYPTO_KEM)
			assert_true(rows[i].public_bytes <= CRYPTO_ENCAPSULATED_MAX);
		else if (rows[i].kind != CRYPTO_KX)
			assert_true(rows[i].key_bytes <= CRYPTO_KEY_MAX);
	}
	assert_null(crypto_find(CRYPTO_AEAD, "sha-256"));
	assert_null(crypto_find(CRYPTO_AEAD, "aes-256-gcm "));
	assert_int_equal(crypto_aead_new(*state, &foreign, key, true, &aead), CRYPTO_BAD);
	assert_int_equal(crypto_aead_new(*state, crypto_find(CRYPTO_DIGEST, "sha-256"), key, true, &aead), CRYPTO_BAD);
	assert_null(aead);
	assert_non_null(crypto_unavailable(*state, &foreign));
}

static void test_helpers(void **state)
{
	uint8_t a[64] = { 0 }, b[64] = { 0 };

	(void)state;
	assert_true(crypto_equal(a, b, sizeof a) && crypto_equal(a, b, 0));
	b[63] = 1;
	assert_false(crypto_equal(a, b, sizeof a));
	assert_int_equal(crypto_random(a, sizeof a), 0);
	assert_int_equal(crypto_random(b, sizeof b), 0);
	assert_memory_not_equal(a, b, sizeof a);
	crypto_wipe(a, sizeof a);
	memset(b, 0, sizeof b);
	assert_memory_equal(a, b, sizeof a);
}

int main(void)
{
	char why[256];
	struct crypto *crypto = crypto_new(why, sizeof why);
	struct CMUnitTest tests[] = { cmocka_unit_test(test_table), cmocka_unit_test(test_helpers),
		cmocka_unit_test(test_aead), cmocka_unit_test(test_cipher), cmocka_unit_test(test_mac),
		cmocka_unit_test(test_kx), cmocka_unit_test(test_kem), cmocka_unit_test(test_hkdf) };
	int failed;

	if (!crypto) {
		fprintf(stderr, "%s\n", why);
		return 2;
	}
	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
		tests[i].initial_state = crypto;
	failed = cmocka_run_group_tests_name("crypto laws", tests, NULL, NULL);
	crypto_free(crypto);
	return failed;
}
