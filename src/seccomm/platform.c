/* SPDX-License-Identifier: Apache-2.0 */
/*
 * platform.c - the platform of an ordinary process: real clocks, the operating system's generator, malloc.
 */
#include <stdlib.h>
#include <time.h>

#include "crypto/crypto.h"
#include "seccomm.h"

static uint64_t clock_us(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static uint64_t monotonic_us(void *context)
{
	(void)context;
	return clock_us(CLOCK_MONOTONIC);
}

static uint64_t wall_us(void *context)
{
	(void)context;
	return clock_us(CLOCK_REALTIME);
}

static int random_bytes(void *context, void *out, size_t length)
{
	(void)context;
	return crypto_random(out, length);
}

static void *allocate(void *context, size_t size)
{
	(void)context;
	return calloc(1, size);
}

static void release(void *context, void *memory, size_t size)
{
	(void)context;
	(void)size;
	free(memory);
}

static void log_nowhere(void *context, int level, const char *line)
{
	(void)context;
	(void)level;
	(void)line;
}

const struct cactus_platform *seccomm_platform_default(void)
{
	static const struct cactus_platform platform = { .monotonic_us = monotonic_us,
		.wall_us = wall_us,
		.random = random_bytes,
		.allocate = allocate,
		.release = release,
		.log = log_nowhere };

	return &platform;
}
