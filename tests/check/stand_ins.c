/* SPDX-License-Identifier: Apache-2.0 */
/* stand_ins.c - micro-protocols that break rules which today's cannot break (see stand_ins.h). */
#include "stand_ins.h"

static enum cactus_verdict nothing(void *self, void *argument)
{
	(void)self;
	(void)argument;
	return CACTUS_NEXT;
}

static const char *const modes[] = { "left", "right", NULL };
static const struct cactus_param params[] = { { .name = "shift",
						  .doc = "How far.",
						  .at = CACTUS_AT(struct shifted, shift),
						  .kind = CACTUS_COUNT,
						  .min = 1,
						  .max = 255,
						  .dflt = 3 },
	{ .name = "pause",
	    .doc = "How long.",
	    .at = CACTUS_AT(struct shifted, pause_us),
	    .kind = CACTUS_DURATION,
	    .dflt = 1500 },
	{ .name = "window",
	    .doc = "How much.",
	    .at = CACTUS_AT(struct shifted, window),
	    .kind = CACTUS_SIZE,
	    .max = UINT64_C(1) << 40,
	    .dflt = 65536 },
	{ .name = "label",
	    .doc = "What for.",
	    .at = CACTUS_AT(struct shifted, label),
	    .kind = CACTUS_TEXT,
	    .text = "none" },
	{ .name = "mode",
	    .doc = "Where to.",
	    .at = CACTUS_AT(struct shifted, mode),
	    .kind = CACTUS_WORD,
	    .words = modes,
	    .dflt = 1 },
	{ 0 } };
static const struct cactus_tie key_of_64[] = {
	{ .capability = "key", .index = CACTUS_AT(struct seccomm_self, key), .bytes = 64 }, { 0 }
};
static const struct cactus_tie key_of_32[] = {
	{ .capability = "key", .index = CACTUS_AT(struct seccomm_self, key), .bytes = 32 }, { 0 }
};
static const struct cactus_tie moon[] = { { .capability = "full moon" }, { 0 } };
static const struct cactus_attribute wide[] = {
	{ .name = "colour", .scope = CACTUS_PEER, .bytes = 8, .shared = true, .at = CACTUS_AT(struct shifted, column) },
	{ 0 }
};
static const struct cactus_attribute narrow[] = {
	{ .name = "colour", .scope = CACTUS_PEER, .bytes = 4, .shared = true, .at = CACTUS_AT(struct shifted, column) },
	{ 0 }
};
static const struct cactus_attribute eater[] = { { .name = "hue",
						     .scope = CACTUS_PEER,
						     .bytes = 4,
						     .shared = true,
						     .act = CACTUS_CONSUMES,
						     .at = CACTUS_AT(struct shifted, column) },
	{ 0 } };

#define TABLE(name_, ...)                                                                                              \
	{                                                                                                              \
		.cactus = { .name = "test:" name_,                                                                     \
			.summary = "stands for something",                                                             \
			.size = sizeof(struct shifted),                                                                \
			.down = nothing,                                                                               \
			.up = nothing,                                                                                 \
			__VA_ARGS__ },                                                                                 \
		.layer = "test", .word = name_, .class_of = SECCOMM_PRIVACY, .revision = 1

const struct seccomm_mp stand_in_caesar = TABLE("caesar", .params = params), .standing = SECCOMM_TOY,
			       .gives = SECCOMM_GIVES_CONFIDENTIALITY
}
;
static const struct cactus_param demands[] = {
	{ .name = "count", .at = CACTUS_AT(struct shifted, shift), .kind = CACTUS_COUNT, .min = 5, .required = true },
	{ .name = "pause", .at = CACTUS_AT(struct shifted, pause_us), .kind = CACTUS_DURATION, .required = true },
	{ .name = "room", .at = CACTUS_AT(struct shifted, window), .kind = CACTUS_SIZE, .min = 65536, .required = true },
	{ .name = "label", .at = CACTUS_AT(struct shifted, label), .kind = CACTUS_TEXT, .required = true },
	{ .name = "mode", .at = CACTUS_AT(struct shifted, mode), .kind = CACTUS_WORD, .words = modes, .required = true }, { 0 } };
static const struct seccomm_mp demanding = TABLE("demanding", .params = demands), .standing = SECCOMM_MODERN
}
;
static const struct seccomm_mp old_mac = TABLE("old-mac", .params = NULL), .standing = SECCOMM_LEGACY,
			       .gives = SECCOMM_GIVES_INTEGRITY | SECCOMM_GIVES_AUTHENTICITY
}
;
static const struct seccomm_mp absent = TABLE("absent", .params = NULL), .standing = SECCOMM_MODERN, .kind = "cipher",
			       .algorithm = "rot-13"
}
;
static const struct seccomm_mp large_key = TABLE("large-key", .needs = key_of_64), .standing = SECCOMM_MODERN
}
;
static const struct seccomm_mp lunar = TABLE("lunar", .needs = moon), .standing = SECCOMM_MODERN
}
;
static const struct seccomm_mp rising = TABLE("rising", .provides = moon), .standing = SECCOMM_MODERN
}
;
static const struct seccomm_mp broad = TABLE("broad", .attributes = wide), .standing = SECCOMM_MODERN
}
;
static const struct seccomm_mp slim = TABLE("slim", .attributes = narrow), .standing = SECCOMM_MODERN
}
;
static const struct seccomm_mp eats = TABLE("eats", .attributes = eater), .standing = SECCOMM_MODERN
}
;
static const struct seccomm_mp short_key = { .cactus = { .name = "establish:short",
						 .summary = "provides a key of 32 bytes",
						 .size = sizeof(struct shifted),
						 .provides = key_of_32 },
	.layer = "establish",
	.word = "short",
	.class_of = SECCOMM_KEY_DISTRIBUTION,
	.standing = SECCOMM_MODERN,
	.revision = 1 };

const struct seccomm_mp *const stand_ins[] = { &stand_in_caesar, &old_mac, &absent, &large_key, &lunar, &rising, &broad, &slim, &eats, &short_key,
	&demanding, NULL };
