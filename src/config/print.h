/* SPDX-License-Identifier: Apache-2.0 */
/* print.h - writing text into YAML. */
#ifndef CONFIG_PRINT_H
#define CONFIG_PRINT_H

#include <stdio.h>

/* TEXT as a YAML scalar that is read as this text: as it is where that is sure, or else in double quotes. */
void config_print_scalar(FILE *out, const char *text);

#endif
