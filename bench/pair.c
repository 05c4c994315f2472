/* SPDX-License-Identifier: Apache-2.0 */
/* pair.c - see pair.h. */
#include "pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void die(const char *what)
{
	fprintf(stderr, "bench: %s\n", what);
	exit(2);
}

static void *allocate(void *context, size_t size)
{
	((struct pair *)context)->allocations++;
	return seccomm_platform_default()->allocate(NULL, size);
}

static void transmit(void *context, const uint8_t *bytes, size_t length)
{
	struct end *end = context;

	if (length > sizeof(end->wire) - end->used)
		die("a frame is too long");
	memcpy(end->wire + end->used, bytes, length);
	end->used += length;
}

static void deliver(void *context, struct seccomm_message *message)
{
	size_t length;

	(void)seccomm_message_bytes(message, &length);
	((struct end *)context)->delivered += length > 0;
}

static void alert(void *context, const struct seccomm_alert *alert)
{
	(void)context;
	die(seccomm_alert_text(alert->id));
}

static void make_end(struct seccomm *library, struct pair *pair, unsigned n, const struct stack *stack,
    const struct keys *keys)
{
	static const char *const peers[] = { "peer" };
	struct end *end = &pair->end[n];
	struct seccomm_error error = { 0 };

	end->pair = pair;
	end->callbacks = (struct seccomm_callbacks){ .context = end, .transmit = transmit, .deliver = deliver, .alert = alert };
	end->keyring = seccomm_keyring_new(library);
	if (seccomm_keyring_identity(end->keyring, "self", keys->secret[n], &error) < 0 ||
	    seccomm_keyring_peer(end->keyring, "peer", keys->public_key[!n], &error) < 0 ||
	    seccomm_keyring_psk(end->keyring, "shared", keys->psk, &error) < 0 ||
	    seccomm_plan_stack(library, n == CLIENT ? SECCOMM_CLIENT : SECCOMM_SERVER, SECCOMM_STREAM, stack->text, stack->key,
		stack->alone ? NULL : "self", peers, stack->alone ? 0 : 1, true, &end->plan, &error) < 0 ||
	    seccomm_open(end->plan, end->keyring, &pair->platform, &end->callbacks, &end->session, &error) < 0)
		die(error.text);
}

void pair_carry(struct end *end)
{
	struct end *to = &end->pair->end[end == &end->pair->end[CLIENT]];
	size_t length = end->used;

	end->used = 0;
	for (size_t at = 0; at < length;) {
		ptrdiff_t used = seccomm_pop(to->session, end->wire + at, length - at);

		if (used <= 0)
			die("a frame was not taken");
		at += (size_t)used;
	}
}

void pair_make(struct seccomm *library, struct pair *pair, const struct stack *stack, const struct keys *keys)
{
	memset(pair, 0, sizeof(*pair));
	pair->platform = *seccomm_platform_default();
	pair->platform.context = pair;
	pair->platform.allocate = allocate;
	make_end(library, pair, SERVER, stack, keys);
	make_end(library, pair, CLIENT, stack, keys);
	for (unsigned i = 0; i < 4; i++)
		pair_carry(&pair->end[i % 2]);
	if (seccomm_peer(pair->end[CLIENT].session) == NULL)
		die("the sessions are not open");
}

void pair_drop(struct pair *pair)
{
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		seccomm_session_free(pair->end[n].session);
		seccomm_plan_free(pair->end[n].plan);
		seccomm_keyring_free(pair->end[n].keyring);
	}
}

void pair_run(struct pair *pair, struct seccomm_message *message, size_t size, unsigned long count)
{
	struct end *client = &pair->end[CLIENT];

	while (count-- > 0) {
		seccomm_message_reset(message, size);
		if (seccomm_push(client->session, message) != SECCOMM_OK)
			die("a push failed");
		pair_carry(client);
	}
}
