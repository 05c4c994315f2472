/* SPDX-License-Identifier: Apache-2.0 */
/* pads.c - opening the home's one-time pads (see pads.h). */
#include "cli/pads.h"
#include "cli/home.h"
#include "cli/pad_marks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct pad_file {
	struct pad_file *next;
	char name[SECCOMM_NAME_MAX];
	enum seccomm_role role;
	int fd, marks; /* the pad, and where its marks are noted apart from it */
	struct pad_store store;
};
struct pads {
	char home[PATH_MAX];
	struct pad_file *files;
};

/* ---- A file as a disk ---- */

static int file_read(void *context, uint64_t offset, void *out, size_t length)
{
	return pread(*(int *)context, out, length, (off_t)offset) == (ssize_t)length ? 0 : -1;
}

static int file_write(void *context, uint64_t offset, const void *bytes, size_t length)
{
	return pwrite(*(int *)context, bytes, length, (off_t)offset) == (ssize_t)length ? 0 : -1;
}

static int file_sync(void *context)
{
	return fdatasync(*(int *)context);
}

struct pad_disk pads_disk(int *fd)
{
	return (struct pad_disk){ .context = fd, .read = file_read, .write = file_write, .sync = file_sync };
}

/* ---- Opening ---- */

bool pads_path(struct complaints *to, const char *home, const char *name, enum seccomm_role role, char out[PATH_MAX])
{
	return home_path(to, home, "pads", name, role == SECCOMM_CLIENT ? ".client" : ".server", out);
}

/* A link could be turned from one copy of a pad to another. */
static const char link_text[] = "this is a link, and a pad is used only where it lies itself";

/* What speaks against the copy that is open at FD; NULL: nothing. */
static const char *look_at(const char *home, int fd, struct pad_store *store)
{
	const struct pad_disk disk = pads_disk(&fd);
	const char *wrong = pad_store_open(store, &disk);
	struct pad_disk noted;
	int marks;

	if (wrong || (marks = pad_marks_look(home, store)) < 0)
		return wrong;
	noted = pads_disk(&marks);
	wrong = pad_store_compare(store, &noted);
	close(marks);
	return wrong;
}

enum home_result pads_look(struct complaints *to, const char *home, const char *name, enum seccomm_role role, char path[PATH_MAX],
    struct pad_store *out)
{
	const char *wrong;
	int fd;

	if (!home_name(to, name) || !pads_path(to, home, name, role, path))
		return HOME_BAD;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT)
		return HOME_MISSING;
	wrong = fd < 0 ? (errno == ELOOP ? link_text : strerror(errno)) : look_at(home, fd, out);
	out->disk = (struct pad_disk){ 0 };
	if (fd >= 0)
		close(fd);
	if (!wrong)
		return HOME_OK;
	complain(to, "%s: %s", path, wrong);
	return HOME_BAD;
}

static bool open_file(struct pad_file *file, const char *path, struct complaints *to)
{
	struct stat status;

	file->fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (file->fd < 0 && errno == ENOENT) {
		complain(to, "%s: there is no such one-time pad", path);
		complain_help(to, "seccomm pad gen %s   on one host, then bring the other end's copy to the other host", file->name);
	} else if (file->fd < 0 && errno == ELOOP) {
		complain(to, "%s: %s", path, link_text);
		complain_help(to, "put the file itself there, with mv and not with cp: a copy of a pad that has been used serves no more");
	} else if (file->fd < 0 || fstat(file->fd, &status) < 0) {
		complain(to, "%s: %s", path, strerror(errno));
	} else if (!S_ISREG(status.st_mode) || (status.st_uid != geteuid() && status.st_uid != 0) || (status.st_mode & 077)) {
		complain(to, "%s: others can get at this pad (mode %04o)", path, (unsigned)status.st_mode & 07777);
		complain_help(to, "a pad that others may have read hides nothing: make a new one with   seccomm pad gen NAME");
	} else if (flock(file->fd, LOCK_EX | LOCK_NB) < 0) {
		complain(to, "%s: another program uses this pad", path);
		complain_help(to, "two that used it at once would use the same bytes; give each a pad of its own");
	} else {
		return true;
	}
	return false;
}

/*
 * Inode and time of birth: a copy, or a file that was brought back from a backup, has others.  What is written into the same
 * file (cp over it, rsync --inplace) has them still; there the marks elsewhere tell.
 */
static bool place_of(int fd, uint8_t place[PAD_PLACE])
{
	struct statx file;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &file) < 0)
		return false;
	cactus_put_u64(place, file.stx_ino);
	cactus_put_u64(place + 8, file.stx_mask & STATX_BTIME
				       ? (uint64_t)file.stx_btime.tv_sec * 1000000000 + file.stx_btime.tv_nsec
				       : 0);
	return true;
}

/* The first use settles a pad where it lies. */
static bool is_the_one(struct pad_file *file, const char *path, struct complaints *to)
{
	static const uint8_t nowhere[PAD_PLACE];
	uint8_t place[PAD_PLACE];

	if (!place_of(file->fd, place)) {
		complain(to, "%s: %s", path, strerror(errno));
		return false;
	}
	if (memcmp(file->store.place, nowhere, PAD_PLACE) == 0) {
		if (pad_store_settle(&file->store, place) == 0)
			return true;
		complain(to, "%s: %s", path, strerror(errno));
		return false;
	}
	if (memcmp(file->store.place, place, PAD_PLACE) == 0)
		return true;
	complain(to, "%s: this is a copy of a pad that has been used, and nobody knows how much of it is gone", path);
	complain_help(to, "use the file it was copied from, or make a new pad with   seccomm pad gen NAME");
	return false;
}

static bool is_newest(const struct pads *pads, struct pad_file *file, const char *path, struct complaints *to)
{
	struct pad_disk disk;
	const char *wrong;

	file->marks = pad_marks_open(to, pads->home, &file->store, path);
	if (file->marks < 0)
		return false;
	disk = pads_disk(&file->marks);
	wrong = pad_store_watch(&file->store, &disk);
	if (!wrong)
		return true;
	complain(to, "%s: %s", path, wrong);
	complain_help(to, "never bring a pad back; make a new one with   seccomm pad gen NAME");
	return false;
}

/* Two names of one pad would be used independently of each other. */
static bool is_alone(const struct pads *pads, const struct pad_file *file, const char *path, struct complaints *to)
{
	for (const struct pad_file *other = pads->files; other; other = other->next)
		if (other->role == file->role && memcmp(other->store.id, file->store.id, PAD_ID) == 0) {
			complain(to, "%s: this is a copy of pad '%s'", path, other->name);
			return false;
		}
	return true;
}

static bool open_pad(const struct pads *pads, struct pad_file *file, struct complaints *to)
{
	const struct pad_disk disk = pads_disk(&file->fd);
	char path[PATH_MAX];
	const char *wrong;

	if (!home_name(to, file->name) || !pads_path(to, pads->home, file->name, file->role, path) || !open_file(file, path, to))
		return false;
	wrong = pad_store_open(&file->store, &disk);
	if (!wrong && file->store.role != file->role)
		wrong = "this is the other end's copy of the pad";
	if (!wrong)
		return is_alone(pads, file, path, to) && is_newest(pads, file, path, to) && is_the_one(file, path, to);
	complain(to, "%s: %s", path, wrong);
	complain_help(to, "make a new one with   seccomm pad gen NAME");
	return false;
}

static void close_pad(struct pad_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	if (file->marks >= 0)
		close(file->marks);
	free(file);
}

struct pad_store *pads_open(struct pads *pads, const char *name, enum seccomm_role role, struct complaints *to)
{
	struct pad_file *file;

	for (file = pads->files; file; file = file->next)
		if (file->role == role && strcmp(file->name, name) == 0)
			return &file->store;
	file = calloc(1, sizeof(*file));
	if (!file) {
		complain(to, "out of memory");
		return NULL;
	}
	file->fd = file->marks = -1;
	file->role = role;
	snprintf(file->name, sizeof(file->name), "%s", name);
	if (strlen(name) >= sizeof(file->name) || !open_pad(pads, file, to)) {
		close_pad(file);
		return NULL;
	}
	file->next = pads->files;
	pads->files = file;
	return &file->store;
}

struct pads *pads_new(const char *home)
{
	struct pads *pads = calloc(1, sizeof(*pads));

	if (pads)
		snprintf(pads->home, sizeof(pads->home), "%s", home);
	else
		cli_complain("out of memory");
	return pads;
}

void pads_free(struct pads *pads)
{
	if (!pads)
		return;
	for (struct pad_file *file = pads->files, *next; file; file = next) {
		next = file->next;
		close_pad(file);
	}
	free(pads);
}
