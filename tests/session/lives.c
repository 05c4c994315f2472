/* SPDX-License-Identifier: Apache-2.0 */
/* lives.c - what is done to two sessions while something fails; what they must hold to is in failing.c. */
#include "lives.h"

static void act_open(struct failing *f)
{
	failing_pass(f, FAILING_SECOND / 10);
	(void)failing_push(f, CLIENT);
	(void)failing_push(f, SERVER);
	failing_pass(f, FAILING_SECOND);
}

static void talk_while_renewed(struct failing *f)
{
	for (unsigned n = CLIENT; n <= SERVER; n++)
		(void)failing_push(f, n);
	failing_pass(f, FAILING_SECOND);
	for (unsigned n = CLIENT; n <= SERVER; n++)
		(void)failing_push(f, n);
	failing_pass(f, FAILING_SECOND);
}

static void rekey(struct failing *f, unsigned n)
{
	(void)!seccomm_rekey(f->rig.end[n].session);
	talk_while_renewed(f);
}

static void act_rekey_by_client(struct failing *f)
{
	rekey(f, CLIENT);
}

static void act_rekey_by_server(struct failing *f)
{
	rekey(f, SERVER);
}

/* The other key carries over: behind the new one, and before it. */
static void act_replace_first(struct failing *f)
{
	(void)!seccomm_replace_key(f->rig.end[CLIENT].session, 1);
	talk_while_renewed(f);
}

static void act_replace_second(struct failing *f)
{
	(void)!seccomm_replace_key(f->rig.end[SERVER].session, 2);
	talk_while_renewed(f);
}

static void change(struct failing *f, unsigned n)
{
	(void)!seccomm_allow(f->rig.end[!n].session, f->other[!n]);
	(void)!seccomm_change(f->rig.end[n].session, f->other[n]);
	talk_while_renewed(f);
}

static void act_change_by_client(struct failing *f)
{
	change(f, CLIENT);
}

static void act_change_by_server(struct failing *f)
{
	change(f, SERVER);
}

static void keep_one(struct end *end, struct seccomm_message *message)
{
	(void)end;
	seccomm_message_release(seccomm_message_keep(message));
}

static void act_talk(struct failing *f)
{
	f->rig.end[CLIENT].on_deliver = f->rig.end[SERVER].on_deliver = keep_one;
	for (unsigned i = 0; i < 3; i++) {
		(void)failing_push(f, CLIENT);
		(void)failing_push(f, SERVER);
		failing_pump(f);
	}
}

static void act_close(struct failing *f)
{
	f->asked = true;
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		(void)failing_push(f, n);
		if (failing_alive(f, n))
			(void)!seccomm_close(f->rig.end[n].session);
		failing_pump(f);
	}
}

#define TWO_KEYS                                                                                                       \
	"      outer: {establish: dh, create: {method: passphrase, secret: shared}, protect: [sign: ed25519]}\n"         \
	"      data: {establish: both, create: chain, protect: [encrypt: {algorithm: chacha20-poly1305, key: outer}]}\n"
#define THREE_KEYS                                                                                                     \
	"      outer: {establish: dh, protect: [sign: ed25519]}\n"                                                     \
	"      inner: {establish: both, protect: [encrypt: {algorithm: chacha20-poly1305, key: outer}]}\n"             \
	"      data: {establish: dh, protect: [sign: ed25519, encrypt: {algorithm: aes-256-gcm, key: inner}]}\n"
#define STREAM   .link = SECCOMM_STREAM
#define DATAGRAM .link = SECCOMM_DATAGRAM

const struct failing_case failing_cases[] = {
	{ "opening on a stream", STREAM, .fails_opening = true, .act = act_open },
	{ "opening on datagrams", DATAGRAM, .fails_opening = true, .act = act_open },
	{ "opening with two keys on a stream", STREAM, .keys = TWO_KEYS, .fails_opening = true, .act = act_open },
	{ "opening with two keys on datagrams", DATAGRAM, .keys = TWO_KEYS, .fails_opening = true, .act = act_open },
	{ "opening at a listener", DATAGRAM, .listener = true, .fails_opening = true, .act = act_open },
	{ "a salt on a stream", STREAM, .predefined = true, .fails_opening = true, .act = act_open },
	{ "a salt on datagrams", DATAGRAM, .predefined = true, .fails_opening = true, .act = act_open },
	{ "a salt at a listener", DATAGRAM, .predefined = true, .listener = true, .fails_opening = true,
	    .act = act_open },
	{ "a client's renewal on a stream", STREAM, .renews = true, .act = act_rekey_by_client },
	{ "a server's renewal on a stream", STREAM, .renews = true, .act = act_rekey_by_server },
	{ "a client's renewal on datagrams", DATAGRAM, .renews = true, .act = act_rekey_by_client },
	{ "a server's renewal on datagrams", DATAGRAM, .renews = true, .act = act_rekey_by_server },
	{ "a renewal of two keys on a stream", STREAM, .keys = TWO_KEYS, .renews = true, .act = act_rekey_by_client },
	{ "a renewal of two keys on datagrams", DATAGRAM, .keys = TWO_KEYS, .renews = true,
	    .act = act_rekey_by_client },
	{ "the first of two keys on a stream", STREAM, .keys = TWO_KEYS, .renews = true, .act = act_replace_first },
	{ "the first of two keys on datagrams", DATAGRAM, .keys = TWO_KEYS, .renews = true, .act = act_replace_first },
	{ "the second of two keys on a stream", STREAM, .keys = TWO_KEYS, .renews = true, .act = act_replace_second },
	{ "the second of two keys on datagrams", DATAGRAM, .keys = TWO_KEYS, .renews = true,
	    .act = act_replace_second },
	{ "the second of three keys on datagrams", DATAGRAM, .keys = THREE_KEYS, .renews = true,
	    .act = act_replace_second },
	{ "a client's change on a stream", STREAM, .renews = true, .act = act_change_by_client },
	{ "a server's change on a stream", STREAM, .renews = true, .act = act_change_by_server },
	{ "a client's change on datagrams", DATAGRAM, .renews = true, .act = act_change_by_client },
	{ "a server's change on datagrams", DATAGRAM, .renews = true, .act = act_change_by_server },
	{ "opening with a sealed key on datagrams", DATAGRAM, .sealed = true, .fails_opening = true, .act = act_open },
	{ "messages on a stream", STREAM, .act = act_talk },
	{ "sealed messages on datagrams", DATAGRAM, .sealed = true, .act = act_talk },
	{ "messages on datagrams", DATAGRAM, .act = act_talk },
	{ "the end on a stream", STREAM, .act = act_close },
	{ "the end on datagrams", DATAGRAM, .act = act_close },
};
const size_t failing_case_count = sizeof(failing_cases) / sizeof(failing_cases[0]);
