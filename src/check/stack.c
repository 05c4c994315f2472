/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stack.c - which layers and keys a session is made of: its own, a profile's, or the key that a stack without keys
 * gets; and a list of layers resolved as a whole.
 */
#include "check/internal.h"

#include <string.h>

static bool tell(struct check_draft *d, const char *id, struct config_place at, const char *message, const char *help)
{
	check_tell(d->run, &(struct check_report){ .id = id, .at = at, .message = message, .help = help });
	return message != NULL;
}

/* Something is missing that EDIT adds. */
static bool missing(struct check_draft *d, struct config_place at, const char *message, const char *help, struct check_edit edit)
{
	check_tell(d->run, &(struct check_report){ .id = "SC009", .at = at, .message = message, .help = help, .edit = { edit } });
	return message != NULL;
}

/* Two layers of a lane must not have one order, not even in different directions: the runtime says so, too. */
static bool orders(struct check_draft *d, const struct check_lane *lane)
{
	struct config_arena *arena = d->run->arena;

	for (size_t i = 1; i < lane->count; i++) {
		for (size_t j = 0; j < i; j++) {
			const struct plan_layer *a = &lane->layers[j], *b = &lane->layers[i];

			if (a->order != b->order)
				continue;
			check_tell(d->run,
			    &(struct check_report){ "SC101", check_layer_place(lane->from[i]),
				config_print(arena, "%s and %s both have order %u", a->mp->cactus.name,
				    b->mp->cactus.name, b->order),
				"which of them is outside would be undefined, and the two ends might differ",
				"give them distinct orders, or leave 'order' out: the position in the list counts",
				.other = check_layer_place(lane->from[j]) });
			d->partial = true;
			break;
		}
	}
	return !arena->failed;
}

bool check_lane_resolve(struct check_draft *d, const struct config_layers *from, struct check_lane *lane)
{
	lane->from = config_take(d->run->arena, (from->count + 1) * sizeof *lane->from);
	lane->layers = config_take(d->run->arena, (from->count + 1) * sizeof *lane->layers);
	lane->drawn = config_take(d->run->arena, (from->count + 1) * sizeof *lane->drawn);
	if (!lane->from || !lane->layers || !lane->drawn)
		return false;
	if (from->faulty)
		d->partial = true;
	for (size_t i = 0; i < from->count; i++) {
		bool ok;

		lane->layers[lane->count] = (struct plan_layer){ 0 };
		if (!check_layer(d, &from->list[i], lane, i + 1, &lane->layers[lane->count], &ok))
			return false;
		if (lane->layers[lane->count].mp)
			lane->drawn[lane->drawn_count++] = lane->layers[lane->count];
		if (ok)
			lane->from[lane->count++] = &from->list[i];
		else
			d->partial = true;
	}
	return orders(d, lane);
}

/*
 * The key that a session gets whose file says nothing of keys: as in profile default@1.  Even if no layer asks for one,
 * the session's own control messages are sealed.
 */
static bool default_key(struct check_draft *d)
{
	static const char text[] = "dh,protect=sign:ed25519";
	struct config_node *name = config_scalar(d->run->arena, "data", 4, d->stack_at);
	struct config_node *line = config_scalar(d->run->arena, text, sizeof text - 1, d->stack_at);

	if (!name || !line)
		return false;
	line->name = name;
	d->keys = config_take(d->run->arena, sizeof *d->keys);
	d->slot_count = 1;
	return d->keys && config_key_read(&d->run->sink, line, d->keys);
}

static bool read_keys(struct check_draft *d, const struct config_node *keys)
{
	d->keys = config_take(d->run->arena, (keys->count + 1) * sizeof *d->keys);
	if (!d->keys)
		return false;
	if (keys->count == 0) {
		d->partial = true;
		return missing(d, keys->name ? keys->name->at : keys->at, "a session needs a key",
		    "remove this line, and the key of default@1 is added; or add   data: {establish: dh, protect: "
		    "[sign: ed25519]}",
		    check_mend_keys(d));
	}
	for (const struct config_node *m = keys->first; m; m = m->next) {
		if (d->slot_count == PLAN_SLOTS_MAX) {
			d->partial = true;
			return tell(d, "SC114", m->name->at, "more than 30 keys", NULL);
		}
		if (!config_key_read(&d->run->sink, m, &d->keys[d->slot_count++]))
			return false;
	}
	return true;
}

/* What is said, by the profile or by the session. */
static const struct config_node *said(const struct check_draft *d, enum config_field field)
{
	return d->profile[field] ? d->profile[field] : d->from->field[field];
}

bool check_source(struct check_draft *d)
{
	const struct config_node *stack = said(d, CONFIG_STACK), *keys = said(d, CONFIG_KEYS);

	if (!stack) {
		d->partial = true;
		if (d->from->faulty[CONFIG_STACK] || d->from->faulty[CONFIG_PROFILE])
			return true;
		return d->from->field[CONFIG_PROFILE] && !d->session->lab
			   ? true
			   : missing(d, d->head, "the session has no stack",
				 d->session->lab ? "profile lab needs a stack of its own:   stack: [...]"
						 : "add   profile: default@1   , or a stack of your own",
				 check_mend_stack(d));
	}
	d->stack_at = d->profile[CONFIG_STACK] ? d->from->field[CONFIG_PROFILE]->at : stack->name->at;
	if (!config_layers_read(&d->run->sink, stack, &d->stack_from))
		return false;
	if (d->stack_from.count == 0 && !d->stack_from.faulty &&
	    !missing(d, stack->at, "the stack is empty", "add   profile: default@1   , or layers", check_mend_stack(d)))
		return false;
	return keys ? read_keys(d, keys) : default_key(d);
}
