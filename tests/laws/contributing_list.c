/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of micro-protocols with one more: the worked example of CONTRIBUTING.md, which the laws are tried on, too.
 */
#include "mp/list.h"

#define DECLARE(table) extern const struct seccomm_mp table;
MP_LIST(DECLARE)
DECLARE(mp_roll)
#undef DECLARE

#define ADDRESS(table) &table,
const struct seccomm_mp *const mp_list[] = { MP_LIST(ADDRESS) &mp_roll, NULL };
#undef ADDRESS
