/* SPDX-License-Identifier: Apache-2.0 */
/* problem.c - the last step: the plan is composed, and what the runtime finds is told where it was written. */
#include "check/internal.h"

#include <string.h>

struct side {
	const char *name;
	struct config_place at;
	const struct config_layer *from; /* NULL: it is no layer */
};

/* The layer that a problem means; lane 0 is the stack, the others are the keys. */
static struct side side_of(const struct check_draft *d, uint32_t lane, size_t layer)
{
	const struct check_lane *list = lane == 0 ? &d->stack : lane <= d->slot_count ? &d->protect[lane - 1] : NULL;

	if (list && layer < list->count)
		return (struct side){ list->layers[layer].mp->cactus.name, check_layer_place(list->from[layer]), list->from[layer] };
	if (list && lane > 0)
		return (struct side){ d->slots[lane - 1].establish.mp->cactus.name, d->keys[lane - 1].name->at, NULL };
	return (struct side){ d->session->name, d->stack_at, NULL };
}

static bool provides(const struct seccomm_mp *mp, const void *capability)
{
	for (const struct cactus_tie *tie = mp->cactus.provides; tie && tie->capability; tie++)
		if (strcmp(tie->capability, capability) == 0)
			return true;
	return false;
}

static bool sets(const struct seccomm_mp *mp, const void *attribute)
{
	for (const struct cactus_attribute *a = mp->cactus.attributes; a && a->name; a++)
		if (a->act == CACTUS_SETS && strcmp(a->name, attribute) == 0)
			return true;
	return false;
}

static const char *help_with(
    struct check_draft *d, bool (*wanted)(const struct seccomm_mp *, const void *), const char *what)
{
	const char *providers = check_providers(d->run, wanted, what);

	return providers && *providers ? config_print(d->run->arena, "add what provides it:   %s", providers)
				       : providers;
}

/* The layer as written that a problem means; NULL: it is none of a list. */
static const struct config_layer *written(const struct check_draft *d, uint32_t lane, size_t layer)
{
	const struct check_lane *list = lane == 0 ? &d->stack : lane <= d->slot_count ? &d->protect[lane - 1] : NULL;

	return list && layer < list->count ? list->from[layer] : NULL;
}

/* The cheapest that is WANTED, in front of the layer that needs it, in the same directions, and called NAME if that is asked for. */
static struct check_edit provided(struct check_draft *d, const struct plan_problem *problem,
    bool (*wanted)(const struct seccomm_mp *, const void *), const char *what, const char *name)
{
	const struct config_layer *from = written(d, problem->lane, problem->layer);
	const struct check_lane *list = problem->lane == 0 ? &d->stack : &d->protect[problem->lane - 1];
	const char *line = from ? check_provider(d->run, wanted, what) : NULL;
	unsigned way;

	if (!line)
		return (struct check_edit){ 0 };
	way = list->layers[problem->layer].image->direction;
	line = check_with_key(d, name ? config_print(d->run->arena, "%s,name=%s", line, name) : line, 0,
	    way == SECCOMM_BOTH ? CHECK_BOTH_WAYS : 1U << way);
	return line ? check_edit_before(d->run, from, line) : (struct check_edit){ 0 };
}

/* The name of the layer whose attribute was asked for; NULL: none was named. */
static const char *named(const struct check_draft *d, const struct plan_problem *problem)
{
	const struct check_lane *list = problem->lane == 0 ? &d->stack : &d->protect[problem->lane - 1];
	const struct plan_layer *layer = problem->layer < list->count ? &list->layers[problem->layer] : NULL;
	const char *name = NULL;

	for (const struct cactus_attribute *a = layer ? layer->mp->cactus.attributes : NULL; a && a->name; a++)
		if (a->of.size == sizeof name)
			memcpy(&name, (const char *)layer->image + a->of.offset, sizeof name);
	return name && *name ? name : NULL;
}

static struct check_report unmet(struct check_draft *d, const struct plan_problem *problem, struct side self)
{
	struct config_arena *arena = d->run->arena;
	const char *what = problem->cactus->what ? problem->cactus->what : "something";

	if (problem->cactus->kind == CACTUS_NOTHING_TO_CONSUME && named(d, problem))
		return (struct check_report){ "SC103", self.at,
			config_print(arena, "%s takes '%s' of a layer called '%s', and no such layer before it has one",
			    self.name, what, named(d, problem)),
			NULL, "give that layer this 'name' and place it before, with none that packs between; or leave 'of' out",
			{ provided(d, problem, sets, what, named(d, problem)) } };
	if (problem->cactus->kind == CACTUS_NOTHING_TO_CONSUME)
		return (struct check_report){ "SC103", self.at,
			config_print(
			    arena, "%s takes '%s' from a message, but no layer before it sets it", self.name, what),
			NULL, help_with(d, sets, what), { provided(d, problem, sets, what, NULL) } };
	return (struct check_report){ "SC103", self.at,
		config_print(arena, "%s needs '%s', which nothing here provides", self.name, what), NULL,
		help_with(d, provides, what), { provided(d, problem, provides, what, NULL) } };
}

static struct check_report pair(
    struct check_draft *d, const struct plan_problem *problem, struct side self, struct side other)
{
	struct config_arena *arena = d->run->arena;
	const char *what = problem->cactus->what ? problem->cactus->what : "";

	switch (problem->cactus->kind) {
	case CACTUS_EQUAL_ORDERS:
		return (struct check_report){ "SC101", self.at,
			config_print(arena, "%s and %s have one order", other.name, self.name),
			"which of them is outside would be undefined", "give them distinct orders" };
	case CACTUS_WRONG_SIZE:
		return (struct check_report){ "SC512", self.at,
			config_print(
			    arena, "%s provides '%s' in another size than %s needs", other.name, what, self.name),
			NULL, "use another key for it" };
	case CACTUS_WRONG_PLACE:
		return (struct check_report){ "SC308", self.at,
			config_print(arena, "%s must stand before %s", other.name, self.name),
			"what it adds to a message would not be covered",
			config_print(arena, "move %s up in the list", other.name) };
	default:
		return (struct check_report){ "SC113", self.at,
			config_print(
			    arena, "%s and %s declare attribute '%s' differently", other.name, self.name, what),
			NULL, NULL };
	}
}

static void told(void *context, const struct plan_problem *problem)
{
	struct check_draft *d = context;
	struct side self = side_of(d, problem->lane, problem->layer),
		    other = side_of(d, problem->other_lane, problem->other);
	struct check_report report;

	switch (problem->cactus->kind) {
	case CACTUS_BAD_ORDER:
		report = (struct check_report){ "SC101", self.at,
			config_print(d->run->arena, "the order of %s is not 1 to 999", self.name), NULL,
			"leave 'order' out: the position in the list counts" };
		break;
	case CACTUS_UNMET_NEED:
	case CACTUS_NOTHING_TO_CONSUME:
		report = unmet(d, problem, self);
		break;
	case CACTUS_TOO_MANY:
		report = (struct check_report){ "SC114", self.at,
			config_print(d->run->arena,
			    "too many attributes at %s: more than 16 packed at once, or 64 in all", self.name),
			NULL, "use fewer layers" };
		break;
	case CACTUS_DOES_NOT_FIT:
		report = (struct check_report){ "SC114", self.at,
			config_print(d->run->arena, "%s cannot take what the layers before it make, even of an empty message", self.name),
			NULL, "use a larger cover, or move other layers behind it" };
		break;
	default:
		report = pair(d, problem, self, other);
		report.other = other.at;
		if (problem->cactus->kind == CACTUS_WRONG_PLACE && self.from && other.from)
			check_edit_move(d->run, other.from, self.from, report.edit);
		break;
	}
	check_tell(d->run, &report);
}

/* What a socket can carry: RFC 768 and 791, the least of our datagrams. */
enum { DATAGRAM_MOST = 65507 };

static bool too_long(struct check_draft *d, struct config_place at, const char *message)
{
	check_tell(d->run, &(struct check_report){ "SC114", at, message, NULL, "use another cover, with its size" });
	return message != NULL;
}

/* A layer that fills gives every message one size, which nothing but the link and the exchange bounds. */
static bool sizes_fit(struct check_draft *d)
{
	struct config_arena *arena = d->run->arena;
	const struct seccomm_plan *plan = d->session->plan;
	const size_t c2s = seccomm_plan_wire_size(plan, SECCOMM_C2S, 0), s2c = seccomm_plan_wire_size(plan, SECCOMM_S2C, 0);
	const size_t wire = c2s > s2c ? c2s : s2c;
	struct plan_exchange_sizes sizes;

	if (d->session->link == SECCOMM_DATAGRAM && wire > DATAGRAM_MOST &&
	    !too_long(d, d->stack_at,
		config_print(arena, "each message becomes %zu bytes, and a datagram has at most %d", wire, DATAGRAM_MOST)))
		return false;
	for (size_t i = 0; i < d->slot_count; i++) {
		const char *name = d->slots[i].name;

		if (!seccomm_plan_exchange_fits(plan, i, &sizes) &&
		    !too_long(d, d->keys[i].name->at,
			sizes.least > sizes.taken
			    ? config_print(arena, "a message that agrees on key '%s' has %zu bytes or more, and the layers under it take %zu",
				  name, sizes.least, sizes.taken)
			    : config_print(arena, "a message that agrees on key '%s' becomes %zu bytes, and can have %zu", name,
				  sizes.wire, sizes.wire_most)))
			return false;
	}
	return true;
}

bool check_plan(struct check_draft *d)
{
	struct check_session *s = d->session;
	struct plan_request request = { .role = s->role,
		.link = s->link,
		.session = s->name,
		.identity = s->identity,
		.peers = s->peers,
		.peer_count = s->peer_count,
		.stack = d->stack.layers,
		.stack_count = d->stack.count,
		.slots = d->slots,
		.slot_count = d->slot_count,
		.lab = s->lab,
		.anonymous = check_anonymous(d),
		.accepted = check_accept_text(d),
		.timing = d->timing,
		.max_message = s->link == SECCOMM_STREAM ? PLAN_STREAM_MESSAGE_MAX : PLAN_DATAGRAM_MESSAGE_MAX };
	size_t before = d->run->result->errors;
	int status;

	memcpy(request.require, d->require, sizeof request.require);
	status = seccomm_plan_build(d->run->library, &request, told, d, &s->plan);
	if (status == SECCOMM_OK && !sizes_fit(d))
		return false;
	if (status == SECCOMM_OK && d->run->result->errors == before)
		return true;
	if (status == SECCOMM_OK)
		seccomm_plan_free(s->plan);
	s->plan = NULL;
	if (status == SECCOMM_NO_MEMORY)
		return false;
	if (d->run->result->errors == before)
		check_tell(d->run, &(struct check_report){ "SC120", d->head,
				       config_print(d->run->arena, "session '%s' cannot be composed: %s", s->name,
					   seccomm_status_text(status)),
				       NULL, NULL });
	return !d->run->arena->failed;
}
