/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transport.h - the program's driver of libseccomm: sockets, an event loop, and services.
 *
 * A service listens on one side and connects on the other, and carries each connection through one session.  The role
 * says which side is the protected one ("wire"): a client listens for plain connections, a server for protected ones.
 * Of datagrams what one program sends from one address, and what is answered to it, is a connection.
 * What happens is told as events; nothing here writes a log.
 *
 * Thread rule: a loop and all made from it belong to one thread; only transport_loop_stop() may be called from another.
 */
#ifndef TRANSPORT_TRANSPORT_H
#define TRANSPORT_TRANSPORT_H

#include "seccomm.h"
#include "config/url.h"

/* ---- Kinds of transport ---- */

enum { TRANSPORT_WHY_MAX = 512 };

struct transport_address; /* private */
struct transport_listener;

/* One kind.  WHY has TRANSPORT_WHY_MAX bytes and gets one sentence on failure. */
struct transport {
	enum config_url_kind kind;
	const char *name, *synopsis, *purpose;
	int (*listen)(const struct config_url *, struct transport_listener *, char *why);
	/* Takes away what listening left behind. */
	void (*forget)(const struct transport_listener *);
	/* What URL stands for without asking anybody: the count, or 0 when its name must be looked up first. */
	size_t (*addresses)(const struct config_url *, struct transport_address *out, size_t room);
	/* Settings of a connected socket. */
	void (*tune)(int fd);
};
/* By enum config_url_kind, without those that have no sockets; ends with NULL. */
const struct transport *const *transport_kinds(void);

/* ---- Loop ----------------------------------------------------------------------------------------------------------
 */

struct transport_loop;
struct transport_loop *transport_loop_new(void); /* NULL: no memory, or no descriptors */
/*
 * After the services made on it.  False: a name is still being looked up, which only its own time ends; the loop stays,
 * and a program that does not want to wait leaves by _exit().
 */
bool transport_loop_free(struct transport_loop *);
/* Calls ACT for SIGINT, SIGTERM and SIGHUP. */
int transport_loop_signals(struct transport_loop *, void (*act)(void *context, int signal), void *context);
/* Runs until transport_loop_stop(). */
void transport_loop_run(struct transport_loop *);
void transport_loop_stop(struct transport_loop *);

/* ---- Watching for the program ---------------------------------------------------------------------------------------
 */

enum { TRANSPORT_READABLE = 1, TRANSPORT_WRITABLE = 2 };
struct transport_watch;
/* ACT is told which of the events waited for are possible.  FD is the watch's from now on; NULL: it is not. */
struct transport_watch *transport_watch_new(
    struct transport_loop *, int fd, void (*act)(void *context, unsigned events), void *context);
void transport_watch_for(struct transport_watch *, unsigned events);
/* Closes the descriptor; also from within ACT.  NULL is ignored. */
void transport_watch_free(struct transport_watch *);

struct transport_timer;
struct transport_timer *transport_timer_new(struct transport_loop *, void (*act)(void *context), void *context);
/* Calls ACT in DELAY, then, unless PERIOD is 0, again and again.  Setting it again moves it. */
void transport_timer_set(struct transport_timer *, uint64_t delay_ms, uint64_t period_ms);
void transport_timer_free(struct transport_timer *); /* NULL is ignored */

/* ---- Services ------------------------------------------------------------------------------------------------------
 */

enum transport_event_kind {
	TRANSPORT_OPENED, /* peer, us */
	TRANSPORT_RENEWED, /* peer, epoch */
	TRANSPORT_CLOSED, /* peer (or NULL), us since the start, sent, received, dropped, text: why, or empty */
	TRANSPORT_MOVED, /* datagrams: the peer sends from another address now; text: the one before */
	TRANSPORT_ALERT, /* alert */
	TRANSPORT_CONNECT_FAILED, /* text */
	TRANSPORT_DROPPED, /* datagrams: dropped, how many since this was last told; text: why */
	TRANSPORT_CROWDED, /* text: who had to give way to others */
	TRANSPORT_NO_DESCRIPTORS, /* text; accepting pauses */
	TRANSPORT_FAULT, /* text */
	TRANSPORT_USED_UP, /* text; a one-time pad has ended, and nothing new is taken */
	TRANSPORT_IDLE /* a draining service has no connection any more */
};

/* All of it is lent until the callback returns. */
struct transport_event {
	enum transport_event_kind kind;
	const char *service;
	const char *address; /* of the other end of the protected side, as a URL; or NULL */
	const struct seccomm_principal *peer;
	const struct seccomm_alert *alert;
	const char *text;
	uint64_t connection, us, sent, received, dropped, epoch;
};

struct transport_service_config {
	const char *name;
	enum seccomm_role role;
	struct config_url listen, connect;
	struct seccomm_plan *plan;
	const struct seccomm_keyring *keyring;
	size_t half_open_max; /* 0: 1,024 */
	/* One that listens where this one will, or NULL: its socket is used, and its count of connections goes on. */
	struct transport_service *predecessor;
	void *context;
	void (*event)(void *context, const struct transport_event *);
};

struct transport_service;
/* Listens.  CONFIG is copied; what it points to must outlive the service.  Negative: nothing was made, and WHY says
 * why. */
SECCOMM_MUST_USE int transport_service_start(struct transport_loop *, const struct transport_service_config *config,
    struct transport_service **out, char why[TRANSPORT_WHY_MAX]);
/* Where it listens really: the port is never 0. */
const struct config_url *transport_service_bound(const struct transport_service *);
size_t transport_service_connections(const struct transport_service *);
/* Takes nothing new and drops what has not opened; TRANSPORT_IDLE follows, perhaps at once. */
void transport_service_drain(struct transport_service *);
/*
 * The same, but what is opening may go on.  With a successor, started with this one as its predecessor, the socket is
 * that one's from now on; of datagrams it hands on those that are for connections of this one.
 */
void transport_service_retire(struct transport_service *, struct transport_service *successor);
/* Resets every connection and releases the service.  NULL is ignored. */
void transport_service_free(struct transport_service *);

/* ---- Connections of a service --------------------------------------------------------------------------------------
 */

struct transport_connection {
	uint64_t number, started_us;
	uint64_t silent_ms; /* streams: since bytes came on the protected side; UINT64_MAX: not known */
	const char *address; /* of the other end of the protected side, or NULL */
	bool opened;
	const struct seccomm_principal *peer; /* once OPENED, and when its session has ended, too; else NULL */
	struct seccomm_session *session; /* to look at; NULL: the other side is being connected */
};
/* Calls VISIT for each; it may end the one that it is called for. */
void transport_service_each(
    struct transport_service *, void (*visit)(void *context, const struct transport_connection *), void *context);
/* Calls ACT for a connection's session, which it may not free; false: there is no such connection, or no session. */
bool transport_service_act(struct transport_service *, uint64_t number,
    int (*act)(void *context, struct seccomm_session *), void *context, int *status);
/* Ends one connection, by a reset where there is one, when the present event is over. */
void transport_service_end(struct transport_service *, uint64_t number, const char *reason);

struct transport_service_counts {
	size_t half, open, half_max;
	uint64_t connections; /* since the start */
	bool used_up; /* nothing new is taken: */
	struct seccomm_error why_used_up; /* which one-time pad has ended */
	bool has_listener; /* a server of datagrams */
	struct seccomm_listener_statistics listener;
};
void transport_service_count(const struct transport_service *, struct transport_service_counts *out);

#endif
