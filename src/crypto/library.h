/* SPDX-License-Identifier: Apache-2.0 */
/*
 * library.h - what the files of this folder share: the OpenSSL objects behind the rows.  For src/crypto only.
 */
#ifndef CRYPTO_LIBRARY_H
#define CRYPTO_LIBRARY_H

#include "crypto/crypto.h"
#include <openssl/evp.h>
#include <openssl/provider.h>

/* Places of the rows in the table, so that a row's OpenSSL object is found without its name. */
enum row {
	ROW_AES_256_GCM,
	ROW_AES_128_GCM,
	ROW_CHACHA20_POLY1305,
	ROW_XCHACHA20_POLY1305,
	ROW_DES_CBC,
	ROW_DES_ECB,
	ROW_DES_CFB,
	ROW_DES_OFB,
	ROW_3DES_CBC,
	ROW_AES_128_CBC,
	ROW_AES_256_CBC,
	ROW_AES_128_CTR,
	ROW_AES_256_CTR,
	ROW_CHACHA20,
	ROW_MD5,
	ROW_SHA_1,
	ROW_SHA_256,
	ROW_SHA_512,
	ROW_SHA3_256,
	ROW_BLAKE2B,
	ROW_HMAC_MD5,
	ROW_HMAC_SHA_1,
	ROW_HMAC_SHA_256,
	ROW_HMAC_SHA_512,
	ROW_KEYED_BLAKE2B,
	ROW_AES_CMAC,
	ROW_POLY1305,
	ROW_ED25519,
	ROW_RSA_PSS,
	ROW_ECDSA_P256,
	ROW_X25519,
	ROW_X448,
	ROW_P_256,
	ROW_FFDHE2048,
	ROW_FFDHE3072,
	ROWS
};

/*
 * Of a row's objects at most one is there; signatures and key agreement keep none, OpenSSL finds them by the key; libsodium has
 * none.
 */
struct fetched {
	EVP_CIPHER *cipher;
	EVP_MD *digest;
	EVP_MAC_CTX *mac; /* a template: it has its digest, but no key */
	const char *why; /* not available, because; NULL: it is */
};

struct crypto {
	OSSL_LIB_CTX *context;
	OSSL_PROVIDER *base;
	OSSL_PROVIDER *legacy; /* NULL: this machine has none */
	bool sodium; /* libsodium is initialised */
	struct fetched rows[ROWS];
};

/*
 * The objects of ALGORITHM when it is of KIND and can be used, in *OUT; else CRYPTO_BAD or CRYPTO_UNAVAILABLE.
 */
int crypto_fetched(
    const struct crypto *, const struct crypto_algorithm *algorithm, enum crypto_kind kind, const struct fetched **out);
/* Forgets OpenSSL's own notes on a failure, so that they do not pile up in the thread; answers STATUS. */
int crypto_failed(int status);
/* Wipes the part of the stack that the caller's calls have used, for algorithms that spill. */
void crypto_wipe_stack(void);
/* Whether the row gives the published answer to a published question. */
bool crypto_known_answer(struct crypto *, enum row row);
bool crypto_known_symmetric(struct crypto *, enum row row);
/* An RSA public key from its numbers, big-endian; NULL when it cannot be made. */
struct crypto_key *crypto_key_from_modulus(struct crypto *, const uint8_t *modulus, size_t length, uint32_t exponent);

#endif
