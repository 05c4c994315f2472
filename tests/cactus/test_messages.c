/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: buffers, attributes of every scope, and packing: what goes in comes out, and what is malformed changes nothing.
 */
#include "world.h"

/* A layer that sets one of each kind, and one around it that packs. */
struct setter {
	struct cactus_instance head;
	cactus_column number, blob, text, here, stack, clear;
};
struct packer {
	struct cactus_instance head;
	cactus_column own;
};

static const struct cactus_attribute setter_attributes[] = {
	{ .name = "text", .scope = CACTUS_PEER, .bytes = 10, .variable = true, .at = CACTUS_AT(struct setter, text) },
	{ .name = "number", .scope = CACTUS_PEER, .bytes = 8, .at = CACTUS_AT(struct setter, number) },
	{ .name = "here", .scope = CACTUS_LOCAL, .bytes = 4, .at = CACTUS_AT(struct setter, here) },
	{ .name = "stack", .scope = CACTUS_STACK, .bytes = 4, .variable = true, .at = CACTUS_AT(struct setter, stack) },
	{ .name = "blob", .scope = CACTUS_PEER, .bytes = 3, .at = CACTUS_AT(struct setter, blob) },
	{ .name = "sequence", .scope = CACTUS_CLEAR, .bytes = 8, .at = CACTUS_AT(struct setter, clear) },
	{ .name = NULL },
};
static const struct cactus_attribute packer_attributes[] = {
	{ .name = "own", .scope = CACTUS_PEER, .bytes = 2, .at = CACTUS_AT(struct packer, own) },
	{ .name = NULL },
};
static const struct cactus_mp setter_mp = {
	.name = "setter", .size = sizeof(struct setter), .attributes = setter_attributes
};
static const struct cactus_mp packer_mp = {
	.name = "packer", .size = sizeof(struct packer), .packs = true, .attributes = packer_attributes
};

static const struct cactus_attribute service_attributes[] = {
	{ .name = "spi", .scope = CACTUS_CLEAR, .bytes = 4 },
	{ .name = "sender", .scope = CACTUS_STACK, .bytes = 16, .variable = true },
	{ .name = NULL },
};
static const struct cactus_chain chain = { "down", "up", CACTUS_NO_INDEX, false };

struct fixture {
	struct world w;
	struct cactus_service service;
	struct cactus_msg msg;
	struct setter *s;
	struct packer *p, *q;
	uint8_t buffer[128], values[128];
};

static void open_fixture(struct fixture *f)
{
	const struct setter setter = { .text = 0 };
	const struct packer packer = { .own = 0 };
	const struct cactus_spec specs[] = {
		{ .mp = &packer_mp, .name = "q", .image = &packer, .order = 30, .down = true, .up = true },
		{ .mp = &setter_mp, .name = "s", .image = &setter, .order = 10, .down = true, .up = true },
		{ .mp = &packer_mp, .name = "p", .image = &packer, .order = 20, .down = true, .up = true },
	};

	world_open(&f->w, &f->service, specs, 3);
	f->q = cactus_state(f->w.c, 0);
	f->s = cactus_state(f->w.c, 1);
	f->p = cactus_state(f->w.c, 2);
	assert_true(cactus_values_size(f->w.composition) <= sizeof(f->values));
	memset(f->values, 0xee, sizeof(f->values));
	cactus_msg_init(&f->msg, f->w.composition, f->buffer, sizeof(f->buffer), 64, 5, f->values);
	memcpy(f->msg.body, "hello", 5);
}

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	world_start(&f.w);
	f.service = (struct cactus_service){ .chains = &chain, .chain_count = 1, .attributes = service_attributes };
	open_fixture(&f);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	world_end(&f->w);
	return 0;
}

static void buffers_have_two_ends(void **state)
{
	struct fixture *f = *state;
	struct cactus_msg *m = &f->msg;

	assert_ptr_equal(cactus_prefix(m, 64), f->buffer);
	assert_null(cactus_prefix(m, 1));
	assert_int_equal(m->length, 69);
	assert_ptr_equal(cactus_suffix(m, 59), f->buffer + 69);
	assert_null(cactus_suffix(m, 1));
	assert_ptr_equal(cactus_behead(m, 64), f->buffer);
	assert_ptr_equal(cactus_curtail(m, 59), f->buffer + 69);
	assert_memory_equal(m->body, "hello", 5);
	assert_null(cactus_behead(m, 6));
	assert_null(cactus_curtail(m, 6));
	assert_non_null(cactus_behead(m, 5));
	assert_int_equal(m->length, 0);
}

static int destroyed;
static void destroy(struct cactus_msg *msg)
{
	(void)msg;
	destroyed++;
}

static void the_last_reference_destroys(void **state)
{
	struct fixture *f = *state;

	destroyed = 0;
	f->msg.destroy = destroy;
	cactus_msg_keep(&f->msg);
	cactus_msg_release(&f->msg);
	assert_int_equal(destroyed, 0);
	cactus_msg_release(&f->msg);
	assert_int_equal(destroyed, 1);
	cactus_msg_release(NULL);
	f->msg.references = 1;
	f->msg.destroy = NULL;
	cactus_msg_release(&f->msg);
}

static void columns_are_numbered(void **state)
{
	struct fixture *f = *state;
	const struct cactus_composition *c = f->w.composition;

	assert_int_equal(cactus_service_column(c, 0), 0);
	assert_int_equal(f->s->clear, 1);
	assert_int_equal(cactus_service_column(c, 1), 2);
	assert_int_equal(cactus_service_column(c, 2), CACTUS_NO_COLUMN);
	assert_int_equal(cactus_service_column(c, 99), CACTUS_NO_COLUMN);
	assert_int_equal(f->s->text, 3);
	assert_int_equal(f->s->blob, 7);
	assert_int_equal(f->p->own, 8);
	assert_int_equal(f->q->own, 9);
	assert_int_equal(cactus_column_named(c, "blob"), 7);
	assert_int_equal(cactus_column_named(c, "nobody"), CACTUS_NO_COLUMN);
	assert_int_equal(cactus_clear_size(c, 0), 12);
	assert_int_equal(cactus_values_size(c), 12 + (16 + 4) + (10 + 4) + 8 + 4 + (4 + 4) + 3 + 2 + 2);
}

static void values_of_every_scope(void **state)
{
	struct fixture *f = *state;
	struct cactus_msg *m = &f->msg;
	const cactus_column spi = cactus_service_column(f->w.composition, 0);
	const cactus_column sender = cactus_service_column(f->w.composition, 1);
	size_t length;
	uint64_t v;

	assert_null(cactus_get(m, spi, NULL));
	assert_true(cactus_set(m, spi, "abcd", 4));
	assert_false(cactus_set(m, spi, "abc", 3));
	assert_false(cactus_set(m, spi, "abcde", 5));
	assert_true(cactus_set_u64(m, f->s->clear, 0x0102030405060708));
	assert_memory_equal(m->values, "abcd\1\2\3\4\5\6\7\10", 12);
	assert_true(cactus_get_u64(m, f->s->clear, &v));
	assert_true(v == 0x0102030405060708);
	assert_true(cactus_set(m, sender, "someone", 7));
	assert_memory_equal(cactus_get(m, sender, &length), "someone", 7);
	assert_int_equal(length, 7);
	assert_true(cactus_set(m, sender, NULL, 0));
	assert_non_null(cactus_get(m, sender, &length));
	assert_int_equal(length, 0);
	assert_true(cactus_set(m, sender, "0123456789abcdef", 16));
	assert_false(cactus_set(m, sender, "0123456789abcdefg", 17));
	assert_true(cactus_set(m, f->s->here, "here", 4));
	assert_false(cactus_set_u64(m, f->s->here, 1));
	assert_false(cactus_get_u64(m, f->s->here, &v));
	assert_false(cactus_get_u64(m, f->s->number, &v));
	cactus_clear(m, f->s->here);
	assert_null(cactus_get(m, f->s->here, NULL));
	assert_memory_equal(cactus_get(m, spi, &length), "abcd", 4);
	assert_false(cactus_set(m, CACTUS_NO_COLUMN, "x", 1));
	assert_null(cactus_get(m, CACTUS_NO_COLUMN, &length));
	cactus_clear(m, CACTUS_NO_COLUMN);
	assert_false(cactus_set(m, 10, "xx", 2));
}

static void set_all(struct fixture *f)
{
	assert_true(cactus_set_u64(&f->msg, f->s->number, 0x1122));
	assert_true(cactus_set(&f->msg, f->s->blob, "BLB", 3));
	assert_true(cactus_set(&f->msg, f->s->text, "text", 4));
	assert_true(cactus_set(&f->msg, f->s->here, "here", 4));
}

/* Fixed ones in column order, then variable ones behind their length, then the body. */
static const uint8_t inner[] = "\0\0\0\0\0\0\x11\x22"
			       "BLB"
			       "\0\0\0\4text"
			       "hello";
enum { INNER = 8 + 3 + 4 + 4 + 5 };

static void packed_as_written(void **state)
{
	struct fixture *f = *state;
	struct cactus_msg *m = &f->msg;
	uint64_t v;
	size_t length;

	set_all(f);
	assert_true(cactus_pack(f->p, m));
	assert_int_equal(m->length, INNER);
	assert_memory_equal(m->body, inner, INNER);
	assert_null(cactus_get(m, f->s->blob, NULL)); /* gone into the body */
	assert_non_null(cactus_get(m, f->s->here, NULL));
	assert_true(cactus_set(m, f->p->own, "p1", 2)); /* set by the packer: for the next pack point */
	assert_true(cactus_pack(f->q, m));
	assert_memory_equal(m->body, "p1", 2);
	assert_true(cactus_set(m, f->q->own, "q1", 2));
	assert_true(cactus_pack_rest(f->w.c, 0, m));
	assert_memory_equal(m->body, "q1p1", 4);
	assert_int_equal(m->length, INNER + 4);

	m->present = 0;
	memset(m->values, 0, sizeof(f->values));
	assert_int_equal(cactus_unpack_rest(f->w.c, 0, m), CACTUS_OK);
	assert_memory_equal(cactus_get(m, f->q->own, NULL), "q1", 2);
	assert_int_equal(cactus_unpack(f->q, m), CACTUS_OK);
	assert_memory_equal(cactus_get(m, f->p->own, NULL), "p1", 2);
	assert_int_equal(cactus_unpack(f->p, m), CACTUS_OK);
	assert_true(cactus_get_u64(m, f->s->number, &v));
	assert_true(v == 0x1122);
	assert_memory_equal(cactus_get(m, f->s->blob, NULL), "BLB", 3);
	assert_memory_equal(cactus_get(m, f->s->text, &length), "text", 4);
	assert_int_equal(length, 4);
	assert_null(cactus_get(m, f->s->here, NULL)); /* does not travel */
	assert_int_equal(m->length, 5);
	assert_memory_equal(m->body, "hello", 5);
}

static void not_packed_when_unset_or_without_room(void **state)
{
	struct fixture *f = *state;
	struct cactus_msg *m = &f->msg;

	set_all(f);
	cactus_clear(m, f->s->blob);
	assert_false(cactus_pack(f->p, m));
	assert_int_equal(m->length, 5);
	set_all(f);
	cactus_msg_init(m, m->composition, f->buffer, sizeof(f->buffer), INNER - 5 - 1, 5, f->values);
	set_all(f);
	assert_false(cactus_pack(f->p, m));
	assert_int_equal(m->length, 5);
	assert_non_null(cactus_get(m, f->s->blob, NULL));
	cactus_msg_init(m, m->composition, f->buffer, sizeof(f->buffer), INNER - 5, 5, f->values);
	set_all(f);
	assert_true(cactus_pack(f->p, m));
	assert_ptr_equal(m->body, f->buffer);
}

static int unpack_copy(struct fixture *f, const uint8_t *bytes, size_t length)
{
	uint8_t *exact = malloc(length == 0 ? 1 : length); /* of this size, so that any read behind it is seen */
	struct cactus_msg m;
	int status;

	assert_non_null(exact);
	memcpy(exact, bytes, length);
	cactus_msg_init(&m, f->w.composition, exact, length, 0, length, f->values);
	memset(f->values, 0xee, sizeof(f->values));
	status = cactus_unpack(f->p, &m);
	if (status < 0) {
		assert_int_equal(status, CACTUS_MALFORMED);
		assert_ptr_equal(m.body, exact);
		assert_int_equal(m.length, length);
		assert_true(m.present == 0);
		for (size_t i = 0; i < sizeof(f->values); i++)
			assert_int_equal(f->values[i], 0xee);
	} else {
		f->msg = m;
		f->msg.body = NULL;
	}
	free(exact);
	return status;
}

static void malformed_bodies(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[INNER + 40] = { 0 };

	memcpy(bytes, inner, INNER);
	for (size_t length = 0; length < INNER - 5; length++)
		assert_int_equal(unpack_copy(f, bytes, length), CACTUS_MALFORMED);
	for (size_t length = INNER - 5; length < sizeof(bytes); length++) {
		assert_int_equal(unpack_copy(f, bytes, length), CACTUS_OK);
		assert_int_equal(f->msg.length, length - (INNER - 5)); /* the rest is body */
	}
	for (unsigned said = 0; said < 256; said++) {
		bytes[14] = (uint8_t)said;
		assert_int_equal(unpack_copy(f, bytes, sizeof(bytes)), said <= 10 ? CACTUS_OK : CACTUS_MALFORMED);
	}
	bytes[14] = 4;
	for (size_t i = 11; i < 14; i++) {
		bytes[i] = 0xff;
		assert_int_equal(unpack_copy(f, bytes, sizeof(bytes)), CACTUS_MALFORMED);
		bytes[i] = 0;
	}
}

/* Another layout: one byte for each fixed attribute's column, nothing else. */
static bool pack_numbers(struct cactus_msg *msg, const cactus_column *columns, size_t count)
{
	uint8_t *out = cactus_prefix(msg, count);

	if (out != NULL)
		memcpy(out, columns, count);
	return out != NULL;
}

static int unpack_numbers(struct cactus_msg *msg, const cactus_column *columns, size_t count)
{
	const uint8_t *in = cactus_behead(msg, count);
	int status = in == NULL ? -99 : 0;

	for (size_t i = 0; i < count && in != NULL; i++) {
		(void)cactus_set(msg, columns[i], "01234567", 8);
		status = in[i] == columns[i] ? status : -99;
	}
	return status;
}

static void another_layout(void **state)
{
	struct fixture *f = *state;
	struct cactus_msg *m = &f->msg;

	f->service.pack = pack_numbers;
	f->service.unpack = unpack_numbers;
	set_all(f);
	assert_true(cactus_pack(f->p, m));
	assert_int_equal(m->length, 8);
	assert_int_equal(m->body[0], f->s->number);
	assert_int_equal(m->body[1], f->s->blob);
	assert_int_equal(m->body[2], f->s->text);
	assert_null(cactus_get(m, f->s->number, NULL));
	m->body[2] = 0;
	assert_int_equal(cactus_unpack(f->p, m), CACTUS_MALFORMED); /* and undone */
	assert_int_equal(m->length, 8);
	assert_null(cactus_get(m, f->s->number, NULL));
	m->body[2] = f->s->text;
	assert_int_equal(cactus_unpack(f->p, m), CACTUS_OK);
	assert_non_null(cactus_get(m, f->s->number, NULL));
	assert_int_equal(m->length, 5);
}

static void big_endian(void **state)
{
	uint8_t b[8];

	(void)state;
	cactus_put_u64(b, 0xfedcba9876543210);
	assert_memory_equal(b, "\xfe\xdc\xba\x98\x76\x54\x32\x10", 8);
	assert_true(cactus_u64(b) == 0xfedcba9876543210);
	assert_true(cactus_u32(b) == 0xfedcba98);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(buffers_have_two_ends),
		CASE(the_last_reference_destroys),
		CASE(columns_are_numbered),
		CASE(values_of_every_scope),
		CASE(packed_as_written),
		CASE(not_packed_when_unset_or_without_room),
		CASE(malformed_bodies),
		CASE(another_layout),
		CASE(big_endian),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
