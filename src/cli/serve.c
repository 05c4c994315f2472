/* SPDX-License-Identifier: Apache-2.0 */
/* serve.c - the life of `run`, `server` and `client`: beginning, signals, the service manager, and an orderly end. */
#include "cli/serve.h"
#include "cli/control/place.h"
#include "cli/control/socket.h"
#include "cli/pads.h"
#include "cli/program.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { DRAIN_MS = 5000, EXIT_AT_ONCE = 130 };

/* What the options say. */
struct wishes {
	unsigned drain_ms;
	enum log_form form;
	const char *control; /* or NULL: the usual place */
	bool no_control;
};
struct server {
	struct program program;
	struct control_socket *socket;
	bool terminal; /* SIGHUP may mean that it has closed */
	bool told; /* to end, by a signal: another one means at once */
};

/* ---- Signals ---- */

/* A terminal that closes takes itself away from its processes; for one that ignores SIGHUP (nohup) it has no meaning.
 */
static bool has_terminal(void)
{
	int fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool is_hang_up_fatal(void)
{
	struct sigaction action;

	return sigaction(SIGHUP, NULL, &action) == 0 && action.sa_handler != SIG_IGN && has_terminal();
}

static void reload(struct program *program)
{
	struct reload reload;

	program_reload(program, &reload);
	reload_free(&reload);
}

static void signalled(void *context, int number)
{
	struct server *server = context;
	bool gone = number == SIGHUP && server->terminal && !has_terminal();

	if (number == SIGHUP && !gone) {
		reload(&server->program);
		return;
	}
	if (server->told) {
		control_socket_close(server->socket);
		_exit(EXIT_AT_ONCE);
	}
	server->told = true;
	program_drain(&server->program, server->program.drain_ms,
	    number == SIGINT ? "SIGINT"
	    : gone           ? "SIGHUP"
			     : "SIGTERM");
}

/* ---- The beginning ---- */

void serve_prepare_process(void)
{
	struct rlimit files;

	signal(SIGPIPE, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

/*
 * A program that was told where its control socket is to be does not run without; one that has no usual place, or none
 * that it can use, does.  Where another one lives already, it is most often the same thing started twice.
 */
static bool open_control(struct server *server, const struct wishes *wishes)
{
	struct complaints complaints = { .count = 0 };
	const char *name = server->program.source.name;
	char path[CONTROL_PATH_MAX];
	bool taken = false, told = wishes->control != NULL;

	if (wishes->no_control)
		return true;
	if (told || control_usual_path(&complaints, name, path))
		server->socket =
		    control_socket_open(&server->program, told ? wishes->control : path, &complaints, &taken);
	for (size_t i = 0; i < complaints.count && (told || taken); i++)
		cli_complain_error(&complaints.list[i]);
	for (size_t i = 0; i < complaints.count && !told && !taken; i++)
		journal_trouble(&server->program.journal, LOG_WARNING_LEVEL, "no-control", complaints.list[i].text,
		    complaints.list[i].remedy);
	return server->socket || (!told && !taken);
}

static void alive(void *context)
{
	notify_send(context, "WATCHDOG=1");
}

/* Twice as often as wanted, so that one may be late. */
static void start_watchdog(struct program *program)
{
	uint64_t period_ms = program->notify.watchdog_us / 2000;

	if (!period_ms)
		return;
	program->watchdog = transport_timer_new(program->loop, alive, &program->notify);
	if (program->watchdog)
		transport_timer_set(program->watchdog, period_ms, period_ms);
}

static int run(struct server *server, struct setup *setup, const struct wishes *wishes)
{
	struct program *program = &server->program;

	/* Before the first log line: who reads it may send a signal at once. */
	if (transport_loop_signals(program->loop, signalled, server) < 0) {
		cli_complain("signals cannot be caught");
		return CLI_FAILED;
	}
	journal_modules(&program->journal, program->library);
	if (!open_control(server, wishes) || !program_start(program, setup, NULL))
		return CLI_FAILED;
	if (server->socket)
		journal_simple(&program->journal, "control", "path", control_socket_path(server->socket));
	start_watchdog(program);
	notify_send(&program->notify, "READY=1\nSTATUS=%zu session%s", setup->count, setup->count == 1 ? "" : "s");
	transport_loop_run(program->loop);
	notify_send(&program->notify, "STOPPING=1\nSTATUS=stopping");
	return CLI_OK;
}

static int serve_setup(
    struct seccomm *library, const struct setup_source *source, struct setup *setup, const struct wishes *wishes)
{
	struct server server = { .terminal = is_hang_up_fatal() };
	struct transport_loop *loop;
	int status;

	serve_prepare_process();
	loop = transport_loop_new();
	if (!loop) {
		cli_complain("out of memory");
		return CLI_FAILED;
	}
	program_init(&server.program, library, loop, source);
	log_open(&server.program.journal.log, STDERR_FILENO, wishes->form);
	notify_open(&server.program.notify);
	server.program.drain_ms = wishes->drain_ms;
	status = run(&server, setup, wishes);
	program_free(&server.program);
	control_socket_close(server.socket);
	if (status == CLI_OK)
		journal_simple(&server.program.journal, "stopped", NULL, NULL);
	notify_close(&server.program.notify);
	if (!transport_loop_free(loop)) /* exit() would wait for the name that is being looked up */
		_exit(status);
	return status;
}

/* ---- Options and findings ---- */

void serve_findings(const struct check_result *result, const char *text, size_t length)
{
	bool colour = isatty(STDERR_FILENO) && !getenv("NO_COLOR");

	for (size_t i = 0; i < result->finding_count; i++) {
		char *shown = check_finding_text(result, &result->findings[i], text, length, colour);

		fputs(shown ? shown : result->findings[i].message, stderr);
		free(shown);
	}
}

bool serve_drain(const char *text, unsigned *milliseconds)
{
	if (cli_duration(text, milliseconds))
		return true;
	cli_complain("'%s' is not a time; write 500ms, 5s or 2m", text);
	return false;
}

static bool read_wishes(const struct cli *cli, struct wishes *out)
{
	const char *drain = cli_value(cli, "drain"), *form = cli_value(cli, "log");

	*out = (struct wishes){
		.drain_ms = DRAIN_MS, .control = cli_value(cli, "control"), .no_control = cli_has(cli, "no-control")
	};
	if (drain && !serve_drain(drain, &out->drain_ms))
		return false;
	if (form && !log_form_read(form, &out->form)) {
		cli_complain("there is no form '%s' of a log; the forms are logfmt and json", form);
		return false;
	}
	if (out->control && out->no_control)
		cli_complain("--control and --no-control do not go together");
	return !out->control || !out->no_control;
}

int serve(const struct cli *cli, const struct setup_source *source)
{
	struct setup_source with_pads = *source;
	struct wishes wishes;
	struct seccomm *library;
	struct setup *setup;
	int status;

	if (!read_wishes(cli, &wishes))
		return CLI_USAGE;
	status = cli_library_with_modules(cli, &library);
	if (status != CLI_OK)
		return status;
	status = CLI_FAILED;
	with_pads.pads = pads_new(source->home);
	setup = with_pads.pads ? setup_read(library, &with_pads, false, NULL) : NULL;
	if (setup) {
		if (setup->judged.result)
			serve_findings(setup->judged.result, setup->text, setup->length);
		status = setup_ready(setup) ? serve_setup(library, &with_pads, setup, &wishes) : CLI_USAGE;
	}
	setup_release(setup);
	pads_free(with_pads.pads);
	seccomm_free(library);
	return status;
}
