/* SPDX-License-Identifier: Apache-2.0 */
/* loop.c - the event loop: signals, stopping from another thread, and taking buffers back from idle holders.
 */
#include "transport/datagram.h"

#include <signal.h>
#include <stdlib.h>

enum { SWEEP_MS = 1000 };

uint64_t transport_now_us(void)
{
	const struct cactus_platform *platform = seccomm_platform_default();

	return platform->monotonic_us(platform->context);
}

static void stopped(uv_async_t *handle)
{
	uv_stop(handle->loop);
}

static void signalled(uv_signal_t *handle, int number)
{
	struct transport_loop *loop = handle->data;

	loop->on_signal(loop->signal_context, number);
}

/* Who did not use its buffers since the last time loses them; while nobody has any, nothing wakes up. */
static void sweep(uv_timer_t *handle)
{
	struct transport_loop *loop = handle->data;
	struct transport_warm *warm = TAILQ_FIRST(&loop->warm), *next;

	for (; warm; warm = next) {
		next = TAILQ_NEXT(warm, all);
		if (!warm->used)
			warm->cool(warm);
		warm->used = false;
	}
	if (TAILQ_EMPTY(&loop->warm))
		uv_timer_stop(handle);
	else
		uv_timer_start(handle, sweep, SWEEP_MS, 0);
}

void transport_loop_warm(struct transport_loop *loop, struct transport_warm *warm)
{
	warm->used = true;
	if (warm->listed)
		return;
	warm->listed = true;
	TAILQ_INSERT_TAIL(&loop->warm, warm, all);
	if (!uv_is_active((uv_handle_t *)&loop->sweep))
		uv_timer_start(&loop->sweep, sweep, SWEEP_MS, 0);
}

void transport_loop_cooled(struct transport_loop *loop, struct transport_warm *warm)
{
	if (warm->listed)
		TAILQ_REMOVE(&loop->warm, warm, all);
	warm->listed = false;
}

struct transport_loop *transport_loop_new(void)
{
	struct transport_loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return NULL;
	loop->buffer = malloc(TRANSPORT_READ);
	if (!loop->buffer || uv_loop_init(&loop->uv) < 0)
		goto free_memory;
	if (uv_async_init(&loop->uv, &loop->stop, stopped) < 0)
		goto close_loop;
	TAILQ_INIT(&loop->warm);
	uv_signal_init(&loop->uv, &loop->interrupt);
	uv_signal_init(&loop->uv, &loop->terminate);
	uv_signal_init(&loop->uv, &loop->hang_up);
	uv_timer_init(&loop->uv, &loop->sweep);
	loop->interrupt.data = loop->terminate.data = loop->hang_up.data = loop->sweep.data = loop;
	return loop;
close_loop:
	uv_loop_close(&loop->uv);
free_memory:
	free(loop->buffer);
	free(loop);
	return NULL;
}

bool transport_loop_free(struct transport_loop *loop)
{
	if (!loop)
		return true;
	uv_run(&loop->uv, UV_RUN_NOWAIT);
	if (loop->lookups)
		return false;
	uv_close((uv_handle_t *)&loop->stop, NULL);
	uv_close((uv_handle_t *)&loop->interrupt, NULL);
	uv_close((uv_handle_t *)&loop->terminate, NULL);
	uv_close((uv_handle_t *)&loop->hang_up, NULL);
	uv_close((uv_handle_t *)&loop->sweep, NULL);
	while (uv_loop_close(&loop->uv) == UV_EBUSY)
		uv_run(&loop->uv, UV_RUN_ONCE);
	datagram_batch_free(loop->batch);
	free(loop->buffer);
	free(loop);
	return true;
}

int transport_loop_signals(struct transport_loop *loop, void (*act)(void *context, int signal), void *context)
{
	loop->on_signal = act;
	loop->signal_context = context;
	if (uv_signal_start(&loop->interrupt, signalled, SIGINT) < 0)
		return -1;
	if (uv_signal_start(&loop->hang_up, signalled, SIGHUP) < 0)
		return -1;
	return uv_signal_start(&loop->terminate, signalled, SIGTERM) < 0 ? -1 : 0;
}

void transport_loop_run(struct transport_loop *loop)
{
	uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void transport_loop_stop(struct transport_loop *loop)
{
	uv_async_send(&loop->stop);
}
