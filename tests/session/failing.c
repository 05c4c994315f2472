/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens to the sessions of failing.h, and what is looked at afterwards.
 */
#include "failing.h"
#include "lives.h"
#include "../rsa_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CANARY = 16, MESSAGE = 40, ROUNDS = 9, BLINDING = 32 };
static const char canary[CANARY + 1] = "canary in a cage";

static void must(const struct failing *f, bool condition, const char *what)
{
	const struct end *ends = f->rig.end;

	if (!condition)
		fail_msg("%s, failure %llu%s: %s; client closed %u by %d alert %d '%s', server closed %u by %d alert "
			 "%d '%s'",
		    f->what->name, (unsigned long long)f->at, f->persistent ? " and all behind" : "", what,
		    ends[CLIENT].closed, ends[CLIENT].status, (int)ends[CLIENT].alert, ends[CLIENT].detail,
		    ends[SERVER].closed, ends[SERVER].status, (int)ends[SERVER].alert, ends[SERVER].detail);
}

bool failing_alive(const struct failing *f, unsigned n)
{
	return f->rig.end[n].session != NULL && f->rig.end[n].closed == 0;
}

/* ---- Messages ---- */

/* Whether it was taken; nobody insists. */
bool failing_push(struct failing *f, unsigned n)
{
	char text[MESSAGE] = { 0 };
	unsigned number = f->pushed[n];
	int status;

	if (!failing_alive(f, n) || number == MESSAGES_MAX)
		return false;
	snprintf(text, sizeof(text), "%s %u %u", canary, n, number);
	status = seccomm_push_copy(f->rig.end[n].session, text, sizeof(text));
	f->pushed[n]++;
	f->taken[n][number] = status == SECCOMM_OK;
	return status == SECCOMM_OK;
}

static void look_at_delivered(struct failing *f, unsigned n)
{
	for (struct unit *unit; (unit = units_take(&f->rig.end[n].got)) != NULL; free(unit)) {
		unsigned from = 0, number = 0;

		must(f,
		    unit->length == MESSAGE && memcmp(unit->bytes, canary, CANARY) == 0 &&
			sscanf((const char *)unit->bytes + CANARY, " %u %u", &from, &number) == 2 && from == !n &&
			number < MESSAGES_MAX,
		    "something else was delivered than was pushed");
		/* A push may fail after its message has gone out; what was never pushed may not come, nor anything
		 * twice. */
		must(f, number < f->pushed[from] && !f->delivered[from][number],
		    "a message was delivered twice, or never pushed");
		must(f, f->what->link == SECCOMM_DATAGRAM || number >= f->last[n], "the order has changed");
		for (unsigned k = f->last[n]; f->what->link == SECCOMM_STREAM && k < number; k++)
			must(f, !f->taken[from][k], "a message is missing in the middle");
		f->delivered[from][number] = true;
		f->last[n] = number + 1;
	}
}

/* ---- Carrying ---- */

static void give(struct failing *f, unsigned to, struct unit *unit)
{
	must(f, memmem(unit->bytes, unit->length, canary, CANARY) == NULL, "plaintext was transmitted");
	if (to == SERVER && f->listener != NULL) {
		seccomm_listener_pop(f->listener, "client", 6, unit->bytes, unit->length);
		return;
	}
	if (failing_alive(f, to))
		rig_give(&f->rig, to, unit->bytes, unit->length);
}

void failing_pump(struct failing *f)
{
	struct end *ends = f->rig.end;

	while (ends[CLIENT].sent.first != NULL || ends[SERVER].sent.first != NULL)
		for (unsigned n = CLIENT; n <= SERVER; n++)
			for (struct unit *unit; (unit = units_take(&ends[n].sent)) != NULL; free(unit))
				give(f, !n, unit);
	look_at_delivered(f, CLIENT);
	look_at_delivered(f, SERVER);
	/* A stream ends at both ends. */
	for (unsigned n = CLIENT; n <= SERVER && f->what->link == SECCOMM_STREAM; n++)
		if (!failing_alive(f, n) && failing_alive(f, !n))
			seccomm_ended(ends[!n].session);
}

static uint64_t deadline(const struct failing *f)
{
	uint64_t at = UINT64_MAX;

	for (unsigned n = CLIENT; n <= SERVER; n++)
		if (failing_alive(f, n) && seccomm_deadline(f->rig.end[n].session) < at)
			at = seccomm_deadline(f->rig.end[n].session);
	return at;
}

/* Time passes, from one thing that is due to the next, and everything is carried. */
void failing_pass(struct failing *f, uint64_t us)
{
	uint64_t end = f->rig.monotonic_us + us, next;

	failing_pump(f);
	while ((next = deadline(f)) <= end) {
		if (next > f->rig.monotonic_us)
			f->rig.monotonic_us = next;
		for (unsigned n = CLIENT; n <= SERVER; n++)
			if (failing_alive(f, n) && seccomm_deadline(f->rig.end[n].session) <= f->rig.monotonic_us)
				seccomm_run_due(f->rig.end[n].session);
		failing_pump(f);
		f->rig.monotonic_us++; /* what stays due is tried again, but time goes on */
	}
	f->rig.monotonic_us = end;
}

/* ---- A listener ---- */

static void answer(void *context, const void *address, size_t address_length, const uint8_t *bytes, size_t length)
{
	struct failing *f = context;

	(void)address;
	(void)address_length;
	units_add(&f->rig.end[SERVER].sent, bytes, length);
}

static void forget(struct failing *f)
{
	struct end *end = &f->rig.end[SERVER];

	seccomm_session_free(end->session);
	end->session = NULL;
	end->opened = end->closed = end->alerts = 0;
}

static struct seccomm_session *accept(void *context, const void *address, size_t address_length)
{
	struct failing *f = context;
	struct end *end = &f->rig.end[SERVER];
	struct seccomm_error error;

	(void)address;
	(void)address_length;
	if (end->session != NULL && end->closed == 0)
		return NULL; /* one is enough here */
	forget(f);
	if (seccomm_open(end->plan, end->keyring, &f->rig.platform, &end->callbacks, &end->session, &error) < 0)
		return NULL;
	return end->session;
}

static void evict(void *context, struct seccomm_session *session)
{
	struct failing *f = context;

	must(f, session == f->rig.end[SERVER].session, "another session was to give way");
	forget(f);
}

static void moved(void *context, struct seccomm_session *session, const void *address, size_t address_length)
{
	(void)context;
	(void)session;
	(void)address;
	(void)address_length;
}

/* ---- Life ---- */

static void start(struct failing *f)
{
	struct rig *rig = &f->rig;
	struct end *client = &rig->end[CLIENT];
	struct seccomm_error error;

	if (!f->what->listener) {
		(void)rig_start(rig);
		return;
	}
	f->callbacks = (struct seccomm_listener_callbacks){
		.context = f, .answer = answer, .accept = accept, .evict = evict, .moved = moved
	};
	if (seccomm_listener_new(rig->end[SERVER].plan, rig->end[SERVER].keyring, &rig->platform, &f->callbacks, NULL,
		&f->listener, &error) == SECCOMM_OK)
		(void)!seccomm_open(
		    client->plan, client->keyring, &rig->platform, &client->callbacks, &client->session, &error);
}

static void stop(struct failing *f)
{
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		seccomm_session_free(f->rig.end[n].session);
		f->rig.end[n].session = NULL;
	}
	seccomm_listener_free(f->listener);
	f->listener = NULL;
	rig_shut(&f->rig); /* finds what leaked */
}

/* One end that has ended has said so, unless it was asked to. */
static void look_at_end(const struct failing *f, unsigned n)
{
	const struct end *end = &f->rig.end[n];

	must(f, end->closed <= 1, "it was closed twice");
	if (end->closed == 0)
		return;
	must(f, end->status != SECCOMM_OK || f->asked, "it was closed in order, and nobody had asked for it");
	must(f, end->status == SECCOMM_OK || end->alerts > 0, "it has ended without a word");
}

static bool works(struct failing *f)
{
	for (unsigned n = CLIENT; n <= SERVER; n++)
		if (!failing_alive(f, n) || !failing_push(f, n))
			return false;
	failing_pump(f);
	return failing_alive(f, CLIENT) && failing_alive(f, SERVER) && f->delivered[CLIENT][f->pushed[CLIENT] - 1] &&
	       f->delivered[SERVER][f->pushed[SERVER] - 1];
}

/* What fails in a renewal costs the renewal, not the session; unless it is a message on a stream that could not be read. */
static bool must_live(const struct failing *f)
{
	bool ends = f->what->link == SECCOMM_STREAM && f->means->ends_streams;

	return !f->asked && (f->at == 0 || (f->what->renews && !ends));
}

/*
 * OpenSSL renews what blinds an RSA key every 32 uses.  When memory fails in the middle of that, the key gives wrong results,
 * until the next time: each is an alert, and a message that is not delivered.
 */
static bool works_in_the_end(struct failing *f)
{
	bool good = works(f);

	for (unsigned use = 0; f->what->sealed && !good && use < BLINDING; use++)
		good = works(f);
	return good;
}

/* Nothing fails any more: time mends, or everybody notices. */
static void look_afterwards(struct failing *f, bool strict)
{
	/* On datagrams a peer that is gone is only noticed by its silence, and by who sends nothing any more after the
	 * idle time. */
	for (unsigned round = 0; round < ROUNDS; round++) {
		(void)failing_push(f, CLIENT);
		(void)failing_push(f, SERVER);
		failing_pass(f, 25 * FAILING_SECOND);
	}
	look_at_end(f, CLIENT);
	look_at_end(f, SERVER);
	must(f, !strict || (failing_alive(f, CLIENT) && failing_alive(f, SERVER)), "the session has ended");
	/* Without an exchange nobody waits for an answer, so on datagrams nobody notices that none comes. */
	must(f, failing_alive(f, CLIENT) == failing_alive(f, SERVER) || (f->what->predefined && f->what->link == SECCOMM_DATAGRAM),
	    "one end lives on alone");
	if (!failing_alive(f, CLIENT) || !failing_alive(f, SERVER) || f->asked)
		return;
	must(f, works_in_the_end(f), "the session lives and does not work");
	if (!f->what->predefined) {
		must(f, seccomm_rekey(f->rig.end[CLIENT].session) == SECCOMM_OK, "no new keys can be asked for");
		failing_pass(f, 40 * FAILING_SECOND);
		must(f, works_in_the_end(f), "the session does not work after the next renewal");
	}
}

static uint64_t once(struct failing *f, uint64_t at, bool persistent)
{
	uint64_t count;

	f->at = at;
	f->persistent = persistent;
	f->asked = false;
	memset(f->pushed, 0, sizeof(f->pushed));
	memset(f->last, 0, sizeof(f->last));
	memset(f->taken, 0, sizeof(f->taken));
	memset(f->delivered, 0, sizeof(f->delivered));
	(void)f->means->arm(&f->rig, f->what->fails_opening ? at : 0, persistent);
	start(f);
	if (!f->what->fails_opening) {
		failing_pump(f);
		must(f, f->rig.end[CLIENT].opened == 1 && f->rig.end[SERVER].opened == 1, "they did not open");
		(void)f->means->arm(&f->rig, at, persistent);
	}
	f->what->act(f);
	count = f->means->arm(&f->rig, 0, false);
	look_afterwards(f, must_live(f));
	stop(f);
	return count;
}

/* ---- Trying ---- */

static struct seccomm_plan *plan(struct failing *f, unsigned n)
{
	static const char *const peers[] = { "friend" };
	static const char stack[] = "anti-replay:window | sign:ed25519 | encrypt:chacha20-poly1305";
	struct seccomm_error error = { 0 };
	struct seccomm_plan *out = NULL;

	if (seccomm_plan_stack(f->rig.library, n == CLIENT ? SECCOMM_CLIENT : SECCOMM_SERVER, f->what->link, stack,
		NULL, "self", peers, 1, false, &out, &error) < 0)
		fail_msg("%s", error.text);
	return out;
}

/* Both ends have one RSA key, so that none need be made. */
static void make_sealed(struct rig *rig, struct seccomm *library, enum seccomm_link link)
{
	static const char own[] = RSA_SECRET("RSA-OAEP"), own_kem[] = RSA_SECRET("RSA-KEM");
	static const char known[] = RSA_PUBLIC("RSA-OAEP"), known_kem[] = RSA_PUBLIC("RSA-KEM");
	char text[2][2 * sizeof(own) + SECCOMM_KEY_TEXT_MAX], open[2][2 * sizeof(known) + SECCOMM_KEY_TEXT_MAX];

	for (unsigned n = CLIENT; n <= SERVER; n++) {
		(void)snprintf(text[n], sizeof(text[n]), "%s\n%s%s", n == CLIENT ? client_secret : server_secret, own, own_kem);
		(void)snprintf(open[n], sizeof(open[n]), "%s\n%s%s", n == CLIENT ? client_public : server_public, known, known_kem);
	}
	rig_make(rig, library, &(struct setup){ .link = link, .key = "kem,protect=sign:ed25519",
	    .stack = "anti-replay:window | encrypt:rsa | encrypt:aes-256-gcm", .identity = { text[CLIENT], text[SERVER] },
	    .peer = { open[SERVER], open[CLIENT] } });
}

static void make(struct failing *f, struct seccomm *library)
{
	const struct failing_case *what = f->what;
	const struct setup usual = { .link = what->link, .stack = "anti-replay:window | encrypt:aes-256-gcm" };

	if (what->predefined)
		rig_make_keys(&f->rig, library, &rig_predefined[what->link]);
	else if (what->sealed)
		make_sealed(&f->rig, library, what->link);
	else if (what->keys != NULL)
		rig_make_keys(&f->rig, library, &(struct key_setup){ .link = what->link, .keys = what->keys });
	else
		rig_make(&f->rig, library, &usual);
	for (unsigned n = CLIENT; n <= SERVER && !what->predefined; n++)
		f->other[n] = plan(f, n);
}

static uint64_t try(const struct failing_case *what, struct seccomm *library, const struct failing_means *means)
{
	struct failing f = { .what = what, .means = means };
	uint64_t tries = 0, count, every = means->every;

	make(&f, library);
	(void)once(&f, 0, false); /* warms up what is kept */
	count = once(&f, 0, false);
	for (int persistent = 0; persistent < 2; persistent++)
		for (uint64_t at = 1 + (count + (uint64_t)persistent) % every; at <= count; at += every, tries++)
			(void)once(&f, at, persistent != 0);
	(void)once(&f, 0, false);
	for (unsigned n = CLIENT; n <= SERVER; n++)
		seccomm_plan_free(f.other[n]);
	rig_drop(&f.rig);
	return tries;
}

uint64_t failing_try(struct seccomm *library, const struct failing_means *means)
{
	const char *part = getenv("FAULTS_PART");
	unsigned long first = 0, step = 1;
	uint64_t tries = 0;

	assert_true(part == NULL || (sscanf(part, "%lu/%lu", &first, &step) == 2 && first < step));
	for (size_t i = first; i < failing_case_count; i += step)
		tries += try(&failing_cases[i], library, means);
	assert_true(tries > 100 / step / means->every);
	return tries;
}

uint64_t failing_every(void)
{
	const char *text = getenv("FAULTS_EVERY");
	uint64_t every = text != NULL ? strtoull(text, NULL, 10) : 1;

	return every > 0 ? every : 1;
}
