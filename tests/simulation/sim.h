/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim.h - one run of the simulation: two sessions, the links between them, and a ledger of what was sent.
 *
 * Everything is drawn from one seed, so a run can be repeated byte for byte.  peers.c has the sessions, the ledger and the trace;
 * stream.c and datagram.c what happens on the way; simulation.c the runs.
 */
#ifndef SIMULATION_SIM_H
#define SIMULATION_SIM_H

#include "../session/rig.h"

enum { MESSAGES_MAX = 64, MESSAGE_MAX = 65536, HISTORY = 256 };

enum fault { FAULT_NONE, FAULT_CUT, FAULT_FLIP, FAULT_DROP, FAULT_STALL, FAULTS };

struct composition {
	const char *stack, *key; /* KEY: NULL for the usual one */
	bool fresh;		 /* no message is delivered twice */
	bool ordered;		 /* on datagrams: only in the order of sending */
	bool timed;		 /* a clock that steps may refuse messages */
	bool alone;		 /* without identities */
};

/* What one end has sent, and which of it the other one got. */
struct ledger {
	uint64_t seed;
	unsigned count, planned;
	size_t length[MESSAGES_MAX];
	unsigned got[MESSAGES_MAX]; /* how often each was delivered */
	unsigned delivered, last;
};

struct bytes {
	uint8_t *at;
	size_t used, room;
};

struct sim;
struct side {
	struct sim *sim;
	unsigned end;
	struct cactus_platform platform;
	struct seccomm_callbacks callbacks;
	uint64_t step_us; /* how far this end's wall clock is off, modulo 2^64 */
	struct ledger ledger;
	unsigned opened, closed, peer_closed, alerts;
	int status;
	enum seccomm_alert_id alert;
	bool close_asked, cut; /* CUT: nothing of what it sends arrives any more */
	struct bytes wire;     /* stream: under way; and what arrived and was not taken */
	struct bytes inbox;
	uint64_t carried;	/* bytes of the stream so far */
	struct units under_way; /* datagrams */
	size_t waiting;
	struct unit *history[HISTORY];
	size_t remembered;
};

struct sim {
	struct rig rig;
	struct side side[2];
	const struct composition *composition;
	enum seccomm_link link;
	uint64_t seed, random, hash;
	bool trace, stepped, failed;
	enum fault fault;
	unsigned fault_from;	/* whose stream it hits */
	uint64_t fault_at;	/* at which of its bytes */
	unsigned loss, doubled, damaged, replayed, window; /* datagrams: percent, and how far one may overtake */
	char why[512];
};

/* peers.c */
void sim_make(struct sim *, struct seccomm *library, const struct composition *, enum seccomm_link, uint64_t seed);
bool sim_start(struct sim *);
void sim_drop(struct sim *);
/* A number below BOUND. */
uint64_t sim_draw(struct sim *, uint64_t bound);
/* A line of the trace, which is part of its hash. */
__attribute__((format(printf, 2, 3))) void sim_say(struct sim *, const char *format, ...);
/* The run has shown a fault; the first reason is kept.  Answers false. */
__attribute__((format(printf, 2, 3))) bool sim_fail(struct sim *, const char *format, ...);
/* Pushes the next message of END, if it may; closes it when all are sent and CLOSES. */
void sim_send(struct sim *, unsigned end, bool closes);
void sim_pass_time(struct sim *, uint64_t us);
void sim_step_clock(struct sim *);
bool sim_both_open(const struct sim *);

/* stream.c, datagram.c: from the opening to the end; false: see WHY. */
bool stream_run(struct sim *);
bool datagram_run(struct sim *);

#endif
