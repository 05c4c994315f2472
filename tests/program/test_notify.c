/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: the service manager gets what sd_notify(3) describes, by path and by abstract name; the variables are gone
 * after; without them, or with a manager that is gone, nothing is sent and nothing breaks. */
#include "cli/notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* Binds a manager's socket and sets NOTIFY_SOCKET to it. */
static int manager(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	memcpy(address.sun_path, name, strlen(name));
	if (*name == '@')
		address.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (const struct sockaddr *)&address,
			     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))),
	    0);
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
	return fd;
}

static const char *received(int fd)
{
	static char text[1024];
	ssize_t n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static unsigned long long monotonic_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (unsigned long long)now.tv_sec * 1000000 + (unsigned long long)now.tv_nsec / 1000;
}

static void tell(const char *name)
{
	unsigned long long before = monotonic_us(), at = 0;
	struct notify notify;
	int fd = manager(name);

	notify_open(&notify);
	assert_null(getenv("NOTIFY_SOCKET"));
	notify_send(&notify, "READY=1\nSTATUS=%d sessions", 2);
	assert_string_equal(received(fd), "READY=1\nSTATUS=2 sessions");
	notify_reloading(&notify);
	assert_int_equal(sscanf(received(fd), "RELOADING=1\nMONOTONIC_USEC=%llu", &at), 1);
	assert_true(at >= before && at <= monotonic_us());
	close(fd);
	notify_send(&notify, "STOPPING=1"); /* nobody is there any more */
	notify_close(&notify);
}

static void test_told(void **state)
{
	char folder[] = "/tmp/seccomm-notify-XXXXXX", path[64], name[64];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/manager", folder);
	snprintf(name, sizeof(name), "@%s", folder);
	tell(path);
	tell(name);
	unlink(path);
	rmdir(folder);
}

static void test_nobody(void **state)
{
	static const char *const names[] = { "", "relative", "@", "/", "vsock:2:1" };
	char too_long[200] = "/";
	struct notify notify;

	(void)state;
	unsetenv("NOTIFY_SOCKET");
	notify_open(&notify);
	assert_int_equal(notify.fd, -1);
	notify_send(&notify, "READY=1");
	notify_reloading(&notify);
	notify_close(&notify);
	memset(too_long + 1, 'x', sizeof(too_long) - 2);
	for (size_t i = 0; i <= sizeof(names) / sizeof(names[0]); i++) {
		setenv("NOTIFY_SOCKET", i < sizeof(names) / sizeof(names[0]) ? names[i] : too_long, 1);
		notify_open(&notify);
		assert_int_equal(notify.fd, -1);
		assert_null(getenv("NOTIFY_SOCKET"));
	}
}

static uint64_t watchdog(const char *period, const char *pid)
{
	struct notify notify;

	setenv("NOTIFY_SOCKET", "/nowhere", 1);
	setenv("WATCHDOG_USEC", period, 1);
	pid ? setenv("WATCHDOG_PID", pid, 1) : unsetenv("WATCHDOG_PID");
	notify_open(&notify);
	notify_close(&notify);
	assert_null(getenv("WATCHDOG_USEC"));
	assert_null(getenv("WATCHDOG_PID"));
	return notify.watchdog_us;
}

static void test_watchdog(void **state)
{
	char own[24];

	(void)state;
	snprintf(own, sizeof(own), "%ld", (long)getpid());
	assert_int_equal(watchdog("3000000", NULL), 3000000);
	assert_int_equal(watchdog("3000000", own), 3000000);
	assert_int_equal(watchdog("3000000", "1"), 0);
	assert_int_equal(watchdog("x", NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_told), cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_watchdog) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
