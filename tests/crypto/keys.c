/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: key pairs sign what their public halves verify and open what is sealed to those, come back from their exported form,
 * serve for nothing but what they were made for, and wrong keys are refused.
 */
#include "crypto/crypto.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <cmocka.h>

enum { ROOM = 8192 };

static const char message[] = "a message to sign";

static void sign_and_verify(struct crypto *crypto, const struct crypto_key *own, const struct crypto_key *peer)
{
	uint8_t signature[CRYPTO_SIGNATURE_MAX];
	size_t length = crypto_key_signature_bytes(own);

	assert_true(length <= sizeof signature);
	assert_int_equal(crypto_key_signature_bytes(peer), length);
	assert_int_equal(crypto_signature_make(crypto, own, message, sizeof message, signature), 0);
	assert_int_equal(crypto_verify(crypto, peer, message, sizeof message, signature, length), 0);
	assert_int_equal(crypto_verify(crypto, peer, message, sizeof message - 1, signature, length), CRYPTO_BAD);
	assert_int_equal(crypto_verify(crypto, peer, message, sizeof message, signature, length - 1), CRYPTO_BAD);
	assert_int_equal(crypto_verify(crypto, peer, message, sizeof message, signature, 0), CRYPTO_BAD);
	for (size_t i = 0; i < length; i += 7) {
		signature[i] ^= 1;
		assert_int_equal(crypto_verify(crypto, peer, message, sizeof message, signature, length), CRYPTO_BAD);
		signature[i] ^= 1;
	}
	assert_int_equal(crypto_signature_make(crypto, peer, message, sizeof message, signature), CRYPTO_BAD);
}

static void seal_and_open(struct crypto *crypto, const struct crypto_key *own, const struct crypto_key *peer)
{
	const struct crypto_part label = { "label", 5 }, other = { "other", 5 };
	const uint8_t otherwise[sizeof message] = { 1, 2, 3 };
	uint8_t sealed[CRYPTO_SIGNATURE_MAX], out[sizeof message];
	const size_t length = crypto_key_signature_bytes(own);

	assert_int_equal(crypto_pke_seal(crypto, peer, &label, message, sizeof message, sealed), 0);
	assert_int_equal(crypto_pke_open(crypto, own, &label, sealed, length, otherwise, out, sizeof out), 0);
	assert_memory_equal(out, message, sizeof out);
	assert_int_equal(crypto_pke_open(crypto, own, &other, sealed, length, otherwise, out, sizeof out), 0);
	assert_memory_equal(out, otherwise, sizeof out);
	assert_int_equal(crypto_pke_open(crypto, own, &label, sealed, length, otherwise, out, sizeof out - 1), 0);
	assert_memory_equal(out, otherwise, sizeof out - 1);
	assert_int_equal(crypto_pke_open(crypto, own, &label, sealed, length - 1, otherwise, out, sizeof out), 0);
	assert_memory_equal(out, otherwise, sizeof out);
	for (size_t i = 0; i < length; i += 61) {
		sealed[i] ^= 1;
		assert_int_equal(crypto_pke_open(crypto, own, &label, sealed, length, otherwise, out, sizeof out), 0);
		assert_memory_equal(out, otherwise, sizeof out);
		sealed[i] ^= 1;
	}
	assert_int_equal(crypto_pke_open(crypto, peer, &label, sealed, length, otherwise, out, sizeof out), CRYPTO_BAD);
}

static void encapsulate(struct crypto *crypto, const struct crypto_key *own, const struct crypto_key *peer)
{
	uint8_t sealed[CRYPTO_SIGNATURE_MAX], secret[CRYPTO_SIGNATURE_MAX], out[CRYPTO_SIGNATURE_MAX];
	const uint8_t other[CRYPTO_HASH_BYTES] = { 2 };
	uint8_t seed[CRYPTO_HASH_BYTES] = { 1 };
	const size_t length = crypto_key_signature_bytes(own);

	assert_int_equal(crypto_kem_encapsulate(crypto, peer, seed, sealed, secret), 0);
	assert_int_equal(crypto_kem_encapsulate(crypto, own, seed, sealed, out), 0);
	assert_memory_equal(out, secret, length);
	assert_int_equal(crypto_kem_encapsulate(crypto, peer, other, sealed, secret), 0);
	assert_memory_not_equal(out, secret, length);
	/* Uniform below the modulus: of many, the first byte is not always the same. */
	for (out[0] = secret[0]; out[0] == secret[0]; seed[1]++)
		assert_int_equal(crypto_kem_encapsulate(crypto, peer, seed, sealed, out), 0);
	assert_int_equal(crypto_kem_encapsulate(crypto, peer, other, sealed, secret), 0);
	assert_int_equal(crypto_kem_decapsulate(crypto, own, sealed, length, out), 0);
	assert_memory_equal(out, secret, length);
	sealed[length - 1] ^= 1; /* another number, and so another secret: that nobody has it the exchange finds out */
	assert_int_equal(crypto_kem_decapsulate(crypto, own, sealed, length, out), 0);
	assert_memory_not_equal(out, secret, length);
	assert_int_equal(crypto_kem_decapsulate(crypto, peer, sealed, length, out), CRYPTO_BAD);
}

/* A key serves for what it was made for, and its file is taken for nothing else. */
static void for_nothing_else(struct crypto *crypto, const struct crypto_key *own, const void *private, size_t length)
{
	const struct crypto_part label = { NULL, 0 };
	const enum crypto_kind kind = crypto_key_algorithm(own)->kind;
	uint8_t sealed[CRYPTO_SIGNATURE_MAX] = { 0 }, out[CRYPTO_SIGNATURE_MAX] = { 0 };
	const size_t size = crypto_key_signature_bytes(own);
	size_t count;
	const struct crypto_algorithm *rows = crypto_algorithms(&count);
	struct crypto_key *key = NULL;

	if (kind != CRYPTO_SIGN) {
		assert_int_equal(crypto_signature_make(crypto, own, message, sizeof message, out), CRYPTO_BAD);
		assert_int_equal(crypto_verify(crypto, own, message, sizeof message, out, size), CRYPTO_BAD);
	}
	if (kind != CRYPTO_PKE) {
		assert_int_equal(crypto_pke_seal(crypto, own, &label, message, sizeof message, out), CRYPTO_BAD);
		assert_int_equal(crypto_pke_open(crypto, own, &label, sealed, size, out, out, 1), CRYPTO_BAD);
	}
	if (kind != CRYPTO_KEM) {
		assert_int_equal(crypto_kem_encapsulate(crypto, own, sealed, out, out), CRYPTO_BAD);
		assert_int_equal(crypto_kem_decapsulate(crypto, own, sealed, size, out), CRYPTO_BAD);
	}
	for (size_t i = 0; i < count; i++)
		if (&rows[i] != crypto_key_algorithm(own) && rows[i].kind >= CRYPTO_SIGN && rows[i].key_bytes == 0)
			assert_true(crypto_key_private(crypto, &rows[i], private, length, &key) < 0);
	assert_null(key);
}

/* Both halves out and in again; room of one byte less is refused. */
static void round_trip(struct crypto *crypto, const struct crypto_algorithm *row)
{
	uint8_t private[ROOM], public[ROOM], again[ROOM];
	size_t private_length = ROOM, public_length = ROOM, length;
	struct crypto_key *made = NULL, *own = NULL, *peer = NULL;

	assert_int_equal(crypto_key_generate(crypto, row, &made), 0);
	assert_ptr_equal(crypto_key_algorithm(made), row);
	assert_int_equal(crypto_key_bits(made), strcmp(row->fetch, "RSA") == 0 ? 3072 : 256);
	assert_int_equal(crypto_key_export_private(made, private, &private_length), 0);
	assert_int_equal(crypto_key_export_public(made, public, &public_length), 0);
	length = private_length - 1;
	assert_int_equal(crypto_key_export_private(made, again, &length), CRYPTO_BAD);
	length = public_length - 1;
	assert_int_equal(crypto_key_export_public(made, again, &length), CRYPTO_BAD);
	assert_int_equal(crypto_key_private(crypto, row, private, private_length, &own), 0);
	assert_int_equal(crypto_key_public(crypto, row, public, public_length, &peer), 0);
	length = ROOM;
	assert_int_equal(crypto_key_export_private(own, again, &length), 0);
	assert_int_equal(length, private_length);
	assert_memory_equal(again, private, length);
	length = ROOM;
	assert_int_equal(crypto_key_export_private(peer, again, &length), CRYPTO_BAD);
	if (row->kind == CRYPTO_SIGN)
		sign_and_verify(crypto, own, peer);
	else if (row->kind == CRYPTO_PKE)
		seal_and_open(crypto, own, peer);
	else
		encapsulate(crypto, own, peer);
	for_nothing_else(crypto, own, private, private_length);
	crypto_key_free(made);
	made = NULL;
	/* Each form in the other's place, and a part of it. */
	if (row->key_bytes == 0) {
		assert_int_equal(crypto_key_private(crypto, row, public, public_length, &made), CRYPTO_BAD);
		assert_int_equal(crypto_key_public(crypto, row, private, private_length, &made), CRYPTO_BAD);
	}
	assert_int_equal(crypto_key_private(crypto, row, private, private_length / 2, &made), CRYPTO_BAD);
	assert_int_equal(crypto_key_public(crypto, row, public, public_length / 2, &made), CRYPTO_BAD);
	assert_int_equal(crypto_key_public(crypto, row, public, 0, &made), CRYPTO_BAD);
	assert_null(made);
	assert_int_equal(ERR_peek_error(), 0);
	crypto_key_free(own);
	crypto_key_free(peer);
}

/* One whose key is new each time has no pair of this kind. */
static bool is_long_term_kem(const struct crypto_algorithm *row)
{
	return row->kind == CRYPTO_KEM && row->public_bytes == 0;
}

static void test_round_trips(void **state)
{
	size_t count;
	const struct crypto_algorithm *rows = crypto_algorithms(&count);

	for (size_t i = 0; i < count; i++)
		if ((rows[i].kind == CRYPTO_SIGN || rows[i].kind == CRYPTO_PKE || is_long_term_kem(&rows[i])) &&
		    !crypto_unavailable(*state, &rows[i]))
			round_trip(*state, &rows[i]);
}

/* PEM text of PKEY: its public half, or the private one under PASSWORD (NULL: none). */
static size_t pem(EVP_PKEY *pkey, bool private, char *password, char *out)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int length;

	assert_int_equal(private ? PEM_write_bio_PKCS8PrivateKey(
				       bio, pkey, password ? EVP_aes_256_cbc() : NULL, NULL, 0, NULL, password)
				 : PEM_write_bio_PUBKEY(bio, pkey),
	    1);
	length = BIO_read(bio, out, ROOM);
	BIO_free(bio);
	assert_true(length > 0);
	return (size_t)length;
}

static EVP_PKEY *with_exponent(unsigned exponent)
{
	BIGNUM *number = BN_new();
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *pkey = NULL;

	assert_true(BN_set_word(number, exponent) == 1 && EVP_PKEY_keygen_init(context) == 1);
	assert_int_equal(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context, number), 1);
	assert_int_equal(EVP_PKEY_keygen(context, &pkey), 1);
	EVP_PKEY_CTX_free(context);
	BN_free(number);
	return pkey;
}

/* Too small, with too small an exponent, of another kind, or under a passphrase that nobody is asked for. */
static void test_refused_rsa(void **state)
{
	const struct crypto_algorithm *rsa = crypto_find(CRYPTO_SIGN, "rsa-pss");
	char text[ROOM], password[] = "secret";
	struct crypto_key *key = NULL;
	EVP_PKEY *small = EVP_RSA_gen(1024), *fits = EVP_RSA_gen(2048), *curve = EVP_EC_gen("P-256"), *three = with_exponent(3);

	assert_true(small && fits && curve);
	assert_int_equal(crypto_key_private(*state, rsa, text, pem(small, true, NULL, text), &key), CRYPTO_BAD);
	assert_int_equal(crypto_key_public(*state, rsa, text, pem(small, false, NULL, text), &key), CRYPTO_BAD);
	assert_int_equal(crypto_key_private(*state, rsa, text, pem(three, true, NULL, text), &key), CRYPTO_BAD);
	assert_int_equal(crypto_key_public(*state, rsa, text, pem(three, false, NULL, text), &key), CRYPTO_BAD);
	assert_int_equal(crypto_key_private(*state, rsa, text, pem(curve, true, NULL, text), &key), CRYPTO_BAD);
	assert_int_equal(crypto_key_public(*state, rsa, text, pem(curve, false, NULL, text), &key), CRYPTO_BAD);
	assert_int_equal(crypto_key_private(*state, rsa, text, pem(fits, true, password, text), &key), CRYPTO_BAD);
	assert_null(key);
	assert_int_equal(crypto_key_private(*state, rsa, text, pem(fits, true, NULL, text), &key), 0);
	assert_int_equal(crypto_key_bits(key), 2048);
	crypto_key_free(key);
	EVP_PKEY_free(small);
	EVP_PKEY_free(three);
	EVP_PKEY_free(fits);
	EVP_PKEY_free(curve);
}

/* A signature by OpenSSL's defaults alone, with SALT bytes: only 32 are taken. */
static int verify_salt(struct crypto *crypto, EVP_PKEY *pkey, const struct crypto_key *peer, int salt)
{
	uint8_t signature[CRYPTO_SIGNATURE_MAX];
	size_t length = sizeof signature;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *parameters = NULL;

	assert_int_equal(EVP_DigestSignInit(context, &parameters, EVP_sha256(), NULL, pkey), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, salt), 1);
	assert_int_equal(EVP_DigestSign(context, signature, &length, (const uint8_t *)message, sizeof message), 1);
	EVP_MD_CTX_free(context);
	return crypto_verify(crypto, peer, message, sizeof message, signature, length);
}

static void test_salt(void **state)
{
	const struct crypto_algorithm *rsa = crypto_find(CRYPTO_SIGN, "rsa-pss");
	char text[ROOM];
	EVP_PKEY *pkey = EVP_RSA_gen(2048);
	struct crypto_key *peer = NULL;

	assert_int_equal(crypto_key_public(*state, rsa, text, pem(pkey, false, NULL, text), &peer), 0);
	assert_int_equal(verify_salt(*state, pkey, peer, 32), 0);
	assert_int_equal(verify_salt(*state, pkey, peer, 0), CRYPTO_BAD);
	assert_int_equal(verify_salt(*state, pkey, peer, 31), CRYPTO_BAD);
	assert_int_equal(verify_salt(*state, pkey, peer, 33), CRYPTO_BAD);
	crypto_key_free(peer);
	EVP_PKEY_free(pkey);
}

/* RFC 8017 8.1.2: a signature has all bytes of the modulus, zeros at its start as well (one in 256 has such a zero). */
static void test_leading_zero(void **state)
{
	const struct crypto_algorithm *rsa = crypto_find(CRYPTO_SIGN, "rsa-pss");
	char text[ROOM];
	uint8_t signature[CRYPTO_SIGNATURE_MAX];
	EVP_PKEY *pkey = EVP_RSA_gen(2048);
	struct crypto_key *own = NULL;

	assert_int_equal(crypto_key_private(*state, rsa, text, pem(pkey, true, NULL, text), &own), 0);
	do
		assert_int_equal(crypto_signature_make(*state, own, message, sizeof message, signature), 0);
	while (signature[0] != 0);
	assert_int_equal(crypto_verify(*state, own, message, sizeof message, signature, 256), 0);
	assert_int_equal(crypto_verify(*state, own, message, sizeof message, signature + 1, 255), CRYPTO_BAD);
	crypto_key_free(own);
	EVP_PKEY_free(pkey);
}

int main(void)
{
	char why[256];
	struct crypto *crypto = crypto_new(why, sizeof why);
	struct CMUnitTest tests[] = { cmocka_unit_test(test_round_trips), cmocka_unit_test(test_refused_rsa),
		cmocka_unit_test(test_salt), cmocka_unit_test(test_leading_zero) };
	int failed;

	if (!crypto) {
		fprintf(stderr, "%s\n", why);
		return 2;
	}
	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
		tests[i].initial_state = crypto;
	failed = cmocka_run_group_tests_name("crypto keys", tests, NULL, NULL);
	crypto_free(crypto);
	return failed;
}
