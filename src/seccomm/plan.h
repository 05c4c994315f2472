/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan.h - what a session is opened from: the resolved list of layers and keys, composed.
 *
 * src/check makes one out of a configuration; nothing else does, so nothing opens that the checker refuses.
 */
#ifndef SECCOMM_PLAN_H
#define SECCOMM_PLAN_H

#include "seccomm.h"
#include "seccomm_module.h"
#include "crypto/crypto.h"

enum {
	PLAN_LAYERS_MAX = 32, /* of one lane */
	PLAN_SLOTS_MAX = 30,
	PLAN_STREAM_MESSAGE_MAX = 1024 * 1024,
	PLAN_DATAGRAM_MESSAGE_MAX = 65536,
	PLAN_TEXT_MAX = 8192,
	PLAN_RETIRE_US = 30 * 1000 * 1000, /* datagrams: an old epoch, after the peer was heard in the new one; none begins before */
	PLAN_NAME_MAX = 48, /* of a micro-protocol's full name, which keys are derived with */
	PLAN_PARAMS_MAX = 32, /* of one micro-protocol, all of which are in the configuration text */
	PLAN_BLOCK_MAX = 4096 /* that a layer fills messages up to: a power of two */
};

/* The levels that `require` names; each is an enum seccomm_level. */
enum seccomm_level {
	SECCOMM_LEVEL_NONE,
	SECCOMM_LEVEL_TOY,
	SECCOMM_LEVEL_LEGACY,
	SECCOMM_LEVEL_MODERN,
	SECCOMM_LEVEL_QUANTUM, /* "modern+pq": modern, and quantum computers do not break it, as far as anybody knows */
	SECCOMM_LEVELS
};
/* AUTHENTICITY is of the origin of a message, PEER_AUTHENTICITY of who takes part. */
enum seccomm_property {
	PLAN_CONFIDENTIALITY,
	PLAN_INTEGRITY,
	PLAN_AUTHENTICITY,
	PLAN_FRESHNESS,
	PLAN_PEER_AUTHENTICITY,
	PLAN_NON_REPUDIATION,
	PLAN_FORWARD_SECRECY,
	PLAN_PROPERTIES
};
/* What is required of P where a configuration says nothing. */
enum seccomm_level seccomm_require_default(enum seccomm_property p);
const char *seccomm_level_name(enum seccomm_level);
const char *seccomm_property_name(enum seccomm_property);

/*
 * One micro-protocol of a plan.  IMAGE is its state (mp->cactus.size bytes) with all parameters filled in, the head's
 * KEY, DIRECTION and LANE too.
 */
struct plan_layer {
	const struct seccomm_mp *mp;
	const char *name; /* as configured, or the table's */
	struct seccomm_self *image;
	uint16_t order; /* 1 to 999, in its lane */
};
struct plan_slot {
	const char *name;
	struct plan_layer establish, create;
	const struct plan_layer *protect;
	size_t protect_count;
	bool shared; /* for the checker: who is no end of this session has its secret, too, for another one of the file */
};

/* When an end asks for new keys by itself, and what else is this end's own affair: not in the configuration digest. */
struct plan_timing {
	uint64_t rekey_after_us, rekey_bytes, rekey_messages; /* 0 or UINT64_MAX: never; sent or received in one epoch */
	uint64_t idle_us; /* datagrams: a session without data for so long is closed; 0: never */
	uint64_t keepalive_us; /* datagrams: something is sent at least so often; 0: never */
};
extern const struct plan_timing plan_timing_default;

/* What the checker hands over; everything is copied. */
struct plan_request {
	enum seccomm_role role;
	enum seccomm_link link;
	const char *session; /* name, for messages */
	const char *identity; /* name in the keyring, or NULL */
	const char *const *peers; /* names or patterns (fnmatch) */
	size_t peer_count;
	const struct plan_layer *stack;
	size_t stack_count;
	const struct plan_slot *slots;
	size_t slot_count;
	enum seccomm_level require[PLAN_PROPERTIES];
	const char *accepted; /* lines of the configuration text, "accept SC206\n"; or NULL */
	bool lab;
	bool anonymous; /* nobody needs to say who he is: keys may be agreed on with whoever answers */
	size_t max_message;
	struct plan_timing timing;
};

/* Where a problem of composing lies: lane 0 is the stack, lane i the protect list of slot i; SIZE_MAX: establish or
 * create. */
struct plan_problem {
	const struct cactus_problem *cactus;
	uint32_t lane, other_lane;
	size_t layer, other; /* places in their lists; SIZE_MAX: none */
};

/*
 * Composes REQUEST.  SECCOMM_INVALID when the runtime found problems: each has been told to PROBLEM(context, …).  On
 * success *OUT has one reference.
 */
SECCOMM_MUST_USE int seccomm_plan_build(struct seccomm *, const struct plan_request *request,
    void (*problem)(void *context, const struct plan_problem *), void *context, struct seccomm_plan **out);

/* One more reference, for seccomm_plan_free(); from any thread. */
struct seccomm_plan *seccomm_plan_keep(struct seccomm_plan *);

/* ---- What the checker and the program may look at ---- */

/* All micro-protocols, in the order of src/mp/meson.build; those of modules behind them, until another one is loaded. */
const struct seccomm_mp *const *seccomm_micro_protocols(const struct seccomm *, size_t *count);
/* The one called LAYER with WORD, or, with WORD NULL, the one whose paper name is LAYER; NULL: there is none. */
const struct seccomm_mp *seccomm_micro_protocol(const struct seccomm *, const char *layer, const char *word);
/* The N-th module from outside, and its file in *FILE (may be NULL); NULL: there are fewer. */
const struct seccomm_module *seccomm_module_nth(const struct seccomm *, size_t n, const char **file);
/* The one that MP is from, and its file in *FILE (may be NULL); NULL: MP is this library's own. */
const struct seccomm_module *seccomm_mp_module(const struct seccomm *, const struct seccomm_mp *, const char **file);
/* Why MP cannot be used on this machine; NULL: it can. */
const char *seccomm_mp_unavailable(const struct seccomm *, const struct seccomm_mp *);
/* The same of the algorithm WORD, which the parameter MP->choice names. */
const char *seccomm_choice_unavailable(const struct seccomm *, const struct seccomm_mp *, const char *word);
/* What may pass under one key of MP: the least of what its table and its algorithm allow; UINT64_MAX: no limit. */
struct plan_limits {
	uint64_t messages, bytes, failures;
};
struct plan_limits seccomm_mp_limits(const struct seccomm_mp *);
struct crypto *seccomm_crypto(const struct seccomm *);
const char *seccomm_class_name(enum seccomm_class);
const char *seccomm_standing_name(enum seccomm_standing);
const char *seccomm_direction_name(enum seccomm_direction);

const struct plan_layer *seccomm_plan_stack_layers(const struct seccomm_plan *, size_t *count);
const struct plan_slot *seccomm_plan_slots(const struct seccomm_plan *, size_t *count);
/* Whether it agrees on keys with whoever answers, as it says in so many words: nobody has an identity, and no secret tells who it is. */
bool seccomm_plan_anonymous(const struct seccomm_plan *);
/* Names or patterns of those who may be the peer. */
const char *const *seccomm_plan_peers(const struct seccomm_plan *, size_t *count);
enum seccomm_role seccomm_plan_role(const struct seccomm_plan *);
enum seccomm_link seccomm_plan_link(const struct seccomm_plan *);
const struct plan_timing *seccomm_plan_timing(const struct seccomm_plan *);
/* Whether MP works with key pairs of the participants: signs, or seals to a public key. */
bool seccomm_mp_pairs(const struct seccomm_mp *);
/* What `seccomm key gen --algorithm` calls the pairs that MP works with; NULL: it works with none that can be made. */
const char *seccomm_mp_pair_kind(const struct seccomm_mp *);
/* Why TEXT is no PEM block of a private key as `seccomm key gen --algorithm MAKE` makes it; NULL: it is one. */
const char *seccomm_key_fault(const struct seccomm *, const char *text, const char *make);
/* The algorithm by which a slot's secret is encapsulated to the server's long-term key; NULL: it is not. */
const char *seccomm_slot_kem(const struct plan_slot *);
/* Whether a slot's secret stays one when long-term keys are lost later, as far as its exchange goes. */
bool seccomm_slot_forward(const struct plan_slot *);
/* The size of the server's share that a slot's algorithm gives; 0: none, or its micro-protocol says. */
size_t seccomm_slot_answer_bytes(const struct plan_slot *);
/* Whether quantum computers are not known to break the algorithm that it encapsulates its secret by. */
bool seccomm_slot_quantum(const struct plan_slot *);
/* Whether it rests on ML-KEM and on nothing beside it. */
bool seccomm_slot_kem_alone(const struct plan_slot *);
/* The name of the pre-shared secret that a slot's key comes from; NULL: it does not. */
const char *seccomm_slot_psk(const struct plan_slot *);
/* The name of the secret that what creates a slot's key begins with; NULL: it begins with none. */
const char *seccomm_slot_creator_secret(const struct plan_slot *);
/* Whether two layers are of one table with the same parameters, those included that the two ends need not share. */
bool seccomm_layer_same(const struct plan_layer *, const struct plan_layer *);
/* That of the first slot with one, whose holders are the principals where there is no identity. */
const char *seccomm_plan_psk(const struct seccomm_plan *);
/* Whether the identity of PLAN, if it has one, is in the keyring with all private keys that its layers need. */
int seccomm_plan_identity(
    const struct seccomm_plan *plan, const struct seccomm_keyring *keyring, struct seccomm_error *error);
/*
 * Whether the one-time pads of PLAN can carry another session: each of its layers takes a block of its own, of either
 * direction.  LIMIT: one is used up, and ERROR says which, where it ends, and what to do.
 */
int seccomm_plan_pads(
    const struct seccomm_plan *plan, const struct seccomm_keyring *keyring, struct seccomm_error *error);
/* The name of the one-time pad that a layer lives on; NULL: it does not. */
const char *seccomm_layer_pad(const struct plan_layer *);
/* The name of the cover that a layer hides messages in, which has *SIZE bytes; NULL: it has none. */
const char *seccomm_layer_cover(const struct plan_layer *, size_t *size);
/* Bytes of one data message of LENGTH bytes on the wire, in that direction. */
size_t seccomm_plan_wire_size(const struct seccomm_plan *, enum seccomm_direction, size_t length);

/*
 * For who measures it: LENGTH (to 64) bytes from what creates the key of slot CREATION, which the session puts to no use.  OUT is
 * the caller's to wipe.  NOT_READY: the session is not open.
 */
SECCOMM_MUST_USE int seccomm_session_create_key(struct seccomm_session *, uint32_t creation, uint8_t *out, size_t length);

/* The second message of an exchange: its least size, what the layers under its key take, what it becomes and can become. */
struct plan_exchange_sizes {
	size_t least, taken, wire, wire_most;
};
/* Whether that of the key at place SLOT fits; layers that fill are why it would not. */
bool seccomm_plan_exchange_fits(const struct seccomm_plan *, size_t slot, struct plan_exchange_sizes *out);

/*
 * What differs between two configuration texts, in sentences ("the peer's layer 2 is mac hmac-sha-256, ours is
 * sign ed25519"), into OUT, which is cut to fit and is one line of printable characters.
 */
void seccomm_text_diff(const char *ours, const char *theirs, char *out, size_t room);

#endif
