/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scene.h - one stack under attack: honest sessions, what they sent, and a judge of what is delivered.
 *
 * The enemy owns the wire and knows the configuration.  He has another session of the same two ends to take messages from, and one
 * that is all his own, with keys of his own.  What he wins is a property; that counts against the library only if the checker granted the
 * property, as modern or legacy.
 */
#ifndef COMPOSITION_SCENE_H
#define COMPOSITION_SCENE_H

#include "rig.h"
#include "verdict.h"

/* The two ends; another session of them; a session of strangers. */
enum { VICTIM, OTHER, STRANGER, RIGS };

struct people {
	struct seccomm *library;
	struct rig rig[RIGS];
	struct memory_pad *pad[2][2]; /* of both ends: theirs, the strangers' */
};
void people_make(struct people *, struct seccomm *);
void people_drop(struct people *);

enum { SENT_MAX = 64, PLAIN = 24, PLAIN_LONG = 256, HEADER = 6, NUMBER = 8, NOWHERE = -1 };

/* An honest message of the session under attack. */
struct sent {
	uint8_t *wire;
	size_t wire_length, length;
	uint8_t plain[PLAIN_LONG];
	unsigned delivered;
};

/* What was counted, over all stacks. */
enum { ATTACKERS_MAX = 24 };
struct tally {
	uint64_t stacks, composed, messages;
	uint64_t attacks, tries; /* an attacker at work on a stack; bytes given to an end */
	uint64_t expected[ATTACKERS_MAX]; /* wins of what was not granted */
	uint64_t wins; /* of what was granted */
};

struct scene {
	const struct people *people;
	struct rig *rig; /* all RIGS */
	const struct stack *stack;
	struct verdict verdict;
	enum seccomm_link link;
	unsigned from; /* the end whose messages are attacked */
	bool numbered; /* messages carry their number */
	unsigned thoroughness; /* forgeries of each attacker that a stream gets */
	size_t step; /* of those that datagrams get, one in so many is tried: a signature takes its time */
	uint64_t seed;
	struct sent sent[2][SENT_MAX]; /* by end */
	size_t count[2], last[2]; /* LAST: one more than the greatest place that was delivered */
	size_t attacker;
	const char *name; /* of the attacker */
	struct tally *tally;
	bool failed;
};

/* Opens all sessions of STACK, which composes as VERDICT (the scene's from now on) says; false: they do not open, and that is told. */
bool scene_make(struct scene *, struct people *, const struct stack *, enum seccomm_link, const struct verdict *, struct tally *);
void scene_drop(struct scene *);

/* Begins the session RIG anew; what was sent in the one under attack is forgotten with it. */
void scene_again(struct scene *, unsigned rig);

/* Sends PLAIN (NULL: something new, random) from END of the session under attack, and keeps it; answers its place. */
size_t scene_send(struct scene *, unsigned end, const uint8_t *plain, size_t length);
/* The same in another session; the datagram is the caller's. */
struct unit *scene_send_in(struct scene *, unsigned rig, unsigned end, size_t length);
/* Gives BYTES to END, as the message at PLACE of those that its peer sent, or as one of NOWHERE; judges what is delivered. */
void scene_give(struct scene *, unsigned end, const uint8_t *bytes, size_t length, long place);
/* The same as it was sent. */
void scene_pass(struct scene *, unsigned end, size_t place);
/* The attacker at work has won PROPERTY of what END sends. */
void scene_win(struct scene *, unsigned end, enum seccomm_property, const char *how);
/* Something is wrong that is no attack. */
void scene_fail(struct scene *, const char *what);

/* A header that fits: addressed to that end, and on a stream as long as it is; and, on datagrams, with another number. */
void scene_readdress(struct scene *, unsigned to, uint8_t *wire, size_t length);
void scene_renumber(const struct scene *, uint8_t *wire, size_t length, uint64_t number);

#endif
