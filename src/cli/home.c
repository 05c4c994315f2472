/* SPDX-License-Identifier: Apache-2.0 */
/* home.c - the home's place and its files (see home.h). */
#include "cli/home.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Places ---- */

static bool join(struct complaints *to, char out[PATH_MAX], const char *a, const char *b)
{
	int n = snprintf(out, PATH_MAX, "%s%s", a, b);

	if (n >= 0 && n < PATH_MAX)
		return true;
	complain(to, "the path of the home is too long");
	return false;
}

static const char *set(const char *variable)
{
	const char *value = getenv(variable);

	return value && *value ? value : NULL;
}

/* Below VARIABLE, else below the user's directory and USUAL.  False: there is neither. */
static bool of_user(const char *variable, const char *usual, char out[PATH_MAX])
{
	const char *base = set(variable);
	const struct passwd *user;

	if (base)
		return join(NULL, out, base, "/seccomm");
	base = set("HOME");
	if (!base) {
		user = getpwuid(geteuid());
		base = user ? user->pw_dir : NULL;
	}
	return base && join(NULL, out, base, usual);
}

static const char of_system[] = "/etc/seccomm";

bool home_find(const char *option, char out[PATH_MAX])
{
	const char *base = option ? option : set("SECCOMM_HOME");

	if (base || geteuid() == 0)
		return join(NULL, out, base ? base : of_system, "");
	if (of_user("XDG_CONFIG_HOME", "/.config/seccomm", out))
		return true;
	cli_complain("this user has no home directory");
	cli_help_line("say where keys are:   --home DIR");
	return false;
}

bool home_path(struct complaints *to, const char *home, const char *folder, const char *name, const char *suffix,
    char out[PATH_MAX])
{
	int n = snprintf(out, PATH_MAX, "%s/%s%s%s%s", home, folder, *folder ? "/" : "", name, suffix);

	if (n >= 0 && n < PATH_MAX)
		return true;
	complain(to, "the path of the home is too long");
	return false;
}

static bool make_folders(struct complaints *to, const char *path)
{
	char partial[PATH_MAX];

	if (!join(to, partial, path, ""))
		return false;
	for (char *slash = strchr(partial + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(partial, 0755);
		*slash = '/';
	}
	if (mkdir(partial, 0700) == 0 || errno == EEXIST)
		return true;
	complain(to, "%s: %s", path, strerror(errno));
	return false;
}

static bool same_folder(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

bool home_state(struct complaints *to, const char *home, const char *folder, char out[PATH_MAX])
{
	char usual[PATH_MAX], state[PATH_MAX];
	bool found = true;

	if (same_folder(home, of_system))
		found = join(to, state, "/var/lib/seccomm", "");
	else if (!of_user("XDG_CONFIG_HOME", "/.config/seccomm", usual) || !same_folder(home, usual) ||
		 !of_user("XDG_STATE_HOME", "/.local/state/seccomm", state))
		found = join(to, state, home, "/state");
	return found && home_path(to, state, "", folder, "", out) && make_folders(to, out);
}

bool home_make(const char *home)
{
	static const char *const folders[] = { "", "/covers", "/keys", "/pads", "/peers.d" };
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (!join(NULL, path, home, folders[i]) || !make_folders(NULL, path))
			return false;
	return true;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length >= tail && strcmp(text + length - tail, end) == 0;
}

bool home_name(struct complaints *to, const char *name)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t length = strlen(name);

	if (length < 1 || length >= SECCOMM_NAME_MAX || strspn(name, good) != length) {
		complain(to, "'%.80s' is not a name: it has 1 to 63 of a-z A-Z 0-9 . _ -", name);
		return false;
	}
	/* Else one key's file would be another one's. */
	if (*name == '.' || *name == '-' || ends_with(name, ".psk") || ends_with(name, ".pem")) {
		complain(to, "'%s' is not a name: it must not begin with '.' or '-' nor end in .psk or .pem", name);
		return false;
	}
	return true;
}

/* ---- Reading ---- */

static const char *what_others_can(enum home_access access)
{
	return access == HOME_SECRET ? "get at this key file" : access == HOME_TRUSTED ? "change whom we trust" : "change what is run";
}

static bool closed_to_others(struct complaints *to, const char *path, const struct stat *file, enum home_access access)
{
	const mode_t open = access == HOME_SECRET ? 077 : 022;

	if (file->st_uid != geteuid() && file->st_uid != 0) {
		complain(to, "%s: this file belongs to another user, who can change it", path);
		complain_help(to, "chown %u %s", (unsigned)geteuid(), path);
		return false;
	}
	if ((file->st_mode & open) == 0)
		return true;
	complain(to, "%s: others can %s (mode %04o)", path, what_others_can(access), (unsigned)file->st_mode & 07777);
	if (access == HOME_SECRET)
		complain_help(to, "chmod 600 %s   ; and if others may have read it, make a new key", path);
	else
		complain_help(to, "chmod go-w %s   ; and look whether every line of it is yours", path);
	return false;
}

/* Who can change the folder can put another file of ours, an older one for instance, in this one's place. */
static bool folder_is_closed(struct complaints *to, const char *path)
{
	char copy[PATH_MAX];
	const char *folder;
	struct stat there;

	if (!join(to, copy, path, ""))
		return false;
	folder = dirname(copy);
	if (stat(folder, &there) < 0) {
		complain(to, "%s: %s", folder, strerror(errno));
		return false;
	}
	if (there.st_uid != geteuid() && there.st_uid != 0) {
		complain(to, "%s: this folder belongs to another user, who can exchange what is in it", folder);
		complain_help(to, "chown %u %s", (unsigned)geteuid(), folder);
		return false;
	}
	if ((there.st_mode & 022) == 0 || (there.st_mode & S_ISVTX) != 0)
		return true;
	complain(to, "%s: others can exchange what is in this folder (mode %04o)", folder, (unsigned)there.st_mode & 07777);
	complain_help(to, "chmod go-w %s   ; and look whether every file in it is yours", folder);
	return false;
}

void home_wipe(char *text, size_t length)
{
	if (text)
		explicit_bzero(text, length);
	free(text);
}

static bool read_all(int fd, char *text, size_t room, size_t *length)
{
	ssize_t n;

	*length = 0;
	while (*length < room && (n = read(fd, text + *length, room - *length)) != 0) {
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			*length += (size_t)n;
	}
	text[*length] = '\0';
	return true;
}

enum home_result home_read_from(
    struct complaints *to, int fd, const char *path, enum home_access access, char **text, size_t *length)
{
	struct stat file;
	size_t room;

	*text = NULL;
	*length = 0;
	if (fstat(fd, &file) < 0 || S_ISDIR(file.st_mode) || (access > HOME_FOLLOWED && !S_ISREG(file.st_mode))) {
		complain(to, "%s: not a file", path);
		return HOME_BAD;
	}
	if (access > HOME_INPUT && S_ISREG(file.st_mode) && !closed_to_others(to, path, &file, access))
		return HOME_BAD;
	/* One byte more than allowed, so that a pipe's length is noticed, too. */
	room = S_ISREG(file.st_mode) && file.st_size <= HOME_FILE_MAX ? (size_t)file.st_size + 1 : HOME_FILE_MAX + 1;
	*text = malloc(room + 1);
	if (!*text || !read_all(fd, *text, room, length)) {
		complain(to, "%s: %s", path, *text ? strerror(errno) : "out of memory");
		home_wipe(*text, *text ? room : 0);
		*text = NULL;
		return HOME_BAD;
	}
	if (*length > HOME_FILE_MAX)
		complain(to, "%s: larger than 1 MiB", path);
	else if (access >= HOME_TRUSTED && memchr(*text, '\0', *length))
		complain(to, "%s: there is a NUL character in it; it is not a text that seccomm wrote", path);
	else
		return HOME_OK;
	home_wipe(*text, room);
	*text = NULL;
	return HOME_BAD;
}

enum home_result home_read(
    struct complaints *to, const char *path, enum home_access access, char **text, size_t *length)
{
	/* A pipe in the place of one of our own files would keep open() waiting for a writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | (access <= HOME_FOLLOWED ? 0 : O_NONBLOCK));
	enum home_result result;

	*text = NULL;
	*length = 0;
	if (fd < 0 && errno == ENOENT)
		return HOME_MISSING;
	if (fd < 0) {
		complain(to, "%s: %s", path, strerror(errno));
		return HOME_BAD;
	}
	if (access >= HOME_TRUSTED && !folder_is_closed(to, path))
		result = HOME_BAD;
	else
		result = home_read_from(to, fd, path, access, text, length);
	close(fd);
	return result;
}

/* ---- Writing ---- */

static bool write_all(int fd, const char *text)
{
	size_t length = strlen(text);
	ssize_t n;

	for (size_t done = 0; done<length; done += n> 0 ? (size_t)n : 0) {
		n = write(fd, text + done, length - done);
		if (n < 0 && errno != EINTR)
			return false;
	}
	return fsync(fd) == 0;
}

static void sync_folder(const char *path)
{
	char copy[PATH_MAX];
	int fd;

	if (!join(NULL, copy, path, ""))
		return;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)fsync(fd);
	close(fd);
}

/* Where a file is before it has its name.  No key and no peer is called so: their names do not begin with a dot. */
static bool draft_of(const char *path, char out[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	int folder = slash ? (int)(slash + 1 - path) : 0,
	    n = snprintf(out, PATH_MAX, "%.*s.%s.new", folder, path, path + folder);

	if (n >= 0 && n < PATH_MAX)
		return true;
	cli_complain("the path of the home is too long");
	return false;
}

/* What a killed program left gives way. */
static bool write_draft(const char *draft, const char *path, const char *text)
{
	bool written;
	int fd;

	(void)unlink(draft);
	fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	written = fd >= 0 && write_all(fd, text);
	if (!written)
		cli_complain("%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (fd >= 0 && !written)
		unlink(draft);
	return written;
}

/* Gives the draft its name if no other file has it. */
static int name_new(const char *draft, const char *path)
{
	if (renameat2(AT_FDCWD, draft, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
		return 0;
	/* Not every file system can do that (NFS); for a moment the file has two names then. */
	if ((errno != EINVAL && errno != ENOSYS) || link(draft, path) < 0)
		return -1;
	return unlink(draft);
}

static bool finish(const char *path, const char *draft, int named)
{
	if (named == 0) {
		sync_folder(path);
		return true;
	}
	if (errno == EEXIST)
		cli_complain("%s is there already and will not be overwritten", path);
	else
		cli_complain("%s: %s", path, strerror(errno));
	unlink(draft);
	return false;
}

bool home_create(const char *path, const char *text)
{
	char draft[PATH_MAX];

	return draft_of(path, draft) && write_draft(draft, path, text) && finish(path, draft, name_new(draft, path));
}

bool home_replace(const char *path, const char *text)
{
	char draft[PATH_MAX];

	return draft_of(path, draft) && write_draft(draft, path, text) && finish(path, draft, rename(draft, path));
}

int home_lock(const char *home)
{
	char path[PATH_MAX];
	int fd;

	if (!home_path(NULL, home, "", ".lock", "", path))
		return -1;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0 && flock(fd, LOCK_EX) == 0)
		return fd;
	cli_complain("%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}
