/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seeds.c - writes the inputs that fuzzing of sessions starts from: what genuine peers send, and scripts of whole
 * conversations.  Always the same.
 *
 *	fuzz-seeds TARGET FOLDER	writes FOLDER/NAME; nothing for a target that has none of these
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frames.h"
#include "steps.h"

struct seed {
	uint8_t bytes[4096];
	size_t length;
};

static void put(struct seed *seed, const void *bytes, size_t length)
{
	if (length > sizeof(seed->bytes) - seed->length)
		return;
	memcpy(seed->bytes + seed->length, bytes, length);
	seed->length += length;
}

static void put_u8(struct seed *seed, unsigned byte)
{
	uint8_t one = (uint8_t)byte;

	put(seed, &one, 1);
}

static void save(const struct seed *seed, const char *folder, const char *name)
{
	char path[4096];
	FILE *file;

	must(snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path), "a path fits");
	file = fopen(path, "wb");
	must(file != NULL && fwrite(seed->bytes, 1, seed->length, file) == seed->length && fclose(file) == 0,
	    "a seed can be written");
}

/* ---- stream, datagram ---- */

static void put_frames(struct seed *seed, enum seccomm_link link, struct frames *frames)
{
	struct frame_unit *unit;

	while ((unit = frames_take(frames)) != NULL) {
		if (link == SECCOMM_DATAGRAM) {
			put_u8(seed, (unsigned)unit->length >> 8);
			put_u8(seed, (unsigned)unit->length & 255);
		}
		put(seed, unit->bytes, unit->length);
		free(unit);
	}
}

/* What the peer sends in the situation; and then data, a renewal and a close. */
static void record(const char *folder, enum seccomm_link link, uint8_t progress, uint8_t how)
{
	struct seed seed = { .length = 0 };
	struct end *peer;
	struct pair pair;
	char name[32];
	int ignored;

	put_u8(&seed, progress);
	put_u8(&seed, how);
	frames_reach(&pair, link, progress, how);
	peer = &pair.end[!(how >> 7)];
	ignored = seccomm_push_copy(peer->session, "question", 8);
	ignored = seccomm_rekey(peer->session);
	ignored = seccomm_close(peer->session);
	(void)ignored;
	put_frames(&seed, link, &peer->sent);
	snprintf(name, sizeof(name), "%02x-%02x", progress, how);
	save(&seed, folder, name);
	pair_free(&pair);
}

static void record_all(const char *folder, enum seccomm_link link)
{
	for (unsigned how = 0; how < STACKS; how++)
		for (unsigned tried = 0; tried <= 128; tried += 128) {
			for (unsigned opening = 0; opening < 8; opening++)
				record(folder, link, (uint8_t)opening, (uint8_t)(how | tried));
			for (unsigned renewal = 1; renewal < 7; renewal++)
				record(folder, link, (uint8_t)(7 | renewal << 3), (uint8_t)(how | tried));
		}
}

static void record_stream(const char *folder)
{
	record_all(folder, SECCOMM_STREAM);
}

static void record_datagrams(const char *folder)
{
	record_all(folder, SECCOMM_DATAGRAM);
}

/* ---- conversation ---- */

static void step(struct seed *seed, enum conversation_step what, unsigned end, unsigned how)
{
	put_u8(seed, (unsigned)what | end << 4 | how << 5);
}

static void talk(struct seed *seed)
{
	for (unsigned end = CLIENT; end <= SERVER; end++) {
		step(seed, STEP_PUSH, end, 0);
		put_u8(seed, 16);
	}
	step(seed, STEP_PUMP, 0, 0);
}

/* An opening or a renewal up to frame PLACE, which is edited: one byte is turned at AT. */
static void pass_and_edit(struct seed *seed, unsigned place, unsigned at)
{
	for (unsigned n = 0; n < place; n++)
		step(seed, STEP_PASS, n & 1, 0);
	step(seed, STEP_EDIT, place & 1, 1);
	put_u8(seed, 0);
	put_u8(seed, 1); /* a bit is turned */
	put_u8(seed, at >> 8);
	put_u8(seed, at & 255);
	put_u8(seed, 0);
	step(seed, STEP_PUMP, 0, 0);
}

static void converse(const char *folder, unsigned link, unsigned stack)
{
	struct seed seed = { .length = 0 };
	char name[32];

	put_u8(&seed, link | 8); /* honest */
	put_u8(&seed, stack);
	put_u8(&seed, 0);
	step(&seed, STEP_PUMP, 0, 0);
	talk(&seed);
	for (unsigned end = CLIENT; end <= SERVER; end++) {
		step(&seed, STEP_REKEY, end, 0);
		step(&seed, STEP_PUMP, 0, 0);
		talk(&seed);
		step(&seed, STEP_TIME, 0, 5);
	}
	for (unsigned slot = 1; slot <= 2; slot++) {
		step(&seed, STEP_REKEY, slot % 2, slot);
		step(&seed, STEP_PUMP, 0, 0);
		talk(&seed);
		step(&seed, STEP_TIME, 0, 5);
	}
	step(&seed, STEP_CHANGE, CLIENT, 0);
	put_u8(&seed, stack + 1);
	step(&seed, STEP_PUMP, 0, 0);
	talk(&seed);
	for (unsigned end = CLIENT; end <= SERVER; end++)
		step(&seed, STEP_CLOSE, end, 0);
	step(&seed, STEP_PUMP, 0, 0);
	snprintf(name, sizeof(name), "whole-%u-%u", link, stack);
	save(&seed, folder, name);
}

static void converse_with_edits(const char *folder, unsigned link, unsigned stack, unsigned place, bool renewal)
{
	struct seed seed = { .length = 0 };
	char name[32];

	put_u8(&seed, link);
	put_u8(&seed, stack);
	put_u8(&seed, 0);
	if (renewal) {
		step(&seed, STEP_PUMP, 0, 0);
		step(&seed, STEP_REKEY, CLIENT, 0);
	}
	pass_and_edit(&seed, place, 20);
	snprintf(name, sizeof(name), "edit-%u-%u-%u-%u", link, stack, place, renewal);
	save(&seed, folder, name);
}

/* Configurations that differ; an opening that is answered by a RETRY. */
static void disagree(const char *folder, unsigned link)
{
	struct seed seed = { .length = 0 };
	char name[32];

	put_u8(&seed, link | 2);
	put_u8(&seed, 0);
	put_u8(&seed, 0);
	step(&seed, STEP_RETRY, CLIENT, 0);
	put_u8(&seed, 2);
	put_u8(&seed, 0);
	step(&seed, STEP_PUMP, 0, 0);
	snprintf(name, sizeof(name), "differ-%u", link);
	save(&seed, folder, name);
}

static void converse_all(const char *folder)
{
	for (unsigned link = 0; link < 2; link++) {
		disagree(folder, link);
		for (unsigned stack = 0; stack < STACKS; stack++) {
			converse(folder, link, stack);
			for (unsigned place = 0; place < 4; place++) {
				converse_with_edits(folder, link, stack, place, false);
				converse_with_edits(folder, link, stack, place, true);
			}
		}
	}
}

/* ---- listener ---- */

static void act(struct seed *seed, enum listener_step what, unsigned client, unsigned address, unsigned how)
{
	put_u8(seed, (unsigned)what | client << 3 | address << 5 | how << 7);
}

/* CLIENTS open from an address each, data comes from another address, one session is stopped. */
static void listen_to(const char *folder, unsigned stack, unsigned limits, unsigned clients)
{
	struct seed seed = { .length = 0 };
	char name[32];

	put_u8(&seed, stack);
	put_u8(&seed, limits);
	for (unsigned n = 0; n < clients; n++)
		act(&seed, LISTENER_START, n, 0, 0);
	for (unsigned round = 0; round < 4; round++)
		for (unsigned n = 0; n < clients; n++) {
			act(&seed, LISTENER_PASS, n, n, 0);
			act(&seed, LISTENER_ANSWER, n, n, 0);
		}
	act(&seed, LISTENER_TALK, 0, 0, 0);
	put_u8(&seed, 16);
	act(&seed, LISTENER_PASS, 0, 3, 0);
	act(&seed, LISTENER_TIME, 2, 0, 0);
	act(&seed, LISTENER_STOP, 0, 0, 1);
	put_u8(&seed, 0);
	snprintf(name, sizeof(name), "open-%u-%02x-%u", stack, limits, clients);
	save(&seed, folder, name);
}

static void listen_all(const char *folder)
{
	static const uint8_t limits[] = { 0x00, 0x07, 0x21, 0x80, 0x93, 0x9a };

	for (unsigned stack = 0; stack < STACKS; stack++)
		for (size_t i = 0; i < sizeof(limits); i++)
			for (unsigned clients = 1; clients <= 4; clients += 3)
				listen_to(folder, stack, limits[i], clients);
}

/* ---- difference ---- */

static void differ(const char *folder)
{
	for (unsigned stack = 0; stack < STACKS; stack++) {
		struct seed seed = { .length = 0 };
		const char *ours = seccomm_plan_text(composition_plan(CLIENT, SECCOMM_STREAM, stack));
		const char *theirs = seccomm_plan_text(composition_plan(CLIENT, SECCOMM_DATAGRAM, stack + 1));
		char name[32];

		put_u8(&seed, 255);
		put(&seed, ours, strlen(ours) + 1);
		put(&seed, theirs, strlen(theirs));
		snprintf(name, sizeof(name), "plans-%u", stack);
		save(&seed, folder, name);
	}
}

static const struct {
	const char *target;
	void (*write)(const char *folder);
} targets[] = { { "stream", record_stream }, { "datagram", record_datagrams }, { "conversation", converse_all },
	{ "listener", listen_all }, { "difference", differ } };

int main(int count, char **arguments)
{
	must(count == 3, "usage: fuzz-seeds TARGET FOLDER");
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
		if (strcmp(targets[i].target, arguments[1]) == 0)
			targets[i].write(arguments[2]);
	return 0;
}
