/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.h - from a configuration's text to findings and, if none is an error, to plans.
 *
 * A pure function of the text, the tables of micro-protocols and what this machine's libraries offer: it reads no file
 * but the text it is given, and looks at no key.  Everything wrong is found at once.
 */
#ifndef CHECK_H
#define CHECK_H

#include "seccomm/plan.h"

enum check_severity { CHECK_ERROR, CHECK_WARNING, CHECK_NOTE };

/* A change of the text: the bytes from FROM to before TO become TEXT. */
struct check_edit {
	size_t from, to;
	char *text;
};
enum { CHECK_EDITS_MAX = 2 };

struct check_finding {
	const char *id; /* "SC101"; never changes its meaning */
	enum check_severity severity;
	unsigned line, column, end; /* from 1; END is the column behind the last character; 0: the whole file */
	unsigned other_line, other_column, other_end; /* of what it is in conflict with; LINE 0: nothing */
	char *message; /* one line */
	char *reason; /* one line, or NULL */
	char *help; /* what to do, one line each, or NULL */
	/* What check_repair() does about it: EDITS of them, in the order of the text and apart from each other; 0: nothing. */
	struct check_edit edit[CHECK_EDITS_MAX];
	unsigned edits;
	bool guess; /* they write what a misspelt word was probably meant to be: nothing to do unasked */
};

/* A finding that a session accepts, and why; MET: there is one. */
struct check_accepted {
	const char *id, *title, *reason;
	unsigned line;
	bool met;
};

/* One session of a configuration.  All text is the result's. */
struct check_session {
	const char *name;
	enum seccomm_role role;
	enum seccomm_link link;
	const char *listen, *connect; /* URLs, as written */
	const char *identity;
	const char *const *peers;
	size_t peer_count;
	const char *profile; /* or NULL */
	bool lab;
	struct check_accepted *accepted;
	size_t accepted_count;
	struct seccomm_plan *plan; /* NULL if the session has errors */
	/* Layers as far as their tables are known, and keys, for a drawing, even if there is no plan; a key's parts may lack a table. */
	struct check_drawn {
		const struct plan_layer *layers;
		size_t count;
	} drawn, *exchanges; /* the stack; and what protects each key */
	const struct plan_slot *keys;
	size_t key_count;
	unsigned line;
};

struct check_result {
	char *file;
	struct check_finding *findings; /* by place; no more than 200, and one that says so */
	size_t finding_count, errors, warnings; /* those that are too many are errors and warnings, too */
	unsigned *told; /* how many there are of each row of the table of rules, too many or not */
	struct check_session *sessions;
	size_t session_count;
	void *memory; /* private */
};

enum { CHECK_TEXT_MAX = 1024 * 1024 };

/*
 * Checks TEXT, which errors call FILE.  Answers NULL only when memory has run out.  Free with check_free(); plans that
 * are to live longer are kept with seccomm_plan_keep().
 */
struct check_result *check_text(struct seccomm *, const char *file, const char *text, size_t length);
void check_free(struct check_result *);

/*
 * Writes a finding as a compiler would: file:line:column: error[SC103]: message, the source line, a caret, reason,
 * help. COLOUR: with ANSI colours.  The caller frees the text; NULL: no memory.
 */
char *check_finding_text(
    const struct check_result *, const struct check_finding *, const char *text, size_t length, bool colour);
/* All findings as one JSON value: [{id, severity, file, line, column, end, other: {line, column, end}, message, reason, help}]. */
char *check_findings_json(const struct check_result *);

struct check_repaired {
	char id[8];
	unsigned line;
	char *message, *help; /* what was wrong, and the first line of what to do */
	char *reason; /* why, or "" */
	char *what; /* what was done: "added mac: hmac-sha-256 behind encrypt: aes-256-cbc" */
	struct check_edit edit[CHECK_EDITS_MAX]; /* that, of the text before */
	unsigned edits;
};
/* Why there might be more to do than was done: the text would be larger than CHECK_TEXT_MAX; there are too many steps for one time;
 * there are more findings than are told, and nothing offers to mend those that are. */
enum check_left { CHECK_LEFT_NOTHING, CHECK_LEFT_TOO_LARGE, CHECK_LEFT_TOO_MANY, CHECK_LEFT_UNTOLD };
/*
 * TEXT with all that the findings offer done, one after the other, each only if it makes its finding go away and no error
 * come that was not there: *DONE are the findings (of the texts on the way) that went, in order; the caller frees both.  NULL:
 * no memory.
 */
char *check_repair(struct seccomm *, const char *file, const char *text, size_t length, struct check_repaired **done,
    size_t *count, enum check_left *left);
/*
 * The closure: TEXT with what its errors need added, and what that needs, until there is no error that something here could be done
 * about; then the same text again gives no *DONE.  What stands there stays, unless a finding says why it cannot; a misspelt word is
 * an error that is left; and nothing is added that the rest can do without.
 */
char *check_resolve(struct seccomm *, const char *file, const char *text, size_t length, struct check_repaired **done,
    size_t *count);
void check_repaired_free(struct check_repaired *, size_t count);
/* The difference of two texts as `diff -u` writes it; the caller frees it.  NULL: no memory.  "": they are equal. */
char *check_text_diff(const char *file, const char *before, const char *after);

/*
 * What the finding ID is about ("encryption without authentication"), how bad it is, and whether the lab profile makes
 * a warning of it; NULL: there is no such id.  SEVERITY and LAB may be NULL.
 */
const char *check_finding_title(const char *id, enum check_severity *severity, bool *lab);

/* Whether an attack stands behind the rule ID, which the tests mount on what it is about, or what was weakened, and on a repair. */
bool check_backed(const char *id);
/* Whether a session may take the finding ID on, with a reason. */
bool check_finding_accept(const char *id);

/* The name in NAMES (ends with NULL) that WORD was probably meant to be; NULL: none is near. */
const char *check_nearest(const char *word, const char *const *names);

/*
 * Profiles: immutable and dated.  NAMES ends with NULL; the YAML of one, on that link, for `explain`; what it is for in one line,
 * and in some: these two of "lab", too, which is none of them.  NULL: there is no such profile.
 */
const char *const *check_profiles(void);
const char *check_profile_text(const char *name, enum seccomm_link);
const char *check_profile_purpose(const char *name);
const char *check_profile_about(const char *name);

/* What a session achieves, layer by layer, as text and as JSON, for `explain`; and a micro-protocol's table as a
 * manual. */
char *check_explain_session(const struct check_session *);
char *check_explain_session_json(const struct check_session *);
char *check_explain_mp(const struct seccomm *, const struct seccomm_mp *);
/*
 * MP as a configuration writes it, with examples of what it requires: "encrypt: {algorithm: one-time-pad, pad: NAME}".  What is a
 * name is CHECK_EXAMPLE_NAME.  The caller's; NULL: no memory.
 */
#define CHECK_EXAMPLE_NAME "NAME"
char *check_mp_example(const struct seccomm_mp *);
/* A size as configurations write it, "4096" or "64KiB", in bytes; false: it is none. */
bool check_size(const char *text, uint64_t *bytes);
/* How many bytes from the beginning of TEXT are UTF-8; LENGTH: all. */
size_t check_utf8(const char *text, size_t length);
/* What a micro-protocol gives, and what it cannot do without, as words with commas into OUT (ROOM bytes, cut to fit). */
void check_mp_gives(const struct seccomm_mp *, char *out, size_t room);
void check_mp_needs(const struct seccomm_mp *, char *out, size_t room);
/* The module that a table is from as a value of jansson: null if none.  The caller's; NULL: no memory. */
struct json_t;
struct json_t *check_mp_module_json(const struct seccomm *, const struct seccomm_mp *);
char *check_explain_mp_json(const struct seccomm *, const struct seccomm_mp *);

/*
 * What changes from plan A to plan B, each with the name that it is called by ("a.yaml:tunnel"): whether two ends with them
 * would talk, levels, layers, keys, bytes, settings.  As text for people or as JSON, for free(); NULL: no memory.
 */
struct check_side {
	const char *name;
	const struct seccomm_plan *plan;
};
/* Whether two plans have one configuration digest: then ends with them talk to each other. */
bool check_same(const struct seccomm_plan *a, const struct seccomm_plan *b);
char *check_compare(const struct check_side *a, const struct check_side *b, bool json);

/*
 * The graph of Figure 8: micro-protocols and what ties them, all of them, or those of a session, which may be one that is refused;
 * then with what meets which need.  For free(); NULL: no memory.
 */
enum check_graph_form { CHECK_GRAPH_SVG, CHECK_GRAPH_DOT, CHECK_GRAPH_JSON };
char *check_graph_catalogue(const struct seccomm *, enum check_graph_form);
char *check_graph_session(const struct check_session *, enum check_graph_form);

/* The JSON Schema (draft 2020-12) of a configuration, for editors, with all micro-protocols of the library.  For free(); NULL: no memory. */
char *check_schema(const struct seccomm *);

#endif
