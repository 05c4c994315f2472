/* SPDX-License-Identifier: Apache-2.0 */
/*
 * library.h - struct seccomm, its list of micro-protocols, and how set-up calls say what went wrong.
 */
#ifndef SECCOMM_LIBRARY_H
#define SECCOMM_LIBRARY_H

#include "seccomm.h"
#include "seccomm_module.h"
#include "crypto/crypto.h"

struct library_module {
	const struct seccomm_module *module;
	char *file; /* as it was named */
};
struct seccomm {
	struct crypto *crypto;
	const struct seccomm_mp *const *list; /* mp_list, or OWN */
	size_t count;
	const struct seccomm_mp **own; /* the tables of mp_list and those of the modules behind them; NULL: no module */
	struct library_module *modules;
	size_t module_count;
};

/* Fills ERROR (may be NULL) and answers STATUS. */
__attribute__((format(printf, 4, 5))) int error_set(
    struct seccomm_error *error, int status, const char *remedy, const char *format, ...);

/* ---- outside_table.c ---- */

/*
 * Whether MP, of a module, has what the checker and the runtime rely on in a table.  False, with ERROR (may be NULL) filled: it
 * does not.  Whether another table has the same name is not looked at.
 */
bool outside_table_good(const struct seccomm_mp *mp, struct seccomm_error *error);
/* 1 to MOST of a-z 0-9 and MORE, beginning with a-z or 0-9. */
bool outside_is_word(const char *text, size_t most, const char *more);

#endif
