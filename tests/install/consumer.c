/* SPDX-License-Identifier: Apache-2.0 */
/*
 * consumer.c - a small application of the installed library: two sessions in memory that know each other, one message
 * there and one back.  Exits 0 when both came as they were sent; argument 1 is the version that the library must have.
 */
#include <seccomm.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char stack[] = "anti-replay:sequence | encrypt:chacha20-poly1305";

struct end {
	struct seccomm_keyring *keyring;
	struct seccomm_plan *plan;
	struct seccomm_callbacks callbacks;
	struct seccomm_session *session;
	uint8_t wire[4096]; /* what this end has to say to the other one */
	size_t length;
	char got[64];
};

static void fail(const char *what, const struct seccomm_error *error)
{
	fprintf(stderr, "%s%s%s\n", what, error ? ": " : "", error ? error->text : "");
	exit(EXIT_FAILURE);
}

static void transmit(void *context, const uint8_t *bytes, size_t length)
{
	struct end *end = context;

	if (length > sizeof end->wire - end->length)
		fail("more bytes than there is room for", NULL);
	memcpy(end->wire + end->length, bytes, length);
	end->length += length;
}

static void deliver(void *context, struct seccomm_message *message)
{
	struct end *end = context;
	size_t length;
	const uint8_t *bytes = seccomm_message_bytes(message, &length);

	if (length >= sizeof end->got || seccomm_message_sender(message) == NULL)
		fail("a message that nobody sent", NULL);
	memcpy(end->got, bytes, length);
	end->got[length] = '\0';
}

/* Hands all that FROM has said to TO. */
static void carry(struct end *from, struct end *to)
{
	size_t done = 0;

	while (done < from->length) {
		ptrdiff_t n = seccomm_pop(to->session, from->wire + done, from->length - done);

		if (n <= 0)
			fail("what one end said the other one refused", NULL);
		done += (size_t)n;
	}
	from->length = 0;
}

static void make_end(
    struct seccomm *library, struct end *end, enum seccomm_role role, const char *secret, const char *peer_key)
{
	const char *const names[] = { "client", "server" }, *peer = names[role == SECCOMM_CLIENT];
	struct seccomm_error error;

	end->callbacks = (struct seccomm_callbacks){ .context = end, .transmit = transmit, .deliver = deliver };
	end->keyring = seccomm_keyring_new(library);
	if (end->keyring == NULL || seccomm_keyring_identity(end->keyring, names[role], secret, &error) != SECCOMM_OK ||
	    seccomm_keyring_peer(end->keyring, peer, peer_key, &error) != SECCOMM_OK ||
	    seccomm_plan_stack(library, role, SECCOMM_STREAM, stack, NULL, names[role], &peer, 1, false, &end->plan,
		&error) != SECCOMM_OK)
		fail("no keyring or plan", &error);
	if (seccomm_open(end->plan, end->keyring, seccomm_platform_default(), &end->callbacks, &end->session, &error) !=
	    SECCOMM_OK)
		fail("no session", &error);
}

static void say(struct end *from, struct end *to, const char *text)
{
	if (seccomm_push_copy(from->session, text, strlen(text)) != SECCOMM_OK)
		fail("a message was not sent", NULL);
	carry(from, to);
	if (strcmp(to->got, text) != 0)
		fail("another message came than was sent", NULL);
}

static void free_end(struct end *end)
{
	seccomm_session_free(end->session);
	seccomm_plan_free(end->plan);
	seccomm_keyring_free(end->keyring);
}

int main(int argc, char **argv)
{
	static struct end client, server;
	char secret[2][SECCOMM_KEY_TEXT_MAX], key[2][SECCOMM_KEY_TEXT_MAX];
	struct seccomm_error error;
	struct seccomm *library = seccomm_new(&error);

	if (library == NULL)
		fail("no library", &error);
	if (argc != 2 || strcmp(argv[1], seccomm_version()) != 0)
		fail("another version than was asked for", NULL);
	for (size_t i = 0; i < 2; i++)
		if (seccomm_key_generate(library, "ed25519", secret[i], sizeof secret[i], key[i], sizeof key[i]) !=
		    SECCOMM_OK)
			fail("no key", NULL);
	make_end(library, &server, SECCOMM_SERVER, secret[1], key[0]);
	make_end(library, &client, SECCOMM_CLIENT, secret[0], key[1]);
	while (client.length || server.length) {
		carry(&client, &server);
		carry(&server, &client);
	}
	say(&client, &server, "there");
	say(&server, &client, "and back");
	free_end(&client);
	free_end(&server);
	seccomm_free(library);
	puts("there and back");
	return EXIT_SUCCESS;
}
