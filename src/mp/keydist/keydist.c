/* SPDX-License-Identifier: Apache-2.0 */
/* keydist.c - see keydist.h. */
#include "keydist.h"

int keydist_begin(void *self)
{
	seccomm_disable_push(self);
	return CACTUS_OK;
}

/* Only now has the peer confirmed it; until then a share that was not its own must not cost what this end contributes. */
enum cactus_verdict keydist_ready(void *self, void *argument)
{
	struct keydist *k = self;

	(void)argument;
	seccomm_wipe(k->own, sizeof(k->own));
	k->made = false;
	k->done = true;
	seccomm_enable_push(self);
	return CACTUS_NEXT;
}

enum cactus_verdict keydist_open(void *self, void *argument)
{
	const struct keydist *k = self;

	(void)argument;
	return k->done ? CACTUS_NEXT : seccomm_exchange_begin(self);
}

bool keydist_make(struct keydist *k)
{
	k->made = seccomm_create_key(k, k->creation ? k->creation : k->self.key, k->own, KEYDIST_BYTES) >= 0;
	return k->made;
}
