/* SPDX-License-Identifier: Apache-2.0 */
/* edit.h - the lines of a file, as far as edits need them; private to the edit*.c of src/check. */
#ifndef CHECK_EDIT_H
#define CHECK_EDIT_H

#include "check/internal.h"

/* The line in which the byte AT stands: its first byte, its end, before what ends it, and the next line's first byte. */
size_t edit_line_start(const struct check_run *, size_t at);
size_t edit_line_end(const struct check_run *, size_t at);
size_t edit_line_next(const struct check_run *, size_t at);
/* Where the line before the one that begins at START, which is not the first, has its end. */
size_t edit_line_before(const struct check_run *, size_t start);
/* What lines end with there: "\n", "\r\n" or "\r". */
const char *edit_break(const struct check_run *, size_t at);
/* Whether nothing but blanks stands before AT on its line. */
bool edit_is_first(const struct check_run *, size_t at);
/* The first byte of the comments that stand right above the line of AT, as deep as AT stands; of the line itself if there are none. */
size_t edit_lead(const struct check_run *, size_t at);
/* The end of the line of AT, or of the comments right under it that stand deeper than COLUMN bytes. */
size_t edit_tail(const struct check_run *, size_t at, size_t column);

/* The first byte from AT on that is neither blank, nor the end of a line, nor in a comment. */
size_t edit_next(const struct check_run *, size_t at);
/* The comments between FROM and TO, where a value stands, each behind blanks; "": there is none, NULL: no memory. */
const char *edit_comments(const struct check_run *, size_t from, size_t to);

/* A layer in a list with what is about it: whole lines, from the first byte to before what ends the last. */
struct edit_item {
	size_t from, to;
	size_t end; /* behind it, and behind the comma of a list in brackets */
	const char *head; /* what an item begins with on its line; NULL: it shares its lines with others */
};
struct edit_item edit_item(const struct check_run *, const struct config_extent *);

#endif
