/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reload.c - reading configuration, keys and peers again, and swapping all of it or nothing (see program.h).
 *
 * What is new is started first, beside what runs; a session that listens where a former one does takes its socket over,
 * so that no connection is refused in between.  Only when everything has started do the former ones retire.  A session
 * that did not change keeps its service and so its connections.
 */
#include "cli/keyring.h"
#include "cli/program.h"
#include "seccomm/keyring_compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum change { CHANGE_NONE, CHANGE_PEERS, CHANGE_CHANGED, CHANGE_ADDED, CHANGE_REMOVED, CHANGES };

/* A session as it is served until now, and what becomes of it. */
struct former {
	struct served *served;
	enum change change;
	struct served *heir; /* who takes over its socket, or NULL */
};
/* A session of the new configuration. */
struct later {
	const struct check_session *session;
	struct served *started; /* NULL: the former one goes on */
	enum change change;
};
struct swap {
	struct program *program;
	struct setup *setup;
	struct reload *reload;
	struct former *formers;
	size_t former_count;
	struct later *laters;
	size_t later_count;
};

/* ---- What has changed ---- */

static bool same_url(const struct config_url *a, const struct config_url *b)
{
	return a->kind == b->kind && a->port == b->port && strcmp(a->host, b->host) == 0 &&
	       strcmp(a->path, b->path) == 0;
}

static bool same_timing(const struct seccomm_plan *a, const struct seccomm_plan *b)
{
	const struct plan_timing *x = seccomm_plan_timing(a), *y = seccomm_plan_timing(b);

	return x->rekey_after_us == y->rekey_after_us && x->rekey_bytes == y->rekey_bytes &&
	       x->rekey_messages == y->rekey_messages && x->idle_us == y->idle_us && x->keepalive_us == y->keepalive_us;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_protection(const struct seccomm_plan *a, const struct seccomm_plan *b)
{
	return memcmp(seccomm_plan_digest(a), seccomm_plan_digest(b), SECCOMM_FINGERPRINT_BYTES) == 0 &&
	       seccomm_plan_max_message(a) == seccomm_plan_max_message(b) && same_timing(a, b);
}

/* Of plans with the same protection, and so with the same keys. */
static bool same_secrets(const struct served *served, const struct setup *setup, const struct check_session *session)
{
	size_t count;
	const struct plan_slot *before = seccomm_plan_slots(served->session->plan, &count);
	const struct plan_slot *now = seccomm_plan_slots(session->plan, &count);

	for (size_t i = 0; i < count; i++) {
		if (!seccomm_layer_same(&before[i].establish, &now[i].establish) ||
		    !seccomm_layer_same(&before[i].create, &now[i].create) ||
		    !keyring_same_psk(served->setup->keyring, setup->keyring, seccomm_slot_psk(&now[i])) ||
		    !keyring_same_psk(served->setup->keyring, setup->keyring, seccomm_slot_creator_secret(&now[i])))
			return false;
	}
	return true;
}

/* Of plans with the same protection, and so with as many.  Whatever it is called, both ends must have the same file. */
static bool same_covers(const struct served *served, const struct setup *setup, const struct check_session *session)
{
	const char *before, *now;

	for (size_t i = 0; (now = keyring_cover_name(session, i)) && (before = keyring_cover_name(served->session, i)); i++)
		if (!keyring_same_cover(served->setup->keyring, before, setup->keyring, now))
			return false;
	return true;
}

static bool same_own_keys(const struct served *served, const struct setup *setup, const struct check_session *session)
{
	return same_text(served->session->identity, session->identity) &&
	       keyring_same_identity(served->setup->keyring, setup->keyring, session->identity) &&
	       same_secrets(served, setup, session) && same_covers(served, setup, session);
}

static bool same_peers(const struct served *served, const struct setup *setup, const struct check_session *session)
{
	if (served->session->peer_count != session->peer_count)
		return false;
	for (size_t i = 0; i < session->peer_count; i++)
		if (strcmp(served->session->peers[i], session->peers[i]) != 0)
			return false;
	return keyring_same_peers(served->setup->keyring, setup->keyring, session->peers, session->peer_count);
}

static enum change compare(const struct served *served, const struct setup *setup, const struct check_session *session)
{
	const struct check_session *before = served->session;

	if (before->role != session->role || before->link != session->link ||
	    strcmp(before->listen, session->listen) != 0 || strcmp(before->connect, session->connect) != 0 ||
	    !same_protection(before->plan, session->plan) || !same_own_keys(served, setup, session))
		return CHANGE_CHANGED;
	return same_peers(served, setup, session) ? CHANGE_NONE : CHANGE_PEERS;
}

static void list_formers(struct swap *swap)
{
	struct served *served;

	TAILQ_FOREACH(served, &swap->program->served, all)
	if (!served->retired)
		swap->formers[swap->former_count++] = (struct former){ .served = served, .change = CHANGE_REMOVED };
}

static struct former *former_called(struct swap *swap, const char *name)
{
	for (size_t i = 0; i < swap->former_count; i++)
		if (strcmp(swap->formers[i].served->session->name, name) == 0)
			return &swap->formers[i];
	return NULL;
}

static void see_changes(struct swap *swap)
{
	for (size_t i = 0; i < swap->later_count; i++) {
		struct later *later = &swap->laters[i];
		struct former *former;

		later->session = swap->setup->sessions[i];
		later->change = CHANGE_ADDED;
		former = former_called(swap, later->session->name);
		if (former)
			former->change = later->change = compare(former->served, swap->setup, later->session);
	}
}

/* ---- Starting what is new ---- */

/* A port that was free once is, written as 0, a place of that session only. */
static bool same_place(const struct served *served, const struct config_url *listen, const char *name)
{
	bool any_port = config_url_has_host(listen) && listen->port == 0;

	if (same_url(transport_service_bound(served->service), listen))
		return true;
	return same_url(&served->listen, listen) && (!any_port || strcmp(served->session->name, name) == 0);
}

/* Whose socket SESSION takes over: one that listens there, does not go on, and has no heir. */
static struct former *former_at(struct swap *swap, const struct check_session *session)
{
	struct config_url listen;
	const char *why;

	if (config_url_parse(session->listen, &listen, &why) < 0)
		return NULL;
	for (size_t i = 0; i < swap->former_count; i++) {
		struct former *former = &swap->formers[i];

		if (former->change != CHANGE_NONE && !former->heir &&
		    same_place(former->served, &listen, session->name))
			return former;
	}
	return NULL;
}

/* Who has the port may be a session of this program, at an address that overlaps. */
static void explain_port(struct swap *swap, const struct check_session *session)
{
	const struct served *served = program_on_port(swap->program, session->listen);

	if (served)
		complain_help(&swap->reload->complaints,
		    "session '%s' of this program has that port: if it is in the way, give '%s' another one, or start the program again",
		    served->session->name, session->name);
}

static bool start(struct swap *swap, struct later *later)
{
	struct former *former = former_at(swap, later->session);

	later->started = served_start(
	    swap->program, swap->setup, later->session, former ? former->served : NULL, &swap->reload->complaints);
	if (former)
		former->heir = later->started;
	else if (!later->started)
		explain_port(swap, later->session);
	return later->started;
}

static bool start_all(struct swap *swap)
{
	for (size_t i = 0; i < swap->later_count; i++)
		if (swap->laters[i].change != CHANGE_NONE && !start(swap, &swap->laters[i]))
			return false;
	return true;
}

static void undo(struct swap *swap)
{
	for (size_t i = 0; i < swap->later_count; i++)
		if (swap->laters[i].started)
			served_free(swap->laters[i].started);
}

/* ---- Retiring what was ---- */

static void note(struct swap *swap, const char *session, enum change change)
{
	static const char *const names[CHANGES] = { "none", "peers", "changed", "added", "removed" };

	json_array_append_new(
	    swap->reload->sessions, json_pack("{s:s, s:s}", "session", session, "change", names[change]));
}

static void retire_all(struct swap *swap)
{
	for (size_t i = 0; i < swap->former_count; i++) {
		struct former *former = &swap->formers[i];
		/* With other peers, connections of those that stay may stay, too. */
		unsigned limit = former->change == CHANGE_PEERS ? 0 : swap->program->drain_ms;

		if (former->change == CHANGE_REMOVED)
			note(swap, former->served->session->name, CHANGE_REMOVED);
		if (former->change != CHANGE_NONE)
			served_retire(former->served, former->heir, limit);
	}
}

/* ---- Peers that are not allowed any more ---- */

struct closing {
	struct served *served;
	size_t count;
};

static void close_stranger(void *context, const struct transport_connection *connection)
{
	struct closing *closing = context;

	if (!connection->peer || program_allows(closing->served->program, closing->served, connection->peer))
		return;
	closing->count++;
	transport_service_end(closing->served->service, connection->number, "the peer is not allowed any more");
}

static size_t close_strangers(struct program *program)
{
	struct closing closing = { .count = 0 };

	TAILQ_FOREACH(closing.served, &program->served, all)
	if (closing.served->retired)
		transport_service_each(closing.served->service, close_stranger, &closing);
	return closing.count;
}

/* ---- The whole ---- */

static void commit(struct swap *swap)
{
	struct program *program = swap->program;

	for (size_t i = 0; i < swap->later_count; i++)
		note(swap, swap->laters[i].session->name, swap->laters[i].change);
	retire_all(swap);
	for (size_t i = 0; i < swap->later_count; i++)
		if (swap->laters[i].started)
			served_announce(swap->laters[i].started);
		else
			served_announce_again(former_called(swap, swap->laters[i].session->name)->served, swap->laters[i].session);
	setup_release(program->setup);
	program->setup = setup_use(swap->setup);
	swap->reload->closed = close_strangers(program);
	swap->reload->done = true;
}

static size_t served_count(const struct program *program)
{
	const struct served *served;
	size_t count = 0;

	TAILQ_FOREACH(served, &program->served, all)
	count++;
	return count;
}

static void exchange(struct program *program, struct reload *reload)
{
	struct swap swap = { .program = program, .setup = reload->setup, .reload = reload };

	swap.later_count = swap.setup->count;
	swap.laters = calloc(swap.later_count + 1, sizeof(*swap.laters));
	swap.formers = calloc(served_count(program) + 1, sizeof(*swap.formers));
	if (swap.laters && swap.formers) {
		list_formers(&swap);
		see_changes(&swap);
		if (start_all(&swap))
			commit(&swap);
		else
			undo(&swap);
	} else {
		complain(&reload->complaints, "out of memory");
	}
	free(swap.laters);
	free(swap.formers);
}

static void log_finding(const struct journal *journal, const char *file, const struct check_finding *finding)
{
	struct log_line line;
	char place[PATH_MAX + 32];

	snprintf(place, sizeof(place), "%s:%u:%u", file, finding->line, finding->column);
	log_begin(
	    &line, &journal->log, finding->severity == CHECK_ERROR ? LOG_ERROR_LEVEL : LOG_WARNING_LEVEL, "finding");
	log_text(&line, "id", finding->id);
	log_text(&line, "place", place);
	log_text(&line, "text", finding->message);
	log_text(&line, "help", finding->help);
	log_write(&line);
}

static void log_done(const struct journal *journal, const struct reload *reload)
{
	const json_t *session;
	struct log_line line;
	size_t i;

	json_array_foreach(reload->sessions, i, session)
	{
		log_begin(&line, &journal->log, LOG_INFO_LEVEL, "reload");
		log_text(&line, "session", json_string_value(json_object_get(session, "session")));
		log_text(&line, "change", json_string_value(json_object_get(session, "change")));
		log_write(&line);
	}
	log_begin(&line, &journal->log, LOG_INFO_LEVEL, "reloaded");
	log_number(&line, "ended", reload->closed);
	log_write(&line);
}

/* All that speaks against it is told, then that nothing has changed. */
static void log_refused(const struct journal *journal, const struct reload *reload)
{
	const struct complaints *complaints = &reload->complaints;
	const struct check_result *found = reload->setup ? reload->setup->judged.result : NULL;

	for (size_t i = 0; found && i < found->finding_count; i++)
		log_finding(journal, found->file, &found->findings[i]);
	for (size_t i = 0; i < complaints->count; i++)
		journal_trouble(
		    journal, LOG_ERROR_LEVEL, "error", complaints->list[i].text, complaints->list[i].remedy);
	journal_trouble(journal, LOG_ERROR_LEVEL, "reload-refused", "nothing has changed",
	    "correct what is told above, then reload again");
}

void program_reload(struct program *program, struct reload *out)
{
	*out = (struct reload){ .sessions = json_array() };
	if (program->draining) {
		complain(&out->complaints, "the program is draining and takes no other configuration any more");
		log_refused(&program->journal, out);
		return;
	}
	notify_reloading(&program->notify);
	out->setup = setup_read(program->library, &program->source, true, &out->complaints);
	if (out->setup && setup_ready(out->setup))
		exchange(program, out);
	*(out->done ? &program->reloads : &program->refused_reloads) += 1;
	if (out->done)
		log_done(&program->journal, out);
	else
		log_refused(&program->journal, out);
	notify_send(&program->notify, "READY=1\nSTATUS=%s",
	    out->done ? "reloaded" : "a reload was refused: nothing has changed; see the log");
}

void reload_free(struct reload *reload)
{
	json_decref(reload->sessions);
	setup_release(reload->setup);
}
