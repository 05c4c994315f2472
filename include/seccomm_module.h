/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seccomm_module.h - for writers of micro-protocols.
 *
 * A micro-protocol is one const struct seccomm_mp.  It declares (parameters, needs, attributes, growth) and transforms
 * (a mirrored pair of handlers); it does not register, allocate, parse, log or clean up.  CONTRIBUTING.md builds one.
 *
 * Rules of a pair.  Down: pack if the table says so, then transform in place; all room is there.  Up: verify and undo,
 * change nothing but the message; what must be remembered is changed in msgPrepare_<lane> (may refuse) and
 * msgAccepted_<lane> (cannot), which are raised when every layer has accepted the message.  A refusal is `return
 * seccomm_refuse(self, msg, id)`.
 *
 * Events a table may bind to: keyReady_<key> (slot KEY has its key: expand it now), msgPrepare_<lane> and
 * msgAccepted_<lane> (argument: the message), openSession and replaceKey_<key> (at the client: the first epoch begins, and
 * the first slot without a key starts its exchange and stops the event; in a later one slot KEY is to get a new key, and
 * starts), keyExchange_<key> (struct seccomm_exchange), keyCreate_<creation> (struct seccomm_key_request).
 *
 * Source: TR 99-08, sections 3.2 and 3.3.  Thread rule: all calls come from, and belong to, the session's thread.
 */
#ifndef SECCOMM_MODULE_H
#define SECCOMM_MODULE_H

#include "cactus.h"
#include "seccomm.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#pragma GCC visibility push(default) /* a shared library exports what is declared here */
#endif

/* The classes of TR 99-08, section 3.3. */
enum seccomm_class {
	SECCOMM_PRIVACY,
	SECCOMM_INTEGRITY,
	SECCOMM_AUTHENTICITY,
	SECCOMM_REPLAY,
	SECCOMM_EVIDENCE,
	SECCOMM_KEY_CREATION,
	SECCOMM_KEY_DISTRIBUTION,
	SECCOMM_DIRECTORY
};
enum seccomm_standing { SECCOMM_MODERN, SECCOMM_LEGACY, SECCOMM_BROKEN, SECCOMM_TOY };

/* What a layer gives to a message, when it stands alone. */
enum {
	SECCOMM_GIVES_CONFIDENTIALITY = 1,
	SECCOMM_GIVES_INTEGRITY = 2, /* against an attacker; an unkeyed digest does not */
	SECCOMM_GIVES_AUTHENTICITY = 4, /* of origin */
	SECCOMM_GIVES_FRESHNESS = 8,
	SECCOMM_GIVES_CHECKSUM = 16, /* an unkeyed digest: against accidents only */
	SECCOMM_GIVES_SIGNATURE = 32, /* checkable by a third party */
	SECCOMM_GIVES_FORWARD_SECRECY = 64
};

enum seccomm_direction { SECCOMM_BOTH, SECCOMM_C2S, SECCOMM_S2C };

/* The table.  It begins with the runtime's, whose name is LAYER:WORD and whose block is a power of two up to 4096. */
struct seccomm_mp {
	struct cactus_mp cactus;
	const char *layer; /* "encrypt": how a configuration calls it */
	const char *word; /* "aes-256-gcm": the value of its principal parameter */
	const char *paper; /* the name in TR 99-08, or NULL */
	enum seccomm_class class_of;
	enum seccomm_standing standing;
	unsigned gives;
	bool quantum; /* a quantum computer does not break it, as far as anybody knows; with the key it is given */
	uint16_t revision; /* of its wire form; in the configuration digest */
	const char *kind; /* of the algorithm it needs: "aead", "cipher", "digest", "mac", "onetime", "sign", "kx", "pke", "kem"; NULL: none */
	const char *algorithm;
	struct cactus_field choice; /* a parameter (WORD) that names another algorithm of that kind instead */
	uint32_t key_bytes; /* of the key derived for it from its slot, per direction, to 64; 0: needs none */
	bool counts; /* needs the message number (on datagrams it then travels) */
	bool holds; /* may answer CACTUS_HOLD; on a stream, what it still holds when the peer closes or goes over to new keys is missing, and ends the session */
	bool ordered; /* refuses what was overtaken: for links that keep the order */
	bool salted; /* establish: the key comes from a predefined secret and a salt of each sender, without any message */
	unsigned wraps; /* establish: a new key travels in a share, in these directions: bits of 1 << enum seccomm_direction */
	const char *wire; /* what it makes of a body: "body || tag (16)" */
	uint64_t max_messages; /* under one key, if less than its algorithm allows; 0: no limit of its own */
	uint64_t max_bytes; /* likewise; at least 4 MiB, so that a quarter of it holds any message */
	uint64_t max_failures; /* likewise: refused messages */
};

/* Heads the state of every SecComm micro-protocol.  The configuration fills in KEY and DIRECTION, the session the rest.
 */
struct seccomm_self {
	struct cactus_instance cactus;
	struct seccomm_session *session;
	uint32_t key; /* slot, 1 to 30; 0: none */
	uint32_t direction; /* enum seccomm_direction */
	uint32_t lane; /* 0: data; i: it protects the exchange of slot i */
	uint32_t id; /* of this instance: part of every key and signature */
	bool disables; /* it has disabled sending */
	uint64_t refused;
};

/* The rows of a table that remembers something of the messages of its own lane. */
#define SECCOMM_PREPARE_EVENT(handler_)                                                                                \
	{                                                                                                              \
		.event = "msgPrepare_", .index = CACTUS_AT(struct seccomm_self, lane), .handler = (handler_)           \
	}
#define SECCOMM_ACCEPTED_EVENT(handler_)                                                                               \
	{                                                                                                              \
		.event = "msgAccepted_", .index = CACTUS_AT(struct seccomm_self, lane), .handler = (handler_)          \
	}
/* The row of a table that expands its key when the slot has one. */
#define SECCOMM_KEY_EVENT(handler_)                                                                                    \
	{                                                                                                              \
		.event = "keyReady_", .index = CACTUS_AT(struct seccomm_self, key), .handler = (handler_)              \
	}

/* ---- Messages ---- */

/* Stops MSG: alert ID is raised and counted, nothing is sent back.  Answers CACTUS_STOP. */
enum cactus_verdict seccomm_refuse(void *self, struct cactus_msg *msg, enum seccomm_alert_id id);
/* The same, and DETAIL, one line of printable characters, tells the operator more of it; it is lent until this returns. */
enum cactus_verdict seccomm_refuse_saying(void *self, struct cactus_msg *msg, enum seccomm_alert_id id, const char *detail);
/* Says that this layer has proven who sent MSG (sets AUTH_SENDER to the peer). */
void seccomm_authenticated(void *self, struct cactus_msg *msg);
/* The number of MSG in its direction and epoch, from 0. */
uint64_t seccomm_sequence(const struct cactus_msg *msg);
enum { SECCOMM_NONCE_MAX = 24 };
/*
 * The nonce of MSG under a key of its direction and epoch (RFC 8446, 5.3): IV, of LENGTH bytes (8 to SECCOMM_NONCE_MAX), its
 * last 8 XOR the number.  It does not come again as long as the number does not.  Both have room for SECCOMM_NONCE_MAX bytes,
 * all of which are copied; what is behind LENGTH means nothing.
 */
void seccomm_nonce(const struct cactus_msg *msg, const uint8_t iv[SECCOMM_NONCE_MAX], uint8_t nonce[SECCOMM_NONCE_MAX],
    size_t length);
/*
 * Which of the last numbers have been seen (RFC 4303, 3.4.3): a bitmap of WORDS 64-bit words, in which number N is bit
 * N modulo 64 WORDS.  NEXT is one more than the greatest number accepted; all is zero at the start.
 */
struct seccomm_window {
	uint64_t next;
	uint32_t words; /* a power of two, at least 2; it judges the last 64 (WORDS - 1) numbers */
	uint64_t *bits;
};
/* Only a number that is NEW may be accepted; 2^64 - 1 never is. */
enum seccomm_window_verdict { SECCOMM_WINDOW_NEW, SECCOMM_WINDOW_SEEN, SECCOMM_WINDOW_OLD };
enum seccomm_window_verdict seccomm_window_check(const struct seccomm_window *, uint64_t number);
void seccomm_window_accept(struct seccomm_window *, uint64_t number);
/* What goes around the body and must be covered by every layer that authenticates: number (8) || header || clear
 * attributes. */
const uint8_t *seccomm_cover(const struct cactus_msg *msg, size_t *length);

/* ---- Around the micro-protocol ---- */

uint64_t seccomm_wall_us(const void *self);
SECCOMM_MUST_USE int seccomm_random(const void *self, void *out, size_t length);
void seccomm_wipe(void *memory, size_t length);
bool seccomm_equal(const void *a, const void *b, size_t length);

enum seccomm_way { SECCOMM_SEND, SECCOMM_RECEIVE };
/* Whether SELF runs that way at this end. */
bool seccomm_runs(const void *self, enum seccomm_way way);
/* What that way is called at this end: "c2s" or "s2c". */
const char *seccomm_way_name(const void *self, enum seccomm_way way);
/*
 * Derives LENGTH (to 64) bytes for SELF, that way, from its slot; PURPOSE keeps several apart.  Both ends get the same
 * for the same direction.  Only in keyReady and later; OUT is the caller's to wipe.
 */
SECCOMM_MUST_USE int seccomm_layer_key(
    const void *self, enum seccomm_way way, const char *purpose, uint8_t *out, size_t length);

/*
 * What makes SELF's session and epoch unlike any other: of a data message the hash of the whole exchange (doc/wire.md, "Transcript").  A
 * layer that authenticates with a key from outside the session, as of a pad, covers it: else a message of another session passes.
 */
enum { SECCOMM_TRANSCRIPT_BYTES = 32 };
void seccomm_transcript(const void *self, uint8_t out[SECCOMM_TRANSCRIPT_BYTES]);

/* ---- Algorithms by name.  Contexts live until the session's keys are wiped; NULL: not available, or no memory. ----
 */

struct seccomm_aead; /* seals or opens, with one key; tag 16 */
struct seccomm_cipher; /* a block cipher mode, without padding */
struct seccomm_digest;
struct seccomm_mac;

struct seccomm_aead *seccomm_aead_new(void *self, const char *algorithm, const uint8_t *key, enum seccomm_way way);
/* Size of its nonces, to SECCOMM_NONCE_MAX. */
size_t seccomm_aead_nonce_bytes(const struct seccomm_aead *);
SECCOMM_MUST_USE int seccomm_aead_seal(struct seccomm_aead *, const uint8_t *nonce, const uint8_t *ad, size_t ad_length,
    uint8_t *text, size_t length, uint8_t tag[16]);
/* Negative: not authentic; TEXT is then garbage. */
SECCOMM_MUST_USE int seccomm_aead_open(struct seccomm_aead *, const uint8_t *nonce, const uint8_t *ad, size_t ad_length,
    uint8_t *text, size_t length, const uint8_t tag[16]);

/* The same in one call, with a KEY that serves for this message alone, and so a nonce of zeros. */
SECCOMM_MUST_USE int seccomm_aead_seal_once(void *self, const char *algorithm, const uint8_t *key, const uint8_t *ad,
    size_t ad_length, uint8_t *text, size_t length, uint8_t tag[16]);
SECCOMM_MUST_USE int seccomm_aead_open_once(void *self, const char *algorithm, const uint8_t *key, const uint8_t *ad,
    size_t ad_length, uint8_t *text, size_t length, const uint8_t tag[16]);

struct seccomm_cipher *seccomm_cipher_new(void *self, const char *algorithm, const uint8_t *key, enum seccomm_way way);
/* Text comes in multiples of it; 1: in any length. */
size_t seccomm_cipher_block_bytes(const struct seccomm_cipher *);
SECCOMM_MUST_USE int seccomm_cipher_run(struct seccomm_cipher *, const uint8_t *iv, uint8_t *text, size_t length);

struct seccomm_part {
	const void *bytes;
	size_t length;
};
struct seccomm_digest *seccomm_digest_new(void *self, const char *algorithm);
SECCOMM_MUST_USE int seccomm_digest_run(struct seccomm_digest *, const struct seccomm_part *parts, size_t count, uint8_t *out);
struct seccomm_mac *seccomm_mac_new(void *self, const char *algorithm, const uint8_t *key, size_t key_length);
SECCOMM_MUST_USE int seccomm_mac_run(struct seccomm_mac *, const struct seccomm_part *parts, size_t count, uint8_t *out);

/*
 * Signs MSG as it stands with this end's identity, over the preimage of doc/wire.md ("signatures"): purpose, instance,
 * both principals, context, sequence, and the hash of cover and body.  SIGNATURE has the size that the table's suffix
 * states.
 */
SECCOMM_MUST_USE int seccomm_sign(
    void *self, const char *algorithm, const struct cactus_msg *msg, uint8_t *signature, size_t length);
/* Checks the peer's; REFUSED: it is not valid. */
SECCOMM_MUST_USE int seccomm_verify(
    void *self, const char *algorithm, const struct cactus_msg *msg, const uint8_t *signature, size_t length);

/*
 * The same for the value of COLUMN instead of cover and body: the hash is of the name of the micro-protocol that set it, a
 * zero byte, and the value.  FAILED: it is not set.
 */
SECCOMM_MUST_USE int seccomm_sign_attribute(void *self, const char *algorithm, const struct cactus_msg *msg,
    cactus_column column, uint8_t *signature, size_t length);
SECCOMM_MUST_USE int seccomm_verify_attribute(void *self, const char *algorithm, const struct cactus_msg *msg,
    cactus_column column, const uint8_t *signature, size_t length);

/*
 * Seals KEY to the peer's public key for ALGORITHM ("rsa-oaep"), and opens what came with this end's private one.  SEALED has
 * LENGTH bytes, the size of the key's modulus.  What nobody sealed to this end opens as well, to a key that nobody knows: that
 * something is wrong only shows by what was sealed under the key (implicit rejection), so do not answer before.  KEY is the
 * caller's to wipe.  Who sealed it is not known: everybody has a public key.
 */
SECCOMM_MUST_USE int seccomm_key_seal(
    void *self, const char *algorithm, const uint8_t key[32], uint8_t *sealed, size_t length);
SECCOMM_MUST_USE int seccomm_key_open(
    void *self, const char *algorithm, const uint8_t *sealed, size_t length, uint8_t key[32]);

/* Poly1305 (RFC 8439, 2.5) with a KEY that has served for no other message. */
struct seccomm_onetime;
struct seccomm_onetime *seccomm_onetime_new(void *self);
SECCOMM_MUST_USE int seccomm_onetime_run(
    struct seccomm_onetime *, const uint8_t key[32], const struct seccomm_part *parts, size_t count, uint8_t tag[16]);

/* The one-time pad NAME of the keyring, for this end's role; NULL: there is none.  It lives as long as the session. */
const struct seccomm_pad *seccomm_pad_named(const void *self, const char *name);

/*
 * A file to hide messages in, whole.  Its samples are COUNT bytes from FIRST on, one for each sample or, when it is WIDE, two, the
 * lower one first.
 */
struct seccomm_medium {
	const uint8_t *bytes;
	size_t length, first, count;
	bool wide;
};
/* The cover NAME of the keyring; NULL: there is none.  It lives as long as the session. */
const struct seccomm_medium *seccomm_medium_named(const void *self, const char *name);

/* ---- Key creation and establishment ---- */

/* Argument of keyCreate_i: LENGTH bytes are wanted at KEY; the creator sets MADE. */
struct seccomm_key_request {
	uint8_t *key;
	size_t length;
	bool made;
};

/*
 * The paper's disablePush() and enablePush(): as long as one instance has disabled it, pushes are refused as NOT_READY.
 * Saying either twice changes nothing.
 */
void seccomm_disable_push(void *self);
void seccomm_enable_push(void *self);

enum { SECCOMM_SHARE_MAX = 1216, SECCOMM_SECRET_MAX = 96 };
/*
 * Argument of keyExchange_i, whose three messages run c2s, s2c, c2s.  OFFER: the client's first SHARE is wanted (of slot
 * 1 it is protected by no layer).  ANSWER: the server has PEER_SHARE; SHARE is wanted, and SECRET unless LATE.  FINISH:
 * the client has PEER_SHARE; SECRET is wanted, and a second SHARE if there is one.  CONCLUDE, only when LATE: the server
 * has that share as PEER_SHARE; SECRET is wanted.  A handler that cannot answers CACTUS_STOP, with REFUSED when no honest
 * peer would have sent that share.  LATE is set by a handler in every step where the server has the secret only after the
 * third message, and so confirms it in DONE.
 */
struct seccomm_exchange {
	enum { SECCOMM_OFFER, SECCOMM_ANSWER, SECCOMM_FINISH, SECCOMM_CONCLUDE } step;
	bool late, refused;
	const uint8_t *peer_share;
	size_t peer_length;
	uint8_t *share; /* room for SECCOMM_SHARE_MAX bytes, wiped when they have been sent; in CONCLUDE they are not */
	size_t share_length;
	uint8_t secret[SECCOMM_SECRET_MAX];
	size_t secret_length;
};
/* Called from openSession and replaceKey_i at the client: starts the exchange of SELF's slot.  Answers what the handler is
 * to answer. */
enum cactus_verdict seccomm_exchange_begin(void *self);
/*
 * A new key of LENGTH bytes from the creation micro-protocol number CREATION (raises keyCreate_i).  Negative: it made
 * none.
 */
SECCOMM_MUST_USE int seccomm_create_key(void *self, uint32_t creation, uint8_t *out, size_t length);
/*
 * For creators: LENGTH (to 64) bytes for PURPOSE, by HKDF-SHA-256 (RFC 5869) from SECRET and SALT.  They differ by table, by key, and
 * by which end this is.  OUT is the caller's to wipe.
 */
SECCOMM_MUST_USE int seccomm_derive(const void *self, const struct seccomm_part *salt, const struct seccomm_part *secret,
    const char *purpose, uint8_t *out, size_t length);
/*
 * SIZE bytes that belong to the session and not to its epoch, for SELF's table and key: zero at first, and then as they were
 * left, in every later epoch and attempt at one.  The session wipes them at its end.  NULL: no memory.
 */
void *seccomm_kept(void *self, size_t size);
/* A predefined secret of the keyring by NAME, 32 bytes; negative: there is none. */
SECCOMM_MUST_USE int seccomm_predefined(const void *self, const char *name, uint8_t out[32]);
/*
 * Agreement by name ("x25519", "ffdhe2048"): the sizes of its public values (to SECCOMM_SHARE_MAX) and secrets (to 64);
 * the public value; the shared secret (REFUSED: no value for an agreement).  The private value is made from SEED, 32 bytes
 * that nobody can guess, the same way each time.
 */
SECCOMM_MUST_USE int seccomm_kx_sizes(const void *self, const char *algorithm, size_t *share, size_t *secret);
SECCOMM_MUST_USE int seccomm_kx_public(
    const void *self, const char *algorithm, const uint8_t seed[32], uint8_t *public_key);
SECCOMM_MUST_USE int seccomm_kx_secret(
    const void *self, const char *algorithm, const uint8_t seed[32], const uint8_t *peer_public, uint8_t *secret);
/*
 * Encapsulation by name ("rsasve"): the secret that SEED, 32 bytes that nobody can guess, stands for, and the share (at most
 * SECCOMM_SHARE_MAX bytes) that tells it to the owner of the peer's public key for that algorithm; and there, the secret (REFUSED:
 * nobody makes such a share).  SECRET is the SHA-256 of the algorithm's, and the caller's to wipe; it may be SEED.
 */
SECCOMM_MUST_USE int seccomm_kem_encapsulate(void *self, const char *algorithm, const uint8_t seed[32], uint8_t *share,
    size_t *share_length, uint8_t secret[32]);
SECCOMM_MUST_USE int seccomm_kem_decapsulate(
    void *self, const char *algorithm, const uint8_t *share, size_t share_length, uint8_t secret[32]);
/*
 * Encapsulation to a key that is new each time ("ml-kem-768", "x25519-ml-kem-768"), for handlers of keyExchange_i: whether
 * ALGORITHM is one; at OFFER, the public key that SEED stands for, as share; at ANSWER, to the peer's public key, the ciphertext as
 * share and the secret (to 64 bytes), both from SEED; at FINISH, out of the peer's ciphertext and the first SEED, the secret.  SEED
 * has 32 bytes that nobody can guess.  REFUSED: what the peer sent is no such key or ciphertext.
 */
bool seccomm_kem_is_ephemeral(const char *algorithm);
SECCOMM_MUST_USE int seccomm_kem_offer(
    const void *self, const char *algorithm, const uint8_t seed[32], struct seccomm_exchange *exchange);
SECCOMM_MUST_USE int seccomm_kem_answer(
    const void *self, const char *algorithm, const uint8_t seed[32], struct seccomm_exchange *exchange);
SECCOMM_MUST_USE int seccomm_kem_finish(
    const void *self, const char *algorithm, const uint8_t seed[32], struct seccomm_exchange *exchange);

/* ---- Modules from outside ---- */

/*
 * A shared object that brings micro-protocols of its own exports one constant, called seccomm_module, and
 * seccomm_module_load() (seccomm.h) adds its tables to those of a library:
 *
 *	const struct seccomm_module seccomm_module = {
 *		SECCOMM_MODULE_HEAD, .name = "example", .version = "1.0", .tables = tables };
 *
 * It is compiled against these headers and linked with no SecComm of its own: it finds the functions in the program that loads
 * it.  examples/module builds one.
 *
 * The number below grows with every change of what is shared that the sizes do not show: a field with another meaning, a
 * function or an event that is gone or does something else.
 */
enum { SECCOMM_MODULE_ABI = 1, SECCOMM_MODULE_WORD_MAX = 31 };

/* The structures that both sides look into.  Where one has another size the two were compiled from different headers. */
#define SECCOMM_MODULE_SHARED(X)                                                                                       \
	X(cactus_mp)                                                                                                   \
	X(cactus_instance)                                                                                             \
	X(cactus_msg)                                                                                                  \
	X(cactus_param)                                                                                                \
	X(cactus_tie)                                                                                                  \
	X(cactus_attribute)                                                                                            \
	X(cactus_event_row)                                                                                            \
	X(cactus_platform)                                                                                             \
	X(seccomm_mp)                                                                                                  \
	X(seccomm_self)                                                                                                \
	X(seccomm_window)                                                                                              \
	X(seccomm_part)                                                                                                \
	X(seccomm_pad)                                                                                                 \
	X(seccomm_key_request)                                                                                         \
	X(seccomm_exchange)                                                                                               \
	X(cactus_store)                                                                                                   \
	X(cactus_post)                                                                                                   \
	X(cactus_filling)                                                                                                \
	X(seccomm_medium)
#define SECCOMM_MODULE_COUNT(name_) +1
#define SECCOMM_MODULE_SIZE(name_)  sizeof(struct name_),

struct seccomm_module {
	uint32_t abi; /* SECCOMM_MODULE_ABI; any other is refused */
	uint32_t struct_size; /* of this structure, which may grow at its end; a larger one than the library's is refused */
	uint32_t sizes[0 SECCOMM_MODULE_SHARED(SECCOMM_MODULE_COUNT)]; /* any other is refused */
	/*
	 * Words of at most SECCOMM_MODULE_WORD_MAX of a-z 0-9 -, in the version A-Z . + _ ~, too.  Both are part of the
	 * configuration digest wherever one of the tables is used: a change of what a table does is a new version.
	 */
	const char *name, *version;
	const struct seccomm_mp *const *tables; /* ends with NULL */
};
#define SECCOMM_MODULE_HEAD                                                                                            \
	.abi = SECCOMM_MODULE_ABI, .struct_size = sizeof(struct seccomm_module),                                       \
	.sizes = { SECCOMM_MODULE_SHARED(SECCOMM_MODULE_SIZE) }

extern const struct seccomm_module seccomm_module; /* a module's own; the library has none */

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
