/* SPDX-License-Identifier: Apache-2.0 */
/* alerts.c - `alerts`: the last ones, and those to come. */
#include "cli/control/private.h"

#include <stdlib.h>

enum { COUNT_USUAL = 20 };

static json_t *present(const char *text)
{
	return control_string(*text ? text : NULL);
}

static json_t *alert_json(const struct recent_alert *alert)
{
	char time[LOG_TIME_MAX], id[ALERT_NAME_MAX];

	log_time(alert->wall_us, time);
	alert_name(alert->id, id);
	return json_pack("{s:o, s:s, s:s, s:s, s:b, s:s, s:o, s:o, s:o, s:o, s:o}", "number",
	    control_number(alert->number), "time", time, "id", id, "text", seccomm_alert_text(alert->id), "fatal",
	    alert->fatal, "session", alert->session, "connection",
	    alert->connection ? control_number(alert->connection) : json_null(), "address", present(alert->address),
	    "peer", present(alert->peer), "layer", present(alert->layer), "detail", present(alert->detail));
}

/* The number of the oldest of the last COUNT ones that are meant. */
static uint64_t first_of(const struct recent *recent, const struct control_target *target, uint64_t count)
{
	uint64_t number = recent->count + 1;

	while (count > 0) {
		const struct recent_alert *alert = recent_get(recent, number - 1);

		if (!alert)
			break;
		count -= control_hits(target, alert->session, alert->connection);
		number--;
	}
	return number;
}

static void answer_last(const struct control_request *request, const struct control_target *target, uint64_t count)
{
	const struct recent *recent = &request->control->program->recent;

	for (uint64_t n = first_of(recent, target, count); n <= recent->count; n++) {
		const struct recent_alert *alert = recent_get(recent, n);

		if (control_hits(target, alert->session, alert->connection))
			control_more(request, json_pack("{s:o}", "alert", alert_json(alert)));
	}
}

void control_alerts(const struct control_request *request)
{
	struct control_target target;
	bool follow = false;
	uint64_t count;

	if (!control_target(request, &target) || !control_flag(request, "follow", &follow))
		return;
	count = follow ? 0 : COUNT_USUAL;
	if (!control_count(request, "count", 0, RECENT_ALERTS, &count))
		return;
	if (follow) {
		if (!follow_start(request, FOLLOW_ALERTS, &target, 0))
			return;
		control_more(request, json_pack("{s:b}", "following", 1)); /* from now on nothing is missed */
	}
	answer_last(request, &target, count);
	if (!follow)
		control_done(
		    request, json_pack("{s:o}", "seen", control_number(request->control->program->recent.count)));
}

void control_alerted(struct control *control, const struct recent_alert *alert)
{
	struct follow *follow, *next;

	if (!control)
		return;
	for (follow = TAILQ_FIRST(&control->follows); follow; follow = next) {
		next = TAILQ_NEXT(follow, all);
		if (follow->kind == FOLLOW_ALERTS && control_hits(&follow->target, alert->session, alert->connection))
			(void)follow_send(follow, "alert", alert_json(alert));
	}
}
