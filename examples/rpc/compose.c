/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compose.c - a list of layers becomes a composition: parameters from the tables' rows, orders and chains from the
 * list, and the problems that Cactus finds as sentences.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "rpc_module.h"

enum { ORDER_STEP = 50, LINE_MAX = 256 };

static const struct cactus_service service = {
	.chains = (const struct cactus_chain[]){
		[RPC_REQUEST] = { RPC_REQUEST_OUT, RPC_REQUEST_IN, CACTUS_NO_INDEX, false },
		[RPC_REPLY] = { RPC_REPLY_OUT, RPC_REPLY_IN, CACTUS_NO_INDEX, false },
	},
	.chain_count = 2,
};

struct work {
	const struct cactus_platform *platform;
	void *images[RPC_LAYERS_MAX];
	struct cactus_spec specs[2 * RPC_LAYERS_MAX];
	size_t count;
	void (*problem)(void *context, const char *line);
	void *context;
	bool refused;
	struct cactus_problem told[2 * RPC_LAYERS_MAX];
	size_t told_count;
};

__attribute__((format(printf, 2, 3))) static void tell(struct work *work, const char *format, ...)
{
	char line[LINE_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	work->refused = true;
	if (work->problem != NULL)
		work->problem(work->context, line);
}

static const char *name_of(const struct work *work, size_t spec)
{
	return spec < work->count ? work->specs[spec].name : "the service";
}

/* A layer that stands on both chains has most problems twice. */
static bool was_told(struct work *work, const struct cactus_problem *p)
{
	for (size_t i = 0; i < work->told_count; i++)
		if (work->told[i].kind == p->kind && strcmp(work->told[i].what, p->what) == 0 &&
		    name_of(work, work->told[i].spec) == name_of(work, p->spec))
			return true;
	if (work->told_count < sizeof(work->told) / sizeof(work->told[0]))
		work->told[work->told_count++] = *p;
	return false;
}

static void tell_problem(void *context, const struct cactus_problem *p)
{
	static const char *const sentences[] = {
		[CACTUS_EQUAL_ORDERS] = "another layer has its order:",
		[CACTUS_BAD_ORDER] = "there is no such place in the list:",
		[CACTUS_UNMET_NEED] = "add a layer that provides",
		[CACTUS_WRONG_SIZE] = "another size is provided of",
		[CACTUS_WRONG_PLACE] = "put it behind the layer that provides",
		[CACTUS_NOTHING_TO_CONSUME] = "no layer before it sets",
		[CACTUS_CLASHING_ATTRIBUTE] = "another layer declares differently",
		[CACTUS_TOO_MANY] = "there are too many attributes to send, from here on:",
		[CACTUS_DOES_NOT_FIT] = "what the layers before it make is too long for",
	};
	struct work *work = context;

	if (!was_told(work, p))
		tell(work, "%s: %s %s", name_of(work, p->spec), sentences[p->kind], p->what);
}

/* ---- Parameters ---- */

static const struct cactus_param *find_param(const struct cactus_mp *mp, const char *name)
{
	const struct cactus_param *p = mp->params;

	while (p != NULL && p->name != NULL && strcmp(p->name, name) != 0)
		p++;
	return p == NULL || p->name == NULL ? NULL : p;
}

static void write_param(void *image, const struct cactus_param *p, uint64_t value)
{
	const uint32_t narrow = (uint32_t)value;
	uint8_t *at = (uint8_t *)image + p->at.offset;

	if (p->at.size == sizeof(narrow))
		memcpy(at, &narrow, sizeof(narrow));
	else
		memcpy(at, &value, sizeof(value));
}

static void fill_image(struct work *work, const struct rpc_layer *layer, void *image)
{
	for (const struct cactus_param *p = layer->mp->params; p != NULL && p->name != NULL; p++)
		write_param(image, p, p->dflt);
	for (size_t i = 0; i < RPC_SETTINGS_MAX && layer->settings[i].param != NULL; i++) {
		const struct rpc_setting *s = &layer->settings[i];
		const struct cactus_param *p = find_param(layer->mp, s->param);

		if (p == NULL)
			tell(work, "%s: it has no parameter '%s'", layer->mp->name, s->param);
		else if (s->value < p->min || s->value > p->max)
			tell(work, "%s: %s is %" PRIu64 ", and may be %" PRIu64 " to %" PRIu64, layer->mp->name,
			    p->name, s->value, p->min, p->max);
		else
			write_param(image, p, s->value);
	}
}

/* ---- The list ---- */

static void add_spec(struct work *work, size_t layer, const struct cactus_mp *mp, unsigned chain)
{
	work->specs[work->count++] = (struct cactus_spec){ .mp = mp,
		.name = mp->name,
		.image = work->images[layer],
		.order = (unsigned)(layer + 1) * ORDER_STEP,
		.chain = chain,
		.down = true,
		.up = true };
}

static int add_layer(struct work *work, size_t n, const struct rpc_layer *layer)
{
	const struct cactus_mp *mp = layer->mp;

	work->images[n] = work->platform->allocate(work->platform->context, mp->size);
	if (work->images[n] == NULL)
		return RPC_NO_MEMORY;
	fill_image(work, layer, work->images[n]);
	add_spec(work, n, mp, RPC_REQUEST);
	if (mp->down != NULL && mp->up != NULL)
		add_spec(work, n, mp, RPC_REPLY);
	return RPC_OK;
}

static void drop_images(struct work *work, const struct rpc_layer *layers)
{
	for (size_t i = 0; i < RPC_LAYERS_MAX && work->images[i] != NULL; i++) {
		memset(work->images[i], 0, layers[i].mp->size);
		work->platform->release(work->platform->context, work->images[i], layers[i].mp->size);
	}
}

int rpc_compose(const struct cactus_platform *platform, const struct rpc_layer *layers, size_t count,
    void (*problem)(void *context, const char *line), void *context, struct cactus_composition **out)
{
	struct work work = { .platform = platform, .problem = problem, .context = context };
	int status = RPC_OK;

	if (count > RPC_LAYERS_MAX)
		tell(&work, "there are %zu layers, and may be %d", count, RPC_LAYERS_MAX);
	for (size_t i = 0; i < count && count <= RPC_LAYERS_MAX && status == RPC_OK; i++)
		status = add_layer(&work, i, &layers[i]);
	/* Composed in spite of wrong parameters, to tell all problems at once. */
	if (status == RPC_OK)
		status = cactus_compose(platform, &service, work.specs, work.count, tell_problem, &work, out);
	drop_images(&work, layers);
	if (status == RPC_OK && work.refused) {
		cactus_composition_free(*out);
		*out = NULL;
		status = RPC_REFUSED;
	}
	return status;
}

const char *rpc_status_text(int status)
{
	static const struct {
		int status;
		const char *text;
	} texts[] = {
		{ RPC_OK, "well" },
		{ RPC_NO_MEMORY, "there is no memory" },
		{ RPC_REFUSED, "the layers do not work together" },
		{ RPC_MALFORMED, "a datagram is not what these layers send" },
		{ RPC_TOO_LONG, "the request is longer than 1024 bytes" },
		{ RPC_NO_RANDOM, "the platform gave no random number" },
		{ RPC_TIMED_OUT, "no reply came in time" },
		{ RPC_CLOSED, "the client was closed" },
		{ RPC_CORRUPT, "a datagram was damaged on the way" },
		{ RPC_UNKNOWN, "no call waits for this reply" },
		{ RPC_DUPLICATE, "this request came before, and its reply was sent again" },
		{ RPC_STALE, "this request is older than what is remembered" },
		{ RPC_CROWDED, "too many clients are remembered" },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].status == status)
			return texts[i].text;
	return "unknown status";
}
