/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the notations of one line (stacks, keys, addresses, numbers) are read or refused with a reason, and what the
 * program writes into a configuration is read as what it was.
 *
 * Input: what it is (1) || text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/model.h"
#include "config/print.h"
#include "config/url.h"
#include "ends.h"

enum kind { STACK, KEY, ADDRESS, NUMBER, SCALAR, KINDS };

/* HOW: link, role, profile. */
static void read_plan(const char *stack, const char *key, unsigned how)
{
	static const char *const peers[] = { "friend" };
	struct seccomm_plan *plan;
	struct seccomm_error error = { 0 };
	int status = seccomm_plan_stack(composition_library(), how & 1 ? SECCOMM_SERVER : SECCOMM_CLIENT,
	    how & 2 ? SECCOMM_DATAGRAM : SECCOMM_STREAM, stack, key, "self", peers, 1, (how & 4) != 0, &plan, &error);

	must((status == SECCOMM_OK) == (plan != NULL), "there is a plan, or a reason why not");
	must(status == SECCOMM_OK || error.text[0] != '\0', "a refusal has a reason");
	for (const char *c = error.text; *c != '\0'; c++)
		must((unsigned char)*c >= ' ' && *c != 127, "a reason is printable");
	if (plan != NULL)
		must(seccomm_plan_overhead(plan) > 0 && strlen(seccomm_plan_text(plan)) > 0, "a plan is whole");
	seccomm_plan_free(plan);
}

static void read_address(const char *text)
{
	struct config_url url, again;
	char out[CONFIG_URL_MAX];
	const char *why;

	if (config_url_parse(text, &url, &why) < 0) {
		must(why != NULL, "a refusal has a reason");
		return;
	}
	config_url_format(&url, out);
	must(config_url_parse(out, &again, &why) == 0 && memcmp(&url, &again, sizeof(url)) == 0,
	    "an address that was written is the same");
	(void)config_url_is_loopback(&url);
}

static void read_number(const char *text)
{
	struct config_arena arena = { 0 };
	uint64_t value = 0, again = 0;

	(void)config_count(text, &value);
	if (config_duration(text, &value) == CONFIG_VALUE_OK)
		must(config_duration(config_duration_text(&arena, value), &again) == CONFIG_VALUE_OK && again == value,
		    "a duration that was written is the same");
	if (config_size(text, &value) == CONFIG_VALUE_OK)
		must(config_size(config_size_text(&arena, value), &again) == CONFIG_VALUE_OK && again == value,
		    "a size that was written is the same");
	config_release(&arena);
}

static void ignore(void *context, const struct config_fault *fault)
{
	(void)context, (void)fault;
}

/* Only texts that a command line can have: without control characters, and UTF-8. */
static void write_scalar(const char *text)
{
	struct config_arena arena = { 0 };
	const struct config_sink sink = { &arena, ignore, NULL };
	const struct config_node *root, *value;
	char *yaml = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&yaml, &size);

	must(out != NULL, "there is memory");
	fputs("name: ", out);
	config_print_scalar(out, text);
	fputc('\n', out);
	fclose(out);
	root = config_tree(&sink, yaml, size);
	value = root != NULL ? config_get(root, "name") : NULL;
	if (value != NULL)
		must(value->kind == CONFIG_SCALAR && value->length == strlen(text) &&
			 memcmp(value->text, text, value->length) == 0,
		    "a text that was written is the same");
	config_release(&arena);
	free(yaml);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	uint8_t first = input_u8(&input);
	char *text = input_text(&input, '\0');

	switch ((enum kind)(first % KINDS)) {
	case STACK:
		read_plan(text, NULL, first / KINDS);
		break;
	case KEY:
		read_plan("encrypt:aes-256-gcm", text, first / KINDS);
		break;
	case ADDRESS:
		read_address(text);
		break;
	case NUMBER:
		read_number(text);
		break;
	case SCALAR:
		write_scalar(text);
		break;
	case KINDS:
		break;
	}
	free(text);
	return 0;
}
