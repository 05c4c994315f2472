/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secrecy.h - see secrecy.c.
 */
#ifndef SECRECY_H
#define SECRECY_H

#include <stdbool.h>
#include <stddef.h>

/* From now on; before, algorithms are asked for known answers. */
void secrecy_begin(void);
/* crypto_equal(), whose answer is not declared public. */
bool secrecy_equal(const void *a, const void *b, size_t length);

#endif
