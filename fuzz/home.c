/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the program loads what is in the files of a home, or complains, whatever is in them.
 *
 * Input: the files peers, keys/self, keys/self.rsa-3072.pem, keys/shared.psk, peers.d/friend.pem, keys/self.ecdsa-p256.pem,
 * covers/cat and pads/p.server, with ff between them.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/home.h"
#include "cli/keyring.h"
#include "ends.h"

enum { SIGNED_PSK = 7, FILES = 8 }; /* of the compositions */
static const char *const files[FILES][2] = { { "", "peers" }, { "keys", "self" }, { "keys", "self.rsa-3072.pem" },
	{ "keys", "shared.psk" }, { "peers.d", "friend.pem" }, { "keys", "self.ecdsa-p256.pem" },
	{ "covers", "cat" }, { "pads", "p.server" } };

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
	int fd;

	path_of(n, path);
	if (length == 0) {
		(void)unlink(path);
	} else {
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		must(fd >= 0 && write(fd, bytes, length) == (ssize_t)length && close(fd) == 0, "a file can be written");
	}
	(void)input_u8(input);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const peers[] = { "friend" };
	const struct check_session session = { .name = "s",
		.identity = "self",
		.peers = peers,
		.peer_count = 1,
		.plan = composition_plan(CLIENT, SECCOMM_STREAM, SIGNED_PSK) };
	const struct check_session *const sessions[] = { &session };
	struct input input = { data, size };

	for (unsigned n = 0; n < FILES; n++)
		write_file(n, &input);
	seccomm_keyring_free(keyring_load(composition_library(), fuzz_home(), NULL, sessions, 1, NULL));
	return 0;
}
