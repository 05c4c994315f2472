/* SPDX-License-Identifier: Apache-2.0 */
/*
 * place.c - finding and taking the place of a control socket (see place.h).
 *
 * Who holds the lock on PATH.lock owns PATH, so two programs that start at once cannot both find it free, and a socket
 * without an owner is known to be stale.
 */
#include "cli/control/place.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Finding ---- */

static const char *set(const char *variable)
{
	const char *value = getenv(variable);

	return value && *value ? value : NULL;
}

bool control_folder(struct complaints *to, char out[PATH_MAX])
{
	const char *given = set("RUNTIME_DIRECTORY"), *base = set("XDG_RUNTIME_DIR");

	if (given) /* a unit with several has them one behind the other */
		snprintf(out, PATH_MAX, "%.*s", (int)strcspn(given, ":"), given);
	else if (geteuid() == 0)
		snprintf(out, PATH_MAX, "/run/seccomm");
	else if (base)
		snprintf(out, PATH_MAX, "%s/seccomm", base);
	else
		complain(to, "there is no place for control sockets: $XDG_RUNTIME_DIR is not set");
	return given || base || geteuid() == 0;
}

/* An empty path would be a name that every user sees, of a socket without a file. */
bool control_path_fits(struct complaints *to, const char *path, char out[CONTROL_PATH_MAX])
{
	if (!*path) {
		complain(to, "the path of the control socket is empty");
		complain_help(to, "give one:   --control PATH   ; or leave it out, for the usual place");
		return false;
	}
	if (strlen(path) < CONTROL_PATH_MAX) {
		memcpy(out, path, strlen(path) + 1);
		return true;
	}
	complain(to, "the path of the control socket is too long: %s", path);
	complain_help(to, "give a shorter one, of at most %d bytes:   --control PATH", CONTROL_PATH_MAX - 1);
	return false;
}

bool control_usual_path(struct complaints *to, const char *name, char out[CONTROL_PATH_MAX])
{
	char folder[PATH_MAX], path[2 * PATH_MAX];

	if (!control_folder(to, folder))
		return false;
	snprintf(path, sizeof(path), "%s/%s.sock", folder, name);
	return control_path_fits(to, path, out);
}

/* ---- Taking ---- */

static bool failed(struct complaints *to, const char *path, int error)
{
	complain(to, "the control socket %s cannot be made: %s", path, strerror(error));
	complain_help(
	    to, "give it a directory that this user may write to:   --control PATH   ; or none:   --no-control");
	return false;
}

/* Somebody who could change the directory could put a socket of his own there. */
static bool folder_is_ours(struct complaints *to, const char *folder)
{
	struct stat there;

	if (stat(folder, &there) < 0)
		return failed(to, folder, errno);
	if ((there.st_uid == geteuid() || there.st_uid == 0) && (there.st_mode & 022) == 0)
		return true;
	complain(to, "the control socket cannot be in %s: others can change that directory (owner %u, mode %04o)",
	    folder, (unsigned)there.st_uid, (unsigned)there.st_mode & 07777);
	complain_help(to, "give it one of its own:   mkdir -m 700 DIR   , then   --control DIR/NAME.sock");
	return false;
}

static bool make_folder(struct complaints *to, const char *path)
{
	char copy[CONTROL_PATH_MAX], *folder;

	memcpy(copy, path, strlen(path) + 1);
	folder = dirname(copy);
	if (mkdir(folder, 0700) < 0 && errno != EEXIST)
		return failed(to, path, errno);
	return folder_is_ours(to, folder);
}

static bool complain_taken(struct complaints *to, int lock, const char *path)
{
	static const char suffix[] = ".sock";
	size_t length = strlen(path);
	bool is_sock = length > strlen(suffix) && strcmp(path + length - strlen(suffix), suffix) == 0;
	char pid[24] = "";

	if (pread(lock, pid, sizeof(pid) - 1, 0) <= 0)
		strcpy(pid, "?");
	complain(to, "another seccomm (process %s) has the control socket %s", pid, path);
	complain_help(to, "stop it:   seccomm drain --control %s   ; or give this one its own:   --control %.*s-2.sock",
	    path, (int)(is_sock ? length - strlen(suffix) : length), path);
	return false;
}

/* The number is a help to people; the lock does without. */
static void write_pid(int lock)
{
	char pid[24];

	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	if (ftruncate(lock, 0) == 0)
		(void)!pwrite(lock, pid, strlen(pid), 0);
}

/* 0, or an errno: EWOULDBLOCK when somebody holds it. */
static int try_lock(int lock, bool *removed)
{
	struct stat file;

	if (flock(lock, LOCK_EX | LOCK_NB) < 0 || fstat(lock, &file) < 0)
		return errno;
	*removed = file.st_nlink == 0;
	return 0;
}

/* A lock file that its owner has removed meanwhile is no lock: then another one is made. */
static bool take_lock(struct control_place *place, struct complaints *to, bool *taken)
{
	char path[CONTROL_PATH_MAX + 8];
	bool removed = true;
	int error = 0;

	snprintf(path, sizeof(path), "%s.lock", place->path);
	while (removed) {
		place->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (place->lock < 0)
			return failed(to, place->path, errno);
		error = try_lock(place->lock, &removed);
		if (error)
			break;
		if (removed)
			close(place->lock);
	}
	if (!error) {
		write_pid(place->lock);
		return true;
	}
	*taken = error == EWOULDBLOCK;
	*taken ? complain_taken(to, place->lock, place->path) : failed(to, place->path, error);
	close(place->lock);
	return false;
}

static void drop_lock(struct control_place *place)
{
	char path[CONTROL_PATH_MAX + 8];

	snprintf(path, sizeof(path), "%s.lock", place->path);
	(void)unlink(path);
	close(place->lock);
}

/* With the lock held, a socket that is there is nobody's.  What is no socket is somebody's file. */
static int make_way(const char *path)
{
	struct stat there;

	if (lstat(path, &there) < 0)
		return errno == ENOENT ? 0 : errno;
	if (!S_ISSOCK(there.st_mode))
		return EEXIST;
	return unlink(path) < 0 ? errno : 0;
}

static int listen_there(struct control_place *place)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int error = make_way(place->path);

	if (error)
		return error;
	place->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (place->fd < 0)
		return errno;
	memcpy(address.sun_path, place->path, strlen(place->path) + 1);
	/* Linux gives the file the socket's own mode, so that there is no moment with more. */
	if (fchmod(place->fd, 0600) == 0 && bind(place->fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
	    listen(place->fd, SOMAXCONN) == 0)
		return 0;
	error = errno;
	close(place->fd);
	return error;
}

bool control_place_take(struct control_place *place, const char *path, struct complaints *to, bool *taken)
{
	int error;

	*taken = false;
	if (!control_path_fits(to, path, place->path) || !make_folder(to, path) || !take_lock(place, to, taken))
		return false;
	error = listen_there(place);
	if (!error)
		return true;
	drop_lock(place);
	return failed(to, path, error);
}

void control_place_leave(struct control_place *place)
{
	(void)unlink(place->path);
	drop_lock(place);
}
