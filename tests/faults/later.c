/* SPDX-License-Identifier: Apache-2.0 */
/* later.c - stands between a program and its clock (LD_PRELOAD): when the file LATER_FILE is there, it is 601 seconds later. */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LATER_S = 601 };

__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *out)
{
	const char *path = getenv("LATER_FILE");
	int (*real)(clockid_t, struct timespec *) = NULL;
	void *found = dlsym(RTLD_NEXT, "clock_gettime");
	int status;

	memcpy(&real, &found, sizeof(found)); /* ISO C has no cast for it */
	status = real(clock, out);
	if (status == 0 && clock != CLOCK_REALTIME && path != NULL && access(path, F_OK) == 0)
		out->tv_sec += LATER_S;
	return status;
}
