/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the program loads what is in the files of a home, or complains, whatever is in them.
 *
 * Input: the files peers, keys/self, keys/self.rsa-3072.pem, keys/shared.psk, peers.d/friend.pem, keys/self.ecdsa-p256.pem,
 * covers/cat, and keys/self.rsa-oaep-3072.pem, with ff between them; then edits of a good pads/p.client.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/home.h"
#include "cli/keyring.h"
#include "cli/pads.h"
#include "ends.h"

enum { FILES = 8, REGION = SECCOMM_PAD_BLOCK, PAD_BYTES = PAD_HEAD + 2 * REGION, PAD_ROOM = PAD_BYTES + 4096 };
static const char *const files[FILES][2] = { { "", "peers" }, { "keys", "self" }, { "keys", "self.rsa-3072.pem" },
	{ "keys", "shared.psk" }, { "peers.d", "friend.pem" }, { "keys", "self.ecdsa-p256.pem" },
	{ "covers", "cat" }, { "keys", "self.rsa-oaep-3072.pem" } };
static const char configuration[] =
    "seccomm: 1\nsessions:\n  s:\n    role: client\n    listen: 'memory:'\n    connect: 'memory:'\n    identity: self\n"
    "    peers: [friend]\n    profile: lab\n    stack:\n      - encrypt: {algorithm: one-time-pad, pad: p}\n"
    "      - encrypt: {algorithm: steganography, cover: cat, size: 1024}\n    keys:\n"
    "      data: {establish: psk, secret: shared, protect: [sign: ed25519]}\n";

static struct seccomm_plan *plan(void)
{
	static struct seccomm_plan *made;
	struct seccomm_error error = { 0 };

	must(made != NULL || seccomm_plan_read(composition_library(), "fuzz", configuration, sizeof(configuration) - 1, NULL, &made,
				 &error) == SECCOMM_OK,
	    error.text);
	return made;
}

static void write_bytes(const char *path, const uint8_t *bytes, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	must(fd >= 0 && write(fd, bytes, length) == (ssize_t)length && close(fd) == 0, "a file can be written");
}

static void forget_marks(void)
{
	char folder[PATH_MAX];
	struct dirent *entry;
	DIR *marks;

	must(home_state(NULL, fuzz_home(), "pads", folder), "there is a folder for marks");
	marks = opendir(folder);
	must(marks != NULL, "marks can be listed");
	while ((entry = readdir(marks)) != NULL)
		(void)unlinkat(dirfd(marks), entry->d_name, 0);
	closedir(marks);
}

/* A pad is too long to be found by chance. */
static void write_pad(struct input *input)
{
	static const uint8_t id[PAD_ID] = "the pad of fuzz";
	uint8_t bytes[PAD_ROOM] = { 0 };
	char path[PATH_MAX];

	must(pads_path(NULL, fuzz_home(), "p", SECCOMM_CLIENT, path), "a path fits");
	(void)unlink(path); /* a new file each time: where it lies is written into it, and how it is used is noted elsewhere */
	forget_marks();
	pad_store_head(bytes, id, REGION, SECCOMM_CLIENT);
	write_bytes(path, bytes, input_edit(input, bytes, PAD_BYTES, PAD_ROOM));
}

static void path_of(unsigned n, char out[PATH_MAX])
{
	must(snprintf(out, PATH_MAX, "%s/%s%s%s", fuzz_home(), files[n][0], *files[n][0] ? "/" : "", files[n][1]) <
		 PATH_MAX,
	    "a path fits");
}

static void write_file(unsigned n, struct input *input)
{
	const uint8_t *end = input->left > 0 ? memchr(input->at, 0xff, input->left) : NULL;
	size_t length = end != NULL ? (size_t)(end - input->at) : input->left;
	const uint8_t *bytes = input_take(input, &length);
	char path[PATH_MAX];

	path_of(n, path);
	if (length == 0)
		(void)unlink(path);
	else
		write_bytes(path, bytes, length);
	(void)input_u8(input);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const peers[] = { "friend" };
	const struct check_session session = { .name = "s",
		.identity = "self",
		.peers = peers,
		.peer_count = 1,
		.plan = plan() };
	const struct check_session *const sessions[] = { &session };
	struct input input = { data, size };
	struct pads *pads = pads_new(fuzz_home());

	for (unsigned n = 0; n < FILES; n++)
		write_file(n, &input);
	write_pad(&input);
	seccomm_keyring_free(keyring_load(composition_library(), fuzz_home(), pads, sessions, 1, NULL));
	pads_free(pads);
	return 0;
}
