/* SPDX-License-Identifier: Apache-2.0 */
/* scarce.h - a library for tests of the checker in which memory can run out.  Linked with -Wl,--wrap=calloc. */
#ifndef CHECK_SCARCE_H
#define CHECK_SCARCE_H

#include "check/check.h"

extern struct seccomm *library;
/* So many calls of calloc() go well from now on; -1: all. */
extern long allocations_left;

/* For cmocka_run_group_tests_name(). */
int scarce_begin(void **state);
int scarce_end(void **state);

#endif
