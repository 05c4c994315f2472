/* SPDX-License-Identifier: Apache-2.0 */
/*
 * timing.c - when this end asks for new keys, closes a session in which nothing happens, and shows that it is alive.
 *
 * `rekey` may be said of a session and of each of its keys; as a new epoch renews all of them, the least counts.
 */
#include "check/internal.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#define SECOND UINT64_C(1000000)
#define YEAR   (365 * 24 * 3600 * SECOND)

/* One thing to be timed: how it is written, what it can be, and where it goes. */
struct timed {
	const char *name, *shape;
	enum config_value (*read)(const char *text, uint64_t *out);
	const char *(*text)(struct config_arena *, uint64_t value);
	uint64_t least, most;
	size_t at; /* in struct plan_timing */
};

static const char *count_text(struct config_arena *arena, uint64_t value)
{
	return config_print(arena, "%" PRIu64, value);
}

static const char a_duration[] = "a duration such as 30s or 1h, or never";

enum { AFTER, BYTES, MESSAGES, REKEY_MEMBERS };
static const struct timed rekey_members[REKEY_MEMBERS] = {
	[AFTER] = { "after", a_duration, config_duration, config_duration_text, SECOND, YEAR,
	    offsetof(struct plan_timing, rekey_after_us) },
	[BYTES] = { "bytes", "a size such as 64GiB, or never", config_size, config_size_text, 1, UINT64_C(1) << 50,
	    offsetof(struct plan_timing, rekey_bytes) },
	[MESSAGES] = { "messages", "a number such as 1000000, or never", config_count, count_text, 1,
	    UINT64_C(1000000000000000), offsetof(struct plan_timing, rekey_messages) },
};
static const struct timed idle = { "idle", a_duration, config_duration, config_duration_text, SECOND, YEAR,
	offsetof(struct plan_timing, idle_us) };
static const struct timed keepalive = { "keepalive", a_duration, config_duration, config_duration_text, SECOND, YEAR,
	offsetof(struct plan_timing, keepalive_us) };

static bool tell(struct check_draft *d, const char *id, struct config_place at, const char *message, const char *help)
{
	check_tell(d->run, &(struct check_report){ .id = id, .at = at, .message = message, .help = help });
	return message != NULL;
}

static bool never(const struct config_node *value)
{
	return value->kind == CONFIG_SCALAR && strcmp(value->text, "never") == 0;
}

static bool is_datagram(const struct check_draft *d)
{
	/* Without addresses nobody knows of what kind the link is. */
	return d->session->listen && d->session->link == SECCOMM_DATAGRAM;
}

/* On datagrams the keys before the present ones must have retired. */
static bool retires(const struct check_draft *d, const struct timed *what)
{
	return what == &rekey_members[AFTER] && is_datagram(d);
}

/* VALUE of WHAT, which is called NAME, into OUT; unchanged if it is told to be wrong.  *READ: it is a number. */
static bool read_value(struct check_draft *d, const struct timed *what, const char *name,
    const struct config_node *value, struct plan_timing *out, bool *read)
{
	struct config_arena *arena = d->run->arena;
	const char *low, *high, *shown;
	uint64_t n = 0, least = retires(d, what) ? PLAN_RETIRE_US : what->least;
	enum config_value status = value->kind != CONFIG_SCALAR ? CONFIG_VALUE_BAD
				   : never(value)               ? CONFIG_VALUE_OK
								: what->read(value->text, &n);

	*read = false;
	if (status == CONFIG_VALUE_BAD) {
		shown = config_what(arena, value);
		return shown && tell(d, "SC003", value->at,
				    config_print(arena, "'%s' wants %s, not %s", name, what->shape, shown),
				    strcmp(name, what->name) != 0
					? "the other limits are written   rekey: {bytes: 64GiB, messages: 1000000}"
					: NULL);
	}
	if (status == CONFIG_VALUE_TOO_LARGE || (!never(value) && (n < least || n > what->most))) {
		low = what->text(arena, least);
		high = what->text(arena, what->most);
		return low && high &&
		       tell(d, "SC008", value->at,
			   config_print(arena, "'%s' is %s, which is out of range", name, value->text),
			   config_print(arena, "it can be %s to %s%s, or never", low, high,
			       retires(d, what) ? " on a datagram link, where the keys before must have retired" : ""));
	}
	memcpy((char *)out + what->at, &n, sizeof n);
	*read = !never(value);
	return true;
}

/* ---- Limits ---- */

/* The layer of the stack that allows the least under key SLOT (0: under any of them); NULL: none has a limit. */
static const struct plan_layer *strictest(const struct check_draft *d, uint32_t slot, bool bytes, uint64_t *most)
{
	const struct plan_layer *found = NULL;

	*most = UINT64_MAX;
	for (size_t i = 0; i < d->stack.count; i++) {
		const struct plan_layer *layer = &d->stack.layers[i];
		const struct plan_limits limits = seccomm_mp_limits(layer->mp);
		uint64_t own = bytes ? limits.bytes : limits.messages;

		if (layer->image->key == 0 || (slot != 0 && layer->image->key != slot) || own >= *most)
			continue;
		found = layer;
		*most = own;
	}
	return found;
}

/* Later than the algorithm allows is never: the session would have stopped by then. */
static bool within_limit(struct check_draft *d, uint32_t slot, const struct timed *what,
    const struct config_node *value, const struct plan_timing *timing)
{
	struct config_arena *arena = d->run->arena;
	uint64_t most, n;
	const struct plan_layer *layer = strictest(d, slot, what == &rekey_members[BYTES], &most);
	const char *name, *limit;

	memcpy(&n, (const char *)timing + what->at, sizeof n);
	if (!layer || n <= most)
		return true;
	name = check_layer_text(arena, layer);
	limit = what->text(arena, most);
	if (!name || !limit)
		return false;
	check_tell(
	    d->run, &(struct check_report){ "SC507", value->at,
			config_print(arena, "'%s' is %s, but %s protects at most %s%s under one key", what->name,
			    value->text, name, limit, what == &rekey_members[BYTES] ? "" : " messages"),
			"beyond that an attacker's chance to read or to forge is not negligible any more",
			config_print(arena, "write at most %s; at three quarters of it there are new keys in any case",
			    limit) });
	return !arena->failed;
}

/*
 * Under a small limit a datagram link stands still until new keys may come.  Told where it would be slower than a network of
 * 100 Mbit/s is in any case.
 */
static bool slow_layers(struct check_draft *d)
{
	const uint64_t seconds = PLAN_RETIRE_US / SECOND, network = 12500000 * seconds;
	struct config_arena *arena = d->run->arena;

	for (size_t i = 0; i < d->stack.count; i++) {
		const struct plan_layer *layer = &d->stack.layers[i];
		const uint64_t most = seccomm_mp_limits(layer->mp).bytes, key = layer->image->key;
		const char *name, *limit;

		if (most >= network || key == 0 || key > d->slot_count || check_slot_salted(&d->slots[key - 1]))
			continue;
		name = check_layer_text(arena, layer);
		limit = config_size_text(arena, most);
		if (!name || !limit)
			return false;
		check_tell(d->run,
		    &(struct check_report){ "SC513", check_layer_place(d->stack.from[i]),
			config_print(arena, "%s protects %s under one key, and on a datagram link new keys come at most every %" PRIu64 "s",
			    name, limit, seconds),
			config_print(arena, "it carries %" PRIu64 " kB/s each way, and what is more has to wait", (most / seconds + 500) / 1000),
			"use an algorithm with a larger limit, or a stream link (tcp:, unix:), where new keys come at once" });
	}
	return !arena->failed;
}

/* ---- rekey ---- */

static bool rekey_member(
    struct check_draft *d, uint32_t slot, const struct config_node *member, struct plan_timing *out)
{
	const char *names[REKEY_MEMBERS + 1] = { NULL };
	const char *list;
	bool read;

	for (size_t i = 0; i < REKEY_MEMBERS; i++) {
		const struct timed *what = &rekey_members[i];

		names[i] = what->name;
		if (strcmp(what->name, member->name->text) == 0)
			return read_value(d, what, what->name, member, out, &read) &&
			       (!read || i == AFTER || within_limit(d, slot, what, member, out));
	}
	list = config_names(d->run->arena, names);
	return list && check_tell_unknown(d->run, "SC002", member->name, names,
			   config_print(d->run->arena, "'rekey' has no '%s'", member->name->text),
			   config_print(d->run->arena, "it has: %s", list));
}

/* What is not said stays as it is in OUT. */
static bool rekey(struct check_draft *d, uint32_t slot, const struct config_node *value, struct plan_timing *out)
{
	bool read;

	if (never(value)) {
		out->rekey_after_us = out->rekey_bytes = out->rekey_messages = 0;
		return true;
	}
	if (value->kind == CONFIG_SCALAR)
		return read_value(d, &rekey_members[AFTER], "rekey", value, out, &read);
	for (const struct config_node *m = value->first; m; m = m->next)
		if (!rekey_member(d, slot, m, out))
			return false;
	return true;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

static bool slot_rekey(struct check_draft *d, size_t i, const struct plan_timing *session)
{
	const struct config_node *own = d->keys[i].rekey, *said = own ? own : d->from->field[CONFIG_REKEY];
	struct plan_timing timing = *session;

	if (own && !rekey(d, (uint32_t)i + 1, own, &timing))
		return false;
	if (check_slot_salted(&d->slots[i]))
		return !said || never(said) ||
		       tell(d, "SC013", said->at,
			   config_print(d->run->arena, "key '%s' cannot be renewed: establish: none has no exchange",
			       d->keys[i].name->text),
			   "remove 'rekey', or use   establish: psk");
	d->timing.rekey_after_us = sooner(d->timing.rekey_after_us, timing.rekey_after_us);
	d->timing.rekey_bytes = sooner(d->timing.rekey_bytes, timing.rekey_bytes);
	d->timing.rekey_messages = sooner(d->timing.rekey_messages, timing.rekey_messages);
	return true;
}

/* ---- idle, keepalive ---- */

static bool datagram_time(
    struct check_draft *d, const struct timed *what, enum config_field field, const char *help, struct plan_timing *out)
{
	const struct config_node *value = d->from->field[field];
	bool read;

	if (!value || !read_value(d, what, what->name, value, out, &read))
		return !value;
	if (!read || !d->session->listen || is_datagram(d))
		return true;
	return tell(d, "SC013", value->name->at,
	    config_print(d->run->arena, "'%s' is for datagram links, and this link is a byte stream", what->name),
	    help);
}

bool check_timing(struct check_draft *d)
{
	struct plan_timing session = plan_timing_default;
	const struct config_node *all = d->from->field[CONFIG_REKEY];

	if (all && !rekey(d, 0, all, &session))
		return false;
	for (size_t i = 0; i < d->slot_count; i++)
		if (!slot_rekey(d, i, &session))
			return false;
	if (!datagram_time(
		d, &idle, CONFIG_IDLE, "remove it: a connection lasts until one of its ends closes it", &session) ||
	    !datagram_time(
		d, &keepalive, CONFIG_KEEPALIVE, "remove it: what carries the stream keeps it alive", &session))
		return false;
	if (is_datagram(d) && !slow_layers(d))
		return false;
	if (d->session->link == SECCOMM_DATAGRAM) {
		d->timing.idle_us = session.idle_us;
		d->timing.keepalive_us = session.keepalive_us;
	}
	return true;
}

/* ---- For who writes a schema ---- */

static struct check_timed timed_row(const struct timed *what)
{
	const enum cactus_kind kind = what->read == config_duration ? CACTUS_DURATION
				      : what->read == config_size   ? CACTUS_SIZE
								    : CACTUS_COUNT;

	return (struct check_timed){ what->name, what->shape, kind, what->least, what->most };
}

bool check_rekey_member(size_t n, struct check_timed *out)
{
	if (n < REKEY_MEMBERS)
		*out = timed_row(&rekey_members[n]);
	return n < REKEY_MEMBERS;
}

struct check_timed check_timed_field(enum config_field field)
{
	return timed_row(field == CONFIG_IDLE ? &idle : field == CONFIG_KEEPALIVE ? &keepalive : &rekey_members[AFTER]);
}
