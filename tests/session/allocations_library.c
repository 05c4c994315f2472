/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the same as allocations.c for the memory that OpenSSL takes, and what src/crypto takes around it.  OpenSSL's
 * allocator is the whole process's, so this is a program of its own; the set-up of the library is not tried, only
 * sessions are.
 */
#include "failing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/crypto.h>

#include <cmocka.h>

static uint64_t made, fail_at; /* neither allocator has a context that could hold them */
static bool go_on_failing;

static bool fails(void)
{
	made++;
	return fail_at != 0 && (go_on_failing ? made >= fail_at : made == fail_at);
}

static void *library_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return fails() ? NULL : malloc(size);
}

static void *library_realloc(void *old, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return fails() ? NULL : realloc(old, size);
}

static void library_free(void *old, const char *file, int line)
{
	(void)file;
	(void)line;
	free(old);
}

/* The linker puts these in the place of calloc(): of what runs here while something may fail, only src/crypto calls it.
 */
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

static uint64_t arm(struct rig *rig, uint64_t at, bool persistent)
{
	uint64_t count = made;

	(void)rig;
	made = 0;
	fail_at = at;
	go_on_failing = persistent;
	return count;
}

static void every_allocation_of_the_library_fails(void **state)
{
	const struct failing_means means = { .arm = arm, .every = failing_every(), .ends_streams = true };
	const uint64_t tries = failing_try(*state, &means);

	print_message("# %llu failures of OpenSSL's memory, every %llu\n", (unsigned long long)tries,
	    (unsigned long long)means.every);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_allocation_of_the_library_fails) };

	if (CRYPTO_set_mem_functions(library_malloc, library_realloc, library_free) != 1) {
		printf("Bail out! OpenSSL has memory already\n");
		return 1;
	}
	return cmocka_run_group_tests_name("allocations of the library", tests, rig_library, rig_library_free);
}
