/* SPDX-License-Identifier: Apache-2.0 */
/* ask_dial.c - connecting to a running program: the one that --control says, or the only one that runs. */
#include "cli/ask.h"
#include "cli/control/place.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { PATIENCE_S = 10, NAMES_MAX = 1024 };

/* Whoever could make a socket in that place could answer anything: it must be this user's program, or root's. */
static bool is_trusted(int fd)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	return geteuid() == 0 || (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
				     (peer.uid == geteuid() || peer.uid == 0));
}

/* A connected socket, or -errno. */
static int dial(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), error;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	memcpy(address.sun_path, path, strlen(path) + 1);
	error = connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ? errno
		: is_trusted(fd)                                                    ? 0
										    : EACCES;
	if (error == 0)
		return fd;
	close(fd);
	return -error;
}

static int complain_unreachable(const char *path, int error)
{
	cli_complain("%s: %s", path, strerror(error));
	if (error == ENOENT || error == ECONNREFUSED)
		cli_help_line("no program runs there: 'seccomm run', 'server' and 'client' have a control socket");
	else if (error == EACCES)
		cli_help_line("ask as the user that the program runs as, or as root");
	return -1;
}

static int dial_path(const char *given)
{
	char path[CONTROL_PATH_MAX];
	int fd;

	if (!control_path_fits(NULL, given, path))
		return -1;
	fd = dial(path);
	return fd < 0 ? complain_unreachable(path, -fd) : fd;
}

/* What was found in a folder. */
struct found {
	int fd; /* of the first one that lives, or -1 */
	size_t count; /* that live */
	char names[NAMES_MAX];
	int error; /* of one that cannot be asked */
};

static void look_at(struct found *found, const char *path)
{
	size_t used = strlen(found->names);
	int fd = strlen(path) < CONTROL_PATH_MAX ? dial(path) : -ECONNREFUSED;

	if (fd < 0) {
		found->error = fd == -ECONNREFUSED ? found->error : -fd;
		return;
	}
	snprintf(found->names + used, sizeof(found->names) - used, "\n    --control %s", path);
	if (found->count++ == 0)
		found->fd = fd;
	else
		close(fd);
}

static bool is_socket_name(const char *name)
{
	size_t length = strlen(name);

	return length > strlen(".sock") && strcmp(name + length - strlen(".sock"), ".sock") == 0;
}

/* Units of systemd have a folder each in the usual one. */
static void look_into(struct found *found, const char *folder, bool deeper)
{
	char path[2 * PATH_MAX];
	struct dirent *entry;
	DIR *list = opendir(folder);

	if (!list && errno != ENOENT && errno != ENOTDIR)
		found->error = errno;
	while (list && (entry = readdir(list))) {
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (is_socket_name(entry->d_name))
			look_at(found, path);
		else if (deeper && *entry->d_name != '.')
			look_into(found, path, false);
	}
	if (list)
		closedir(list);
}

static int dial_only_one(void)
{
	struct found found = { .fd = -1 };
	char folder[PATH_MAX];

	if (!control_folder(NULL, folder)) {
		cli_help_line("say where the program's is:   --control PATH");
		return -1;
	}
	look_into(&found, folder, true);
	if (found.count == 1)
		return found.fd;
	if (found.count > 1) {
		close(found.fd);
		cli_complain("several programs run; say which one:%s", found.names);
	} else if (found.error) {
		complain_unreachable(folder, found.error);
	} else {
		cli_complain("no program with a control socket runs in %s", folder);
		cli_help_line("say where it is:   --control PATH   ; its log says 'event=control path=…'");
	}
	return -1;
}

int ask_dial(const struct cli *cli)
{
	const char *path = cli_value(cli, "control");

	return path ? dial_path(path) : dial_only_one();
}
