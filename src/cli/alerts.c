/* SPDX-License-Identifier: Apache-2.0 */
/* alerts.c - the manual of the alerts, one row each. */
#include "cli/alerts.h"

#include <stddef.h>

static const char attack[] =
    "Somebody between the two hosts, or a fault there, changed bytes; the connection was ended and nothing of "
    "the message was delivered.  Once is noise; again and again is an attack or broken equipment.";

const struct alert_text *alert_texts(void)
{
	static const struct alert_text texts[] = {
		{ SECCOMM_ALERT_MALFORMED, "What arrived is not a message of this protocol.",
		    "Often another program has connected: a port scan, a health check, a browser.  Look at the "
		    "address." },
		{ SECCOMM_ALERT_BAD_TAG,
		    "A message's authentication tag is not the one its bytes, key and number give.", attack },
		{ SECCOMM_ALERT_BAD_DIGEST, "A message's digest is not the one of its bytes.", attack },
		{ SECCOMM_ALERT_BAD_MAC,
		    "A message's authentication code is not the one its bytes, key and number give.", attack },
		{ SECCOMM_ALERT_BAD_SIGNATURE, "A signature is not the sender's over these bytes in this session.",
		    attack },
		{ SECCOMM_ALERT_BAD_DECRYPTION, "A message could not be decrypted to anything.", attack },
		{ SECCOMM_ALERT_OVERSIZE, "A message says to be larger than the configuration allows.",
		    "It was refused before anything was kept of it.  Make sure that both ends have one "
		    "configuration." },
		{ SECCOMM_ALERT_UNEXPECTED, "A message of a kind or epoch that cannot come now.",
		    "A message was taken out, doubled or brought in between the two hosts." },
		{ SECCOMM_ALERT_REPLAYED, "A message that was accepted before came again.",
		    "It was not delivered twice.  On a datagram link some doubling is normal." },
		{ SECCOMM_ALERT_TOO_OLD,
		    "A message's timestamp is older than allowed, or its time or number than all that are remembered.",
		    "With timestamps compare the clocks of the two hosts; on a datagram link give the layer a larger "
		    "cache or window." },
		{ SECCOMM_ALERT_FROM_FUTURE, "A message's timestamp lies in the future.",
		    "Compare the clocks of the two hosts." },
		{ SECCOMM_ALERT_UNKNOWN_PEER, "Somebody whose key is not in the list of peers wanted a session.",
		    "If it is yours:   seccomm peer add NAME sck1…   , with the word that 'seccomm key show' prints "
		    "there." },
		{ SECCOMM_ALERT_WRONG_PEER, "The other end has another key than the one that was expected.",
		    "Either it got a new key, which is to be made known with 'seccomm peer remove' and 'peer add' "
		    "after asking by "
		    "another way, or somebody stands in between." },
		{ SECCOMM_ALERT_MISMATCH, "The two ends have different configurations.",
		    "The log says at both ends what differs: make them equal." },
		{ SECCOMM_ALERT_UNCONFIRMED, "The other end could not prove that it has the agreed key.",
		    "Most often the two ends have different pre-shared secrets (another passphrase, salt or cost), or one has another private "
		    "key than the other knows the public one of: make them equal.  Or somebody between the two hosts changed bytes." },
		{ SECCOMM_ALERT_BAD_SHARE, "A key share that no honest program sends.", attack },
		{ SECCOMM_ALERT_TIMED_OUT, "A connection was not opened in time.",
		    "Strangers that connect and say nothing end here; a peer that does is overloaded or cut off." },
		{ SECCOMM_ALERT_TRUNCATED, "The connection ended, but the peer had not said that it was done.",
		    "The program at the other end died or reset its connection (a server that restarts, drain --now), or the network cut it; what came is "
		    "authentic, but "
		    "not all of it.  The local program sees a reset." },
		{ SECCOMM_ALERT_KEY_LIMIT, "A key has protected as many messages or bytes as it safely may.",
		    "The session ended in time; the next connection has new keys.  A one-time pad that is used up needs another one: see "
		    "the detail." },
		{ SECCOMM_ALERT_SILENT, "Nothing authentic came in answer for 15 seconds.",
		    "The peer has stopped, was started again, or is cut off; the next message opens a new session." },
		{ SECCOMM_ALERT_REKEY_FAILED, "The two ends could not agree on new keys.",
		    "It will be tried again while the present keys may be used; see the detail, and the log of the "
		    "other end.  On a stream the exchange waits its turn behind what a program does not read." },
		{ SECCOMM_ALERT_PATH_LIMIT, "A message is larger than one datagram of the path may be.",
		    "It was not sent.  Let the program send smaller ones; the detail says how much passes." },
		{ SECCOMM_ALERT_INTERNAL, "A library or the platform failed.",
		    "Memory or random numbers have run out: see the detail." },
		{ .meaning = NULL },
	};

	return texts;
}
