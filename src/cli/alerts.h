/* SPDX-License-Identifier: Apache-2.0 */
/* alerts.h - what each alert means to an operator, for `explain` and `list`. */
#ifndef CLI_ALERTS_H
#define CLI_ALERTS_H

#include "seccomm.h"

struct alert_text {
	enum seccomm_alert_id id;
	const char *meaning, *action;
};
/* Ends with a row without a meaning. */
const struct alert_text *alert_texts(void);

#endif
