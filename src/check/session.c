/* SPDX-License-Identifier: Apache-2.0 */
/* session.c - what a session says beside its layers: role, addresses, who takes part, what is required. */
#include "check/internal.h"
#include "config/url.h"

#include <string.h>

static bool tell(struct check_draft *d, const char *id, struct config_place at, const char *message, const char *help)
{
	check_tell(d->run, &(struct check_report){ .id = id, .at = at, .message = message, .help = help });
	return message != NULL;
}

static bool missing(struct check_draft *d, const char *what, const char *help)
{
	return tell(
	    d, "SC009", d->head, config_print(d->run->arena, "session '%s' has no '%s'", d->session->name, what), help);
}

bool check_name(struct check_draft *d, const struct config_node *node, bool pattern)
{
	if (check_is_name(node->text, pattern))
		return true;
	return tell(d, "SC003", node->at, config_print(d->run->arena, "'%.80s' is no name", node->text),
	    pattern ? "a name or pattern has 1 to 63 of a-z A-Z 0-9 . _ - * ? [ ]"
		    : "a name has 1 to 63 of a-z A-Z 0-9 . _ -");
}

const char *const check_roles[] = { "client", "server", NULL };

static bool role(struct check_draft *d)
{
	const struct config_node *node = d->from->field[CONFIG_ROLE];

	if (!node)
		return d->from->faulty[CONFIG_ROLE] ||
		       missing(d, "role", "add   role: client   where a program connects, or   role: server");
	for (int i = 0; check_roles[i]; i++) {
		if (strcmp(check_roles[i], node->text) == 0) {
			d->session->role = i ? SECCOMM_SERVER : SECCOMM_CLIENT;
			return true;
		}
	}
	return check_tell_unknown(d->run, "SC011", node, check_roles, config_print(d->run->arena, "'%s' is no role", node->text),
	    "the roles are client and server");
}

/* ---- Addresses ---- */

static bool url_fault(struct check_draft *d, const struct config_node *node, const char *why)
{
	return tell(d, "SC014", node->at, config_print(d->run->arena, "'%.80s' is no address: %s", node->text, why),
	    "addresses are written tcp:HOST:PORT, udp:HOST:PORT, unix:PATH or unixgram:PATH; to listen also "
	    "tcp::PORT, udp::PORT");
}

/* *READ: there is an address, and OUT has it. */
static bool url(struct check_draft *d, enum config_field field, struct config_url *out, bool *read)
{
	const struct config_node *node = d->from->field[field];
	const char *why;

	*read = false;
	if (!node && d->from->faulty[field])
		return true;
	if (!node)
		return field == CONFIG_LISTEN
			   ? missing(d, "listen", "add where connections arrive, for example   listen: tcp::7443")
			   : missing(d, "connect", "add where they go, for example   connect: tcp:db.example.net:7443");
	if (config_url_parse(node->text, out, &why) < 0)
		return url_fault(d, node, why);
	*read = true;
	if (field == CONFIG_CONNECT && config_url_has_host(out) && !*out->host)
		return url_fault(d, node, "it has no host to connect to");
	if (field == CONFIG_CONNECT && config_url_has_host(out) && out->port == 0)
		return url_fault(d, node, "port 0 is for listening only");
	if (d->session->lab && !config_url_is_loopback(out))
		return tell(d, "SC020", node->at,
		    config_print(
			d->run->arena, "profile lab does not reach beyond this machine, '%s' does", node->text),
		    "use 127.0.0.1, [::1], localhost or a UNIX socket, or leave the lab");
	return true;
}

static bool addresses(struct check_draft *d)
{
	const struct config_node *listen = d->from->field[CONFIG_LISTEN], *connect = d->from->field[CONFIG_CONNECT];
	struct config_url in, out;
	bool have_in, have_out;

	if (!url(d, CONFIG_LISTEN, &in, &have_in) || !url(d, CONFIG_CONNECT, &out, &have_out))
		return false;
	if (!have_in || !have_out)
		return true;
	if (config_url_link(&in) != config_url_link(&out))
		return tell(d, "SC013", connect->at, "one address is of a byte stream and the other of datagrams",
		    "tcp: goes with tcp: or unix:, and udp: with udp: or unixgram:");
	d->session->link = config_url_link(&in);
	d->session->listen = listen->text;
	d->session->connect = connect->text;
	return true;
}

/* ---- Require ---- */

static bool level(struct check_draft *d, const struct config_node *value, enum seccomm_property p)
{
	static const char help[] = "the levels are: none, toy, legacy, modern, modern+pq";
	const char *names[SECCOMM_LEVELS + 1] = { NULL };

	for (int l = SECCOMM_LEVEL_NONE; l < SECCOMM_LEVELS; l++) {
		names[l] = seccomm_level_name((enum seccomm_level)l);
		if (value->kind == CONFIG_SCALAR && strcmp(names[l], value->text) == 0) {
			d->require[p] = (enum seccomm_level)l;
			return true;
		}
	}
	if (value->kind != CONFIG_SCALAR)
		return tell(d, "SC003", value->at, "a level is one word", help);
	return check_tell_unknown(d->run, "SC011", value, names, config_print(d->run->arena, "'%s' is no level", value->text), help);
}

static bool no_property(struct check_draft *d, const struct config_node *name, const char *const *names)
{
	const char *list = config_names(d->run->arena, names);

	return list && check_tell_unknown(d->run, "SC002", name, names, config_print(d->run->arena, "'%s' is no property", name->text),
			   config_print(d->run->arena, "what can be required: %s", list));
}

/* Who names a profile is to get what it stands for; what is more than that is for the session to say. */
static bool lowered(struct check_draft *d, const struct config_node *value, enum seccomm_property p, enum seccomm_level least)
{
	struct config_arena *arena = d->run->arena;
	const char *name = d->from->field[CONFIG_PROFILE]->text, *level = seccomm_level_name(least);

	d->require[p] = least;
	check_tell(d->run, &(struct check_report){ "SC013", value->at,
			       config_print(arena, "profile '%s' requires %s: %s", name, seccomm_property_name(p), level),
			       "a session can require more than its profile, not less",
			       config_print(arena, "remove this; or write stack and keys out, as   seccomm explain %s   shows them", name),
			       { check_edit_node(d->run, value, level) } });
	return !arena->failed;
}

static bool require_of(struct check_draft *d, const struct config_node *map, const char *const *names, bool below)
{
	for (const struct config_node *m = map ? map->first : NULL; m; m = m->next) {
		int p = 0;

		while (p < PLAN_PROPERTIES && strcmp(names[p], m->name->text) != 0)
			p++;
		if (p < PLAN_PROPERTIES) {
			enum seccomm_level least = d->require[p];

			if (!level(d, m, (enum seccomm_property)p) ||
			    (!below && d->require[p] < least && !lowered(d, m, (enum seccomm_property)p, least)))
				return false;
		} else if (!no_property(d, m->name, names)) {
			return false;
		}
	}
	return true;
}

bool check_session_require(struct check_draft *d)
{
	const char *names[PLAN_PROPERTIES + 1] = { NULL };

	for (int p = 0; p < PLAN_PROPERTIES; p++) {
		names[p] = seccomm_property_name((enum seccomm_property)p);
		d->require[p] = seccomm_require_default((enum seccomm_property)p);
	}
	return require_of(d, d->profile[CONFIG_REQUIRE], names, true) &&
	       require_of(d, d->from->field[CONFIG_REQUIRE], names, !d->profile[CONFIG_STACK]);
}

bool check_session_frame(struct check_draft *d)
{
	const struct config_node *profile = d->from->field[CONFIG_PROFILE];

	d->session->profile = profile ? profile->text : NULL;
	d->session->lab = profile && strcmp(profile->text, "lab") == 0;
	d->run->lab = d->session->lab;
	return check_name(d, d->from->name, false) && role(d) && addresses(d);
}

/* ---- Who ---- */

static bool pairs(const struct plan_layer *layers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (seccomm_mp_pairs(layers[i].mp))
			return true;
	return false;
}

/* Who says that he agrees on a key with whoever answers needs to know nobody. */
bool check_anonymous(const struct check_draft *d)
{
	bool accepted = d->session->lab;

	for (size_t i = 0; i < d->session->accepted_count; i++)
		accepted = accepted || strcmp(d->session->accepted[i].id, "SC701") == 0;
	return accepted;
}

/* Identities are what signatures are bound to, and whose key pairs there are; who holds a predefined secret can do without. */
static bool needs_identity(const struct check_draft *d)
{
	bool predefined = false;

	if (pairs(d->stack.layers, d->stack.count))
		return true;
	for (size_t i = 0; i < d->slot_count; i++) {
		if (pairs(d->slots[i].protect, d->slots[i].protect_count) || seccomm_mp_pairs(d->slots[i].establish.mp))
			return true;
		predefined = predefined || !check_slot_open(&d->slots[i]);
	}
	return !predefined && !check_anonymous(d);
}

static bool peers(struct check_draft *d)
{
	const struct config_node *list = d->from->field[CONFIG_PEERS], *one = d->from->field[CONFIG_PEER];
	size_t most = (list ? list->count + 1 : 0) + (one ? 1 : 0);
	const char **names = config_take(d->run->arena, (most + 1) * sizeof *names);

	if (!names)
		return false;
	if (list && one)
		return tell(
		    d, "SC013", one->name->at, "both 'peer' and 'peers' are given", "put all names into 'peers'");
	if (list && list->kind == CONFIG_SCALAR)
		one = list;
	for (const struct config_node *m = one ? NULL : list ? list->first : NULL; m; m = m->next) {
		if (m->kind != CONFIG_SCALAR || m->empty) {
			if (!tell(d, "SC003", m->at, "a peer is one name", NULL))
				return false;
		} else if (!check_name(d, m, true)) {
			return false;
		} else {
			names[d->session->peer_count++] = m->text;
		}
	}
	if (one) {
		if (!check_name(d, one, true))
			return false;
		names[d->session->peer_count++] = one->text;
	}
	d->session->peers = names;
	return true;
}

bool check_session_names(struct check_draft *d)
{
	const struct config_node *identity = d->from->field[CONFIG_IDENTITY];

	if (identity && !check_name(d, identity, false))
		return false;
	d->session->identity = identity ? identity->text : NULL;
	return peers(d);
}

bool check_session_needs(struct check_draft *d)
{
	const struct config_node *identity = d->from->field[CONFIG_IDENTITY];

	if (d->partial || !needs_identity(d))
		return true;
	if (!identity && !d->from->faulty[CONFIG_IDENTITY] &&
	    !missing(d, "identity", "make a key with   seccomm key gen NAME   and add   identity: NAME"))
		return false;
	if (d->from->faulty[CONFIG_PEERS] || d->from->faulty[CONFIG_PEER])
		return true;
	if (d->session->peer_count == 0 && !d->from->field[CONFIG_PEERS] && !d->from->field[CONFIG_PEER])
		return missing(d, "peers", "add the names of those who may take part:   peers: [NAME]");
	if (d->session->peer_count == 0 && d->from->field[CONFIG_PEERS] && d->from->field[CONFIG_PEERS]->count == 0 &&
	    d->from->field[CONFIG_PEERS]->kind == CONFIG_LIST)
		return tell(d, "SC009", d->from->field[CONFIG_PEERS]->at,
		    "the list of peers is empty: nobody may take part", "add their names:   peers: [NAME]");
	return true;
}
