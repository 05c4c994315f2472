/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: every row of the table answers published vectors as published, refusals among them, and no row is without
 * vectors. Usage: vectors DIRECTORY (tests/vectors)
 */
#include "crypto/bech32m.h"
#include "vectors.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 128 }; /* for rows, and for what is no row */

static void check_sealing(struct work *work, const struct vector_case *c)
{
	const struct vector_field *key = vector_hex(c, "key"), *nonce = vector_hex(c, "nonce"),
				  *ad = vector_hex(c, "ad");
	const struct vector_field *text = vector_hex(c, "text"), *sealed = vector_hex(c, "sealed");
	uint8_t tag[CRYPTO_TAG_BYTES];
	struct crypto_aead *aead = NULL;

	CHECK(c, crypto_aead_new(work->crypto, work->algorithm, key->bytes, true, &aead) == 0);
	CHECK(c, crypto_aead_seal(aead, nonce->bytes, ad->bytes, ad->length, text->bytes, text->length, tag) == 0);
	CHECK(c, text->length == sealed->length && memcmp(text->bytes, sealed->bytes, sealed->length) == 0);
	CHECK(c, memcmp(tag, vector_hex(c, "tag")->bytes, sizeof tag) == 0);
	crypto_aead_free(aead);
}

/* Also seals; as both work in place, the sealed text is opened from what sealing left. */
static void run_aead(void *state, const struct vector_case *c)
{
	struct work *work = state;
	const struct vector_field *key = vector_hex(c, "key"), *nonce = vector_hex(c, "nonce"),
				  *ad = vector_hex(c, "ad");
	const struct vector_field *sealed = vector_hex(c, "sealed"), *tag = vector_hex(c, "tag");
	struct crypto_aead *aead = NULL;
	int status;

	CHECK(c, key->length == work->algorithm->key_bytes && nonce->length == work->algorithm->nonce_bytes);
	CHECK(c, tag->length == CRYPTO_TAG_BYTES);
	CHECK(c, crypto_aead_new(work->crypto, work->algorithm, key->bytes, false, &aead) == 0);
	if (vector_valid(c)) {
		const struct vector_field *text = vector_hex(c, "text");
		uint8_t *copy = malloc(text->length + 1);

		assert_non_null(copy);
		memcpy(copy, text->bytes, text->length);
		check_sealing(work, c);
		status = crypto_aead_open(
		    aead, nonce->bytes, ad->bytes, ad->length, sealed->bytes, sealed->length, tag->bytes);
		CHECK(c, status == 0 && memcmp(sealed->bytes, copy, text->length) == 0);
		free(copy);
	} else {
		status = crypto_aead_open(
		    aead, nonce->bytes, ad->bytes, ad->length, sealed->bytes, sealed->length, tag->bytes);
		CHECK(c, status == CRYPTO_BAD);
	}
	crypto_aead_free(aead);
}

static void run_cipher(void *state, const struct vector_case *c)
{
	struct work *work = state;
	const struct vector_field *key = vector_hex(c, "key"), *iv = vector_hex(c, "nonce");
	struct crypto_cipher *there = NULL, *back = NULL;
	int status = crypto_cipher_new(work->crypto, work->algorithm, key->bytes, true, &there);

	CHECK(c, key->length == work->algorithm->key_bytes && iv->length == work->algorithm->nonce_bytes);
	if (vector_valid(c)) {
		const struct vector_field *text = vector_hex(c, "text"), *sealed = vector_hex(c, "sealed");
		uint8_t copy[512];

		CHECK(c, text->length == sealed->length && text->length <= sizeof copy && status == 0);
		memcpy(copy, text->bytes, text->length);
		CHECK(c, crypto_cipher_run(there, iv->bytes, copy, text->length) == 0);
		CHECK(c, memcmp(copy, sealed->bytes, text->length) == 0);
		CHECK(c, crypto_cipher_new(work->crypto, work->algorithm, key->bytes, false, &back) == 0);
		CHECK(c, crypto_cipher_run(back, iv->bytes, copy, text->length) == 0);
		CHECK(c, memcmp(copy, text->bytes, text->length) == 0);
	} else {
		CHECK(c, status == CRYPTO_BAD && there == NULL);
		CHECK(c, crypto_cipher_new(work->crypto, work->algorithm, key->bytes, false, &back) == CRYPTO_BAD);
	}
	crypto_cipher_free(there);
	crypto_cipher_free(back);
}

/* As one part and as two. */
static void run_digest(void *state, const struct vector_case *c)
{
	struct work *work = state;
	const struct vector_field *message = vector_hex(c, "message"), *output = vector_hex(c, "output");
	const size_t half = message->length / 2;
	const struct crypto_part parts[] = { { message->bytes, half },
		{ message->bytes + half, message->length - half } };
	const struct crypto_part whole = { message->bytes, message->length };
	uint8_t out[CRYPTO_OUTPUT_MAX];
	struct crypto_digest *digest = NULL;

	CHECK(c, vector_valid(c) && output->length == work->algorithm->output_bytes);
	CHECK(c, crypto_digest_new(work->crypto, work->algorithm, &digest) == 0);
	CHECK(c, crypto_digest_run(digest, parts, 2, out) == 0 && memcmp(out, output->bytes, output->length) == 0);
	CHECK(c, crypto_digest_run(digest, &whole, 1, out) == 0 && memcmp(out, output->bytes, output->length) == 0);
	if (strcmp(work->algorithm->name, "sha-256") == 0) {
		CHECK(c, crypto_sha256(work->crypto, parts, 2, out) == 0);
		CHECK(c, memcmp(out, output->bytes, output->length) == 0);
	}
	crypto_digest_free(digest);
}

static void run_mac(void *state, const struct vector_case *c)
{
	struct work *work = state;
	const struct vector_field *key = vector_hex(c, "key"), *message = vector_hex(c, "message");
	const struct vector_field *output = vector_hex(c, "output");
	const size_t half = message->length / 2;
	const struct crypto_part parts[] = { { message->bytes, half },
		{ message->bytes + half, message->length - half } };
	uint8_t out[CRYPTO_OUTPUT_MAX], again[CRYPTO_OUTPUT_MAX];
	struct crypto_mac *mac = NULL;

	if (strcmp(work->algorithm->fetch, "CMAC") == 0 && key->length != work->algorithm->key_bytes) {
		CHECK(c, !vector_valid(c) && crypto_mac_new(work->crypto, work->algorithm, key->bytes, key->length, &mac) < 0);
		return;
	}
	CHECK(c, output->length == work->algorithm->output_bytes);
	CHECK(c, crypto_mac_new(work->crypto, work->algorithm, key->bytes, key->length, &mac) == 0);
	CHECK(c, crypto_mac_run(mac, parts, 2, out) == 0 && crypto_mac_run(mac, parts, 2, again) == 0);
	CHECK(c, memcmp(out, again, output->length) == 0);
	CHECK(c, crypto_equal(out, output->bytes, output->length) == vector_valid(c));
	if (strcmp(work->algorithm->name, "hmac-sha-256") == 0) {
		CHECK(c, crypto_hmac_sha256(work->crypto, key->bytes, key->length, parts, 2, again) == 0);
		CHECK(c, memcmp(out, again, output->length) == 0);
	}
	crypto_mac_free(mac);
}

/* The message cut in two at every place. */
static void run_onetime(void *state, const struct vector_case *c)
{
	struct work *work = state;
	const struct vector_field *key = vector_hex(c, "key"), *message = vector_hex(c, "message"), *output = vector_hex(c, "output");
	uint8_t tag[CRYPTO_TAG_BYTES];
	struct crypto_onetime *onetime = NULL;

	CHECK(c, vector_valid(c) && key->length == CRYPTO_ONETIME_KEY && output->length == sizeof tag);
	CHECK(c, crypto_onetime_new(work->crypto, &onetime) == 0);
	for (size_t cut = 0; cut <= message->length; cut++) {
		const struct crypto_part parts[] = { { message->bytes, cut }, { message->bytes + cut, message->length - cut } };

		CHECK(c, crypto_onetime_run(onetime, key->bytes, parts, 2, tag) == 0 && memcmp(tag, output->bytes, sizeof tag) == 0);
	}
	crypto_onetime_free(onetime);
}

static void run_hkdf(void *state, const struct vector_case *c)
{
	struct work *work = state;
	const struct vector_field *ikm = vector_hex(c, "ikm"), *salt = vector_hex(c, "salt"),
				  *info = vector_hex(c, "info");
	const struct vector_field *output = vector_hex(c, "output"), *published = vector_find(c, "prk");
	uint8_t prk[CRYPTO_HASH_BYTES], *out = malloc(output->length);

	assert_non_null(out);
	CHECK(c, vector_valid(c) && output->length > 0);
	CHECK(c, crypto_hkdf_extract(work->crypto, salt->bytes, salt->length, ikm->bytes, ikm->length, prk) == 0);
	CHECK(c, !published || memcmp(prk, vector_hex(c, "prk")->bytes, sizeof prk) == 0);
	CHECK(c, crypto_hkdf_expand(work->crypto, prk, info->bytes, info->length, out, output->length) == 0);
	CHECK(c, memcmp(out, output->bytes, output->length) == 0);
	free(out);
}

/* A case that is not valid has a length in place of its output. */
static void run_argon2id(void *state, const struct vector_case *c)
{
	const struct vector_field *passphrase = vector_hex(c, "passphrase"), *salt = vector_hex(c, "salt");
	const struct vector_field *output = vector_valid(c) ? vector_hex(c, "output") : NULL;
	const size_t length = output ? output->length : strtoul(vector_text(c, "length"), NULL, 10);
	struct crypto_argon2 cost = { .memory_kib = (uint32_t)strtoul(vector_text(c, "memory"), NULL, 10),
		.passes = (uint32_t)strtoul(vector_text(c, "passes"), NULL, 10) };
	uint8_t *out = malloc(length);

	(void)state;
	assert_non_null(out);
	CHECK(c, salt->length == sizeof cost.salt);
	memcpy(cost.salt, salt->bytes, sizeof cost.salt);
	CHECK(c, crypto_argon2id(passphrase->bytes, passphrase->length, &cost, out, length) == (output ? 0 : CRYPTO_BAD));
	CHECK(c, !output || memcmp(out, output->bytes, length) == 0);
	free(out);
}

static int status_named(const char *name)
{
	static const char *const names[] = { "ok", "character", "prefix", "length", "checksum" };

	for (int i = 1; i < 5; i++)
		if (strcmp(names[i], name) == 0)
			return -i;
	return 0;
}

static void run_bech32m(void *state, const struct vector_case *c)
{
	const char *prefix = vector_text(c, "prefix"), *text = vector_text(c, "text");
	uint8_t out[64];
	char again[BECH32M_TEXT_MAX];
	size_t at = 0;

	(void)state;
	if (vector_valid(c)) {
		const struct vector_field *bytes = vector_hex(c, "bytes");

		CHECK(c, bech32m_read(prefix, text, out, bytes->length, &at) == 0);
		CHECK(c, memcmp(out, bytes->bytes, bytes->length) == 0);
		CHECK(c, bech32m_write(prefix, bytes->bytes, bytes->length, again) == 0);
		CHECK(c, strcasecmp(text, again) == 0);
	} else {
		size_t length = strtoul(vector_text(c, "length"), NULL, 10);

		CHECK(c, bech32m_read(prefix, text, out, length, &at) == status_named(vector_text(c, "status")));
		CHECK(c, !vector_find(c, "at") || at == strtoul(vector_text(c, "at"), NULL, 10));
	}
}

static void test_row(void **state)
{
	static void (*const runs[])(void *, const struct vector_case *) = { [CRYPTO_AEAD] = run_aead,
		[CRYPTO_CIPHER] = run_cipher,
		[CRYPTO_DIGEST] = run_digest,
		[CRYPTO_MAC] = run_mac,
		[CRYPTO_ONETIME] = run_onetime,
		[CRYPTO_SIGN] = run_sign,
		[CRYPTO_KX] = run_kx,
		[CRYPTO_PKE] = run_pke,
		[CRYPTO_KEM] = run_kem };
	struct work *work = *state;
	const struct crypto_algorithm *row = work->algorithm;
	const char *why = crypto_unavailable(work->crypto, row);
	char name[64];

	snprintf(name, sizeof name, "%s/%s", crypto_kind_name(row->kind), row->name);
	if (why) {
		print_message("# NOT RUN: the vectors of %s: %s\n", name, why);
		/* Only a provider may be missing, or be too old; a row that failed its self-test is a failure here. */
		assert_true(strstr(why, "which this machine does not have") || strstr(why, "needs OpenSSL 3.5 or later"));
		return; /* this TAP has no word for skipped that is not a failure */
	}
	vector_each(work->directory, name, runs[row->kind], work);
	free(work->pem);
	work->pem = NULL;
}

static void test_hkdf(void **state)
{
	struct work *work = *state;

	vector_each(work->directory, "kdf/hkdf-sha-256", run_hkdf, work);
}

static void test_argon2id(void **state)
{
	struct work *work = *state;

	vector_each(work->directory, "kdf/argon2id", run_argon2id, work);
}

static void test_bech32m(void **state)
{
	struct work *work = *state;

	vector_each(work->directory, "text/bech32m", run_bech32m, work);
}

int main(int argc, char **argv)
{
	char why[256];
	size_t count, absent = 0;
	const struct crypto_algorithm *rows = crypto_algorithms(&count);
	struct crypto *crypto = crypto_new(why, sizeof why);
	struct work works[ROOM] = { 0 };
	struct CMUnitTest tests[ROOM] = { 0 };
	static const struct CMUnitTest others[] = { { .name = "hkdf-sha-256", .test_func = test_hkdf },
		{ .name = "argon2id", .test_func = test_argon2id }, { .name = "bech32m", .test_func = test_bech32m } };
	const size_t all = count + sizeof others / sizeof others[0];
	int failed;

	if (argc != 2 || !crypto || all > ROOM) {
		fprintf(stderr, "usage: vectors DIRECTORY%s%s\n", crypto ? "" : ": ", crypto ? "" : why);
		crypto_free(crypto);
		return 2;
	}
	for (size_t i = 0; i < all; i++) {
		works[i] = (struct work){ argv[1], crypto, i < count ? &rows[i] : NULL, NULL };
		tests[i] = i < count ? (struct CMUnitTest){ .name = rows[i].name, .test_func = test_row } : others[i - count];
		tests[i].initial_state = &works[i];
	}
	failed = _cmocka_run_group_tests("crypto vectors", tests, all, NULL, NULL);
	for (size_t i = 0; i < count; i++)
		absent += crypto_unavailable(crypto, &rows[i]) != NULL;
	print_message("# %zu files of vectors were not run, as this machine lacks their algorithms\n", absent);
	crypto_free(crypto);
	return failed;
}
