/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: no attacker wins what the checker grants, whatever the stack is.  Each is judged several times with the same answer, carries
 * messages both ways, and is then attacked, on datagrams and on a stream; what is won is held against the levels.
 *
 *	composition pairs [PART OF]	all single micro-protocols and ordered pairs of them; and every attacker wins something that
 *					is not granted, or it would prove nothing
 *	composition triples COUNT SEED	drawn from a seed
 *	composition all FROM COUNT	COUNT stacks of up to four of the first sixteen, from number FROM (0 to 47,295) on
 */
#include "attackers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUND_TRIP = 64, THOROUGH = 2 /* where time is no matter */ };

/* ---- One stack -------------------------------------------------------------------------------------------------- */

static bool carries(struct rig *rig, unsigned from, const uint8_t *plain, size_t length)
{
	struct unit *unit;
	bool same;

	if (seccomm_push_copy(rig->end[from].session, plain, length) != SECCOMM_OK)
		return false;
	rig->wall_us += 10;
	rig_pass(rig, from);
	unit = units_take(&rig->end[!from].got);
	same = unit != NULL && unit->length == length && memcmp(unit->bytes, plain, length) == 0 && rig->end[!from].got.first == NULL;
	free(unit);
	return same;
}

/* Both ways, of many sizes; the session that is attacked is another one. */
static void round_trip(struct scene *s)
{
	static const size_t lengths[] = { 0, 1, 7, 8, 15, 16, 17, 32, 63, 64, 100, 255, 256 };
	uint8_t plain[PLAIN_LONG];

	for (unsigned i = 0; i < ROUND_TRIP && !s->failed; i++) {
		const size_t length = lengths[i / 2 % (sizeof(lengths) / sizeof(lengths[0]))];

		rig_fill(&s->seed, plain, length);
		if (!carries(&s->rig[OTHER], i % 2, plain, length))
			scene_fail(s, "a message does not arrive as it was");
		s->tally->messages++;
	}
}

static void attacked(struct people *people, const struct stack *stack, enum seccomm_link link, const struct verdict *verdict,
    unsigned thoroughness, struct tally *tally, bool *well)
{
	struct scene *s = malloc(sizeof(*s));

	if (s == NULL)
		abort();
	if (scene_make(s, people, stack, link, verdict, tally)) {
		s->thoroughness = thoroughness;
		round_trip(s);
		attackers_run(s);
	}
	*well = *well && !s->failed;
	scene_drop(s);
	free(s);
}

static bool tried(struct people *people, const struct stack *stack, unsigned thoroughness, struct tally *tally)
{
	bool well = true, composes = false;

	for (enum seccomm_link link = SECCOMM_STREAM; link <= SECCOMM_DATAGRAM; link++) {
		struct verdict verdict;
		char name[STACK_NAME];
		const char *unstable = verdict_make(people->library, stack, link, &verdict);

		if (unstable != NULL)
			printf("# %s: the checker says two things: %s\n", stack_name(stack, name), unstable);
		else if (verdict.plan[CLIENT] != NULL)
			attacked(people, stack, link, &verdict, thoroughness, tally, &well);
		well = well && unstable == NULL;
		composes = composes || verdict.plan[CLIENT] != NULL;
		verdict_drop(&verdict);
	}
	tally->stacks++;
	tally->composed += composes;
	return well;
}

/* ---- Many ------------------------------------------------------------------------------------------------------- */

struct job {
	const char *word;
	uint64_t first, second; /* arguments */
};

static uint64_t count_of(const struct job *job)
{
	if (strcmp(job->word, "triples") == 0)
		return job->first;
	return strcmp(job->word, "all") == 0 ? job->second : stacks_count(row_count, 2);
}

/* The Nth stack of JOB; false: it is not of this part. */
static bool stack_of(const struct job *job, uint64_t n, uint64_t *seed, struct stack *stack)
{
	if (strcmp(job->word, "triples") == 0)
		stack_draw(seed, 3, stack);
	else if (strcmp(job->word, "all") == 0)
		stack_nth(SIXTEEN, job->first + n, stack);
	else
		stack_nth(row_count, n, stack);
	return strcmp(job->word, "pairs") != 0 || n % job->second == job->first;
}

static bool all_tried(struct people *people, const struct job *job, struct tally *tally)
{
	uint64_t seed = job->second;
	bool well = true;

	for (uint64_t n = 0, count = count_of(job); n < count; n++) {
		struct stack stack;

		if (stack_of(job, n, &seed, &stack))
			well = tried(people, &stack, strcmp(job->word, "all") == 0 ? THOROUGH : 1, tally) && well;
		fflush(stdout);
	}
	return well;
}

static bool have_teeth(const struct tally *tally)
{
	bool all = true;

	for (size_t i = 0; i < attacker_count; i++) {
		printf("# %s: %" PRIu64 " wins of what is not granted\n", attackers[i].name, tally->expected[i]);
		all = all && tally->expected[i] > 0;
	}
	return all;
}

static void summary(const struct tally *t)
{
	uint64_t expected = 0;

	for (size_t i = 0; i < attacker_count; i++)
		expected += t->expected[i];
	printf("# %" PRIu64 " stacks, %" PRIu64 " composed, %" PRIu64 " messages carried, %" PRIu64 " attacks, %" PRIu64
	       " tries, %" PRIu64 " wins of what is not granted, %" PRIu64 " wins of what is granted\n",
	    t->stacks, t->composed, t->messages, t->attacks, t->tries, expected, t->wins);
}

int main(int count, char **arguments)
{
	struct job job = { count > 1 ? arguments[1] : "pairs", count > 2 ? strtoull(arguments[2], NULL, 10) : 0,
		count > 3 ? strtoull(arguments[3], NULL, 10) : 1 };
	struct seccomm *library = seccomm_new(NULL);
	struct tally tally = { 0 };
	struct people people = { 0 };
	bool whole = strcmp(job.word, "pairs") == 0 && job.second == 1, well, teeth = true;

	if (library == NULL)
		return 1;
	printf("1..%d\n", whole ? 2 : 1);
	people_make(&people, library);
	well = all_tried(&people, &job, &tally);
	people_drop(&people);
	seccomm_free(library);
	summary(&tally);
	printf("%sok 1 - no attacker wins what the checker grants\n", well ? "" : "not ");
	if (whole) {
		teeth = have_teeth(&tally);
		printf("%sok 2 - every attacker wins something that is not granted\n", teeth ? "" : "not ");
	}
	return !well || !teeth;
}
