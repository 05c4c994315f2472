/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scenes.c - which plays are given, of which stacks and keys, while the memory of two sessions is searched.
 */
#include "theatre.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct scene {
	const char *name;
	struct setup setup;
	const char *keys; /* of a configuration, instead */
	bool predefined, rsa;
	play *play;
};

#define OUTER "      outer: {establish: dh, protect: [sign: ed25519]}\n"

static const struct scene scenes[] = {
	{ "a life on a stream", { .link = SECCOMM_STREAM }, .play = play_life },
	{ "a life on datagrams",
	    { .link = SECCOMM_DATAGRAM, .stack = "anti-replay:window | encrypt:chacha20-poly1305" },
	    .play = play_life },
	{ "a life with MAC and DES",
	    { .stack = "anti-replay:sequence | encrypt:des-cbc | mac:hmac-sha-256", .lab = true }, .play = play_life },
	{ "a life with libsodium",
	    { .link = SECCOMM_DATAGRAM, .stack = "anti-replay:window | encrypt:xchacha20-poly1305" }, .play = play_life },
	{ "a life with enciphered digests and a key for each message",
	    { .stack = "digest:sha-1 | protect-digest:des-cbc | digest:hmac-sha-256 | protect-digest:aes-256-cbc | mac:poly1305",
		.lab = true }, .play = play_life },
	{ "a life with digest and signature",
	    { .stack = "anti-replay:sequence | digest:sha-256 | sign:ed25519 | encrypt:aes-256-gcm" },
	    .play = play_life },
	{ "a life with RSA", { .stack = "anti-replay:sequence | encrypt:rsa | sign:rsa-pss | encrypt:aes-256-gcm",
		.key = "kem,protect=sign:ed25519" }, .rsa = true,
	    .play = play_life },
	{ "a life with a pre-shared secret", { .key = "psk,secret=shared", .identity = { "", "" } },
	    .play = play_life },
	{ "a life with a key of both ends", { .link = SECCOMM_STREAM },
	    .keys =
		OUTER "      data: {establish: both, protect: [encrypt: {algorithm: chacha20-poly1305, key: outer}]}\n",
	    .play = play_life },
	{ "a life with the client's key", { .link = SECCOMM_DATAGRAM },
	    .keys = OUTER "      data: {establish: client-creates, protect: [encrypt: aes-256-gcm]}\n",
	    .play = play_life },
	{ "a life with one new key at a time", { .link = SECCOMM_STREAM },
	    .keys =
		OUTER "      data: {establish: both, protect: [encrypt: {algorithm: chacha20-poly1305, key: outer}]}\n",
	    .play = play_replaced },
	{ "the same on datagrams", { .link = SECCOMM_DATAGRAM },
	    .keys = OUTER "      data: {establish: client-creates, protect: [encrypt: aes-256-gcm]}\n",
	    .play = play_replaced },
	{ "a life with keys of a chain", { .link = SECCOMM_STREAM },
	    .keys = "      outer: {establish: dh, create: chain, protect: [sign: ed25519]}\n"
		    "      data: {establish: both, create: {method: chain, secret: shared}, protect: [encrypt: {algorithm: "
		    "aes-256-gcm, key: outer}]}\n",
	    .play = play_life },
	{ "a life with keys of a passphrase", { .link = SECCOMM_STREAM },
	    .keys = "      outer: {establish: dh, create: {method: passphrase, secret: shared}, protect: [sign: ed25519]}\n"
		    "      data: {establish: client-creates, create: {method: passphrase, secret: shared}, protect: [encrypt: "
		    "{algorithm: aes-256-gcm, key: outer}]}\n",
	    .play = play_life },
	{ "without an exchange on a stream", { .link = SECCOMM_STREAM }, .predefined = true, .play = play_predefined },
	{ "without an exchange on datagrams", { .link = SECCOMM_DATAGRAM }, .predefined = true,
	    .play = play_predefined },
	{ "openings that are cut", { .link = SECCOMM_STREAM }, .play = play_cut_openings },
	{ "openings that are refused", { .link = SECCOMM_STREAM }, .play = play_refused_openings },
	{ "an opening that nobody answers", { .link = SECCOMM_DATAGRAM }, .play = play_unanswered_opening },
	{ "openings without memory", { .link = SECCOMM_STREAM }, .play = play_openings_without_memory },
	{ "renewals that are dropped",
	    { .link = SECCOMM_DATAGRAM, .stack = "anti-replay:window | encrypt:aes-256-gcm" },
	    .play = play_dropped_renewals },
};

const char *scene_name(size_t n)
{
	return n < sizeof(scenes) / sizeof(scenes[0]) ? scenes[n].name : NULL;
}

bool scene_rsa(size_t n)
{
	return scenes[n].rsa;
}

static struct key_texts *given; /* to do_keys(), which wipes them */

static void do_keys(struct rig *rig, unsigned n)
{
	struct seccomm_keyring *keyring = seccomm_keyring_new(rig->library);
	struct seccomm_error error = { 0 };

	assert_non_null(keyring);
	if (seccomm_keyring_identity(keyring, "self", given->secret[n], &error) < 0 ||
	    seccomm_keyring_peer(keyring, "friend", given->open[!n], &error) < 0 ||
	    seccomm_keyring_psk(keyring, "shared", given->secret[KEY_TEXTS - 1], &error) < 0)
		fail_msg("%s", error.text);
	seccomm_keyring_free(rig->end[n].keyring);
	rig->end[n].keyring = keyring;
}

void scene_play(size_t n, struct key_texts *texts, bool telling, int in, int out)
{
	const struct scene *scene = &scenes[n];
	struct theatre theatre = { .in = in, .out = out, .phase = 1 };
	struct rig *rig = &theatre.rig;
	void *library;

	rig_library(&library);
	if (scene->predefined)
		rig_make_keys(rig, library, &rig_predefined[scene->setup.link]);
	else if (scene->keys != NULL)
		rig_make_keys(rig, library, &(struct key_setup){ .link = scene->setup.link, .keys = scene->keys });
	else
		rig_make(rig, library, &scene->setup);
	rig->random_length = RANDOM_LOG; /* it keeps none of them */
	given = texts;
	step(rig, do_keys, CLIENT);
	step(rig, do_keys, SERVER);
	explicit_bzero(texts, sizeof(*texts));
	if (telling)
		telling_begin(&theatre);
	scene->play(&theatre);
	rig_drop(rig);
	checkpoint(&theatre, "keys and sessions are freed", ~UINT32_C(0), 0, 0);
	telling_end(&theatre);
	rig_library_free(&library);
}
