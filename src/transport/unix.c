/* SPDX-License-Identifier: Apache-2.0 */
/* unix.c - UNIX sockets, which have a file: streams, and what datagrams have in common with them. */
#include "transport/private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

size_t unix_addresses(const struct config_url *url, struct transport_address *out, size_t room)
{
	if (room == 0)
		return 0;
	memset(out, 0, sizeof(*out));
	out->at.un.sun_family = AF_UNIX;
	memcpy(out->at.un.sun_path, url->path, strlen(url->path) + 1);
	out->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(url->path) + 1);
	return 1;
}

/* Removes the socket that a dead program left at the path; -EADDRINUSE if one that lives is there. */
static int make_way(const struct transport_address *address, int type)
{
	struct stat there;
	int fd, error;

	if (lstat(address->at.un.sun_path, &there) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(there.st_mode))
		return -EEXIST;
	fd = transport_socket(AF_UNIX, type);
	if (fd < 0)
		return fd;
	error = connect(fd, &address->at.any, address->length) < 0 ? errno : 0;
	close(fd);
	if (error != ECONNREFUSED)
		return error == 0 || error == EAGAIN ? -EADDRINUSE : -error;
	return unlink(address->at.un.sun_path) < 0 ? -errno : 0;
}

static int bind_file(int fd, const struct transport_address *address, struct transport_listener *out)
{
	struct stat made;
	int failed;

	/* Linux gives the file the socket's own mode less the umask, so that there is no moment with more. */
	if (fchmod(fd, 0660) < 0)
		return -errno;
	failed = transport_bind(fd, address);
	if (failed)
		return failed;
	if (lstat(address->at.un.sun_path, &made) < 0)
		return -errno;
	out->device = made.st_dev;
	out->inode = made.st_ino;
	return 0;
}

int unix_listen(const struct config_url *url, struct transport_listener *out, char *why)
{
	struct transport_address address;
	int fd, failed, type = transport_socket_type(url);

	unix_addresses(url, &address, 1);
	failed = make_way(&address, type);
	fd = failed ? failed : transport_socket(AF_UNIX, type);
	if (fd >= 0) {
		failed = bind_file(fd, &address, out);
		if (failed)
			close(fd);
	} else {
		failed = fd;
	}
	if (failed) {
		transport_listen_why(url, -failed, why);
		return failed;
	}
	out->fd = fd;
	out->bound = *url;
	return 0;
}

void unix_forget(const struct transport_listener *listener)
{
	struct stat there;

	if (lstat(listener->bound.path, &there) == 0 && there.st_dev == listener->device &&
	    there.st_ino == listener->inode)
		unlink(listener->bound.path);
}

static void tune(int fd)
{
	(void)fd;
}

const struct transport transport_unix = {
	.kind = CONFIG_URL_UNIX,
	.name = "unix",
	.synopsis = "unix:PATH",
	.purpose = "UNIX stream sockets; the file gets mode 0660 less the umask and is removed at the end; "
		   "they know no reset: a program cannot tell a connection that was cut from one that ended",
	.listen = unix_listen,
	.forget = unix_forget,
	.addresses = unix_addresses,
	.tune = tune,
};
