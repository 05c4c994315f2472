/* SPDX-License-Identifier: Apache-2.0 */
/* rig.c - see rig.h. */
#include "rig.h"
#include "cli/home.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- The client ---- */

static void take(void *context, const char *line, size_t length)
{
	struct rig *rig = context;
	json_t *object = json_loadb(line, length, 0, NULL);

	rig->bad += !object || length == 0 || line[length - 1] != '\n' || memchr(line, '\n', length - 1) != NULL;
	json_array_append_new(rig->lines, object ? object : json_null());
}

static size_t waiting(void *context)
{
	return ((struct rig *)context)->waiting;
}

void rig_line(struct rig *rig, const char *line, size_t length)
{
	json_array_clear(rig->lines);
	control_line(rig->client, line, length);
	assert_int_equal(rig->bad, 0);
}

void rig_ask(struct rig *rig, const char *request)
{
	rig_line(rig, request, strlen(request));
}

json_t *rig_last(const struct rig *rig, const char *name)
{
	return json_object_get(json_array_get(rig->lines, json_array_size(rig->lines) - 1), name);
}

const char *rig_error(const struct rig *rig)
{
	const char *text = json_string_value(json_object_get(rig_last(rig, "error"), "text"));

	return text ? text : "";
}

/* ---- The program ---- */

void rig_text(struct rig *rig, const char *text)
{
	size_t length = 0;

	for (; *text; text++) {
		int n = *text == '%' ? snprintf(rig->text + length, sizeof(rig->text) - length, "%s", rig->folder)
				     : snprintf(rig->text + length, sizeof(rig->text) - length, "%c", *text);

		length += (size_t)n;
		assert_true(length < sizeof(rig->text));
	}
}

static void generate(struct rig *rig, char *secret, char *public_key)
{
	assert_int_equal(seccomm_key_generate(
			     rig->library, "ed25519", secret, SECCOMM_KEY_TEXT_MAX, public_key, SECCOMM_KEY_TEXT_MAX),
	    SECCOMM_OK);
}

static void peers_path(const struct rig *rig, char out[PATH_MAX])
{
	assert_true(home_path(NULL, rig->folder, "", "peers", "", out));
}

void rig_add_peer(struct rig *rig, const char *name)
{
	char secret[SECCOMM_KEY_TEXT_MAX], public_key[SECCOMM_KEY_TEXT_MAX], path[PATH_MAX];
	FILE *file;

	generate(rig, secret, public_key);
	peers_path(rig, path);
	file = fopen(path, "a");
	assert_non_null(file);
	assert_true(fprintf(file, "%s %s\n", name, public_key) > 0);
	assert_int_equal(fclose(file), 0);
}

void rig_remove_peers(struct rig *rig)
{
	char path[PATH_MAX];

	peers_path(rig, path);
	assert_int_equal(unlink(path), 0);
}

static void make_home(struct rig *rig)
{
	char secret[SECCOMM_KEY_TEXT_MAX], public_key[SECCOMM_KEY_TEXT_MAX], path[PATH_MAX];

	strcpy(rig->folder, "/tmp/seccomm-rig-XXXXXX");
	assert_non_null(mkdtemp(rig->folder));
	assert_true(home_make(rig->folder));
	generate(rig, secret, public_key);
	assert_true(home_path(NULL, rig->folder, "keys", "me", "", path) && home_create(path, secret));
	rig_add_peer(rig, "a");
	rig_add_peer(rig, "b");
}

void rig_start(struct rig *rig, const char *text)
{
	struct setup_source source = { .home = rig->folder, .name = "rig", .file = "rig.yaml", .text = rig->text };
	const struct control_wire wire = { .context = rig, .send = take, .waiting = waiting };
	struct setup *setup;

	*rig = (struct rig){ .library = seccomm_new(NULL), .loop = transport_loop_new(), .lines = json_array() };
	assert_true(rig->library && rig->loop);
	make_home(rig);
	rig_text(rig, text);
	program_init(&rig->program, rig->library, rig->loop, &source);
	log_open(&rig->program.journal.log, -1, LOG_LOGFMT);
	rig->program.drain_ms = 60000;
	rig->program.control = control_new(&rig->program);
	assert_non_null(rig->program.control);
	setup = setup_read(rig->library, &rig->program.source, false, NULL);
	assert_true(setup && setup_ready(setup));
	assert_true(program_start(&rig->program, setup, NULL));
	setup_release(setup);
	rig->client = control_join(rig->program.control, &wire);
	assert_non_null(rig->client);
}

static void stop(void *context)
{
	transport_loop_stop(context);
}

void rig_turn(struct rig *rig)
{
	struct transport_timer *timer = transport_timer_new(rig->loop, stop, rig->loop);

	assert_non_null(timer);
	transport_timer_set(timer, 1, 0);
	transport_loop_run(rig->loop);
	transport_timer_free(timer);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *ftw)
{
	(void)status, (void)kind, (void)ftw;
	return remove(path);
}

void rig_end(struct rig *rig)
{
	struct control *control = rig->program.control;

	control_leave(rig->client);
	program_free(&rig->program);
	control_free(control);
	assert_true(transport_loop_free(rig->loop));
	seccomm_free(rig->library);
	json_decref(rig->lines);
	assert_int_equal(nftw(rig->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}
