/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notify.h - telling the service manager what goes on: datagrams to $NOTIFY_SOCKET, as sd_notify(3) describes them.
 *
 * Without that variable nothing is sent.  What cannot be sent is lost and changes nothing else.
 */
#ifndef CLI_NOTIFY_H
#define CLI_NOTIFY_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct notify {
	int fd; /* -1: nobody wants to know */
	struct sockaddr_un address;
	socklen_t length;
	uint64_t watchdog_us; /* the manager wants a sign of life so often; 0: it does not */
};

/* Takes the variables out of the environment: programs started by this one are not to speak for it. */
void notify_open(struct notify *);
/* "READY=1", "STATUS=…"; several in lines. */
void notify_send(const struct notify *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* RELOADING=1 with the time that belongs to it. */
void notify_reloading(const struct notify *);
void notify_close(struct notify *);

#endif
