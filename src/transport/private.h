/* SPDX-License-Identifier: Apache-2.0 */
/* private.h - what the files of src/transport share: sockets, queues, dialling, and the insides of loop and relay. */
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

extern const struct transport transport_tcp, transport_unix;

/* A non-blocking, close-on-exec stream socket; or -errno. */
int transport_socket(int family);
/* Binds and listens; 0 or -errno, and FD is then still open. */
int transport_bind(int fd, const struct transport_address *);
/* Writes the sentence "cannot listen on URL: …" with what can be done about it. */
void transport_listen_why(const struct config_url *, int error, char *why);
void transport_address_url(const struct transport_address *, struct config_url *out);
/* Closes FD; with RESET the peer sees a reset instead of an end, where the transport knows one. */
void transport_close(int fd, bool reset);

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
 * Connects to URL, each of its addresses in turn, for at most ten seconds.  DONE is called once, later, with a
 * connected socket and its address, or with -1 and a sentence; the dial is then gone.
 */
typedef void transport_dialled(void *context, int fd, const struct transport_address *, const char *why);
struct transport_dial *transport_dial_start(
    struct transport_loop *, const struct config_url *, transport_dialled *done, void *context);
/* DONE will not be called. */
void transport_dial_cancel(struct transport_dial *);

/* ---- Loop ---- */

enum {
	TRANSPORT_READ = 256 * 1024, /* one read of the protected side */
	TRANSPORT_MESSAGE = 64 * 1024, /* the largest message made of plain bytes */
	TRANSPORT_FIRST_MESSAGE = 4 * 1024,
	TRANSPORT_GATHER = 64
};

struct relay;
TAILQ_HEAD(relay_list, relay);

struct transport_loop {
	uv_loop_t uv;
	uv_async_t stop;
	uv_signal_t interrupt, terminate, hang_up;
	uv_timer_t sweep;
	void (*on_signal)(void *context, int signal);
	void *signal_context;
	struct relay_list warm; /* relays that hold buffers */
	uint8_t *buffer; /* TRANSPORT_READ bytes, used within one callback only */
	struct iovec gather[TRANSPORT_GATHER];
	size_t gathered;
	unsigned lookups; /* of names, which nothing can cancel once they run */
};

/* RELAY holds buffers, and uses them now. */
void transport_loop_warm(struct transport_loop *, struct relay *);

/* ---- Services and relays ---- */

struct transport_service {
	struct transport_loop *loop;
	struct transport_service_config config;
	char *name;
	struct transport_listener listener;
	uv_poll_t poll;
	uv_timer_t pause;
	bool listening, draining, starved;
	bool lent; /* the socket is another service's: its file is not ours to remove */
	unsigned handles; /* not yet closed */
	bool freed;
	struct relay_list half, open; /* in order of age */
	size_t half_count, open_count;
	uint64_t connections;
};

/* One of the two sockets of a relay. */
struct relay_side {
	struct relay *relay;
	uv_poll_t poll;
	int fd; /* -1: not connected */
	int watched;
	struct transport_queue out;
	bool polled; /* the handle is in use */
	bool ended; /* nothing more comes in */
	bool shut; /* nothing more goes out */
	bool deaf; /* what came besides bytes and room has been looked at */
};

struct relay {
	TAILQ_ENTRY(relay) all, warm;
	struct transport_service *service;
	struct relay_side plain, wire;
	uv_timer_t timer;
	uint64_t armed; /* deadline that the timer stands for */
	struct transport_dial *dial;
	struct seccomm_callbacks callbacks;
	struct seccomm_session *session;
	struct seccomm_message *message; /* plain bytes are read into it */
	size_t message_room;
	struct transport_queue partial; /* the start of a frame */
	uint64_t number, started_us;
	uint64_t heard_ms; /* of the loop, when bytes came on the protected side; 0: never */
	unsigned handles;
	bool opened, peer_closed, closed; /* as the session said */
	bool held; /* MESSAGE waits to be pushed */
	bool is_warm, used; /* holds buffers; has used them since the last sweep */
	bool over, reset_plain, reset_wire;
	const char *reason; /* why it is over, for the log */
	char address[CONFIG_URL_MAX];
};

/* relay.c: life and death. */
void relay_accept(struct transport_service *, int fd, const struct transport_address *);
/* Ends it without a word to the programs but a reset. */
void relay_abort(struct relay *, const char *reason);
void relay_finish(struct relay *, const char *reason, bool reset_plain, bool reset_wire);
/* What was done to it from outside has its consequences when the present event is over. */
void relay_later(struct relay *);

/* flow.c: the bytes. */
void relay_plain_read(struct relay *);
void relay_wire_read(struct relay *);
void relay_flush(struct relay *, struct relay_side *);
/* Writes what the session delivered during this event; nothing of it may stay for another relay's. */
void relay_write_gathered(struct relay *);
/* SIDE was reset: so is the other one, and the session says what that means when the relay is buried. */
void relay_lost(struct relay *, struct relay_side *side);
void relay_push_held(struct relay *);
void relay_cool(struct relay *);
void relay_transmit(void *context, const uint8_t *bytes, size_t length);
void relay_deliver(void *context, struct seccomm_message *message);

/* service.c */
/* RELAY has opened; has ended, and is in no list any more; and its memory is no longer needed. */
void service_opened(struct transport_service *, struct relay *);
void service_ended(struct transport_service *, struct relay *);
void service_released(struct transport_service *);

#endif
