/* SPDX-License-Identifier: Apache-2.0 */
/*
 * odd.c - a module that is good as it stands.  -DTABLE=… and -DMODULE=… override what its table and it itself say, -DTABLES=…
 * lists other tables, -DSYMBOL=… calls it otherwise, -DWANTS=… is a function that it needs, and -DMARK=… a file that it makes
 * as soon as any of it runs.
 */
#include <seccomm_module.h>

#include <fcntl.h>
#include <unistd.h>

#ifndef TABLE
#define TABLE .revision = 1
#endif
#ifndef MODULE
#define MODULE .version = "1.0"
#endif
#ifndef MARK
#define MARK ""
#endif
#ifndef SYMBOL
#define SYMBOL seccomm_module
#endif
#ifndef WANTS
#define WANTS getpid
#endif
#ifndef TABLES
#define TABLES &table
#endif

struct odd {
	struct seccomm_self self;
	uint32_t number;
	cactus_column column;
	const char *text;
};

extern int WANTS();
int (*const wanted)() = WANTS;

enum cactus_verdict pass(void *self, void *argument)
{
	(void)self;
	(void)argument;
	return CACTUS_NEXT;
}

__attribute__((constructor)) static void begin(void)
{
	int fd = MARK[0] ? open(MARK, O_WRONLY | O_CREAT, 0600) : -1;

	if (fd >= 0)
		close(fd);
}

const struct seccomm_mp table = {
	.cactus = { .name = "odd:one", .summary = "does nothing to messages", .size = sizeof(struct odd), .down = pass, .up = pass },
	.layer = "odd",
	.word = "one",
	.class_of = SECCOMM_PRIVACY,
	.standing = SECCOMM_TOY,
	.revision = 1,
	.wire = "body",
	TABLE,
};

const struct seccomm_mp *const tables[] = { TABLES, NULL };

const struct seccomm_module SYMBOL = { SECCOMM_MODULE_HEAD, .name = "odd", .version = "1.0", .tables = tables, MODULE };
