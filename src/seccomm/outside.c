/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outside.c - modules from outside: the file is opened and judged, then loaded, then its tables join the library's list.
 *
 * What is judged is what is loaded, for the loader is given the open descriptor, as /proc/self/fd/N.  It takes a path that it
 * has seen before for the file that it has loaded under it, so the descriptor stays open once something was loaded: its
 * number must not become another file's.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "seccomm/plan.h"
#include "seccomm/library.h"

enum { LINK_ROOM = 40, FOREIGN_WRITERS = 022 };

static const char built_for_another[] = "build it again, with the headers of this seccomm";

/* ---- The file ---- */

/*
 * Root can change everything anyway.  A program with rights that its user does not have (capabilities of its file) would give
 * them away with what belongs to that user.
 */
static bool is_ours(const struct stat *status)
{
	return status->st_uid == 0 || (status->st_uid == geteuid() && getauxval(AT_SECURE) == 0);
}

static void link_of(int fd, char out[LINK_ROOM])
{
	snprintf(out, LINK_ROOM, "/proc/self/fd/%d", fd);
}

/* Where others can put another file in the place of PATH, what is judged now is not what is there tomorrow. */
static int judge_folder_of(char *path, struct seccomm_error *error)
{
	struct stat folder;

	path = dirname(path);
	if (stat(path, &folder) < 0)
		return error_set(error, SECCOMM_FAILED, NULL, "its folder %s: %s", path, strerror(errno));
	if (!is_ours(&folder))
		return error_set(error, SECCOMM_INVALID, "keep it in a folder of your own, or of root",
		    "its folder %s belongs to another user, who can put another file in its place", path);
	if ((folder.st_mode & FOREIGN_WRITERS) != 0 && (folder.st_mode & S_ISVTX) == 0)
		return error_set(error, SECCOMM_INVALID, "chmod go-w that folder; and look whether the file is still yours",
		    "others can put another file in its place: its folder %s has mode %04o", path,
		    (unsigned)folder.st_mode & 07777);
	return SECCOMM_OK;
}

/* The folder where it is named, and, if that is a link, the one where it really is. */
static int judge_folders(const char *file, int fd, struct seccomm_error *error)
{
	char link[LINK_ROOM], real[PATH_MAX], named[PATH_MAX];
	ssize_t length;
	int status;

	link_of(fd, link);
	length = readlink(link, real, sizeof(real));
	if (length <= 0 || length >= PATH_MAX || real[0] != '/' || strlen(file) >= PATH_MAX)
		return error_set(error, SECCOMM_FAILED, "is /proc there?", "the folder that it is in cannot be found");
	real[length] = '\0';
	memcpy(named, file, strlen(file) + 1);
	status = judge_folder_of(named, error);
	return status == SECCOMM_OK ? judge_folder_of(real, error) : status;
}

/* The loader maps what the file's head says is there, and dies with the process where the file has been cut off. */
static int judge_length(int fd, struct seccomm_error *error)
{
	ElfW(Ehdr) head;
	ElfW(Phdr) part;
	struct stat file;

	if (fstat(fd, &file) < 0 || pread(fd, &head, sizeof(head), 0) != (ssize_t)sizeof(head) ||
	    memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_phentsize != sizeof(part))
		return SECCOMM_OK; /* the loader refuses it before it maps anything */
	for (size_t i = 0; i < head.e_phnum; i++)
		if (pread(fd, &part, sizeof(part), (off_t)(head.e_phoff + i * sizeof(part))) != (ssize_t)sizeof(part) ||
		    (part.p_type == PT_LOAD &&
			(part.p_offset > (uint64_t)file.st_size || part.p_filesz > (uint64_t)file.st_size - part.p_offset)))
			return error_set(error, SECCOMM_INVALID, "build it again, or copy it once more",
			    "it is cut off: its %lld bytes are less than its head says", (long long)file.st_size);
	return SECCOMM_OK;
}

static int judge_file(const char *name, int fd, struct seccomm_error *error)
{
	struct stat file;
	int status;

	if (fstat(fd, &file) < 0)
		return error_set(error, SECCOMM_FAILED, NULL, "%s", strerror(errno));
	if (!S_ISREG(file.st_mode))
		return error_set(error, SECCOMM_INVALID, "give the path of a shared object", "not a regular file");
	if (!is_ours(&file) && file.st_uid == geteuid())
		return error_set(error, SECCOMM_INVALID, "let root keep it, if root trusts what is in it",
		    "a program with capabilities of its own loads only what belongs to root");
	if (!is_ours(&file))
		return error_set(error, SECCOMM_INVALID, "take a copy of your own, if you trust what is in it",
		    "it belongs to another user (%u), who can change what it does", (unsigned)file.st_uid);
	if ((file.st_mode & FOREIGN_WRITERS) != 0)
		return error_set(error, SECCOMM_INVALID, "chmod go-w it; and build it again if others may have changed it",
		    "others can change what it does (mode %04o)", (unsigned)file.st_mode & 07777);
	status = judge_folders(name, fd, error);
	return status == SECCOMM_OK ? judge_length(fd, error) : status;
}

/* ---- What it exports ---- */

#define SHARED_NAME(name_) #name_,
static const char *const shared_names[] = { SECCOMM_MODULE_SHARED(SHARED_NAME) };
#undef SHARED_NAME
static const uint32_t shared_sizes[] = { SECCOMM_MODULE_SHARED(SECCOMM_MODULE_SIZE) };
enum { SHARED = sizeof(shared_sizes) / sizeof(shared_sizes[0]) };

/* Nothing behind the first two fields means anything before they are right. */
static int judge_shape(const struct seccomm_module *module, struct seccomm_error *error)
{
	const unsigned size = sizeof(*module);

	if (module->abi != SECCOMM_MODULE_ABI)
		return error_set(error, SECCOMM_INVALID, built_for_another, "its ABI is %u, and that of this seccomm is %u",
		    (unsigned)module->abi, (unsigned)SECCOMM_MODULE_ABI);
	if (module->struct_size > size)
		return error_set(error, SECCOMM_INVALID, built_for_another,
		    "its seccomm_module has %u bytes, of which this seccomm knows %u: it was built for a newer one",
		    (unsigned)module->struct_size, size);
	if (module->struct_size < size)
		return error_set(error, SECCOMM_INVALID, "begin it with SECCOMM_MODULE_HEAD",
		    "its seccomm_module has %u bytes of %u", (unsigned)module->struct_size, size);
	for (size_t i = 0; i < SHARED; i++)
		if (module->sizes[i] != shared_sizes[i])
			return error_set(error, SECCOMM_INVALID, built_for_another,
			    "struct %s has %u bytes in it, and %u in this seccomm", shared_names[i],
			    (unsigned)module->sizes[i], (unsigned)shared_sizes[i]);
	return SECCOMM_OK;
}

static int judge_names(const struct seccomm *library, const struct seccomm_module *module, struct seccomm_error *error)
{
	if (module->name == NULL || !outside_is_word(module->name, SECCOMM_MODULE_WORD_MAX, "-"))
		return error_set(error, SECCOMM_INVALID, "give it one, of 1 to 31 of a-z 0-9 -", "%s",
		    module->name == NULL ? "it has no name" : "its name is not a word");
	if (module->version == NULL ||
	    !outside_is_word(module->version, SECCOMM_MODULE_WORD_MAX, "ABCDEFGHIJKLMNOPQRSTUVWXYZ.+_~-"))
		return error_set(error, SECCOMM_INVALID, "give it one, like 1.0; of 1 to 31 of a-z A-Z 0-9 . + _ ~ -", "%s",
		    module->version == NULL ? "it has no version" : "its version is not a word");
	for (size_t i = 0; i < library->module_count; i++)
		if (strcmp(library->modules[i].module->name, module->name) == 0)
			return error_set(error, SECCOMM_INVALID, "load it once", "a module '%s' is loaded already: %s",
			    module->name, library->modules[i].file);
	return SECCOMM_OK;
}

/* Whether MP can stand beside OTHER, which is there already. */
static int judge_pair(const struct seccomm *library, const struct seccomm_mp *mp, const struct seccomm_mp *other,
    struct seccomm_error *error)
{
	const struct seccomm_module *owner = seccomm_mp_module(library, other, NULL);
	const bool same_paper = mp->paper != NULL && other->paper != NULL && strcmp(mp->paper, other->paper) == 0;

	if (strcmp(mp->cactus.name, other->cactus.name) != 0 && !same_paper)
		return SECCOMM_OK;
	return error_set(error, SECCOMM_INVALID, "give the micro-protocol a name of its own",
	    "its %s is called '%s', as one is %s%s%s", mp->cactus.name, same_paper ? mp->paper : mp->cactus.name,
	    owner != NULL ? "of module '" : "already", owner != NULL ? owner->name : "", owner != NULL ? "'" : "");
}

static int judge_table(
    const struct seccomm *library, const struct seccomm_module *module, size_t n, struct seccomm_error *error)
{
	const struct seccomm_mp *mp = module->tables[n];
	int status = SECCOMM_OK;

	if (!outside_table_good(mp, error))
		return SECCOMM_INVALID;
	for (size_t i = 0; i < library->count && status == SECCOMM_OK; i++)
		status = judge_pair(library, mp, library->list[i], error);
	for (size_t i = 0; i < n && status == SECCOMM_OK; i++)
		status = judge_pair(library, mp, module->tables[i], error);
	return status;
}

static int judge_module(const struct seccomm *library, const struct seccomm_module *module, struct seccomm_error *error)
{
	int status = judge_shape(module, error);

	if (status == SECCOMM_OK)
		status = judge_names(library, module, error);
	if (status == SECCOMM_OK && (module->tables == NULL || module->tables[0] == NULL))
		return error_set(error, SECCOMM_INVALID, "list at least one table, and NULL behind the last", "it has no tables");
	for (size_t n = 0; status == SECCOMM_OK && module->tables[n] != NULL; n++)
		status = judge_table(library, module, n, error);
	return status;
}

/* ---- Taking it in ---- */

static int add_tables(
    struct seccomm *library, const struct seccomm_module *module, const char *file, struct seccomm_error *error)
{
	size_t count = library->count, more = 0;
	struct library_module *modules =
	    realloc(library->modules, (library->module_count + 1) * sizeof(*library->modules));
	const struct seccomm_mp **own;
	char *name = strdup(file);

	while (module->tables[more] != NULL)
		more++;
	if (modules != NULL)
		library->modules = modules;
	own = modules != NULL && name != NULL ? calloc(count + more + 1, sizeof(*own)) : NULL;
	if (own == NULL) {
		free(name);
		return error_set(error, SECCOMM_NO_MEMORY, NULL, "out of memory");
	}
	for (size_t i = 0; i < count; i++)
		own[i] = library->list[i];
	for (size_t i = 0; i < more; i++)
		own[count + i] = module->tables[i];
	modules[library->module_count++] = (struct library_module){ module, name };
	free(library->own);
	library->list = library->own = own;
	library->count = count + more;
	return SECCOMM_OK;
}

/* The loader's reason, without the path that only we know. */
static int not_loaded(const char *link, struct seccomm_error *error)
{
	const char *why = dlerror();
	const size_t length = strlen(link);

	if (why == NULL)
		why = "no reason is known";
	if (strncmp(why, link, length) == 0 && strncmp(why + length, ": ", 2) == 0)
		why += length + 2;
	return error_set(error, SECCOMM_FAILED,
	    strstr(why, "undefined symbol") != NULL
		? "it wants what this program does not have: build it for this seccomm; a program with a static "
		  "libseccomm must be linked with all of it, and with -rdynamic"
		: "it must be a shared object for this machine, and what it is linked with must be there",
	    "it cannot be loaded: %s", why);
}

/* FD stays open if anything was loaded. */
static int load(struct seccomm *library, const char *file, int fd, struct seccomm_error *error)
{
	const struct seccomm_module *module;
	char link[LINK_ROOM];
	void *handle;
	int status;

	link_of(fd, link);
	handle = dlopen(link, RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL) {
		status = not_loaded(link, error);
		close(fd);
		return status;
	}
	module = dlsym(handle, "seccomm_module");
	if (module == NULL)
		return error_set(error, SECCOMM_INVALID, "a module defines a constant of this name; seccomm_module.h says how",
		    "it exports no seccomm_module");
	status = judge_module(library, module, error);
	return status == SECCOMM_OK ? add_tables(library, module, file, error) : status;
}

int seccomm_module_load(struct seccomm *library, const char *file, struct seccomm_error *error)
{
	/* A pipe in its place would keep open() waiting. */
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), status;

	if (fd < 0) {
		status = error_set(error, SECCOMM_FAILED, NULL, "%s", strerror(errno));
	} else {
		status = judge_file(file, fd, error);
		if (status == SECCOMM_OK)
			status = load(library, file, fd, error);
		else
			close(fd);
	}
	if (status < 0 && error != NULL)
		snprintf(error->place, sizeof(error->place), "%s", file);
	return status;
}
