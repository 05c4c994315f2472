/* SPDX-License-Identifier: Apache-2.0 */
/*
 * internal.h - what the files of src/check share.
 *
 * A run turns one text into one result; a draft is one session on its way to a plan.  Memory is the run's arena;
 * whoever gets NULL or false from a function here stops, and check_text() sees arena->failed.
 */
#ifndef CHECK_INTERNAL_H
#define CHECK_INTERNAL_H

#include "check/check.h"
#include "check/levels.h"
#include "config/model.h"

/* ---- Findings (finding.c, rules.c) ---- */

struct check_rule {
	const char *id;
	enum check_severity severity;
	bool level; /* about what is achieved, not about what is meant: a warning in the lab */
	bool accept; /* who knows why it is no danger here may say so */
	const char *title;
	bool own; /* about what only this end knows: the other one cannot accept it, too, and it is not in the digest */
};
/* Ends with a row without an id. */
extern const struct check_rule check_rules[];
const struct check_rule *check_rule(const char *id);

struct check_pad;
struct check_secret;
enum { CHECK_SECRETS = 1024 };
struct check_run {
	struct seccomm *library;
	struct check_result *result;
	struct config_arena *arena;
	struct config_sink sink;
	const char *text; /* the file's */
	size_t length;
	size_t room;
	bool lab; /* the session at hand */
	struct check_session *session; /* or NULL, outside of one */
	const struct check_pad *pads; /* of the sessions so far (law_keys.c) */
	struct check_secret *secrets[CHECK_SECRETS]; /* of all sessions, once the first of them is judged (secrets.c); by hash */
};
/* What is wrong and where; texts that are NULL are left out, but a NULL message means that memory has run out. */
struct check_report {
	const char *id;
	struct config_place at;
	const char *message, *reason, *help;
	struct check_edit edit[CHECK_EDITS_MAX]; /* those without text are none */
	struct config_place other; /* what it is in conflict with; LINE 0: nothing */
	/* What NAME was probably meant to be: the message ends with it, and writing it is the edit where there is none; or NULL. */
	const struct config_node *name;
	const char *meant;
};
void check_tell(struct check_run *, const struct check_report *);
/* NAME is none of NAMES, one of which may have been meant.  False: a text is NULL, for memory has run out. */
bool check_tell_unknown(struct check_run *, const char *id, const struct config_node *name, const char *const *names, const char *message,
    const char *help);
void check_sort(struct check_result *);
/* TEXT without control characters and broken UTF-8, cut to MOST bytes. */
char *check_clean(struct config_arena *, const char *text, size_t most);

/*
 * Edits (edit.c): what to do as a change of the text; without text when the place is not in it, as a profile's is not, or when
 * memory has run out.  LINE is a layer as one line writes it: "mac:one-time-poly1305,pad=p".
 */
struct check_edit check_edit_after(const struct check_run *, const struct config_layer *, const char *line);
struct check_edit check_edit_before(const struct check_run *, const struct config_layer *, const char *line);
struct check_edit check_edit_layer(const struct check_run *, const struct config_layer *, const char *line);
struct check_edit check_edit_without(const struct check_run *, const struct config_layer *);
/* The first layer takes the second one's place, and the other way round. */
void check_edit_swap(
    const struct check_run *, const struct config_layer *, const struct config_layer *, struct check_edit edit[CHECK_EDITS_MAX]);
/* The first layer goes in front of the second one. */
void check_edit_move(
    const struct check_run *, const struct config_layer *, const struct config_layer *, struct check_edit edit[CHECK_EDITS_MAX]);
/* What stands at a place, within one line, becomes TEXT. */
struct check_edit check_edit_place(const struct check_run *, struct config_place at, const char *text);
/* The text of a scalar, within its quotes, becomes TEXT. */
struct check_edit check_edit_word(const struct check_run *, const struct config_node *, const char *text);
/* What stands between FROM and TO of the file, in LINE, becomes TEXT, and LINE gets the quotes that it needs for that. */
struct check_edit check_edit_in_line(
    const struct check_run *, const struct config_node *line, size_t from, size_t to, const char *text);
/* What stands at NODE becomes TEXT, as it is. */
struct check_edit check_edit_node(const struct check_run *, const struct config_node *node, const char *text);
/* NAME of MAP becomes VALUE, in flow notation, whether it was there or not. */
struct check_edit check_edit_member(
    const struct check_run *, const struct config_node *map, const char *name, const char *value);

/* The same in front of MEMBER, the name of one that MAP has. */
struct check_edit check_edit_member_before(const struct check_run *, const struct config_node *map, const struct config_node *member,
    const char *name, const char *value);
/* The parameter NAME of a layer, which does not have it, is given. */
struct check_edit check_edit_given(const struct check_run *, const struct config_layer *, const char *name, const char *value);
/* LINE as a list in brackets writes it. */
const char *check_edit_yaml(struct config_arena *, const char *line);

/* repair.c: frees what COUNT steps hold. */
void check_repaired_drop(struct check_repaired *done, size_t count);
/* trim.c: TEXT, which COUNT steps have made free of errors, without those that it does as well without; frees TEXT.  NULL: no memory. */
char *check_trim(struct seccomm *, const char *file, char *text, struct check_repaired *done, size_t *count);

/* edit_text.c: what COUNT edits do to TEXT, in words.  The caller's; NULL: no memory. */
char *check_edits_text(const char *text, const struct check_edit *edit, unsigned count);

/* ---- A session on its way ---- */

/* One list of layers, as written and as resolved.  COUNT of both; a layer that could not be resolved is not in it. */
struct check_lane {
	struct config_place at;
	const struct config_layer **from;
	struct plan_layer *layers;
	size_t count;
	uint32_t number; /* 0: data */
	struct plan_layer *drawn; /* those whose table is known, resolved or not */
	size_t drawn_count;
};
struct check_draft {
	struct check_run *run;
	const struct config_session *from;
	const struct config_node *profile[CONFIG_FIELDS]; /* what the profile brings */
	struct check_session *session;
	struct config_place head; /* the session's name */
	struct config_layers stack_from;
	struct config_place stack_at;
	struct check_lane stack;
	struct config_key *keys;
	struct check_lane *protect; /* of each key */
	struct plan_slot *slots;
	size_t slot_count;
	enum seccomm_level require[PLAN_PROPERTIES];
	struct plan_timing timing;
	bool partial; /* something is missing, so what follows from the whole cannot be judged */
	bool faulty; /* reading it has found errors */
};

/* accept.c: what is accepted; whether ID is, which then is met; at the end, whether all were met; and as lines of the text. */
bool check_accept(struct check_draft *);
bool check_accepts(struct check_session *, const char *id);
bool check_accept_met(struct check_draft *);
const char *check_accept_text(struct check_draft *);
extern const char *const check_roles[];
/* session.c: role, addresses, require, identity and peers; and, once layers and keys are there, whether they need those two.  False: no memory. */
bool check_session_frame(struct check_draft *);
bool check_session_require(struct check_draft *);
bool check_session_names(struct check_draft *);
bool check_session_needs(struct check_draft *);
/* Whether keys may be agreed on with whoever answers, as the session says in so many words. */
bool check_anonymous(const struct check_draft *);
/* Whether NAME may stand in a keyring; a pattern has * ? [ ] as well.  check_name() tells if it may not. */
bool check_is_name(const char *name, bool pattern);
bool check_name(struct check_draft *, const struct config_node *, bool pattern);
/* keys.c: the slots; and, once the stack is there, which of them nobody uses. */
bool check_keys(struct check_draft *);
bool check_keys_used(struct check_draft *);
/*
 * secrets.c: remembers who has the secrets of a session that has been read.  When all have: marks the keys of which others have the
 * secret, too; the session that they have the secret NAME for, and which of its keys, NULL: none; the one that uses it with another
 * host, where nobody has a name; and a name for a secret which only this session's two ends would have, NULL: no memory.
 */
bool check_secrets_remember(struct check_draft *);
void check_secrets(struct check_draft *);
const struct check_draft *check_secret_elsewhere(const struct check_draft *, const char *name, size_t *key);
const struct check_draft *check_secret_abroad(const struct check_draft *, const char *name, size_t *key);
const char *check_secret_new(const struct check_draft *);
/* stack.c: which layers and keys are meant (profile or stack), then the layers resolved. */
bool check_source(struct check_draft *);
bool check_lane_resolve(struct check_draft *, const struct config_layers *from, struct check_lane *lane);
/* layer.c: one micro-protocol of LANE, at POSITION (from 1).  *OK: it could be resolved. */
bool check_layer(struct check_draft *, const struct config_layer *from, const struct check_lane *lane, size_t position,
    struct plan_layer *out, bool *ok);
/* The same for MP, found already: its image with defaults and what is given. */
bool check_image(struct check_draft *, const struct config_layer *from, const struct seccomm_mp *mp, uint32_t lane,
    struct plan_layer *out, bool *ok);
bool check_needs_key(const struct seccomm_mp *);
/* words.c: the names that may stand in a place; lists end with NULL. */
const char *const *check_layer_names(const struct check_run *);
const char *const *check_words(const struct check_run *, const char *layer);
const char *const *check_param_names(const struct check_run *, const struct seccomm_mp *, bool layer);
/* "layer: word" of those for which WANTED says so: modern ones that need nothing but their name, the first of each layer,
 * three at most. */
const char *check_providers(
    const struct check_run *, bool (*wanted)(const struct seccomm_mp *, const void *), const void *);
/* The first of them in one line, "layer:word"; NULL: there is none. */
const char *check_provider(
    const struct check_run *, bool (*wanted)(const struct seccomm_mp *, const void *), const void *);
/* LINE for WAYS (bits of 1 << direction), with the name of its KEY where there are several; 0: it needs none. */
const char *check_with_key(const struct check_draft *, const char *line, uint32_t key, unsigned ways);
/* param.c: VALUE into PARAM's field of the image. */
bool check_param(
    struct check_draft *, const struct cactus_param *, const struct config_node *value, void *image, bool *ok);
/* What the default of PARAM looks like in a file; "" for none. */
const char *check_param_default(struct config_arena *, const struct cactus_param *);
const char *check_param_range(struct config_arena *, const struct cactus_param *);
/* The most that it can be. */
uint64_t check_param_most(const struct cactus_param *);
/* The value that IMAGE has of PARAM, as a configuration writes it. */
const char *check_param_value(struct config_arena *, const struct cactus_param *, const void *image);
/* A value that PARAM takes, for an example. */
const char *check_param_example(struct config_arena *, const struct cactus_param *);

/* mend.c: what is missing, as changes of the text. */
struct check_want {
	unsigned gives; /* all of these */
	enum seccomm_link link;
	bool quantum;
};
/* For check_provider(): whether it gives what a struct check_want says. */
bool check_wanted(const struct seccomm_mp *, const void *want);
/* A stack that gives most of what is required, the cheapest way; all keys, where there are none. */
/* A key that quantum computers are not known to break, though long-term keys are lost; and why none can be made here, or NULL. */
#define CHECK_HELD   "{establish: psk, secret: %s, protect: [sign: ed25519]}" /* both ends have it beforehand, and nobody else */
#define CHECK_BY_KEM "{establish: kem, mechanism: x25519-ml-kem-768, protect: [sign: ed25519]}"
const char *check_kem_missing(const struct check_run *);
/* The layer, in one line, that proves who takes part in the exchange of a key which has BELOW others before it; under one of them,
 * where its holders need no identity. */
const char *check_mend_proving(const struct check_draft *, size_t below);
struct check_edit check_mend_stack(const struct check_draft *);
struct check_edit check_mend_keys(const struct check_draft *);
/*
 * Of the I-th key, from 0: a member, how it is established, one more layer outside those that protect its exchange, or
 * inside them.
 */
struct check_edit check_mend_key(const struct check_draft *, size_t i, const char *name, const char *value);
struct check_edit check_mend_establish(const struct check_draft *, size_t i, const char *word);
struct check_edit check_mend_protect(const struct check_draft *, size_t i, const char *line);
struct check_edit check_mend_hide(const struct check_draft *, size_t i, const char *line);
/* Another key: behind the others, and as TEXT says (NULL: agreed on, and signed), or before the I-th. */
struct check_edit check_mend_only_key(const struct check_draft *, const char *text); /* where none is written */
struct check_edit check_mend_new_key(const struct check_draft *, const char *name, const char *text);
struct check_edit check_mend_key_before(const struct check_draft *, size_t i, const char *name);
/* mend_level.c: one property that is short, in one direction or in both; and the layer, or the key, that makes up for it. */
struct check_lack {
	enum seccomm_property p;
	enum seccomm_level level;
	enum check_why why;
	const struct plan_layer *by;
	uint32_t key;
	bool c2s, s2c;
	bool rests; /* on something that is short itself, and has been told of */
};
void check_mend_proof(const struct check_draft *, enum seccomm_level need, unsigned ways, struct check_edit edit[CHECK_EDITS_MAX]);
void check_mend_lack(const struct check_draft *, const struct check_lack *, struct check_edit edit[CHECK_EDITS_MAX]);
/* timing.c: rekey, idle, keepalive; after the stack, whose layers have limits. */
struct check_timed {
	const char *name, *shape;
	enum cactus_kind kind;
	uint64_t least, most; /* or never */
};
/* The members of rekey; and what else is timed.  False: there are fewer than N. */
bool check_rekey_member(size_t n, struct check_timed *out);
struct check_timed check_timed_field(enum config_field field);
bool check_timing(struct check_draft *);
/* laws.c, shortage.c: what the composition achieves and must not be; problem.c: the plan and what the runtime says to
 * it. */
bool check_laws(struct check_draft *);
bool check_shortage(struct check_draft *, const unsigned excused[3]);
bool check_plan(struct check_draft *);
/* How a layer is called in messages: "encrypt: aes-256-gcm". */
const char *check_layer_text(struct config_arena *, const struct plan_layer *);
struct config_place check_layer_place(const struct config_layer *);

/* profiles.c: what the session's profile brings, once its link is known. */
bool check_profile_load(struct check_draft *);
/* The first that requires LEVEL of a property, or more, by its own words; NULL: none does. */
const char *check_profile_requiring(const struct check_draft *, enum seccomm_property, enum seccomm_level);

#endif
