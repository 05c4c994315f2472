/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_slots.c - what the algorithm that establishes a slot's key says of it.
 */
#include <string.h>

#include "seccomm/plan_private.h"

/* The algorithm by which a slot's secret is agreed on or encapsulated; NULL: by none. */
static const struct crypto_algorithm *algorithm_of(const struct plan_slot *slot)
{
	const struct seccomm_mp *mp = slot->establish.mp;
	const struct cactus_param *p = mp->cactus.params;
	const char *name = mp->algorithm;
	uint32_t chosen;

	if (mp->kind == NULL || name == NULL)
		return NULL;
	for (; mp->choice.size != 0 && p != NULL && p->name != NULL; p++) {
		if (p->at.offset != mp->choice.offset)
			continue;
		memcpy(&chosen, (const char *)slot->establish.image + p->at.offset, sizeof(chosen));
		name = p->words[chosen];
	}
	return strcmp(mp->kind, "kem") == 0 ? crypto_find(CRYPTO_KEM, name)
	       : strcmp(mp->kind, "kx") == 0 ? crypto_find(CRYPTO_KX, name)
					     : NULL;
}

/* The one that encapsulates it; NULL: it is not encapsulated. */
static const struct crypto_algorithm *kem_of(const struct plan_slot *slot)
{
	const struct crypto_algorithm *algorithm = algorithm_of(slot);

	return algorithm != NULL && algorithm->kind == CRYPTO_KEM ? algorithm : NULL;
}

const char *seccomm_slot_kem(const struct plan_slot *slot)
{
	const struct crypto_algorithm *kem = kem_of(slot);

	return kem != NULL && kem->public_bytes == 0 ? kem->name : NULL;
}

bool seccomm_slot_forward(const struct plan_slot *slot)
{
	const struct crypto_algorithm *kem = kem_of(slot);

	return (slot->establish.mp->gives & SECCOMM_GIVES_FORWARD_SECRECY) != 0 || (kem != NULL && kem->public_bytes > 0);
}

size_t seccomm_slot_answer_bytes(const struct plan_slot *slot)
{
	const struct crypto_algorithm *algorithm = algorithm_of(slot);

	if (algorithm == NULL)
		return 0;
	return algorithm->kind == CRYPTO_KX ? algorithm->public_bytes : algorithm->sealed_bytes;
}

/* Of all that encapsulate, ML-KEM and what it is part of are those with keys of their own for each exchange. */
bool seccomm_slot_quantum(const struct plan_slot *slot)
{
	const struct crypto_algorithm *kem = kem_of(slot);

	return kem != NULL && kem->public_bytes > 0;
}

bool seccomm_slot_kem_alone(const struct plan_slot *slot)
{
	const struct crypto_algorithm *kem = kem_of(slot);

	return kem != NULL && kem->public_bytes > 0 && kem->inner == NULL;
}
