/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.h - the inside of a session, shared by the files of this folder and nobody else.
 *
 * session.c is the life of a session, clock.c what it does by itself and when; send.c and receive.c are the path of its
 * messages; epoch.c is one frozen composition with its keys, renew.c the way from one to the next, and replace.c what an
 * application may ask for; frame.c is the layout of the wire; control.c the CONTROL lane; alert.c what is refused and told.  How keys are agreed is in exchange.h, when in renew.h.
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
	SALT = 16, /* between them on datagrams, when there is no exchange */
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

/* What travels between header, and salt, and the body of a data message of PLAN, from and to the message's VALUES; reading
 * answers the number. */
void frame_write_rest(const struct seccomm_plan *, const uint8_t *values, uint8_t *out);
uint64_t frame_read_rest(const struct seccomm_plan *, const uint8_t *in, uint8_t *values);

/* ---- epoch.c ---- */

/* A crypto context that a micro-protocol asked for; freed with the epoch. */
struct resource {
	struct resource *next;
	void *object;
	void (*free)(void *object);
};

enum { CONTROL_WINDOW_WORDS = 4 };

/* When the secret of a slot was agreed; a slot that carries over keeps it. */
struct made {
	uint64_t epoch, us;
};

/* What has passed under keys, against their limits. */
struct passed {
	uint64_t messages, bytes;
};

struct epoch {
	struct seccomm_session *session;
	struct seccomm_plan *plan; /* a reference */
	struct cactus *cactus;
	struct resource *resources;
	struct epoch *retired; /* the next of those to be freed */
	uint64_t number;
	uint64_t sent, received; /* numbers of the next message; on a stream DATA and CONTROL share them */
	uint64_t data_sent, data_received; /* what CLOSE and SWITCH state */
	uint64_t sent_bytes, received_bytes; /* under the data keys, against their limits */
	struct passed before[2]; /* by enum seccomm_way: in the epochs since all slots were new, this one not counted */
	uint64_t control_sent; /* datagrams: the CONTROL lane's own numbers, */
	struct seccomm_window control; /* and which of them have come */
	uint64_t control_bits[CONTROL_WINDOW_WORDS];
	uint64_t data_next; /* datagrams: one more than the greatest accepted number of data */
	uint64_t failures; /* messages that its layers refused, against their limits */
	uint64_t retire_us; /* datagrams: when it stops receiving; UINT64_MAX: not known yet */
	unsigned disabled; /* its micro-protocols that disabled sending */
	bool heard; /* an authentic message of it has come */
	bool sent_last, received_last; /* streams: SWITCH has been sent, has come */
	bool full; /* a message was one too many for a limit: the next epoch is waited for */
	cactus_event prepare, accepted; /* of the data lane */
	cactus_event open;
	uint32_t ready; /* bit i: slot i has its key */
	uint32_t fresh; /* bit i: slot i is agreed for it; the others carry over from the epoch before */
	uint8_t *values; /* attributes of the message that arrives; behind KEYS */
	uint8_t (*keys)[HASH]; /* K_i at i - 1; behind MADE */
	uint8_t salt[SALT]; /* of its sender, when there is no exchange */
	uint8_t context[HASH];
	struct made made[]; /* of slot i at i - 1 */
};

/* Makes a composition of PLAN for epoch NUMBER; its layers have no keys yet. */
int epoch_new(struct seccomm_session *, struct seccomm_plan *plan, uint64_t number, struct epoch **out);
/* Wipes keys, contexts and states.  NULL is ignored. */
void epoch_free(struct epoch *);
/*
 * Gives SLOT its key, derived under CONTEXT from SECRET and, if not NULL, EXPORTER (HASH bytes) of the epoch before, and
 * raises keyReady.
 */
int epoch_install(struct epoch *, unsigned slot, const uint8_t context[HASH], const uint8_t *secret, size_t length,
    const uint8_t *exporter);
/*
 * Gives SLOT of an epoch the key that follows from its key in BEFORE, under CONTEXT and EXPORTER (HASH bytes each): another
 * one, so that nothing is ever used twice, but no newer secret.
 */
int epoch_carry(struct epoch *, const struct epoch *before, unsigned slot, const uint8_t context[HASH],
    const uint8_t exporter[HASH]);
/* All slots of PLAN, as bits. */
static inline uint32_t epoch_slots(const struct seccomm_plan *plan)
{
	return (UINT32_C(2) << plan->slot_count) - 2;
}
/* Every slot has its key. */
bool epoch_complete(const struct epoch *);
/* HKDF-Extract(context, K_1 || ... || K_n): what the CONTROL lane and the next epoch come from.  The caller wipes it. */
int epoch_master(const struct epoch *, uint8_t out[HASH]);
/* OUT = HKDF-Expand(K, {protocol, lane, instance, algorithm, direction, epoch, purpose}): doc/wire.md, "Keys". */
struct derivation {
	const uint8_t *key; /* HASH bytes */
	const char *lane, *algorithm, *direction, *purpose;
	uint32_t instance;
	uint64_t epoch;
};
int epoch_derive(struct crypto *, const struct derivation *, uint8_t *out, size_t length);
int epoch_keep(struct epoch *, void *object, void (*release)(void *));
/* Makes its layers' steps heard, if the session is traced. */
int epoch_trace(struct epoch *);
/* The epoch that a micro-protocol's state belongs to. */
static inline struct epoch *epoch_of(const void *self)
{
	return cactus_owner(((const struct seccomm_self *)self)->cactus.cactus);
}

/* ---- message.c ---- */

struct seccomm_message {
	struct cactus_msg cactus;
	struct seccomm_session *session;
	const struct seccomm_plan *plan; /* whose layers it is for, and that an epoch keeps */
	uint64_t number;
	size_t front; /* where a fresh body begins */
	size_t capacity; /* size it was made with */
	size_t memory; /* bytes of the allocation; 0: part of the session */
	size_t wire; /* length that its header states, on a stream */
	unsigned chain; /* that it travels on */
	int status; /* why it was stopped */
};

/* A message for CHAIN of PLAN's stack with room for SIZE bytes of body. */
struct seccomm_message *message_new(
    struct seccomm_session *, const struct seccomm_plan *plan, unsigned chain, size_t size);
static inline struct seccomm_message *message_of(struct cactus_msg *msg)
{
	return (struct seccomm_message *)msg;
}

/* ---- session.c ---- */

enum state {
	STATE_OPENING,
	STATE_SENDING, /* client: has its keys, and does not know yet that the server has them */
	STATE_OPEN,
	STATE_ENDED
};

struct exchange;

/* What a table remembers for one key from epoch to epoch. */
struct kept {
	struct kept *next;
	const struct cactus_mp *mp;
	uint32_t key;
	size_t size;
	_Alignas(max_align_t) uint8_t bytes[];
};

/* How many salts may still be tried since when. */
struct trials {
	unsigned left;
	uint64_t since_us;
};

/* There are gaps between the ids of alerts; a place for each. */
#define SESSION_ALERT_PLACE(name, number, text) ALERT_PLACE_##name,
enum alert_place { SECCOMM_ALERT_MAP(SESSION_ALERT_PLACE) ALERT_PLACES };
#undef SESSION_ALERT_PLACE

struct seccomm_session {
	struct seccomm_plan *plan; /* of the epoch that sends */
	struct seccomm_plan **allowed; /* others that the peer may ask for; references */
	size_t allowed_count;
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
	bool popping; /* in seccomm_pop(), whose message lies in the session */
	bool closing; /* close was asked for inside a callback */
	bool close_sent, peer_closed, wanted_writable;
	uint32_t receive_index, send_index; /* datagrams */
	size_t path_limit; /* of a datagram */
	struct epoch *epoch; /* sends, and receives */
	struct epoch *next; /* being prepared; receives once it is complete */
	struct epoch *previous; /* only receives */
	struct epoch *incoming; /* what receives when there is no exchange: of the peer's salt; NULL: not known yet */
	struct epoch *retired; /* list: to be freed when no handler can be running */
	struct kept *kept; /* list */
	struct exchange *exchange; /* while keys are agreed: of EPOCH in the opening, later of NEXT */
	uint8_t answered[HASH]; /* datagrams: hash of what ended the last exchange; a server answers it again by DONE */
	struct renewal {
		uint64_t due_us; /* when an epoch is to follow; 0: at once */
		uint64_t ask_us; /* server: when the client is asked again */
		bool pressed; /* a limit has come near */
		struct seccomm_plan *plan; /* what is wanted; NULL: nothing.  No reference: it is PLAN or allowed */
		uint32_t slots; /* and which are to be new in it */
		uint64_t attempt; /* client: the last one of this epoch; server: the last one that it answered */
	} renewal;
	struct liveness { /* clock.c; datagrams */
		bool expects, owes, heard, data, sent; /* since the last tick, which is when times are noted */
		uint64_t tick_us, expects_us, asked_us, owes_us, data_us, sent_us;
	} liveness;
	struct trials trials; /* of salts */
	bool announced; /* without an exchange: the application has been told that the session is open */
	struct listener_entry *entry; /* in a listener; or NULL */
	void (*trace)(void *context, const struct seccomm_step *);
	void *trace_context;
	const struct seccomm_message *traced; /* that runs through the layers now */
	struct seccomm_statistics statistics; /* MEMORY without that of the compositions */
	uint64_t alert_total;
	uint64_t alerts[ALERT_PLACES]; /* how often each was raised */
	struct seccomm_message inbound; /* wraps what pop was given */
};

static inline struct crypto *session_crypto(const struct seccomm_session *session)
{
	return session->plan->library->crypto;
}
static inline uint64_t session_now(const struct seccomm_session *session)
{
	return session->platform->monotonic_us(session->platform->context);
}
/* On a FIFO link nothing is lost, so the first refusal ends the session; on datagrams a refused one is dropped. */
static inline bool session_fifo(const struct seccomm_session *session)
{
	return session->plan->link == SECCOMM_STREAM;
}
static inline bool session_is_client(const struct seccomm_session *session)
{
	return session->plan->role == SECCOMM_CLIENT;
}

void *session_allocate(struct seccomm_session *, size_t size);
void session_release(struct seccomm_session *, void *memory, size_t size);
/* What MP keeps for KEY, SIZE bytes, zero the first time; NULL: no memory. */
void *session_kept(struct seccomm_session *, const struct cactus_mp *mp, uint32_t key, size_t size);
/* All that it has of the platform. */
size_t session_memory(const struct seccomm_session *);
/* Every call from outside and every timer runs between these two; leave ends the session if it must. */
void session_enter(struct seccomm_session *);
void session_leave(struct seccomm_session *);
/* Ends the session with STATUS when the outermost call leaves. */
void session_end(struct seccomm_session *, int status);
/* Hands BYTES to the driver, unless the session has ended. */
void session_transmit(struct seccomm_session *, const uint8_t *bytes, size_t length);
/* EPOCH is freed when the outermost call leaves. */
void session_retire(struct seccomm_session *, struct epoch *);
/* "client" sends c2s. */
const char *session_direction(const struct seccomm_session *, enum seccomm_way way);
/* An authentic message of EPOCH has come: the peer has its keys. */
void session_heard(struct seccomm_session *, struct epoch *);
/* Datagrams: its number is greater than all before, so if the peer has not been heard in a later epoch it is the newest. */
void session_newest(struct epoch *);
/* The keys are confirmed at both ends: tells the application. */
void session_opened(struct seccomm_session *);
void session_writable(struct seccomm_session *);
/* Draws a receive index that is not 0. */
int session_draw_index(struct seccomm_session *);

/* Makes MSG a message of EPOCH on LANE (number, header, cover), for a body of LENGTH bytes in the end. */
void session_head(struct epoch *, struct seccomm_message *, unsigned lane, uint64_t number, size_t length);
/* The same at the receiver: takes the header off BYTES.  NUMBER is that of a key message. */
int session_unhead(struct epoch *, const struct frame *, uint64_t number, uint8_t *bytes, size_t length,
    struct seccomm_message *);
/* Raises EVENT for MESSAGE, which a trace then belongs to. */
enum cactus_verdict session_raise(struct epoch *, cactus_event event, struct seccomm_message *);
/* The handlers at the bottom of the data chain and of the key chains, bound by epoch_new(). */
cactus_handler session_bottom, session_unpack, session_accept;


/* ---- listener.c ---- */

/* SESSION is no longer half open; is freed. */
void listener_opened(struct seccomm_session *);
void listener_leave(struct seccomm_session *);

/* ---- clock.c ---- */

enum { CLOCK_TICK_US = 1000 * 1000 };

/* What happens by itself: resends, renewals, retirements, keepalives, idle and silent peers. */
void clock_run_due(struct seccomm_session *, uint64_t now);

/* ---- receive.c ---- */

/* A DATA or CONTROL frame of EPOCH. */
void receive_frame(struct epoch *, const struct frame *, uint8_t *bytes, size_t length);

/* ---- predefined.c: sessions without an exchange ---- */

/* Opens one: what it sends has its keys at once. */
int predefined_open(struct seccomm_session *);
void predefined_frame(struct seccomm_session *, const struct frame *, uint8_t *bytes, size_t length);
/* The most that may follow the header of FRAME. */
size_t predefined_max(const struct seccomm_session *, const struct frame *);
/* Takes one of the trials of this second; false: none is left. */
bool predefined_may_try(struct trials *, uint64_t now);
/* Tells the application, once, that the session is open. */
void predefined_announce(struct seccomm_session *);
/* A server's session that has nobody to send to yet. */
static inline bool predefined_waits(const struct seccomm_session *session)
{
	return session->plan->salted && !session_is_client(session) && !session->announced;
}

/* ---- participants.c ---- */

/* Finds this end's identity, and the client's peer, in the keyring; ERROR says what is missing. */
int participants_find(struct seccomm_session *, struct seccomm_error *error);
/* Who takes part at both ends when nobody says who it is. */
extern const struct peer participants_anybody;
/* Who may be the peer of a session of PLAN that is PRINCIPAL; NULL: nobody.  HOLDER: of the pre-shared secret, or NULL. */
const struct peer *participants_peer(const struct seccomm_plan *, const struct seccomm_keyring *,
    const struct peer *holder, const uint8_t principal[HASH]);
/* Makes PEER the session's. */
void participants_set(struct seccomm_session *, const struct peer *);
/* "web1 SHA256:…, web2 SHA256:…": the peers of PLAN that would have been accepted. */
void participants_list(const struct seccomm_plan *, const struct seccomm_keyring *, char *out, size_t room);
/* The algorithm of a signature in PLAN's stack that PEER has no key for; NULL: there is none. */
const char *participants_lack(
    const struct seccomm_plan *, struct crypto_key *const keys[KEYS_EACH], enum seccomm_way way);

/* ---- control.c ---- */

enum { TARGET = HASH + 4 }; /* what an epoch is to be: configuration digest (32) || slots that are new (4), as bits */
enum control_kind {
	CONTROL_DONE = 1, /* nothing */
	CONTROL_CLOSE = 2, /* data count (8) */
	CONTROL_SWITCH = 3, /* data count (8) */
	CONTROL_REKEY = 4, /* target */
	CONTROL_REFUSE = 5, /* target */
	CONTROL_KEEPALIVE = 6, /* 1: an answer is wanted (1) */
	CONTROL_KEY = 7 /* mark (1) || target || attempt (8) || key message without its header */
};
enum {
	CONTROL_BODY_MAX = 4608,
	CONTROL_MAX = SALT + FRAME_NUMBER + 1 + CONTROL_BODY_MAX + CRYPTO_TAG_BYTES,
	CONTROL_KEY_HEAD = 1 + TARGET + 8
};
/* Sends KIND with LENGTH bytes of BODY in EPOCH. */
int control_send(struct epoch *, enum control_kind kind, const void *body, size_t length);
/* The same with the number of data messages sent in EPOCH, for CLOSE and SWITCH. */
int control_send_count(struct epoch *, enum control_kind kind);
/* Datagrams: shows that this end is there; ANSWER: and asks the peer to. */
void control_keepalive(struct seccomm_session *, bool answer);
void control_frame(struct epoch *, uint8_t *bytes, size_t length);

/* ---- alert.c ---- */

/* Raises an alert of the session itself; DETAIL may be NULL.  FATAL ends the session as REFUSED. */
void alert_raise(struct seccomm_session *, enum seccomm_alert_id id, bool fatal, const char *detail);
/* The same with a printf-like detail. */
__attribute__((format(printf, 4, 5))) void alert_raisef(
    struct seccomm_session *, enum seccomm_alert_id id, bool fatal, const char *format, ...);

#endif
