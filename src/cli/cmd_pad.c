/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_pad.c - `pad gen` and `pad show`. */
#include "check/check.h"
#include "cli/cli.h"
#include "cli/home.h"
#include "cli/pads.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COPIES = 2, PIECE = 64 * 1024 };
static const uint64_t size_most = UINT64_C(1) << 40;

/* The two copies while they are made. */
struct making {
	char path[COPIES][PATH_MAX]; /* by enum seccomm_role */
	int fd[COPIES];
	uint8_t id[PAD_ID];
	uint64_t region;
};

static int write_both(const struct making *m, uint64_t offset, const void *bytes, size_t length)
{
	for (int role = SECCOMM_CLIENT; role <= SECCOMM_SERVER; role++)
		for (size_t done = 0; done < length;) {
			/* A disk that fills up takes a part first, and says why only when asked to take the rest. */
			ssize_t n = pwrite(m->fd[role], (const char *)bytes + done, length - done, (off_t)(offset + done));

			if (n < 0 && errno != EINTR)
				return -1;
			done += n > 0 ? (size_t)n : 0;
		}
	return 0;
}

/* The head comes last: a file without one is no pad, if this program is killed meanwhile. */
static bool fill(const struct making *m)
{
	const struct cactus_platform *platform = seccomm_platform_default();
	uint8_t *piece = malloc(PIECE), head[PAD_HEAD];
	bool good = piece;

	for (uint64_t at = 0, n; good && at < 2 * m->region; at += n) {
		n = 2 * m->region - at < PIECE ? 2 * m->region - at : PIECE;
		good = platform->random(platform->context, piece, (size_t)n) == 0 && write_both(m, PAD_HEAD + at, piece, (size_t)n) == 0;
	}
	if (piece)
		explicit_bzero(piece, PIECE);
	free(piece);
	for (int role = SECCOMM_CLIENT; good && role <= SECCOMM_SERVER; role++) {
		pad_store_head(head, m->id, m->region, (enum seccomm_role)role);
		good = fsync(m->fd[role]) == 0 && pwrite(m->fd[role], head, PAD_HEAD, 0) == PAD_HEAD && fsync(m->fd[role]) == 0;
	}
	return good;
}

static bool make(struct making *m)
{
	const struct cactus_platform *platform = seccomm_platform_default();
	bool made = platform->random(platform->context, m->id, PAD_ID) == 0;
	int role;

	for (role = SECCOMM_CLIENT; made && role <= SECCOMM_SERVER; role++) {
		m->fd[role] = open(m->path[role], O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		made = m->fd[role] >= 0;
		if (!made)
			cli_complain("%s: %s", m->path[role], strerror(errno));
	}
	if (made && !fill(m)) {
		cli_complain("the pad could not be made: %s", strerror(errno));
		made = false;
	}
	for (role = SECCOMM_CLIENT; role <= SECCOMM_SERVER; role++) {
		if (!made && m->fd[role] >= 0)
			unlink(m->path[role]);
		if (m->fd[role] >= 0)
			close(m->fd[role]);
	}
	return made;
}

static int tell_made(const struct cli *cli, const struct making *m)
{
	char id[PAD_ID_TEXT];

	pad_store_id_text(m->id, id);
	if (cli_has(cli, "json"))
		return cli_answer_json(json_pack("{s:s, s:s, s:I, s:s, s:s}", "name", cli->words[0], "id", id, "bytes_each_way",
		    (json_int_t)m->region, "client", m->path[SECCOMM_CLIENT], "server", m->path[SECCOMM_SERVER]));
	printf("pad     %s, %" PRIu64 " bytes each way, in two copies:\n  %s\n  %s\n"
	       "next    move the copy of the other end to the other host, to the same place, by a way that nobody reads along,\n"
	       "        before either has been used; keep no further copy, backup or snapshot: they would defeat it\n",
	    cli->words[0], m->region, m->path[SECCOMM_CLIENT], m->path[SECCOMM_SERVER]);
	return CLI_OK;
}

int cmd_pad_gen(const struct cli *cli)
{
	const char *size = cli_has(cli, "size") ? cli_value(cli, "size") : "1MiB";
	struct making m = { .fd = { -1, -1 } };
	uint64_t bytes;
	int lock, status;

	if (!check_size(size, &bytes) || bytes == 0 || bytes > size_most) {
		cli_complain("'%s' is no size that a pad can have", size);
		cli_help_line("write it like 1MiB or 2GiB; so much can be sent each way");
		return CLI_USAGE;
	}
	m.region = (bytes + SECCOMM_PAD_BLOCK - 1) / SECCOMM_PAD_BLOCK * SECCOMM_PAD_BLOCK;
	if (!home_name(NULL, cli->words[0]) || !home_make(cli->home) ||
	    !pads_path(NULL, cli->home, cli->words[0], SECCOMM_CLIENT, m.path[SECCOMM_CLIENT]) ||
	    !pads_path(NULL, cli->home, cli->words[0], SECCOMM_SERVER, m.path[SECCOMM_SERVER]))
		return CLI_USAGE;
	lock = home_lock(cli->home);
	if (lock < 0)
		return CLI_FAILED;
	status = make(&m) ? tell_made(cli, &m) : CLI_USAGE;
	close(lock);
	return status;
}

/* ---- pad show ---- */

/* False: it has complained. */
static bool show_copy(const struct cli *cli, enum seccomm_role role, json_t *list, bool *any)
{
	char path[PATH_MAX], id[PAD_ID_TEXT];
	struct pad_store store;
	const enum home_result read = pads_look(NULL, cli->home, cli->words[0], role, path, &store);

	if (read != HOME_OK)
		return read == HOME_MISSING;
	*any = true;
	pad_store_id_text(store.id, id);
	if (list)
		json_array_append_new(list,
		    json_pack("{s:s, s:s, s:s, s:I, s:I, s:I}", "file", path, "id", id, "role",
			store.role == SECCOMM_CLIENT ? "client" : "server", "bytes_each_way", (json_int_t)store.region, "sent",
			(json_int_t)store.mark[SECCOMM_PAD_OURS], "received", (json_int_t)store.mark[SECCOMM_PAD_PEERS]));
	else
		printf("%s\n  id %s, %s, %" PRIu64 " bytes each way; used for sending %" PRIu64 ", for receiving %" PRIu64 "\n",
		    path, id, store.role == SECCOMM_CLIENT ? "client" : "server", store.region,
		    store.mark[SECCOMM_PAD_OURS], store.mark[SECCOMM_PAD_PEERS]);
	return true;
}

int cmd_pad_show(const struct cli *cli)
{
	json_t *list = cli_has(cli, "json") ? json_array() : NULL;
	bool any = false, good;

	if (!home_name(NULL, cli->words[0])) {
		json_decref(list);
		return CLI_USAGE;
	}
	good = show_copy(cli, SECCOMM_CLIENT, list, &any) && show_copy(cli, SECCOMM_SERVER, list, &any);
	if (good && !any) {
		cli_complain("there is no pad '%s' in %s/pads", cli->words[0], cli->home);
		cli_help_line("seccomm pad gen %s", cli->words[0]);
	}
	if (good && any && list)
		return cli_answer_json(list);
	json_decref(list);
	return good && any ? CLI_OK : CLI_USAGE;
}
