/* SPDX-License-Identifier: Apache-2.0 */
/*
 * private.h - what the files of src/transport share: sockets, queues, dialling, and the insides of loop and service.
 * stream.h and datagram.h have what services of their kind are made of.
 */
#ifndef TRANSPORT_PRIVATE_H
#define TRANSPORT_PRIVATE_H

#include "transport/transport.h"

#include <netinet/in.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <uv.h>

/* ---- Sockets -------------------------------------------------------------------------------------------------------
 */

struct transport_address {
	socklen_t length;
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_un un;
	} at;
};

struct transport_listener {
	int fd;
	struct config_url bound;
	dev_t device; /* of a UNIX socket's file, so that only our own is removed */
	ino_t inode;
};

enum { TRANSPORT_ADDRESSES_MAX = 8 };

extern const struct transport transport_tcp, transport_unix, transport_udp, transport_unixgram;

/* SOCK_STREAM or SOCK_DGRAM. */
int transport_socket_type(const struct config_url *);
/* A non-blocking, close-on-exec socket; or -errno. */
int transport_socket(int family, int type);
/* Binds and, if it is a stream, listens; 0 or -errno, and FD is then still open. */
int transport_bind(int fd, const struct transport_address *);
/* Writes the sentence "cannot listen on URL: …" with what can be done about it. */
void transport_listen_why(const struct config_url *, int error, char *why);
bool transport_address_same(const struct transport_address *, const struct transport_address *);
void transport_address_url(enum config_url_kind, const struct transport_address *, struct config_url *out);
/* Closes FD; with RESET the peer sees a reset instead of an end, where the transport knows one. */
void transport_close(int fd, bool reset);

/* inet.c, for TCP and UDP; unix.c, for both kinds of UNIX sockets: the functions of their tables. */
void inet_set(int fd, int level, int name, int value);
size_t inet_addresses(const struct config_url *, struct transport_address *out, size_t room);
int inet_listen(const struct config_url *, struct transport_listener *out, char *why);
void inet_forget(const struct transport_listener *);
size_t unix_addresses(const struct config_url *, struct transport_address *out, size_t room);
int unix_listen(const struct config_url *, struct transport_listener *out, char *why);
void unix_forget(const struct transport_listener *);
/* Buffers as large as the system gives: between two turns of the loop many datagrams may arrive. */
void datagram_tune(int fd);
/* What ERROR is called, and what can be done about it where that is not plain. */
const char *transport_error(int error);

/* ---- Queue: bytes that a socket did not take ------------------------------------------------------------------------
 */

struct transport_queue {
	uint8_t *bytes;
	size_t start, length, room;
};
bool transport_queue_reserve(struct transport_queue *, size_t length);
bool transport_queue_append(struct transport_queue *, const void *bytes, size_t length);
/* Writes what is there to FD: 0 (perhaps not all), or -errno.  An empty queue holds no memory. */
int transport_queue_flush(struct transport_queue *, int fd);
void transport_queue_free(struct transport_queue *);

/* ---- Dialling ---- */

struct transport_dial;
/*
 * Of a name's addresses, which one is tried first: the one that was reached last, or the one BEHIND it, round and round.  It is not
 * its place that is kept, for name servers turn their lists, too.
 */
struct transport_preference {
	struct transport_address address; /* LENGTH 0: none was reached yet */
	bool behind;
};
/*
 * Connects to URL, each of its addresses in turn, for at most ten seconds, of which each has its share.  PREFERRED,
 * which lives until DONE, says with which it begins, and then which was reached.  DONE is called once, later, with a connected socket and its address, or with -1 and a
 * sentence; the dial is then gone.  RESERVE, unless -1, is a descriptor that keeps the socket's place until it is made:
 * without it who is accepted meanwhile would take it.  It is the dial's from then on; if NULL is answered it is still
 * the caller's.
 */
typedef void transport_dialled(void *context, int fd, const struct transport_address *, const char *why);
struct transport_dial *transport_dial_start(struct transport_loop *, const struct config_url *,
    struct transport_preference *preferred, int reserve, transport_dialled *done, void *context);
/* DONE will not be called. */
void transport_dial_cancel(struct transport_dial *);

/* ---- Loop ---- */

enum {
	TRANSPORT_READ = 256 * 1024, /* one read of the protected side */
	TRANSPORT_MESSAGE = 64 * 1024, /* the largest message made of plain bytes */
	TRANSPORT_FIRST_MESSAGE = 4 * 1024,
	TRANSPORT_GATHER = 64
};

/* Somebody who holds buffers, and gives them back by COOL when a second has passed in which they were not used. */
struct transport_warm {
	TAILQ_ENTRY(transport_warm) all;
	void (*cool)(struct transport_warm *);
	void *owner;
	bool listed, used;
};
TAILQ_HEAD(transport_warm_list, transport_warm);

struct datagram_batch;

struct transport_loop {
	uv_loop_t uv;
	uv_async_t stop;
	uv_signal_t interrupt, terminate, hang_up;
	uv_timer_t sweep;
	void (*on_signal)(void *context, int signal);
	void *signal_context;
	struct transport_warm_list warm;
	uint8_t *buffer; /* TRANSPORT_READ bytes, used within one callback only */
	struct iovec gather[TRANSPORT_GATHER];
	size_t gathered;
	struct datagram_batch *batch; /* NULL until there is a service of datagrams; used within one callback only */
	unsigned lookups; /* of names, which nothing can cancel once they run */
};

/* Monotonic, as sessions have it. */
uint64_t transport_now_us(void);
/* Who holds buffers uses them now. */
void transport_loop_warm(struct transport_loop *, struct transport_warm *);
/* It holds none any more. */
void transport_loop_cooled(struct transport_loop *, struct transport_warm *);

/* ---- Services ---- */

typedef void service_visitor(void *context, const struct transport_connection *);

/* What services of streams and of datagrams do differently. */
struct service_kind {
	size_t size; /* of a service of this kind, which begins with struct transport_service */
	/* The listener is bound: watches it.  Negative: nothing is left to undo, and WHY may say why. */
	int (*start)(struct transport_service *, char *why);
	/* Takes nothing new and drops what has not opened. */
	void (*drain)(struct transport_service *);
	/* Takes nothing new; with a successor that has the socket as well, leaves it to that one. */
	void (*retire)(struct transport_service *, struct transport_service *successor);
	/* Ends everything and closes every handle, and the listener. */
	void (*stop)(struct transport_service *);
	/* Of connection.c: calls VISIT for every connection, which may end the one that it is called for. */
	void (*each)(struct transport_service *, service_visitor *visit, void *context);
	/* The session of a connection; NULL: there is no such connection, or it has none yet, or no more. */
	struct seccomm_session *(*session)(struct transport_service *, uint64_t number);
	/* A server's listener of datagrams, or NULL; the function may be missing. */
	const struct seccomm_listener *(*listener)(const struct transport_service *);
	/* What was done to that session has its consequences when the present event is over; with a REASON it ends. */
	void (*touch)(struct transport_service *, uint64_t number, const char *reason);
};
extern const struct service_kind service_stream, service_datagram;

struct transport_service {
	const struct service_kind *kind;
	struct transport_loop *loop;
	struct transport_service_config config;
	char *name;
	struct transport_listener listener;
	uint64_t connections; /* since the start */
	struct transport_preference preferred; /* of the addresses that it connects to */
	size_t half_count, open_count;
	unsigned handles; /* not yet closed; of things that have ended but are not yet released, too */
	bool draining, freed;
	bool used_up; /* a one-time pad has ended, and that has been told */
	bool lent; /* the socket is another service's, too: its file is not ours to remove */
};

void service_tell(struct transport_service *, enum transport_event_kind kind, const char *text);
/* Whether something new can be taken.  That it cannot, for the end of a one-time pad, is told once. */
bool service_may_open(struct transport_service *);
void service_close_listener(struct transport_service *);
/* A connection has ended and is counted no more: if it was the last one of a draining service, that is told. */
void service_one_less(struct transport_service *);
/* One of HANDLES has closed. */
void service_handle_closed(struct transport_service *);
enum config_url_kind service_wire_kind(const struct transport_service *);

#endif
