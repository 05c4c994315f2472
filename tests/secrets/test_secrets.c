/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: when a key has served, it is nowhere: not in the heap, on the stack, in a global, in a register, and not in
 * what OpenSSL keeps.  Searched are epoch keys and all that is derived from them, private values and what they agree
 * on, confirmation keys, and in the end the long-term keys; in lives that end in order, and in openings and renewals
 * that fail.  See secrets.h.
 *
 * Without sanitizers: they keep what was freed.
 */
#include "secrets.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "seccomm.h"

enum { SECRETS_MAX = 1024 };

struct knowledge {
	size_t count;
	struct secret list[SECRETS_MAX];
};

struct process {
	int pid, in, out;
};

static bool read_all(int fd, void *out, size_t length)
{
	uint8_t *at = out;

	while (length > 0) {
		ssize_t got = read(fd, at, length);

		if (got <= 0)
			return false;
		at += got;
		length -= (size_t)got;
	}
	return true;
}

/* This program once more, as another process that plays scene N. */
static struct process spawn(const char *mode, size_t n, const struct key_texts *texts)
{
	struct process p = { -1, -1, -1 };
	int to[2], from[2];
	char number[24];

	snprintf(number, sizeof(number), "%zu", n);
	if (pipe(to) < 0 || pipe(from) < 0 || (p.pid = fork()) < 0)
		return p;
	if (p.pid == 0) {
		dup2(to[0], 0);
		close(to[1]);
		close(from[0]);
		dup2(from[1], 1);
		execl("/proc/self/exe", "secrets", mode, number, (char *)NULL);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	p.in = to[1];
	p.out = from[0];
	if (write(p.in, texts, sizeof(*texts)) != sizeof(*texts))
		perror("write");
	return p;
}

static bool finish(struct process *p)
{
	int status = -1;

	close(p->in);
	close(p->out);
	return waitpid(p->pid, &status, 0) == p->pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* A pre-shared secret is the secret of every exchange, and stays. */
static bool is_long_term(const struct knowledge *k, const struct secret *secret)
{
	for (size_t i = 0; i < k->count; i++)
		if (k->list[i].phase == LONG_TERM && memcmp(k->list[i].bytes, secret->bytes, secret->length) == 0)
			return true;
	return false;
}

static bool learn(size_t n, const struct key_texts *texts, struct knowledge *k)
{
	struct process p = spawn("tell", n, texts);
	struct secret *next = &k->list[k->count];

	while (k->count < SECRETS_MAX && read_all(p.out, next, sizeof(*next))) {
		if (is_long_term(k, next))
			continue;
		k->count++;
		next++;
	}
	return finish(&p) && k->count > 0 && k->count < SECRETS_MAX;
}

/* Everything that should be gone is, and what should be there is found. */
static bool search_all(const struct checkpoint *point, const struct knowledge *k)
{
	static struct found found[SECRETS_MAX];
	bool fine = search(k->list, k->count, found);
	uint32_t seen = 0;

	for (size_t i = 0; i < k->count; i++) {
		const struct secret *secret = &k->list[i];
		const uint32_t gone = secret->lasts ? point->gone : point->gone | point->spent;

		if (found[i].count > 0 && secret->lasts)
			seen |= UINT32_C(1) << secret->phase;
		if (found[i].count == 0 || (gone >> secret->phase & 1) == 0)
			continue;
		printf("# %s: %s is still there, %zu times: %s\n", point->name, secret->name, found[i].count,
		    found[i].where);
		fine = false;
	}
	if ((seen & point->there) == point->there)
		return fine;
	printf("# %s: what must be there was not found: phases %#x of %#x\n", point->name, seen, point->there);
	return false;
}

static bool watch(size_t n, const struct key_texts *texts, const struct knowledge *k, size_t *points)
{
	struct process p = spawn("play", n, texts);
	struct checkpoint point;
	bool fine = true;

	while (read_all(p.out, &point, sizeof(point))) {
		++*points;
		if (!search_begin(p.pid)) {
			printf("# the memory of another process cannot be read here\n");
			fine = false;
		}
		fine &= search_all(&point, k);
		search_end();
		if (write(p.in, "", 1) != 1)
			break;
	}
	return finish(&p) && fine;
}

static bool judge(size_t n, struct seccomm *library)
{
	static struct knowledge k;
	static struct key_texts texts;
	size_t points = 0;
	bool fine;

	k = (struct knowledge){ 0 };
	fine = (k.count = long_term_make(library, scene_rsa(n), &texts, k.list)) > 0 && learn(n, &texts, &k) &&
	       watch(n, &texts, &k, &points) && points > 0;
	printf("%s %zu - %s\n# %zu secrets, %zu searches\n", fine ? "ok" : "not ok", n + 1, scene_name(n), k.count,
	    points);
	fflush(stdout);
	return fine;
}

static int play(const char *mode, size_t n)
{
	struct key_texts texts;
	int out = dup(1);

	dup2(2, 1); /* nothing else may stand between what is told */
	if (out < 0 || !read_all(0, &texts, sizeof(texts)))
		return 1;
	scene_play(n, &texts, strcmp(mode, "tell") == 0, 0, out);
	return 0;
}

int main(int argc, char **argv)
{
	struct seccomm_error error = { 0 };
	struct seccomm *library;
	size_t count = 0;
	bool fine = true;

	signal(SIGPIPE, SIG_IGN);
	if (argc == 3)
		return play(argv[1], strtoul(argv[2], NULL, 10));
	library = seccomm_new(&error);
	if (library == NULL)
		return 1;
	while (scene_name(count) != NULL)
		count++;
	printf("1..%zu\n", count);
	for (size_t n = 0; n < count; n++)
		fine &= judge(n, library);
	seccomm_free(library);
	return fine ? 0 : 1;
}
