/* SPDX-License-Identifier: Apache-2.0 */
/* passphrase.c - asking for a passphrase (see passphrase.h). */
#include "cli/passphrase.h"
#include "cli/cli.h"
#include "cli/home.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

/* Signals that would leave the terminal without an echo.  Here they end the question instead, and with it the command. */
static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
enum { SIGNALS = sizeof(signals) / sizeof(signals[0]) };

/* That there is a handler is what makes read() return. */
static void interrupt(int number)
{
	(void)number;
}

/* One line from the terminal, without its end. */
static bool line(const char *prompt, char out[PASSPHRASE_ROOM], size_t *length)
{
	ssize_t n;

	fprintf(stderr, "%s: ", prompt);
	fflush(stderr);
	n = read(STDIN_FILENO, out, PASSPHRASE_ROOM);
	fputc('\n', stderr);
	if (n <= 0 || out[n - 1] != '\n')
		return false;
	*length = (size_t)n - 1;
	return true;
}

static bool ask(char out[PASSPHRASE_ROOM], size_t *length)
{
	char again[PASSPHRASE_ROOM];
	size_t again_length = 0;
	bool read = line("passphrase", out, length) && line("the same again", again, &again_length);
	bool same = read && *length == again_length && memcmp(out, again, again_length) == 0;

	explicit_bzero(again, sizeof(again));
	if (!same)
		cli_complain(read ? "the two are not the same" : "no passphrase was typed");
	return same;
}

static bool ask_unseen(char out[PASSPHRASE_ROOM], size_t *length)
{
	const struct sigaction stop = { .sa_handler = interrupt };
	struct sigaction before[SIGNALS];
	struct termios shown, hidden;
	bool good;

	if (tcgetattr(STDIN_FILENO, &shown) < 0) {
		cli_complain("the terminal cannot be asked: %s", strerror(errno));
		return false;
	}
	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &stop, &before[i]);
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	hidden.c_lflag |= ICANON;
	good = tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0;
	if (good)
		good = ask(out, length);
	else
		cli_complain("the terminal cannot be made to show nothing: %s", strerror(errno));
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &before[i], NULL);
	return good;
}

/* What some editors put in front of a file; who types the same words types none. */
static size_t mark_length(const char *text)
{
	static const char mark[] = "\xef\xbb\xbf";

	return strncmp(text, mark, sizeof(mark) - 1) == 0 ? sizeof(mark) - 1 : 0;
}

static bool first_line(enum home_access access, char out[PASSPHRASE_ROOM], size_t *length)
{
	char *text;
	size_t all, mark;
	bool zero, fits;

	if (home_read_from(NULL, STDIN_FILENO, "standard input", access, &text, &all) != HOME_OK)
		return false;
	mark = mark_length(text);
	*length = strcspn(text + mark, "\n");
	/* The end of a line of another system: else the same words in its file were another passphrase. */
	*length -= *length > 0 && text[mark + *length - 1] == '\r';
	zero = memchr(text, '\0', all) != NULL;
	fits = *length < PASSPHRASE_ROOM && !zero;
	if (fits) {
		memcpy(out, text + mark, *length);
	} else {
		cli_complain("the first line of standard input is no passphrase: it %s",
		    zero ? "has a zero byte in it" : "is longer than one may be");
		cli_help_line(zero ? "save it as UTF-8 text, not as UTF-16" : "a passphrase has 16 to 1024 bytes");
	}
	home_wipe(text, all);
	return fits;
}

bool passphrase_read(char out[PASSPHRASE_ROOM], size_t *length)
{
	struct stat file;

	if (isatty(STDIN_FILENO))
		return ask_unseen(out, length);
	return first_line(fstat(STDIN_FILENO, &file) == 0 && S_ISREG(file.st_mode) ? HOME_SECRET : HOME_INPUT, out, length);
}
