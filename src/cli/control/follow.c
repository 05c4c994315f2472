/* SPDX-License-Identifier: Apache-2.0 */
/* follow.c - requests that go on: events are sent as they happen, and one that its client has no room for is lost. */
#include "cli/control/private.h"

#include <stdlib.h>

struct follow *follow_start(
    const struct control_request *request, enum follow_kind kind, const struct control_target *target, uint64_t count)
{
	struct follow *follow;

	if (request->client->follows == CONTROL_FOLLOWS_MAX) {
		control_fail(
		    request, "open another connection", "this client follows %d things already", CONTROL_FOLLOWS_MAX);
		return NULL;
	}
	follow = calloc(1, sizeof(*follow));
	if (!follow) {
		control_fail(request, "", "out of memory");
		return NULL;
	}
	follow->client = request->client;
	follow->id = request->id;
	follow->kind = kind;
	follow->target = *target;
	follow->left = count;
	request->client->follows++;
	TAILQ_INSERT_TAIL(&request->control->follows, follow, all);
	return follow;
}

void follow_end(struct follow *follow)
{
	struct control_client *client = follow->client;

	client->follows--;
	TAILQ_REMOVE(&client->control->follows, follow, all);
	free(follow);
}

bool follow_send(struct follow *follow, const char *name, json_t *event)
{
	struct control_client *client = follow->client;
	const struct control_request request = { .client = client, .control = client->control, .id = follow->id };
	json_t *members;

	if (client->wire.waiting(client->wire.context) > CONTROL_WAITING_MAX) {
		follow->lost++;
		json_decref(event);
		return true;
	}
	members = json_pack("{s:o}", name, event);
	if (members && follow->lost)
		json_object_set_new(members, "lost", control_number(follow->lost));
	follow->lost = 0;
	control_more(&request, members);
	if (follow->left == 0 || --follow->left)
		return true;
	control_done(&request, json_object());
	follow_end(follow);
	return false;
}
