/* SPDX-License-Identifier: Apache-2.0 */
/*
 * catalogue.h - what is known against compositions: every rule with its attack, how SecComm decides it, and what to do.
 *
 * A row is about one id for ever.  A rule that a configuration can break has two texts, one that it refuses and one that passes; the
 * tests check both.  What no configuration can break stands here, too, with what prevents it: who looks for an attack finds it.
 */
#ifndef CHECK_CATALOGUE_H
#define CHECK_CATALOGUE_H

#include <stdbool.h>

enum check_decided {
	CHECK_IN_CONFIGURATION, /* by the checker */
	CHECK_BY_DESIGN, /* no configuration can break it */
	CHECK_AT_RUNTIME, /* when a key is loaded or a message comes, with an alert */
	CHECK_NOT_YET, /* what it is about is not there yet */
};
enum { CHECK_LAWS = 10, CHECK_LITERATURE_MAX = 8 };

struct check_entry {
	const char *id;
	unsigned law; /* 1 to CHECK_LAWS */
	char severity; /* F certainly broken; D broken by a real attacker; W worth a warning; I a claim is less than it seems */
	enum check_decided decided;
	const char *title; /* NULL: the checker has one for it */
	const char *attack; /* what somebody has, does and gets, in about five sentences */
	const char *decision, *repair;
	const char *unmounted; /* why no test mounts the attack: a sentence; see check_entry_unmounted() */
	const char *by; /* the id by which the checker tells of it, unless it is its own */
	const char *literature[CHECK_LITERATURE_MAX]; /* ends with NULL; only what was checked */
	/* See check_entry_text().  NULL, both: no short text shows it. */
	const char *fails, *passes;
};
/* With one of these in front a body is a whole session: of those who share a secret, and on datagrams. */
#define CHECK_ALONE "role: client\nlisten: tcp:127.0.0.1:5432\nconnect: tcp:db.example.net:7443\n"
#define CHECK_DATAGRAMS                                                                                                \
	"role: client\nlisten: udp:127.0.0.1:5432\nconnect: udp:db.example.net:7443\nidentity: web1\npeers: [db1]\n"

/* Pages of the catalogue: an id's first digit is its page.  A row without an id ends each. */
extern const struct check_entry check_catalogue_0xx[], check_catalogue_1xx[], check_catalogue_2xx[], check_catalogue_3xx[],
    check_catalogue_4xx[], check_catalogue_5xx[], check_catalogue_6xx[], check_catalogue_7xx[], check_catalogue_8xx[],
    check_catalogue_9xx[];

struct check_law {
	const char *name, *sentence;
};

/* The rows in the order of their ids: the one behind ENTRY (NULL: the first); NULL: there is none. */
const struct check_entry *check_entry_next(const struct check_entry *entry);
/* NULL: there is no such id. */
const struct check_entry *check_entry(const char *id);
/* All ids, with NULL at the end; the caller frees the array alone.  NULL: no memory. */
const char **check_entry_ids(void);
const char *check_entry_title(const struct check_entry *);
/*
 * Why no test mounts the attack on the real library, of a row that a configuration shows and that is fatal or a danger; NULL: one does, or
 * it is another row.
 */
const char *check_entry_unmounted(const struct check_entry *);
/* The id by which the checker tells of it; NULL: it does not, or not yet. */
const char *check_entry_by(const struct check_entry *);
/* Law NUMBER, 1 to CHECK_LAWS. */
const struct check_law *check_law(unsigned number);
/* "configuration", "design", "runtime", "not yet"; "fatal", "danger", "warning", "information". */
const char *check_decided_name(enum check_decided);
const char *check_entry_severity(const struct check_entry *);
/*
 * What FAILS or PASSES is as a whole file: BODY is what a session says besides its role, addresses and participants, or all of a
 * session if it begins with "role:", or the file itself if it begins with "seccomm:".  The caller frees it; NULL: no memory.
 */
char *check_entry_text(const char *body);

/* A row for people, and as JSON; the caller frees it.  NULL: no memory. */
char *check_explain_entry(const struct check_entry *);
struct json_t;
struct json_t *check_entry_json(const struct check_entry *);
struct json_t *check_law_json(unsigned number);

#endif
