/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crypto.h - algorithms as const descriptors, and the few operations on them that SecComm needs.
 *
 * This folder is the only one that includes a crypto library, and it writes no primitive itself.  Every algorithm is a
 * row of a table; contexts keep the expanded key, so that the operations on messages allocate nothing and look nothing
 * up. A provider's algorithms are fetched once, in crypto_new(), which also runs a known answer through each of them:
 * one that fails or is not there is listed as unavailable, with the reason, and cannot be used.
 *
 * Thread rule: struct crypto is read-only after crypto_new() and may be shared; a context or key belongs to one thread
 * at a time, except struct crypto_key, whose use (not its making) is thread-safe. Errors: 0, or a negative value and no
 * output worth using.  All outputs are the caller's memory.
 */
#ifndef CRYPTO_H
#define CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* PKE: encryption to a public key; KEM: encapsulation to one. */
enum crypto_kind {
	CRYPTO_AEAD,
	CRYPTO_CIPHER,
	CRYPTO_DIGEST,
	CRYPTO_MAC,
	CRYPTO_ONETIME,
	CRYPTO_SIGN,
	CRYPTO_KX,
	CRYPTO_PKE,
	CRYPTO_KEM
};
/* In the order of seccomm_standing. */
enum crypto_standing { CRYPTO_MODERN, CRYPTO_LEGACY, CRYPTO_BROKEN, CRYPTO_TOY };

enum {
	CRYPTO_ERROR = -1, /* the library failed: memory, or a provider */
	CRYPTO_BAD = -2, /* not authentic, or an argument that the algorithm refuses */
	CRYPTO_UNAVAILABLE = -3, /* see crypto_unavailable() */
	CRYPTO_HASH_BYTES = 32, /* SHA-256, and all keys derived from it by one step */
	CRYPTO_NONCE_BYTES = 12, /* of most AEADs: the row says */
	CRYPTO_NONCE_MAX = 24,
	CRYPTO_TAG_BYTES = 16,
	CRYPTO_KEY_MAX = 64, /* of symmetric keys */
	CRYPTO_SHARE_MAX = 384, /* of private and public values and secrets of an agreement */
	CRYPTO_ENCAPSULATED_MAX = 1216, /* of what a KEM with a new key sends, and so of its other values */
	CRYPTO_OUTPUT_MAX = 64, /* of digests and MACs, and the secret of such a KEM */
	CRYPTO_SIGNATURE_MAX = 512
};

struct crypto_algorithm {
	enum crypto_kind kind;
	const char *name; /* "aes-256-gcm" */
	const char *source; /* "NIST SP 800-38D" */
	const char *provider; /* "openssl", "openssl-3.5" (from that version on), "openssl-legacy", "libsodium" */
	const char *fetch; /* the provider's own name of it */
	const char *group; /* of an agreement, or a curve: the provider's name of its group; NULL: the algorithm is one */
	const char *label; /* of a key pair: what its PEM blocks have before "PRIVATE KEY" and "PUBLIC KEY"; NULL: nothing */
	enum crypto_standing standing;
	uint16_t key_bytes; /* symmetric key, or raw private key, or seed of one; 0: none, or the key says */
	uint16_t nonce_bytes; /* nonce or IV */
	uint16_t output_bytes; /* tag, digest, MAC, shared secret, signature */
	uint16_t public_bytes; /* public value of an agreement, or of a KEM whose key is new each time; else 0 */
	uint16_t sealed_bytes; /* ciphertext of such a KEM */
	uint16_t block_bytes; /* of a block cipher mode that pads; else 0 */
	const char *inner; /* what the provider's algorithm is made of: the digest of an HMAC, the cipher of a CMAC, the
			      * operation of a KEM with a long-term key, the agreement beside one with a new key; or NULL */
	uint64_t max_messages; /* under one key (RFC 8446 5.5, RFC 9001 6.6, SP 800-67); 0: no limit of its own */
	uint64_t max_bytes; /* under one key; 0: no limit of its own */
	uint64_t max_failures; /* refused messages under one key; 0: no limit of its own */
	bool spills; /* the library's code for it leaves the key on the stack, on some processors */
};

/* All rows, available or not. */
const struct crypto_algorithm *crypto_algorithms(size_t *count);
/* The row, or NULL. */
const struct crypto_algorithm *crypto_find(enum crypto_kind kind, const char *name);
const char *crypto_kind_name(enum crypto_kind kind);
const char *crypto_standing_name(enum crypto_standing standing);

struct crypto;
/*
 * A library context of our own: never the process's default one, and no configuration file (OPENSSL_CONF) is read.
 * For that, OpenSSL is told not to load one by itself any more, which holds for the whole process.
 * NULL when it cannot be made; WHY (of WHY_SIZE bytes) then tells.
 */
struct crypto *crypto_new(char *why, size_t why_size);
void crypto_free(struct crypto *);
/* Why ALGORITHM cannot be used here (lives as long as struct crypto); NULL: it can. */
const char *crypto_unavailable(const struct crypto *, const struct crypto_algorithm *algorithm);
/* Name and version of the library behind PROVIDER rows, for --version and reports. */
const char *crypto_version(void);

/* Overwrites LENGTH bytes for good. */
void crypto_wipe(void *memory, size_t length);
/* Whether LENGTH bytes are equal, in time that does not depend on them. */
bool crypto_equal(const void *a, const void *b, size_t length);

struct crypto_part {
	const void *bytes;
	size_t length;
};

/* ---- AEAD: one context seals or opens, with one key ---- */
struct crypto_aead;
/* KEY has algorithm->key_bytes bytes.  The context may be used for SEALING or for opening only. */
int crypto_aead_new(
    struct crypto *, const struct crypto_algorithm *, const uint8_t *key, bool sealing, struct crypto_aead **out);
void crypto_aead_free(struct crypto_aead *);
/* Encrypts LENGTH bytes of TEXT in place and writes TAG; AD is authenticated, too.  The nonce, of nonce_bytes, must never come
 * again. */
int crypto_aead_seal(struct crypto_aead *, const uint8_t *nonce, const void *ad, size_t ad_length, uint8_t *text,
    size_t length, uint8_t tag[CRYPTO_TAG_BYTES]);
/* The reverse; CRYPTO_BAD when it is not authentic: TEXT is then garbage and must not be used. */
int crypto_aead_open(struct crypto_aead *, const uint8_t *nonce, const void *ad, size_t ad_length, uint8_t *text,
    size_t length, const uint8_t tag[CRYPTO_TAG_BYTES]);
/* Size of its nonces. */
size_t crypto_aead_nonce_bytes(const struct crypto_aead *);

/* ---- Cipher modes, without padding: LENGTH is a multiple of the block, if the mode has one that pads ---- */
struct crypto_cipher;
/* CRYPTO_BAD for a weak or semi-weak DES key (FIPS 74). */
int crypto_cipher_new(
    struct crypto *, const struct crypto_algorithm *, const uint8_t *key, bool encrypting, struct crypto_cipher **out);
void crypto_cipher_free(struct crypto_cipher *);
/* 1: text of any length. */
size_t crypto_cipher_block_bytes(const struct crypto_cipher *);
/* IV has nonce_bytes; of ChaCha20 they are the block counter (4, least byte first) and the nonce of RFC 8439. */
int crypto_cipher_run(struct crypto_cipher *, const uint8_t *iv, uint8_t *text, size_t length);

/* ---- Digests and MACs ---- */
/* The exception to "allocate nothing": OpenSSL 3.0 allocates a state in each run of a digest (one) and of a MAC (two).
 */
struct crypto_digest; /* a context that is used again and again */
int crypto_digest_new(struct crypto *, const struct crypto_algorithm *, struct crypto_digest **out);
void crypto_digest_free(struct crypto_digest *);
/* Digest of the parts one after the other; OUT has algorithm->output_bytes. */
int crypto_digest_run(struct crypto_digest *, const struct crypto_part *parts, size_t count, uint8_t *out);

struct crypto_mac;
int crypto_mac_new(
    struct crypto *, const struct crypto_algorithm *, const uint8_t *key, size_t key_length, struct crypto_mac **out);
void crypto_mac_free(struct crypto_mac *);
int crypto_mac_run(struct crypto_mac *, const struct crypto_part *parts, size_t count, uint8_t *out);

/* ---- Poly1305 (RFC 8439, 2.5), each key for one message.  UNAVAILABLE: the library does not offer it. ---- */
enum { CRYPTO_ONETIME_KEY = 32 };
struct crypto_onetime; /* a context that is used again and again, with a new key each time */
int crypto_onetime_new(struct crypto *, struct crypto_onetime **out);
void crypto_onetime_free(struct crypto_onetime *);
int crypto_onetime_run(struct crypto_onetime *, const uint8_t key[CRYPTO_ONETIME_KEY], const struct crypto_part *parts,
    size_t count, uint8_t tag[CRYPTO_TAG_BYTES]);

/* SHA-256 (FIPS 180-4), HMAC-SHA-256 (RFC 2104) and HKDF-SHA-256 (RFC 5869) in one call each, for handshakes. */
int crypto_sha256(struct crypto *, const struct crypto_part *parts, size_t count, uint8_t out[CRYPTO_HASH_BYTES]);
int crypto_hmac_sha256(struct crypto *, const void *key, size_t key_length, const struct crypto_part *parts,
    size_t count, uint8_t out[CRYPTO_HASH_BYTES]);
int crypto_hkdf_extract(struct crypto *, const void *salt, size_t salt_length, const void *ikm, size_t ikm_length,
    uint8_t prk[CRYPTO_HASH_BYTES]);
int crypto_hkdf_expand(struct crypto *, const uint8_t prk[CRYPTO_HASH_BYTES], const void *info, size_t info_length,
    uint8_t *out, size_t length);

/* ---- Argon2id (RFC 9106), one lane: a secret from a passphrase, at a price for whoever tries passphrases ---- */
enum { CRYPTO_ARGON2_SALT = 16 };
struct crypto_argon2 {
	uint32_t memory_kib, passes;
	uint8_t salt[CRYPTO_ARGON2_SALT];
};
/*
 * OUT_LENGTH (at least 16) bytes.  BAD: less than 8 KiB or one pass, or a length that there is not; ERROR: no memory;
 * UNAVAILABLE: the library gave a wrong answer to a published question.  Any thread.
 */
int crypto_argon2id(
    const void *passphrase, size_t length, const struct crypto_argon2 *cost, uint8_t *out, size_t out_length);

/* ---- Key agreement: X25519 and X448 (RFC 7748), P-256 (SP 800-56A), groups of RFC 7919 ---- */
/*
 * A private value, of key_bytes bytes, from SEED, which must be uniform: SEED itself for X25519, else what HKDF-Expand of it
 * gives, for P-256 brought into the scalars (FIPS 186-5, A.2.1), for RFC 7919 an exponent of 320 bits.
 */
int crypto_kx_private(struct crypto *, const struct crypto_algorithm *, const uint8_t seed[CRYPTO_HASH_BYTES],
    uint8_t *private_key);
/* The public value of a private one, of public_bytes bytes. */
int crypto_kx_public(struct crypto *, const struct crypto_algorithm *, const uint8_t *private_key, uint8_t *public_key);
/* output_bytes of SECRET; CRYPTO_BAD for a peer value that is refused, an all-zero secret among them. */
int crypto_kx_secret(struct crypto *, const struct crypto_algorithm *, const uint8_t *private_key,
    const uint8_t *peer_public, uint8_t *secret);

/* ---- Signatures: Ed25519 (RFC 8032), RSASSA-PSS with SHA-256, salt 32 (RFC 8017), ECDSA with SHA-256 as r || s ---- */
/* A key pair or a public key; of a row of SIGN, PKE or KEM (not of one with public_bytes), and for nothing else. */
struct crypto_key;
/* Makes a new pair from the library's generator; RSA has 3072 bits. */
int crypto_key_generate(struct crypto *, const struct crypto_algorithm *, struct crypto_key **out);
/* From raw bytes (Ed25519: 32 each) or, for RSA and ECDSA, PKCS#8 and SPKI PEM text.  CRYPTO_BAD: not such a key, RSA below 2048.
 */
int crypto_key_private(
    struct crypto *, const struct crypto_algorithm *, const void *bytes, size_t length, struct crypto_key **out);
int crypto_key_public(
    struct crypto *, const struct crypto_algorithm *, const void *bytes, size_t length, struct crypto_key **out);
void crypto_key_free(struct crypto_key *);
const struct crypto_algorithm *crypto_key_algorithm(const struct crypto_key *);
/* Size of this key's signatures, or of what is sealed to it, in bytes; and of its modulus in bits (curves: 256). */
size_t crypto_key_signature_bytes(const struct crypto_key *);
unsigned crypto_key_bits(const struct crypto_key *);
/* The same forms out: *LENGTH is the room in OUT, then what was used.  CRYPTO_BAD: no room, or no private part. */
int crypto_key_export_public(const struct crypto_key *, void *out, size_t *length);
int crypto_key_export_private(const struct crypto_key *, void *out, size_t *length);
/* OUT has crypto_key_signature_bytes(). */
int crypto_signature_make(struct crypto *, const struct crypto_key *, const void *message, size_t length, uint8_t *signature);
int crypto_verify(struct crypto *, const struct crypto_key *, const void *message, size_t length,
    const uint8_t *signature, size_t signature_length);

/* ---- To a public key: RSAES-OAEP with SHA-256 for hash and mask (RFC 8017), RSASVE (NIST SP 800-56B, 7.2.1) ---- */
/* LENGTH bytes of TEXT, for RSA of N bytes at most N - 66, into SEALED, of crypto_key_signature_bytes(). */
int crypto_pke_seal(struct crypto *, const struct crypto_key *, const struct crypto_part *label, const void *text,
    size_t length, uint8_t *sealed);
/*
 * The LENGTH bytes that are sealed, into TEXT; when anything is wrong with SEALED, those of OTHERWISE, and which of them it
 * was nobody can tell from the answer or the time (Bleichenbacher, Manger).
 */
int crypto_pke_open(struct crypto *, const struct crypto_key *, const struct crypto_part *label, const uint8_t *sealed,
    size_t sealed_length, const uint8_t *otherwise, uint8_t *text, size_t length);
/* The secret that SEED, which must be uniform, stands for, and what tells it to the owner of the key: both of
 * crypto_key_signature_bytes(). */
int crypto_kem_encapsulate(struct crypto *, const struct crypto_key *, const uint8_t seed[CRYPTO_HASH_BYTES], uint8_t *sealed,
    uint8_t *secret);
/* CRYPTO_BAD: nobody encapsulates that. */
int crypto_kem_decapsulate(
    struct crypto *, const struct crypto_key *, const uint8_t *sealed, size_t sealed_length, uint8_t *secret);

/* ---- To a key that is new each time: ML-KEM-768 (FIPS 203), alone or with X25519 beside it ---- */
/* The public key, of public_bytes, of the pair that PRIVATE_KEY, key_bytes that must be uniform, stands for. */
int crypto_mlkem_public(
    struct crypto *, const struct crypto_algorithm *, const uint8_t *private_key, uint8_t *public_key);
/*
 * A secret, of output_bytes, that as many uniform bytes of COINS stand for, and what tells it to the owner of PUBLIC_KEY, of
 * sealed_bytes.  CRYPTO_BAD: that is no such key.
 */
int crypto_mlkem_encapsulate(struct crypto *, const struct crypto_algorithm *, const uint8_t *public_key,
    const uint8_t *coins, uint8_t *sealed, uint8_t *secret);
/*
 * That secret again.  What nobody sealed to this key gives a secret that nobody has (FIPS 203, 6.3): the exchange finds out.
 * CRYPTO_BAD: the agreement beside it refuses its value.
 */
int crypto_mlkem_decapsulate(struct crypto *, const struct crypto_algorithm *, const uint8_t *private_key,
    const uint8_t *sealed, uint8_t *secret);

/* Bytes from the operating system's generator; negative when there are none. */
int crypto_random(void *out, size_t length);

#endif
