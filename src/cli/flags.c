/* SPDX-License-Identifier: Apache-2.0 */
/* flags.c - writing the YAML of flags.h; what it says is judged by the checker, as any file's text is. */
#include "cli/flags.h"
#include "config/print.h"
#include "transport/transport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void member(FILE *out, const char *name, const char *value)
{
	if (!value)
		return;
	fprintf(out, "    %s: ", name);
	config_print_scalar(out, value);
	fputc('\n', out);
}

static void write_peers(FILE *out, const struct cli *cli)
{
	const char *name;

	if (cli_has(cli, "peer"))
		fputs("    peers:\n", out);
	for (size_t i = 0; (name = cli_nth(cli, "peer", i)); i++) {
		fputs("      - ", out);
		config_print_scalar(out, name);
		fputc('\n', out);
	}
}

/* The length of NAME in "NAME=EXPR"; 0 when EXPR stands alone. */
static size_t key_name(const char *expression)
{
	size_t length = strcspn(expression, "=,:| ");

	return expression[length] == '=' ? length : 0;
}

static void write_keys(FILE *out, const struct cli *cli, const char *identity)
{
	const char *psk = cli_value(cli, "psk"), *expression;

	if (psk || cli_has(cli, "key"))
		fputs("    keys:\n", out);
	for (size_t i = 0; (expression = cli_nth(cli, "key", i)); i++) {
		size_t length = key_name(expression);

		fprintf(out, "      %.*s: ", length ? (int)length : 4, length ? expression : "data");
		config_print_scalar(out, expression + (length ? length + 1 : 0));
		fputc('\n', out);
	}
	if (psk) {
		/* Who holds the secret could claim any identity: where there are identities, they sign. */
		bool named = identity || cli_has(cli, "peer");

		fputs("      data: {establish: psk, secret: ", out);
		config_print_scalar(out, psk);
		fputs(named ? ", protect: [sign: ed25519]}\n" : "}\n", out);
	}
}

static bool datagrams(const struct cli *cli)
{
	const char *connect = cli_value(cli, "connect"), *why;
	struct config_url url;

	return connect && config_url_parse(connect, &url, &why) == 0 && config_url_link(&url) == SECCOMM_DATAGRAM;
}

/* A stack of its own for a pre-shared key: a profile has its own keys. */
static const char *stack_of(const struct cli *cli)
{
	const char *stack = cli_value(cli, "stack");

	if (stack || !cli_has(cli, "psk") || cli_has(cli, "profile"))
		return stack;
	return datagrams(cli) ? "anti-replay:window | encrypt:aes-256-gcm"
			      : "anti-replay:sequence | encrypt:aes-256-gcm";
}

char *flags_yaml(const struct cli *cli, const char *role, const char *identity)
{
	const char *stack = stack_of(cli), *profile = cli_value(cli, "profile");
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out) {
		cli_complain("out of memory");
		return NULL;
	}
	fprintf(out, "seccomm: 1\nsessions:\n  %s:\n    role: %s\n", role, role);
	member(out, "listen", cli_value(cli, "listen"));
	member(out, "connect", cli_value(cli, "connect"));
	member(out, "identity", identity);
	write_peers(out, cli);
	member(out, "profile", profile || stack ? profile : "default@1");
	member(out, "stack", stack);
	write_keys(out, cli, identity);
	member(out, "rekey", cli_value(cli, "rekey"));
	member(out, "idle", cli_value(cli, "idle"));
	member(out, "keepalive", cli_value(cli, "keepalive"));
	if (fclose(out) == 0)
		return text;
	free(text);
	cli_complain("out of memory");
	return NULL;
}
