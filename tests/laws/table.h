/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.h - what a table must say of itself, whatever is made of it: names, parameters, ties, growth, algorithm.
 */
#ifndef LAWS_TABLE_H
#define LAWS_TABLE_H

#include "seccomm_module.h"

/* The parameters; never NULL, the last one has no name. */
const struct cactus_param *table_params(const struct seccomm_mp *);
/* Fails the test when the Nth table of LIBRARY is not right. */
void table_is_right(const struct seccomm *library, size_t n);

#endif
