/* SPDX-License-Identifier: Apache-2.0 */
/*
 * module_public.c - what seccomm_module.h offers to micro-protocols and needs a key pair (agreement, encapsulation,
 * encryption and signatures) or the transcript of an exchange.
 */
#include <string.h>

#include "seccomm/exchange.h"

static struct crypto *crypto_of(const void *self)
{
	return ((const struct seccomm_self *)self)->session->plan->library->crypto;
}

static int status_of(int status)
{
	return status == 0 ? SECCOMM_OK : status == CRYPTO_BAD ? SECCOMM_REFUSED : SECCOMM_FAILED;
}

/* ---- The session ---- */

void seccomm_transcript(const void *self, uint8_t out[SECCOMM_TRANSCRIPT_BYTES])
{
	memcpy(out, exchange_context(epoch_of(self)), SECCOMM_TRANSCRIPT_BYTES);
}

/* ---- Agreement ---- */

static const struct crypto_algorithm *agreement(const void *self, const char *name)
{
	const struct crypto_algorithm *algorithm = crypto_find(CRYPTO_KX, name);

	return algorithm != NULL && crypto_unavailable(crypto_of(self), algorithm) == NULL ? algorithm : NULL;
}

/* A longer secret, that of a group of RFC 7919, is hashed, so that a session that is half open keeps no more of it. */
enum { SECRET_WHOLE = 64 };

static size_t secret_bytes(const struct crypto_algorithm *algorithm)
{
	return algorithm->output_bytes > SECRET_WHOLE ? CRYPTO_HASH_BYTES : algorithm->output_bytes;
}

int seccomm_kx_sizes(const void *self, const char *name, size_t *share, size_t *secret)
{
	const struct crypto_algorithm *algorithm = agreement(self, name);

	if (algorithm == NULL)
		return SECCOMM_UNAVAILABLE;
	*share = algorithm->public_bytes;
	*secret = secret_bytes(algorithm);
	return SECCOMM_OK;
}

/* The private value that SEED stands for, the caller's to wipe. */
static int private_value(
    const void *self, const struct crypto_algorithm *algorithm, const uint8_t seed[32], uint8_t value[CRYPTO_SHARE_MAX])
{
	return algorithm != NULL ? crypto_kx_private(crypto_of(self), algorithm, seed, value) : CRYPTO_UNAVAILABLE;
}

int seccomm_kx_public(const void *self, const char *name, const uint8_t seed[32], uint8_t *public_key)
{
	const struct crypto_algorithm *algorithm = agreement(self, name);
	uint8_t value[CRYPTO_SHARE_MAX];
	int status = private_value(self, algorithm, seed, value);

	if (status == 0)
		status = crypto_kx_public(crypto_of(self), algorithm, value, public_key);
	crypto_wipe(value, sizeof(value));
	return status_of(status);
}

int seccomm_kx_secret(
    const void *self, const char *name, const uint8_t seed[32], const uint8_t *peer_public, uint8_t *secret)
{
	const struct crypto_algorithm *algorithm = agreement(self, name);
	uint8_t value[CRYPTO_SHARE_MAX], agreed[CRYPTO_SHARE_MAX];
	int status = private_value(self, algorithm, seed, value);
	const bool is_long = status == 0 && algorithm->output_bytes > SECRET_WHOLE;

	/* In place where it can be: a copy would leave it in vector registers, and those on somebody's stack. */
	if (status == 0)
		status = crypto_kx_secret(crypto_of(self), algorithm, value, peer_public, is_long ? agreed : secret);
	if (status == 0 && is_long) {
		const struct crypto_part part = { agreed, algorithm->output_bytes };

		status = crypto_sha256(crypto_of(self), &part, 1, secret);
	}
	crypto_wipe(value, sizeof(value));
	crypto_wipe(agreed, sizeof(agreed));
	return status_of(status);
}

/* ---- To a public key ---- */

static const struct crypto_key *own_key(const void *self, const char *algorithm)
{
	const struct identity *identity = ((const struct seccomm_self *)self)->session->identity;

	return identity != NULL ? keyring_key(identity->keys, algorithm) : NULL;
}

static const struct crypto_key *peer_key(const void *self, const char *algorithm)
{
	const struct peer *peer = ((const struct seccomm_self *)self)->session->peer;

	return peer != NULL ? keyring_key(peer->keys, algorithm) : NULL;
}

enum { SEALED_KEY = 32 };
static const struct crypto_part key_label = { "seccomm/1 key", 13 };

int seccomm_key_seal(void *self, const char *algorithm, const uint8_t key[32], uint8_t *sealed, size_t length)
{
	const struct crypto_key *peer = peer_key(self, algorithm);

	if (peer == NULL || crypto_key_signature_bytes(peer) != length)
		return SECCOMM_UNKNOWN_KEY;
	return status_of(crypto_pke_seal(crypto_of(self), peer, &key_label, key, SEALED_KEY, sealed));
}

int seccomm_key_open(void *self, const char *algorithm, const uint8_t *sealed, size_t length, uint8_t key[32])
{
	const struct crypto_key *own = own_key(self, algorithm);
	uint8_t otherwise[SEALED_KEY];
	int status;

	if (own == NULL)
		return SECCOMM_UNKNOWN_KEY;
	/* Drawn in any case, so that there is no difference. */
	if (seccomm_random(self, otherwise, sizeof(otherwise)) < 0)
		return SECCOMM_FAILED;
	status = crypto_pke_open(crypto_of(self), own, &key_label, sealed, length, otherwise, key, SEALED_KEY);
	crypto_wipe(otherwise, sizeof(otherwise));
	return status_of(status);
}

/* SECRET gets the SHA-256 of what the algorithm answers, so that a session that is half open keeps no more. */
static int hashed(const void *self, const uint8_t *raw, size_t length, uint8_t secret[CRYPTO_HASH_BYTES])
{
	const struct crypto_part part = { raw, length };

	return crypto_sha256(crypto_of(self), &part, 1, secret);
}

int seccomm_kem_encapsulate(void *self, const char *algorithm, const uint8_t seed[32], uint8_t *share,
    size_t *share_length, uint8_t secret[32])
{
	const struct crypto_key *peer = peer_key(self, algorithm);
	const size_t length = peer != NULL ? crypto_key_signature_bytes(peer) : 0;
	uint8_t raw[CRYPTO_SHARE_MAX];
	int status;

	if (peer == NULL || length > sizeof(raw))
		return SECCOMM_UNKNOWN_KEY;
	status = crypto_kem_encapsulate(crypto_of(self), peer, seed, share, raw);
	if (status == 0)
		status = hashed(self, raw, length, secret);
	*share_length = length;
	crypto_wipe(raw, sizeof(raw));
	return status_of(status);
}

int seccomm_kem_decapsulate(
    void *self, const char *algorithm, const uint8_t *share, size_t share_length, uint8_t secret[32])
{
	const struct crypto_key *own = own_key(self, algorithm);
	const size_t length = own != NULL ? crypto_key_signature_bytes(own) : 0;
	uint8_t raw[CRYPTO_SHARE_MAX];
	int status;

	if (own == NULL || length > sizeof(raw))
		return SECCOMM_UNKNOWN_KEY;
	status = crypto_kem_decapsulate(crypto_of(self), own, share, share_length, raw);
	if (status == 0)
		status = hashed(self, raw, length, secret);
	crypto_wipe(raw, sizeof(raw));
	return status_of(status);
}

/* ---- To a key that is new each time ---- */

static const struct crypto_algorithm *encapsulation(const char *name)
{
	const struct crypto_algorithm *algorithm = crypto_find(CRYPTO_KEM, name);

	return algorithm != NULL && algorithm->public_bytes > 0 ? algorithm : NULL;
}

bool seccomm_kem_is_ephemeral(const char *algorithm)
{
	return encapsulation(algorithm) != NULL;
}

enum { SEED = 32, PAIR_MAX = 96 };

/* What the key pair, or the encapsulation, is made of: LENGTH bytes out of SEED, the caller's to wipe. */
static int draw(const void *self, const uint8_t seed[SEED], const char *purpose, uint8_t out[PAIR_MAX], size_t length)
{
	return length <= PAIR_MAX ? crypto_hkdf_expand(crypto_of(self), seed, purpose, strlen(purpose), out, length)
				  : CRYPTO_ERROR;
}

static const char pair_purpose[] = "seccomm/1 encapsulation key", coins_purpose[] = "seccomm/1 encapsulation";

int seccomm_kem_offer(const void *self, const char *name, const uint8_t seed[SEED], struct seccomm_exchange *exchange)
{
	const struct crypto_algorithm *algorithm = encapsulation(name);
	uint8_t pair[PAIR_MAX];
	int status;

	if (algorithm == NULL)
		return SECCOMM_UNAVAILABLE;
	status = draw(self, seed, pair_purpose, pair, algorithm->key_bytes);
	if (status == 0)
		status = crypto_mlkem_public(crypto_of(self), algorithm, pair, exchange->share);
	exchange->share_length = algorithm->public_bytes;
	crypto_wipe(pair, sizeof(pair));
	return status_of(status);
}

int seccomm_kem_answer(const void *self, const char *name, const uint8_t seed[SEED], struct seccomm_exchange *exchange)
{
	const struct crypto_algorithm *algorithm = encapsulation(name);
	uint8_t coins[PAIR_MAX];
	int status;

	if (algorithm == NULL)
		return SECCOMM_UNAVAILABLE;
	if (exchange->peer_length != algorithm->public_bytes)
		return SECCOMM_REFUSED;
	status = draw(self, seed, coins_purpose, coins, algorithm->output_bytes);
	if (status == 0)
		status = crypto_mlkem_encapsulate(
		    crypto_of(self), algorithm, exchange->peer_share, coins, exchange->share, exchange->secret);
	exchange->share_length = algorithm->sealed_bytes;
	exchange->secret_length = algorithm->output_bytes;
	crypto_wipe(coins, sizeof(coins));
	return status_of(status);
}

int seccomm_kem_finish(const void *self, const char *name, const uint8_t seed[SEED], struct seccomm_exchange *exchange)
{
	const struct crypto_algorithm *algorithm = encapsulation(name);
	uint8_t pair[PAIR_MAX];
	int status;

	if (algorithm == NULL)
		return SECCOMM_UNAVAILABLE;
	if (exchange->peer_length != algorithm->sealed_bytes)
		return SECCOMM_REFUSED;
	status = draw(self, seed, pair_purpose, pair, algorithm->key_bytes);
	if (status == 0)
		status = crypto_mlkem_decapsulate(
		    crypto_of(self), algorithm, pair, exchange->peer_share, exchange->secret);
	exchange->secret_length = algorithm->output_bytes;
	crypto_wipe(pair, sizeof(pair));
	return status_of(status);
}

/* ---- Signatures: doc/wire.md, "Signatures" ---- */

enum { PREIMAGE_MAX = 256 };

struct signed_part {
	const struct cactus_msg *msg;
	cactus_column column; /* CACTUS_NO_COLUMN: all of it */
};

static bool whole_parts(const struct cactus_msg *msg, struct crypto_part parts[2])
{
	size_t length;
	const uint8_t *cover = seccomm_cover(msg, &length);

	parts[0] = (struct crypto_part){ cover + COVER_HEADER, length - COVER_HEADER };
	parts[1] = (struct crypto_part){ msg->body, msg->length };
	return true;
}

/* Whose attribute it is, by name and with the zero that ends it, and the value. */
static bool attribute_parts(const struct signed_part *what, struct crypto_part parts[2])
{
	const struct cactus_mp *owner = cactus_column_owner(what->msg->composition, what->column);
	size_t length;
	const uint8_t *value = cactus_get(what->msg, what->column, &length);

	if (owner == NULL || value == NULL)
		return false;
	parts[0] = (struct crypto_part){ owner->name, strlen(owner->name) + 1 };
	parts[1] = (struct crypto_part){ value, length };
	return true;
}

/*
 * length-prefixed "seccomm/1", purpose || instance (4) || signer (32) || recipient (32) || context (32) || sequence (8)
 * || SHA-256(header || clear attributes || packed body), or of an attribute, SHA-256(owner || 0 || value).  0: the library failed.
 */
static size_t preimage(const struct seccomm_self *self, const struct signed_part *what, const uint8_t *signer,
    const uint8_t *recipient, uint8_t out[PREIMAGE_MAX])
{
	const bool attribute = what->column != CACTUS_NO_COLUMN;
	const char *purpose = attribute ? (self->lane == 0 ? "data digest" : "key exchange digest")
					: (self->lane == 0 ? "data" : "key exchange");
	struct crypto_part parts[2];
	size_t n = 0;

	if (!(attribute ? attribute_parts(what, parts) : whole_parts(what->msg, parts)))
		return 0;

	out[n++] = 9;
	memcpy(out + n, "seccomm/1", 9);
	n += 9;
	out[n++] = (uint8_t)strlen(purpose);
	memcpy(out + n, purpose, strlen(purpose));
	n += strlen(purpose);
	cactus_put_u32(out + n, self->id);
	n += 4;
	memcpy(out + n, signer, HASH);
	memcpy(out + n + HASH, recipient, HASH);
	memcpy(out + n + 2 * HASH, exchange_context(epoch_of(self)), HASH);
	n += 3 * HASH;
	cactus_put_u64(out + n, seccomm_sequence(what->msg));
	n += 8;
	return crypto_sha256(crypto_of(self), parts, 2, out + n) < 0 ? 0 : n + HASH;
}

int seccomm_sign_attribute(void *state, const char *algorithm, const struct cactus_msg *msg, cactus_column column,
    uint8_t *signature, size_t length)
{
	const struct signed_part what = { msg, column };
	const struct seccomm_self *self = state;
	const struct seccomm_session *session = self->session;
	const struct crypto_key *key = own_key(self, algorithm);
	uint8_t bytes[PREIMAGE_MAX];
	size_t n;

	if (key == NULL)
		return SECCOMM_UNKNOWN_KEY;
	n = preimage(self, &what, session->self, session->principal.fingerprint, bytes);
	if (n == 0 || crypto_key_signature_bytes(key) != length ||
	    crypto_signature_make(crypto_of(self), key, bytes, n, signature) < 0)
		return SECCOMM_FAILED;
	return SECCOMM_OK;
}

int seccomm_verify_attribute(void *state, const char *algorithm, const struct cactus_msg *msg, cactus_column column,
    const uint8_t *signature, size_t length)
{
	const struct signed_part what = { msg, column };
	const struct seccomm_self *self = state;
	const struct seccomm_session *session = self->session;
	const struct crypto_key *key = peer_key(self, algorithm);
	uint8_t bytes[PREIMAGE_MAX];
	size_t n;
	int status = CRYPTO_ERROR;

	if (key == NULL || crypto_key_signature_bytes(key) != length)
		return SECCOMM_UNKNOWN_KEY;
	n = preimage(self, &what, session->principal.fingerprint, session->self, bytes);
	if (n > 0)
		status = crypto_verify(crypto_of(self), key, bytes, n, signature, length);
	return status_of(status);
}

int seccomm_sign(void *self, const char *algorithm, const struct cactus_msg *msg, uint8_t *signature, size_t length)
{
	return seccomm_sign_attribute(self, algorithm, msg, CACTUS_NO_COLUMN, signature, length);
}

int seccomm_verify(
    void *self, const char *algorithm, const struct cactus_msg *msg, const uint8_t *signature, size_t length)
{
	return seccomm_verify_attribute(self, algorithm, msg, CACTUS_NO_COLUMN, signature, length);
}
