/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model.h - a configuration's text as a tree in which every value knows its place, and the sessions found in it.
 *
 * Nothing is typed here by what it looks like: a value is text until the table of the thing it belongs to asks for a
 * number. What the names of layers, words and parameters mean is left to src/check.  All memory is the arena's; every
 * function that answers NULL or false because memory has run out also sets arena->failed.
 */
#ifndef CONFIG_MODEL_H
#define CONFIG_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CONFIG_TEXT_MAX = 1024 * 1024, CONFIG_DEPTH_MAX = 16, CONFIG_LAYERS_MAX = 32, CONFIG_VALUE_MAX = 4096 };

/* ---- Memory: released at once -------------------------------------------------------------------------------------
 */

struct config_block;
struct config_arena {
	struct config_block *blocks;
	bool failed;
};
/* Zeroed and aligned for anything; NULL when there is none. */
void *config_take(struct config_arena *, size_t size);
char *config_copy(struct config_arena *, const char *text, size_t length);
char *config_print(struct config_arena *, const char *format, ...) __attribute__((format(printf, 2, 3)));
void config_release(struct config_arena *);

/* ---- Places and faults ----------------------------------------------------------------------------------------------
 */

/* From 1; columns count characters; END is behind the last one.  LINE 0: the whole file. */
struct config_place {
	unsigned line, column, end;
};

struct config_node;
/* What is wrong, and where.  ID is of the table in check/rules.c; all texts are the arena's or constants. */
struct config_fault {
	const char *id;
	struct config_place at;
	const char *message, *reason, *help;
	/* What NAME was probably meant to be, which the message is given an end with; NULL: nobody knows. */
	const struct config_node *name;
	const char *meant;
};
/* Who wants to know. */
struct config_sink {
	struct config_arena *arena;
	void (*tell)(void *context, const struct config_fault *);
	void *context;
};
void config_tell(const struct config_sink *, const char *id, struct config_place at, const char *message, const char *help);
/* The member of NAMES at most two slips (a letter wrong, missing, added, or two swapped) away from WORD; NULL: none. */
const char *config_nearest(const char *word, const char *const *names);
/* The members of NAMES as "a, b, c". */
const char *config_names(struct config_arena *, const char *const *names);

/* ---- The tree ---- */

enum config_kind { CONFIG_SCALAR = 1, CONFIG_LIST = 2, CONFIG_MAP = 4 };
enum config_quotes { CONFIG_BARE, CONFIG_SINGLE, CONFIG_DOUBLE, CONFIG_LINES /* behind | or > */ };
struct config_node {
	enum config_kind kind;
	struct config_place at;
	const char *text; /* of a scalar; for the others NULL */
	size_t length;
	bool empty; /* nothing was written, not even quotes */
	bool flow; /* a collection in brackets or braces, or a scalar in one */
	enum config_quotes quotes; /* of a scalar */
	/* The bytes of the file that it stands in, quotes and brackets too; TO 0: it is not in the file, or not known where. */
	const char *file;
	size_t from, to;
	const uint32_t *stands; /* for each byte of TEXT, and behind the last, that of the file; NULL: not known */
	struct config_node *name; /* of a map's value: its key */
	struct config_node *first, *last, *next;
	size_t count;
};

/* YAML 1.2 to a tree, through the library behind yaml.c.  NULL: faults have been told, or memory has run out. */
struct config_node *config_yaml(const struct config_sink *, const char *text, size_t length);
/* As config_yaml(), after the checks that need no YAML: size, encoding, control characters; and no key twice after it.
 */
struct config_node *config_tree(const struct config_sink *, const char *text, size_t length);
/* The length of a byte order mark before TEXT, which no column counts, or 0. */
size_t config_mark(const char *text, size_t length);
/* The length of the UTF-8 character at S (RFC 3629), of which LEFT bytes are there, 1 or more; 0: it is none. */
size_t config_character(const unsigned char *s, size_t left);
/* What means nothing around words of a line: blanks, tabs and ends of lines. */
bool config_blank(char);
/* Finds out what of NODE's file, between FROM and TO, its text stands in; if nobody can say, STANDS stays NULL.  False: no memory. */
bool config_stands(struct config_arena *, struct config_node *, size_t from, size_t to);
/* The place of what stands between FROM and TO, as far as it is on one line; AT is that of the byte MARK, not behind FROM. */
struct config_place config_place_between(const char *file, size_t mark, struct config_place at, size_t from, size_t to);
/* A scalar that was not in the file, at the place of what made it necessary. */
struct config_node *config_scalar(struct config_arena *, const char *text, size_t length, struct config_place at);
/* Gives the whole tree one place: text that stands for a word of the file. */
void config_place_all(struct config_node *, struct config_place at);
/* The value of NAME in a map; NULL: there is none. */
const struct config_node *config_get(const struct config_node *map, const char *name);
/* "a list", "a map", "'text'", for messages. */
const char *config_what(struct config_arena *, const struct config_node *);

/* ---- Sessions ---- */

enum config_field {
	CONFIG_ROLE,
	CONFIG_LISTEN,
	CONFIG_CONNECT,
	CONFIG_IDENTITY,
	CONFIG_PEERS,
	CONFIG_PEER,
	CONFIG_PROFILE,
	CONFIG_REQUIRE,
	CONFIG_ACCEPT,
	CONFIG_STACK,
	CONFIG_KEYS,
	CONFIG_REKEY,
	CONFIG_IDLE,
	CONFIG_KEEPALIVE,
	CONFIG_FIELDS
};
struct config_session {
	const struct config_node *name, *body; /* BODY NULL: it is no map */
	const struct config_node *field[CONFIG_FIELDS]; /* NULL: not given, or faulty */
	bool faulty[CONFIG_FIELDS]; /* something has been told of it, so it is not missing */
};
struct config_model {
	const struct config_node *root;
	struct config_session *sessions;
	size_t count;
};
/* How FIELD is called, and what its value looks like. */
const char *config_field_name(enum config_field field);
const char *config_field_shape(enum config_field field);
/* False only when memory has run out; a field that is told as a fault is NULL in the model. */
bool config_load(const struct config_sink *, const char *text, size_t length, struct config_model *out);

/* ---- Layers and keys, from either notation ---- */

struct config_given {
	const struct config_node *name, *value;
};
/* Where a layer, with all that belongs to it, stands in the file, and in which notation; NOWHERE: in none. */
enum config_form { CONFIG_NOWHERE, CONFIG_IN_BLOCK, CONFIG_IN_FLOW, CONFIG_IN_LINE };
struct config_extent {
	enum config_form form;
	size_t from, to;
	const struct config_node *of; /* the list, or the line */
};
struct config_layer {
	struct config_extent extent;
	const struct config_node *layer; /* "encrypt", or a paper name */
	const struct config_node *word; /* "aes-256-gcm", or NULL */
	struct config_given *given; /* the other parameters */
	size_t given_count;
};
struct config_layers {
	struct config_layer *list;
	size_t count;
	bool faulty; /* something has been told */
};
struct config_key {
	const struct config_node *name, *body; /* BODY: all that is said of it */
	struct config_layer establish, create; /* create.word NULL: not said */
	struct config_layers protect;
	const struct config_node *protect_at; /* NULL: not said */
	const struct config_node *rekey; /* a scalar or a map; NULL: not said */
	size_t own; /* from here on, what is given to ESTABLISH stands beside it: it may be a member of the key that is misspelt */
	bool faulty;
};
/* What a key's own map has, whatever it is established by: ends with NULL. */
extern const char *const config_key_members[];
/* A list of layers, or one line "layer[:WORD][,name=value...] | ..."; false only when memory has run out. */
bool config_layers_read(const struct config_sink *, const struct config_node *, struct config_layers *out);
/* A key: a map, or one line "WORD[,name=value...][,protect=layer:WORD...][,rekey=DURATION]". */
bool config_key_read(const struct config_sink *, const struct config_node *, struct config_key *out);

/* ---- Values ---- */

enum config_value { CONFIG_VALUE_OK, CONFIG_VALUE_BAD, CONFIG_VALUE_TOO_LARGE };
/* "4096"; "250us", "250ms", "5s", "2m", "1h", "1d" to microseconds; "4096", "64KiB", "1MiB", "64GiB" to bytes. */
enum config_value config_count(const char *text, uint64_t *out);
enum config_value config_duration(const char *text, uint64_t *out);
enum config_value config_size(const char *text, uint64_t *out);
/* The N-th unit of durations, and of sizes, where it may be ""; NULL: there are fewer. */
const char *config_duration_unit(size_t n);
const char *config_size_unit(size_t n);
/* The same number in the largest unit that is exact. */
const char *config_duration_text(struct config_arena *, uint64_t us);
const char *config_size_text(struct config_arena *, uint64_t bytes);

#endif
