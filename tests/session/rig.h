/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rig.h - two sessions and nothing between them but two lists of frames, for tests that look at every byte.
 *
 * Clocks, random numbers and memory are the rig's, so everything is repeatable, every allocation can fail, and what a session
 * hands back can be looked at.  Keys are fixed, but for RSA ones, which cost too much to have where they are not needed.
 */
#ifndef SESSION_RIG_H
#define SESSION_RIG_H

#include "seccomm.h"

enum { CLIENT, SERVER, RANDOM_LOG = 4096, DETAIL = 4200 };

extern const char client_secret[], server_secret[], stranger_secret[], psk_secret[];
extern const char client_public[], server_public[], stranger_public[];

struct unit {
	struct unit *next;
	size_t length;
	uint8_t bytes[];
};
struct units {
	struct unit *first, **last;
};
void units_make(struct units *);
void units_add(struct units *, const void *bytes, size_t length);
/* The oldest, which is the caller's then; NULL: there is none. */
struct unit *units_take(struct units *);
void units_drop(struct units *);

struct rig;
struct end {
	struct rig *rig;
	struct seccomm_plan *plan;
	struct seccomm_keyring *keyring;
	struct seccomm_session *session;
	struct seccomm_callbacks callbacks;
	struct units sent; /* transmitted and not yet taken */
	struct units got;  /* delivered */
	unsigned delivered, opened, closed, peer_closed, writable, alerts;
	bool sender_known;
	int status; /* of closed */
	enum seccomm_alert_id alert;
	bool fatal;
	char layer[64], detail[DETAIL]; /* of the last alert */
	/* What a test does inside callbacks; may be NULL. */
	void (*on_deliver)(struct end *, struct seccomm_message *);
	void (*on_transmit)(struct end *);
	void (*on_writable)(struct end *);
	void (*on_opened)(struct end *);
};

struct rig {
	struct seccomm *library;
	struct cactus_platform platform;
	uint64_t monotonic_us, wall_us, seed;
	uint64_t allocations, fail_at; /* the FAIL_AT-th allocation from now on fails, and with PERSISTENT all after it */
	uint64_t drawn, fail_random;   /* the same for random numbers */
	bool persistent;
	size_t blocks, bytes;	     /* allocated and not released */
	uint8_t random[RANDOM_LOG];  /* the first bytes that were drawn */
	size_t random_length;
	uint8_t *graves; /* with BURY, what every released block held */
	size_t buried;
	bool bury;
	struct end end[2];
};

/* NULL means: as at the client, or the usual. */
struct setup {
	enum seccomm_link link;
	const char *stack, *server_stack; /* usual: anti-replay:sequence | encrypt:aes-256-gcm */
	const char *key, *server_key;
	const char *identity[2], *peer[2]; /* texts of their keys; "" at IDENTITY: none */
	bool lab;
};

/* Dies, as a failed assertion, when something is not possible.  The library is lent. */
void rig_make(struct rig *, struct seccomm *library, const struct setup *);
/* Makes OUT one more end like END, of the same plan and keys, without a session; to be emptied with rig_end_drop(). */
void rig_end(struct rig *, unsigned end, struct end *out);
void rig_end_drop(struct end *);
/* Opens the server's session, then the client's; nothing is carried yet. */
int rig_start(struct rig *);
/* The same, and carries everything until both are open. */
void rig_open(struct rig *);
/* Carries frames both ways until none is left. */
void rig_pump(struct rig *);
/* The oldest frame that END transmitted, which must exist; the caller frees it. */
struct unit *rig_take(struct rig *, unsigned end);
/* Hands a copy of the bytes to END, frame by frame; answers what the last pop did. */
ptrdiff_t rig_give(struct rig *, unsigned end, const void *bytes, size_t length);
/* Takes the oldest frame of END and gives it to the other one. */
void rig_pass(struct rig *, unsigned end);
/* Loses all that END has transmitted and that was not carried yet. */
void rig_lose(struct rig *, unsigned end);
/* Lets US microseconds pass, and both ends do what is due then. */
void rig_wait(struct rig *, uint64_t us);
/* Drops both sessions, and what they sent and got; plans and keys stay for the next start. */
void rig_shut(struct rig *);
void rig_drop(struct rig *);

/*
 * Sessions with anti-replay:window and encrypt:aes-256-gcm under key "data" of KEYS, which is the YAML of a session's `keys`.
 * ALONE: without identities.  Legacy levels are enough unless REQUIRE says what is.
 */
struct key_setup {
	enum seccomm_link link;
	const char *keys;
	bool alone, lab;
	const char *require;
};
void rig_make_keys(struct rig *, struct seccomm *library, const struct key_setup *);
/* Sessions without an exchange, by link. */
extern const struct key_setup rig_predefined[2];

void rig_push(struct rig *, unsigned end, const char *text);
/* END's oldest message that was delivered is TEXT; it is taken. */
void rig_got(struct rig *, unsigned end, const char *text);
/* END has ended by itself with STATUS, with one fatal alert ID. */
void rig_refused(struct rig *, unsigned end, enum seccomm_alert_id id);
/* Nobody is open, nothing was delivered. */
void rig_never_opened(struct rig *);

/* A message each way arrives. */
void rig_talk(struct rig *);
/* Both ends send in epoch NUMBER. */
void rig_both_in(const struct rig *, uint64_t number);
/* END's plan of another stack, which the caller frees. */
struct seccomm_plan *rig_plan(struct rig *, unsigned end, enum seccomm_link link, const char *stack);

/* One step of splitmix64. */
uint64_t rig_random(uint64_t *seed);
void rig_fill(uint64_t *seed, void *out, size_t length);

/* cmocka's group set-up: the library, as *STATE. */
int rig_library(void **state);
int rig_library_free(void **state);

#endif
