/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim.h - one run of the simulation: hosts, the sessions on them, what lies between them, and the judge of it all.
 *
 * Everything is drawn from one seed, so a run can be repeated byte for byte.  setups.c, compose.c and roll.c say which configurations there
 * are; people.c, pads.c and generator.c have keys, one-time pads and the crypto library's random numbers; world.c has hosts, clocks and the trace; actor.c the sessions and the ledger of what each has sent; judge.c what must be
 * true after every call and at the end; stream.c and datagram.c (with network.c, faults.c, healing.c) what happens on the way;
 * simulation.c the runs.
 */
#ifndef SIMULATION_SIM_H
#define SIMULATION_SIM_H

#include "../laws/promises.h"
#include "../session/rig.h"
#include "seccomm/exchange.h"

enum {
	CLIENTS_MAX = 5,
	MESSAGE_MAX = 65536,
	SLOTS_KEPT = 3,
	HISTORY = 256,
	EPOCHS_ALIVE = 3,
	ALERTS = SECCOMM_ALERT_INTERNAL + 1,
	TABLES_MAX = 128,
	ALGORITHMS_MAX = 8,
	TEXT_ROOM = 2048
};
enum { MS = 1000, SECOND = 1000 * MS };
#define HOUR (UINT64_C(3600) * SECOND)

/* ---- roll.c: tables that can be drawn ------------------------------------------------------------------------------ */

struct sim;
struct host;
struct totals;
struct roll {
	const struct seccomm_mp *tables[TABLES_MAX]; /* of the list, those that this machine can do */
	size_t count;
};
void roll_make(struct roll *, const struct seccomm *library);
/* The table that must be in the first configuration of the run of SEED; NULL: none in particular. */
const struct seccomm_mp *roll_turn(const struct roll *, uint64_t seed);
/* It takes so long that it is drawn by turn only. */
bool roll_rare(const struct seccomm_mp *);
/* This way to establish a key asks a creator for something. */
bool roll_creates(const struct seccomm_mp *establish);
/* Adds what has passed messages in a run. */
void roll_count(const struct sim *, struct totals *);
/* Whether SEEDS runs in a row have all tables by turn; whether all of them have passed messages, and prints how often. */
bool roll_enough(const struct roll *, uint64_t seeds);
bool roll_tell(const struct roll *, const struct totals *);

/* ---- setups.c, compose.c: configurations --------------------------------------------------------------------------- */

struct text {
	char at[TEXT_ROOM];
	size_t used;
};
struct keys {
	struct text slots; /* the last one is "data" */
	bool alone;	   /* without identities */
	bool salted;	   /* without an exchange: each end has keys of its own, and nobody answers */
};
/* What can be in a stack or among keys. */
struct wants {
	const struct seccomm_mp *turn; /* must be; NULL: nothing */
	bool alone, keyless;	       /* nobody has an identity; there is no key yet */
	bool pads, covers;	       /* may be */
	bool hides;		       /* something must encrypt */
};
/* Layers under key KEY. */
void compose_layers(struct sim *, const struct wants *, const char *key, struct text *);
void compose_keys(struct sim *, const struct wants *, struct text *);
/* Whether a table must be told NAME ("pad", "cover", "secret"); NULL: anything. */
bool compose_needs(const struct seccomm_mp *, const char *name);
/* Draws the configurations of the run, and makes their plans. */
bool sim_plans(struct sim *);
/* Whether a plan of the run works with key pairs for ALGORITHM. */
bool sim_needs(const struct sim *, const char *algorithm);

/* ---- people.c ------------------------------------------------------------------------------------------------------ */

struct pair {
	const char *secret, *open;
};
/* Texts of all keys, made once and lent to every run; the first of each is the server's. */
struct people {
	struct seccomm *library;
	struct roll roll;
	struct pair principal[1 + CLIENTS_MAX];
	const char *algorithm[ALGORITHMS_MAX]; /* for which principals have further keys */
	size_t algorithm_count;
	struct pair pair[ALGORITHMS_MAX][1 + CLIENTS_MAX];
};
bool people_make(struct people *, struct seccomm *library);
void people_drop(struct people *);
/* Makes the keyring of HOST, for the plans of the run. */
bool people_keyring(struct sim *, struct host *);

/* ---- pads.c -------------------------------------------------------------------------------------------------------- */

struct pad_copy;
/* HOST's copy, which is added to its keyring as "pad"; it is dropped after that. */
struct pad_copy *pad_make(struct sim *, const struct host *);
void pad_drop(struct pad_copy *);
/* The program is killed, or the power fails: nothing is written from here on.  Sessions that use it are to be freed. */
void pad_halt(struct pad_copy *);
/* It starts again. */
void pad_start(struct pad_copy *);

/* ---- generator.c --------------------------------------------------------------------------------------------------- */

/* From now on the crypto library's random numbers follow from SEED. */
void generator_seed(uint64_t seed);

/* ---- Sessions ---------------------------------------------------------------------------------------------------- */

/* A message that was sent; what is in it follows from its sender and its place. */
struct sent {
	uint32_t length;
	uint32_t delivered; /* how often */
	uint64_t epoch;	    /* that it was sent in */
};
/* The keys of an epoch, once it had all of them. */
struct record {
	uint64_t number;
	uint8_t context[HASH], digest[HASH], keys[SLOTS_KEPT][HASH];
	uint64_t made[SLOTS_KEPT]; /* for which epoch each was agreed; the others carry over */
};

struct connection; /* stream.c */
/* One session object of one host, from its opening to the end of the run. */
struct actor {
	struct actor *next;
	struct sim *sim;
	struct host *host;
	unsigned id;
	bool server;
	struct seccomm_session *session; /* NULL: freed */
	struct cactus_platform platform;
	struct seccomm_callbacks callbacks;
	size_t blocks, bytes; /* that it has of the platform */
	struct actor *peer;   /* the session that it agreed with on its first keys */
	unsigned opened, closed, peer_closed;
	int status; /* of closed */
	bool close_asked, idle_closed;
	uint64_t alerts[ALERTS], refused;
	enum seccomm_alert_id alert; /* the last one */
	uint64_t committed_us;	     /* client: its M3 of a renewal went out; 0: not */
	uint64_t heard_us;	     /* a message was delivered to it */
	const struct seccomm_plan *wanted; /* asked for and not answered */
	struct record *records;
	size_t record_count;
	struct sent *sent;
	size_t sent_count, sent_room, sent_bytes;
	size_t got, got_bytes; /* of its peer's messages */
	size_t last[EPOCHS_ALIVE + 1]; /* by epoch: one more than the place of the greatest that was delivered to it */
	uint64_t renewed;
	struct seccomm_message *spare; /* made early, to be sent late */
	/* Datagrams, server: where its peer is, and the newest message that told so. */
	uint32_t address;
	uint64_t newest[2], newest_epoch;
};

struct host {
	struct sim *sim;
	unsigned number; /* 0: the server */
	char name[24];
	unsigned who; /* which principal; 0: the server's */
	struct seccomm_keyring *keyring;
	struct pad_copy *pad; /* NULL: none is needed */
	uint64_t step_us; /* how far its wall clock is off, modulo 2^64 */
	struct actor *actor; /* a client's session now */
	/* Datagrams */
	uint32_t address, address_before;
	uint64_t address_before_until_us;
	uint64_t cut_us[2]; /* until then nothing that it sends (receives) passes */
	uint64_t reopen_us; /* when a client without a session opens one */
};

/* ---- What lies between them -------------------------------------------------------------------------------------- */

struct packet {
	uint64_t arrives_us, order;
	struct actor *origin; /* who transmitted it; NULL: nobody */
	uint32_t from, to;
	bool intact;
	size_t length;
	uint8_t bytes[];
};

struct network {
	struct packet **queue; /* a heap by (arrives_us, order) */
	size_t count, room;
	uint64_t order;
	struct packet *history[HISTORY];
	size_t remembered;
	const struct packet *arriving; /* at the listener, now */
	/* Percent, and microseconds */
	unsigned loss, doubled, damaged, attacks;
	uint64_t latency_us, jitter_us;
	uint64_t slack_us; /* timers are looked at so much late */
	bool gentle;	   /* nothing is lost, overtaken or forged */
	bool whole;	   /* nothing is damaged or forged */
};

struct totals {
	uint64_t seeds, failures, sessions, delivered, epochs, padded; /* PADDED: bytes of pads sent with */
	uint64_t runs_with[TABLES_MAX], rare;			       /* runs, by table; with one that is drawn by turn only */
};

struct sim {
	const struct people *people;
	/* The first configuration, and the one that a change brings. */
	struct text layers[2];
	struct keys keys[2];
	bool passed[2]; /* a message was delivered under it */
	bool fresh;	/* on datagrams: nothing is delivered twice */
	bool ordered;	/* on datagrams: within an epoch only in the order of sending */
	bool timed;	/* clocks that differ refuse messages */
	bool slow;	/* a message costs a hundred times as much as usual: there are few */
	bool pads, covers; /* there are some */
	size_t max_message, cover_bytes;
	uint64_t pad_bytes; /* sent with */
	enum seccomm_link link;
	struct seccomm_plan *plan[2], *other[2]; /* by role; OTHER: what a session may change to */
	struct host host[1 + CLIENTS_MAX];
	unsigned clients;
	struct actor *actors, **last_actor;
	unsigned actor_count;
	struct seccomm_listener *listener;
	struct seccomm_listener_callbacks callbacks;
	struct connection *connection; /* streams: the one of now */
	struct network network;
	bool echo;   /* messages are answered inside deliver */
	bool allows; /* the other stack may be asked for */
	bool healed; /* the link is good from now on */
	uint64_t latest_step_us; /* the greatest that a wall clock was off by */
	unsigned steps;
	uint64_t seed, random, hash, monotonic_us;
	bool trace, failed;
	char why[512];
};

/* ---- world.c ----------------------------------------------------------------------------------------------------- */

/* What SEED is about; false: it could not be made. */
bool sim_make(struct sim *, const struct people *, uint64_t seed, bool trace);
/* Frees what is left, and judges the memory. */
void sim_drop(struct sim *);
/* A number below BOUND; from LEAST to MOST; true in PERCENT of 100. */
uint64_t sim_draw(struct sim *, uint64_t bound);
uint64_t sim_between(struct sim *, uint64_t least, uint64_t most);
bool sim_chance(struct sim *, unsigned percent);
void sim_mix(struct sim *, const void *bytes, size_t length);
/* A line of the trace, which is part of its hash. */
__attribute__((format(printf, 2, 3))) void sim_say(struct sim *, const char *format, ...);
/* The run has shown a fault; the first reason is kept.  Answers false. */
__attribute__((format(printf, 2, 3))) bool sim_fail(struct sim *, const char *format, ...);
/* Fills LENGTH bytes from *SEED. */
void sim_fill(uint64_t *seed, void *out, size_t length);

/* ---- actor.c ----------------------------------------------------------------------------------------------------- */

/* A new session on HOST; NULL: it could not be opened, which is told. */
struct actor *actor_open(struct sim *, struct host *);
void actor_free_session(struct actor *);
/* One without a session: whoever needs a platform. */
struct actor *actor_make(struct sim *, struct host *);
/* What it is called in the trace: "client 1 #3". */
const char *actor_name(const struct actor *);
/* It may send now. */
bool actor_may_send(const struct actor *);
void actor_send(struct actor *, size_t length);
void actor_close(struct actor *);
/* Asks for new keys, or for a new one of a slot that is drawn. */
void actor_rekey(struct actor *);
/* Asks for the other stack of the run, or back to the first one. */
void actor_change(struct actor *);
void actor_run_due(struct actor *);
/* Lets it take LENGTH bytes, which are overwritten. */
ptrdiff_t actor_pop(struct actor *, uint8_t *bytes, size_t length);
size_t draw_length(struct sim *);

/* ---- judge.c ----------------------------------------------------------------------------------------------------- */

/* After every call into its session. */
void judge_actor(struct actor *);
void judge_delivery(struct actor *, const uint8_t *bytes, size_t length);
void judge_alert(struct actor *, const struct seccomm_alert *);
void judge_peer_closed(struct actor *);
/* The content of ACTOR's message N, into OUT (8 bytes more than its length). */
void message_content(const struct actor *, size_t n, uint8_t *out);
/* ACTOR and its peer are open, in the same epoch, and nothing is being agreed on. */
bool judge_agreed(const struct actor *);

/* ---- stream.c, datagram.c ---------------------------------------------------------------------------------------- */

/* From the first opening to the end; false: see WHY. */
bool stream_run(struct sim *);
bool datagram_run(struct sim *);
void stream_transmit(struct actor *, const uint8_t *bytes, size_t length);
void datagram_transmit(struct actor *, const uint8_t *bytes, size_t length);

/* ---- network.c: datagrams under way ------------------------------------------------------------------------------ */

void network_make(struct sim *);
void network_drop(struct sim *);
/* One more datagram; what happens to it on the way is drawn. */
void network_send(struct sim *, struct actor *origin, uint32_t from, uint32_t to, const uint8_t *bytes, size_t length);
/* The same without any fate: it arrives AFTER_US later. */
void network_add(struct sim *, const struct packet *like, const uint8_t *bytes, size_t length, uint64_t after_us);
/* When the next one arrives; UINT64_MAX: none is under way. */
uint64_t network_next(const struct sim *);
struct packet *network_take(struct sim *);
/* One of those seen so far; NULL: there is none. */
const struct packet *network_old(struct sim *);

/* ---- datagram.c, faults.c, healing.c ---------------------------------------------------------------------------------------- */

enum { SERVER_ADDRESS = 1, ATTACKER_ADDRESS = 0x41000000 };
/* Lets everything happen that happens until END_US, and until nothing is under way if that is sooner and REST. */
void datagram_until(struct sim *, uint64_t end_us);
void datagram_new_address(struct sim *, struct host *);
void datagram_restart_server(struct sim *);
/* Something that hosts, users, networks or attackers do. */
void fault_any(struct sim *);
/* What an attacker who sees everything can do at any time. */
void fault_attack(struct sim *);
/* Everybody has a session that works, and nobody thinks to have one that does not. */
bool gets_well(struct sim *);

#endif
