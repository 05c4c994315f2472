/* SPDX-License-Identifier: Apache-2.0 */
/*
 * library.h - struct seccomm, and how set-up calls say what went wrong.
 */
#ifndef SECCOMM_LIBRARY_H
#define SECCOMM_LIBRARY_H

#include "seccomm.h"
#include "seccomm_module.h"
#include "crypto/crypto.h"

struct seccomm {
	struct crypto *crypto;
	const struct seccomm_mp *const *list;
	size_t count;
};

/* Fills ERROR (may be NULL) and answers STATUS. */
__attribute__((format(printf, 4, 5))) int error_set(
    struct seccomm_error *error, int status, const char *remedy, const char *format, ...);

#endif
