/* SPDX-License-Identifier: Apache-2.0 */
/*
 * switch.pml - the change of epoch and the end on a stream: SWITCH, CLOSE, half-close, cuts.
 *
 * Modelled: one connection; two directions, each a queue that keeps the order.  Both ends send data whenever they like,
 * the client begins next epochs, and each end chooses whether it ever closes its direction.  KEY and CONTROL messages
 * go on behind CLOSE.  The connection may be cut at any point; then an end reads some of what is still in the queue, or
 * nothing, and meets the end of the stream.  The attacker takes messages out, holds them back and doubles them.  The
 * first refusal ends the connection.
 *
 * A message carries its kind, its epoch, its number, and the count of the data messages before it; the receiver looks
 * at the count in SWITCH and CLOSE only.
 *
 * Abstracted: authentication is that nothing but these messages exists, and that a number is part of what it seals.  An
 * inserted or reflected message is refused like one that is out of its place.  Left out: lengths, bodies, and the
 * contents of M1' to M3'.
 *
 * Proven, for every order of events within the bounds:
 *   in_order   What is delivered is what was sent, without gap or duplicate, across epochs.
 *   whole      An end that reports the end of a direction has all of it; all other ends are reported as truncation.
 *   delivered  Without cut or attack everything sent arrives,
 *   settled    ... no end refuses anything or sees a truncation, both ends report the end if both close, and otherwise
 *              all epochs open in both directions, half-closed or not.
 * Every step uses up something, so every run ends; the judge looks at it then.
 */
#include "common.pml"

/* The bounds: epochs, data messages a direction, messages in a queue, interferences in all. */
#ifndef EPOCHS
#define EPOCHS 2
#endif
#ifndef DATA
#define DATA 2
#endif
#ifndef ATTACKS
#define ATTACKS 1
#endif
#define DEPTH 2

/* The rules that can be switched off. */
#define COUNTS (1 << 0)          /* SWITCH and CLOSE count the data of their direction */
#define ONE_SEQUENCE (1 << 1)    /* one sequence for all lanes; without: one for data, one for the rest */
#define NUMBERED (1 << 2)        /* a message is refused out of its place */
#define SWITCH_FIRST (1 << 3)    /* n + 1 is refused before SWITCH */
#define END_IS_SEALED (1 << 4)   /* an end of the stream is no end of the data */
#define CLOSE_IS_SEALED (1 << 5) /* the attacker cannot make a CLOSE */
#define HALF_CLOSE (1 << 6)      /* CLOSE ends one direction */
#define PEERS_SWITCH (1 << 7)    /* receiving n ends at the peer's SWITCH, not at one's own */
#define WITNESS (1 << 8)         /* not a rule: claims that no run ends whole, with all data, in the last epoch */

#define CLIENT 0
#define SERVER 1

#define RUNNING 0
#define WHOLE 1
#define TRUNCATED 2
#define REFUSED 3

mtype = { client, server, data, m1, m2, m3, done, switch, close, nothing };

/* The queue into which each end sends: kind, epoch, number, count. */
chan wire[2] = [DEPTH] of { mtype, byte, byte, byte };
bool cut;
byte attacks;

/* Of each end: the epochs it sends in, receives in and has; its places in the sequences; and what it owes the peer. */
byte tx[2] = 1, rx[2] = 1, installed[2] = 1;
byte tx_data[2], tx_rest[2], rx_data[2], rx_rest[2];
byte sent[2], got[2], ended[2];
bool closes[2], closed[2], heard_close[2], exchanging;
mtype owed[2] = nothing;

#define name(me) (me == CLIENT -> client : server)
#define may_send(me) (ended[me] == RUNNING && !cut && nfull(wire[me]))
#define number(kind, before, rest) (off(ONE_SEQUENCE) -> (kind == data -> before : rest) : before + rest)

inline send(me, kind, count)
{
	printf("%e: %e in epoch %d\n", name(me), kind, tx[me]);
	wire[me]!kind, tx[me], number(kind, tx_data[me], tx_rest[me]), count;
	if
	:: kind == data -> tx_data[me]++; sent[me]++
	:: else -> tx_rest[me]++
	fi
}

inline receive_next(me)
{
	rx[me]++;
	rx_data[me] = 0;
	rx_rest[me] = 0
}

inline send_next(me)
{
	tx[me]++;
	tx_data[me] = 0;
	tx_rest[me] = 0;
	without(PEERS_SWITCH, if :: rx[me] < tx[me] -> receive_next(me) :: else fi)
}

inline send_owed(me)
{
	send(me, owed[me], sent[me]);
	if
	:: owed[me] == switch && me == SERVER -> send_next(me); owed[me] = done
	:: owed[me] == switch && me == CLIENT -> send_next(me); owed[me] = nothing; exchanging = false
	:: else -> owed[me] = nothing
	fi
}

inline ends(me, how)
{
	ended[me] = how;
	printf("%e: ends, %d\n", name(me), how);
	must(whole, how != WHOLE || got[me] == sent[1 - me])
}

/* A message that has verified. */
inline accept(me, kind, count)
{
	if
	:: kind == data ->
		must(in_order, count == got[me]);
		rx_data[me]++;
		got[me]++
	:: else -> rx_rest[me]++
	fi;
	if /* the first message of the next epoch: the client follows */
	:: me == CLIENT && rx[me] > tx[me] && owed[me] == nothing -> owed[me] = switch
	:: else
	fi;
	if
	:: kind == data && !heard_close[me]
	:: kind == m1 && me == SERVER && installed[me] == rx[me] && rx[me] == tx[me] -> owed[me] = m2
	:: kind == m2 && me == CLIENT && installed[me] == rx[me] && exchanging -> installed[me]++; owed[me] = m3
	:: kind == m3 && me == SERVER && installed[me] == rx[me] -> installed[me]++; owed[me] = switch
	:: kind == done && me == CLIENT
	:: kind == switch && installed[me] > rx[me] && (count == got[me] || off(COUNTS)) -> receive_next(me)
	:: kind == close && !heard_close[me] && (count == got[me] || off(COUNTS)) ->
		heard_close[me] = true;
		without(HALF_CLOSE, ends(me, WHOLE))
	:: else -> ends(me, REFUSED)
	fi
}

inline receive(me)
{
	printf("%e: hears %e of epoch %d\n", name(me), kind, epoch);
	without(SWITCH_FIRST, if :: epoch == rx[me] + 1 && epoch == installed[me] -> receive_next(me) :: else fi);
	if
	:: epoch == rx[me] && (place == number(kind, rx_data[me], rx_rest[me]) || off(NUMBERED)) ->
		accept(me, kind, count)
	:: else -> ends(me, REFUSED)
	fi
}

proctype peer(byte me)
{
	mtype kind;
	byte epoch, place, count;

	if
	:: closes[me] = true
	:: true
	fi;
end:	do
	:: d_step { may_send(me) && sent[me] < DATA && !closed[me] -> send(me, data, sent[me]) }
	:: d_step { may_send(me) && closes[me] && !closed[me] -> closed[me] = true; send(me, close, sent[me]) }
	:: d_step {
		may_send(me) && me == CLIENT && tx[me] < EPOCHS && tx[me] == rx[me] && !exchanging ->
		exchanging = true;
		send(me, m1, 0)
	   }
	:: d_step { may_send(me) && owed[me] != nothing -> send_owed(me) }
	:: d_step {
		ended[me] == RUNNING && nempty(wire[1 - me]) ->
		wire[1 - me]?kind, epoch, place, count;
		receive(me);
		kind = 0; epoch = 0; place = 0; count = 0
	   }
	:: d_step {
		ended[me] == RUNNING && (cut || (ended[1 - me] != RUNNING && empty(wire[1 - me]))) ->
		if
		:: heard_close[me] || off(END_IS_SEALED) -> ends(me, WHOLE)
		:: else -> ends(me, TRUNCATED)
		fi
	   }
	:: d_step { ended[me] == RUNNING && closed[me] && heard_close[me] -> ends(me, WHOLE) }
	od
}

active proctype attacker()
{
	mtype kind;
	byte epoch, place, count, way;

end:	do
	:: d_step { !cut -> printf("the connection is cut\n"); cut = true }
	:: atomic {
		attacks < ATTACKS ->
		select (way : CLIENT .. SERVER);
		if
		:: len(wire[way]) > 0 ->
			wire[way]?kind, epoch, place, count;
			if
			:: printf("attacker: takes %e of epoch %d\n", kind, epoch);
				do
				:: len(wire[way]) > 0 ->
					wire[way]?kind, epoch, place, count;
					printf("attacker: takes %e of epoch %d\n", kind, epoch)
				:: break
				od
			:: printf("attacker: holds back %e of epoch %d\n", kind, epoch);
				wire[way]!kind, epoch, place, count
			fi
		:: len(wire[way]) > 0 && len(wire[way]) < DEPTH ->
			wire[way]?<kind, epoch, place, count>;
			printf("attacker: doubles %e of epoch %d\n", kind, epoch);
			wire[way]!kind, epoch, place, count
		:: off(CLOSE_IS_SEALED) && len(wire[way]) == 0 ->
			printf("attacker: makes a CLOSE\n");
			wire[way]!close, rx[1 - way], number(close, rx_data[1 - way], rx_rest[1 - way]), got[1 - way]
		:: else
		fi;
		attacks++;
		kind = 0; epoch = 0; place = 0; count = 0; way = 0
	   }
	:: !cut && attacks == 0 -> break
	od
}

#define both(variable, value) (variable[CLIENT] == value && variable[SERVER] == value)

active proctype judge()
{
end:	timeout;
	d_step {
		if
		:: !cut && attacks == 0 ->
			must(delivered, got[SERVER] == sent[CLIENT] && got[CLIENT] == sent[SERVER]);
			must(settled, both(ended, WHOLE) ||
			    (both(ended, RUNNING) && both(tx, EPOCHS) && both(rx, EPOCHS)));
			must(never_whole, !off(WITNESS) || !both(ended, WHOLE) || !both(rx, EPOCHS) || !both(got, DATA))
		:: else
		fi
	}
}

init { atomic { run peer(CLIENT); run peer(SERVER) } }
