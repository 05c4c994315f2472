/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seccomm.h - secure communication whose every attribute is chosen on its own.
 *
 * A configuration becomes a plan (immutable, shareable); a plan, a keyring and a set of callbacks become a session.  A
 * session does no input or output: the application hands it what arrived (seccomm_pop) and what is to be sent
 * (seccomm_push), and gets bytes to transmit and messages to deliver through its callbacks.
 *
 * Source: TR 99-08, section 3.1 (Open, Push, Pop, Close).  The bytes on the wire are in doc/wire.md.
 *
 * Thread rule: struct seccomm, plans and keyrings are read-only once made and may be shared by threads; a session
 * belongs to one thread at a time.  Different sessions share nothing that changes.
 */
#ifndef SECCOMM_H
#define SECCOMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cactus.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define SECCOMM_API      __attribute__((visibility("default")))
#define SECCOMM_MUST_USE __attribute__((warn_unused_result))
#else
#define SECCOMM_API
#define SECCOMM_MUST_USE
#endif

/* ---- Status ---- */

/* Name, number and text of every status, from one list. */
#define SECCOMM_STATUS_MAP(X)                                                                                          \
	X(OK, 0, "done")                                                                                               \
	X(NO_MEMORY, -1, "out of memory")                                                                              \
	X(INVALID, -2, "an argument or a configuration is not valid")                                                  \
	X(NOT_READY, -3, "the session has no keys yet, or sending is disabled; try again when it is writable")         \
	X(CLOSED, -4, "the session is closed in this direction")                                                       \
	X(REFUSED, -5, "the message was refused; see the alert")                                                       \
	X(TOO_LARGE, -6, "the message is larger than the configuration allows")                                        \
	X(LIMIT, -7, "a key's usage limit is reached")                                                                 \
	X(FAILED, -8, "a library or the platform failed")                                                              \
	X(UNKNOWN_KEY, -9, "a key or peer that the configuration names is not in the keyring")                         \
	X(UNAVAILABLE, -10, "an algorithm is not available on this machine")

enum seccomm_status {
#define SECCOMM_STATUS_ENUM(name, number, text) SECCOMM_##name = (number),
	SECCOMM_STATUS_MAP(SECCOMM_STATUS_ENUM)
#undef SECCOMM_STATUS_ENUM
};
/* "NO_MEMORY" and "out of memory"; never NULL. */
SECCOMM_API const char *seccomm_status_name(int status);
SECCOMM_API const char *seccomm_status_text(int status);

/* What set-up calls say when they fail: what, where, why, and what to do.  Texts are cut, never overrun. */
struct seccomm_error {
	int status;
	char place[128]; /* "file:line:column", or empty */
	char text[512];
	char remedy[512]; /* or empty */
};

/* ---- The library ---- */

struct seccomm; /* one a process or thread: algorithms fetched and tested, and the list of micro-protocols */

/* NULL, with ERROR filled, when the crypto library cannot be used. */
SECCOMM_API struct seccomm *seccomm_new(struct seccomm_error *error);
SECCOMM_API void seccomm_free(struct seccomm *); /* after everything made from it; NULL is ignored */
SECCOMM_API const char *seccomm_version(void);
/*
 * Adds the micro-protocols of FILE, a module from outside (seccomm_module.h), to those of the library; while no other thread
 * uses it.  FILE is code that runs with all rights of this process: it must be a regular file that belongs to root or to this
 * user and that nobody else can write to, in a folder where nobody else can put another one in its place.  What is judged
 * is what is loaded.  INVALID: refused, and ERROR says why and what to do; FAILED: it cannot be opened or loaded; the list is
 * then as it was before.  Whatever was loaded stays, with its descriptor, until the process ends.
 */
SECCOMM_API SECCOMM_MUST_USE int seccomm_module_load(struct seccomm *, const char *file, struct seccomm_error *error);

/* ---- Keyring: identities, peers, pre-shared secrets ---- */

enum { SECCOMM_FINGERPRINT_BYTES = 32, SECCOMM_KEY_TEXT_MAX = 128, SECCOMM_NAME_MAX = 64 };

struct seccomm_keyring;
SECCOMM_API struct seccomm_keyring *seccomm_keyring_new(struct seccomm *);
/* Wipes every secret in it; after the sessions that use it.  NULL is ignored. */
SECCOMM_API void seccomm_keyring_free(struct seccomm_keyring *);
/*
 * Add what TEXT holds under NAME (1 to 63 of a-z A-Z 0-9 . _ -; INVALID otherwise).  identity: "scs1…", with further
 * private keys as PEM; peer: "sck1…", with further public keys as PEM; psk: "scp1…".  A second key of one algorithm, or
 * a name with another principal, is INVALID.  TEXT is copied where needed; a secret one is the caller's to wipe.
 */
SECCOMM_API SECCOMM_MUST_USE int seccomm_keyring_identity(
    struct seccomm_keyring *, const char *name, const char *text, struct seccomm_error *error);
SECCOMM_API SECCOMM_MUST_USE int seccomm_keyring_peer(
    struct seccomm_keyring *, const char *name, const char *text, struct seccomm_error *error);
SECCOMM_API SECCOMM_MUST_USE int seccomm_keyring_psk(
    struct seccomm_keyring *, const char *name, const char *text, struct seccomm_error *error);

/*
 * A one-time pad as the application keeps it, for one end: this library reads and writes no file.  A pad is two regions of
 * bytes that nobody else knows and that are the same at both ends: the client sends with one, the server with the other.
 * OFFSET and LENGTH are in bytes and multiples of SECCOMM_PAD_UNIT, but for READ's length.  Every function answers
 * SECCOMM_OK or a negative status, and then nothing of the pad has been given away.
 *
 * RESERVE: takes LENGTH bytes of this end's region, a multiple of SECCOMM_PAD_BLOCK, for good: that they are taken is on
 * the disk before it returns, and no other call, of whatever process and after whatever crash, answers one of them again.
 * LIMIT: so many are not left.
 * READ: copies bytes of a region to OUT.  REFUSED: one of them is spent, or was admitted before this program began; INVALID:
 * they are not of that region.
 * ADMIT: bytes of the peer's region are about to be used up by a message that has proven authentic.  That they will be
 * REFUSED after a crash is on the disk before it returns; REFUSED: one of them is spent.
 * SPEND: destroys bytes of a region, in the copy on the disk, too.  If it cannot, every later call must answer FAILED.
 * LEFT: bytes of a region that have never been reserved, or admitted; *USED gets how many lie in front of them.  It may be NULL:
 * then it shows only when a message finds no bytes that the pad is used up.
 *
 * Sessions of several threads may share a pad if its functions can be called so.
 */
enum { SECCOMM_PAD_UNIT = 16, SECCOMM_PAD_BLOCK = 4096 };
enum seccomm_role { SECCOMM_CLIENT, SECCOMM_SERVER };
enum seccomm_pad_region { SECCOMM_PAD_OURS, SECCOMM_PAD_PEERS };
struct seccomm_pad {
	void *context;
	int (*reserve)(void *context, uint64_t length, uint64_t *offset);
	int (*read)(void *context, enum seccomm_pad_region, uint64_t offset, uint8_t *out, size_t length);
	int (*admit)(void *context, uint64_t offset, uint64_t length);
	void (*spend)(void *context, enum seccomm_pad_region, uint64_t offset, uint64_t length);
	uint64_t (*left)(void *context, enum seccomm_pad_region, uint64_t *used);
};
/*
 * Adds the pad NAME for sessions in which this end is ROLE.  *PAD is copied; what is behind it must outlive the keyring.
 * INVALID: not a name, or there is one already.
 */
SECCOMM_API SECCOMM_MUST_USE int seccomm_keyring_pad(struct seccomm_keyring *, const char *name, enum seccomm_role role,
    const struct seccomm_pad *pad, struct seccomm_error *error);

/*
 * Adds the cover NAME, a file that steganography hides messages in: LENGTH BYTES, which are copied, of a binary PGM or PPM
 * image with 8 bits a sample (netpbm), or of a WAV sound (PCM with 8 or 16 bits).  INVALID: not a name, there is one already, or
 * it is no such file, of whose bytes all but SECCOMM_COVER_HEAD are samples.
 */
enum { SECCOMM_COVER_HEAD = 256 };
SECCOMM_API SECCOMM_MUST_USE int seccomm_keyring_cover(
    struct seccomm_keyring *, const char *name, const void *bytes, size_t length, struct seccomm_error *error);

/*
 * Makes new keys as text.  ALGORITHM: "ed25519" (SECRET "scs1…", PUBLIC "sck1…"), "psk" (SECRET "scp1…", PUBLIC empty),
 * "rsa-3072", "ecdsa-p256", "rsa-oaep-3072", "rsa-kem-3072" (both PEM).  Rooms are in bytes; TOO_LARGE when one is too small (4096 is enough).  SECRET is the caller's
 * to wipe.
 */
SECCOMM_API SECCOMM_MUST_USE int seccomm_key_generate(
    struct seccomm *, const char *algorithm, char *secret, size_t secret_room, char *public_key, size_t public_room);
/*
 * What trying a passphrase costs, and the SALT, which is drawn once and no secret: both ends need the same.  Argon2id (RFC
 * 9106), one lane.
 */
enum { SECCOMM_STRETCH_SALT = 16, SECCOMM_PASSPHRASE_MIN = 16, SECCOMM_PASSPHRASE_MAX = 1024 };
struct seccomm_stretch {
	uint32_t memory_kib; /* 65536 (64 MiB) to 4194304 (4 GiB) */
	uint32_t passes; /* 3 to 64 */
	uint8_t salt[SECCOMM_STRETCH_SALT];
};
/*
 * The pre-shared secret ("scp1…") that a passphrase of LENGTH bytes gives: the same wherever STRETCH is the same.  SECRET and
 * PASSPHRASE are the caller's to wipe.  INVALID: out of bounds, and ERROR (may be NULL) says what; NO_MEMORY; TOO_LARGE.
 */
SECCOMM_API SECCOMM_MUST_USE int seccomm_key_stretch(struct seccomm *, const char *passphrase, size_t length,
    const struct seccomm_stretch *, char *secret, size_t room, struct seccomm_error *error);
/* The public text of a secret one of the same kind. */
SECCOMM_API SECCOMM_MUST_USE int seccomm_key_public(
    struct seccomm *, const char *secret, char *public_key, size_t room);
/* The fingerprint of a "sck1…" word: the principal.  INVALID: it is not one, and ERROR (may be NULL) says where. */
SECCOMM_API SECCOMM_MUST_USE int seccomm_key_fingerprint(struct seccomm *, const char *public_key,
    uint8_t fingerprint[SECCOMM_FINGERPRINT_BYTES], struct seccomm_error *error);

enum { SECCOMM_FINGERPRINT_TEXT = 52 };
/* A fingerprint as people see it: "SHA256:" and 43 characters of base64, with the final NUL. */
SECCOMM_API void seccomm_fingerprint_text(
    const uint8_t fingerprint[SECCOMM_FINGERPRINT_BYTES], char out[SECCOMM_FINGERPRINT_TEXT]);

/* ---- Plans ---- */

/* FIFO: a reliable byte stream.  DATAGRAM: whole messages that may be lost, doubled, reordered. */
enum seccomm_link { SECCOMM_STREAM, SECCOMM_DATAGRAM };

struct seccomm_plan; /* checked and resolved; immutable; counts its references */

/*
 * The plan for session NAME (NULL: the only one) of the YAML TEXT of LENGTH bytes.  FILE is how errors call it.  The
 * first error is in ERROR; `seccomm check` shows all.
 */
SECCOMM_API SECCOMM_MUST_USE int seccomm_plan_read(struct seccomm *, const char *file, const char *text, size_t length,
    const char *name, struct seccomm_plan **out, struct seccomm_error *error);
/*
 * The plan of a profile ("default@1"), or of a stack in one line ("anti-replay:sequence | encrypt:aes-256-gcm") whose
 * key is agreed by KEY ("dh,protect=sign:ed25519"; NULL: that one).  IDENTITY and PEER are names in the keyring; PEER
 * may be "*".
 */
SECCOMM_API SECCOMM_MUST_USE int seccomm_plan_stack(struct seccomm *, enum seccomm_role role, enum seccomm_link link,
    const char *stack, const char *key, const char *identity, const char *const *peers, size_t peer_count, bool lab,
    struct seccomm_plan **out, struct seccomm_error *error);
SECCOMM_API void seccomm_plan_free(struct seccomm_plan *); /* drops the reference; NULL is ignored */
/* The text that both ends must have in common, and its SHA-256 (doc/wire.md, "configuration digest"). */
SECCOMM_API const char *seccomm_plan_text(const struct seccomm_plan *);
SECCOMM_API const uint8_t *seccomm_plan_digest(const struct seccomm_plan *);
/* The largest message in bytes, and the most that the wire form adds to one. */
SECCOMM_API size_t seccomm_plan_max_message(const struct seccomm_plan *);
SECCOMM_API size_t seccomm_plan_overhead(const struct seccomm_plan *);

/* ---- Alerts ---- */

/* Every security alert has an id that never changes its meaning. */
#define SECCOMM_ALERT_MAP(X)                                                                                           \
	X(MALFORMED, 1, "malformed message")                                                                           \
	X(BAD_TAG, 2, "tag mismatch")                                                                                  \
	X(BAD_DIGEST, 3, "digest mismatch")                                                                            \
	X(BAD_MAC, 4, "MAC mismatch")                                                                                  \
	X(BAD_SIGNATURE, 5, "signature not valid")                                                                     \
	X(BAD_DECRYPTION, 6, "not decryptable")                                                                        \
	X(OVERSIZE, 7, "message larger than allowed")                                                                  \
	X(UNEXPECTED, 8, "message of a kind or epoch that is not expected now")                                        \
	X(REPLAYED, 11, "replayed")                                                                                    \
	X(TOO_OLD, 12, "too old")                                                                            \
	X(FROM_FUTURE, 13, "timestamp in the future")                                                                  \
	X(UNKNOWN_PEER, 21, "unknown peer")                                                                            \
	X(WRONG_PEER, 22, "peer has another key")                                                                      \
	X(MISMATCH, 23, "configurations differ")                                                                       \
	X(UNCONFIRMED, 24, "key confirmation failed")                                                                  \
	X(BAD_SHARE, 25, "key share refused")                                                                          \
	X(TIMED_OUT, 26, "opening timed out")                                                                          \
	X(TRUNCATED, 31, "stream ended without an authenticated close")                                                \
	X(KEY_LIMIT, 32, "usage limit of a key reached")                                                               \
	X(SILENT, 33, "the peer does not answer")                                                                      \
	X(REKEY_FAILED, 34, "new keys could not be agreed")                                                            \
	X(PATH_LIMIT, 35, "message larger than the path carries")                                                      \
	X(INTERNAL, 41, "a library or the platform failed")

enum seccomm_alert_id {
#define SECCOMM_ALERT_ENUM(name, number, text) SECCOMM_ALERT_##name = (number),
	SECCOMM_ALERT_MAP(SECCOMM_ALERT_ENUM)
#undef SECCOMM_ALERT_ENUM
};
SECCOMM_API const char *seccomm_alert_text(enum seccomm_alert_id id);

/* Valid during the callback.  DETAIL is for the operator: it names fingerprints and differences, and never goes to a
 * peer. */
struct seccomm_alert {
	enum seccomm_alert_id id;
	const char *layer; /* "encrypt:aes-256-gcm", or NULL: the session itself */
	unsigned order; /* of the layer */
	bool fatal; /* the session ends */
	uint64_t count; /* alerts of this session so far, this one included */
	const char *detail; /* or empty; no control characters */
};

/* ---- Sessions ---- */

struct seccomm_session;
struct seccomm_message;

/* A principal: its key's fingerprint.  NAME is this machine's label for it, lent by the keyring. */
struct seccomm_principal {
	uint8_t fingerprint[SECCOMM_FINGERPRINT_BYTES];
	const char *name;
};

/*
 * What a session tells its application.  CONTEXT is handed to each.  A callback may push and close (a close inside one
 * takes effect after it); it must not free the session.  Those that may be NULL say so.
 */
struct seccomm_callbacks {
	void *context;
	/* LENGTH bytes to send: on a stream the next ones, on a datagram link one datagram.  Lent until it returns. */
	void (*transmit)(void *context, const uint8_t *bytes, size_t length);
	/*
	 * A message that passed every check.  Lent until it returns, unless kept with seccomm_message_keep().  Its bytes lie in
	 * those given to seccomm_pop(), unless a layer of the stack may hold messages (seccomm_module.h, "holds").
	 */
	void (*deliver)(void *context, struct seccomm_message *message);
	void (*alert)(void *context, const struct seccomm_alert *alert); /* may be NULL */
	/* The keys are agreed and confirmed by both ends. */
	void (*opened)(void *context, const struct seccomm_principal *peer); /* may be NULL */
	/* The peer has sent its last message; what it sent is complete. */
	void (*peer_closed)(void *context); /* may be NULL */
	/* Nothing more will be transmitted or delivered.  STATUS: OK after a close in both directions. */
	void (*closed)(void *context, int status); /* may be NULL */
	/* Sending was refused as NOT_READY and is possible now. */
	void (*writable)(void *context); /* may be NULL */
	/* A new epoch sends from now on: new keys, perhaps another PLAN (that of the session, from now on). */
	void (*renewed)(void *context, uint64_t epoch, struct seccomm_plan *plan); /* may be NULL */
};

/* A platform with the real clocks, the operating system's generator and malloc; log goes nowhere. */
SECCOMM_API const struct cactus_platform *seccomm_platform_default(void);

/*
 * Starts a session: a client transmits its opening at once, a server waits for one.  PLAN, KEYRING, PLATFORM and
 * CALLBACKS must outlive it.  On failure *OUT is NULL and ERROR says why.
 */
SECCOMM_API SECCOMM_MUST_USE int seccomm_open(struct seccomm_plan *plan, const struct seccomm_keyring *keyring,
    const struct cactus_platform *platform, const struct seccomm_callbacks *callbacks, struct seccomm_session **out,
    struct seccomm_error *error);
/* Wipes and releases it without a word to the peer, who will see a truncation unless both closed before.  NULL is
 * ignored. */
SECCOMM_API void seccomm_session_free(struct seccomm_session *);

/* A message of SIZE bytes with room for everything the stack adds; one reference is the caller's.  NULL: no memory, too
 * large. */
SECCOMM_API struct seccomm_message *seccomm_message_new(struct seccomm_session *, size_t size);
/* Makes a message that was pushed a fresh one of SIZE bytes again (at most its first size).  The content is undefined.
 */
SECCOMM_API void seccomm_message_reset(struct seccomm_message *, size_t size);
/* Its bytes; and its length in *LENGTH. */
SECCOMM_API uint8_t *seccomm_message_bytes(struct seccomm_message *, size_t *length);
/* Shortens it (before a push). */
SECCOMM_API void seccomm_message_truncate(struct seccomm_message *, size_t length);
/* One more reference.  A delivered message lies in the bytes given to seccomm_pop(), so keeping it copies it: NULL, no
 * memory. */
SECCOMM_API struct seccomm_message *seccomm_message_keep(struct seccomm_message *);
/* Every reference goes before the session.  NULL is ignored. */
SECCOMM_API void seccomm_message_release(struct seccomm_message *);
/* AUTH_SENDER (TR 99-08, 3.1): who is proven to have sent a delivered message; NULL when nothing in the stack proves
 * it. */
SECCOMM_API const struct seccomm_principal *seccomm_message_sender(const struct seccomm_message *);

/*
 * Protects MESSAGE and transmits it.  The message is borrowed and transformed in place: reset or release it afterwards.
 * NOT_READY before the session is open for sending, CLOSED after seccomm_close(), LIMIT when the key is used up.
 */
SECCOMM_API SECCOMM_MUST_USE int seccomm_push(struct seccomm_session *, struct seccomm_message *message);
/* The same for LENGTH bytes that stay as they are. */
SECCOMM_API SECCOMM_MUST_USE int seccomm_push_copy(struct seccomm_session *, const void *bytes, size_t length);

/*
 * Takes what arrived.  On a stream: at most one whole frame from the start of BYTES; answers how many bytes it was, or
 * 0 when the frame is not complete (keep the bytes and call again with more; seccomm_wanted() says how many in all). On
 * a datagram link: one datagram, answers LENGTH.  BYTES are overwritten.  Negative when the session has ended: REFUSED,
 * CLOSED, FAILED; and INVALID from inside a callback of seccomm_pop(), which it cannot be called from.
 */
SECCOMM_API SECCOMM_MUST_USE ptrdiff_t seccomm_pop(struct seccomm_session *, uint8_t *bytes, size_t length);
/* On a stream: how many bytes, from the start of the next frame, seccomm_pop() needs, given the LENGTH that are there.
 */
SECCOMM_API size_t seccomm_wanted(const struct seccomm_session *, const uint8_t *bytes, size_t length);
/* The stream below has ended: a truncation unless the peer had closed.  Ends the session. */
SECCOMM_API void seccomm_ended(struct seccomm_session *);
/* Says, authenticated, that nothing more will be sent; the other direction goes on. */
SECCOMM_API SECCOMM_MUST_USE int seccomm_close(struct seccomm_session *);

/*
 * Asks for new keys (the paper's replaceKey): a new epoch is prepared while data goes on in this one.  Either end may
 * ask.  NOT_READY before the session is open, while one is being prepared or was asked for, and on datagram links until
 * the epoch before this one has been retired; INVALID when the keys cannot be agreed again (establish: none).
 */
SECCOMM_API SECCOMM_MUST_USE int seccomm_rekey(struct seccomm_session *);
/* What is under way where it answers NOT_READY. */
enum seccomm_renewal {
	SECCOMM_RENEWAL_NONE, /* nothing: if it answers anything else than OK, that will not change */
	SECCOMM_RENEWAL_OPENING, /* the session's first keys are being agreed */
	SECCOMM_RENEWAL_AGREEING, /* new keys are being agreed */
	SECCOMM_RENEWAL_ASKED, /* they have been asked for, and are not begun with yet */
	SECCOMM_RENEWAL_OVERLAP /* they are in use, and those before may still come: on a stream until the peer has gone over, too */
};
/* In *WAIT_US how long that is at the most; UINT64_MAX: it is up to the peer. */
SECCOMM_API enum seccomm_renewal seccomm_renewal_state(const struct seccomm_session *, uint64_t *wait_us);
/*
 * The same, but only the key of SLOT (from 1, in the order of the configuration) is agreed again: replaceKey_i of TR 99-08.
 * The others carry over: in the new epoch each slot has another key, so nothing is used twice, but theirs follow from the
 * old ones.  So who had all keys of the old epoch has theirs in the new one, too: they get no new forward secrecy; and a
 * key that was agreed under that of SLOT is as good as that was.  Against both, seccomm_rekey() makes all anew.  When both
 * ends ask at once, the client's epoch comes first, and another one for what the server asked for and has not got by it.
 * INVALID: there is no such slot.
 */
SECCOMM_API SECCOMM_MUST_USE int seccomm_replace_key(struct seccomm_session *, unsigned slot);
/* The slot that this end's configuration calls NAME; 0: none. */
SECCOMM_API unsigned seccomm_key_slot(const struct seccomm_session *, const char *name);
/*
 * seccomm_rekey() with the stack and keys of PLAN (same role, link, identity and peers), which the peer must have allowed.
 * seccomm_allow() lets the peer ask for PLAN; both keep a reference to it until the session is freed.
 */
SECCOMM_API SECCOMM_MUST_USE int seccomm_change(struct seccomm_session *, struct seccomm_plan *plan);
SECCOMM_API SECCOMM_MUST_USE int seccomm_allow(struct seccomm_session *, struct seccomm_plan *plan);

/*
 * On datagram links: the largest datagram that the path carries, in bytes without IP and UDP headers.  Larger messages
 * are refused as TOO_LARGE, with an alert that names the limit.  0: not known, as at first.
 */
SECCOMM_API void seccomm_set_path_limit(struct seccomm_session *, size_t bytes);

/* When seccomm_run_due() has work, in microseconds of the platform's monotonic time; UINT64_MAX: never. */
SECCOMM_API uint64_t seccomm_deadline(const struct seccomm_session *);
SECCOMM_API void seccomm_run_due(struct seccomm_session *);

/* ---- What is going on ---- */

struct seccomm_statistics {
	uint64_t sent, received; /* data messages, accepted ones */
	uint64_t sent_bytes, received_bytes; /* of application data */
	uint64_t refused; /* messages, for whatever reason */
	uint64_t opening_us; /* from the first byte of the opening to its end; 0 while it is open */
	uint64_t epoch; /* the one that sends, from 1 */
	uint64_t epoch_us; /* monotonic time since which it does */
	uint64_t renewals; /* epochs after the first */
	uint64_t heard_us; /* monotonic time of the last authentic message */
	/*
	 * Datagrams: counts authentic messages newer than all before.  When a pop raises it, where the datagram came
	 * from is where the peer is.
	 */
	uint64_t newest;
	size_t memory; /* bytes taken from the platform for this session */
};
SECCOMM_API void seccomm_statistics(const struct seccomm_session *, struct seccomm_statistics *out);

/* A key slot of the epoch that sends. */
struct seccomm_key_state {
	const char *name; /* in this end's configuration, lent by the session */
	uint64_t epoch; /* for which its secret was agreed; less than that of the session if it has carried over since */
	uint64_t made_us; /* monotonic time of that */
};
/* INVALID: there is no SLOT (from 1); NOT_READY: it has no key yet, CLOSED: any more, and only NAME is filled in. */
SECCOMM_API SECCOMM_MUST_USE int seccomm_key_state(
    const struct seccomm_session *, unsigned slot, struct seccomm_key_state *out);
/* How often each alert was raised, by id; 0 for unknown ids. */
SECCOMM_API uint64_t seccomm_alert_count(const struct seccomm_session *, enum seccomm_alert_id id);
SECCOMM_API bool seccomm_may_push(const struct seccomm_session *);
/* The confirmed peer; NULL before the session is open. */
SECCOMM_API const struct seccomm_principal *seccomm_peer(const struct seccomm_session *);
/* CONTEXT of its callbacks, for those to whom a listener names a session. */
SECCOMM_API void *seccomm_context(const struct seccomm_session *);

/* What one layer did to one message. */
struct seccomm_step {
	const char *layer; /* "encrypt:aes-256-gcm" */
	bool sending;
	unsigned key; /* 0: data; i: a message of the exchange of key slot i */
	uint64_t epoch, number; /* of the message */
	size_t before, after; /* bytes of its body */
	uint64_t elapsed_us;
	enum cactus_verdict verdict; /* NEXT: went on */
};
/* Calls TRACE(context, step) after every layer of every message, from now on; NULL ends it. */
SECCOMM_API SECCOMM_MUST_USE int seccomm_trace(
    struct seccomm_session *, void (*trace)(void *context, const struct seccomm_step *), void *context);

/* ---- Listener: one datagram socket, many sessions ------------------------------------------------------------------ */

/*
 * What stands between strangers and the sessions of one datagram socket (doc/wire.md, "Floods").  It routes datagrams by
 * their receiver's index, judges openings without keeping anything of them, answers with a RETRY when many sessions are
 * half open, and bounds those in number and memory: the oldest gives way.  ADDRESS is whatever the driver calls the
 * sender by, at most SECCOMM_ADDRESS_MAX bytes; it is compared and hashed whole.
 */
enum { SECCOMM_ADDRESS_MAX = 128 };
struct seccomm_listener;
struct seccomm_listener_callbacks {
	void *context;
	/* Send this datagram to ADDRESS, for no session.  Lent until it returns. */
	void (*answer)(void *context, const void *address, size_t address_length, const uint8_t *bytes, size_t length);
	/*
	 * An opening deserves a session: open one with seccomm_open() from a server's plan and return it, or NULL.  The
	 * opening is then given to it.  A session leaves the listener when it is freed.
	 */
	struct seccomm_session *(*accept)(void *context, const void *address, size_t address_length);
	/* SESSION, until now half open, has to give way to newer ones: free it before this returns. */
	void (*evict)(void *context, struct seccomm_session *session);
	/*
	 * Its peer is at ADDRESS from now on: an authentic message, newer than all before, came from there.  Called for
	 * each such message, also when ADDRESS is the one before.
	 */
	void (*moved)(void *context, struct seccomm_session *session, const void *address, size_t address_length);
	/* A datagram that belongs to no session was dropped: why.  May be NULL. */
	void (*alert)(void *context, const struct seccomm_alert *alert, const void *address, size_t address_length);
};
struct seccomm_listener_limits {
	size_t half_open; /* sessions; 0: 1,024 */
	size_t half_open_bytes; /* of them; 0: 1 MiB */
	size_t cookies_above; /* half-open sessions above which a RETRY comes first; SIZE_MAX: never */
};
/* PLAN (a server's, for datagrams), KEYRING, PLATFORM and CALLBACKS must outlive it; LIMITS may be NULL. */
SECCOMM_API SECCOMM_MUST_USE int seccomm_listener_new(struct seccomm_plan *plan, const struct seccomm_keyring *keyring,
    const struct cactus_platform *platform, const struct seccomm_listener_callbacks *callbacks,
    const struct seccomm_listener_limits *limits, struct seccomm_listener **out, struct seccomm_error *error);
/* After its sessions.  NULL is ignored. */
SECCOMM_API void seccomm_listener_free(struct seccomm_listener *);
/* One datagram from ADDRESS.  BYTES are overwritten. */
SECCOMM_API void seccomm_listener_pop(
    struct seccomm_listener *, const void *address, size_t address_length, uint8_t *bytes, size_t length);

/*
 * Whether a datagram is for one of its sessions, by its receiver's index: for a driver with several listeners on one
 * socket.  An opening is for none.
 */
SECCOMM_API bool seccomm_listener_has(const struct seccomm_listener *, const uint8_t *bytes, size_t length);

struct seccomm_listener_statistics {
	size_t sessions, half_open, half_open_bytes;
	uint64_t openings; /* datagrams that claimed to be one */
	uint64_t retries; /* RETRYs sent */
	uint64_t accepted, evicted, dropped;
};
SECCOMM_API void seccomm_listener_statistics(
    const struct seccomm_listener *, struct seccomm_listener_statistics *out);

#ifdef __cplusplus
}
#endif
#endif
