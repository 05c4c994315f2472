/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random numbers of the crypto library itself (salts, seeds of paddings, numbers of signatures, blinding), from the seed of the
 * run.  OpenSSL 3.0 has no way to give a library context that has been used another generator, so it is the process's.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* RAND_set_rand_method() */
#include "sim.h"

#include <stdlib.h>

#include <openssl/rand.h>

static uint64_t state; /* a RAND_METHOD has no context */

static int generate(unsigned char *out, int length)
{
	sim_fill(&state, out, (size_t)length);
	return 1;
}

static int ready(void) { return 1; }

void generator_seed(uint64_t seed)
{
	static const RAND_METHOD method = { .bytes = generate, .pseudorand = generate, .status = ready };

	state = seed;
	if (RAND_set_rand_method(&method) != 1)
		abort();
}
