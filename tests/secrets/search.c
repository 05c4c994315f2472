/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search.c - all that another process could still read: its writable memory and its registers, copied at once and
 * searched.
 */
#include "secrets.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REGIONS_MAX = 2048, REGISTERS = 1 << 16, PIECE = 16, STEP = 8, PIECES_MAX = 1 << 14, BUCKETS = 1 << 16 };

struct region {
	uint8_t *bytes;
	size_t length;
	unsigned long start;
	char name[64];
};
static struct region regions[REGIONS_MAX];
static size_t region_count;

static struct region *add(const char *name, unsigned long start, size_t length)
{
	struct region *region = &regions[region_count];

	if (region_count == REGIONS_MAX || (region->bytes = malloc(length)) == NULL)
		return NULL;
	region->start = start;
	region->length = length;
	snprintf(region->name, sizeof(region->name), "%.63s", *name ? name : "anonymous");
	region_count++;
	return region;
}

static bool copy_memory(int pid)
{
	char path[64], line[512], flags[8], name[256];
	unsigned long start, end;
	bool fine = true;
	FILE *maps;
	int memory;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "re");
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	memory = open(path, O_RDONLY | O_CLOEXEC);
	while (maps && memory >= 0 && fgets(line, sizeof(line), maps) != NULL) {
		struct region *region;
		ssize_t got;

		*name = '\0';
		if (sscanf(line, "%lx-%lx %7s %*s %*s %*s %255s", &start, &end, flags, name) < 3 ||
		    strncmp(flags, "rw", 2) != 0)
			continue;
		region = add(name, start, end - start);
		got = region != NULL ? pread(memory, region->bytes, region->length, (off_t)start) : -1;
		fine &= got == (ssize_t)(end - start);
	}
	fine &= maps != NULL && memory >= 0;
	if (maps != NULL)
		fclose(maps);
	if (memory >= 0)
		close(memory);
	return fine;
}

static bool copy_registers(int pid)
{
	static const unsigned kinds[] = { NT_PRSTATUS, NT_FPREGSET, NT_X86_XSTATE };
	int status;

	if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) < 0)
		return false;
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		return false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct region *region = add("registers", kinds[i], REGISTERS);
		struct iovec place = { region != NULL ? region->bytes : NULL, region != NULL ? REGISTERS : 0 };

		if (region != NULL)
			region->length = ptrace(PTRACE_GETREGSET, pid, kinds[i], &place) == 0 ? place.iov_len : 0;
	}
	return ptrace(PTRACE_DETACH, pid, NULL, NULL) == 0;
}

bool search_begin(int pid)
{
	search_end();
	return copy_memory(pid) && copy_registers(pid);
}

void search_end(void)
{
	while (region_count > 0)
		free(regions[--region_count].bytes);
}

/* ---- Pieces ---- */

struct piece {
	uint8_t bytes[PIECE];
	size_t length, secret, next; /* NEXT: the place of the next one in this bucket, plus 1 */
};
struct pieces {
	size_t count;
	size_t buckets[BUCKETS]; /* the place of the first one, plus 1 */
	struct piece list[PIECES_MAX];
};

static size_t bucket_of(const uint8_t *bytes)
{
	uint64_t head;

	memcpy(&head, bytes, sizeof(head));
	return (size_t)(head * UINT64_C(0x9e3779b97f4a7c15) >> 48) % BUCKETS;
}

static bool add_pieces(struct pieces *pieces, const struct secret *secret, size_t n)
{
	static const uint8_t pads[] = { 0, 0x36, 0x5c }; /* RFC 2104 */
	const size_t length = secret->length < PIECE ? secret->length : PIECE;

	for (size_t i = 0; i < sizeof(pads); i++)
		for (size_t at = 0; at + length <= secret->length; at += STEP) {
			struct piece *piece = &pieces->list[pieces->count];
			size_t *bucket;

			if (pieces->count == PIECES_MAX || length < STEP)
				return false;
			for (size_t k = 0; k < length; k++)
				piece->bytes[k] = secret->bytes[at + k] ^ pads[i];
			bucket = &pieces->buckets[bucket_of(piece->bytes)];
			piece->length = length;
			piece->secret = n;
			piece->next = *bucket;
			*bucket = ++pieces->count;
		}
	return true;
}

static void look(const struct pieces *pieces, const struct region *region, struct found *found)
{
	for (size_t at = 0; at + STEP <= region->length; at++) {
		const struct piece *piece;

		for (size_t place = pieces->buckets[bucket_of(region->bytes + at)]; place > 0; place = piece->next) {
			struct found *here;

			piece = &pieces->list[place - 1];
			here = &found[piece->secret];
			if (region->length - at < piece->length ||
			    memcmp(region->bytes + at, piece->bytes, piece->length) != 0)
				continue;
			if (here->count++ == 0)
				snprintf(
				    here->where, sizeof(here->where), "%s at %#lx", region->name, region->start + at);
		}
	}
}

bool search(const struct secret *secrets, size_t count, struct found *found)
{
	struct pieces *pieces = calloc(1, sizeof(*pieces));
	bool fine = pieces != NULL;

	memset(found, 0, count * sizeof(*found));
	for (size_t i = 0; i < count && fine; i++)
		fine = add_pieces(pieces, &secrets[i], i);
	for (size_t i = 0; i < region_count && fine; i++)
		look(pieces, &regions[i], found);
	free(pieces);
	return fine;
}
