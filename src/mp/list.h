/* SPDX-License-Identifier: Apache-2.0 */
/*
 * list.h - the micro-protocols of this library.  Which they are is said in meson.build, one line for each; MP_LIST(X) is
 * X(table) for every one of them.
 */
#ifndef MP_LIST_H
#define MP_LIST_H

#include "mp_tables.h"
#include "seccomm_module.h"

/* All of them; ends with NULL. */
extern const struct seccomm_mp *const mp_list[];

#endif
