/* SPDX-License-Identifier: Apache-2.0 */
/* pad_marks.c - the second file of a pad's marks (see pad_marks.h). */
#include "cli/pad_marks.h"
#include "cli/home.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static bool marks_path(struct complaints *to, const char *home, const struct pad_store *store, char folder[PATH_MAX], char out[PATH_MAX])
{
	char name[PAD_ID_TEXT];

	pad_store_id_text(store->id, name);
	return home_state(to, home, "pads", folder) &&
	       home_path(to, folder, "", name, store->role == SECCOMM_CLIENT ? ".client" : ".server", out);
}

static bool sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool synced = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return synced;
}

/* Half of it is never there under its name.  One that is there already stays, and is judged like any other. */
static bool make(struct complaints *to, const struct pad_store *store, const char *folder, const char *path)
{
	uint8_t head[PAD_HEAD];
	char draft[PATH_MAX];
	bool made = snprintf(draft, sizeof(draft), "%s/.new-XXXXXX", folder) < (int)sizeof(draft);
	int fd = made ? mkostemp(draft, O_CLOEXEC) : -1;

	pad_store_marks(store, head);
	made = fd >= 0 && pwrite(fd, head, PAD_HEAD, 0) == PAD_HEAD && fsync(fd) == 0 &&
	       (link(draft, path) == 0 || errno == EEXIST) && sync_folder(folder);
	if (!made)
		complain(to, "%s: %s", path, strerror(errno));
	if (fd >= 0) {
		close(fd);
		unlink(draft);
	}
	return made;
}

/* A pad that has been used has marks: without them nobody knows whether it is the one that was used last. */
static bool is_new(struct complaints *to, const struct pad_store *store, const char *path, const char *marks)
{
	static const uint8_t nowhere[PAD_PLACE];

	if (memcmp(store->place, nowhere, PAD_PLACE) == 0 && store->mark[SECCOMM_PAD_OURS] == 0 && store->mark[SECCOMM_PAD_PEERS] == 0)
		return true;
	complain(to, "%s: this pad has been used, but %s, where that was noted, is missing: nobody can tell how much of it is gone", path,
	    marks);
	complain_help(to, "bring that file back, or make a new pad with   seccomm pad gen NAME");
	return false;
}

static bool is_ours(struct complaints *to, int fd, const char *marks)
{
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0) {
		complain(to, "%s: %s", marks, strerror(errno));
	} else if (!S_ISREG(status.st_mode) || (status.st_uid != geteuid() && status.st_uid != 0) || (status.st_mode & 022)) {
		complain(to, "%s: others can change what is noted there of a pad's use (mode %04o)", marks,
		    (unsigned)status.st_mode & 07777);
		complain_help(to, "make a new pad with   seccomm pad gen NAME");
	} else if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		complain(to, "%s: another program uses this pad, or a copy of it", marks);
		complain_help(to, "two that used it at once would use the same bytes; give each a pad of its own");
	} else {
		return true;
	}
	return false;
}

int pad_marks_open(struct complaints *to, const char *home, const struct pad_store *store, const char *path)
{
	char folder[PATH_MAX], marks[PATH_MAX];
	int fd;

	if (!marks_path(to, home, store, folder, marks))
		return -1;
	if (access(marks, F_OK) < 0 && errno == ENOENT && (!is_new(to, store, path, marks) || !make(to, store, folder, marks)))
		return -1;
	fd = open(marks, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (is_ours(to, fd, marks))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

int pad_marks_look(const char *home, const struct pad_store *store)
{
	struct complaints unheard = { .count = 0 };
	char folder[PATH_MAX], marks[PATH_MAX];

	return marks_path(&unheard, home, store, folder, marks) ? open(marks, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
}
