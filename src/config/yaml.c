/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml.c - the only file that knows libfyaml: its events become our tree.
 *
 * Events, not its documents: so that depth, aliases, anchors and tags are ours to refuse where they stand, and nothing
 * is resolved, merged or typed behind our back.  It prints nothing; its complaints are collected and told.
 */
#include "config/model.h"

#include <libfyaml.h>
#include <string.h>

struct builder {
	const struct config_sink *sink;
	struct config_node *open[CONFIG_DEPTH_MAX + 1]; /* the collections we are in */
	struct config_node *key; /* of the map on top: its key, waiting for the value */
	struct config_node *keys[CONFIG_DEPTH_MAX + 1];
	size_t depth;
	struct config_node *root;
	const char *text;
	size_t length;
	struct config_place last; /* of the last thing with a place: where an empty value belongs */
	size_t documents;
	bool stop;
};

static void fault(struct builder *b, const char *id, struct config_place at, const char *message, const char *help)
{
	config_tell(b->sink, id, at, message, help);
	b->stop = true;
}

static struct config_place place_of(const struct builder *b, const struct fy_mark *from, const struct fy_mark *to)
{
	struct config_place at = b->last;

	if (!from || from->line < 0 || from->column < 0)
		return at;
	at.line = (unsigned)from->line + 1;
	at.column = (unsigned)from->column + 1;
	at.end = at.column + 1;
	if (to && to->line == from->line && to->column > from->column)
		at.end = (unsigned)to->column + 1;
	return at;
}

static struct config_node *new_node(struct builder *b, enum config_kind kind, struct config_place at)
{
	struct config_node *node = config_take(b->sink->arena, sizeof *node);

	if (!node) {
		b->stop = true;
		return NULL;
	}
	node->kind = kind;
	node->at = at;
	return node;
}

/* Puts NODE where the tree goes on: as the root, a member, a key, or the value of the key before. */
static void attach(struct builder *b, struct config_node *node)
{
	struct config_node *top = b->depth ? b->open[b->depth - 1] : NULL;

	if (!top) {
		b->root = node;
		return;
	}
	if (top->kind == CONFIG_MAP && !b->key) {
		if (node->kind != CONFIG_SCALAR)
			fault(b, "SC001", node->at, "a key must be a word, not a list or a map", NULL);
		b->key = node;
		return;
	}
	node->name = b->key;
	b->key = NULL;
	if (top->last)
		top->last->next = node;
	else
		top->first = node;
	top->last = node;
	top->count++;
}

static void push(struct builder *b, struct config_node *node)
{
	if (!node)
		return;
	attach(b, node);
	if (b->stop)
		return;
	if (b->depth == CONFIG_DEPTH_MAX) {
		fault(b, "SC006", node->at, "nested too deep: more than 16 levels", NULL);
		return;
	}
	b->keys[b->depth] = b->key;
	b->open[b->depth++] = node;
	b->key = NULL;
}

/* Where a member of a map ends that has a name only, and nothing behind its colon. */
static size_t behind_colon(const struct builder *b, const struct config_node *name)
{
	size_t at = name->to;

	while (at > 0 && at < b->length && (b->text[at] == ' ' || b->text[at] == '\t'))
		at++;
	return at > 0 && at < b->length && b->text[at] == ':' ? at + 1 : name->to;
}

/* A pair in brackets that has none of its own is said to begin behind its name, and to end with what follows it. */
static bool has_brackets(const struct config_node *node)
{
	return node->flow && !(node->first && node->first->name && node->first->name->from < node->from);
}

/* A collection in brackets ends with its bracket, another one with the last thing in it. */
static void pop(struct builder *b, const struct fy_mark *end)
{
	struct config_node *node = b->open[--b->depth];

	b->key = b->keys[b->depth];
	if (has_brackets(node) && end)
		node->to = end->input_pos;
	else if (node->last)
		node->to = node->last->to > 0 ? node->last->to : node->last->name ? behind_colon(b, node->last->name) : 0;
}

/* The library's marks of a quoted scalar are those of what stands between its quotes. */
static void with_quotes(const struct builder *b, struct config_node *node)
{
	const char quote = node->from > 0 ? b->text[node->from - 1] : 0;

	if ((quote != '"' && quote != '\'') || node->to >= b->length || b->text[node->to] != quote)
		return;
	node->from--;
	node->to++;
}

static bool ends_line(const struct builder *b, size_t at)
{
	return at >= b->length || b->text[at] == '\n' || b->text[at] == '\r';
}

/* Whether a line goes on with the sign that lines of text are announced by, and what may stand behind that. */
static bool announces(const struct builder *b, size_t at)
{
	if (b->text[at] != '|' && b->text[at] != '>')
		return false;
	do
		at++;
	while (at < b->length && strchr("+-123456789", b->text[at]) && b->text[at]);
	while (at < b->length && (b->text[at] == ' ' || b->text[at] == '\t'))
		at++;
	return ends_line(b, at) || b->text[at] == '#';
}

/* Of lines of text the marks are those of whole lines: what announces them is theirs, and the empty lines behind them are not. */
static void with_header(const struct builder *b, struct config_node *node)
{
	size_t end = node->from, start;

	while (node->to > node->from && config_blank(b->text[node->to - 1]))
		node->to--;
	while (end > 0 && config_blank(b->text[end - 1]) && (b->text[end - 1] == '\n' || b->text[end - 1] == '\r'))
		end--;
	for (start = end; start > 0 && !ends_line(b, start - 1);)
		start--;
	while (start < end && !announces(b, start))
		start++;
	node->from = start < end ? start : node->from;
}

static enum config_quotes quotes_of(struct fy_token *token)
{
	switch (fy_token_scalar_style(token)) {
	case FYSS_SINGLE_QUOTED:
		return CONFIG_SINGLE;
	case FYSS_DOUBLE_QUOTED:
		return CONFIG_DOUBLE;
	case FYSS_LITERAL:
	case FYSS_FOLDED:
		return CONFIG_LINES;
	default:
		return CONFIG_BARE;
	}
}

/* Where NODE stands, by the library's marks, and its text in it. */
static bool locate(const struct builder *b, struct config_node *node, const struct fy_mark *from, const struct fy_mark *to)
{
	struct config_place at = { (unsigned)from->line + 1, (unsigned)from->column + 1, 0 };

	node->file = b->text;
	node->from = from->input_pos;
	node->to = to->input_pos;
	node->flow = b->depth && b->open[b->depth - 1]->flow;
	if (!config_stands(b->sink->arena, node, node->from, node->to))
		return false;
	if (node->stands && (node->quotes == CONFIG_LINES || from->line != to->line))
		node->at = config_place_between(b->text, node->from, at, node->stands[0], node->stands[node->length]);
	if (node->quotes == CONFIG_LINES)
		with_header(b, node);
	else if (node->quotes != CONFIG_BARE)
		with_quotes(b, node);
	return true;
}

static void scalar(struct builder *b, struct fy_token *token)
{
	size_t length = 0;
	const char *text = token ? fy_token_get_text(token, &length) : "";
	const enum config_quotes quotes = token ? quotes_of(token) : CONFIG_BARE;
	/* Of an empty value some versions of the library tell a place, and others none: it is where what is in front of it is. */
	const bool empty = length == 0 && quotes == CONFIG_BARE;
	const struct fy_mark *from = empty ? NULL : fy_token_start_mark(token);
	const struct fy_mark *to = empty ? NULL : fy_token_end_mark(token);
	struct config_node *node = new_node(b, CONFIG_SCALAR, place_of(b, from, to));

	if (!node)
		return;
	node->text = text ? config_copy(b->sink->arena, text, length) : NULL;
	if (!node->text) {
		b->sink->arena->failed = true;
		b->stop = true;
		return;
	}
	node->length = length;
	node->quotes = quotes;
	node->empty = empty;
	b->last = node->at;
	if (memchr(node->text, 0, length))
		fault(b, "SC007", node->at, "a NUL character in a value", NULL);
	else if (length > CONFIG_VALUE_MAX) {
		node->at.end = node->at.column + 1;
		fault(b, "SC006", node->at, "too long: a value has at most 4096 bytes", NULL);
	} else if (from && to && to->input_pos <= b->length && from->input_pos <= to->input_pos && !locate(b, node, from, to)) {
		b->stop = true;
	} else {
		b->last = node->at;
		attach(b, node);
	}
}

/* Of a single-quoted value with quotes in a row, each written twice, libfyaml (0.7, 0.8) may lose memory. */
static void refuse_quotes(struct builder *b, struct fy_token *token)
{
	enum { MOST = 2 };
	const struct fy_mark *from = token ? fy_token_start_mark(token) : NULL, *to = token ? fy_token_end_mark(token) : NULL;
	unsigned row = 0;

	if (b->stop || !from || !to || fy_token_scalar_style(token) != FYSS_SINGLE_QUOTED)
		return;
	for (size_t at = from->input_pos; at < to->input_pos && at < b->length && row <= MOST; at++)
		row = b->text[at] == '\'' ? row + 1 : 0;
	if (row > MOST)
		fault(b, "SC006", place_of(b, from, NULL), "two quotes in a row in a single-quoted value", "write the value in double quotes");
}

static void refuse_marks(struct builder *b, struct fy_token *anchor, struct fy_token *tag)
{
	if (tag)
		fault(b, "SC005", place_of(b, fy_token_start_mark(tag), fy_token_end_mark(tag)),
		    "tags are not accepted", "leave the tag out: what a value means is decided by where it stands");
	else if (anchor)
		fault(b, "SC005", place_of(b, fy_token_start_mark(anchor), fy_token_end_mark(anchor)),
		    "anchors and aliases are not accepted", "write the value out where it is needed");
}

static void collection(
    struct builder *b, enum config_kind kind, struct fy_event *event, struct fy_token *anchor, struct fy_token *tag)
{
	const struct fy_mark *start = fy_event_start_mark(event);
	struct config_place at;
	struct config_node *node;

	refuse_marks(b, anchor, tag);
	if (b->stop)
		return;
	at = place_of(b, start, fy_event_end_mark(event));
	b->last = at;
	node = new_node(b, kind, at);
	if (node) {
		node->from = start ? start->input_pos : 0;
		node->flow = fy_event_get_node_style(event) == FYNS_FLOW;
	}
	push(b, node);
}

static void document(struct builder *b, struct fy_event *event)
{
	struct fy_token *start = event->document_start.document_start;
	const struct fy_version *version = fy_document_state_version(event->document_start.document_state);
	struct config_place at = { 1, 1, 2 };

	if (start)
		at = place_of(b, fy_token_start_mark(start), fy_token_end_mark(start));
	if (b->documents++ > 0)
		fault(b, "SC001", at, "a second document in one file", "keep one configuration in a file");
	else if (version && (version->major != 1 || version->minor != 2))
		fault(b, "SC001", at, "this is not YAML 1.2", "remove the %YAML line");
}

static void take(struct builder *b, struct fy_event *event)
{
	switch (event->type) {
	case FYET_DOCUMENT_START:
		document(b, event);
		break;
	case FYET_ALIAS:
		refuse_marks(b, event->alias.anchor, NULL);
		b->stop = true;
		break;
	case FYET_SCALAR:
		refuse_marks(b, event->scalar.anchor, event->scalar.tag);
		refuse_quotes(b, event->scalar.value);
		if (!b->stop)
			scalar(b, event->scalar.value);
		break;
	case FYET_SEQUENCE_START:
		collection(b, CONFIG_LIST, event, event->sequence_start.anchor, event->sequence_start.tag);
		break;
	case FYET_MAPPING_START:
		collection(b, CONFIG_MAP, event, event->mapping_start.anchor, event->mapping_start.tag);
		break;
	case FYET_SEQUENCE_END:
	case FYET_MAPPING_END:
		pop(b, fy_event_end_mark(event));
		break;
	default:
		break;
	}
}

/* Tells libfyaml's first complaint; what follows from it would only confuse. */
static void told(struct builder *b, struct fy_diag *diag)
{
	void *place = NULL;
	struct fy_diag_error *error = fy_diag_errors_iterate(diag, &place);
	struct config_place at = b->last;
	const char *why = "not readable as YAML";

	if (error && error->msg)
		why = config_print(b->sink->arena, "not YAML: %s", error->msg);
	if (error && error->line > 0 && error->column > 0) {
		at.line = (unsigned)error->line;
		at.column = (unsigned)error->column;
		at.end = at.column + 1;
	}
	if (at.line == 0)
		at = (struct config_place){ 1, 1, 2 };
	if (why)
		fault(b, "SC001", at, why, NULL);
}

static void run(struct builder *b, struct fy_parser *parser, struct fy_diag *diag)
{
	struct fy_event *event;

	while (!b->stop && (event = fy_parser_parse(parser)) != NULL) {
		take(b, event);
		fy_parser_event_free(parser, event);
	}
	if (!b->stop && fy_parser_get_stream_error(parser))
		told(b, diag);
	if (!b->stop && !b->root)
		fault(b, "SC009", (struct config_place){ 1, 1, 2 }, "the file is empty", "begin it with   seccomm: 1");
}

struct config_node *config_yaml(const struct config_sink *sink, const char *text, size_t length)
{
	struct builder b = { .sink = sink, .text = text, .length = length };
	struct fy_diag_cfg quiet;
	struct fy_parse_cfg configuration = { .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DEFAULT_VERSION_1_2 |
						       FYPCF_JSON_NONE | FYPCF_DISABLE_MMAP_OPT };
	struct fy_parser *parser = NULL;

	fy_diag_cfg_default(&quiet);
	quiet.fp = NULL;
	configuration.diag = fy_diag_create(&quiet);
	if (configuration.diag) {
		fy_diag_set_collect_errors(configuration.diag, true);
		parser = fy_parser_create(&configuration);
	}
	if (parser && fy_parser_set_string(parser, text, length) == 0)
		run(&b, parser, configuration.diag);
	else
		sink->arena->failed = true;
	if (parser)
		fy_parser_destroy(parser);
	if (configuration.diag)
		fy_diag_destroy(configuration.diag);
	return b.stop || sink->arena->failed ? NULL : b.root;
}
