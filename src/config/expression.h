/* SPDX-License-Identifier: Apache-2.0 */
/* expression.h - what the two notations of layers share; private to src/config. */
#ifndef CONFIG_EXPRESSION_H
#define CONFIG_EXPRESSION_H

#include "config/model.h"

/* From FROM to behind TO of a scalar's text, without blanks around it. */
struct config_span {
	const struct config_node *node;
	size_t from, to;
};
/* Its part up to the first SIGN; *REST is what follows, or has node NULL when SIGN is not there. */
struct config_span config_cut(struct config_span, char sign, struct config_span *rest);
struct config_span config_span_all(const struct config_node *);
/* A scalar of its own, at its own place as far as that can be said. */
const struct config_node *config_span_node(struct config_arena *, struct config_span);

/* "a:WORD,name=value..." to OUT; the same for a whole line of them, joined by '|'.  False: no memory. */
bool config_expression_layer(const struct config_sink *, struct config_span, struct config_layer *out, bool *faulty);
bool config_expression(const struct config_sink *, const struct config_node *line, struct config_layers *out);
/* ",name=value..." behind the first comma. */
bool config_expression_given(
    const struct config_sink *, struct config_span rest, struct config_given **given, size_t *count, bool *faulty);

#endif
