/* SPDX-License-Identifier: Apache-2.0 */
/* What tables say of a stack; see promises.h. */
#include "promises.h"

#include <string.h>

static bool provides(const struct seccomm_mp *mp, const char *capability)
{
	for (const struct cactus_tie *t = mp->cactus.provides; t && t->capability; t++)
		if (strcmp(t->capability, capability) == 0)
			return true;
	return false;
}

static bool sets(const struct seccomm_mp *mp, const char *attribute)
{
	for (const struct cactus_attribute *a = mp->cactus.attributes; a && a->name; a++)
		if (a->act == CACTUS_SETS && strcmp(a->name, attribute) == 0)
			return true;
	return false;
}

/* The key is the session's to provide. */
static bool met(const struct stack *stack, size_t at, const struct cactus_tie *need)
{
	bool inside = false, outside = false;

	for (size_t i = 0; stack->mp[i]; i++)
		if (i != at && provides(stack->mp[i], need->capability))
			*(i < at ? &inside : &outside) = true;
	if (strcmp(need->capability, "key") == 0)
		return true;
	return inside || (outside ? !need->inner : need->soft);
}

bool hold_admissible(const struct stack *stack)
{
	bool filled = false;

	for (size_t at = 0; stack->mp[at]; at++) {
		const struct cactus_mp *mp = &stack->mp[at]->cactus;

		/* The whole of a cover does not fit into another one that is as large. */
		if (mp->filling && filled)
			return false;
		filled |= mp->filling != NULL;

		for (const struct cactus_tie *need = mp->needs; need && need->capability; need++)
			if (!met(stack, at, need))
				return false;
		for (const struct cactus_attribute *a = mp->attributes; a && a->name; a++) {
			bool found = a->act == CACTUS_SETS, packed = false;

			for (size_t i = at; i-- > 0 && !packed; packed = stack->mp[i]->cactus.packs)
				found |= sets(stack->mp[i], a->name);
			if (!found)
				return false;
		}
	}
	return true;
}

void hold_attributes(const struct seccomm_mp *mp, int64_t *packed, size_t *clear)
{
	for (const struct cactus_attribute *a = mp->cactus.attributes; a && a->name; a++) {
		if (a->scope == CACTUS_PEER)
			*packed += a->act == CACTUS_SETS ? (int64_t)a->bytes : a->act == CACTUS_READS ? 0 : -(int64_t)a->bytes;
		*clear += a->scope == CACTUS_CLEAR ? a->bytes : 0;
	}
}

static bool reads(const struct seccomm_mp *mp)
{
	for (const struct cactus_attribute *a = mp->cactus.attributes; a && a->name; a++)
		if (a->act == CACTUS_READS)
			return true;
	return false;
}

bool hold_promised(const struct stack *stack, unsigned what)
{
	bool given = false, loose = false;

	for (size_t i = 0; stack->mp[i]; i++) {
		int64_t packed = 0;
		size_t clear = 0;

		hold_attributes(stack->mp[i], &packed, &clear);
		if (stack->mp[i]->gives & what)
			given = !reads(stack->mp[i]) || !loose;
		else if (packed + (int64_t)clear > 0 && !(stack->mp[i]->gives & SECCOMM_GIVES_CHECKSUM))
			given = false, loose = true;
		if (sets(stack->mp[i], "digest"))
			loose = false;
	}
	return given;
}
