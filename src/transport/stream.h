/* SPDX-License-Identifier: Apache-2.0 */
/* stream.h - the insides of a service of streams: what it accepts, and the relay of each connection. */
#ifndef TRANSPORT_STREAM_H
#define TRANSPORT_STREAM_H

#include "transport/private.h"

struct relay;
TAILQ_HEAD(relay_list, relay);

struct stream_service {
	struct transport_service service; /* always first */
	uv_poll_t poll;
	uv_timer_t pause;
	bool listening, starved;
	struct relay_list half, open; /* in order of age */
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
	TAILQ_ENTRY(relay) all;
	struct transport_warm warm;
	struct transport_service *service;
	struct relay_side plain, wire;
	uv_timer_t timer;
	uint64_t armed; /* deadline that the timer stands for */
	uint64_t leave_us; /* when the protected side is closed, though the peer has not closed it; else UINT64_MAX */
	struct transport_dial *dial;
	int reserve; /* the descriptor that is given up for the socket still to be dialled; -1: it has been */
	struct seccomm_callbacks callbacks;
	struct seccomm_session *session;
	struct seccomm_message *message; /* plain bytes are read into it */
	size_t message_room;
	struct transport_queue partial; /* the start of a frame */
	uint64_t number, started_us;
	uint64_t heard_ms; /* of the loop, when bytes came on the protected side; 0: never */
	unsigned handles;
	bool opened, peer_closed, closed; /* as the session said */
	struct seccomm_principal peer; /* once OPENED: the session says it only as long as it is open */
	bool held; /* MESSAGE waits to be pushed */
	bool over, reset_plain, reset_wire;
	const char *reason; /* why it is over, for the log */
	char address[CONFIG_URL_MAX];
};

/* relay_birth.c: FD has been accepted; RESERVE is given up for the other socket.  Both are the relay's then. */
void relay_accept(struct transport_service *, int fd, int reserve, const struct transport_address *);
void relay_give_up_reserve(struct relay *);

/* relay.c: life and death. */
void relay_tell(struct relay *, struct transport_event *);
/* After anything happened: ends the relay if it is over, else waits for what can happen next. */
void relay_settle(struct relay *);
/* Ends it without a word to the programs but a reset. */
void relay_abort(struct relay *, const char *reason);
void relay_finish(struct relay *, const char *reason, bool reset_plain, bool reset_wire);
/* SIDE is gone by ERROR: the other one is reset, and the session says what that means when the relay is buried. */
void relay_lost(struct relay *, struct relay_side *side, int error);
/* What was done to it from outside has its consequences when the present event is over. */
void relay_later(struct relay *);

/* relay_bytes.c */
void relay_plain_read(struct relay *);
void relay_wire_read(struct relay *);
void relay_flush(struct relay *, struct relay_side *);
/* Writes what the session delivered during this event; nothing of it may stay for another relay's. */
void relay_write_gathered(struct relay *);
void relay_push_held(struct relay *);
void relay_cool(struct transport_warm *);
void relay_transmit(void *context, const uint8_t *bytes, size_t length);
void relay_deliver(void *context, struct seccomm_message *message);

/* stream.c: RELAY was made, has opened, has ended and is in no list any more. */
void stream_made(struct transport_service *, struct relay *);
void stream_opened(struct transport_service *, struct relay *);
void stream_ended(struct transport_service *, struct relay *);

#endif
