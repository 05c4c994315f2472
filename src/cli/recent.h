/* SPDX-License-Identifier: Apache-2.0 */
/* recent.h - the last alerts of all services, however many came: the control socket shows them. */
#ifndef CLI_RECENT_H
#define CLI_RECENT_H

#include "transport/transport.h"

enum { RECENT_ALERTS = 256, RECENT_DETAIL_MAX = 512, RECENT_LAYER_MAX = 64 };

struct recent_alert {
	uint64_t number; /* of all alerts, from 1 */
	uint64_t wall_us;
	enum seccomm_alert_id id;
	bool fatal;
	uint64_t connection;
	char session[SECCOMM_NAME_MAX], peer[SECCOMM_NAME_MAX]; /* no peer, no layer: empty */
	char address[CONFIG_URL_MAX], layer[RECENT_LAYER_MAX], detail[RECENT_DETAIL_MAX];
};
struct recent {
	struct recent_alert *list; /* RECENT_ALERTS of them, a ring; NULL before the first one */
	uint64_t count; /* since the start */
};

/* What EVENT, which is an alert, says; lent until the next one.  NULL: no memory. */
const struct recent_alert *recent_add(struct recent *, const struct transport_event *event);
/* NUMBER as above; NULL: it was not yet, or has been forgotten. */
const struct recent_alert *recent_get(const struct recent *, uint64_t number);
void recent_free(struct recent *);

#endif
