/* SPDX-License-Identifier: Apache-2.0 */
/*
 * figure7.pml - the key distribution of TR 99-08, Figure 7: as printed, and with three mends.
 *
 * Modelled: ClientKeyDistribution between one client and one server with a symmetric master key.  The key message is
 * {KEY} under the master key, and so is the acknowledgement, in which the server sends the same attribute back.  An
 * application opens sessions one after the other, each at both ends and with a fresh key.  The network is the set of
 * all messages ever sent: any of them reaches either end at any time, in any order, any number of times.  The attacker
 * adds garbage and forges nothing.
 *
 * Abstracted: key and session are one number; "STATUS == FORWARD" means that somebody with the master key made the
 * message.
 *
 * As printed (-DOFF=AS_PRINTED) each of these is violated; with the mends none is:
 *   reflection   When the client opens, the server has its key.
 *   replay       The server installs no key of an earlier session.
 *   lock_out     When everything that was sent arrives at last, both ends have the key, whatever arrived before.
 */
#include "common.pml"

#define SESSIONS 3

/* The mends. */
#define ROLES (1 << 0)       /* an acknowledgement is not a key message */
#define CHALLENGE (1 << 1)   /* a key message answers a nonce of this session of the server's */
#define CHECK_FIRST (1 << 2) /* only a valid message unbinds its handler */
#define AS_PRINTED (ROLES + CHALLENGE + CHECK_FIRST)

/* What is looked at. */
#define REFLECTION 1
#define REPLAY 2
#define LOCK_OUT 4
#ifndef ONLY
#define ONLY REFLECTION + REPLAY + LOCK_OUT
#endif
#define ignored(property) (((ONLY) & (property)) == 0)

/* What has been sent: the key messages of sessions 1 to session, and these acknowledgements. */
byte session;
bool acknowledged[SESSIONS + 1];

bool c_bound, c_open, s_bound;
byte s_key;

inline server_hears(key, valid)
{
	if
	:: s_bound ->
		without(CHECK_FIRST, s_bound = false);
		if
		:: valid && (key == session || off(CHALLENGE)) ->
			printf("server: installs the key of session %d\n", key);
			s_bound = false;
			s_key = key;
			acknowledged[key] = true;
			must(replay, ignored(REPLAY) || key == session)
		:: else
		fi
	:: else
	fi
}

inline client_hears(key, valid)
{
	if
	:: c_bound ->
		without(CHECK_FIRST, c_bound = false);
		if
		:: valid && key == session ->
			printf("client: session %d is open\n", key);
			c_bound = false;
			c_open = true;
			must(reflection, ignored(REFLECTION) || s_key == key)
		:: else
		fi
	:: else
	fi
}

inline calm()
{
	printf("everything arrives\n");
	server_hears(session, true);
	if
	:: acknowledged[session] -> client_hears(session, true)
	:: else
	fi;
	must(lock_out, ignored(LOCK_OUT) || (c_open && s_key == session))
}

active proctype network()
{
	byte key;

	do
	:: d_step {
		session < SESSIONS ->
		session++;
		printf("both open session %d, the client sends its key\n", session);
		c_bound = true;
		c_open = false;
		s_bound = true;
		s_key = 0
	   }
	:: d_step { printf("garbage reaches the server\n"); server_hears(0, false) }
	:: d_step { printf("garbage reaches the client\n"); client_hears(0, false) }
	:: atomic {
		session > 0 ->
		select (key : 1 .. session);
		if
		:: printf("the key message of session %d reaches the server\n", key);
			server_hears(key, true)
		:: printf("the key message of session %d is reflected to the client\n", key);
			client_hears(key, off(ROLES))
		:: acknowledged[key] ->
			printf("the acknowledgement of session %d reaches the client\n", key);
			client_hears(key, true)
		:: acknowledged[key] ->
			printf("the acknowledgement of session %d is reflected to the server\n", key);
			server_hears(key, off(ROLES))
		fi;
		key = 0
	   }
	:: d_step { session > 0 -> calm() } -> break
	od
}
