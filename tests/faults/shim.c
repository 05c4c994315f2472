/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shim.c - stands between a program and its system calls (LD_PRELOAD), and lets one of them fail.
 *
 * Which one is said in a file that the test and the program share, FAULT_FILE: so the test arms it when it wants, sees
 * how many calls there were, and whether the fault has happened.  Only files, sockets and the standard descriptors are
 * touched: what a loop uses inside (pipes, eventfd) never fails in the world either.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* The calls, in the order of the numbers by which the test names them. */
#define CALLS(X)                                                                                                       \
	X(READ, "read")                                                                                                \
	X(RECV, "recv")                                                                                                \
	X(RECVMSG, "recvmsg")                                                                                          \
	X(RECVMMSG, "recvmmsg")                                                                                        \
	X(WRITE, "write")                                                                                              \
	X(SEND, "send")                                                                                                \
	X(SENDMSG, "sendmsg")                                                                                          \
	X(SENDMMSG, "sendmmsg")                                                                                        \
	X(ACCEPT, "accept4")                                                                                           \
	X(CONNECT, "connect")                                                                                          \
	X(SOCKET, "socket")                                                                                            \
	X(OPEN, "open")                                                                                                \
	X(CLOSE, "close")                                                                                              \
	X(FSYNC, "fsync")                                                                                              \
	X(RENAME, "rename")                                                                                            \
	X(UNLINK, "unlink")                                                                                            \
	X(MKDIR, "mkdir")                                                                                              \
	X(FLOCK, "flock")

#define NUMBER(number, name) number,
#define NAME(number, name)   name,
enum call { CALLS(NUMBER) KINDS };

/* Instead of an errno. */
enum { SHORT = -1, KILL = -2 };
#define ANY_CALL UINT32_MAX

struct control {
	_Atomic uint32_t armed; /* what follows holds */
	uint32_t call; /* or ANY_CALL */
	uint32_t first, times; /* from the FIRST-th on, TIMES times */
	int32_t error;
	_Atomic uint32_t met, happened; /* calls that it could have been; and that it was */
	_Atomic uint32_t seen[KINDS]; /* since it was armed */
};

__attribute__((visibility("default"))) const char *fault_name(unsigned call);
const char *fault_name(unsigned call)
{
	static const char *const names[] = { CALLS(NAME) };

	return call < KINDS ? names[call] : NULL;
}

static struct control *control;

/* Before the program's first call.  Its own calls are made without the functions below. */
__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("FAULT_FILE");
	int (*open_file)(const char *, int, ...) = NULL;
	void *found = dlsym(RTLD_NEXT, "open");
	int fd;

	memcpy(&open_file, &found, sizeof(found)); /* ISO C has no cast for it */
	fd = path != NULL ? open_file(path, O_RDWR | O_CLOEXEC) : -1;
	found = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	control = found != MAP_FAILED ? found : NULL;
	/* FD stays open: closing it would be a call. */
}

static bool touchable(int fd)
{
	struct stat file;
	int before = errno;
	bool is = fd <= STDERR_FILENO || (fstat(fd, &file) == 0 && (S_ISSOCK(file.st_mode) || S_ISREG(file.st_mode)));

	errno = before;
	return is;
}

static bool is_datagram(int fd)
{
	int type = 0, before = errno;
	socklen_t size = sizeof(type);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0)
		type = 0;
	errno = before;
	return type == SOCK_DGRAM;
}

/* What is to happen to this call: 0: nothing; or an errno, which is set; or SHORT. */
static int meet(enum call call)
{
	uint32_t met;

	if (control == NULL || !atomic_load(&control->armed))
		return 0;
	atomic_fetch_add(&control->seen[call], 1);
	if (control->call != ANY_CALL && control->call != call)
		return 0;
	met = atomic_fetch_add(&control->met, 1) + 1;
	if (met < control->first || met - control->first >= control->times)
		return 0;
	atomic_fetch_add(&control->happened, 1);
	if (control->error == KILL) {
		kill(getpid(), SIGKILL);
		pause();
	}
	if (control->error > 0)
		errno = control->error;
	return control->error;
}

static int meet_on(enum call call, int fd)
{
	return touchable(fd) ? meet(call) : 0;
}

/* Half of it, and of a byte all. */
static size_t some(size_t length)
{
	return length / 2 + length % 2;
}

/* The true function NAME, found once. */
#define TRUE_ONE(name)                                                                                                 \
	static __typeof__(name) *true_one;                                                                             \
	if (true_one == NULL) {                                                                                        \
		void *found = dlsym(RTLD_NEXT, #name);                                                                 \
		memcpy(&true_one, &found, sizeof(found));                                                              \
	}

#define EXPORT __attribute__((visibility("default")))

/* ---- Bytes ---- */

EXPORT ssize_t read(int fd, void *buffer, size_t length)
{
	TRUE_ONE(read)
	int fault = meet_on(READ, fd);

	return fault > 0 ? -1 : true_one(fd, buffer, fault == SHORT ? some(length) : length);
}

EXPORT ssize_t write(int fd, const void *buffer, size_t length)
{
	TRUE_ONE(write)
	int fault = meet_on(WRITE, fd);

	return fault > 0 ? -1 : true_one(fd, buffer, fault == SHORT ? some(length) : length);
}

EXPORT ssize_t recv(int fd, void *buffer, size_t length, int flags)
{
	TRUE_ONE(recv)
	int fault = meet_on(RECV, fd);

	return fault > 0 ? -1 : true_one(fd, buffer, fault == SHORT && !is_datagram(fd) ? some(length) : length, flags);
}

EXPORT ssize_t send(int fd, const void *buffer, size_t length, int flags)
{
	TRUE_ONE(send)
	int fault = meet_on(SEND, fd);

	return fault > 0 ? -1 : true_one(fd, buffer, fault == SHORT && !is_datagram(fd) ? some(length) : length, flags);
}

/* Some of the first piece of a stream's message; FIRST is where it is kept. */
static struct msghdr cut(const struct msghdr *message, struct iovec *first)
{
	struct msghdr out = *message;

	*first = message->msg_iov[0];
	for (size_t i = 0; first->iov_len == 0 && i < message->msg_iovlen; i++)
		*first = message->msg_iov[i];
	first->iov_len = some(first->iov_len);
	out.msg_iov = first;
	out.msg_iovlen = 1;
	return out;
}

EXPORT ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	TRUE_ONE(recvmsg)
	int fault = meet_on(RECVMSG, fd);
	struct iovec first;
	struct msghdr less;

	if (fault > 0)
		return -1;
	if (fault == 0 || is_datagram(fd))
		return true_one(fd, message, flags);
	less = cut(message, &first);
	return true_one(fd, &less, flags);
}

EXPORT ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	TRUE_ONE(sendmsg)
	int fault = meet_on(SENDMSG, fd);
	struct iovec first;
	struct msghdr less;

	if (fault > 0)
		return -1;
	if (fault == 0 || is_datagram(fd))
		return true_one(fd, message, flags);
	less = cut(message, &first);
	return true_one(fd, &less, flags);
}

EXPORT int recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout)
{
	TRUE_ONE(recvmmsg)
	int fault = meet_on(RECVMMSG, fd);

	return fault > 0 ? -1 : true_one(fd, messages, fault == SHORT ? (unsigned)some(count) : count, flags, timeout);
}

EXPORT int sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
	TRUE_ONE(sendmmsg)
	int fault = meet_on(SENDMMSG, fd);

	return fault > 0 ? -1 : true_one(fd, messages, fault == SHORT ? (unsigned)some(count) : count, flags);
}

/* ---- Descriptors ---- */

EXPORT int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
	TRUE_ONE(accept4)
	return meet_on(ACCEPT, fd) > 0 ? -1 : true_one(fd, address, length, flags);
}

EXPORT int connect(int fd, const struct sockaddr *address, socklen_t length)
{
	TRUE_ONE(connect)
	return meet_on(CONNECT, fd) > 0 ? -1 : true_one(fd, address, length);
}

EXPORT int socket(int family, int type, int protocol)
{
	TRUE_ONE(socket)
	return meet(SOCKET) > 0 ? -1 : true_one(family, type, protocol);
}

/* As Linux does it: whatever it answers, the descriptor is gone. */
EXPORT int close(int fd)
{
	TRUE_ONE(close)
	int fault = meet_on(CLOSE, fd), before = errno, closed = true_one(fd);

	if (fault <= 0)
		return closed;
	errno = before;
	return -1;
}

static mode_t mode_of(int flags, va_list more)
{
	return (flags & O_CREAT) ? va_arg(more, mode_t) : 0;
}

EXPORT int open(const char *path, int flags, ...)
{
	TRUE_ONE(open)
	va_list more;
	mode_t mode;

	va_start(more, flags);
	mode = mode_of(flags, more);
	va_end(more);
	return meet(OPEN) > 0 ? -1 : true_one(path, flags, mode);
}

EXPORT int open64(const char *path, int flags, ...) __attribute__((alias("open")));

EXPORT int openat(int folder, const char *path, int flags, ...)
{
	TRUE_ONE(openat)
	va_list more;
	mode_t mode;

	va_start(more, flags);
	mode = mode_of(flags, more);
	va_end(more);
	return meet(OPEN) > 0 ? -1 : true_one(folder, path, flags, mode);
}

/* ---- Files ---- */

EXPORT int fsync(int fd)
{
	TRUE_ONE(fsync)
	return meet(FSYNC) > 0 ? -1 : true_one(fd);
}

EXPORT int rename(const char *from, const char *to)
{
	TRUE_ONE(rename)
	return meet(RENAME) > 0 ? -1 : true_one(from, to);
}

EXPORT int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
	TRUE_ONE(renameat2)
	return meet(RENAME) > 0 ? -1 : true_one(from_folder, from, to_folder, to, flags);
}

EXPORT int unlink(const char *path)
{
	TRUE_ONE(unlink)
	return meet(UNLINK) > 0 ? -1 : true_one(path);
}

EXPORT int mkdir(const char *path, mode_t mode)
{
	TRUE_ONE(mkdir)
	return meet(MKDIR) > 0 ? -1 : true_one(path, mode);
}

EXPORT int flock(int fd, int operation)
{
	TRUE_ONE(flock)
	return meet(FLOCK) > 0 ? -1 : true_one(fd, operation);
}
