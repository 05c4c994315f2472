/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secrets.c - pre-shared secrets of which one file has told several peers, each in a session of its own.
 *
 * Names are what tells them apart, for no key is looked at.  Where a session names nobody, whoever holds its secret is the peer: that
 * it is another one than elsewhere can only be guessed, from where clients connect to.
 *
 * A file may have thousands of sessions: of those with one secret only so many are remembered as it takes to find, for any of them,
 * one that differs from it.
 */
#include "check/internal.h"
#include "config/url.h"

#include <string.h>
#include <strings.h>

/*
 * One of a secret's sessions.  Of those with one peer a session differs from one in three peers, and where its own end is that peer,
 * from one in two identities (none is a third one); of two hosts from one.
 */
enum { ALIKE = 3, NAMED = ALIKE * 3, CROWDS = 1, HOSTS = 2, USES = NAMED + CROWDS + HOSTS };
enum { SECRET_ROOM = SECCOMM_NAME_MAX - sizeof("shared-") }; /* for the rest of a secret's name */
struct use {
	const struct check_draft *draft;
	size_t key;
	const char *host; /* of a client that names no peers; "": this machine */
};
struct check_secret {
	const char *name;
	struct use use[USES];
	size_t count;
	bool named, nameless; /* whether there are sessions with it that name their peers, or nobody */
	struct check_secret *next; /* of those with the same hash */
};

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool crowd(const struct check_session *s)
{
	return check_several(s->peers, s->peer_count);
}

static const char *secret_of(const struct plan_slot *slot)
{
	return slot->establish.mp ? seccomm_slot_psk(slot) : NULL;
}

/* ---- What is remembered ---- */

static struct check_secret **bucket(struct check_run *run, const char *name)
{
	uint32_t hash = 2166136261U;

	for (const char *at = name; *at; at++)
		hash = (hash ^ (unsigned char)*at) * 16777619U;
	return &run->secrets[hash % CHECK_SECRETS];
}

static struct check_secret *find(struct check_run *run, const char *name)
{
	struct check_secret *secret = *bucket(run, name);

	while (secret && strcmp(secret->name, name) != 0)
		secret = secret->next;
	return secret;
}

static struct check_secret *find_or_add(struct check_run *run, const char *name)
{
	struct check_secret *secret = find(run, name);

	if (secret)
		return secret;
	secret = config_take(run->arena, sizeof *secret);
	if (!secret)
		return NULL;
	*secret = (struct check_secret){ .name = name, .next = *bucket(run, name) };
	return *bucket(run, name) = secret;
}

/* The host that a client connects to; "": this machine; NULL: it is no client, or names its peers. */
static const char *nameless_host(const struct check_session *s, struct config_url *url)
{
	const char *why;

	if (s->role != SECCOMM_CLIENT || s->peer_count > 0 || !s->connect || config_url_parse(s->connect, url, &why) < 0)
		return NULL;
	return config_url_is_loopback(url) ? "" : url->host;
}

/* Whether what S, with HOST, tells of who has the secret is told by those that are remembered. */
static bool told(const struct check_secret *secret, const struct check_session *s, const char *host)
{
	size_t crowds = 0, named = 0, alike = 0, hosts = 0;
	bool known = s->peer_count == 0 && !host;

	for (size_t i = 0; i < secret->count && !known; i++) {
		const struct check_session *other = secret->use[i].draft->session;
		const bool one = other->peer_count > 0 && !crowd(other), peer = one && s->peer_count > 0 && same(other->peers[0], s->peers[0]);

		crowds += crowd(other);
		named += one;
		alike += peer;
		hosts += secret->use[i].host != NULL;
		known = (peer && !crowd(s) && same(other->identity, s->identity)) ||
			(host && secret->use[i].host && strcasecmp(host, secret->use[i].host) == 0);
	}
	return known || (host     ? hosts == HOSTS
			 : crowd(s) ? crowds == CROWDS
				    : named == NAMED || alike == ALIKE);
}

bool check_secrets_remember(struct check_draft *d)
{
	struct config_url url;
	const char *host = nameless_host(d->session, &url);

	for (size_t i = 0; i < d->slot_count; i++) {
		const char *name = secret_of(&d->slots[i]);
		struct check_secret *secret = name ? find_or_add(d->run, name) : NULL;

		if (name && !secret)
			return false;
		if (name && d->session->peer_count > 0)
			secret->named = true;
		else if (name)
			secret->nameless = true;
		if (!name || told(secret, d->session, host))
			continue;
		secret->use[secret->count++] = (struct use){ d, i, host ? config_print(d->run->arena, "%s", host) : NULL };
	}
	return !d->run->arena->failed;
}

/* ---- What follows ---- */

/*
 * Whether more than the two ends of OWN hold what OTHER uses as well.  A file may have both ends of one session in it: then this one's
 * end is the other one's peer, and that one's end is who holds it.
 */
static bool others(const struct check_session *own, const struct check_session *other)
{
	const char *holder;

	if (other->peer_count == 0 || crowd(other))
		return other->peer_count > 0;
	holder = own->identity && same(other->peers[0], own->identity) ? other->identity : other->peers[0];
	return holder && !same(holder, own->peers[0]);
}

const struct check_draft *check_secret_elsewhere(const struct check_draft *d, const char *name, size_t *key)
{
	const struct check_session *own = d->session;
	const struct check_secret *secret = name && own->peer_count > 0 && !crowd(own) ? find(d->run, name) : NULL;

	for (size_t i = 0; secret && i < secret->count; i++) {
		*key = secret->use[i].key;
		if (others(own, secret->use[i].draft->session))
			return secret->use[i].draft;
	}
	return NULL;
}

const struct check_draft *check_secret_abroad(const struct check_draft *d, const char *name, size_t *key)
{
	struct config_url url;
	const char *host = name ? nameless_host(d->session, &url) : NULL;
	const struct check_secret *secret = host ? find(d->run, name) : NULL;

	for (size_t i = 0; secret && i < secret->count; i++) {
		*key = secret->use[i].key;
		if (secret->use[i].host && strcasecmp(host, secret->use[i].host) != 0)
			return secret->use[i].draft;
	}
	return NULL;
}

void check_secrets(struct check_draft *d)
{
	size_t key;

	for (size_t i = 0; i < d->slot_count; i++)
		d->slots[i].shared = check_secret_elsewhere(d, secret_of(&d->slots[i]), &key) != NULL;
}

/* Whether somebody else has the secret NAME, or may have: who does where nobody is named is not known. */
static bool taken(const struct check_draft *d, const char *name)
{
	const struct check_secret *secret = find(d->run, name);
	size_t key;

	return secret && ((d->session->peer_count > 0 ? secret->nameless : secret->named) || check_secret_elsewhere(d, name, &key));
}

const char *check_secret_new(const struct check_draft *d)
{
	struct config_arena *arena = d->run->arena;
	const char *name = "shared", *session = d->session->name;

	/* A session's name may be as long as a secret's: of a long one so much as leaves room for the rest. */
	for (unsigned n = 1; name && taken(d, name); n++) {
		const char *number = n > 1 ? config_print(arena, "-%u", n) : "";

		name = number ? config_print(arena, "shared-%.*s%s", (int)(SECRET_ROOM - strlen(number)), session, number) : NULL;
	}
	return name;
}
