/* SPDX-License-Identifier: Apache-2.0 */
/* queue.c - bytes in order, waiting for a socket to take them. */
#include "transport/private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool transport_queue_reserve(struct transport_queue *queue, size_t length)
{
	size_t room = queue->length + length;
	uint8_t *bytes;

	if (queue->start + room <= queue->room)
		return true;
	bytes = malloc(room);
	if (!bytes)
		return false;
	if (queue->length)
		memcpy(bytes, queue->bytes + queue->start, queue->length);
	free(queue->bytes);
	*queue = (struct transport_queue){ .bytes = bytes, .length = queue->length, .room = room };
	return true;
}

bool transport_queue_append(struct transport_queue *queue, const void *bytes, size_t length)
{
	if (!transport_queue_reserve(queue, length))
		return false;
	memcpy(queue->bytes + queue->start + queue->length, bytes, length);
	queue->length += length;
	return true;
}

int transport_queue_flush(struct transport_queue *queue, int fd)
{
	while (queue->length) {
		ssize_t n = send(fd, queue->bytes + queue->start, queue->length, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		queue->start += (size_t)n;
		queue->length -= (size_t)n;
	}
	transport_queue_free(queue);
	return 0;
}

void transport_queue_free(struct transport_queue *queue)
{
	free(queue->bytes);
	*queue = (struct transport_queue){ .bytes = NULL };
}
