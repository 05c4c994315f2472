/* SPDX-License-Identifier: Apache-2.0 */
/*
 * datagram.h - the insides of a service of datagrams.
 *
 * It has one shared socket, on which it listens, and flows.  At a client the shared socket is plain, and each address
 * that a program sends from is a flow; at a server it is the protected one, and each session of the listener is a flow.
 * A flow has one session and one socket of its own, connected to the other side.  So both roles are one shape:
 *
 *	shared socket  <->  flow: session  <->  the flow's own socket
 */
#ifndef TRANSPORT_DATAGRAM_H
#define TRANSPORT_DATAGRAM_H

#include "transport/private.h"

struct datagram_service;
struct flow;

/* ---- path.c: addresses at both ends of a datagram, and how large it may be ---- */

/*
 * Beyond the shared socket: where datagrams come from, and which of our addresses they were sent to, so that answers
 * come from the address that was asked.
 */
struct datagram_path {
	struct transport_address remote;
	struct in6_addr local; /* IPv4's as a mapped one; all zero: not known */
};
/* As the one string of bytes that tells paths apart: its length. */
size_t path_pack(const struct datagram_path *, uint8_t out[SECCOMM_ADDRESS_MAX]);
bool path_equal(const struct datagram_path *, const struct datagram_path *);
void path_unpack(const uint8_t *bytes, size_t length, struct datagram_path *out);
struct path_control {
	_Alignas(size_t) uint8_t bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};
/* LOCAL as a received datagram's control messages say it, and control messages of CONTROL that say it: their length. */
void path_read_control(struct msghdr *, struct datagram_path *out);
size_t path_write_control(const struct datagram_path *, struct path_control *control);
/* Settings of a socket: receive LOCAL; and, on the protected side, never fragment. */
void path_tell_local(int fd);
void path_never_fragment(int fd);
/* Whether PEER, to whom FD is connected, would be reached from another address of this machine now. */
bool path_has_moved(int fd, const struct transport_address *peer);
/* Bytes that one datagram to ADDRESS may have, by what the kernel knows of the way there. */
size_t path_limit(const struct transport_address *address);

/* ---- batch.c: many datagrams by one system call ---- */

enum {
	DATAGRAM_BATCH = 32,
	DATAGRAM_ROOM = 65536 + 2048 /* the largest message with all that is added to it */
};

struct datagram {
	struct datagram_path path;
	uint8_t *bytes;
	size_t length;
	bool cut; /* it was larger than DATAGRAM_ROOM */
};

struct datagram_batch *datagram_batch_new(void);
void datagram_batch_free(struct datagram_batch *); /* NULL is ignored */
/* Receives up to DATAGRAM_BATCH: how many, or -errno. */
int datagram_receive(struct datagram_batch *, int fd);
/* The Ith of them; its bytes are lent until the next call of datagram_receive(). */
void datagram_received(const struct datagram_batch *, int i, struct datagram *out);
/*
 * Sends a copy of BYTES on FD, to TO or, when that is NULL, to where FD is connected, not later than at
 * datagram_flush().  What cannot be sent is told by flow_unsent(), of FLOW, or of none.
 */
void datagram_send(struct datagram_service *, struct flow *flow, int fd, const struct datagram_path *to,
    const uint8_t *bytes, size_t length);
void datagram_flush(struct transport_loop *);

/* ---- drops.c: what could not be carried is counted, and told once a second ---- */

enum drop {
	DROP_FULL,
	DROP_PEER_UNREACHABLE,
	DROP_PROGRAM_UNREACHABLE,
	DROP_TOO_LARGE,
	DROP_CUT,
	DROP_WAITING,
	DROP_ENDED,
	DROP_NAMELESS,
	DROP_DRAINING,
	DROP_USED_UP,
	DROP_MEMORY,
	DROP_OTHER,
	DROPS
};
struct drop_count {
	uint64_t untold, told_us;
};
/* DETAIL, or NULL, is lent; FLOW may be NULL. */
void drop(struct datagram_service *, struct flow *flow, enum drop why, uint64_t count, const char *detail);
/* Tells what was not told yet. */
void drops_tell(struct datagram_service *);

/* ---- flow.c: the life of a flow ---- */

struct flow {
	TAILQ_ENTRY(flow) all, touched;
	LIST_ENTRY(flow) same; /* client: others in its bucket */
	struct datagram_service *datagram;
	struct datagram_path path;
	int fd; /* its own socket; -1: not connected */
	struct transport_address far; /* where that is connected to */
	uv_poll_t poll;
	uv_timer_t timer;
	uint64_t armed; /* deadline that the timer stands for */
	struct transport_dial *dial;
	struct seccomm_callbacks callbacks;
	struct seccomm_session *session;
	struct seccomm_principal peer; /* once it is open */
	struct seccomm_message *message; /* what is pushed is copied into it */
	size_t message_room;
	struct transport_warm warm;
	struct transport_queue waiting; /* each datagram behind its length (4) */
	size_t waiting_count;
	uint64_t number, started_us, dropped;
	uint64_t limit_us; /* when LIMIT was last asked for */
	size_t limit; /* of a datagram to its peer */
	uint64_t sure_ms; /* client: when there was last no doubt about the address that it sends from */
	unsigned handles;
	bool polled, opened, closed, over, is_touched;
	bool stale; /* MESSAGE is one of an epoch before */
	const char *reason; /* why it is over, for the log; or NULL */
};

/* Makes a flow beyond the shared socket at PATH: a client's dials, a server's waits for its opening.  NULL: no memory.
 */
struct flow *flow_new(struct datagram_service *, const struct datagram_path *path);
/* Opens the session; false: it could not, and has told why. */
bool flow_open(struct flow *);
/* Something happened to it: flow_settle() draws the consequences at the end of the event. */
void flow_touch(struct flow *);
void flow_settle(struct flow *);
/* What was done to it from outside has its consequences when the present event is over. */
void flow_later(struct flow *);
/* It is over at the end of the event; or at once.  An open peer is told. */
void flow_finish(struct flow *, const char *reason);
void flow_abort(struct flow *, const char *reason);
/* What is beyond the shared socket is elsewhere now. */
void flow_moved(struct flow *, const struct datagram_path *path);
/* Where its protected side ends, at the other host; its length is 0 when it is not connected yet. */
const struct transport_address *flow_peer(const struct flow *);
/* Connects its own socket anew: to who is at a UNIX path now; from the address that this machine has now. */
bool flow_connect_again(const struct flow *);
/* The same as a URL, perhaps empty. */
void flow_address(const struct flow *, char out[CONFIG_URL_MAX]);

/* ---- flow_bytes.c ---- */

enum {
	FLOW_WAITING = 256, /* datagrams that may wait: about what a socket would hold */
	FLOW_WAITING_BYTES = 256 * 1024,
	DATAGRAM_WAITING_BYTES = 16 * 1024 * 1024 /* of all flows of a service */
};

/* A plain datagram: protects and transmits it, or lets it wait. */
void flow_push(struct flow *, const uint8_t *bytes, size_t length);
void flow_push_waiting(struct flow *);
void flow_deliver_waiting(struct flow *);
/* Of struct seccomm_callbacks. */
void flow_transmit(void *context, const uint8_t *bytes, size_t length);
void flow_deliver(void *context, struct seccomm_message *message);
/* Reads the own socket from now on. */
void flow_watch(struct flow *);
/* Asks the system how large a datagram to its peer may be, and tells the session. */
void flow_learn_limit(struct flow *);
/* FLOW (or NULL) is told that a datagram of LENGTH bytes could not be sent, or an earlier one did not arrive. */
void flow_unsent(struct datagram_service *, struct flow *, int fd, int error, size_t length);
void flow_cool(struct transport_warm *);
/* All that waits, and its buffers. */
void flow_free_bytes(struct flow *);

/* ---- datagram.c: the service; flow_table.c: its flows ---- */

/* Whether ERROR of receiving stays, for want of memory, say, and is not about a datagram that was sent earlier. */
bool datagram_starves(int error);
/* Does not read POLL's socket for a while: what waits there would only be asked for again and again. */
void datagram_pause(struct datagram_service *, uv_poll_t *poll, int error);

TAILQ_HEAD(flow_list, flow);
LIST_HEAD(flow_bucket, flow);
enum { FLOWS_MAX = 4096, FLOW_BUCKETS = 4096 };

struct datagram_service {
	struct transport_service service; /* always first */
	uv_poll_t poll;
	uv_timer_t later; /* tells drops */
	uv_timer_t pause; /* reading goes on behind it */
	bool starved; /* it was told that datagrams have to wait */
	struct flow_list half, open; /* least recently used first */
	struct flow_list touched;
	struct flow_bucket *buckets; /* client: flows by path */
	uint64_t seed; /* of their hash */
	size_t waiting_bytes; /* of all flows */
	struct seccomm_listener_callbacks callbacks;
	struct seccomm_listener *listener; /* server */
	uint64_t evicted; /* by it, when that was last told */
	/* Those that had the shared socket before and have flows still: what is for them is handed on. */
	struct datagram_service *before, *after;
	struct drop_count drops[DROPS];
};
static inline bool datagram_is_server(const struct datagram_service *datagram)
{
	return datagram->service.config.role == SECCOMM_SERVER;
}

/* The flow of a client at PATH; NULL: there is none. */
struct flow *datagram_find(struct datagram_service *, const struct datagram_path *path);
/* Of struct service_kind. */
void datagram_each(struct transport_service *, service_visitor *visit, void *context);
struct seccomm_session *datagram_session(struct transport_service *, uint64_t number);
void datagram_touch(struct transport_service *, uint64_t number, const char *reason);
/* What flows tell: FLOW was made, was used, has opened, is no more. */
void datagram_made(struct flow *);
void datagram_used(struct flow *);
void datagram_opened(struct flow *);
void datagram_ended(struct flow *);
/* The end of every event: all touched flows are settled, and everything is sent. */
void datagram_settle(struct datagram_service *);

#endif
