/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The array of micro-protocols, made from the list in meson.build.
 */
#include "list.h"

#define MP_DECLARE(table) extern const struct seccomm_mp table;
MP_LIST(MP_DECLARE)
#undef MP_DECLARE

#define MP_ADDRESS(table) &table,
const struct seccomm_mp *const mp_list[] = { MP_LIST(MP_ADDRESS) NULL };
#undef MP_ADDRESS
