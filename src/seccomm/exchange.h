/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exchange.h - how the two ends of a session agree on keys: once to open it, and again for every further epoch.
 *
 * Slot by slot three messages run: M1 (of the first slot of an opening: OPEN, which no layer touches), M2, M3.  exchange.c
 * is their sequence and what is sent, judge.c what is received, sealed.c how they travel in a renewal, flight.c what is
 * sent again, opening.c and retry.c the messages of a fixed layout, mismatch.c what is said when configurations differ.
 */
#ifndef SECCOMM_EXCHANGE_H
#define SECCOMM_EXCHANGE_H

#include "seccomm/renew.h"

enum {
	KIND_OPEN = 1,
	KIND_M2 = 2,
	KIND_M3 = 3,
	KIND_MISMATCH = 4,
	KIND_M1 = 5,
	KIND_RETRY = 6,
	KIND_SALT = 7, /* predefined.c */
	RANDOM = 32,
	OPEN_MAX = 4096,
	M2_FIXED = 1 + 4 + 4 + HASH + RANDOM + 2 + HASH,
	KEY_MESSAGE_MAX = OPEN_MAX
};

/* ---- opening.c: the OPEN message ---- */

enum { COOKIE = 32 };

struct opening {
	uint32_t id;
	uint8_t digest[HASH], principal[HASH], nonce[RANDOM];
	const uint8_t *share, *cookie;
	size_t share_length, cookie_length; /* of a cookie: COOKIE or 0 */
	size_t core_length; /* of what is the same with any cookie and padding */
	size_t length; /* that the body is to have at least, padding included; once read, that it has */
	const uint8_t *body, *mac;
};
/* Writes the body of an OPEN to SERVER into OUT (OPEN_MAX bytes) and answers its length; 0: the library failed. */
size_t opening_write(struct crypto *, const struct opening *, const struct peer *server, uint8_t *out);
/* Reads one; false: malformed. */
bool opening_read(const uint8_t *body, size_t length, struct opening *out);
/* What makes mac1 for the principal with PUBLIC_KEY, for crypto_mac_free(); NULL: no memory. */
struct crypto_mac *opening_mac1(struct crypto *, const uint8_t public_key[32]);
/* Whether it was written for that principal; not, if MAC1 is NULL. */
bool opening_is_for(struct crypto_mac *mac1, const struct opening *);

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

/* ---- retry.c: the answer to an opening that keeps nothing of it ---- */

enum { RETRY_ECHO = 16, RETRY_BODY = 1 + 4 + RETRY_ECHO + 2 + COOKIE };
struct retry {
	uint32_t id; /* the client's */
	uint8_t echo[RETRY_ECHO]; /* of the hash of the OPEN's core */
	uint16_t size; /* that the next OPEN's body must have at least; 0: as it was */
	uint8_t cookie[COOKIE];
};
int retry_echo(struct crypto *, const struct opening *, uint8_t out[RETRY_ECHO]);
void retry_write(const struct retry *, uint8_t out[RETRY_BODY]);
bool retry_read(const uint8_t *body, size_t length, struct retry *out);

/* ---- cookie.c ---- */

struct cookies {
	struct crypto_mac *mac[2]; /* under the secret of now, and of before; NULL: none yet */
	uint64_t until;
};
/* Changes the secret when it is time.  False: no random numbers, or no memory. */
bool cookies_turn(struct cookies *, struct crypto *, const struct cactus_platform *);
void cookies_free(struct cookies *);
/* The cookie for NAME; whether COOKIE is one for it. */
bool cookies_make(const struct cookies *, const uint8_t name[HASH], uint8_t out[COOKIE]);
bool cookies_match(const struct cookies *, const uint8_t name[HASH], const uint8_t *cookie);

/* ---- flight.c: what was sent since the peer's last answer; on datagrams it is sent again until the next one ---- */

struct stored;
struct flight {
	struct stored *first, **last;
	bool held; /* what is added is not sent before it is repeated */
};
/*
 * Keeps and sends BYTES, a key message with its header: as they are in an opening, else sealed in the epoch that sends,
 * behind MARK.  Negative: no memory, too large, or the session ends.
 */
int flight_send(struct seccomm_session *, uint8_t mark, const uint8_t *bytes, size_t length);
/* Sends all of it once more. */
void flight_repeat(struct seccomm_session *);
void flight_clear(struct seccomm_session *);
/* The message kept first, lent; NULL: there is none. */
const uint8_t *flight_first(const struct seccomm_session *, size_t *length);

/* ---- exchange.c ---- */

enum stage { AWAIT_OPEN, AWAIT_M1, AWAIT_M2, AWAIT_M3, AWAIT_DONE, AWAIT_MISMATCH };

struct exchange {
	struct epoch *epoch; /* whose keys are agreed */
	enum stage stage;
	unsigned slot; /* at hand, from 1 */
	uint64_t started, deadline, resend_us, interval_us;
	uint64_t attempt; /* renewal: which one of the epoch that sends, from 1 */
	unsigned retries; /* RETRYs followed */
	bool began; /* client: the slot at hand, by its first message */
	const char *failed; /* renewal: why this end gives it up; NULL: it does not */
	bool proven; /* server: the client is where it says */
	uint8_t th[HASH]; /* the transcript so far */
	uint8_t next[HASH]; /* and with the message that is being judged */
	uint8_t judged[HASH]; /* hash of the body that is being judged, */
	uint8_t taken[2][HASH]; /* and of those accepted last and before: who sends the last again has not got the answer */
	uint8_t nonce_c[RANDOM]; /* of the opening */
	uint8_t salt[HASH]; /* of the confirmations: SHA-256(TH1 || nonce_s || share_s) */
	uint8_t bound[HASH]; /* the transcript behind M1; once configurations differ, what a MISMATCH must answer */
	uint8_t exporter[HASH]; /* of the epoch before */
	struct flight flight;
	struct seccomm_exchange key;
};

/* An opening has no epoch before it. */
static inline bool exchange_is_opening(const struct seccomm_session *session)
{
	return session->state < STATE_OPEN;
}
/* Begins to agree on the keys of EPOCH that are fresh, for the ATTEMPT-th time (opening: 0); a client sends its first
 * message. */
int exchange_new(struct seccomm_session *, struct epoch *, uint64_t attempt);
/* The first slot from FIRST on that is agreed; one more than there are: none is. */
unsigned exchange_slot(const struct exchange *, unsigned first);
/* Client: begins with the next slot; NEXT: none was left, or it could not be begun. */
enum cactus_verdict exchange_next(struct seccomm_session *);
void exchange_free(struct seccomm_session *);
/* The same when it has come to its end: the last message that was taken may come again. */
void exchange_finish(struct seccomm_session *);
/* This machine failed: an opening ends with an alert; a renewal is given up as soon as none of its handlers is running. */
void exchange_fail(struct seccomm_session *, const char *what);
/*
 * Asks the establish micro-protocol of the slot for STEP of struct seccomm_exchange, whose own share gets into OWN, the caller's to
 * wipe: what a session that is half open keeps of it is the message with it.  False: it refused or could not.
 */
bool exchange_ask(struct seccomm_session *, unsigned step, uint8_t own[SECCOMM_SHARE_MAX], const uint8_t *share, size_t length);
/*
 * The body of the first M2 of PLAN at most, when the client's share has SHARE_LENGTH bytes: no answer is longer than its
 * request before the client's address is proven, so on datagrams OPEN has at least this length.
 */
enum { SHARE_LEAST = 32 };
size_t exchange_answer_length(const struct seccomm_plan *plan, size_t share_length);
/* Sends OPEN, and begins the transcript with it. */
int exchange_send_open(struct seccomm_session *, struct opening *);
void exchange_send_m2(struct seccomm_session *);
/* The secret of the slot at hand is confirmed: its key is made under TH, and it is wiped; those of the slots behind it that
 * carry over are, too.  False: not, and it may be tried again. */
bool exchange_install(struct seccomm_session *, const uint8_t th[HASH]);
/* What a signature of EPOCH made or checked now covers besides the message: the transcript. */
const uint8_t *exchange_context(const struct epoch *);
/* TH' = SHA-256(TH || length of the message (4) || message as on the wire). */
int exchange_extend(struct crypto *, const uint8_t th[HASH], const uint8_t *wire, size_t length, uint8_t out[HASH]);
/* TH0; in a renewal it says what is agreed, under the exporter of the epoch before. */
int exchange_begin_transcript(struct seccomm_session *);
/* Makes the salt of both confirmations. */
int exchange_salt(struct seccomm_session *, const uint8_t nonce_s[RANDOM], const uint8_t *share_s, size_t length);
/* The MAC by which an end proves that it has the secret. */
struct confirmation {
	const char *direction; /* of the end that proves */
	const uint8_t *over; /* TH1 for M2, TH2 for M3 */
	const uint8_t *body; /* of M2, what stands before the MAC; NULL for M3 */
	size_t length;
};
int exchange_confirm(struct seccomm_session *, const struct confirmation *, uint8_t out[HASH]);
bool exchange_send_m3(struct seccomm_session *);
/* Client: the last M3 has been sent.  From here on there is no way back. */
void exchange_commit(struct seccomm_session *);
uint64_t exchange_deadline(const struct seccomm_session *);
void exchange_run_due(struct seccomm_session *, uint64_t now);
/* The peer has answered: what was sent need not be sent again. */
void exchange_progress(struct seccomm_session *);
/* The stream ended before the session was open. */
void exchange_cut(struct seccomm_session *);
/* The number of a key message is its place in the exchange of its slot; a mark names both. */
enum { PLACE_M1, PLACE_M2, PLACE_M3 };
static inline uint8_t mark_of(unsigned slot, uint64_t place)
{
	return (uint8_t)(place << 5 | slot);
}
static inline unsigned place_of(uint8_t mark)
{
	return mark >> 5;
}
cactus_handler exchange_bottom, exchange_accept;

/* ---- sealed.c: the key messages of a renewal, in CONTROL messages ---- */

/* What stands in front of the key message with MARK: mark (1) || target || attempt (8). */
void sealed_head(const struct exchange *, uint8_t mark, uint8_t out[CONTROL_KEY_HEAD]);
/* One that came in EPOCH: its LENGTH bytes behind the kind, which are overwritten. */
void sealed_take(struct epoch *, uint8_t *body, size_t length);

/* ---- judge.c, judge_opening.c ---- */

/* What the peer sent is not right: on a stream that is the end. */
void judge_refuse(struct seccomm_session *, enum seccomm_alert_id id, const char *detail);
/* This machine failed, and nothing has changed.  On datagrams that is as if the message had been lost: it comes again. */
void judge_fail(struct seccomm_session *, const char *what);
/* The peer has sent OPEN or M1, and SHARE in it: M2 is sent.  False: it has been told why not. */
bool judge_share(struct seccomm_session *, const uint8_t *share, size_t length);
void judge_open(struct seccomm_session *, const struct frame *, uint8_t *wire, size_t length);
void judge_retry(struct seccomm_session *, const uint8_t *body, size_t length);
/* A whole frame on a key lane, header included, as it came in an opening. */
void exchange_frame(struct seccomm_session *, const struct frame *, uint8_t *bytes, size_t length);
/* The largest body that a key lane may carry now; 0: none may come. */
size_t exchange_max(const struct seccomm_session *);
/* The place of the key message that comes now; -1: none does. */
int judge_place(enum stage);
/*
 * On datagrams a message that was taken already comes again when the answer to it was lost; it is dealt with.  HASH gets
 * that of BODY.
 */
bool judge_repeated(struct seccomm_session *, const uint8_t *body, size_t length, uint8_t hash[HASH]);
/* A key message with its header goes through the layers under the key. */
void judge_layered(struct seccomm_session *, const struct frame *, uint8_t *wire, size_t length);

/* ---- mismatch.c ---- */

enum { MISMATCH_MAX = 1 + 3 * HASH + 2 + PLAN_TEXT_MAX + 64 };
/* The body length of a MISMATCH of PLAN. */
size_t mismatch_length(const struct seccomm_plan *);
/* Sends our configuration, signed, in answer to BOUND (HASH bytes: nonce_c, or the hash of the peer's MISMATCH). */
void mismatch_send(struct seccomm_session *, const uint8_t theirs[HASH], const uint8_t bound[HASH]);
/* Checks and tells one that answers BOUND; *HASH_OUT is its hash.  False: not valid. */
bool mismatch_receive(
    struct seccomm_session *, const uint8_t *body, size_t length, const uint8_t bound[HASH], uint8_t hash_out[HASH]);

#endif
