/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secrets.h - what the three processes of this test say to each other.
 *
 * The one that judges starts two more of itself for every scene, both with the same long-term keys and the same seed.
 * One tells every secret of the scene; the other one plays the scene again without keeping any, and stops at each
 * checkpoint until its whole memory and its registers have been searched.  So no secret is found for the search's own
 * sake.
 */
#ifndef SECRETS_H
#define SECRETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SECRET_MAX = 64,
	LONG_TERM = 0, /* phase of the keys that a keyring holds; from 1 on, those of what happens */
	NEVER = 31, /* phase of what is never kept */
	KEY_TEXTS = 3, /* client's identity, server's, pre-shared secret */
	KEY_TEXT = 8192
};
struct key_texts {
	char secret[KEY_TEXTS][KEY_TEXT], open[KEY_TEXTS][KEY_TEXT];
};
struct secret {
	char name[48];
	uint32_t phase, length;
	bool lasts; /* as long as its epoch; else it serves once, and that is before the epoch is there */
	uint8_t bytes[SECRET_MAX];
};
/* Sets of phases, 1 << phase: whose secrets are nowhere; of which that is so for those that do not last; and whose
 * lasting ones are somewhere, or the search is blind. */
struct checkpoint {
	char name[64];
	uint32_t gone, spent, there;
};

/* ---- long_term.c ---- */

struct seccomm;
/* Makes the keys of a scene, with RSA or not; answers how many secrets that were, at most LONG_TERM_MAX; 0: it failed.
 */
enum { LONG_TERM_MAX = 64 };
size_t long_term_make(struct seccomm *, bool rsa, struct key_texts *, struct secret out[LONG_TERM_MAX]);

/* ---- scenes.c ---- */

/* The name of scene N; NULL: there is none.  And whether its identities have RSA keys, too. */
const char *scene_name(size_t n);
bool scene_rsa(size_t n);
/* Plays it: TELLING secrets to descriptor OUT, or else checkpoints, each of which waits for a byte from IN.  Wipes the
 * texts. */
void scene_play(size_t n, struct key_texts *, bool telling, int in, int out);

/* ---- search.c ---- */

/* Copies the memory and the registers of process PID, which waits and does not run; false: that is not allowed here. */
bool search_begin(int pid);
struct found {
	size_t count;
	char where[128]; /* of the first */
};
/* Looks in the copy for any 16 bytes of each SECRET (those at multiples of 8), as they are and as HMAC pads them.
 * False: there are too many, or one is too short. */
bool search(const struct secret *secrets, size_t count, struct found *);
void search_end(void);

#endif
