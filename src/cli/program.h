/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program.h - what a running `run`, `server` or `client` is made of: its sessions, each served by one service of the
 * transport; those that a reload has replaced, whose connections may go on; its log; and what the control socket shows.
 */
#ifndef CLI_PROGRAM_H
#define CLI_PROGRAM_H

#include "cli/journal.h"
#include "cli/notify.h"
#include "cli/recent.h"
#include "cli/setup.h"

#include <sys/queue.h>

struct control;
struct program;

/* One session as it is served; after a reload there may be former ones of the same name. */
struct served {
	TAILQ_ENTRY(served) all;
	struct program *program;
	struct setup *setup; /* a use of it */
	const struct check_session *session; /* of that setup */
	struct config_url listen;
	struct transport_service *service;
	bool retired; /* it accepts nothing any more */
	struct transport_timer *limit; /* of a retired one: when what is left is reset; NULL: never */
	uint64_t sent, received; /* bytes of connections that have ended */
	uint64_t alerts[JOURNAL_ALERTS];
};
TAILQ_HEAD(served_list, served);

struct program {
	struct setup_source source;
	struct seccomm *library;
	struct transport_loop *loop;
	struct setup *setup; /* the present one */
	struct served_list served; /* present ones and former ones */
	struct journal journal;
	struct recent recent;
	struct notify notify;
	struct control *control; /* or NULL */
	struct transport_timer *drain_limit, *watchdog;
	unsigned drain_ms;
	uint64_t started_us, started_wall_us;
	unsigned reloads, refused_reloads;
	bool draining;
};

/* On LOOP; nothing is served yet.  program_free() in any case. */
void program_init(struct program *, struct seccomm *, struct transport_loop *, const struct setup_source *);
/* Serves every session of SETUP, of which a use is taken.  False: it has complained. */
bool program_start(struct program *, struct setup *setup, struct complaints *);
/* Accepts nothing more, and stops the loop when no connection is left, or in MILLISECONDS. */
void program_drain(struct program *, unsigned milliseconds, const char *by);
/* Resets every connection.  The loop is not the program's. */
void program_free(struct program *);

/* The served session NAME that accepts; NULL: there is none. */
struct served *program_find(const struct program *, const char *name);
/* The session that has the port of LISTEN, at whatever address; NULL: none has, or it has no port. */
const struct served *program_on_port(const struct program *, const char *listen);
size_t program_connections(const struct program *);
/* Whether the configuration as it is now would let PEER (confirmed by SERVED) in. */
bool program_allows(const struct program *, const struct served *, const struct seccomm_principal *peer);

/* NULL: it has complained.  PREDECESSOR, or NULL, is one that listens there now. */
struct served *served_start(
    struct program *, struct setup *, const struct check_session *, struct served *predecessor, struct complaints *);
void served_announce(const struct served *); /* in the log */
/*
 * What a session accepts, and why, may change while it goes on: of that, reasons and what only this end knows are in no digest.  As the
 * configuration of now has it; and, if the next one, which has it as SESSION, says something else, that in the log.
 */
const struct check_session *served_present(const struct served *);
void served_announce_again(const struct served *, const struct check_session *);
/* Takes nothing new; what is left is ended in LIMIT (0: it may stay).  The socket goes to SUCCESSOR, if there is one.
 */
void served_retire(struct served *, struct served *successor, unsigned limit_ms);
void served_free(struct served *);

uint64_t program_now_us(void);

/* ---- reload.c ------------------------------------------------------------------------------------------------------
 */

struct reload {
	bool done; /* else nothing has changed */
	size_t closed; /* connections of peers that are not allowed any more */
	json_t *sessions; /* [{session, change}]: none, peers, changed, added, removed */
	struct complaints complaints;
	struct setup *setup; /* what was read, for its findings; or NULL */
};
/* Reads all again; swaps everything or nothing; says so in the log and to the service manager.  Then reload_free(). */
void program_reload(struct program *, struct reload *out);
void reload_free(struct reload *);

#endif
