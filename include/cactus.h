/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cactus.h - a runtime for building a service out of micro-protocols.
 *
 * A composite protocol ("instance") is a set of micro-protocols that talk through events.  A micro-protocol is one
 * const table: parameters, attributes, what it needs and provides, and handlers.  cactus_compose() checks a list of
 * them and computes every layout once; the result is immutable and may be shared by any number of instances and
 * threads. cactus_create() makes one running instance of it.
 *
 * The runtime takes no clock, random number, memory, file or thread behind its caller's back: all of them come from
 * struct cactus_platform.  It is driven from outside: ask cactus_deadline(), call cactus_run_due().
 *
 * Thread rule: one instance belongs to one thread at a time; only cactus_post() may be called from another thread.
 * Different instances share nothing that changes.
 *
 * Source: Hiltunen, Jaiswal, Schlichting, "Exploiting Fine-Grain Configurability for Secure Communication", TR 99-08,
 * section 2.3 (events, handlers, messages, attributes) and Figure 8 (ties).
 */
#ifndef CACTUS_H
#define CACTUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CACTUS_MUST_USE __attribute__((warn_unused_result))
#pragma GCC visibility push(default) /* a shared library exports what is declared here */
#else
#define CACTUS_MUST_USE
#endif

struct cactus; /* a running instance */
struct cactus_composition; /* a checked, immutable set of micro-protocols */
struct cactus_layout; /* what one pack point packs */
struct cactus_msg;

enum {
	CACTUS_ORDER_MAX = 1000, /* a micro-protocol's order is 1 to 999; the mirror of n is 1000 - n */
	CACTUS_COLUMNS_MAX = 64, /* attributes of one composite */
	CACTUS_PACK_MAX = 16, /* attributes one pack point may pack */
	CACTUS_HELD_MAX = 64 /* messages waiting on one event: held ones and those queued behind them */
};

/* Every call that can fail answers one of these; nothing is changed unless the call's comment says so. */
enum cactus_status {
	CACTUS_OK = 0,
	CACTUS_NO_MEMORY = -1, /* the platform's allocate answered NULL */
	CACTUS_REFUSED = -2, /* the composition has problems, or a begin hook refused */
	CACTUS_FULL = -3, /* a fixed table is full */
	CACTUS_MALFORMED = -4 /* a packed body is not what the layout says */
};

/* ---- Platform: everything an instance takes from outside ---- */

/*
 * Storage that outlives the process.  Each call starts an operation on NAME and answers CACTUS_OK or a negative status
 * at once; DONE(argument, status) is called exactly once when the operation has ended, perhaps before the call returns.
 */
struct cactus_store {
	int (*append)(void *context, const char *name, const void *bytes, size_t length,
	    void (*done)(void *argument, int status), void *argument);
	int (*reserve)(
	    void *context, const char *name, uint64_t length, void (*done)(void *argument, int status), void *argument);
	int (*sync)(void *context, const char *name, void (*done)(void *argument, int status), void *argument);
};

/* CONTEXT is handed to each function.  STORE and WAKE may be NULL where no micro-protocol uses them. */
struct cactus_platform {
	void *context;
	uint64_t (*monotonic_us)(void *context); /* for timers; never steps back */
	uint64_t (*wall_us)(void *context); /* microseconds since 1970-01-01 UTC; may step */
	int (*random)(void *context, void *out, size_t length); /* 0, or negative: out is then not to be used */
	void *(*allocate)(void *context, size_t size); /* zeroed, aligned for max_align_t; NULL when there is none */
	void (*release)(void *context, void *memory, size_t size); /* SIZE as allocated; wiped by the caller */
	void (*log)(void *context, int level, const char *line); /* level as syslog(3): 3 error, 6 info, 7 debug */
	void (*wake)(void *context); /* from any thread: make the owner call cactus_run_due() */
	const struct cactus_store *store;
};

/* ---- Events and handlers ---- */

typedef uint16_t cactus_event; /* an event of one instance; 0 is none */
typedef uint32_t cactus_binding; /* a binding; 0 is none; never reused within an instance */
typedef uint32_t cactus_timer; /* a delayed raise; 0 is none; never reused within an instance */

/* What a handler answers.  STOP is the paper's stopEvent(): later handlers do not run.  HOLD parks the message. */
enum cactus_verdict { CACTUS_NEXT, CACTUS_STOP, CACTUS_HOLD };

/* SELF was given when binding (a micro-protocol's state), ARGUMENT when raising (a message, on a chain). */
typedef enum cactus_verdict cactus_handler(void *self, void *argument);

/* The order at the receiver of what has ORDER at the sender. */
static inline unsigned cactus_mirror(unsigned order)
{
	return CACTUS_ORDER_MAX - order;
}

/*
 * The event called STEM followed by INDEX, made if there is none; STEM alone when INDEX is CACTUS_NO_INDEX.  STEM is
 * kept by reference and must outlive the instance.  0 when memory or numbers have run out.
 */
enum { CACTUS_NO_INDEX = 0xffff };
cactus_event cactus_event_named(struct cactus *, const char *stem, unsigned index);

/* Deletes EVENT and its bindings; its timers and queued raises come to nothing.  Its number may be given again. */
void cactus_event_delete(struct cactus *, cactus_event event);

/*
 * Runs HANDLER(SELF, argument) at each raise of EVENT, by ascending ORDER (0 to 1001), equal orders by time of binding.
 * A handler bound during a raise waits for the next raise; 0 when memory has run out.
 */
CACTUS_MUST_USE cactus_binding cactus_bind(
    struct cactus *, cactus_event event, cactus_handler *handler, unsigned order, void *self);
/* A handler unbound during a raise does not run again in it.  0 and unknown bindings are ignored. */
void cactus_unbind(struct cactus *, cactus_binding binding);

/*
 * Runs the handlers of EVENT now and answers NEXT if all of them ran, STOP if one stopped it.  Handlers may raise,
 * bind, unbind.  A handler of an event raised this way must not answer HOLD (it is treated as STOP).
 */
enum cactus_verdict cactus_raise(struct cactus *, cactus_event event, void *argument);
/* Queues a raise behind the one that is running (at once, if none is).  Negative: CACTUS_NO_MEMORY. */
CACTUS_MUST_USE int cactus_raise_async(struct cactus *, cactus_event event, void *argument);
/* Raises EVENT from cactus_run_due() in DELAY_US microseconds of monotonic time; 0 when memory has run out. */
CACTUS_MUST_USE cactus_timer cactus_raise_later(struct cactus *, cactus_event event, void *argument, uint64_t delay_us);
/* Forgets a delayed raise; 0 and those that have run are ignored. */
void cactus_cancel(struct cactus *, cactus_timer timer);

/*
 * As cactus_raise() for a message.  If a handler answers HOLD the message is parked there, one reference is taken for
 * it, and HOLD is answered.  On an event of a FIFO chain later messages then queue behind it (HOLD, too).  When
 * CACTUS_HELD_MAX wait already, STOP is answered and nothing has run.
 */
enum cactus_verdict cactus_raise_msg(struct cactus *, cactus_event event, struct cactus_msg *msg);
/*
 * Goes on with a parked message as if the handler that held it had answered VERDICT (NEXT or STOP), then with those
 * queued behind it, and drops the references taken.  The handlers after it see the message; the caller of raise has
 * long returned.
 */
void cactus_resume(struct cactus *, struct cactus_msg *msg, enum cactus_verdict verdict);

/* A raise that another thread asks for.  The caller owns it and must keep it until the handlers have run. */
struct cactus_post {
	struct cactus_post *next; /* private */
	cactus_event event;
	void *argument;
};
/* From any thread: raises POST->event from the owner's next cactus_run_due(), in order of posting, and calls wake. */
void cactus_post(struct cactus *, struct cactus_post *post);

/* When cactus_run_due() has something to do, in microseconds of monotonic time; UINT64_MAX: nothing is planned. */
uint64_t cactus_deadline(const struct cactus *);
/* Runs what was posted, queued and planned up to now. */
void cactus_run_due(struct cactus *);

/*
 * Sorts all bindings into the array that raises walk.  Done by cactus_create(), and by the next raise after a change;
 * call it to choose the moment.  CACTUS_NO_MEMORY leaves the old array in place, and the next raise tries again.
 */
int cactus_freeze(struct cactus *);

/* One step of a traced raise.  INSTANCE is NULL for handlers the service bound itself. */
struct cactus_step {
	const struct cactus_instance *instance;
	cactus_event event;
	unsigned order;
	size_t before, after; /* body length, in bytes; 0 when the event carries no message */
	uint64_t elapsed_us;
	enum cactus_verdict verdict;
};
/* From the next freeze on calls TRACE(context, step) after every handler of an event; NULL ends it. */
void cactus_trace(struct cactus *, void (*trace)(void *context, const struct cactus_step *), void *context);

/* ---- Messages and attributes ---- */

/*
 * LOCAL: seen in this composite only.  STACK: seen by everything on this machine.  PEER: packed into the body and sent.
 * CLEAR: sent in front of the body, readable before any handler runs, to be covered by whatever authenticates.
 */
enum cactus_scope { CACTUS_LOCAL, CACTUS_STACK, CACTUS_PEER, CACTUS_CLEAR };

typedef uint8_t cactus_column; /* an attribute's number, given when composing */
enum { CACTUS_NO_COLUMN = 0xff };

/*
 * One contiguous buffer with room in front of and behind the body; every step works in place.  BODY and LENGTH may be
 * changed by whoever holds the message, within the buffer: cactus_prefix() and its kin do so.  The rest is the
 * runtime's.
 */
struct cactus_msg {
	uint8_t *body;
	size_t length;
	uint8_t *buffer; /* BUFFER to BUFFER + SIZE is the room */
	size_t size;
	uint8_t *values; /* attribute values; the CLEAR ones first, in column order, without gaps */
	uint64_t present; /* a bit for each column */
	const struct cactus_composition *composition;
	void (*destroy)(struct cactus_msg *); /* called when the last reference is dropped; may be NULL */
	struct cactus_msg *next;
	uint32_t references;
	uint32_t held_after; /* binding that holds it, while parked */
	cactus_event held_on;
	uint16_t held_order; /* order of HELD_AFTER, which may be unbound meanwhile */
};

/*
 * Makes MSG a message of COMPOSITION with one reference: BUFFER of SIZE bytes, body of LENGTH bytes at OFFSET, and
 * VALUES of cactus_values_size() bytes.  All memory stays the caller's until DESTROY is called.
 */
void cactus_msg_init(struct cactus_msg *msg, const struct cactus_composition *, uint8_t *buffer, size_t size,
    size_t offset, size_t length, uint8_t *values);
void cactus_msg_keep(struct cactus_msg *msg); /* one more reference */
void cactus_msg_release(struct cactus_msg *msg); /* one less; NULL is ignored */

/* Add LENGTH bytes in front of or behind the body and answer where they are; NULL when there is no room. */
static inline uint8_t *cactus_prefix(struct cactus_msg *msg, size_t length)
{
	if ((size_t)(msg->body - msg->buffer) < length)
		return NULL;
	msg->body -= length;
	msg->length += length;
	return msg->body;
}
static inline uint8_t *cactus_suffix(struct cactus_msg *msg, size_t length)
{
	uint8_t *end = msg->body + msg->length;

	if ((size_t)(msg->buffer + msg->size - end) < length)
		return NULL;
	msg->length += length;
	return end;
}
/* Take LENGTH bytes off the front or the back and answer where they are; NULL when the body is shorter. */
static inline uint8_t *cactus_behead(struct cactus_msg *msg, size_t length)
{
	uint8_t *head = msg->body;

	if (msg->length < length)
		return NULL;
	msg->body += length;
	msg->length -= length;
	return head;
}
static inline uint8_t *cactus_curtail(struct cactus_msg *msg, size_t length)
{
	if (msg->length < length)
		return NULL;
	msg->length -= length;
	return msg->body + msg->length;
}

/*
 * Set COLUMN to LENGTH bytes of VALUE: exactly the declared size for a fixed attribute, at most it for a variable one.
 * False: no such column, or the wrong size.
 */
bool cactus_set(struct cactus_msg *msg, cactus_column column, const void *value, size_t length);
/* The value of COLUMN and its size in *LENGTH (may be NULL), lent until the message changes; NULL when it is not set.
 */
const uint8_t *cactus_get(const struct cactus_msg *msg, cactus_column column, size_t *length);
/* The same for attributes of 8 bytes, which travel big-endian. */
bool cactus_set_u64(struct cactus_msg *msg, cactus_column column, uint64_t value);
bool cactus_get_u64(const struct cactus_msg *msg, cactus_column column, uint64_t *value);
void cactus_clear(struct cactus_msg *msg, cactus_column column);

/* Big-endian integers, as all of Cactus's packing uses them. */
static inline void cactus_put_u16(uint8_t *out, uint16_t v)
{
	out[0] = (uint8_t)(v >> 8);
	out[1] = (uint8_t)v;
}
static inline void cactus_put_u32(uint8_t *out, uint32_t v)
{
	cactus_put_u16(out, (uint16_t)(v >> 16));
	cactus_put_u16(out + 2, (uint16_t)v);
}
static inline void cactus_put_u64(uint8_t *out, uint64_t v)
{
	cactus_put_u32(out, (uint32_t)(v >> 32));
	cactus_put_u32(out + 4, (uint32_t)v);
}
static inline uint32_t cactus_u32(const uint8_t *in)
{
	return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}
static inline uint64_t cactus_u64(const uint8_t *in)
{
	return (uint64_t)cactus_u32(in) << 32 | cactus_u32(in + 4);
}

/* ---- A micro-protocol's table ---- */

/* A field of a state: where it is and how large.  { 0, 0 } is none, for the instance's head comes first. */
struct cactus_field {
	uint16_t offset, size;
};
#define CACTUS_AT(type, member)                                                                                        \
	{                                                                                                              \
		(uint16_t) offsetof(type, member), (uint16_t)sizeof(((type *)0)->member)                               \
	}

/*
 * What a field holds.  COUNT: uint32_t or uint64_t, plain.  DURATION: uint64_t microseconds, written 250ms, 5s, 1h.
 * SIZE: uint64_t bytes, written 4096, 64KiB, 64GiB.  WORD: uint32_t, the index of one of the row's words.  TEXT: const
 * char *.
 */
enum cactus_kind { CACTUS_COUNT, CACTUS_DURATION, CACTUS_SIZE, CACTUS_WORD, CACTUS_TEXT };

/* A parameter: parser, bounds, default, manual and form in one row.  A table ends with a row without a name. */
struct cactus_param {
	const char *name;
	const char *doc; /* one sentence */
	struct cactus_field at;
	enum cactus_kind kind;
	bool required;
	bool local; /* may differ at the two ends */
	uint64_t min, max, dflt; /* of COUNT, DURATION, SIZE; dflt of WORD is an index */
	const char *text; /* default of TEXT */
	const char *const *words; /* of WORD, ends with NULL */
	unsigned since; /* revision that added it: its default is the historical value; 0: always there */
};

/*
 * An edge of Figure 8.  A need is met by a provider of the same capability (compared as a string), index and, where
 * both state them, bytes.  INDEX names the uint32_t parameter that tells which one.
 */
struct cactus_tie {
	const char *capability;
	struct cactus_field index;
	uint32_t bytes; /* 0: any */
	bool soft; /* nobody need provide it, but if somebody does, ORDER counts */
	bool inner; /* the provider must stand before this one at the sender (lower order, same chain and direction) */
};

enum cactus_act { CACTUS_SETS, CACTUS_CONSUMES, CACTUS_READS };

/*
 * An attribute.  It gets a column, whose number is written to AT.  SETS: this micro-protocol sets it at the sender and
 * finds it at the receiver.  CONSUMES: it takes away one that an inner micro-protocol set.  READS: it looks at one that an
 * inner micro-protocol set and that is not packed yet, or sets it to something as long, which its mirror undoes: of the
 * instance that the parameter OF (TEXT) names, or, without a name, of the nearest one that sets NAME; its size is that
 * one's.  SHARED: all declarations of the same name in one composite are one column (they must agree); otherwise each
 * instance has its own.
 */
struct cactus_attribute {
	const char *name;
	enum cactus_scope scope;
	uint32_t bytes; /* size, or the most of a variable one */
	bool variable;
	bool shared;
	enum cactus_act act;
	struct cactus_field at; /* a cactus_column */
	struct cactus_field of; /* of READS */
};

/* Binds HANDLER to EVENT followed by the parameter INDEX (uint32_t), if that is given. */
struct cactus_event_row {
	const char *event;
	struct cactus_field index;
	cactus_handler *handler;
	unsigned order; /* 0: the micro-protocol's own */
};

/* What a layer adds to a body of n bytes: prefix + suffix + (block ? block - n % block : 0). */
struct cactus_growth {
	uint16_t prefix, suffix, block;
};

/* A layer that makes every body, of up to MOST bytes with what is packed into it, one of exactly TO bytes; TO > MOST. */
struct cactus_filling {
	uint32_t to, most;
};

struct cactus_mp {
	const char *name; /* unique in a composition's catalogue: "encrypt:aes-256-gcm" */
	const char *summary; /* what it is for, one sentence */
	size_t size; /* of the state, which begins with a struct cactus_instance */
	size_t (*extra)(const void *image); /* bytes of further state behind it, from its parameters; NULL: none */
	struct cactus_growth growth; /* of the mirrored pair at the sender, packing not counted */
	struct cactus_filling (*filling)(const void *image); /* in place of growth, from its parameters; NULL: it does not fill */
	bool packs; /* the pair calls cactus_pack and cactus_unpack */
	const struct cactus_param *params;
	const struct cactus_tie *needs, *provides; /* end with a row without a capability */
	const struct cactus_attribute *attributes; /* ends with a row without a name */
	const struct cactus_event_row *events; /* ends with a row without an event */
	cactus_handler *down, *up; /* a mirrored pair: down at its order, up at the mirror */
	int (*begin)(void *self); /* negative refuses; NULL: nothing to do */
	void (*end)(void *self); /* likewise; not called if begin refused */
};

/* Heads the state of every instance of a micro-protocol; the runtime fills it in and nobody else changes it. */
struct cactus_instance {
	struct cactus *cactus;
	const struct cactus_mp *mp;
	const struct cactus_layout *down, *up; /* what its pack and unpack points carry */
	const char *name; /* as in the configuration; for messages */
	uint16_t order;
	uint16_t number; /* its place in the list given to cactus_compose() */
	uint32_t chain; /* the chain its pair is on */
};

/* Packs the attributes of SELF's pack point in front of the body.  False: one is not set, or there is no room. */
bool cactus_pack(const void *self, struct cactus_msg *msg);
/* Takes them out again; CACTUS_MALFORMED when the body is not of that shape, and nothing has changed. */
CACTUS_MUST_USE int cactus_unpack(const void *self, struct cactus_msg *msg);
/* SELF's further state (struct cactus_mp.extra), zeroed when the instance was created. */
void *cactus_extra(void *self);

/* ---- Composing ---- */

/* Named events that form a pair.  On a FIFO chain messages never overtake a held one. */
struct cactus_chain {
	const char *down, *up; /* stems */
	unsigned index; /* or CACTUS_NO_INDEX */
	bool fifo;
};

/* One micro-protocol in a composite.  IMAGE is a state (mp->size bytes) with the parameters filled in; it is copied. */
struct cactus_spec {
	const struct cactus_mp *mp;
	const char *name;
	const void *image;
	unsigned order; /* of the pair; 1 to 999 */
	unsigned chain; /* which of the service's chains its pair is on */
	bool down, up; /* in which directions this end runs it */
};

/* What the service around the micro-protocols brings.  All of it is kept by reference. */
struct cactus_service {
	const struct cactus_chain *chains;
	size_t chain_count;
	const struct cactus_attribute *attributes; /* its own, first in column order; AT is not used; may be NULL */
	const struct cactus_tie *provides; /* capabilities with AT unused and INDEX_VALUE below; may be NULL */
	const uint32_t *provides_index; /* index of each of them */
	/*
	 * The layout of a pack point, replaceable: packs COUNT attributes of MSG in front of the body, or takes them
	 * out. NULL: fixed ones in column order, then variable ones each behind a 32-bit length, then the body.
	 */
	bool (*pack)(struct cactus_msg *, const cactus_column *columns, size_t count);
	int (*unpack)(struct cactus_msg *, const cactus_column *columns, size_t count);
};

enum cactus_problem_kind {
	CACTUS_EQUAL_ORDERS, /* SPEC and OTHER have one order on one chain */
	CACTUS_BAD_ORDER, /* not 1 to 999 */
	CACTUS_UNMET_NEED, /* nothing provides WHAT (index INDEX) */
	CACTUS_WRONG_SIZE, /* OTHER provides WHAT in another size than SPEC needs */
	CACTUS_WRONG_PLACE, /* OTHER provides WHAT, but does not stand before SPEC */
	CACTUS_NOTHING_TO_CONSUME, /* SPEC consumes attribute WHAT, which nothing before it sets */
	CACTUS_CLASHING_ATTRIBUTE, /* SPEC and OTHER share attribute WHAT but declare it differently */
	CACTUS_TOO_MANY, /* columns, or attributes at one pack point */
	CACTUS_DOES_NOT_FIT /* SPEC fills, and takes less than the layers before it make of an empty body, or as much as it fills up to */
};
struct cactus_problem {
	enum cactus_problem_kind kind;
	size_t spec, other; /* places in the list; OTHER is SIZE_MAX when there is none */
	const char *what;
	uint32_t index;
};

/*
 * Checks the COUNT micro-protocols in SPECS and computes their layouts.  Every problem is told to PROBLEM(context, …),
 * which may be NULL; if there was none, *OUT is a composition for cactus_composition_free().  SPECS and the images are
 * copied, the tables, names and the service are referred to.  PLATFORM is used for memory only and must outlive the
 * composition.
 */
CACTUS_MUST_USE int cactus_compose(const struct cactus_platform *platform, const struct cactus_service *service,
    const struct cactus_spec *specs, size_t count, void (*problem)(void *context, const struct cactus_problem *),
    void *context, struct cactus_composition **out);
void cactus_composition_free(struct cactus_composition *);

/* The column of the service's own attribute N, and of any attribute by name (CACTUS_NO_COLUMN: none). */
cactus_column cactus_service_column(const struct cactus_composition *, size_t n);
cactus_column cactus_column_named(const struct cactus_composition *, const char *name);
/* The micro-protocol that sets COLUMN; NULL: the service's own, or there is no such column. */
const struct cactus_mp *cactus_column_owner(const struct cactus_composition *, cactus_column);
/* Bytes of attribute values that a message of this composition needs. */
size_t cactus_values_size(const struct cactus_composition *);
/* Size of CHAIN's clear block: the CLEAR attributes used on it, the service's first.  They lie at msg->values. */
size_t cactus_clear_size(const struct cactus_composition *, unsigned chain);
/* The most that CHAIN adds at the sender in front of and behind a body of LENGTH bytes, clear block included. */
void cactus_room(
    const struct cactus_composition *, unsigned chain, bool down, size_t length, size_t *front, size_t *back);
/*
 * The exact size of what a body of LENGTH bytes is after CHAIN in direction DOWN (or, for !DOWN, what the peer's was),
 * without the clear block, final pack included.  Exact only where all packed attributes are fixed: the most otherwise.
 */
size_t cactus_grown(const struct cactus_composition *, unsigned chain, bool down, size_t length);
/* The longest body that CHAIN takes in that direction, all of whose attributes are as large as they can be; SIZE_MAX: any. */
size_t cactus_most(const struct cactus_composition *, unsigned chain, bool down);
/* Memory of one instance, in bytes, as long as nothing is bound, named, planned or queued beyond its first room. */
size_t cactus_instance_size(const struct cactus_composition *);

/*
 * Makes a running instance.  OWNER is what cactus_owner() answers.  States are laid out in one block of memory, wiped
 * and released at once by cactus_destroy(); begin hooks run in the order of the list, and are undone in reverse on
 * failure. PREPARE(context, state, n), if given, is called for every state before its begin hook: a service fills in
 * its own head.
 */
CACTUS_MUST_USE int cactus_create(const struct cactus_composition *, const struct cactus_platform *platform,
    void *owner, void (*prepare)(void *context, void *state, size_t n), void *context, struct cactus **out);
/* End hooks in reverse, messages still parked released, memory wiped and released.  NULL is ignored. */
void cactus_destroy(struct cactus *);

/* The bytes that it has of its platform now; messages are their owners'. */
size_t cactus_memory(const struct cactus *);

void *cactus_owner(const struct cactus *);
const struct cactus_platform *cactus_platform_of(const struct cactus *);
/* The state of the N-th micro-protocol. */
void *cactus_state(struct cactus *, size_t n);
size_t cactus_state_count(const struct cactus *);
/* The events of CHAIN. */
cactus_event cactus_down_event(const struct cactus *, unsigned chain);
cactus_event cactus_up_event(const struct cactus *, unsigned chain);
/* Packs what is still set at the bottom of CHAIN, behind the last pack point; and takes it out at the receiver. */
bool cactus_pack_rest(struct cactus *, unsigned chain, struct cactus_msg *msg);
CACTUS_MUST_USE int cactus_unpack_rest(struct cactus *, unsigned chain, struct cactus_msg *msg);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
