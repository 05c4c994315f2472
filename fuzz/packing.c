/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: whatever a body is, unpacking the attributes in front of it takes them out or changes nothing; and what was
 * taken out packs to the same bytes again.
 *
 * Input: the body.
 */
#include <stdlib.h>
#include <string.h>

#include "ends.h"

enum { SMALL = 3, WIDE = 8, TEXT = 20, ANY = 512 };

struct state {
	struct cactus_instance instance;
	cactus_column small, wide, text, any;
};

static enum cactus_verdict down(void *self, void *argument)
{
	return cactus_pack(self, argument) ? CACTUS_NEXT : CACTUS_STOP;
}

static enum cactus_verdict up(void *self, void *argument)
{
	return cactus_unpack(self, argument) == CACTUS_OK ? CACTUS_NEXT : CACTUS_STOP;
}

static const struct cactus_attribute attributes[] = {
	{ .name = "small", .scope = CACTUS_PEER, .bytes = SMALL, .at = CACTUS_AT(struct state, small) },
	{ .name = "text", .scope = CACTUS_PEER, .bytes = TEXT, .variable = true, .at = CACTUS_AT(struct state, text) },
	{ .name = "wide", .scope = CACTUS_PEER, .bytes = WIDE, .at = CACTUS_AT(struct state, wide) },
	{ .name = "any", .scope = CACTUS_PEER, .bytes = ANY, .variable = true, .at = CACTUS_AT(struct state, any) },
	{ 0 },
};
static const struct cactus_mp labels = { .name = "labels", .size = sizeof(struct state), .attributes = attributes };
static const struct cactus_mp packs = {
	.name = "packs", .size = sizeof(struct state), .packs = true, .down = down, .up = up
};
static const struct cactus_chain chains[] = { { "down", "up", CACTUS_NO_INDEX, true } };
static const struct cactus_service service = { .chains = chains, .chain_count = 1 };

/* libFuzzer hands a target nothing but the input, so what is made once lies in a variable of the process. */
static struct cactus *made(void)
{
	static const struct state image;
	static const struct cactus_spec specs[] = {
		{ .mp = &labels, .name = "labels", .image = &image, .order = 10, .down = true, .up = true },
		{ .mp = &packs, .name = "packs", .image = &image, .order = 20, .down = true, .up = true },
	};
	static struct cactus_composition *composition;
	static struct cactus *cactus;
	const struct cactus_platform *platform = seccomm_platform_default();

	if (cactus == NULL)
		must(cactus_compose(platform, &service, specs, 2, NULL, NULL, &composition) == CACTUS_OK &&
			 cactus_create(composition, platform, composition, NULL, NULL, &cactus) == CACTUS_OK,
		    "two micro-protocols compose");
	return cactus;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cactus *cactus = made();
	const struct cactus_composition *composition = cactus_owner(cactus);
	uint8_t *body = malloc(size > 0 ? size : 1), *values = malloc(cactus_values_size(composition));
	struct cactus_msg msg;

	must(body != NULL && values != NULL, "there is memory");
	if (size > 0)
		memcpy(body, data, size);
	cactus_msg_init(&msg, composition, body, size, 0, size, values);
	if (cactus_raise_msg(cactus, cactus_up_event(cactus, 0), &msg) == CACTUS_NEXT) {
		must(msg.length <= size && msg.body + msg.length == body + size, "attributes come off the front");
		must(cactus_raise_msg(cactus, cactus_down_event(cactus, 0), &msg) == CACTUS_NEXT,
		    "what was there packs");
	}
	must(msg.body == body && msg.length == size && (size == 0 || memcmp(body, data, size) == 0) && msg.present == 0,
	    "a body is the same again, or has not changed");
	free(values);
	free(body);
	return 0;
}
