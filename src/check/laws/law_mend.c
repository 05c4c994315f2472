/* SPDX-License-Identifier: Apache-2.0 */
/* law_mend.c - a broken row in words, and as a change of the text. */
#include "check/laws/laws.h"

#include <string.h>

/* ---- Words ---- */

static bool proves_only(const struct seccomm_mp *mp, const void *unused)
{
	(void)unused;
	return (mp->gives & SECCOMM_GIVES_INTEGRITY) && !(mp->gives & SECCOMM_GIVES_CONFIDENTIALITY) &&
	       mp->class_of != SECCOMM_KEY_DISTRIBUTION;
}

/* What the name in braces at *TEXT stands for, and *TEXT behind it; NULL: no memory. */
static const char *meaning(struct check_draft *d, const struct check_lane *lane, const struct law_mark *m, const char **text)
{
	const struct plan_layer *own = &lane->layers[m->place], *other = &lane->layers[m->other];
	size_t length = strcspn(*text, "}");
	const char *name = *text + 1;

	*text += length + 1;
	if (strncmp(name, "own}", 4) == 0)
		return check_layer_text(d->run->arena, own);
	if (strncmp(name, "other}", 6) == 0)
		return check_layer_text(d->run->arena, other);
	if (strncmp(name, "pad}", 4) == 0)
		return seccomm_layer_pad(own);
	if (strncmp(name, "proof}", 6) == 0)
		return check_providers(d->run, proves_only, NULL);
	return m->detail;
}

/* TEXT of a row with all that stands in braces replaced; the words of a line of YAML are in braces, too, and stay. */
static const char *say(struct check_draft *d, const struct check_lane *lane, const struct law_mark *m, const char *text)
{
	static const char *const names[] = { "{own}", "{other}", "{pad}", "{proof}", "{detail}" };
	struct config_arena *arena = d->run->arena;
	const char *out = "";

	while (out && *text) {
		size_t plain = strcspn(text + 1, "{") + 1;
		const char *known = NULL, *value;

		for (size_t i = 0; i < sizeof names / sizeof *names && !known; i++)
			known = strncmp(text, names[i], strlen(names[i])) == 0 ? names[i] : NULL;
		if (known) {
			value = meaning(d, lane, m, &text);
			out = value ? config_print(arena, "%s%s", out, value) : NULL;
		} else {
			out = config_print(arena, "%s%.*s", out, (int)plain, text);
			text += plain;
		}
	}
	return out;
}

static const char *ways_text(unsigned ways)
{
	if (ways == 1U << SECCOMM_C2S)
		return " from the client to the server";
	return ways == 1U << SECCOMM_S2C ? " from the server to the client" : "";
}

/* ---- Changes of the text ---- */

/* A layer that authenticates, behind OWN, for the ways that it runs, under the key that it uses. */
static const char *prover(struct check_draft *d, const struct check_lane *lane, const struct plan_layer *own, unsigned ways)
{
	const uint32_t key = own->image->key ? own->image->key : (uint32_t)d->slot_count;

	if (lane->number && !own->image->key)
		return "sign:ed25519";
	return check_with_key(d, check_provider(d->run, proves_only, NULL), key, ways);
}

/* Then a layer under the key at hand would be one too many. */
static bool quantum_proof(const struct check_draft *d)
{
	return d->require[PLAN_INTEGRITY] == SECCOMM_LEVEL_QUANTUM || d->require[PLAN_AUTHENTICITY] == SECCOMM_LEVEL_QUANTUM;
}

static bool listed(const struct config_layer *from, const char *name)
{
	for (size_t i = 0; i < from->given_count; i++)
		if (strcmp(from->given[i].name->text, name) == 0)
			return true;
	return false;
}

/* LINE with what the layer at PLACE says of itself beside its algorithm: key, direction, order, name. */
static const char *instead(struct check_draft *d, const struct check_lane *lane, size_t place, const char *line)
{
	const struct plan_layer *layer = &lane->layers[place];
	const struct config_layer *from = lane->from[place];
	struct config_arena *arena = d->run->arena;
	const unsigned ways = layer->image->direction == SECCOMM_BOTH ? CHECK_BOTH_WAYS : 1U << layer->image->direction;

	line = check_with_key(d, line, layer->image->key, ways);
	if (line && listed(from, "order"))
		line = config_print(arena, "%s,order=%u", line, layer->order);
	return line && listed(from, "name") ? config_print(arena, "%s,name=%s", line, layer->name) : line;
}

static void bounds(struct check_draft *d, const struct config_layer *from, struct check_edit edit[CHECK_EDITS_MAX])
{
	static const char *const names[] = { "max-age", "max-skew" };

	for (size_t i = 0; i < from->given_count; i++)
		for (size_t n = 0; n < 2; n++) {
			const struct config_node *value = from->given[i].value;
			uint64_t us;

			if (strcmp(from->given[i].name->text, names[n]) == 0 && config_duration(value->text, &us) == CONFIG_VALUE_OK &&
			    us > LAW_CLOCKS_US)
				edit[n] = check_edit_place(d->run, value->at, "5m");
		}
}

static void mend(struct check_draft *d, const struct check_lane *lane, const struct law_mark *m,
    struct check_edit edit[CHECK_EDITS_MAX])
{
	const struct config_layer *own = lane->from[m->place], *other = lane->from[m->other];
	const char *line = m->law->line ? say(d, lane, m, m->law->line) : NULL;

	switch (m->law->mend) {
	case MEND_NOT:
		break;
	case MEND_PROVE:
		if (lane->number == 0 && quantum_proof(d))
			check_mend_proof(d, SECCOMM_LEVEL_QUANTUM, m->ways, edit);
		else
			edit[0] = check_edit_after(d->run, own, prover(d, lane, &lane->layers[m->place], m->ways));
		break;
	case MEND_AFTER:
		edit[0] = check_edit_after(d->run, own, check_with_key(d, line, 0, m->ways));
		break;
	case MEND_SWAP:
		check_edit_swap(d->run, own, other, edit);
		break;
	case MEND_MOVE:
		check_edit_move(d->run, own, other, edit);
		break;
	case MEND_MERGE:
		edit[1] = check_edit_without(d->run, other);
		edit[0] = check_edit_layer(d->run, own, instead(d, lane, m->place, line));
		break;
	case MEND_INSTEAD:
		edit[0] = check_edit_layer(d->run, own, instead(d, lane, m->place, line));
		break;
	case MEND_INSTEAD_OTHER:
		edit[0] = check_edit_layer(d->run, other, instead(d, lane, m->other, line));
		break;
	case MEND_REMOVE:
		edit[0] = check_edit_without(d->run, own);
		break;
	case MEND_BOUNDS:
		bounds(d, own, edit);
		break;
	}
}

bool law_tell(struct check_draft *d, const struct check_lane *lane, const struct law_mark *m)
{
	const char *message = say(d, lane, m, m->law->message);
	struct check_report report = { .id = m->law->id, .at = check_layer_place(lane->from[m->place]),
		.reason = say(d, lane, m, m->law->reason), .help = say(d, lane, m, m->law->help) };

	if (!message || !report.reason || !report.help)
		return false;
	report.message = config_print(d->run->arena, "%s%s", message, ways_text(m->ways));
	if (m->other != m->place)
		report.other = check_layer_place(lane->from[m->other]);
	mend(d, lane, m, report.edit);
	check_tell(d->run, &report);
	return !d->run->arena->failed;
}
