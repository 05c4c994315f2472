/* SPDX-License-Identifier: Apache-2.0 */
/*
 * laws.c - what no stack may be, whatever its levels: see "Ten laws" in the study behind the checker.
 *
 * Each law looks at a lane in one direction, from inside to outside, and marks the layer that breaks it.  A mark made
 * in both directions is told once.
 */
#include "check/internal.h"

#include <string.h>

struct mark {
	const char *id;
	size_t place, other; /* in the lane */
	unsigned ways; /* bit: enum seccomm_direction */
};
struct marks {
	const struct check_lane *lane;
	struct mark list[3 * PLAN_LAYERS_MAX + 2];
	size_t count;
};

enum { PROVES = SECCOMM_GIVES_INTEGRITY | SECCOMM_GIVES_AUTHENTICITY };

static void mark(struct marks *m, const char *id, size_t place, size_t other, enum seccomm_direction way)
{
	size_t i = 0;

	while (i < m->count && (m->list[i].id != id || m->list[i].place != place))
		i++;
	if (i == sizeof m->list / sizeof *m->list)
		return;
	if (i == m->count)
		m->list[m->count++] = (struct mark){ id, place, other, 0 };
	m->list[i].ways |= 1U << way;
}

/* The outermost of the layers inside LAST that gives one of GIVES; WAY->count: none. */
static size_t inside(const struct check_way *way, size_t last, unsigned gives)
{
	for (size_t i = last; i-- > 0;)
		if (way->layer[i]->mp->gives & gives)
			return i;
	return way->count;
}

static bool is_kind(const struct plan_layer *layer, const char *kind)
{
	return layer->mp->kind && strcmp(layer->mp->kind, kind) == 0;
}

static bool is_mac(const struct plan_layer *layer)
{
	return is_kind(layer, "mac") || is_kind(layer, "onetime");
}

/* Ids as constants: marks are compared by them. */
static const char sc201[] = "SC201", sc204[] = "SC204", sc206[] = "SC206", sc217[] = "SC217", sc222[] = "SC222", sc223[] = "SC223",
		  sc301[] = "SC301", sc601[] = "SC601", sc602[] = "SC602";

/* The first law: the outermost layer authenticates, for it is what a stranger's bytes reach first. */
static void outermost(struct marks *m, const struct check_way *way, enum seccomm_direction direction)
{
	size_t last = way->count, proof, digest, place;

	/* A layer for freshness alone transforms nothing; the law after this one judges its place. */
	while (last > 0 && way->layer[last - 1]->mp->gives == SECCOMM_GIVES_FRESHNESS)
		last--;
	if (last == 0 || (way->layer[--last]->mp->gives & PROVES))
		return;
	place = way->place[last];
	proof = inside(way, last, PROVES);
	digest = inside(way, last, SECCOMM_GIVES_CHECKSUM);
	if (proof < way->count)
		mark(m, is_kind(way->layer[last], "cipher") && is_mac(way->layer[proof]) ? sc206 : sc217, place,
		    way->place[proof], direction);
	else if (m->lane->number != 0)
		return; /* an exchange that nobody authenticates is told of at its key */
	else if ((way->layer[last]->mp->gives & SECCOMM_GIVES_CONFIDENTIALITY) && digest < way->count)
		mark(m, sc204, place, way->place[digest], direction);
	else if (way->layer[last]->mp->gives & SECCOMM_GIVES_CONFIDENTIALITY)
		mark(m, sc201, place, place, direction);
	else if (way->layer[last]->mp->gives & SECCOMM_GIVES_CHECKSUM)
		mark(m, sc301, place, place, direction);
	else
		mark(m, sc217, place, place, direction);
}

static bool broken(const struct marks *m, enum seccomm_direction direction)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->list[i].ways & 1U << direction)
			return true;
	return false;
}

/* Freshness needs integrity outside it.  Where nothing proves anything, that is told, and this is only a consequence.
 */
static void fresh(
    const struct check_draft *d, struct marks *m, const struct check_way *way, enum seccomm_direction direction)
{
	bool told = inside(way, way->count, PROVES) == way->count &&
		    (d->require[PLAN_INTEGRITY] != SECCOMM_LEVEL_NONE || broken(m, direction));

	for (size_t i = 0; i < way->count; i++) {
		bool covered = (way->layer[i]->mp->gives & SECCOMM_GIVES_INTEGRITY) != 0;

		for (size_t j = i + 1; j < way->count; j++)
			covered = covered || (way->layer[j]->mp->gives & SECCOMM_GIVES_INTEGRITY);
		if ((way->layer[i]->mp->gives & SECCOMM_GIVES_FRESHNESS) && !covered && !told)
			mark(m, sc601, way->place[i], way->place[i], direction);
	}
}

/* A layer that wants messages in order drops honest ones where the link does not keep it. */
static void in_order(
    const struct check_draft *d, struct marks *m, const struct check_way *way, enum seccomm_direction direction)
{
	for (size_t i = 0; i < way->count && d->session->link == SECCOMM_DATAGRAM; i++)
		if (way->layer[i]->mp->ordered)
			mark(m, sc602, way->place[i], way->place[i], direction);
}

/* A pad promises what no algorithm does, and so must what proves a message: its partner lives on a pad, too. */
static void partner(struct marks *m, const struct check_way *way, enum seccomm_direction direction)
{
	for (size_t i = 0; i < way->count; i++) {
		bool proven = false, by_pad = false;

		for (size_t j = i + 1; j < way->count; j++)
			if (way->layer[j]->mp->gives & SECCOMM_GIVES_INTEGRITY) {
				proven = true;
				by_pad = by_pad || seccomm_layer_pad(way->layer[j]);
			}
		if ((way->layer[i]->mp->gives & SECCOMM_GIVES_CONFIDENTIALITY) && seccomm_layer_pad(way->layer[i]) && proven && !by_pad)
			mark(m, sc222, way->place[i], way->place[i], direction);
	}
}

/* Whether there is replay prevention and nothing that protects it: SC601 or worse has been told, so SC607 is not. */
static bool uncovered(const struct check_way *way)
{
	return inside(way, way->count, SECCOMM_GIVES_FRESHNESS) < way->count &&
	       inside(way, way->count, PROVES) == way->count;
}

struct wording {
	const char *id;
	const char *before, *between, *after; /* the layer, the other one; BETWEEN NULL: there is none */
	const char *reason;
};
static const struct wording wordings[] = {
	{ sc201, "", NULL, " encrypts without authentication",
	    "an attacker can change messages unnoticed, and with some ciphers read them by trying" },
	{ sc204, "", " around ", " does not authenticate",
	    "whoever knows a message can cut out or replace it with its digest" },
	{ sc206, "", " stands outside ", "",
	    "padding is looked at before the MAC is checked: an attacker reads messages by trying" },
	{ sc217, "the outermost layer ", NULL, " does not authenticate",
	    "a stranger's bytes reach it before anything has checked where they come from" },
	{ sc222, "nothing outside ", NULL, " proves a message with bytes of a pad",
	    "a pad hides for good, whatever computer comes; who breaks the algorithm that proves a message can still change it" },
	{ sc223, "", NULL, " spends a pad on whoever asks",
	    "who repeats a recorded opening makes the server answer with new bytes of the pad, until it is used up" },
	{ sc301, "", NULL, " has no secret",
	    "an attacker changes the message and computes the digest again: it finds accidents only" },
	{ sc601, "nothing outside ", NULL, " protects it",
	    "the number or time of a message can be altered, so an old message passes as a new one" },
	{ sc602, "", NULL, " refuses datagrams that others have overtaken",
	    "a datagram link changes the order: messages are lost though nobody attacks" },
};

static const char *ways_text(unsigned ways)
{
	if (ways == 1U << SECCOMM_C2S)
		return " from the client to the server";
	return ways == 1U << SECCOMM_S2C ? " from the server to the client" : "";
}

static bool proves_only(const struct seccomm_mp *mp, const void *unused)
{
	(void)unused;
	return (mp->gives & SECCOMM_GIVES_INTEGRITY) && !(mp->gives & SECCOMM_GIVES_CONFIDENTIALITY) &&
	       mp->class_of != SECCOMM_KEY_DISTRIBUTION;
}

static const char *remedy(struct check_draft *d, const struct marks *marks, const struct mark *m)
{
	struct config_arena *arena = d->run->arena;
	const struct plan_layer *layers = marks->lane->layers;
	const char *providers = check_providers(d->run, proves_only, NULL);
	const char *own = check_layer_text(arena, &layers[m->place]),
		   *other = check_layer_text(arena, &layers[m->other]);
	bool encrypts = (layers[m->place].mp->gives & SECCOMM_GIVES_CONFIDENTIALITY) != 0;

	if (!providers || !own || !other)
		return NULL;
	if (m->id == sc206)
		return config_print(arena, "swap them: first   - %s   , then   - %s", own, other);
	if (m->id == sc601)
		return config_print(
		    arena, "put   - %s   before a layer that authenticates, in the same direction", own);
	if (m->id == sc222)
		return config_print(
		    arena, "put behind it   - mac: {algorithm: one-time-poly1305, pad: %s}", seccomm_layer_pad(&layers[m->place]));
	if (m->id == sc223)
		return "protect the exchange by   - sign: ed25519   , and keep the pad for data";
	if (m->id == sc602)
		return "use   anti-replay: window   , which accepts each of the last messages once, in any order";
	return config_print(arena, "add behind it   - %s%s", providers,
	    encrypts ? "\nor use   encrypt: aes-256-gcm   , which does both" : "");
}

/* A layer that authenticates, behind the one at PLACE, for the ways that it runs, under the key that the other one uses. */
static const char *prover(struct check_draft *d, const struct plan_layer *inner, unsigned ways)
{
	const uint32_t key = inner->image->key ? inner->image->key : (uint32_t)d->slot_count;

	return check_with_key(d, check_provider(d->run, proves_only, NULL), key, ways);
}

/* The change of the text that does what remedy() says. */
static void repair(struct check_draft *d, const struct marks *marks, const struct mark *m, struct check_edit edit[CHECK_EDITS_MAX])
{
	const struct check_run *run = d->run;
	const struct config_layer *own = marks->lane->from[m->place], *other = marks->lane->from[m->other];
	const struct plan_layer *layer = &marks->lane->layers[m->place];
	const char *pad = seccomm_layer_pad(layer);

	if (m->id == sc206)
		check_edit_swap(run, own, other, edit);
	else if (m->id == sc602)
		edit[0] = check_edit_layer(run, own, "anti-replay:window");
	else if (m->id == sc222)
		edit[0] = check_edit_after(run, own, config_print(run->arena, "mac:one-time-poly1305,pad=%s", pad));
	else if (m->id == sc201 || m->id == sc204 || m->id == sc217 || m->id == sc301)
		edit[0] = check_edit_after(run, own, prover(d, layer, m->ways));
}

static bool tell(struct check_draft *d, const struct marks *marks, const struct mark *m)
{
	struct config_arena *arena = d->run->arena;
	const struct check_lane *lane = marks->lane;
	const struct wording *w = wordings;
	struct check_report report;
	const char *own = check_layer_text(arena, &lane->layers[m->place]);
	const char *other = check_layer_text(arena, &lane->layers[m->other]), *help = remedy(d, marks, m), *message;

	while (w->id != m->id)
		w++;
	if (!own || !other || !help)
		return false;
	message = config_print(arena, "%s%s%s%s%s%s", w->before, own, w->between ? w->between : "",
	    w->between ? other : "", w->after, ways_text(m->ways));
	report = (struct check_report){ m->id, check_layer_place(lane->from[m->place]), message, w->reason, help, { { 0 } } };
	repair(d, marks, m, report.edit);
	check_tell(d->run, &report);
	return !arena->failed;
}

static bool tell_all(struct check_draft *d, const struct marks *marks)
{
	for (size_t i = 0; i < marks->count; i++)
		if (!tell(d, marks, &marks->list[i]))
			return false;
	return true;
}

/* Which properties need no further word in which direction: the law has said it. */
static void excuse(const struct mark *m, unsigned excused[3])
{
	unsigned properties = m->id == sc601 ? 1U << PLAN_FRESHNESS : 1U << PLAN_INTEGRITY | 1U << PLAN_AUTHENTICITY;

	if (m->id == sc206 || m->id == sc217 || m->id == sc222 || m->id == sc223 || m->id == sc602)
		properties = 0;
	for (unsigned way = SECCOMM_C2S; way <= SECCOMM_S2C; way++)
		if (m->ways & 1U << way)
			excused[way] |= properties;
}

/* An answer is made for openings that nobody has proven to be new. */
static void spent(struct marks *m, const struct check_way *way, enum seccomm_direction direction)
{
	for (size_t i = 0; i < way->count; i++)
		if (seccomm_layer_pad(way->layer[i]))
			mark(m, sc223, way->place[i], way->place[i], direction);
}

/* Under a key, what authenticates must be outermost, too; what it achieves is part of the key's own level. */
static bool exchanges(struct check_draft *d)
{
	for (size_t i = 0; i < d->slot_count; i++) {
		struct marks marks = { .lane = &d->protect[i] };

		for (enum seccomm_direction way = SECCOMM_C2S; way <= SECCOMM_S2C; way++) {
			struct check_way layers;

			check_way_of(d->protect[i].layers, d->protect[i].count, way, &layers);
			outermost(&marks, &layers, way);
			spent(&marks, &layers, way);
		}
		if (!tell_all(d, &marks))
			return false;
	}
	return true;
}

bool check_laws(struct check_draft *d)
{
	struct marks marks = { .lane = &d->stack };
	unsigned excused[3] = { 0 };

	for (enum seccomm_direction way = SECCOMM_C2S; way <= SECCOMM_S2C; way++) {
		struct check_way layers;

		check_way_of(d->stack.layers, d->stack.count, way, &layers);
		outermost(&marks, &layers, way);
		fresh(d, &marks, &layers, way);
		in_order(d, &marks, &layers, way);
		partner(&marks, &layers, way);
		excused[way] |= uncovered(&layers) ? 1U << PLAN_FRESHNESS : 0;
	}
	for (size_t i = 0; i < marks.count; i++)
		excuse(&marks.list[i], excused);
	return tell_all(d, &marks) && exchanges(d) && check_shortage(d, excused);
}
