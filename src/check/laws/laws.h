/* SPDX-License-Identifier: Apache-2.0 */
/*
 * laws.h - what no list of layers may be: the rows (law_rows.c), what they can say of a layer (law_facts.c), what they ask
 * beyond that (law_when.c), and what is done about it (law_mend.c).  laws.c holds the rows against the layers; law_keys.c has what is not about layers.
 */
#ifndef CHECK_LAWS_H
#define CHECK_LAWS_H

#include "check/internal.h"

/* What is known of a layer in its place.  A set of them is a pattern: a layer fits that has all of them. */
enum law_fact {
	/* What it gives. */
	FACT_HIDES = 1 << 0,
	FACT_INTEGRITY = 1 << 1,
	FACT_PROVES = 1 << 2, /* integrity or authenticity */
	FACT_SIGNS = 1 << 3,
	FACT_FRESH = 1 << 4,
	FACT_CHECKSUM = 1 << 5,
	/* How good it is. */
	FACT_MODERN = 1 << 6,
	FACT_TOY = 1 << 7,
	FACT_CIPHER = 1 << 8, /* hides, and is no toy */
	/* How it works. */
	FACT_BLOCKS = 1 << 9, /* a cipher that fills whole blocks, and looks at the padding */
	FACT_BYTES = 1 << 10, /* each byte is hidden for itself, so each can be changed for itself */
	FACT_ADDS = 1 << 11, /* a constant to each byte */
	FACT_ECB = 1 << 12, /* equal blocks look equal */
	FACT_VEILS = 1 << 13, /* equal messages look different */
	FACT_DES = 1 << 14, /* with a key of 56 bits */
	FACT_CBC = 1 << 15,
	FACT_STREAM = 1 << 16, /* a cipher without padding */
	FACT_SEALS = 1 << 17, /* to a public key, as everybody can */
	FACT_MAC = 1 << 18,
	FACT_ENVELOPE = 1 << 19, /* a digest with the key around the text */
	FACT_DIGEST = 1 << 20, /* without a key */
	FACT_CONSTANT = 1 << 21, /* a check that everybody knows beforehand */
	FACT_PAD = 1 << 22,
	FACT_ORDERED = 1 << 23,
	FACT_WIDE = 1 << 24, /* accepts messages from further away in time than clocks differ */
	FACT_BINDS = 1 << 26, /* what proves a message under one key proves none under another */
	/* Where it stands. */
	FACT_OUTERMOST = 1 << 25 /* of those that change the bytes */
};

/* A layer that a row is tried at. */
struct law_site {
	struct check_draft *draft;
	const struct check_lane *lane;
	const struct check_way *way;
	const uint32_t *facts; /* of each layer of WAY */
	size_t at, other; /* in WAY; OTHER is AT when the row speaks of one layer only */
	bool told; /* a row before this one was broken in this direction */
	const char *detail; /* what the message puts for {detail}; "" */
};

/* At a layer, only the first broken row of a group is told. */
enum law_group { LAW_ALONE, LAW_OUTSIDE, LAW_CASCADE, LAW_TOYS };
enum law_lanes { LAW_DATA = 1, LAW_EXCHANGE = 2, LAW_ANY = 3 };

/* The change of the text that is offered.  LINE is what a layer is written as, with {pad} and the like in it. */
enum law_mend {
	MEND_NOT, /* a person must decide; and a note is no fault, so nothing is done about it */
	MEND_PROVE, /* a layer that authenticates goes behind this one */
	MEND_AFTER, /* LINE goes behind this one */
	MEND_SWAP, /* this one and the other one change places */
	MEND_MOVE, /* this one goes before the other one */
	MEND_INSTEAD, /* LINE takes its place */
	MEND_INSTEAD_OTHER, /* LINE takes the other one's place */
	MEND_MERGE, /* LINE takes its place, and the other one goes */
	MEND_REMOVE,
	MEND_BOUNDS /* its parameters max-age and max-skew come down to what is allowed */
};

/*
 * One row.  The layer has all of OWN; inside it, outside it, beside it (either) there is a layer with all of INSIDE, OUTSIDE,
 * BESIDE, and none with all of NO_INSIDE, NO_OUTSIDE, NO_BESIDE; 0: nothing is asked.  What WHEN asks comes last, and may say
 * which is the other layer.
 *
 * Texts: {own} and {other} are the layers, {pad} is this one's pad, {proof} what authenticates, {detail} what WHEN found.
 */
struct law {
	const char *id;
	enum law_group group;
	enum law_lanes lanes;
	uint32_t own, inside, outside, beside, no_inside, no_outside, no_beside;
	bool (*when)(struct law_site *);
	const char *message, *reason, *help;
	enum law_mend mend;
	const char *line;
	unsigned excuses; /* bits of 1 << enum seccomm_property: what is short of these has been told by this */
};
extern const struct law laws[];
extern const size_t law_count;

/* ---- law_facts.c ---- */

/* The facts of the layers of WAY, into as many FACTS. */
void law_facts_of(const struct check_way *way, uint32_t *facts);
/* The outermost of the layers from FROM to before TO that has all of WANTED; TO: none. */
size_t law_find(const uint32_t *facts, size_t from, size_t to, uint32_t wanted);
/* The number (a word's place in its list) that the parameter NAME of a layer is set to; false: it has none. */
bool law_number(const struct plan_layer *, const char *name, uint64_t *out);
/* The word that it is set to; NULL: it has no words. */
const char *law_word(const struct plan_layer *, const char *name);
enum { LAW_CLOCKS_US = 300 * 1000000 }; /* how far apart clocks are, at most */

/* ---- law_when.c ---- */

bool law_cancels(struct law_site *);
bool law_three_des(struct law_site *);
bool law_one_key(struct law_site *);
bool law_weak_digest(struct law_site *);
bool law_needless(struct law_site *);
bool law_mode(struct law_site *);
bool law_far(struct law_site *);
bool law_uncovered(struct law_site *);
bool law_overtaken(struct law_site *);
bool law_unbound(struct law_site *);

/* ---- law_mend.c ---- */

/* A broken row: which layers of LANE, and in which directions (bits of 1 << enum seccomm_direction). */
struct law_mark {
	const struct law *law;
	size_t place, other;
	unsigned ways;
	const char *detail;
};
/* Tells what MARK is about, and offers to mend it.  False: no memory. */
bool law_tell(struct check_draft *, const struct check_lane *, const struct law_mark *);

/* ---- law_keys.c: pads, secrets and mechanisms, which no list of layers tells of ---- */

bool law_keys(struct check_draft *);

#endif
