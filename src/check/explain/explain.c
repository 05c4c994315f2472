/* SPDX-License-Identifier: Apache-2.0 */
/* explain.c - what a session achieves, by which layer, and what it does not promise; as text. */
#include "check/explain/explain.h"
#include "config/model.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *way_text(enum seccomm_direction way)
{
	return way == SECCOMM_C2S ? "client to server" : "server to client";
}

static bool is_signed(const struct plan_slot *slot)
{
	for (size_t i = 0; i < slot->protect_count; i++)
		if (slot->protect[i].mp->gives & SECCOMM_GIVES_SIGNATURE)
			return true;
	return false;
}

static void who(FILE *out, const struct check_session *s)
{
	fprintf(out, "session %s\n  role:      %s\n", s->name, s->role == SECCOMM_CLIENT ? "client" : "server");
	fprintf(out, "  link:      %s\n",
	    s->link == SECCOMM_STREAM ? "stream (bytes arrive complete and in order)"
				      : "datagrams (may be lost, doubled, reordered)");
	fprintf(out, "  listen:    %s\n  connect:   %s\n", s->listen, s->connect);
	if (s->identity)
		fprintf(out, "  identity:  %s\n", s->identity);
	if (s->peer_count) {
		fputs("  peers:     ", out);
		for (size_t i = 0; i < s->peer_count; i++)
			fprintf(out, "%s%s", i ? ", " : "", s->peers[i]);
		fputc('\n', out);
	}
	if (s->profile)
		fprintf(out, "  profile:   %s%s\n", s->profile,
		    s->lab ? " (rules about security only warn; this machine only)" : "");
}

static void stack(FILE *out, const struct check_session *s)
{
	size_t count;
	const struct plan_layer *layers = seccomm_plan_stack_layers(s->plan, &count);

	fputs("\nstack, in the sender's order; the receiver runs it backwards\n", out);
	for (size_t i = 0; i < count; i++) {
		fprintf(out, "  %3u  %-26s %-5s %-7s %s\n", (unsigned)layers[i].order, layers[i].mp->cactus.name,
		    seccomm_direction_name((enum seccomm_direction)layers[i].image->direction),
		    seccomm_standing_name(layers[i].mp->standing), layers[i].mp->cactus.summary);
		if (layers[i].mp->paper)
			fprintf(out, "       in the paper: %s\n", layers[i].mp->paper);
	}
}

static const char *forward_text(const struct seccomm_plan *plan, const struct check_keys *keys, size_t i)
{
	size_t count;
	const struct plan_slot *slots = seccomm_plan_slots(plan, &count), *slot = &slots[i];

	if (keys->forward[i] != SECCOMM_LEVEL_NONE)
		return "yes: who records the traffic cannot read it even if long-term keys are lost later";
	if (keys->hides[i] == SECCOMM_LEVEL_NONE)
		return "no: this key is none to somebody who is there, or who listens, already";
	if (check_creator_level(slots, count, i) < SECCOMM_LEVEL_MODERN)
		return "no: what creates this key creates it again for everybody who asks";
	if (slot->establish.mp->wraps)
		return "no: who learns the keys that hide it can read all that was ever recorded";
	if (seccomm_slot_kem(slot))
		return "no: who gets the server's key, today or later, can read all that was ever recorded";
	return "no: who learns the secret can read all that was ever recorded";
}

/* What the layers under the key give to its exchange. */
static void protection(FILE *out, const struct plan_slot *slots, size_t i, const struct check_keys *keys)
{
	const struct plan_slot *k = &slots[i];
	unsigned ways = k->establish.mp->wraps;

	for (size_t n = 0; n < k->protect_count; n++) {
		const struct seccomm_self *image = k->protect[n].image;

		fprintf(out, "  protected by     %s (%s%s%s)\n", k->protect[n].mp->cactus.name,
		    seccomm_direction_name((enum seccomm_direction)image->direction), image->key ? ", key " : "",
		    image->key ? slots[image->key - 1].name : "");
	}
	if (ways)
		fprintf(out, "  hidden           %s, %s\n",
		    seccomm_level_name(check_exchange_level(k, keys, PLAN_CONFIDENTIALITY, ways)),
		    ways == CHECK_BOTH_WAYS     ? "in both directions"
		    : ways == 1U << SECCOMM_C2S ? way_text(SECCOMM_C2S)
						: way_text(SECCOMM_S2C));
}

static void slot(FILE *out, const struct seccomm_plan *plan, size_t i, const struct check_keys *keys)
{
	size_t count;
	const struct plan_slot *slots = seccomm_plan_slots(plan, &count), *k = &slots[i];
	const uint32_t creator = check_slot_creator(k, (uint32_t)i + 1);

	fprintf(out, "\nkey %s (the paper's Keys[%zu])\n", k->name, i + 1);
	fprintf(out, "  established by   %s: %s\n", k->establish.mp->word, k->establish.mp->cactus.summary);
	if (k->establish.mp->paper)
		fprintf(out, "                   in the paper: %s\n", k->establish.mp->paper);
	if (creator > 0)
		fprintf(out, "  created by       %s: %s\n", slots[creator - 1].create.mp->word,
		    slots[creator - 1].create.mp->cactus.summary);
	protection(out, slots, i, keys);
	fprintf(out, "  forward secrecy  %s\n", forward_text(plan, keys, i));
	if (count > 1 && !check_slot_salted(k))
		fputs("  carries over     when only another key is replaced (seccomm rekey --key), and gets no new forward secrecy\n",
		    out);
	if (check_slot_salted(k))
		fputs("  no exchange: nothing proves that the peer is there, and that what comes is new\n", out);
	else if (seccomm_plan_anonymous(plan))
		fputs("  no identities: each end takes whoever answers for the other one\n", out);
	else
		fputs("  no identity hiding: an observer sees the fingerprints of both ends\n", out);
	if (is_signed(k))
		fputs("  no deniability: the exchange is signed, and the signature proves that it took place\n", out);
}

static void all_slots(FILE *out, const struct seccomm_plan *plan)
{
	size_t count;
	struct check_keys keys;

	(void)seccomm_plan_slots(plan, &count);
	check_plan_keys(plan, &keys);
	for (size_t i = 0; i < count; i++)
		slot(out, plan, i, &keys);
}

static size_t carried(const struct cactus_mp *mp)
{
	size_t n = 0;

	for (const struct cactus_attribute *a = mp->attributes; a && a->name; a++)
		if (a->act == CACTUS_SETS && (a->scope == CACTUS_PEER || a->scope == CACTUS_CLEAR))
			n += a->bytes;
	return n;
}

static void bytes(FILE *out, const struct plan_layer *layer)
{
	const struct cactus_mp *mp = &layer->mp->cactus;
	struct cactus_filling filling;

	if (mp->filling) {
		filling = mp->filling(layer->image);
		fprintf(out, "at most %u bytes become %u", (unsigned)filling.most, (unsigned)filling.to);
		return;
	}
	fprintf(out, "%zu", (size_t)mp->growth.prefix + mp->growth.suffix + carried(mp));
	if (mp->growth.block)
		fprintf(out, " + 1 to %u of padding", (unsigned)mp->growth.block);
}

/* Bytes that the layers make of LENGTH ones; the rest of a message is the header. */
static size_t grown(const struct check_way *way, size_t length)
{
	for (size_t i = 0; i < way->count; i++) {
		const struct cactus_growth *g = &way->layer[i]->mp->cactus.growth;

		if (way->layer[i]->mp->cactus.filling) {
			length = way->layer[i]->mp->cactus.filling(way->layer[i]->image).to;
			continue;
		}
		length += (size_t)g->prefix + g->suffix + carried(&way->layer[i]->mp->cactus);
		length += g->block ? g->block - (length - g->prefix - g->suffix) % g->block : 0;
	}
	return length;
}

enum { SAMPLE = 100 };

static void layout(FILE *out, const struct check_session *s)
{
	size_t count;
	const struct plan_layer *layers = seccomm_plan_stack_layers(s->plan, &count);

	for (enum seccomm_direction d = SECCOMM_C2S; d <= SECCOMM_S2C; d++) {
		size_t size = seccomm_plan_wire_size(s->plan, d, SAMPLE);
		struct check_way way;

		check_way_of(layers, count, d, &way);
		fprintf(out, "\nmessage on the wire, %s: %d bytes of data become %zu (%zu added)\n", way_text(d),
		    SAMPLE, size, size - SAMPLE);
		fprintf(out, "  header: %zu bytes, in clear; covered by every layer that authenticates\n",
		    size - grown(&way, SAMPLE));
		for (size_t i = way.count; i-- > 0;) {
			fprintf(out, "  %*s%s: ", (int)(2 * (way.count - i)), "", way.layer[i]->mp->cactus.name);
			bytes(out, way.layer[i]);
			fprintf(out, " bytes; %s\n", way.layer[i]->mp->wire ? way.layer[i]->mp->wire : "body");
		}
		fprintf(out, "  %*sdata\n", (int)(2 * (way.count + 1)), "");
	}
}

static bool limit(FILE *out, const char *what, uint64_t most, const char *unit, const char *name)
{
	if (most != UINT64_MAX)
		fprintf(out, "  at most %" PRIu64 " %s%s under one key (%s)\n", most, unit, what, name);
	return most != UINT64_MAX;
}

/* What lives on a pad has for each message another key, and no limit but the pad's end. */
static bool key_limits(FILE *out, const struct seccomm_mp *mp)
{
	const struct plan_limits limits = seccomm_mp_limits(mp);
	const bool messages = limit(out, "", limits.messages, "messages", mp->cactus.name),
		   bytes = limit(out, "", limits.bytes, "bytes", mp->cactus.name);

	return limit(out, " messages", limits.failures, "refused", mp->cactus.name) || messages || bytes;
}

static void all_limits(FILE *out, const struct plan_layer *layers, size_t count, bool renewable)
{
	bool keys = false, pads = false;

	for (size_t i = 0; i < count; i++) {
		const char *pad = seccomm_layer_pad(&layers[i]);

		if (pad)
			fprintf(out, "  one-time pad '%s' (%s): so many bytes each way as it was made with\n", pad, layers[i].mp->cactus.name);
		pads = pads || pad;
		keys = (!pad && key_limits(out, layers[i].mp)) || keys;
	}
	if (keys)
		fputs(renewable ? "  at three quarters of a limit new keys are agreed; at the limit nothing more is sent\n"
				: "  at a limit nothing more is sent: no exchange could agree on new keys\n", out);
	if (pads)
		fputs("  no byte of a pad is used twice, and what has been used is destroyed; at its end nothing more is sent,\n"
		      "  and no new key makes it longer: make another one with   seccomm pad gen NAME\n", out);
}

static bool renewable(const struct seccomm_plan *plan)
{
	size_t count;
	const struct plan_slot *slots = seccomm_plan_slots(plan, &count);

	return count == 0 || !check_slot_salted(&slots[0]);
}

static void time_line(FILE *out, struct config_arena *arena, const char *what, const char *does, uint64_t us)
{
	const char *text = us == UINT64_MAX ? "never" : config_duration_text(arena, us);

	fprintf(out, "  %-10s %s%s\n", what, us == UINT64_MAX ? "" : does, text ? text : "");
}

/* What the other end need not share. */
static void times(FILE *out, const struct seccomm_plan *plan)
{
	const struct plan_timing *t = seccomm_plan_timing(plan);
	struct config_arena arena = { 0 };
	const char *bytes = config_size_text(&arena, t->rekey_bytes);

	fputs("\ntimes of this end\n", out);
	time_line(out, &arena, "rekey", "new keys are agreed after ", renewable(plan) ? t->rekey_after_us : UINT64_MAX);
	if (t->rekey_bytes != UINT64_MAX)
		fprintf(out, "             or after %s\n", bytes ? bytes : "");
	if (t->rekey_messages != UINT64_MAX)
		fprintf(out, "             or after %" PRIu64 " messages\n", t->rekey_messages);
	if (seccomm_plan_link(plan) == SECCOMM_DATAGRAM) {
		time_line(out, &arena, "idle", "a session without data is closed after ", t->idle_us);
		time_line(out, &arena, "keepalive", "something is sent at least every ", t->keepalive_us);
	}
	config_release(&arena);
}

static void closing(FILE *out, const struct check_session *s)
{
	size_t count;
	const struct plan_layer *layers = seccomm_plan_stack_layers(s->plan, &count);

	fputs("\nnot protected\n  how long each message is, when it is sent, and that the two ends talk\n"
	      "  the header of each message is visible (but cannot be altered where something authenticates)\n",
	    out);
	for (size_t i = 0; i < count; i++)
		if (layers[i].mp->kind && strcmp(layers[i].mp->kind, "pke") == 0)
			fprintf(out, "  what %s hides is readable to who ever gets the receiver's key: it is the same for all sessions\n",
			    layers[i].mp->cactus.name);
	fprintf(out, "\nlimits\n  messages of at most %zu bytes\n", seccomm_plan_max_message(s->plan));
	all_limits(out, layers, count, renewable(s->plan));
	times(out, s->plan);
	fputs("\nconfiguration digest, the same at both ends\n  ", out);
	for (size_t i = 0; i < CRYPTO_HASH_BYTES; i++)
		fprintf(out, "%02x", seccomm_plan_digest(s->plan)[i]);
	fputc('\n', out);
}

static void explained(FILE *out, const struct check_session *s)
{
	who(out, s);
	if (!s->plan) {
		fputs("\nnothing more can be said: the session has errors\n", out);
		return;
	}
	stack(out, s);
	all_slots(out, s->plan);
	check_explain_levels(out, s->plan);
	layout(out, s);
	closing(out, s);
}

char *check_stream_text(void (*write)(FILE *, const void *), const void *context)
{
	char *made = NULL;
	size_t size;
	FILE *out = open_memstream(&made, &size);
	bool bad;

	if (!out)
		return NULL;
	write(out, context);
	bad = ferror(out) != 0;
	if (fclose(out) == 0 && !bad)
		return made;
	free(made);
	return NULL;
}

static void write_session(FILE *out, const void *session)
{
	explained(out, session);
}

char *check_explain_session(const struct check_session *session)
{
	return check_stream_text(write_session, session);
}
