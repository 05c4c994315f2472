/* SPDX-License-Identifier: Apache-2.0 */
/* load.c - the file's frame and its sessions: which keys there are and what shape each value has. */
#include "config/model.h"

#include <string.h>

struct row {
	const char *name;
	unsigned kinds; /* of enum config_kind */
	const char *shape;
};

/* In the order of enum config_field. */
static const struct row rows[CONFIG_FIELDS] = {
	{ "role", CONFIG_SCALAR, "client or server" },
	{ "listen", CONFIG_SCALAR, "an address such as tcp::7443" },
	{ "connect", CONFIG_SCALAR, "an address such as tcp:db.example.net:7443" },
	{ "identity", CONFIG_SCALAR, "the name of a key" },
	{ "peers", CONFIG_SCALAR | CONFIG_LIST, "a list of names" },
	{ "peer", CONFIG_SCALAR, "one name" },
	{ "profile", CONFIG_SCALAR, "the name of a profile" },
	{ "require", CONFIG_MAP, "a map such as {confidentiality: modern}" },
	{ "accept", CONFIG_MAP, "a map from findings to reasons, such as {SC206: \"why\"}" },
	{ "stack", CONFIG_SCALAR | CONFIG_LIST, "a list of layers" },
	{ "keys", CONFIG_MAP, "a map from names to how each key is established" },
	{ "rekey", CONFIG_SCALAR | CONFIG_MAP, "a time such as 1h, never, or a map such as {after: 1h, bytes: 64GiB}" },
	{ "idle", CONFIG_SCALAR, "a time such as 3m, or never" },
	{ "keepalive", CONFIG_SCALAR, "a time such as 25s, or never" },
};
static const char *const session_keys[] = { "role", "listen", "connect", "identity", "peers", "peer", "profile",
	"require", "accept", "stack", "keys", "rekey", "idle", "keepalive", NULL };
static const char *const file_keys[] = { "seccomm", "sessions", NULL };

const char *config_field_name(enum config_field field)
{
	return rows[field].name;
}

/* What is planned and this version does not do yet: better said than called unknown. */
static const char *const later[] = { "evidence", "transport", "wire", "tunnel", "recipients", NULL };

static bool among(const char *word, const char *const *names)
{
	for (; *names; names++)
		if (strcmp(word, *names) == 0)
			return true;
	return false;
}

static bool unknown(const struct config_sink *sink, const struct config_node *name, const char *const *known)
{
	const char *names = config_names(sink->arena, known);
	const bool planned = among(name->text, later);
	const char *message = config_print(
		sink->arena, planned ? "'%s' is not available in this version" : "unknown key '%s'", name->text);
	const char *help = names ? config_print(sink->arena, "the keys known here: %s", names) : NULL;

	if (!message || !help)
		return false;
	sink->tell(sink->context, &(struct config_fault){ "SC002", name->at, message, NULL, help, name,
				      planned ? NULL : config_nearest(name->text, known) });
	return true;
}

static bool wrong_shape(const struct config_sink *sink, const struct config_node *value, const char *shape)
{
	const char *what = config_what(sink->arena, value);
	const char *message;

	message = what ? config_print(sink->arena, "'%s' wants %s, not %s", value->name->text, shape, what) : NULL;
	if (!message)
		return false;
	config_tell(sink, "SC003", value->at, message, NULL);
	return true;
}

/* A field that is there under a wrong name has been told of; it is not missing, too. */
static void misspelt(const char *name, struct config_session *out)
{
	const char *near = config_nearest(name, session_keys);

	for (size_t i = 0; i < CONFIG_FIELDS; i++)
		if (near && strcmp(rows[i].name, near) == 0)
			out->faulty[i] = true;
}

static bool load_session(const struct config_sink *sink, const struct config_node *body, struct config_session *out)
{
	out->name = body->name;
	for (size_t i = 0; i < CONFIG_FIELDS && body->kind != CONFIG_MAP; i++)
		out->faulty[i] = true;
	if (body->kind != CONFIG_MAP)
		return wrong_shape(sink, body, "a map with role, listen, connect, ...");
	out->body = body;
	for (const struct config_node *m = body->first; m; m = m->next) {
		size_t i = 0;

		while (i < CONFIG_FIELDS && strcmp(rows[i].name, m->name->text) != 0)
			i++;
		if (i == CONFIG_FIELDS) {
			misspelt(m->name->text, out);
			if (!unknown(sink, m->name, session_keys))
				return false;
		} else if (!(rows[i].kinds & (unsigned)m->kind) || m->empty) {
			out->faulty[i] = true;
			if (!wrong_shape(sink, m, rows[i].shape))
				return false;
		} else {
			out->field[i] = m;
		}
	}
	return true;
}

static bool load_sessions(const struct config_sink *sink, const struct config_node *map, struct config_model *out)
{
	if (map->kind != CONFIG_MAP || map->count == 0)
		return wrong_shape(sink, map, "a map from names to sessions");
	out->sessions = config_take(sink->arena, map->count * sizeof *out->sessions);
	if (!out->sessions)
		return false;
	for (const struct config_node *m = map->first; m; m = m->next)
		if (!load_session(sink, m, &out->sessions[out->count++]))
			return false;
	return true;
}

static void load_version(const struct config_sink *sink, const struct config_node *root)
{
	const struct config_node *version = config_get(root, "seccomm");

	if (!version)
		config_tell(sink, "SC009", root->at, "the format's version is missing", "begin the file with   seccomm: 1");
	else if (version->kind != CONFIG_SCALAR || strcmp(version->text, "1") != 0)
		config_tell(sink, "SC019", version->at, "this program reads version 1 of the format only", "write   seccomm: 1");
}

bool config_load(const struct config_sink *sink, const char *text, size_t length, struct config_model *out)
{
	const struct config_node *sessions;

	*out = (struct config_model){ 0 };
	out->root = config_tree(sink, text, length);
	if (!out->root)
		return !sink->arena->failed;
	if (out->root->kind != CONFIG_MAP) {
		config_tell(sink, "SC003", out->root->at, "a configuration is a map with the keys seccomm and sessions", NULL);
		return true;
	}
	load_version(sink, out->root);
	for (const struct config_node *m = out->root->first; m; m = m->next)
		if (!among(m->name->text, file_keys) && !unknown(sink, m->name, file_keys))
			return false;
	sessions = config_get(out->root, "sessions");
	for (const struct config_node *m = out->root->first; m && !sessions; m = m->next) {
		const char *near = config_nearest(m->name->text, file_keys);

		/* Told as unknown, with the right name; missing is another thing. */
		if (near && strcmp(near, "sessions") == 0)
			return true;
	}
	if (!sessions) {
		config_tell(sink, "SC009", out->root->at, "there are no sessions",
		    "add   sessions: {NAME: {role: ..., listen: ..., connect: ...}}");
		return true;
	}
	return load_sessions(sink, sessions, out);
}

const char *config_field_shape(enum config_field field)
{
	return rows[field].shape;
}
