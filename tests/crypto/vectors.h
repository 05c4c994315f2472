/* SPDX-License-Identifier: Apache-2.0 */
/* vectors.h - how a row of the table is held to a published case; each function fails the test when it answers anything else. */
#ifndef VECTORS_H
#define VECTORS_H

#include "crypto/crypto.h"
#include "vector_file.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct work {
	const char *directory;
	struct crypto *crypto;
	const struct crypto_algorithm *algorithm; /* NULL: the file is not a row's */
	char *pem; /* RSA: the key of the cases that follow */
};

#define CHECK(c, condition)                                                                                            \
	do {                                                                                                           \
		if (!(condition))                                                                                      \
			fail_msg("%s: case ending at line %zu: %s", (c)->file, (c)->line, #condition);                 \
	} while (0)

/* ---- vectors_public.c: rows with key pairs.  STATE is a struct work. ---- */

void run_sign(void *state, const struct vector_case *);
void run_kx(void *state, const struct vector_case *);
void run_pke(void *state, const struct vector_case *);
void run_kem(void *state, const struct vector_case *);

#endif
