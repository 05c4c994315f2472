/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.h - the inside of a session, shared by the files of this folder and nobody else.
 *
 * session.c is the life of a session, send.c and receive.c the path of its messages; exchange.c agrees on keys and
 * judge.c judges what the peer says to that; epoch.c is one frozen composition with its keys; frame.c is the layout of
 * the wire; control.c the CONTROL lane; alert.c what is refused and told.
 */
#ifndef SECCOMM_SESSION_H
#define SECCOMM_SESSION_H

#include "seccomm/keyring.h"
#include "seccomm/plan_private.h"

enum { HASH = CRYPTO_HASH_BYTES };

/* ---- frame.c: what stands in front of a body ---- */

enum {
	FRAME_VERSION = 1,
	FRAME_HEADER =
	    6, /* stream: type (1) || epoch (1) || length (4); datagram: type (1) || index (4) || epoch (1) */
	FRAME_NUMBER = 8,
	COVER_HEADER = FRAME_NUMBER, /* values begin with number (8) || header (6) || clear attributes */
	LANE_DATA = 0,
	LANE_CONTROL = 1,
	LANE_KEY = 1 /* slot i travels on lane LANE_KEY + i */
};

struct frame {
	unsigned lane;
	uint8_t epoch;
	uint32_t index; /* datagrams: the receiver's */
	size_t length; /* of what follows the header */
};

/* Writes the header of FRAME. */
void frame_write(enum seccomm_link link, const struct frame *frame, uint8_t header[FRAME_HEADER]);
/* Reads one; false: not of our version. */
bool frame_read(enum seccomm_link link, const uint8_t header[FRAME_HEADER], size_t datagram_length, struct frame *out);

/* What travels between the header and the body of a data message, from and to the message's VALUES; reading answers the
 * number. */
void frame_write_rest(const struct seccomm_plan *, const uint8_t *values, uint8_t *out);
uint64_t frame_read_rest(const struct seccomm_plan *, const uint8_t *in, uint8_t *values);

/* ---- epoch.c ---- */

/* A crypto context that a micro-protocol asked for; freed with the epoch. */
struct resource {
	struct resource *next;
	void *object;
	void (*free)(void *object);
};

struct epoch {
	struct seccomm_session *session;
	struct cactus *cactus;
	struct resource *resources;
	uint64_t number;
	uint64_t sent, received; /* numbers of the next message; on a stream they run across all lanes */
	uint64_t data_sent, data_received; /* what CLOSE states */
	uint64_t sent_bytes; /* under the data keys, against their limits */
	uint64_t control_sent, control_received; /* datagram links: the CONTROL lane's own numbers */
	uint64_t failures; /* data messages that its layers refused, against their limits */
	cactus_event prepare, accepted; /* of the data lane */
	cactus_event open;
	uint32_t ready; /* bit i: slot i has its key */
	uint8_t context[HASH];
	uint8_t keys[][HASH]; /* K_i at i - 1 */
};

/* Makes the epoch's composition; its layers have no keys yet. */
int epoch_new(struct seccomm_session *, uint64_t number, struct epoch **out);
/* Wipes keys, contexts and states.  NULL is ignored. */
void epoch_free(struct epoch *);
/* Gives SLOT its key, derived from SECRET under CONTEXT, and raises keyReady. */
int epoch_install(struct epoch *, unsigned slot, const uint8_t context[HASH], const uint8_t *secret, size_t length);
/* OUT = HKDF-Expand(K, {protocol, lane, instance, algorithm, direction, epoch, purpose}): doc/wire.md, "Keys". */
struct derivation {
	const uint8_t *key; /* HASH bytes */
	const char *lane, *algorithm, *direction, *purpose;
	uint32_t instance;
	uint64_t epoch;
};
int epoch_derive(struct crypto *, const struct derivation *, uint8_t *out, size_t length);
int epoch_keep(struct epoch *, void *object, void (*release)(void *));

/* ---- message.c ---- */

struct seccomm_message {
	struct cactus_msg cactus;
	struct seccomm_session *session;
	uint64_t number;
	size_t front; /* where a fresh body begins */
	size_t capacity; /* size it was made with */
	size_t memory; /* bytes of the allocation; 0: part of the session */
	size_t wire; /* length that its header states, on a stream */
	unsigned chain; /* that it travels on */
	int status; /* why it was stopped */
};

/* A message for CHAIN with room for SIZE bytes of body. */
struct seccomm_message *message_new(struct seccomm_session *, unsigned chain, size_t size);
static inline struct seccomm_message *message_of(struct cactus_msg *msg)
{
	return (struct seccomm_message *)msg;
}

/* ---- session.c ---- */

enum state {
	STATE_AWAIT_OPEN, /* server */
	STATE_AWAIT_M3, /* server */
	STATE_AWAIT_MISMATCH, /* server, for the client's answer to one */
	STATE_AWAIT_M2, /* client */
	STATE_AWAIT_DONE, /* client; may send */
	STATE_OPEN,
	STATE_ENDED
};

struct exchange;

struct seccomm_session {
	struct seccomm_plan *plan;
	const struct seccomm_keyring *keyring;
	const struct cactus_platform *platform;
	const struct seccomm_callbacks *callbacks;
	const struct identity *identity; /* NULL with pre-shared keys only */
	const struct peer *peer; /* the client's from the start, the server's from OPEN on */
	struct seccomm_principal principal;
	uint8_t self[HASH]; /* this end's principal */
	enum state state;
	int ending; /* status to end with when the outermost call leaves; 1: not ending */
	unsigned depth; /* calls into the session that have not returned */
	unsigned disabled; /* micro-protocols that disabled sending */
	bool popping; /* in seccomm_pop(), whose message lies in the session */
	bool closing; /* close was asked for inside a callback */
	bool close_sent, peer_closed, wanted_writable;
	uint32_t receive_index, send_index; /* datagrams */
	struct epoch *epoch;
	struct exchange *exchange; /* until open */
	struct seccomm_statistics statistics;
	uint64_t alert_total;
	uint64_t alerts[SECCOMM_ALERT_INTERNAL + 1]; /* by id */
	struct seccomm_message inbound; /* wraps what pop was given; values behind the struct */
	uint8_t values[];
};

static inline struct crypto *session_crypto(const struct seccomm_session *session)
{
	return session->plan->library->crypto;
}
/* On a FIFO link nothing is lost, so the first refusal ends the session; on datagrams a refused one is dropped. */
static inline bool session_fifo(const struct seccomm_session *session)
{
	return session->plan->link == SECCOMM_STREAM;
}

void *session_allocate(struct seccomm_session *, size_t size);
void session_release(struct seccomm_session *, void *memory, size_t size);
/* Every call from outside and every timer runs between these two; leave ends the session if it must. */
void session_enter(struct seccomm_session *);
void session_leave(struct seccomm_session *);
/* Ends the session with STATUS when the outermost call leaves. */
void session_end(struct seccomm_session *, int status);
/* Hands BYTES to the driver, unless the session has ended. */
void session_transmit(struct seccomm_session *, const uint8_t *bytes, size_t length);
/* "client" sends c2s. */
const char *session_direction(const struct seccomm_session *, enum seccomm_way way);
/* The keys are confirmed: tells the application. */
void session_opened(struct seccomm_session *);
void session_writable(struct seccomm_session *);

/* Makes MSG the next message on LANE of the epoch (number, header, cover), for a body of LENGTH bytes in the end. */
void session_head(struct seccomm_session *, struct seccomm_message *, unsigned lane, size_t length);
/* The same at the receiver: takes the header off BYTES. */
int session_unhead(
    struct seccomm_session *, const struct frame *, uint8_t *bytes, size_t length, struct seccomm_message *);
/* The handlers at the bottom of the data chain and of the key chains, bound by epoch_new(). */
cactus_handler session_bottom, session_unpack, session_accept;

/* ---- participants.c ---- */

/* Finds this end's identity, and the client's peer, in the keyring; ERROR says what is missing. */
int participants_find(struct seccomm_session *, struct seccomm_error *error);
/* The peer of this session that is PRINCIPAL, or NULL. */
const struct peer *participants_peer(const struct seccomm_session *, const uint8_t principal[HASH]);
/* Makes PEER the session's. */
void participants_set(struct seccomm_session *, const struct peer *);
/* "web1 SHA256:…, web2 SHA256:…": the peers that would have been accepted. */
void participants_list(const struct seccomm_session *, char *out, size_t room);
/* The algorithm of a signature in the stack that PEER has no key for; NULL: there is none. */
const char *participants_lack(
    const struct seccomm_session *, struct crypto_key *const keys[KEYS_EACH], enum seccomm_way way);

/* ---- opening.c: the OPEN message ---- */

enum {
	SLOT = 1, /* the one key slot, until there are several */
	M2_FIXED = 1 + 4 + 4 + HASH + 32 + 2 + HASH,
	M3_BODY = 1 + 4 + HASH
};
enum { OPEN_MAX = 4096, KIND_OPEN = 1, KIND_M2 = 2, KIND_M3 = 3, KIND_MISMATCH = 4, RANDOM = 32 };

struct opening {
	uint32_t id;
	uint8_t digest[HASH], principal[HASH], nonce[RANDOM];
	const uint8_t *share;
	size_t share_length;
	const uint8_t *covered; /* what mac1 is over */
	size_t covered_length;
	const uint8_t *mac;
};
/* Writes the body of an OPEN to SERVER into OUT (OPEN_MAX bytes) and answers its length; 0: the library failed. */
size_t opening_write(struct crypto *, const struct opening *, const struct peer *server, uint8_t *out);
/* Reads one; false: malformed. */
bool opening_read(const uint8_t *body, size_t length, struct opening *out);
/* Whether it was written for the principal with PUBLIC_KEY. */
bool opening_is_for(struct crypto *, const struct opening *, const uint8_t public_key[32]);

/* Reads from the front of a body; once something was not there, everything after it is not either. */
struct cursor {
	const uint8_t *at;
	size_t left;
	bool bad;
};
const uint8_t *cursor_take(struct cursor *, size_t length);
uint32_t cursor_u32(struct cursor *);
/* LENGTH (2) || bytes. */
const uint8_t *cursor_short(struct cursor *, size_t *length);

/* ---- exchange.c ---- */

struct exchange {
	uint64_t started, deadline;
	uint8_t th[HASH]; /* the transcript so far */
	uint8_t next[HASH]; /* and with the message that is being judged */
	uint8_t nonce_c[RANDOM], nonce_s[RANDOM];
	uint8_t bound[HASH]; /* TH1; or, once the configurations differ, what a MISMATCH must answer */
	struct seccomm_exchange key;
};

int exchange_new(struct seccomm_session *);
void exchange_free(struct seccomm_session *);
/* Asks the establish micro-protocol of the slot for STEP of struct seccomm_exchange.  False: it refused. */
bool exchange_ask(struct seccomm_session *, unsigned step, const uint8_t *share, size_t length);
/*
 * The MAC by which the end that sends DIRECTION proves that it has the secret, over OVER and, if not NULL, BODY.  Its
 * key comes from the secret with TH1, nonce_s and share_s, which nothing else is derived from.
 */
int exchange_confirmation(struct seccomm_session *, const uint8_t th1[HASH], const uint8_t *share, size_t share_length,
    const char *direction, const uint8_t over[HASH], const uint8_t *body, size_t length, uint8_t out[HASH]);
/* The client's, which is over TH2. */
int exchange_confirm_client(struct seccomm_session *, const uint8_t *share, size_t length, uint8_t out[HASH]);
/* Sends BODY through the layers under the slot's key.  False: it could not, and the alert has been raised. */
bool exchange_send(struct seccomm_session *, const uint8_t *body, size_t length);
void exchange_send_m2(struct seccomm_session *);

/* ---- judge.c ---- */

/* A whole frame on a key lane, header included. */
void exchange_frame(struct seccomm_session *, const struct frame *, uint8_t *bytes, size_t length);
/* The largest body that a key lane may carry now; 0: none may come. */
size_t exchange_max(const struct seccomm_session *);
uint64_t exchange_deadline(const struct seccomm_session *);
void exchange_run_due(struct seccomm_session *);
uint64_t exchange_elapsed(const struct seccomm_session *);
/* The stream ended before the session was open. */
void exchange_cut(struct seccomm_session *);
/* What a signature made or checked now covers besides the message: the transcript. */
const uint8_t *exchange_context(const struct seccomm_session *);
/* TH' = SHA-256(TH || length of the message (4) || message as on the wire). */
int exchange_extend(struct crypto *, const uint8_t th[HASH], const uint8_t *wire, size_t length, uint8_t out[HASH]);
cactus_handler exchange_bottom, exchange_accept;

/* ---- mismatch.c ---- */

enum { MISMATCH_MAX = 1 + 3 * HASH + 2 + PLAN_TEXT_MAX + 64 };
/* Sends our configuration, signed, in answer to BOUND (HASH bytes: nonce_c, or the hash of the peer's MISMATCH). */
void mismatch_send(struct seccomm_session *, const uint8_t theirs[HASH], const uint8_t bound[HASH]);
/* Checks and tells one that answers BOUND; *HASH_OUT is its hash.  False: not valid. */
bool mismatch_receive(
    struct seccomm_session *, const uint8_t *body, size_t length, const uint8_t bound[HASH], uint8_t hash_out[HASH]);

/* ---- control.c ---- */

enum { CONTROL_DONE = 1, CONTROL_CLOSE = 2, CONTROL_MAX = 64 };
int control_send(struct seccomm_session *, unsigned kind);
void control_frame(struct seccomm_session *, uint8_t *bytes, size_t length);

/* ---- alert.c ---- */

/* Raises an alert of the session itself; DETAIL may be NULL.  FATAL ends the session as REFUSED. */
void alert_raise(struct seccomm_session *, enum seccomm_alert_id id, bool fatal, const char *detail);
/* The same with a printf-like detail. */
__attribute__((format(printf, 4, 5))) void alert_raisef(
    struct seccomm_session *, enum seccomm_alert_id id, bool fatal, const char *format, ...);

#endif
