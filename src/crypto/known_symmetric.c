/* SPDX-License-Identifier: Apache-2.0 */
/*
 * known_symmetric.c - known answers of ciphers, digests and MACs, also of one with a key for each message: a row of hexadecimal
 * text each.
 */
#include "crypto/library.h"
#include <string.h>

enum { LONGEST = 128 };

struct known {
	enum row row;
	const char *key, *nonce, *text, *answer; /* a digest has no key, ECB no nonce */
};
#define NOW_IS_THE_TIME "4e6f77206973207468652074696d6520666f7220616c6c20"
#define SP800_38A_TEXT  "6bc1bee22e409f96e93d7e117393172a"
#define AES_256_KEY     "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"
#define AES_128_KEY     "2b7e151628aed2a6abf7158809cf4f3c"
#define ABC             "616263"
#define JEFE            "4a656665"
#define WANT            "7768617420646f2079612077616e7420666f72206e6f7468696e673f"

static const struct known table[] = {
	/* FIPS 81, tables B1, D3 and E1. */
	{ ROW_DES_ECB, "0123456789abcdef", "", NOW_IS_THE_TIME, "3fa40e8a984d48156a271787ab8883f9893d51ec4b563b53" },
	{ ROW_DES_CFB, "0123456789abcdef", "1234567890abcdef", NOW_IS_THE_TIME,
	    "f3096249c7f46e51a69e839b1a92f78403467133898ea622" },
	{ ROW_DES_OFB, "0123456789abcdef", "1234567890abcdef", NOW_IS_THE_TIME,
	    "f3096249c7f46e5135f24a242eeb3d3f3d6d5be3255af8c3" },
	/* SP 800-67, appendix B: the first block, which with an IV of zeros is the same in CBC. */
	{ ROW_3DES_CBC, "0123456789abcdef23456789abcdef01456789abcdef0123", "0000000000000000", "5468652071756663",
	    "a826fd8ce53b855f" },
	/* SP 800-38A, F.2.1, F.2.5, F.5.1, F.5.5: the first blocks. */
	{ ROW_AES_128_CBC, AES_128_KEY, "000102030405060708090a0b0c0d0e0f", SP800_38A_TEXT,
	    "7649abac8119b246cee98e9b12e9197d" },
	{ ROW_AES_256_CBC, AES_256_KEY, "000102030405060708090a0b0c0d0e0f", SP800_38A_TEXT,
	    "f58c4c04d6e5f1ba779eabfb5f7bfbd6" },
	{ ROW_AES_128_CTR, AES_128_KEY, "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", SP800_38A_TEXT,
	    "874d6191b620e3261bef6864990db6ce" },
	{ ROW_AES_256_CTR, AES_256_KEY, "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", SP800_38A_TEXT,
	    "601ec313775789a5b7a7f504bbf3d228" },
	/* RFC 8439, 2.4.2: the beginning; counter 1. */
	{ ROW_CHACHA20, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
	    "01000000000000000000004a00000000", "4c616469657320616e642047656e746c", "6e2e359a2568f98041ba0728dd0d6981" },
	/* RFC 1321 A.5, FIPS 180-4 and FIPS 202 examples, RFC 7693 appendix A: "abc". */
	{ ROW_MD5, NULL, NULL, ABC, "900150983cd24fb0d6963f7d28e17f72" },
	{ ROW_SHA_512, NULL, NULL, ABC,
	    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e"
	    "2a9ac94fa54ca49f" },
	{ ROW_SHA3_256, NULL, NULL, ABC, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532" },
	{ ROW_BLAKE2B, NULL, NULL, ABC,
	    "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925a"
	    "b92386edd4009923" },
	/* RFC 2202, 2 and 3, case 2; RFC 4231, 4.3. */
	{ ROW_HMAC_MD5, JEFE, NULL, WANT, "750c783e6ab0b503eaa86e310a5db738" },
	{ ROW_HMAC_SHA_1, JEFE, NULL, WANT, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
	{ ROW_HMAC_SHA_512, JEFE, NULL, WANT,
	    "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b"
	    "636e070a38bce737" },
	/* The first keyed answer of BLAKE2's own list (blake2b-kat). */
	{ ROW_KEYED_BLAKE2B,
	    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637"
	    "38393a3b3c3d3e3f",
	    NULL, "",
	    "10ebb67700b1868efb4417987acf4690ae9d972fb7a590c2f02871799aaa4786b5e996e8f0f4eb981fc214b005f42d2ff4233499391653df"
	    "7aefcbc13fc51568" },
	/* RFC 8439, 2.5.2. */
	{ ROW_POLY1305, "85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b", NULL,
	    "43727970746f6772617068696320466f72756d2052657365617263682047726f7570", "a8061dc1305136c6c22b8baf0c0127a9" },
	/* SP 800-38B, D.3, example 10. */
	{ ROW_AES_CMAC, AES_256_KEY, NULL, SP800_38A_TEXT, "28a7023f452e8f82bd4bf28d8c37c35c" },
};

static uint8_t digit(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static size_t bytes_of(const char *text, uint8_t out[LONGEST])
{
	size_t length = text ? strlen(text) / 2 : 0;

	for (size_t i = 0; i < length; i++)
		out[i] = (uint8_t)(digit(text[2 * i]) << 4 | digit(text[2 * i + 1]));
	return length;
}

struct bytes {
	uint8_t key[LONGEST], nonce[LONGEST], text[LONGEST], answer[LONGEST];
	size_t key_length, length;
};

static bool cipher_answers(struct crypto *crypto, const struct crypto_algorithm *algorithm, const struct bytes *b)
{
	struct crypto_cipher *there = NULL, *back = NULL;
	uint8_t text[LONGEST];
	bool good;

	memcpy(text, b->text, b->length);
	good = crypto_cipher_new(crypto, algorithm, b->key, true, &there) == 0 &&
	       crypto_cipher_new(crypto, algorithm, b->key, false, &back) == 0 &&
	       crypto_cipher_run(there, b->nonce, text, b->length) == 0 && memcmp(text, b->answer, b->length) == 0 &&
	       crypto_cipher_run(back, b->nonce, text, b->length) == 0 && memcmp(text, b->text, b->length) == 0;
	crypto_cipher_free(there);
	crypto_cipher_free(back);
	return good;
}

static bool digest_answers(struct crypto *crypto, const struct crypto_algorithm *algorithm, const struct bytes *b)
{
	const struct crypto_part parts[] = { { b->text, 1 }, { b->text + 1, b->length - 1 } };
	struct crypto_digest *digest = NULL;
	uint8_t out[CRYPTO_OUTPUT_MAX];
	bool good = crypto_digest_new(crypto, algorithm, &digest) == 0 && crypto_digest_run(digest, parts, 2, out) == 0 &&
		    memcmp(out, b->answer, algorithm->output_bytes) == 0;

	crypto_digest_free(digest);
	return good;
}

/* Twice: the second run begins from the key's state. */
static bool mac_answers(struct crypto *crypto, const struct crypto_algorithm *algorithm, const struct bytes *b)
{
	const struct crypto_part part = { b->text, b->length };
	struct crypto_mac *mac = NULL;
	uint8_t out[CRYPTO_OUTPUT_MAX];
	bool good = crypto_mac_new(crypto, algorithm, b->key, b->key_length, &mac) == 0;

	for (unsigned i = 0; good && i < 2; i++)
		good = crypto_mac_run(mac, &part, 1, out) == 0 && memcmp(out, b->answer, algorithm->output_bytes) == 0;
	crypto_mac_free(mac);
	return good;
}

static bool onetime_answers(struct crypto *crypto, const struct bytes *b)
{
	const struct crypto_part parts[] = { { b->text, 1 }, { b->text + 1, b->length - 1 } };
	struct crypto_onetime *onetime = NULL;
	uint8_t out[CRYPTO_TAG_BYTES];
	bool good = crypto_onetime_new(crypto, &onetime) == 0;

	for (unsigned i = 0; good && i < 2; i++)
		good = crypto_onetime_run(onetime, b->key, parts, 2, out) == 0 && memcmp(out, b->answer, sizeof out) == 0;
	crypto_onetime_free(onetime);
	return good;
}

bool crypto_known_symmetric(struct crypto *crypto, enum row row)
{
	size_t count, i = 0;
	const struct crypto_algorithm *algorithm = &crypto_algorithms(&count)[row];
	struct bytes b;

	while (i < sizeof table / sizeof *table && table[i].row != row)
		i++;
	if (i == sizeof table / sizeof *table)
		return false;
	b.key_length = bytes_of(table[i].key, b.key);
	b.length = bytes_of(table[i].text, b.text);
	(void)bytes_of(table[i].nonce, b.nonce);
	(void)bytes_of(table[i].answer, b.answer);
	if (algorithm->kind == CRYPTO_CIPHER)
		return cipher_answers(crypto, algorithm, &b);
	if (algorithm->kind == CRYPTO_ONETIME)
		return onetime_answers(crypto, &b);
	return algorithm->kind == CRYPTO_DIGEST ? digest_answers(crypto, algorithm, &b) : mac_answers(crypto, algorithm, &b);
}
