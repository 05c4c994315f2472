/* SPDX-License-Identifier: Apache-2.0 */
/* notify.c - the few lines of sd_notify(3) that are needed (see notify.h). */
#include "cli/notify.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { STATE_MAX = 1024 };

/* "/path", or "@name" in the abstract name space. */
static int address_of(const char *name, struct notify *out)
{
	size_t length = strlen(name);

	if ((*name != '/' && *name != '@') || length < 2 || length >= sizeof(out->address.sun_path))
		return -1;
	out->address.sun_family = AF_UNIX;
	memcpy(out->address.sun_path, name, length);
	out->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	if (*name == '@')
		out->address.sun_path[0] = '\0';
	return 0;
}

/* The watchdog may be another process's. */
static uint64_t watchdog(void)
{
	const char *period = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");

	if (!period || (pid && strtol(pid, NULL, 10) != (long)getpid()))
		return 0;
	return strtoull(period, NULL, 10);
}

void notify_open(struct notify *notify)
{
	const char *name = getenv("NOTIFY_SOCKET");

	*notify = (struct notify){ .fd = -1 };
	if (name && address_of(name, notify) == 0)
		notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (notify->fd >= 0)
		notify->watchdog_us = watchdog();
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

void notify_send(const struct notify *notify, const char *format, ...)
{
	char text[STATE_MAX];
	va_list list;

	if (notify->fd < 0)
		return;
	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	(void)sendto(
	    notify->fd, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)&notify->address, notify->length);
}

void notify_reloading(const struct notify *notify)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	notify_send(notify, "RELOADING=1\nMONOTONIC_USEC=%llu",
	    (unsigned long long)now.tv_sec * 1000000 + (unsigned long long)now.tv_nsec / 1000);
}

void notify_close(struct notify *notify)
{
	if (notify->fd >= 0)
		close(notify->fd);
	notify->fd = -1;
}
