/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rekey.pml - the next epoch on datagrams: M1', M2', M3' inside epoch n, the change to n + 1, and the end of n, while
 * data flows.
 *
 * Modelled: one session between a client and a server, from epoch 1.  The client begins attempts, and so answers the
 * server's REKEY; it drops an attempt and begins another under the same epoch number as often as it likes before M3',
 * and never after.  For the key lane the network is the set of all messages ever sent: each reaches its end at any
 * time, in any order, any number of times, or never, as long as that end has the epoch that it is sealed in.  So
 * resending needs nothing more; a resend is sealed again under a number of its own, or the window of epoch n would drop
 * it.  For data the network knows whether a message of an epoch is on its way and younger than 30 s; it can be lost,
 * doubled and overtaken.  "30 s after" is: not while such a message is left.
 *
 * Abstracted: secrets, digests and shares, and which keys are new and which carry over, are the number of the attempt
 * that an epoch came out of: two ends that have the epoch from different attempts have different keys, or different
 * stacks.  The attacker forges nothing inside epoch
 * n.  Left out: what asks for an epoch (limits), the exporter, the low 8 bits of the epoch on the wire.  A client that
 * closes 60 s behind M3' sends its alert in the epoch it sends in, which the server can open (receivable); if it is
 * lost, the server hears nothing for 15 s and closes, too.  No state follows from there, so the model has no such step.
 *
 * Proven, for every order of events within the bounds:
 *   receivable  Each end always sends in an epoch that the other can open, with the same keys.  So stacks and keys
 *               never mix.
 *   opened      Every message that arrives within 30 s is opened by the epoch it was sealed in: the change loses none.
 *   no_skip     An epoch follows its predecessor, and an attempt makes the epoch for which it was begun.
 *   two_epochs  No end has more than two epochs: the current one, and either the next or the previous.
 *   agreed      Let the network become calm in any state: both ends come to the same single epoch with the same keys
 *               and no attempt at hand; and if the server wants the next epoch, it gets it.
 */
#include "common.pml"

/* The bounds.  calm() has one epoch and one attempt more. */
#ifndef EPOCHS
#define EPOCHS 4
#endif
#ifndef ATTEMPTS
#define ATTEMPTS 8
#endif

/* The rules that can be switched off. */
#define FINAL_AFTER_M3 (1 << 0)    /* behind M3' the client drops no attempt */
#define ONLY_NEWER (1 << 1)        /* an M1' of an attempt older than the one at hand is ignored */
#define ONE_PREVIOUS (1 << 2)      /* no new epoch opens while the previous one lives */
#define WAIT_30S (1 << 3)          /* n is retired 30 s after n + 1 was heard */
#define RETIRE_WHEN_HEARD (1 << 4) /* ... was heard, not sent */
#define CLIENT_WAITS (1 << 5)      /* the client sends in n + 1 when it has heard it */
#define SERVER_WAITS (1 << 6)      /* the server installs n + 1 at M3', not at M1' */
#define INSTALL_ONCE (1 << 7)      /* an M3' that comes again installs nothing */
#define KEEPALIVE (1 << 8)         /* the server asks a silent client for a keepalive */
#define SEALED_ANEW (1 << 9)       /* a resend has a number of its own, so the window lets it through */
#define WITNESS (1 << 10)          /* not a rule: claims that the third epoch is never alone at both ends */

/* Stages of the client. */
#define IDLE 0
#define AWAIT_M2 1
#define AWAIT_NEXT 2

/* The key lane: M1' of attempts 1 to last, the i-th sealed in epoch inside[i], and these. */
byte last, inside[ATTEMPTS + 2];
bool m2[ATTEMPTS + 2], m3[ATTEMPTS + 2];
/* Data, DONE' and keepalives of an epoch that are on their way. */
bool c2s[EPOCHS + 2], s2c[EPOCHS + 2];

/* Each end receives from its low epoch up to its high one; the server's high one is the one it sends in. */
byte c_stage, c_attempt, c_send = 1, c_low = 1, c_high = 1, c_keys[EPOCHS + 2];
byte s_attempt, s_send = 1, s_low = 1, s_keys[EPOCHS + 2];
bool s_heard = true, s_wants, s_replies;

inline client_begins()
{
	last++;
	printf("client: M1' of attempt %d in epoch %d\n", last, c_send);
	inside[last] = c_send;
	c_attempt = last;
	c_stage = AWAIT_M2
}

inline client_drops()
{
	printf("client: drops attempt %d\n", c_attempt);
	c_stage = IDLE;
	c_attempt = 0;
	c_high = c_send
}

inline client_hears_m2(i)
{
	if
	:: c_stage == AWAIT_M2 && i == c_attempt ->
		c_high = c_send + 1;
		printf("client: receives epoch %d, M3' of attempt %d\n", c_high, i);
		c_keys[c_high] = i;
		m3[i] = true;
		c_stage = AWAIT_NEXT;
		without(CLIENT_WAITS, c_send = c_high)
	:: else
	fi
}

inline client_hears(epoch)
{
	must(opened, c_low <= epoch && epoch <= c_high && c_keys[epoch] == s_keys[epoch]);
	if
	:: c_stage == AWAIT_NEXT && epoch == c_high ->
		printf("client: sends in epoch %d\n", epoch);
		c_send = epoch;
		c_stage = IDLE;
		c_attempt = 0;
		without(WAIT_30S, c_low = c_send)
	:: else
	fi
}

inline install(i)
{
	s_send++;
	printf("server: epoch %d from attempt %d, DONE'\n", s_send, i);
	must(no_skip, s_send == inside[i] + 1);
	s_keys[s_send] = i;
	s_heard = false;
	s_wants = false;
	s2c[s_send] = true
}

/* s_replies: the server answers this message. */
inline server_hears_m1(i)
{
	if
	:: inside[i] == s_send && (s_low == s_send || off(ONE_PREVIOUS)) &&
	    (i > s_attempt || (i != s_attempt && off(ONLY_NEWER))) ->
		printf("server: M2' of attempt %d\n", i);
		s_attempt = i;
		m2[i] = true;
		s_replies = true;
		without(SERVER_WAITS, install(i))
	:: else -> s_replies = (inside[i] == s_send && i == s_attempt && !off(SEALED_ANEW))
	fi
}

inline server_hears_m3(i)
{
	if
	:: inside[i] == s_send && i == s_attempt -> install(i); s_replies = true
	:: else ->
		s_replies = (s_keys[s_send] == i);
		s2c[s_send] = s2c[s_send] || s_replies;
		without(INSTALL_ONCE, if :: s_replies -> install(i) :: else fi)
	fi
}

inline server_hears(epoch)
{
	must(opened, s_low <= epoch && epoch <= s_send && c_keys[epoch] == s_keys[epoch]);
	if
	:: epoch == s_send ->
		s_heard = true;
		without(WAIT_30S, s_low = s_send)
	:: else
	fi
}

inline check()
{
	must(receivable, s_low <= c_send && c_send <= s_send && c_keys[c_send] == s_keys[c_send] &&
	    c_low <= s_send && s_send <= c_high && c_keys[s_send] == s_keys[s_send]);
	must(two_epochs, c_high <= c_low + 1 && s_send <= s_low + 1);
	must(never_third, !off(WITNESS) || c_low < 3 || s_low < 3)
}

/* What was sent is sent again and answered, and 30 s pass. */
inline settle()
{
	if
	:: c_stage == AWAIT_M2 ->
		server_hears_m1(c_attempt);
		if
		:: s_replies -> client_hears_m2(c_attempt)
		:: else
		fi
	:: else
	fi;
	if
	:: c_stage == AWAIT_NEXT ->
		server_hears_m3(c_attempt);
		if
		:: s_replies -> client_hears(s_send)
		:: else
		fi
	:: else
	fi;
	if
	:: s_low < s_send && !off(KEEPALIVE) -> client_hears(s_send); server_hears(c_send)
	:: else
	fi;
	c_low = c_send;
	if
	:: s_heard -> s_low = s_send
	:: else
	fi
}

/* Twice, because the server answers M1' when its own previous epoch is retired. */
inline calm()
{
	printf("the network is calm\n");
	settle();
	settle();
	must(agreed, c_stage == IDLE && c_send == s_send && c_high == c_send && s_low == s_send &&
	    c_keys[c_send] == s_keys[s_send]);
	if
	:: s_wants ->
		client_begins();
		settle();
		must(agreed, !s_wants && c_send == s_send && s_low == s_send && c_keys[c_send] == s_keys[s_send])
	:: else
	fi
}

active proctype network()
{
	byte i;

	do
	:: d_step {
		c_stage == IDLE && (c_low == c_send || off(ONE_PREVIOUS)) && c_send < EPOCHS && last < ATTEMPTS ->
		client_begins()
	   }
	:: d_step { c_stage == AWAIT_M2 -> client_drops() }
	:: d_step { c_stage == AWAIT_NEXT && off(FINAL_AFTER_M3) -> client_drops(); check() }
	:: d_step { !s_wants -> printf("server: REKEY\n"); s_wants = true }
	:: d_step { !c2s[c_send] -> printf("client: data in epoch %d\n", c_send); c2s[c_send] = true }
	:: d_step { !s2c[s_send] -> printf("server: data in epoch %d\n", s_send); s2c[s_send] = true }
	:: d_step { c_low < c_send && !s2c[c_low] -> printf("client: retires epoch %d\n", c_low); c_low++; check() }
	:: d_step {
		s_low < s_send && (s_heard || off(RETIRE_WHEN_HEARD)) && !c2s[s_low] ->
		printf("server: retires epoch %d\n", s_low);
		s_low++;
		check()
	   }
	:: atomic {
		select (i : 1 .. EPOCHS);
		if
		:: c2s[i] -> printf("data of epoch %d reaches the server\n", i); server_hears(i)
		:: s2c[i] -> printf("data of epoch %d reaches the client\n", i); client_hears(i)
		:: c2s[i] -> c2s[i] = false
		:: s2c[i] -> s2c[i] = false
		:: else
		fi;
		i = 0;
		check()
	   }
	:: atomic {
		last > 0 ->
		select (i : 1 .. last);
		if
		:: s_low <= inside[i] -> printf("M1' %d reaches the server\n", i); server_hears_m1(i)
		:: m3[i] && s_low <= inside[i] -> printf("M3' %d reaches the server\n", i); server_hears_m3(i)
		:: m2[i] && c_low <= inside[i] -> printf("M2' %d reaches the client\n", i); client_hears_m2(i)
		:: else
		fi;
		i = 0;
		s_replies = false;
		check()
	   }
	:: d_step { calm() } -> break
	od
}
