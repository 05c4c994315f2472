/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scenes.c - what happens to two sessions while their memory is searched: they open, renew their keys and end; an
 * opening or a renewal fails.
 *
 * What handles keys runs on a stack of its own every time, so that no later call hides what an earlier one has left
 * there.
 */
#include "theatre.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <cmocka.h>

#include "seccomm/session.h"

enum { STACK = 96 * 1024 };
static const uint64_t second = 1000000;

struct scene {
	const char *name;
	struct setup setup;
	const char *keys; /* of a configuration, instead */
	bool predefined, rsa;
	void (*play)(struct theatre *);
};

static uint32_t phase(unsigned n)
{
	return UINT32_C(1) << n;
}

/* Waits until the memory of this process has been searched. */
static void checkpoint(struct theatre *theatre, const char *name, uint32_t gone, uint32_t spent, uint32_t there)
{
	struct checkpoint point = { .gone = gone | phase(NEVER), .spent = spent, .there = there };
	char go;

	telling_epochs(theatre);
	if (theatre->telling != NULL)
		return;
	snprintf(point.name, sizeof(point.name), "%s", name);
	assert_int_equal(write(theatre->out, &point, sizeof(point)), sizeof(point));
	assert_int_equal(read(theatre->in, &go, 1), 1);
}

/* ---- Stacks ---- */

struct step {
	void (*run)(struct rig *, unsigned end);
	struct rig *rig;
	unsigned end;
	ucontext_t here, back;
};
static struct step now; /* what a context is given are ints only */

static void run_step(void)
{
	now.run(now.rig, now.end);
}

/* The stack is never used again, nor unmapped. */
static void step(struct rig *rig, void (*run)(struct rig *, unsigned), unsigned end)
{
	void *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	assert_ptr_not_equal(stack, MAP_FAILED);
	now = (struct step){ .run = run, .rig = rig, .end = end };
	assert_int_equal(getcontext(&now.here), 0);
	now.here.uc_stack.ss_sp = stack;
	now.here.uc_stack.ss_size = STACK;
	now.here.uc_link = &now.back;
	makecontext(&now.here, run_step, 0);
	assert_int_equal(swapcontext(&now.back, &now.here), 0);
}

static void pump(struct rig *rig)
{
	while (rig->end[CLIENT].sent.first != NULL || rig->end[SERVER].sent.first != NULL)
		for (unsigned n = CLIENT; n <= SERVER; n++)
			while (rig->end[n].sent.first != NULL)
				step(rig, rig_pass, n);
}

static void do_start(struct rig *rig, unsigned end)
{
	(void)end;
	assert_int_equal(rig_start(rig), SECCOMM_OK);
}

static void do_rekey(struct rig *rig, unsigned end)
{
	assert_int_equal(seccomm_rekey(rig->end[end].session), SECCOMM_OK);
}

/* The keys take turns. */
static void do_replace(struct rig *rig, unsigned end)
{
	assert_int_equal(seccomm_replace_key(rig->end[end].session, 2 - end), SECCOMM_OK);
}

static void do_push(struct rig *rig, unsigned end)
{
	rig_push(rig, end, end == CLIENT ? "question" : "answer");
}

static void do_close(struct rig *rig, unsigned end)
{
	assert_int_equal(seccomm_close(rig->end[end].session), SECCOMM_OK);
}

static void do_end(struct rig *rig, unsigned end)
{
	seccomm_ended(rig->end[end].session);
}

static void do_wait(struct rig *rig, unsigned seconds)
{
	rig_wait(rig, seconds * second);
}

static void talk(struct rig *rig)
{
	step(rig, do_push, CLIENT);
	step(rig, do_push, SERVER);
	pump(rig);
	rig_got(rig, SERVER, "question");
	rig_got(rig, CLIENT, "answer");
}

/* ---- What scenes have in common ---- */

static void lose_all(struct rig *rig)
{
	rig_lose(rig, CLIENT);
	rig_lose(rig, SERVER);
}

static void start(struct theatre *theatre)
{
	step(&theatre->rig, do_start, 0);
	telling_listen(theatre);
}

static void open_both(struct theatre *theatre)
{
	start(theatre);
	pump(&theatre->rig);
	assert_int_equal(theatre->rig.end[CLIENT].opened + theatre->rig.end[SERVER].opened, 2);
}

static void close_both(struct theatre *theatre)
{
	for (unsigned n = CLIENT; n <= SERVER; n++)
		step(&theatre->rig, do_close, n);
	pump(&theatre->rig);
}

/* ---- What happens ---- */

static void renew(struct theatre *theatre, void (*ask)(struct rig *, unsigned end))
{
	theatre->phase++;
	step(&theatre->rig, ask, theatre->phase % 2);
	pump(&theatre->rig);
	talk(&theatre->rig);
	step(&theatre->rig, do_wait, 31);
	pump(&theatre->rig);
	assert_int_equal(theatre->rig.end[CLIENT].session->epoch->number, theatre->phase);
	assert_null(theatre->rig.end[SERVER].session->previous);
}

static void live_with(struct theatre *theatre, void (*ask)(struct rig *, unsigned end))
{
	open_both(theatre);
	talk(&theatre->rig);
	checkpoint(theatre, "both are open", 0, phase(1), phase(LONG_TERM) | phase(1));
	renew(theatre, ask);
	checkpoint(theatre, "the first epoch is over", phase(1), phase(2), phase(2));
	renew(theatre, ask);
	checkpoint(theatre, "the second epoch is over", phase(1) | phase(2), phase(3), phase(3));
	close_both(theatre);
	checkpoint(theatre, "both have closed", phase(1) | phase(2) | phase(3), 0, 0);
}

static void play_life(struct theatre *theatre)
{
	live_with(theatre, do_rekey);
}

static void play_replaced(struct theatre *theatre)
{
	live_with(theatre, do_replace);
}

static void play_predefined(struct theatre *theatre)
{
	start(theatre);
	step(&theatre->rig, do_wait, 1);
	step(&theatre->rig, do_push, CLIENT);
	pump(&theatre->rig);
	step(&theatre->rig, do_push, SERVER);
	pump(&theatre->rig);
	checkpoint(theatre, "both have spoken", 0, phase(1), phase(1));
	close_both(theatre);
	checkpoint(theatre, "both have closed", phase(1), 0, 0);
}

/* The connection ends behind the N-th frame of an opening, for every N. */
static void play_cut_openings(struct theatre *theatre)
{
	for (unsigned passed = 0; passed < 3; passed++) {
		theatre->phase = 1 + passed;
		start(theatre);
		for (unsigned n = 0; n < passed; n++)
			step(&theatre->rig, rig_pass, n % 2);
		for (unsigned n = CLIENT; n <= SERVER; n++)
			step(&theatre->rig, do_end, n);
		checkpoint(theatre, "the connection has ended", phase(theatre->phase), 0, 0);
		rig_shut(&theatre->rig);
	}
}

/* A byte of M2 or M3 is changed on the way. */
static void play_refused_openings(struct theatre *theatre)
{
	for (unsigned passed = 1; passed < 3; passed++) {
		struct unit *unit;

		theatre->phase = passed;
		start(theatre);
		for (unsigned n = 0; n < passed; n++)
			step(&theatre->rig, rig_pass, n % 2);
		unit = rig_take(&theatre->rig, passed % 2);
		unit->bytes[unit->length - 1] ^= 1;
		rig_give(&theatre->rig, !(passed % 2), unit->bytes, unit->length);
		free(unit);
		for (unsigned n = CLIENT; n <= SERVER; n++)
			step(&theatre->rig, do_end, n);
		checkpoint(theatre, "a message was refused", phase(theatre->phase), 0, 0);
		rig_shut(&theatre->rig);
	}
}

static void play_unanswered_opening(struct theatre *theatre)
{
	start(theatre);
	for (unsigned n = 0; n < 22; n++) {
		rig_wait(&theatre->rig, second / 2);
		lose_all(&theatre->rig);
	}
	assert_int_equal(theatre->rig.end[CLIENT].closed, 1);
	checkpoint(theatre, "nobody has answered", phase(1), 0, 0);
}

/* The N-th allocation of an opening fails. */
static void play_openings_without_memory(struct theatre *theatre)
{
	for (unsigned n = 1; n < 12; n++) {
		theatre->phase = n;
		theatre->rig.allocations = 0;
		theatre->rig.fail_at = 2 * n;
		if (rig_start(&theatre->rig) == SECCOMM_OK) {
			telling_listen(theatre);
			pump(&theatre->rig);
			for (unsigned k = CLIENT; k <= SERVER; k++)
				step(&theatre->rig, do_end, k);
		}
		checkpoint(theatre, "an allocation has failed", phase(theatre->phase), 0, 0);
		rig_shut(&theatre->rig);
	}
	theatre->rig.fail_at = 0;
}

/* Carries everything for US, second by second. */
static void live(struct rig *rig, unsigned seconds)
{
	for (unsigned n = 0; n < seconds; n++) {
		rig_talk(rig);
		rig_wait(rig, second);
		rig_pump(rig);
	}
}

static void lose(struct rig *rig, unsigned seconds)
{
	for (unsigned n = 0; n < seconds; n++) {
		lose_all(rig);
		rig_wait(rig, second);
		lose_all(rig);
	}
}

/* The first messages of a renewal are lost, or memory is short for them; the client gives up, and the next attempt
 * succeeds. */
static void play_dropped_renewals(struct theatre *theatre)
{
	struct rig *rig = &theatre->rig;
	uint32_t before = 0;

	open_both(theatre);
	checkpoint(theatre, "both are open", 0, phase(1), phase(1));
	for (unsigned n = 0; n < 5; n++) {
		before |= phase(theatre->phase);
		theatre->phase++;
		step(rig, do_rekey, CLIENT);
		if (n == 1)
			step(rig, rig_pass, CLIENT);
		rig->allocations = 0;
		rig->fail_at = n > 1 ? 3 * n - 5 : 0;
		rig->persistent = true;
		if (n > 1)
			pump(rig);
		lose(rig, 11);
		rig->fail_at = 0;
		assert_null(rig->end[CLIENT].session->next);
		assert_int_equal(rig->end[SERVER].session->epoch->number, n + 1);
		checkpoint(theatre, "the attempt was dropped", n == 0 ? phase(theatre->phase) : 0, 0,
		    phase(theatre->phase - 1));
		before |= phase(theatre->phase);
		theatre->phase++;
		live(rig, 45);
		assert_int_equal(rig->end[SERVER].session->epoch->number, n + 2);
		assert_null(rig->end[SERVER].session->previous);
		checkpoint(theatre, "the next one has succeeded", before, phase(theatre->phase), phase(theatre->phase));
	}
}

/* ---- The list ---- */

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
	{ "a life with RSA", { .stack = "anti-replay:sequence | sign:rsa-pss | encrypt:aes-256-gcm" }, .rsa = true,
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
