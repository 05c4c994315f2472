/* SPDX-License-Identifier: Apache-2.0 */
/*
 * window.c - which of the last message numbers have been seen, for links that reorder (RFC 4303, 3.4.3; RFC 6479).
 *
 * The bitmap is a ring of 64-bit words.  The word of the greatest number is only partly used, so the window judges what
 * lies less than 64 (WORDS - 1) numbers behind it.  The last number there is would leave no NEXT, so it is never new.
 */
#include "seccomm_module.h"

enum { WORD = 64 };

static uint64_t *word_of(const struct seccomm_window *w, uint64_t number)
{
	return &w->bits[number / WORD & (w->words - 1)];
}

enum seccomm_window_verdict seccomm_window_check(const struct seccomm_window *w, uint64_t number)
{
	if (number == UINT64_MAX)
		return SECCOMM_WINDOW_OLD;
	if (number >= w->next)
		return SECCOMM_WINDOW_NEW;
	if (w->next - 1 - number >= (uint64_t)WORD * (w->words - 1))
		return SECCOMM_WINDOW_OLD;
	return *word_of(w, number) >> number % WORD & 1 ? SECCOMM_WINDOW_SEEN : SECCOMM_WINDOW_NEW;
}

void seccomm_window_accept(struct seccomm_window *w, uint64_t number)
{
	if (number >= w->next) {
		uint64_t first = w->next == 0 ? 0 : (w->next - 1) / WORD + 1, last = number / WORD;

		/* The words that the window has moved over are those of numbers not seen yet. */
		if (last - first >= w->words && last >= first)
			first = last - w->words + 1;
		for (uint64_t i = first; i <= last; i++)
			w->bits[i & (w->words - 1)] = 0;
		w->next = number + 1;
	}
	*word_of(w, number) |= UINT64_C(1) << number % WORD;
}
