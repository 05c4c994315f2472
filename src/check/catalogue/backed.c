/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backed.c - the rules behind which there is an attack in tests/exploits: it wins on a stack that the rule is about, over this
 * library, and loses on a repair.  That test sees to it that this list is right.
 */
#include "check/check.h"

#include <string.h>

/* Rules of the checker; then what the design prevents, and what was won after the library had been weakened. */
static const char *const backed[] = {
	"SC104", "SC201", "SC202", "SC203", "SC204", "SC205", "SC206", "SC210", "SC211", "SC212", "SC213", "SC215",
	"SC217", "SC219", "SC220", "SC221", "SC222", "SC223", "SC301", "SC304", "SC305", "SC307", "SC308", "SC407",
	"SC411", "SC415", "SC508", "SC509", "SC511", "SC601", "SC602", "SC605", "SC607", "SC701", "SC702", "SC711",
	"SC713", "SC715", "SC716",
	"SC105", "SC106", "SC107", "SC208", "SC502", "SC503", "SC504", "SC505", "SC510", "SC603", "SC604", "SC802",
	NULL
};

bool check_backed(const char *id)
{
	size_t i = 0;

	while (backed[i] && strcmp(backed[i], id) != 0)
		i++;
	return backed[i];
}
