/* SPDX-License-Identifier: Apache-2.0 */
/*
 * module.c - what seccomm_module.h offers to micro-protocols: the message around them, keys, algorithms by name.  What
 * needs key pairs is in module_public.c.
 */
#include <string.h>

#include "seccomm/exchange.h"

static struct seccomm_session *session_of(const void *self)
{
	return ((const struct seccomm_self *)self)->session;
}
static struct crypto *crypto_of(const void *self)
{
	return session_of(self)->plan->library->crypto;
}

/* ---- Messages ---- */

void seccomm_authenticated(void *self, struct cactus_msg *msg)
{
	/* A session has one peer, so that it is set says all; this is on the path of every message. */
	msg->present |= (uint64_t)1 << session_of(self)->plan->sender;
}

uint64_t seccomm_sequence(const struct cactus_msg *msg)
{
	return ((const struct seccomm_message *)msg)->number;
}

const uint8_t *seccomm_cover(const struct cactus_msg *msg, size_t *length)
{
	*length = cactus_clear_size(msg->composition, ((const struct seccomm_message *)msg)->chain);
	return msg->values;
}

void seccomm_nonce(const struct cactus_msg *msg, const uint8_t iv[SECCOMM_NONCE_MAX], uint8_t nonce[SECCOMM_NONCE_MAX],
    size_t length)
{
	memcpy(nonce, iv, SECCOMM_NONCE_MAX); /* a size that is known makes it a few moves instead of a call */
	cactus_put_u64(nonce + length - 8, cactus_u64(nonce + length - 8) ^ seccomm_sequence(msg));
}

/* ---- Around ---- */

uint64_t seccomm_wall_us(const void *self)
{
	const struct cactus_platform *platform = session_of(self)->platform;

	return platform->wall_us(platform->context);
}

int seccomm_random(const void *self, void *out, size_t length)
{
	const struct cactus_platform *platform = session_of(self)->platform;

	return platform->random(platform->context, out, length);
}

void seccomm_wipe(void *memory, size_t length)
{
	crypto_wipe(memory, length);
}

bool seccomm_equal(const void *a, const void *b, size_t length)
{
	return crypto_equal(a, b, length);
}

/* ---- Keys ---- */

bool seccomm_runs(const void *state, enum seccomm_way way)
{
	const struct seccomm_self *self = state;
	bool c2s = (session_of(self)->plan->role == SECCOMM_CLIENT) == (way == SECCOMM_SEND);

	return self->direction == SECCOMM_BOTH || (self->direction == SECCOMM_C2S) == c2s;
}

int seccomm_layer_key(const void *state, enum seccomm_way way, const char *purpose, uint8_t *out, size_t length)
{
	const struct seccomm_self *self = state;
	const struct epoch *epoch = epoch_of(self);
	struct derivation d = { .lane = self->lane == 0 ? "data" : "key",
		.instance = self->id,
		.direction = session_direction(session_of(self), way),
		.purpose = purpose };

	if (self->key == 0 || self->key > epoch->plan->slot_count || (epoch->ready >> self->key & 1) == 0)
		return SECCOMM_NOT_READY;
	d.key = epoch->keys[self->key - 1];
	d.algorithm = self->cactus.mp->name;
	d.epoch = epoch->number;
	return epoch_derive(crypto_of(self), &d, out, length) < 0 ? SECCOMM_FAILED : SECCOMM_OK;
}

void seccomm_disable_push(void *state)
{
	struct seccomm_self *self = state;

	epoch_of(self)->disabled += !self->disables;
	self->disables = true;
}

void seccomm_enable_push(void *state)
{
	struct seccomm_self *self = state;

	epoch_of(self)->disabled -= self->disables;
	self->disables = false;
	session_writable(self->session);
}

static int create_key(struct cactus *cactus, uint32_t creation, uint8_t *out, size_t length)
{
	struct seccomm_key_request request = { .key = out, .length = length };
	cactus_event event = cactus_event_named(cactus, "keyCreate_", creation);

	if (event == 0)
		return SECCOMM_NO_MEMORY;
	return cactus_raise(cactus, event, &request) == CACTUS_NEXT && request.made ? SECCOMM_OK : SECCOMM_FAILED;
}

int seccomm_create_key(void *state, uint32_t creation, uint8_t *out, size_t length)
{
	return create_key(((struct seccomm_self *)state)->cactus.cactus, creation, out, length);
}

int seccomm_session_create_key(struct seccomm_session *session, uint32_t creation, uint8_t *out, size_t length)
{
	return session->epoch != NULL ? create_key(session->epoch->cactus, creation, out, length) : SECCOMM_NOT_READY;
}

int seccomm_derive(const void *state, const struct seccomm_part *salt, const struct seccomm_part *secret,
    const char *purpose, uint8_t *out, size_t length)
{
	const struct seccomm_self *self = state;
	uint8_t prk[HASH];
	const struct derivation d = { .key = prk,
		.lane = "create",
		.instance = self->key,
		.algorithm = self->cactus.mp->name,
		.direction = session_direction(self->session, SECCOMM_SEND),
		.purpose = purpose };
	int status = crypto_hkdf_extract(crypto_of(self), salt->bytes, salt->length, secret->bytes, secret->length, prk);

	if (status == 0)
		status = epoch_derive(crypto_of(self), &d, out, length);
	crypto_wipe(prk, sizeof(prk));
	return status < 0 ? SECCOMM_FAILED : SECCOMM_OK;
}

void *seccomm_kept(void *state, size_t size)
{
	const struct seccomm_self *self = state;

	return session_kept(self->session, self->cactus.mp, self->key, size);
}

int seccomm_predefined(const void *self, const char *name, uint8_t out[32])
{
	const struct psk *psk = name != NULL ? keyring_psk(session_of(self)->keyring, name) : NULL;

	if (psk == NULL)
		return SECCOMM_UNKNOWN_KEY;
	memcpy(out, psk->secret, sizeof(psk->secret));
	return SECCOMM_OK;
}

const char *seccomm_way_name(const void *self, enum seccomm_way way)
{
	return session_direction(((const struct seccomm_self *)self)->session, way);
}

const struct seccomm_pad *seccomm_pad_named(const void *self, const char *name)
{
	const struct seccomm_session *session = session_of(self);

	return name != NULL ? keyring_pad(session->keyring, name, session->plan->role) : NULL;
}

const struct seccomm_medium *seccomm_medium_named(const void *self, const char *name)
{
	return name != NULL ? keyring_cover(session_of(self)->keyring, name) : NULL;
}

/* ---- Algorithms: the epoch owns the contexts, and the opaque types are the crypto folder's under another name ---- */

/* Keeps OBJECT until the epoch ends; on failure it is freed at once. */
static void *keep(void *self, void *object, void (*release)(void *))
{
	if (object == NULL || epoch_keep(epoch_of(self), object, release) == SECCOMM_OK)
		return object;
	release(object);
	return NULL;
}

static const struct crypto_algorithm *find(const void *self, enum crypto_kind kind, const char *name)
{
	const struct crypto_algorithm *algorithm = crypto_find(kind, name);

	return algorithm != NULL && crypto_unavailable(crypto_of(self), algorithm) == NULL ? algorithm : NULL;
}

static void free_aead(void *object)
{
	crypto_aead_free(object);
}
static void free_cipher(void *object)
{
	crypto_cipher_free(object);
}
static void free_digest(void *object)
{
	crypto_digest_free(object);
}
static void free_mac(void *object)
{
	crypto_mac_free(object);
}

struct seccomm_aead *seccomm_aead_new(void *self, const char *name, const uint8_t *key, enum seccomm_way way)
{
	const struct crypto_algorithm *algorithm = find(self, CRYPTO_AEAD, name);
	struct crypto_aead *aead = NULL;

	if (algorithm == NULL || crypto_aead_new(crypto_of(self), algorithm, key, way == SECCOMM_SEND, &aead) < 0)
		return NULL;
	return keep(self, aead, free_aead);
}

size_t seccomm_aead_nonce_bytes(const struct seccomm_aead *aead)
{
	return crypto_aead_nonce_bytes((const struct crypto_aead *)aead);
}

int seccomm_aead_seal(struct seccomm_aead *aead, const uint8_t *nonce, const uint8_t *ad, size_t ad_length,
    uint8_t *text, size_t length, uint8_t tag[16])
{
	return crypto_aead_seal((struct crypto_aead *)aead, nonce, ad, ad_length, text, length, tag);
}

int seccomm_aead_open(struct seccomm_aead *aead, const uint8_t *nonce, const uint8_t *ad, size_t ad_length,
    uint8_t *text, size_t length, const uint8_t tag[16])
{
	return crypto_aead_open((struct crypto_aead *)aead, nonce, ad, ad_length, text, length, tag);
}

static const uint8_t zero_nonce[24]; /* as long as one can be */

int seccomm_aead_seal_once(void *self, const char *name, const uint8_t *key, const uint8_t *ad, size_t ad_length, uint8_t *text,
    size_t length, uint8_t tag[16])
{
	const struct crypto_algorithm *algorithm = find(self, CRYPTO_AEAD, name);
	struct crypto_aead *aead = NULL;
	int status = algorithm != NULL ? crypto_aead_new(crypto_of(self), algorithm, key, true, &aead) : CRYPTO_UNAVAILABLE;

	if (status == 0)
		status = crypto_aead_seal(aead, zero_nonce, ad, ad_length, text, length, tag);
	crypto_aead_free(aead);
	return status;
}

int seccomm_aead_open_once(void *self, const char *name, const uint8_t *key, const uint8_t *ad, size_t ad_length, uint8_t *text,
    size_t length, const uint8_t tag[16])
{
	const struct crypto_algorithm *algorithm = find(self, CRYPTO_AEAD, name);
	struct crypto_aead *aead = NULL;
	int status = algorithm != NULL ? crypto_aead_new(crypto_of(self), algorithm, key, false, &aead) : CRYPTO_UNAVAILABLE;

	if (status == 0)
		status = crypto_aead_open(aead, zero_nonce, ad, ad_length, text, length, tag);
	crypto_aead_free(aead);
	return status;
}

struct seccomm_cipher *seccomm_cipher_new(void *self, const char *name, const uint8_t *key, enum seccomm_way way)
{
	const struct crypto_algorithm *algorithm = find(self, CRYPTO_CIPHER, name);
	struct crypto_cipher *cipher = NULL;

	if (algorithm == NULL || crypto_cipher_new(crypto_of(self), algorithm, key, way == SECCOMM_SEND, &cipher) < 0)
		return NULL;
	return keep(self, cipher, free_cipher);
}

size_t seccomm_cipher_block_bytes(const struct seccomm_cipher *cipher)
{
	return crypto_cipher_block_bytes((const struct crypto_cipher *)cipher);
}

int seccomm_cipher_run(struct seccomm_cipher *cipher, const uint8_t *iv, uint8_t *text, size_t length)
{
	return crypto_cipher_run((struct crypto_cipher *)cipher, iv, text, length);
}

struct seccomm_digest *seccomm_digest_new(void *self, const char *name)
{
	const struct crypto_algorithm *algorithm = find(self, CRYPTO_DIGEST, name);
	struct crypto_digest *digest = NULL;

	if (algorithm == NULL || crypto_digest_new(crypto_of(self), algorithm, &digest) < 0)
		return NULL;
	return keep(self, digest, free_digest);
}

struct seccomm_mac *seccomm_mac_new(void *self, const char *name, const uint8_t *key, size_t key_length)
{
	const struct crypto_algorithm *algorithm = find(self, CRYPTO_MAC, name);
	struct crypto_mac *mac = NULL;

	if (algorithm == NULL || crypto_mac_new(crypto_of(self), algorithm, key, key_length, &mac) < 0)
		return NULL;
	return keep(self, mac, free_mac);
}

enum { PARTS_MAX = 8 };

static bool to_parts(struct crypto_part out[PARTS_MAX], const struct seccomm_part *parts, size_t count)
{
	for (size_t i = 0; i < count && i < PARTS_MAX; i++)
		out[i] = (struct crypto_part){ parts[i].bytes, parts[i].length };
	return count <= PARTS_MAX;
}

int seccomm_digest_run(struct seccomm_digest *digest, const struct seccomm_part *parts, size_t count, uint8_t *out)
{
	struct crypto_part list[PARTS_MAX];

	return to_parts(list, parts, count) ? crypto_digest_run((struct crypto_digest *)digest, list, count, out)
					    : SECCOMM_INVALID;
}

int seccomm_mac_run(struct seccomm_mac *mac, const struct seccomm_part *parts, size_t count, uint8_t *out)
{
	struct crypto_part list[PARTS_MAX];

	return to_parts(list, parts, count) ? crypto_mac_run((struct crypto_mac *)mac, list, count, out)
					    : SECCOMM_INVALID;
}

static void free_onetime(void *object)
{
	crypto_onetime_free(object);
}

struct seccomm_onetime *seccomm_onetime_new(void *self)
{
	struct crypto_onetime *onetime = NULL;

	return crypto_onetime_new(crypto_of(self), &onetime) < 0 ? NULL : keep(self, onetime, free_onetime);
}

int seccomm_onetime_run(
    struct seccomm_onetime *onetime, const uint8_t key[32], const struct seccomm_part *parts, size_t count, uint8_t tag[16])
{
	struct crypto_part list[PARTS_MAX];

	return to_parts(list, parts, count) ? crypto_onetime_run((struct crypto_onetime *)onetime, key, list, count, tag)
					    : SECCOMM_INVALID;
}
