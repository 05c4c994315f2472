/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compositions.c - the library, keys and plans that all inputs of a process share (see ends.h).
 *
 * libFuzzer hands a target nothing but the input, so they lie in a variable of the process.
 */
#include "ends.h"

#include <stdio.h>
#include <string.h>

struct composition {
	const char *who, *stack, *keys;
};

static const char named[] = "    identity: self\n    peers: [friend]\n", nobody[] = "";
static const char dh[] = "      data: {establish: dh, protect: [sign: ed25519]}\n";
#define OUTER "      outer: {establish: {method: psk, secret: shared}, protect: [sign: ed25519]}\n"

/* All micro-protocols but those that only differ in an algorithm; every way to a key; what hides keys; times. */
static const struct composition compositions[STACKS] = {
	{ named, "anti-replay:sequence | encrypt:aes-256-gcm", dh },
	{ named, "anti-replay:timestamp | digest:sha-256 | sign:ed25519 | encrypt:chacha20-poly1305", dh },
	{ named, "anti-replay:timestamp,cache=16 | digest:sha-1 | encrypt:des-cbc", dh },
	{ named, "anti-replay:sequence | mac:hmac-sha-256", dh },
	{ named, "anti-replay:timestamp,cache=16", dh },
	{ named,
	    "anti-replay:sequence | sign:ed25519,direction=c2s | encrypt:aes-256-gcm,direction=c2s | "
	    "encrypt:chacha20-poly1305,direction=s2c",
	    dh },
	{ nobody, "digest:sha-256 | encrypt:des-cbc", "      data: {establish: {method: psk, secret: shared}}\n" },
	{ named, "anti-replay:sequence | encrypt:chacha20-poly1305",
	    "      data: {establish: {method: psk, secret: shared}, protect: [sign: ed25519]}\n" },
	{ named, "anti-replay:window | encrypt:aes-256-gcm,key=outer | encrypt:chacha20-poly1305,key=data",
	    "      outer: {establish: dh, protect: [sign: ed25519]}\n"
	    "      data: {establish: dh, protect: [sign: ed25519, encrypt: {algorithm: aes-256-gcm, key: outer}]}\n" },
	{ named, "encrypt:aes-256-gcm",
	    "      data: {establish: dh, protect: [anti-replay: timestamp, digest: sha-256, sign: ed25519]}\n" },
	{ named, "anti-replay:window | encrypt:aes-256-gcm",
	    "      data: {establish: dh, protect: [sign: ed25519]}\n    rekey: {after: 1m, messages: 4}\n" },
	{ named, "anti-replay:sequence | encrypt:aes-256-gcm,key=data",
	    OUTER
	    "      data: {establish: client-creates, protect: [encrypt: {algorithm: aes-256-gcm, key: outer}]}\n" },
	{ named, "anti-replay:sequence | encrypt:aes-256-gcm,key=data",
	    OUTER "      data: {establish: server-creates, protect: [encrypt: {algorithm: des-cbc, key: outer}]}\n" },
	{ named, "anti-replay:sequence | encrypt:aes-256-gcm,key=data",
	    OUTER "      data: {establish: both, protect: [encrypt: {algorithm: aes-256-gcm, key: outer}]}\n" },
	{ nobody, "anti-replay:timestamp | encrypt:chacha20-poly1305",
	    "      data: {establish: {method: none, secret: shared}}\n" },
	{ nobody, "anti-replay:window | mac:hmac-sha-256 | encrypt:des-cbc",
	    "      data: {establish: {method: none, secret: shared}}\n" },
	{ named,
	    "anti-replay:window | digest:sha-1 | protect-digest:des-cbc | digest:hmac-sha-256 | protect-digest:aes-256-cbc | "
	    "protect-digest:ed25519 | mac:poly1305",
	    dh },
};

/* Seeds of 32 bytes of 1 and 2, their public keys, and a secret of 32 bytes of 4. */
static const char *const secrets[] = { "scs1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszdv7jxv",
	"scs1qypqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyvy74m7" };
static const char *const publics[] = { "sck1qx9g3c7awsylr90a2tdj6096t4ev5ecfhuwegysm7d6gsqd5pah4c224s3h",
	"sck1qxqnjacw4p73wh6k5d2xds6v0mxvhrv2jx6wudazthmq7ku0exeegtcp52n" };
static const char psk[] = "scp1qgzqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgnnwf05";

struct shared {
	struct seccomm *library;
	struct seccomm_keyring *keyring[2];
	struct seccomm_plan *plan[2][2][STACKS]; /* by end and link */
};

static void make_keyring(struct shared *shared, unsigned n)
{
	struct seccomm_keyring *keyring = seccomm_keyring_new(shared->library);
	struct seccomm_error error = { 0 };

	must(keyring != NULL && seccomm_keyring_identity(keyring, "self", secrets[n], &error) == SECCOMM_OK &&
		 seccomm_keyring_peer(keyring, "friend", publics[!n], &error) == SECCOMM_OK &&
		 seccomm_keyring_psk(keyring, "shared", psk, &error) == SECCOMM_OK,
	    error.text);
	shared->keyring[n] = keyring;
}

static void make_plan(struct shared *shared, unsigned n, enum seccomm_link link, unsigned stack)
{
	const struct composition *c = &compositions[stack];
	const char *address = link == SECCOMM_STREAM ? "memory:" : "memory-datagram:";
	struct seccomm_error error = { 0 };
	char text[2048];
	int length = snprintf(text, sizeof(text),
	    "seccomm: 1\nsessions:\n  s:\n    role: %s\n    listen: \"%s\"\n    connect: \"%s\"\n%s    profile: lab\n"
	    "    stack: '%s'\n    keys:\n%s",
	    n == CLIENT ? "client" : "server", address, address, c->who, c->stack, c->keys);

	must(seccomm_plan_read(shared->library, "fuzz", text, (size_t)length, NULL, &shared->plan[n][link][stack],
		 &error) == SECCOMM_OK,
	    error.text);
}

static void make(struct shared *shared)
{
	struct seccomm_error error = { 0 };

	shared->library = seccomm_new(&error);
	must(shared->library != NULL, error.text);
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		make_keyring(shared, n);
		for (unsigned stack = 0; stack < STACKS; stack++) {
			make_plan(shared, n, SECCOMM_STREAM, stack);
			make_plan(shared, n, SECCOMM_DATAGRAM, stack);
		}
	}
}

static const struct shared *made(void)
{
	static struct shared shared;

	if (shared.library == NULL)
		make(&shared);
	return &shared;
}

struct seccomm *composition_library(void)
{
	return made()->library;
}

const struct seccomm_keyring *composition_keyring(unsigned n)
{
	return made()->keyring[n];
}

struct seccomm_plan *composition_plan(unsigned n, enum seccomm_link link, unsigned stack)
{
	return made()->plan[n][link][stack % STACKS];
}
