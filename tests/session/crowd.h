/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crowd.h - a listener and many clients, each at an address of its own, with nothing between them but lists of datagrams.
 *
 * Of everything that the listener or a session of it sends it is checked that whoever has not proven its address gets no more
 * bytes than it has sent with that datagram.
 */
#ifndef SESSION_CROWD_H
#define SESSION_CROWD_H

#include "rig.h"
#include "seccomm/listener.h"

enum { CROWD_MAX = 256, HEADER = FRAME_HEADER };

/* What the server's side has sent to an address. */
struct letter {
	struct letter *next;
	uint32_t address;
	size_t length;
	uint8_t bytes[];
};

/* One session: of a client, or of the server. */
struct guest {
	struct end end; /* first: a session's context */
	struct crowd *crowd;
	uint32_t address; /* where it is; of a server's: where its peer is */
	unsigned moves;
	bool evicted;
};

struct crowd {
	struct rig rig;
	struct seccomm_listener *listener;
	struct seccomm_listener_callbacks callbacks;
	struct guest client[CROWD_MAX], server[CROWD_MAX];
	unsigned clients, servers; /* that there have been */
	struct letter *first, **last;
	size_t request; /* bytes that may be answered now */
	unsigned alerts; /* of the listener, */
	enum seccomm_alert_id alert; /* and the last one */
	bool full; /* accept answers NULL */
};

/* Limits NULL: the usual ones, and no cookies.  SETUP NULL: default@1's stack and keys. */
struct crowd *crowd_new(struct seccomm *library, const struct setup *, const struct seccomm_listener_limits *);
/* Frees everything, and finds what leaked. */
void crowd_drop(struct crowd *);
/* One more client, at address 1, 2, ..., that has sent its OPEN. */
struct guest *crowd_enter(struct crowd *);
/* A datagram from ADDRESS. */
void crowd_arrive(struct crowd *, uint32_t address, const void *bytes, size_t length);
/* The oldest datagram that CLIENT has sent, which must exist; the caller frees it. */
struct unit *crowd_take(struct guest *client);
/* Gives it to the listener, from CLIENT's address. */
void crowd_pass(struct guest *client);
/* The oldest letter, or NULL; the caller frees it. */
struct letter *crowd_letter(struct crowd *);
/* Gives all letters to the clients at their addresses. */
void crowd_return(struct crowd *);
/* Both, until nothing is under way. */
void crowd_pump(struct crowd *);
/* What the server has sent is lost. */
void crowd_lose(struct crowd *);
/* Lets US microseconds pass; all do what is due then, and sessions of the server that have ended are freed. */
void crowd_wait(struct crowd *, uint64_t us);
/* The server's session with CLIENT, which must exist. */
struct guest *crowd_peer(struct guest *client);
/* A message each way arrives. */
void crowd_talk(struct guest *client);
struct seccomm_listener_statistics crowd_statistics(const struct crowd *);
/* The server's sessions of now, and those of them that are half open. */
void crowd_has(const struct crowd *, size_t sessions, size_t half_open);

#endif
