/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stage.c - what plays and scenes share: checkpoints, and steps.
 *
 * What handles keys runs on a stack of its own every time, so that no later call hides what an earlier one has left
 * there.
 */
#include "theatre.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <cmocka.h>

enum { STACK = 96 * 1024 };

uint32_t phase(unsigned n)
{
	return UINT32_C(1) << n;
}

void checkpoint(struct theatre *theatre, const char *name, uint32_t gone, uint32_t spent, uint32_t there)
{
	struct checkpoint point = { .gone = gone | phase(NEVER), .spent = spent, .there = there };
	char go;

	telling_epochs(theatre);
	if (theatre->telling != NULL)
		return;
	snprintf(point.name, sizeof(point.name), "%s", name);
	assert_int_equal(write(theatre->out, &point, sizeof(point)), sizeof(point));
	assert_int_equal(read(theatre->in, &go, 1), 1);
}

struct step {
	void (*run)(struct rig *, unsigned end);
	struct rig *rig;
	unsigned end;
	ucontext_t here, back;
};
static struct step now; /* what a context is given are ints only */

static void run_step(void)
{
	now.run(now.rig, now.end);
}

/* The stack is never used again, nor unmapped. */
void step(struct rig *rig, void (*run)(struct rig *, unsigned), unsigned end)
{
	void *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	assert_ptr_not_equal(stack, MAP_FAILED);
	now = (struct step){ .run = run, .rig = rig, .end = end };
	assert_int_equal(getcontext(&now.here), 0);
	now.here.uc_stack.ss_sp = stack;
	now.here.uc_stack.ss_size = STACK;
	now.here.uc_link = &now.back;
	makecontext(&now.here, run_step, 0);
	assert_int_equal(swapcontext(&now.back, &now.here), 0);
}
