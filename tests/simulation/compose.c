/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stacks and keys that are put together of any tables, at random, as long as the tables say that it goes.
 *
 * What is drawn authenticates everything, for that is what the judge asks of it.  Beside what roll.c says, these are not drawn:
 * a pad for several clients (each would need one of its own), with keys without an exchange (a receiver that starts again
 * refuses the rest of its peer's block, and nobody tells that peer), and under a key (the checker refuses it); a cover under a
 * key (its messages are larger than exchanges carry); public keys where nobody has an identity.
 */
#include "sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seccomm/plan.h"

enum { TRIES = 100000, MORE_MAX = 3 };

/* ---- What a table needs -------------------------------------------------------------------------------------------- */

static const struct cactus_param no_params[] = { { 0 } };

static const struct cactus_param *params_of(const struct seccomm_mp *mp)
{
	return mp->cactus.params != NULL ? mp->cactus.params : no_params;
}

bool compose_needs(const struct seccomm_mp *mp, const char *name)
{
	for (const struct cactus_param *p = params_of(mp); p->name != NULL; p++)
		if (p->required && (name == NULL || strcmp(p->name, name) == 0))
			return true;
	return false;
}

/* ---- A table as YAML ----------------------------------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	text->used += (size_t)vsnprintf(text->at + text->used, sizeof(text->at) - text->used, format, arguments);
	va_end(arguments);
	if (text->used >= sizeof(text->at))
		abort();
}

/* One of the words of P that this machine can do. */
static const char *draw_word(struct sim *sim, const struct seccomm_mp *mp, const struct cactus_param *p)
{
	const bool chooses = mp->choice.size != 0 && mp->choice.offset == p->at.offset;
	const char *words[32];
	size_t count = 0;

	for (size_t i = 0; p->words[i] != NULL && count < 32; i++)
		if (!chooses || seccomm_choice_unavailable(sim->people->library, mp, p->words[i]) == NULL)
			words[count++] = p->words[i];
	return words[sim_draw(sim, count)];
}

static void add_param(struct sim *sim, struct text *text, const struct seccomm_mp *mp, const struct cactus_param *p)
{
	if (p->kind == CACTUS_WORD)
		add(text, ", %s: %s", p->name, draw_word(sim, mp, p));
	else if (p->kind == CACTUS_SIZE && mp->cactus.filling != NULL)
		add(text, ", %s: %zu", p->name, sim->cover_bytes);
	else if (p->required && p->kind == CACTUS_TEXT)
		add(text, ", %s: %s", p->name, strcmp(p->name, "secret") == 0 ? "shared" : p->name);
	else if (p->required)
		add(text, ", %s: %u", p->name, (unsigned)sim_between(sim, p->min, p->max < 1000 ? p->max : 1000));
}

/* "{method: chacha20, key: data}", but for the closing brace. */
static void add_table(struct sim *sim, struct text *text, const struct seccomm_mp *mp, const char *key)
{
	add(text, "{method: %s", mp->word);
	if (mp->key_bytes > 0)
		add(text, ", key: %s", key);
	for (const struct cactus_param *p = params_of(mp); p->name != NULL; p++)
		add_param(sim, text, mp, p);
}

/* ---- A stack ------------------------------------------------------------------------------------------------------- */

static bool fits(const struct seccomm_mp *mp, const struct wants *wants)
{
	const bool keyed = mp->key_bytes > 0, pads = compose_needs(mp, "pad");

	return mp->cactus.down != NULL && (mp == wants->turn || !roll_rare(mp)) && !(keyed && wants->keyless) &&
	       !(seccomm_mp_pairs(mp) && wants->alone) && !(pads && !wants->pads) && !(mp->cactus.filling && !wants->covers);
}

static void insert(struct stack *stack, size_t count, size_t at, const struct seccomm_mp *mp)
{
	for (size_t i = count; i > at; i--)
		stack->mp[i] = stack->mp[i - 1];
	stack->mp[at] = mp;
}

static bool good(const struct stack *stack, const struct wants *wants)
{
	bool hides = !wants->hides;

	for (size_t i = 0; stack->mp[i] != NULL; i++)
		hides |= (stack->mp[i]->gives & SECCOMM_GIVES_CONFIDENTIALITY) != 0;
	return hides && hold_admissible(stack) && hold_promised(stack, SECCOMM_GIVES_INTEGRITY);
}

static const struct seccomm_mp *any(struct sim *sim, const struct wants *wants)
{
	const struct roll *roll = &sim->people->roll;
	const struct seccomm_mp *drawn;

	do
		drawn = roll->tables[sim_draw(sim, roll->count)];
	while (!fits(drawn, wants));
	return drawn;
}

/* The table by turn, if there is one, some others, and around them what authenticates. */
static struct stack draw_stack(struct sim *sim, const struct wants *wants)
{
	struct stack stack;
	unsigned tries = 0;

	do {
		size_t count = 0;

		stack = (struct stack){ { NULL } };
		if (wants->turn != NULL)
			insert(&stack, count++, 0, wants->turn);
		for (uint64_t more = sim_draw(sim, MORE_MAX + 1); more > 0; more--, count++)
			insert(&stack, count, (size_t)sim_draw(sim, count + 1), any(sim, wants));
		if (!good(&stack, wants))
			insert(&stack, count, count, any(sim, wants));
	} while (!good(&stack, wants) && ++tries < TRIES);
	if (tries == TRIES)
		sim_fail(sim, "no stack can be drawn with %s", wants->turn != NULL ? wants->turn->cactus.name : "anything");
	return stack;
}

/* The nearest layer inside AT that sets an attribute which AT's looks at; AT: it looks at none. */
static size_t looked_at(const struct stack *stack, size_t at)
{
	for (const struct cactus_attribute *a = stack->mp[at]->cactus.attributes; a != NULL && a->name != NULL; a++)
		for (size_t i = at; a->act == CACTUS_READS && i-- > 0;)
			for (const struct cactus_attribute *b = stack->mp[i]->cactus.attributes; b != NULL && b->name != NULL; b++)
				if (b->act == CACTUS_SETS && strcmp(a->name, b->name) == 0)
					return i;
	return at;
}

void compose_layers(struct sim *sim, const struct wants *wants, const char *key, struct text *text)
{
	const struct stack stack = draw_stack(sim, wants);

	for (size_t i = 0; stack.mp[i] != NULL; i++) {
		const size_t of = looked_at(&stack, i);

		add(text, "%s%s: ", i > 0 ? ", " : "", stack.mp[i]->layer);
		add_table(sim, text, stack.mp[i], key);
		add(text, ", name: l%zu", i);
		if (of < i && sim_chance(sim, 50))
			add(text, ", of: l%zu", of);
		add(text, "}");
	}
}

/* ---- Keys ---------------------------------------------------------------------------------------------------------- */

/* Which tables establish the first key of several, or the last one. */
static bool establishes(const struct seccomm_mp *mp, const struct wants *wants, bool first, bool creates)
{
	if (strcmp(mp->layer, "establish") != 0 || mp->salted || (creates && !roll_creates(mp)))
		return false;
	if (wants->alone)
		return first ? compose_needs(mp, "secret") && mp->wraps == 0 : !seccomm_mp_pairs(mp);
	return (!first || mp->wraps == 0) && (mp == wants->turn || !roll_rare(mp));
}

static const struct seccomm_mp *draw_establish(struct sim *sim, const struct wants *wants, bool first, bool creates)
{
	const struct roll *roll = &sim->people->roll;
	const struct seccomm_mp *drawn;

	if (wants->turn != NULL && establishes(wants->turn, wants, first, creates))
		return wants->turn;
	do
		drawn = roll->tables[sim_draw(sim, roll->count)];
	while (!establishes(drawn, wants, first, creates));
	return drawn;
}

static const struct seccomm_mp *draw_create(struct sim *sim)
{
	const struct roll *roll = &sim->people->roll;
	const struct seccomm_mp *drawn;

	do
		drawn = roll->tables[sim_draw(sim, roll->count)];
	while (strcmp(drawn->layer, "create") != 0);
	return drawn;
}

static void add_slot(struct sim *sim, const struct wants *wants, const char *name, bool first, struct text *text)
{
	const bool creates = wants->turn != NULL && strcmp(wants->turn->layer, "create") == 0 && !first;
	const struct seccomm_mp *establish = draw_establish(sim, wants, first, creates);
	const struct wants under = { .alone = wants->alone, .keyless = first, .hides = establish->wraps != 0 };

	add(text, "%s: {establish: ", name);
	add_table(sim, text, establish, "");
	add(text, "}, create: ");
	add_table(sim, text, creates ? wants->turn : draw_create(sim), "");
	add(text, "}");
	if (!first || !wants->alone) {
		add(text, ", protect: [");
		compose_layers(sim, &under, "outer", text);
		add(text, "]");
	}
	add(text, "}");
}

void compose_keys(struct sim *sim, const struct wants *wants, struct text *text)
{
	if (wants->turn != NULL && wants->turn->salted) {
		add(text, "data: {establish: ");
		add_table(sim, text, wants->turn, "");
		add(text, "}}");
		return;
	}
	add_slot(sim, wants, "outer", true, text);
	add(text, ", ");
	add_slot(sim, wants, "data", false, text);
}
