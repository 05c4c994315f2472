/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What SecComm costs beside the cryptography: push and pop in memory, against a loop written by hand that does the same with the
 * same calls; and how often each stack allocates memory or calls the system for a message.
 *
 * Both sides of the comparison: write number and header, seal in place, copy the frame as a network would, read and
 * check the header, open in place, check the number.  Short rounds of both alternate, and the median of the ratios of
 * neighbours counts, so what else the machine does falls out.  --check fails when a ratio is above its limit, or when an
 * AEAD stack allocates or calls the system.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "pair.h"

enum { ROUNDS = 201, ROUND_NS = 1000000, HEADER = 6, COVER = 14 };

/* ---- Counting allocations: the one place with mutable state of the program, for malloc has no context ----------- */

static unsigned long malloc_calls;

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

__attribute__((visibility("default"))) void *malloc(size_t size)
{
	malloc_calls++;
	return __libc_malloc(size);
}
__attribute__((visibility("default"))) void *calloc(size_t count, size_t size)
{
	malloc_calls++;
	return __libc_calloc(count, size);
}
__attribute__((visibility("default"))) void *realloc(void *memory, size_t size)
{
	malloc_calls++;
	return __libc_realloc(memory, size);
}

/* ---- The same by hand ------------------------------------------------------------------------------------------- */

struct hand {
	struct crypto_aead *seal, *open;
	uint8_t iv[CRYPTO_NONCE_BYTES];
	uint64_t sent, received, last;
	uint8_t buffer[FRAME_MAX], wire[FRAME_MAX];
	unsigned long delivered;
};

static void hand_cover(uint8_t cover[COVER], uint8_t nonce[CRYPTO_NONCE_BYTES], const struct hand *hand, uint64_t number)
{
	cactus_put_u64(cover, number);
	cactus_put_u32(nonce, cactus_u32(hand->iv));
	cactus_put_u64(nonce + 4, cactus_u64(hand->iv + 4) ^ number);
}

static size_t hand_push(struct hand *hand, size_t size)
{
	uint8_t cover[COVER], nonce[CRYPTO_NONCE_BYTES], *body = hand->buffer + HEADER;

	hand_cover(cover, nonce, hand, hand->sent++);
	cover[8] = 1 << 5;
	cover[9] = 1;
	cactus_put_u32(cover + 10, (uint32_t)size + CRYPTO_TAG_BYTES);
	if (crypto_aead_seal(hand->seal, nonce, cover, COVER, body, size, body + size) < 0)
		die("sealing by hand");
	memcpy(hand->buffer, cover + 8, HEADER);
	memcpy(hand->wire, hand->buffer, HEADER + size + CRYPTO_TAG_BYTES);
	return HEADER + size + CRYPTO_TAG_BYTES;
}

static void hand_pop(struct hand *hand, size_t length)
{
	uint8_t cover[COVER], nonce[CRYPTO_NONCE_BYTES], *body = hand->wire + HEADER;
	size_t size = length - HEADER - CRYPTO_TAG_BYTES;
	uint64_t number = hand->received++;

	if (hand->wire[0] != 1 << 5 || hand->wire[1] != 1 || cactus_u32(hand->wire + 2) != length - HEADER)
		die("a header by hand");
	hand_cover(cover, nonce, hand, number);
	memcpy(cover + 8, hand->wire, HEADER);
	if (crypto_aead_open(hand->open, nonce, cover, COVER, body, size, body + size) < 0 || (number > 0 && number <= hand->last))
		die("opening by hand");
	hand->last = number;
	hand->delivered += size > 0;
}

static void run_hand(struct hand *hand, size_t size, unsigned long count)
{
	while (count-- > 0)
		hand_pop(hand, hand_push(hand, size));
}

static void hand_make(struct crypto *crypto, struct hand *hand)
{
	static const uint8_t key[32] = { 1, 2, 3 };
	const struct crypto_algorithm *gcm = crypto_find(CRYPTO_AEAD, "aes-256-gcm");

	memset(hand, 0, sizeof(*hand));
	if (crypto_aead_new(crypto, gcm, key, true, &hand->seal) < 0 || crypto_aead_new(crypto, gcm, key, false, &hand->open) < 0)
		die("keys by hand");
}

/* ---- Comparing -------------------------------------------------------------------------------------------------- */

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof(*values), by_value);
	return values[ROUNDS / 2];
}

/* Nanoseconds a message, of both; answers whether the ratio is within LIMIT (0: none). */
static bool compare(struct pair *pair, struct hand *hand, size_t size, double limit)
{
	struct seccomm_message *message = seccomm_message_new(pair->end[CLIENT].session, size);
	double ours[ROUNDS], theirs[ROUNDS], ratios[ROUNDS], ratio, start = now_ns();
	unsigned long count = 1;

	if (message == NULL)
		die("no memory");
	run_hand(hand, size, 200);
	pair_run(pair, message, size, 200);
	count += (unsigned long)(ROUND_NS / ((now_ns() - start) / 400));
	for (unsigned i = 0; i < ROUNDS; i++) {
		double t0 = now_ns(), t1, t2;

		pair_run(pair, message, size, count);
		t1 = now_ns();
		run_hand(hand, size, count);
		t2 = now_ns();
		ours[i] = (t1 - t0) / (double)count;
		theirs[i] = (t2 - t1) / (double)count;
		ratios[i] = ours[i] / theirs[i];
	}
	seccomm_message_release(message);
	ratio = median(ratios);
	printf("%8zu  %10.1f  %10.1f  %7.3f", size, median(ours), median(theirs), ratio);
	if (limit > 0)
		printf("  at most %.2f%s", limit, ratio > limit ? "  MISSED" : "");
	printf("\n");
	return limit <= 0 || ratio <= limit;
}

static bool compare_all(struct seccomm *library, const struct keys *keys)
{
	static const struct stack usual = { .text = "anti-replay:sequence | encrypt:aes-256-gcm" };
	struct pair *pair = malloc(sizeof(*pair));
	struct hand *hand = malloc(sizeof(*hand));
	char why[128];
	struct crypto *crypto = crypto_new(why, sizeof(why));
	bool good;

	if (pair == NULL || hand == NULL || crypto == NULL)
		die("no memory");
	pair_make(library, pair, &usual, keys);
	hand_make(crypto, hand);
	printf("push + pop, %s, ns a message\n%8s  %10s  %10s  %7s\n", usual.text, "bytes", "seccomm", "by hand", "ratio");
	good = compare(pair, hand, 64, 1.25);
	good &= compare(pair, hand, 1024, 0);
	good &= compare(pair, hand, 16384, 1.03);
	pair_drop(pair);
	crypto_aead_free(hand->seal);
	crypto_aead_free(hand->open);
	crypto_free(crypto);
	free(hand);
	free(pair);
	return good;
}

/* ---- Allocations and system calls ------------------------------------------------------------------------------- */

enum { MESSAGES = 1000 };

struct counts {
	double push, push_own, pop, pop_own;
	double calls;
};

/* How often a child that is watched enters or leaves the kernel while it carries COUNT messages. */
static unsigned long stops(struct pair *pair, struct seccomm_message *message, unsigned long count)
{
	unsigned long n = 0;
	int status = 0;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0 || raise(SIGSTOP) != 0)
			_exit(3);
		pair_run(pair, message, 256, count);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
		die("system calls cannot be watched here");
	for (; !WIFEXITED(status); n++)
		if (ptrace(PTRACE_SYSCALL, child, NULL, NULL) != 0 || waitpid(child, &status, 0) != child || WIFSIGNALED(status))
			die("the watched child was lost");
	return n;
}

static double calls(struct pair *pair, struct seccomm_message *message)
{
	return (double)(stops(pair, message, MESSAGES) - stops(pair, message, 0)) / 2 / MESSAGES;
}

static struct counts count(struct pair *pair)
{
	struct end *client = &pair->end[CLIENT];
	struct seccomm_message *message = seccomm_message_new(client->session, 256);
	unsigned long push = 0, pop = 0, push_own = 0, pop_own = 0;
	struct counts counts;

	if (message == NULL)
		die("no memory");
	pair_run(pair, message, 256, 100);
	for (unsigned i = 0; i < MESSAGES; i++) {
		unsigned long all = malloc_calls, own = pair->allocations;

		seccomm_message_reset(message, 256);
		if (seccomm_push(client->session, message) != SECCOMM_OK)
			die("a push failed");
		push += malloc_calls - all;
		push_own += pair->allocations - own;
		all = malloc_calls;
		own = pair->allocations;
		pair_carry(client);
		pop += malloc_calls - all;
		pop_own += pair->allocations - own;
	}
	counts = (struct counts){ (double)push / MESSAGES, (double)push_own / MESSAGES, (double)pop / MESSAGES,
		(double)pop_own / MESSAGES, calls(pair, message) };
	seccomm_message_release(message);
	return counts;
}

static bool count_all(struct seccomm *library, const struct keys *keys)
{
	static const struct stack stacks[] = {
		{ .text = "anti-replay:sequence | encrypt:aes-256-gcm", .aead = true },
		{ .text = "anti-replay:sequence | encrypt:chacha20-poly1305", .aead = true },
		{ .text = "anti-replay:timestamp | encrypt:aes-256-gcm,direction=c2s | encrypt:chacha20-poly1305,direction=s2c",
		    .aead = true },
		{ .text = "anti-replay:sequence | encrypt:aes-256-gcm", .key = "psk,secret=shared", .alone = true, .aead = true },
		{ .text = "anti-replay:sequence | digest:sha-256 | encrypt:aes-256-gcm" },
		{ .text = "anti-replay:sequence | mac:hmac-sha-256" },
		{ .text = "anti-replay:sequence | encrypt:des-cbc | mac:hmac-sha-256" },
		{ .text = "anti-replay:sequence | sign:ed25519 | encrypt:aes-256-gcm" },
	};
	struct pair *pair = malloc(sizeof(*pair));
	bool good = true;

	if (pair == NULL)
		die("no memory");
	printf("\na message: allocations at push and at pop (of them SecComm's own), system calls\n%14s  %14s  %8s  stack\n", "push", "pop",
	    "calls");
	for (size_t i = 0; i < sizeof(stacks) / sizeof(stacks[0]); i++) {
		struct counts c;
		bool bad;

		pair_make(library, pair, &stacks[i], keys);
		c = count(pair);
		bad = c.push_own + c.pop_own > 0 || (stacks[i].aead && (c.push + c.pop + c.calls > 0));
		printf("%7.2f (%4.2f)  %7.2f (%4.2f)  %8.2f  %s%s%s\n", c.push, c.push_own, c.pop, c.pop_own, c.calls,
		    stacks[i].text, stacks[i].alone ? ", pre-shared secret" : "", bad ? "  MISSED" : "");
		good &= !bad;
		pair_drop(pair);
	}
	free(pair);
	return good;
}

int main(int argc, char **argv)
{
	bool check = argc > 1 && strcmp(argv[1], "--check") == 0, good;
	struct seccomm *library = seccomm_new(NULL);
	struct keys keys;
	char none[1];

	if (library == NULL)
		die("no crypto library");
	for (unsigned n = CLIENT; n <= SERVER; n++)
		if (seccomm_key_generate(library, "ed25519", keys.secret[n], sizeof(keys.secret[n]), keys.public_key[n],
			sizeof(keys.public_key[n])) < 0)
			die("no keys");
	if (seccomm_key_generate(library, "psk", keys.psk, sizeof(keys.psk), none, sizeof(none)) < 0)
		die("no keys");
	good = compare_all(library, &keys);
	good &= count_all(library, &keys);
	seccomm_free(library);
	return check && !good;
}
