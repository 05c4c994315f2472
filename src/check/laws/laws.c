/* SPDX-License-Identifier: Apache-2.0 */
/*
 * laws.c - holds the rows of law_rows.c against the layers: see "Ten laws" in the study behind the checker.
 *
 * Each row is tried at each layer of a lane in one direction.  What is broken in both directions is told once.
 */
#include "check/laws/laws.h"

struct marks {
	const struct check_lane *lane;
	struct law_mark *list; /* room for every row at every layer */
	size_t count;
};

static void mark(struct marks *m, const struct law *law, const struct law_site *s)
{
	const size_t place = s->way->place[s->at];
	size_t i = 0;

	while (i < m->count && (m->list[i].law != law || m->list[i].place != place))
		i++;
	if (i == m->count)
		m->list[m->count++] = (struct law_mark){ law, place, s->way->place[s->other], 0, s->detail };
	m->list[i].ways |= 1U << s->way->direction;
}

/* Whether there is a layer with all of WANTED from FROM to before TO; the outermost is then the other one. */
static bool there(struct law_site *s, uint32_t wanted, size_t from, size_t to)
{
	const size_t i = law_find(s->facts, from, to, wanted);

	if (wanted && i < to)
		s->other = i;
	return !wanted || i < to;
}

static bool absent(const struct law_site *s, uint32_t wanted, size_t from, size_t to)
{
	return !wanted || law_find(s->facts, from, to, wanted) == to;
}

static bool broken(const struct law *law, struct law_site *s)
{
	const size_t in = s->at, out = s->at + 1, all = s->way->count;

	s->other = s->at;
	s->detail = "";
	return (s->facts[s->at] & law->own) == law->own && absent(s, law->no_inside, 0, in) && absent(s, law->no_outside, out, all) &&
	       absent(s, law->no_beside, 0, in) && absent(s, law->no_beside, out, all) && there(s, law->inside, 0, in) &&
	       there(s, law->outside, out, all) && (there(s, law->beside, 0, in) || there(s, law->beside, out, all)) &&
	       (!law->when || law->when(s));
}

static bool marked(const struct marks *m, enum seccomm_direction direction)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->list[i].ways >> direction & 1)
			return true;
	return false;
}

static void judge(struct check_draft *d, struct marks *m, const struct check_way *way, const uint32_t *facts)
{
	const enum law_lanes kind = m->lane->number == 0 ? LAW_DATA : LAW_EXCHANGE;
	unsigned done[PLAN_LAYERS_MAX] = { 0 }; /* of each layer: which groups have had their row */

	for (const struct law *law = laws; law < laws + law_count; law++) {
		struct law_site s = { .draft = d, .lane = m->lane, .way = way, .facts = facts, .told = marked(m, way->direction) };

		for (; s.at < way->count; s.at++) {
			if (!(law->lanes & kind) || done[s.at] >> law->group & 1 || !broken(law, &s))
				continue;
			if (law->group != LAW_ALONE)
				done[s.at] |= 1U << law->group;
			if (law->id)
				mark(m, law, &s);
		}
	}
}

/* Whether there is replay prevention and nothing that protects it: SC601 or worse has been told, so SC607 is not. */
static bool uncovered(const uint32_t *facts, size_t count)
{
	return law_find(facts, 0, count, FACT_FRESH) < count && law_find(facts, 0, count, FACT_PROVES) == count;
}

/* Tells what LANE breaks.  EXCUSED: what needs no further word in which direction, for it has been told. */
static bool judge_lane(struct check_draft *d, const struct check_lane *lane, unsigned excused[3])
{
	struct marks marks = { .lane = lane };

	marks.list = config_take(d->run->arena, (lane->count * law_count + 1) * sizeof *marks.list);
	if (!marks.list)
		return false;
	for (enum seccomm_direction way = SECCOMM_C2S; way <= SECCOMM_S2C; way++) {
		uint32_t facts[PLAN_LAYERS_MAX];
		struct check_way layers;

		check_way_of(lane->layers, lane->count, way, &layers);
		law_facts_of(&layers, facts);
		judge(d, &marks, &layers, facts);
		excused[way] |= uncovered(facts, layers.count) ? 1U << PLAN_FRESHNESS : 0;
	}
	for (size_t i = 0; i < marks.count; i++) {
		for (unsigned way = SECCOMM_C2S; way <= SECCOMM_S2C; way++)
			excused[way] |= marks.list[i].ways >> way & 1 ? marks.list[i].law->excuses : 0;
		if (!law_tell(d, lane, &marks.list[i]))
			return false;
	}
	return true;
}

/* Under a key, what authenticates must be outermost, too; what it achieves is part of the key's own level. */
bool check_laws(struct check_draft *d)
{
	unsigned excused[3] = { 0 }, unused[3] = { 0 };

	if (!judge_lane(d, &d->stack, excused))
		return false;
	for (size_t i = 0; i < d->slot_count; i++)
		if (!judge_lane(d, &d->protect[i], unused))
			return false;
	return law_keys(d) && check_shortage(d, excused);
}
