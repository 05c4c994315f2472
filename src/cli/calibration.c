/* SPDX-License-Identifier: Apache-2.0 */
/* calibration.c - keeping and showing what layers cost on this machine (see calibration.h). */
#include "cli/calibration.h"
#include "cli/home.h"
#include "cli/log.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { VERSION = 1, TYPICAL = 1024, PROCESSOR = 128 }; /* bytes of the messages that `explain` tells of */

static bool file_of(const char *home, struct complaints *to, char out[PATH_MAX])
{
	char folder[PATH_MAX];

	return home_state(to, home, "costs", folder) && home_path(to, folder, "", "costs", ".json", out);
}

/* As /proc/cpuinfo calls it; "" where there is none. */
static void processor(char out[PROCESSOR])
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	char line[256];

	out[0] = 0;
	while (file && !*out && fgets(line, sizeof(line), file)) {
		const char *value = strchr(line, ':');

		if (value && strncmp(line, "model name", 10) == 0)
			snprintf(out, PROCESSOR, "%.*s", (int)strcspn(value + 2, "\n"), value + 2);
	}
	if (file)
		fclose(file);
}

static uint64_t wall_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

bool calibration_keep(const char *home, const json_t *rows)
{
	char path[PATH_MAX], cpu[PROCESSOR], when[LOG_TIME_MAX], *text;
	json_t *whole;
	bool kept;
	int lock;

	processor(cpu);
	log_time(wall_us(), when);
	whole = json_pack("{s:i, s:s, s:s, s:O}", "version", VERSION, "processor", cpu, "measured", when, "rows", rows);
	text = whole ? json_dumps(whole, JSON_INDENT(1)) : NULL;
	json_decref(whole);
	if (!text) {
		cli_complain("out of memory");
		return false;
	}
	lock = home_make(home) && file_of(home, NULL, path) ? home_lock(home) : -1;
	kept = lock >= 0 && home_replace(path, text);
	if (lock >= 0)
		close(lock);
	free(text);
	if (kept)
		fprintf(stderr, "kept in %s\n", path);
	return kept;
}

/* ---- Showing ---- */

/* The row of MP with messages of the typical size; NULL: there is none. */
static const json_t *row_of(const json_t *rows, const struct seccomm_mp *mp)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		const char *name = json_string_value(json_object_get(row, "micro_protocol"));

		if (name && strcmp(name, mp->cactus.name) == 0 && json_integer_value(json_object_get(row, "bytes")) == TYPICAL)
			return row;
	}
	return NULL;
}

static json_t *read_kept(const char *home)
{
	struct complaints silent = { .count = 0 };
	char path[PATH_MAX], *text;
	size_t length;
	json_t *whole;

	if (!file_of(home, &silent, path) || home_read(&silent, path, HOME_TRUSTED, &text, &length) != HOME_OK)
		return NULL;
	whole = json_loads(text, 0, NULL);
	free(text);
	if (json_integer_value(json_object_get(whole, "version")) == VERSION && json_is_array(json_object_get(whole, "rows")))
		return whole;
	json_decref(whole);
	return NULL;
}

json_t *calibration_costs(const char *home, const struct check_session *session)
{
	static const char *const ways[] = { "send_ns", "receive_ns" };
	json_t *kept = read_kept(home), *list = json_array(), *costs;
	double sum[2] = { 0 };
	size_t count;
	const struct plan_layer *layers = seccomm_plan_stack_layers(session->plan, &count);

	if (!kept) {
		json_decref(list);
		return NULL;
	}
	for (size_t i = 0; i < count; i++) {
		const json_t *row = row_of(json_object_get(kept, "rows"), layers[i].mp);
		json_t *one = json_pack("{s:s}", "layer", layers[i].mp->cactus.name);

		for (int way = 0; way < 2; way++) {
			json_t *cost = row ? json_object_get(row, ways[way]) : NULL;

			json_object_set_new(one, ways[way], cost ? json_incref(cost) : json_null());
			sum[way] += cost ? json_number_value(cost) : 0;
		}
		json_array_append_new(list, one);
	}
	costs = json_pack("{s:O, s:O, s:i, s:o, s:f, s:f}", "processor", json_object_get(kept, "processor"), "measured",
	    json_object_get(kept, "measured"), "bytes", TYPICAL, "layers", list, ways[0], sum[0], ways[1], sum[1]);
	json_decref(kept);
	return costs;
}

static void print_cost(const json_t *row, const char *way)
{
	const json_t *cost = json_object_get(row, way);

	if (json_is_number(cost))
		printf(" %9.0f", json_number_value(cost));
	else
		printf(" %9s", "-");
}

void calibration_print(const json_t *costs)
{
	const json_t *row;
	size_t i;

	if (!costs) {
		puts("\ncost: not measured on this machine yet; it is by   seccomm bench --calibrate");
		return;
	}
	printf("\ncost of a message of %d bytes, each layer alone in a session, as measured here on %.10s (%s)\n  %-32s %9s %9s\n", TYPICAL,
	    json_string_value(json_object_get(costs, "measured")), json_string_value(json_object_get(costs, "processor")), "",
	    "send ns", "receive");
	json_array_foreach(json_object_get(costs, "layers"), i, row) {
		printf("  %-32s", json_string_value(json_object_get(row, "layer")));
		print_cost(row, "send_ns");
		print_cost(row, "receive_ns");
		putchar('\n');
	}
	printf("  %-32s", "together, at most");
	print_cost(costs, "send_ns");
	print_cost(costs, "receive_ns");
	putchar('\n');
}
