/* SPDX-License-Identifier: Apache-2.0 */
/* vectors_public.c - published vectors of signatures, key agreement, and encryption and encapsulation to a public key. */
#include "vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>

static void check_signing(struct work *work, const struct vector_case *c)
{
	const struct vector_field *private = vector_hex(c, "private"), *message = vector_hex(c, "message");
	const struct vector_field *signature = vector_hex(c, "signature"), *public = vector_hex(c, "public");
	uint8_t out[CRYPTO_SIGNATURE_MAX];
	size_t room = sizeof out;
	struct crypto_key *key = NULL;

	CHECK(c, crypto_key_private(work->crypto, work->algorithm, private->bytes, private->length, &key) == 0);
	CHECK(c, crypto_signature_make(work->crypto, key, message->bytes, message->length, out) == 0);
	CHECK(c, memcmp(out, signature->bytes, signature->length) == 0);
	CHECK(c, crypto_key_export_public(key, out, &room) == 0 && room == public->length);
	CHECK(c, memcmp(out, public->bytes, room) == 0);
	crypto_key_free(key);
}

/* RSA keys come as PEM; the vectors have what is inside of it. */
static struct crypto_key *key_of(struct work *work, const struct vector_case *c)
{
	const bool private = work->algorithm->kind != CRYPTO_SIGN;
	const struct vector_field *der = vector_find(c, private ? "pkcs8" : "spki");
	const char *title = work->algorithm->kind == CRYPTO_PKE ? "RSA-OAEP PRIVATE" : private ? "RSA-KEM PRIVATE" : "PUBLIC";
	struct crypto_key *key = NULL;

	if (work->algorithm->key_bytes != 0) {
		const struct vector_field *public = vector_hex(c, "public");

		CHECK(c, crypto_key_public(work->crypto, work->algorithm, public->bytes, public->length, &key) == 0);
		return key;
	}
	if (der) {
		const size_t room = 2 * der->length + 100;
		int at;

		free(work->pem);
		work->pem = malloc(room);
		assert_non_null(work->pem);
		at = snprintf(work->pem, room, "-----BEGIN %s KEY-----\n", title);
		/* One long line would be no PEM: 48 bytes are 64 characters. */
		for (size_t i = 0; i < der->length; i += 48) {
			size_t step = der->length - i < 48 ? der->length - i : 48;

			at += EVP_EncodeBlock((unsigned char *)work->pem + at, der->bytes + i, (int)step);
			work->pem[at++] = '\n';
		}
		snprintf(work->pem + at, room - (size_t)at, "-----END %s KEY-----\n", title);
	}
	CHECK(c, work->pem != NULL);
	CHECK(c, (private ? crypto_key_private : crypto_key_public)(
		     work->crypto, work->algorithm, work->pem, strlen(work->pem), &key) == 0);
	return key;
}

void run_sign(void *state, const struct vector_case *c)
{
	struct work *work = state;
	const struct vector_field *message = vector_hex(c, "message"), *signature = vector_hex(c, "signature");
	struct crypto_key *key = key_of(work, c);
	int status =
	    crypto_verify(work->crypto, key, message->bytes, message->length, signature->bytes, signature->length);

	CHECK(c, status == (vector_valid(c) ? 0 : CRYPTO_BAD));
	if (vector_find(c, "private"))
		check_signing(work, c);
	crypto_key_free(key);
}

void run_kx(void *state, const struct vector_case *c)
{
	struct work *work = state;
	const struct vector_field *private = vector_hex(c, "private"), *peer = vector_hex(c, "peer");
	uint8_t out[CRYPTO_SHARE_MAX];
	int status;

	CHECK(c, private->length == work->algorithm->key_bytes && peer->length == work->algorithm->public_bytes);
	status = crypto_kx_secret(work->crypto, work->algorithm, private->bytes, peer->bytes, out);
	if (vector_valid(c)) {
		const struct vector_field *secret = vector_hex(c, "secret");

		CHECK(c, status == 0 && secret->length == work->algorithm->output_bytes);
		CHECK(c, memcmp(out, secret->bytes, secret->length) == 0);
	} else {
		CHECK(c, status == CRYPTO_BAD);
	}
	if (vector_find(c, "public")) {
		CHECK(c, crypto_kx_public(work->crypto, work->algorithm, private->bytes, out) == 0);
		CHECK(c, memcmp(out, vector_hex(c, "public")->bytes, work->algorithm->public_bytes) == 0);
	}
}

/* What is not valid opens to what was given instead, and to nothing else. */
void run_pke(void *state, const struct vector_case *c)
{
	struct work *work = state;
	const struct vector_field *label = vector_hex(c, "label"), *message = vector_hex(c, "message");
	const struct vector_field *sealed = vector_hex(c, "sealed");
	const struct crypto_part part = { label->bytes, label->length };
	uint8_t otherwise[CRYPTO_SIGNATURE_MAX], out[CRYPTO_SIGNATURE_MAX], again[CRYPTO_SIGNATURE_MAX];
	struct crypto_key *key = key_of(work, c);

	memset(otherwise, 0xa5, sizeof otherwise);
	CHECK(c, crypto_pke_open(work->crypto, key, &part, sealed->bytes, sealed->length, otherwise, out, message->length) == 0);
	CHECK(c, memcmp(out, vector_valid(c) ? message->bytes : otherwise, message->length) == 0);
	if (vector_valid(c)) {
		CHECK(c, crypto_pke_seal(work->crypto, key, &part, message->bytes, message->length, again) == 0);
		CHECK(c, memcmp(again, sealed->bytes, sealed->length) != 0);
		CHECK(c, crypto_pke_open(work->crypto, key, &part, again, sealed->length, otherwise, out, message->length) == 0);
		CHECK(c, memcmp(out, message->bytes, message->length) == 0);
	}
	crypto_key_free(key);
}

/* Made of COINS: the ciphertext, and the secret with it; or refused. */
static void seal_as_published(struct work *work, const struct vector_case *c)
{
	const struct vector_field *public = vector_hex(c, "public"), *coins = vector_hex(c, "coins");
	uint8_t sealed[CRYPTO_ENCAPSULATED_MAX], secret[CRYPTO_OUTPUT_MAX];
	int status = crypto_mlkem_encapsulate(work->crypto, work->algorithm, public->bytes, coins->bytes, sealed, secret);

	CHECK(c, coins->length == work->algorithm->output_bytes && status == (vector_valid(c) ? 0 : CRYPTO_BAD));
	if (status != 0)
		return;
	CHECK(c, memcmp(sealed, vector_hex(c, "sealed")->bytes, work->algorithm->sealed_bytes) == 0);
	CHECK(c, memcmp(secret, vector_hex(c, "secret")->bytes, work->algorithm->output_bytes) == 0);
}

static void run_mlkem(struct work *work, const struct vector_case *c)
{
	const struct vector_field *private = vector_find(c, "private"), *public = vector_hex(c, "public");
	uint8_t out[CRYPTO_ENCAPSULATED_MAX], secret[CRYPTO_OUTPUT_MAX];
	int status;

	CHECK(c, private || vector_find(c, "coins"));
	CHECK(c, public->length == work->algorithm->public_bytes);
	if (vector_find(c, "coins"))
		seal_as_published(work, c);
	if (!private)
		return;
	CHECK(c, private->length == work->algorithm->key_bytes);
	CHECK(c, vector_hex(c, "sealed")->length == work->algorithm->sealed_bytes);
	CHECK(c, crypto_mlkem_public(work->crypto, work->algorithm, private->bytes, out) == 0);
	CHECK(c, memcmp(out, public->bytes, public->length) == 0);
	status = crypto_mlkem_decapsulate(work->crypto, work->algorithm, private->bytes, vector_hex(c, "sealed")->bytes, secret);
	CHECK(c, status == (vector_valid(c) ? 0 : CRYPTO_BAD));
	CHECK(c, status != 0 || vector_hex(c, "secret")->length == work->algorithm->output_bytes);
	CHECK(c, status != 0 || memcmp(secret, vector_hex(c, "secret")->bytes, work->algorithm->output_bytes) == 0);
}

static void run_rsasve(struct work *work, const struct vector_case *c)
{
	const struct vector_field *sealed = vector_hex(c, "sealed");
	uint8_t out[CRYPTO_SIGNATURE_MAX];
	struct crypto_key *key = key_of(work, c);
	int status = crypto_kem_decapsulate(work->crypto, key, sealed->bytes, sealed->length, out);

	CHECK(c, status == (vector_valid(c) ? 0 : CRYPTO_BAD));
	CHECK(c, status != 0 || memcmp(out, vector_hex(c, "secret")->bytes, vector_hex(c, "secret")->length) == 0);
	CHECK(c, crypto_kem_decapsulate(work->crypto, key, sealed->bytes, sealed->length - 1, out) == CRYPTO_BAD);
	crypto_key_free(key);
}

void run_kem(void *state, const struct vector_case *c)
{
	struct work *work = state;

	if (work->algorithm->public_bytes != 0)
		run_mlkem(work, c);
	else
		run_rsasve(work, c);
}
