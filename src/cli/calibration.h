/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calibration.h - what each layer costs on this machine: measured by `bench --calibrate`, kept with the state of the home, shown by
 * `explain`.
 */
#ifndef CLI_CALIBRATION_H
#define CLI_CALIBRATION_H

#include <jansson.h>

#include "check/check.h"
#include "cli/cli.h"

/* Keeps ROWS, an array of what `bench --all` measured.  False: it has complained. */
bool calibration_keep(const char *home, const json_t *rows);
/*
 * What the layers of SESSION cost, as {processor, measured, bytes, layers: [{layer, send_ns, receive_ns}], send_ns,
 * receive_ns}, with null where a layer was not measured; the caller's.  NULL: nothing has been measured here.
 */
json_t *calibration_costs(const char *home, const struct check_session *session);
/* The same for people; COSTS may be NULL. */
void calibration_print(const json_t *costs);

#endif
