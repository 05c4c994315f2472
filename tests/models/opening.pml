/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opening.pml - OPEN, M2, M3 and DONE on datagrams, between one client and one server that know each other's keys.
 *
 * Modelled: the network is the set of all messages ever sent.  Any of them reaches its end at any time, never, or again
 * and again, in any order; so loss, duplicates, reordering, replays and the ends' own resending of stored bytes need
 * nothing more.  The attacker also makes OPENs of its own in the client's name (OPEN 0; nothing protects an OPEN from
 * those who know the server's public key), reflects, and makes garbage.  It makes no signature and no MAC.  Each end
 * may crash once and forget everything.  Timers run out whenever they like, but the client's 10 s for an exchange begin
 * before the server's, and are over before 15 s of silence are.
 *
 * Abstracted: a nonce with its share is a number that is never used twice.  Signature, confirmation and keys are one
 * check that a message belongs to the transcript.  DONE stands for any message of epoch 1 from the server.  Left out:
 * RETRY and MISMATCH, which change no state, the bound of the table of half-open exchanges, several slots, data, one
 * secret for both roles of an end.
 *
 * Proven, for every order of events within the bounds:
 *   agreement    The server installs an exchange only if the client has sent M3 in it; the client opens only what the
 *                server has installed, and both mean the same OPEN and the same M2.
 *   once         No end installs or opens an exchange twice.
 *   no_lock_out  Let the network become calm in any state: the exchange at hand ends open at both ends, unless the
 *                server has crashed since it began; then both ends have one session or know that they have none; and if
 *                none, the next exchange opens.  No garbage and no replay can change that.
 *   undisturbed  A session that both ends have stays at both until one of them crashes or lets it go by its own timer,
 *                or the client itself gets as far as M3 in a new exchange.
 *   progress     (-DFAIR=1) An exchange ends open even if the attacker never rests, as long as what is sent again and
 *                again arrives at last, the client does not give up, and the server neither crashes nor comes to the
 *                bound of its answers.
 */
#include "common.pml"

/* The bounds: OPENs of the client, and M2s.  calm() has one exchange and two answers more. */
#ifndef EXCHANGES
#define EXCHANGES 3
#endif
#ifndef ANSWERS
#define ANSWERS 4
#endif

/* The rules that can be switched off. */
#define M2_SIGNED (1 << 0)        /* M2 needs the server's signature and confirmation */
#define M3_SIGNED (1 << 1)        /* M3 needs the client's signature */
#define NONCE_C (1 << 2)          /* M2 answers the client's own OPEN */
#define NONCE_S (1 << 3)          /* M3 covers the server's own M2 */
#define KEYS_APART (1 << 4)       /* each direction and lane has its own keys */
#define STORED_M2 (1 << 5)        /* an OPEN that comes again gets the stored M2 */
#define KEYED_BY_OPEN (1 << 6)    /* half-open exchanges are told apart by H(OPEN), not by the peer alone */
#define IGNORE_BAD_M2 (1 << 7)    /* an invalid M2 does not move the transcript */
#define IGNORE_BAD_M3 (1 << 8)    /* an invalid M3 does not end the half-open exchange */
#define NO_STEP_BACK (1 << 9)     /* an invalid message behind M2 does not begin again */
#define INSTALL_ONCE (1 << 10)    /* an M3 that comes again installs nothing */
#define DONE_AGAIN (1 << 11)      /* an M3 that comes again is answered with DONE */
#define UNTOUCHED (1 << 12)       /* an OPEN touches no session */
#define NO_RESET (1 << 13)        /* there is no unauthenticated reset */
#define OPENED_AT_DONE (1 << 14)  /* the client has opened at DONE, not at M2 */
#define ONLY_YOUNGER (1 << 15)    /* an exchange replaces no session that came out of a later M2 */
#define HALF_OPEN_LASTS (1 << 16) /* a half-open exchange lasts until the client has given up */
#define SESSION_LASTS (1 << 17)   /* so does a session that the client waits for */
#define WITNESS (1 << 18)         /* not a rule: claims that no session ever opens at both ends */

#ifndef FAIR
#define FAIR 0
#endif

/* Stages of the client.  DEAF is that of a client which can accept nothing any more, and does not know it. */
#define IDLE 0
#define AWAIT_M2 1
#define AWAIT_DONE 2
#define DEAF 3

/*
 * What has been sent: OPEN 0 to c_last, the attacker's and the client's; M2 1 to s_last, the i-th in answer to OPEN
 * answers[i]; and M3 and DONE of these.  i names exchange and session.
 */
byte c_last, s_last, answers[ANSWERS + 3];
bool m3[ANSWERS + 3], done[ANSWERS + 3];

byte c_stage, c_nonce, c_answer, c_open;
byte s_half[EXCHANGES + 2], s_open;
bool s_replies;

byte answer_limit = ANSWERS;
bool c_crashed, s_crashed;

/* What only the properties know, such as the session that both ends have, and a crash of the server in the exchange. */
bool installed[ANSWERS + 3], opened[ANSWERS + 3];
byte steady;
bool excused;

inline client_begins()
{
	c_last++;
	c_nonce = c_last;
	c_stage = AWAIT_M2;
	excused = false
}

inline client_leaves_exchange()
{
	c_stage = IDLE;
	c_nonce = 0;
	c_answer = 0
}

inline client_gives_up()
{
	if
	:: c_answer == steady -> steady = 0
	:: else
	fi;
	client_leaves_exchange()
}

inline client_loses_session()
{
	if
	:: c_open == steady -> steady = 0
	:: else
	fi;
	c_open = 0
}

inline server_loses_session()
{
	s_open = 0;
	steady = 0
}

inline forget_half_opens()
{
	byte half;

	for (half : 0 .. EXCHANGES + 1) {
		s_half[half] = 0
	}
	half = 0
}

inline client_opens()
{
	printf("client: session %d is open\n", c_answer);
	must(agreement, installed[c_answer] && answers[c_answer] == c_nonce);
	must(once, !opened[c_answer]);
	opened[c_answer] = true;
	c_open = c_answer;
	client_leaves_exchange()
}

inline client_hears_m2(i)
{
	if
	:: c_stage == AWAIT_M2 && (answers[i] == c_nonce || off(NONCE_C)) ->
		printf("client: M3 to M2 %d\n", i);
		c_answer = i;
		c_stage = AWAIT_DONE;
		m3[i] = true;
		steady = 0;
		without(OPENED_AT_DONE, client_opens())
	:: else
	fi
}

inline client_hears_epoch_1(i)
{
	if
	:: c_stage == AWAIT_DONE && i == c_answer -> client_opens()
	:: else
	fi
}

inline server_hears_open(nonce)
{
	without(UNTOUCHED, s_open = 0);
	if
	:: (s_half[nonce] == 0 || off(STORED_M2)) && s_last < answer_limit ->
		without(KEYED_BY_OPEN, forget_half_opens());
		s_last++;
		printf("server: M2 %d in answer to OPEN %d\n", s_last, nonce);
		answers[s_last] = nonce;
		s_half[nonce] = s_last
	:: else
	fi
}

inline install(i)
{
	printf("server: session %d is open\n", i);
	must(once, !installed[i]);
	must(agreement, m3[i]);
	installed[i] = true
}

/* s_replies: the server answers this M3 with DONE. */
inline server_hears_m3(i)
{
	if
	:: (s_half[answers[i]] == i || (s_half[answers[i]] != 0 && off(NONCE_S))) &&
	    (i > s_open || off(ONLY_YOUNGER)) ->
		s_open = s_half[answers[i]];
		s_half[answers[i]] = 0;
		install(s_open);
		done[s_open] = true;
		s_replies = true;
		if
		:: c_stage == AWAIT_DONE && c_answer == s_open -> steady = s_open
		:: else
		fi
	:: else ->
		s_replies = (i == s_open && !off(DONE_AGAIN));
		without(INSTALL_ONCE, if :: i == s_open -> install(i) :: else fi)
	fi
}

inline check()
{
	must(undisturbed, steady == 0 || (s_open == steady && (c_open == steady || c_answer == steady)));
	must(never_open, !off(WITNESS) || steady == 0 || c_open != steady)
}

/* From now on the attacker is silent, every message arrives at once, and every timer runs out in its turn. */
inline calm()
{
	printf("the network is calm\n");
	answer_limit = ANSWERS + 2;
	if
	:: c_stage == AWAIT_M2 -> server_hears_open(c_nonce); client_hears_m2(s_half[c_nonce])
	:: else
	fi;
	if
	:: c_stage == AWAIT_DONE ->
		server_hears_m3(c_answer);
		if
		:: s_replies -> client_hears_epoch_1(c_answer)
		:: else
		fi
	:: else
	fi;
	must(no_lock_out, c_stage == IDLE || excused);
	client_gives_up();
	if /* who hears nothing for 15 s lets go */
	:: c_open != s_open -> client_loses_session(); server_loses_session()
	:: else
	fi;
	if
	:: c_open == 0 ->
		client_begins();
		server_hears_open(c_nonce);
		client_hears_m2(s_half[c_nonce]);
		server_hears_m3(c_answer);
		client_hears_epoch_1(c_answer);
		must(no_lock_out, c_open != 0 && c_open == s_open)
	:: else
	fi
}

active proctype network()
{
	byte i;

	do
	:: d_step { c_stage == IDLE && c_last < EXCHANGES -> client_begins(); printf("client: OPEN %d\n", c_nonce) }
	:: d_step { c_stage != IDLE -> printf("client: gives up\n"); client_gives_up() }
	:: d_step { c_open != 0 -> printf("client: lets its session go\n"); client_loses_session() }
	:: d_step {
		s_open != 0 && (c_stage != AWAIT_DONE || c_answer != s_open || off(SESSION_LASTS)) ->
		printf("server: lets its session go\n");
		server_loses_session()
	   }
	:: d_step {
		!c_crashed ->
		printf("client: crashes\n");
		c_crashed = true;
		client_gives_up();
		client_loses_session()
	   }
	:: d_step {
		!s_crashed ->
		printf("server: crashes\n");
		s_crashed = true;
		forget_half_opens();
		server_loses_session();
		excused = (c_stage != IDLE)
	   }
	:: atomic {
		select (i : 0 .. c_last);
		if
		:: printf("OPEN %d reaches the server\n", i); server_hears_open(i)
		:: s_half[i] != 0 && (c_stage == IDLE || i != c_nonce || off(HALF_OPEN_LASTS)) ->
			printf("server: the half-open exchange of OPEN %d runs out\n", i);
			s_half[i] = 0
		:: printf("garbage reaches the server\n"); without(IGNORE_BAD_M3, s_half[i] = 0)
		fi;
		i = 0;
		check()
	   }
	:: atomic {
		s_last > 0 ->
		select (i : 1 .. s_last);
		if
		:: printf("M2 %d reaches the client\n", i); client_hears_m2(i)
		:: m3[i] -> printf("M3 %d reaches the server\n", i); server_hears_m3(i)
		:: off(M3_SIGNED) -> printf("a forged M3 %d reaches the server\n", i); server_hears_m3(i)
		:: done[i] -> printf("DONE %d reaches the client\n", i); client_hears_epoch_1(i)
		:: m3[i] && off(KEYS_APART) -> printf("M3 %d is reflected to the client\n", i); client_hears_epoch_1(i)
		fi;
		i = 0;
		s_replies = false;
		check()
	   }
	:: d_step {
		printf("garbage reaches the client\n");
		if
		:: c_stage == AWAIT_M2 && off(IGNORE_BAD_M2) -> c_stage = DEAF
		:: c_stage == AWAIT_DONE && off(NO_STEP_BACK) -> c_stage = AWAIT_M2
		:: else
		fi
	   }
	:: d_step {
		off(M2_SIGNED) && c_stage == AWAIT_M2 ->
		printf("forged M2 and DONE reach the client\n");
		client_opens()
	   }
	:: d_step { off(NO_RESET) -> printf("a reset reaches the client\n"); c_open = 0; check() }
	:: d_step { !FAIR -> calm() } -> break
	od
}

#if FAIR
/* What an end sends again and again arrives at last, whatever else arrives in between. */
active proctype fair()
{
	do
	:: d_step { c_stage == AWAIT_M2 && s_half[c_nonce] == 0 && s_last < ANSWERS -> server_hears_open(c_nonce) }
	:: d_step { c_stage == AWAIT_M2 && s_half[c_nonce] != 0 -> client_hears_m2(s_half[c_nonce]) }
	:: d_step { c_stage == AWAIT_DONE && !done[c_answer] -> server_hears_m3(c_answer); s_replies = false }
	:: d_step { c_stage == AWAIT_DONE && done[c_answer] -> client_hears_epoch_1(c_answer) }
	od
}

ltl progress { [] (c_stage != IDLE -> <> (c_stage == IDLE || excused || s_last == ANSWERS)) }
#endif
