/* SPDX-License-Identifier: Apache-2.0 */
/* scarce.c - memory that runs out when a test wants it to (see scarce.h). */
#include "scarce.h"

struct seccomm *library;
long allocations_left = -1;

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
	if (allocations_left == 0)
		return NULL;
	if (allocations_left > 0)
		allocations_left--;
	return __real_calloc(count, size);
}

int scarce_begin(void **state)
{
	(void)state;
	library = seccomm_new(NULL);
	return library ? 0 : -1;
}

int scarce_end(void **state)
{
	(void)state;
	seccomm_free(library);
	return 0;
}
