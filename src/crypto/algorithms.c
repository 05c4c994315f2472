/* SPDX-License-Identifier: Apache-2.0 */
/*
 * algorithms.c - the one table of algorithms and the look-ups in it.  Whether a row can be used here is library.c's
 * matter.
 */
#include "crypto/library.h"
#include <string.h>

static const struct crypto_algorithm table[ROWS] = {
	[ROW_AES_256_GCM] = {
		.kind = CRYPTO_AEAD, .name = "aes-256-gcm", .source = "NIST SP 800-38D", .provider = "openssl",
		.fetch = "AES-256-GCM", .standing = CRYPTO_MODERN, .key_bytes = 32, .nonce_bytes = CRYPTO_NONCE_BYTES,
		.output_bytes = CRYPTO_TAG_BYTES,
		/* Counter blocks must not repeat by chance: 2^32 blocks leave an advantage of 2^-65 (RFC 9001 B.1.1).
		 * The bound on bytes holds for messages of every size, 2^24 is RFC 8446 5.5's 2^24.5 records. */
		.max_messages = UINT64_C(1) << 24, .max_bytes = UINT64_C(1) << 36,
		/* A forgery of a 1 MiB message succeeds with 2^-112: 2^-60 over 2^52 tries (RFC 9001 6.6). */
		.max_failures = UINT64_C(1) << 52 },
	[ROW_AES_128_GCM] = {
		.kind = CRYPTO_AEAD, .name = "aes-128-gcm", .source = "NIST SP 800-38D", .provider = "openssl",
		.fetch = "AES-128-GCM", .standing = CRYPTO_MODERN, .key_bytes = 16, .nonce_bytes = CRYPTO_NONCE_BYTES,
		.output_bytes = CRYPTO_TAG_BYTES,
		/* As above: the bounds come from the block, which is the same. */
		.max_messages = UINT64_C(1) << 24, .max_bytes = UINT64_C(1) << 36, .max_failures = UINT64_C(1) << 52 },
	[ROW_CHACHA20_POLY1305] = {
		.kind = CRYPTO_AEAD, .name = "chacha20-poly1305", .source = "RFC 8439", .provider = "openssl",
		.fetch = "ChaCha20-Poly1305", .standing = CRYPTO_MODERN, .key_bytes = 32,
		.nonce_bytes = CRYPTO_NONCE_BYTES, .output_bytes = CRYPTO_TAG_BYTES,
		/* Nothing but the nonce can run out (RFC 8446 5.5, RFC 9001 6.6): 2^62 keeps sums below 2^63. */
		.max_messages = UINT64_C(1) << 62, .max_bytes = UINT64_C(1) << 62,
		/* RFC 9001 6.6, for packets of 16 KiB: 2^-57.  With nothing but 1 MiB messages it is 2^-51. */
		.max_failures = UINT64_C(1) << 36,
		/* Seen with OpenSSL 3.0 where there is AVX2 and no AVX-512: the state, key included, stays there. */
		.spills = true },
	[ROW_XCHACHA20_POLY1305] = {
		.kind = CRYPTO_AEAD, .name = "xchacha20-poly1305", .source = "draft-irtf-cfrg-xchacha", .provider = "libsodium",
		.fetch = "xchacha20poly1305_ietf", .standing = CRYPTO_MODERN, .key_bytes = 32, .nonce_bytes = 24,
		.output_bytes = CRYPTO_TAG_BYTES,
		/* As above: each nonce gives a key of its own, and what a forgery has to guess is the same. */
		.max_messages = UINT64_C(1) << 62, .max_bytes = UINT64_C(1) << 62, .max_failures = UINT64_C(1) << 36,
		.spills = true },
	[ROW_DES_CBC] = {
		.kind = CRYPTO_CIPHER, .name = "des-cbc", .source = "FIPS 46-3, FIPS 81", .provider = "openssl-legacy",
		.fetch = "DES-CBC", .standing = CRYPTO_BROKEN, .key_bytes = 8, .nonce_bytes = 8, .block_bytes = 8,
		/* Equal blocks show among 2^32 of 64 bits; SP 800-67r2 3.3 allows 2^20 blocks.  56 bits of key fall
		 * to a search of days in any case. */
		.max_bytes = UINT64_C(1) << 23 },
	[ROW_DES_ECB] = {
		/* Without an IV equal blocks show at once: the limit is the one of the other modes only for the key's sake. */
		.kind = CRYPTO_CIPHER, .name = "des-ecb", .source = "FIPS 46-3, FIPS 81", .provider = "openssl-legacy",
		.fetch = "DES-ECB", .standing = CRYPTO_BROKEN, .key_bytes = 8, .block_bytes = 8,
		.max_bytes = UINT64_C(1) << 23 },
	[ROW_DES_CFB] = {
		.kind = CRYPTO_CIPHER, .name = "des-cfb", .source = "FIPS 46-3, FIPS 81 (64 bits)", .provider = "openssl-legacy",
		.fetch = "DES-CFB", .standing = CRYPTO_BROKEN, .key_bytes = 8, .nonce_bytes = 8, .max_bytes = UINT64_C(1) << 23 },
	[ROW_DES_OFB] = {
		.kind = CRYPTO_CIPHER, .name = "des-ofb", .source = "FIPS 46-3, FIPS 81 (64 bits)", .provider = "openssl-legacy",
		.fetch = "DES-OFB", .standing = CRYPTO_BROKEN, .key_bytes = 8, .nonce_bytes = 8, .max_bytes = UINT64_C(1) << 23 },
	[ROW_3DES_CBC] = {
		.kind = CRYPTO_CIPHER, .name = "3des-ede-cbc", .source = "NIST SP 800-67r2, SP 800-38A", .provider = "openssl",
		.fetch = "DES-EDE3-CBC", .standing = CRYPTO_LEGACY, .key_bytes = 24, .nonce_bytes = 8, .block_bytes = 8,
		/* SP 800-67r2 3.3: 2^20 blocks under one bundle of three keys. */
		.max_bytes = UINT64_C(1) << 23 },
	/* Blocks of 128 bits: among 2^32 of them two are equal by chance with 2^-65. */
	[ROW_AES_128_CBC] = {
		.kind = CRYPTO_CIPHER, .name = "aes-128-cbc", .source = "FIPS 197, NIST SP 800-38A", .provider = "openssl",
		.fetch = "AES-128-CBC", .standing = CRYPTO_MODERN, .key_bytes = 16, .nonce_bytes = 16, .block_bytes = 16,
		.max_bytes = UINT64_C(1) << 36 },
	[ROW_AES_256_CBC] = {
		.kind = CRYPTO_CIPHER, .name = "aes-256-cbc", .source = "FIPS 197, NIST SP 800-38A", .provider = "openssl",
		.fetch = "AES-256-CBC", .standing = CRYPTO_MODERN, .key_bytes = 32, .nonce_bytes = 16, .block_bytes = 16,
		.max_bytes = UINT64_C(1) << 36 },
	/* Counter blocks that begin at random meet with 2^-65 when there are 2^32 blocks in all. */
	[ROW_AES_128_CTR] = {
		.kind = CRYPTO_CIPHER, .name = "aes-128-ctr", .source = "FIPS 197, NIST SP 800-38A", .provider = "openssl",
		.fetch = "AES-128-CTR", .standing = CRYPTO_MODERN, .key_bytes = 16, .nonce_bytes = 16,
		.max_messages = UINT64_C(1) << 32, .max_bytes = UINT64_C(1) << 36 },
	[ROW_AES_256_CTR] = {
		.kind = CRYPTO_CIPHER, .name = "aes-256-ctr", .source = "FIPS 197, NIST SP 800-38A", .provider = "openssl",
		.fetch = "AES-256-CTR", .standing = CRYPTO_MODERN, .key_bytes = 32, .nonce_bytes = 16,
		.max_messages = UINT64_C(1) << 32, .max_bytes = UINT64_C(1) << 36 },
	[ROW_CHACHA20] = {
		.kind = CRYPTO_CIPHER, .name = "chacha20", .source = "RFC 8439 2.4", .provider = "openssl", .fetch = "ChaCha20",
		.standing = CRYPTO_MODERN, .key_bytes = 32, .nonce_bytes = 16,
		/* Counter and nonce begin at random, 128 bits in all: as for the counter mode of AES. */
		.max_messages = UINT64_C(1) << 32, .max_bytes = UINT64_C(1) << 36, .spills = true },
	[ROW_MD5] = {
		.kind = CRYPTO_DIGEST, .name = "md5", .source = "RFC 1321", .provider = "openssl", .fetch = "MD5",
		.standing = CRYPTO_BROKEN, .output_bytes = 16 },
	[ROW_SHA_1] = {
		.kind = CRYPTO_DIGEST, .name = "sha-1", .source = "FIPS 180-4", .provider = "openssl", .fetch = "SHA1",
		.standing = CRYPTO_LEGACY, .output_bytes = 20 },
	[ROW_SHA_256] = {
		.kind = CRYPTO_DIGEST, .name = "sha-256", .source = "FIPS 180-4", .provider = "openssl",
		.fetch = "SHA2-256", .standing = CRYPTO_MODERN, .output_bytes = CRYPTO_HASH_BYTES },
	[ROW_SHA_512] = {
		.kind = CRYPTO_DIGEST, .name = "sha-512", .source = "FIPS 180-4", .provider = "openssl", .fetch = "SHA2-512",
		.standing = CRYPTO_MODERN, .output_bytes = 64 },
	[ROW_SHA3_256] = {
		.kind = CRYPTO_DIGEST, .name = "sha3-256", .source = "FIPS 202", .provider = "openssl", .fetch = "SHA3-256",
		.standing = CRYPTO_MODERN, .output_bytes = 32 },
	[ROW_BLAKE2B] = {
		.kind = CRYPTO_DIGEST, .name = "blake2b", .source = "RFC 7693", .provider = "openssl", .fetch = "BLAKE2B-512",
		.standing = CRYPTO_MODERN, .output_bytes = 64 },
	/* What is broken in MD5 and SHA-1 are collisions, which HMAC does not rest on (RFC 6151, RFC 6194). */
	[ROW_HMAC_MD5] = {
		.kind = CRYPTO_MAC, .name = "hmac-md5", .source = "RFC 2104, RFC 2202", .provider = "openssl", .fetch = "HMAC",
		.inner = "MD5", .standing = CRYPTO_LEGACY, .key_bytes = 16, .output_bytes = 16 },
	[ROW_HMAC_SHA_1] = {
		.kind = CRYPTO_MAC, .name = "hmac-sha-1", .source = "RFC 2104, RFC 2202", .provider = "openssl", .fetch = "HMAC",
		.inner = "SHA1", .standing = CRYPTO_LEGACY, .key_bytes = 20, .output_bytes = 20 },
	[ROW_HMAC_SHA_256] = {
		.kind = CRYPTO_MAC, .name = "hmac-sha-256", .source = "RFC 2104, FIPS 198-1", .provider = "openssl",
		.inner = "SHA2-256",
		/* Half of the 256 bits stay secret against 2^128 tags: no limit that can be reached. */
		.fetch = "HMAC", .standing = CRYPTO_MODERN, .key_bytes = 32, .output_bytes = CRYPTO_HASH_BYTES },
	[ROW_HMAC_SHA_512] = {
		.kind = CRYPTO_MAC, .name = "hmac-sha-512", .source = "RFC 2104, FIPS 198-1", .provider = "openssl", .fetch = "HMAC",
		.inner = "SHA2-512", .standing = CRYPTO_MODERN, .key_bytes = 64, .output_bytes = 64 },
	[ROW_KEYED_BLAKE2B] = {
		.kind = CRYPTO_MAC, .name = "blake2b", .source = "RFC 7693 2.9", .provider = "openssl", .fetch = "BLAKE2BMAC",
		.standing = CRYPTO_MODERN, .key_bytes = 64, .output_bytes = 64 },
	[ROW_AES_CMAC] = {
		.kind = CRYPTO_MAC, .name = "aes-cmac", .source = "NIST SP 800-38B, RFC 4493", .provider = "openssl", .fetch = "CMAC",
		.inner = "AES-256-CBC", .standing = CRYPTO_MODERN, .key_bytes = 32, .output_bytes = 16,
		/* SP 800-38B, appendix B: 2^48 messages under one key keep two equal inner values below 2^-32. */
		.max_messages = UINT64_C(1) << 48 },
	[ROW_POLY1305] = {
		.kind = CRYPTO_ONETIME, .name = "poly1305", .source = "RFC 8439 2.5", .provider = "openssl", .fetch = "POLY1305",
		.standing = CRYPTO_MODERN, .key_bytes = CRYPTO_ONETIME_KEY, .output_bytes = CRYPTO_TAG_BYTES,
		/* As for ChaCha20-Poly1305. */
		.max_messages = UINT64_C(1) << 62, .max_bytes = UINT64_C(1) << 62, .max_failures = UINT64_C(1) << 36 },
	[ROW_ED25519] = {
		.kind = CRYPTO_SIGN, .name = "ed25519", .source = "RFC 8032", .provider = "openssl",
		.fetch = "ED25519", .standing = CRYPTO_MODERN, .key_bytes = 32, .output_bytes = 64 },
	[ROW_RSA_PSS] = {
		/* Sizes are the key's: 256 to 512 bytes. */
		.kind = CRYPTO_SIGN, .name = "rsa-pss", .source = "RFC 8017", .provider = "openssl", .fetch = "RSA",
		.standing = CRYPTO_MODERN },
	[ROW_ECDSA_P256] = {
		.kind = CRYPTO_SIGN, .name = "ecdsa-p256", .source = "FIPS 186-5", .provider = "openssl", .fetch = "EC",
		.group = "P-256", .standing = CRYPTO_MODERN, .output_bytes = 64 },
	[ROW_X25519] = {
		.kind = CRYPTO_KX, .name = "x25519", .source = "RFC 7748", .provider = "openssl", .fetch = "X25519",
		.standing = CRYPTO_MODERN, .key_bytes = 32, .public_bytes = 32, .output_bytes = 32 },
	[ROW_X448] = {
		.kind = CRYPTO_KX, .name = "x448", .source = "RFC 7748", .provider = "openssl", .fetch = "X448",
		.standing = CRYPTO_MODERN, .key_bytes = 56, .public_bytes = 56, .output_bytes = 56 },
	[ROW_P_256] = {
		.kind = CRYPTO_KX, .name = "p-256", .source = "SP 800-56A, SP 800-186", .provider = "openssl", .fetch = "EC",
		.group = "P-256", .standing = CRYPTO_MODERN, .key_bytes = 32, .public_bytes = 65, .output_bytes = 32 },
	[ROW_FFDHE2048] = {
		.kind = CRYPTO_KX, .name = "ffdhe2048", .source = "RFC 7919", .provider = "openssl", .fetch = "DH",
		.group = "ffdhe2048", .standing = CRYPTO_MODERN, .key_bytes = 256, .public_bytes = 256, .output_bytes = 256 },
	[ROW_FFDHE3072] = {
		.kind = CRYPTO_KX, .name = "ffdhe3072", .source = "RFC 7919", .provider = "openssl", .fetch = "DH",
		.group = "ffdhe3072", .standing = CRYPTO_MODERN, .key_bytes = 384, .public_bytes = 384, .output_bytes = 384 },
	/* One RSA key for both would let each be asked about what is the other's: the labels keep them apart. */
	[ROW_RSA_OAEP] = {
		.kind = CRYPTO_PKE, .name = "rsa-oaep", .source = "RFC 8017", .provider = "openssl", .fetch = "RSA",
		.label = "RSA-OAEP", .standing = CRYPTO_MODERN },
	[ROW_RSASVE] = {
		.kind = CRYPTO_KEM, .name = "rsasve", .source = "NIST SP 800-56B", .provider = "openssl", .fetch = "RSA",
		.inner = "RSASVE", .label = "RSA-KEM", .standing = CRYPTO_MODERN },
	[ROW_ML_KEM_768] = {
		.kind = CRYPTO_KEM, .name = "ml-kem-768", .source = "FIPS 203", .provider = "openssl-3.5", .fetch = "ML-KEM-768",
		.standing = CRYPTO_MODERN, .key_bytes = 64, .public_bytes = 1184, .sealed_bytes = 1088, .output_bytes = 32 },
	[ROW_X25519_ML_KEM_768] = {
		.kind = CRYPTO_KEM, .name = "x25519-ml-kem-768", .source = "FIPS 203, RFC 7748", .provider = "openssl-3.5",
		.fetch = "ML-KEM-768", .inner = "x25519", .standing = CRYPTO_MODERN, .key_bytes = 96, .public_bytes = 1216,
		.sealed_bytes = 1120, .output_bytes = 64 },
};

const struct crypto_algorithm *crypto_algorithms(size_t *count)
{
	*count = ROWS;
	return table;
}

const struct crypto_algorithm *crypto_find(enum crypto_kind kind, const char *name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (table[i].kind == kind && strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

const char *crypto_kind_name(enum crypto_kind kind)
{
	static const char *const names[] = { "aead", "cipher", "digest", "mac", "onetime", "sign", "kx", "pke", "kem" };

	return (size_t)kind < sizeof names / sizeof *names ? names[kind] : "unknown";
}

const char *crypto_standing_name(enum crypto_standing standing)
{
	static const char *const names[] = { "modern", "legacy", "broken", "toy" };

	return (size_t)standing < sizeof names / sizeof *names ? names[standing] : "unknown";
}
