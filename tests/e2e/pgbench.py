# SPDX-License-Identifier: Apache-2.0
"""Goal: a database behind SecComm: pgbench and psql see no error while the keys change, the books balance; and when the server is
killed in the midst of it they see an error, not a hang, and the database is as whole as before.

The cluster is a throw-away one, on a UNIX socket, of a user who may do nothing else."""
import collections
import glob
import os
import re
import signal
import subprocess

from datagram_support import until
from support import PATIENCE, Middle, Rule, Scene, Skip, case, check, contains, fields, main, needs, say

REKEY = "rekey: {messages: 100}"
BOOKS = ("select count(*), coalesce(sum(delta), 0), (select sum(abalance) from pgbench_accounts), "
         "(select sum(bbalance) from pgbench_branches), (select sum(tbalance) from pgbench_tellers) from pgbench_history")


def tool(name):
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))
    if not found:
        raise Skip(f"PostgreSQL's {name} is not installed on this machine")
    return found[-1]


def postgres(scene):
    """A cluster of its own: the URL of its socket.  It refuses to be root, so root gives it to nobody."""
    home, private = scene.path("pg"), ["setpriv", "--pdeathsig", "INT"]
    os.mkdir(home)
    if os.geteuid() == 0:
        needs("setpriv")
        os.chmod(scene.folder, 0o711)
        os.chown(home, 65534, 65534)
        private += ["--reuid", "65534", "--regid", "65534", "--clear-groups"]
    data = os.path.join(home, "data")
    done = subprocess.run([*private, tool("initdb"), "-D", data, "-U", "bank", "-A", "trust", "-N", "--no-instructions"],
                          cwd=home, capture_output=True, text=True, timeout=100)
    check(done.returncode == 0, done.stdout + done.stderr)
    p = scene.other(*private, tool("postgres"), "-D", data, "-c", "listen_addresses=", "-c", f"unix_socket_directories={home}",
                    "-c", "unix_socket_permissions=0700", "-c", "fsync=off", cwd=home)

    def end():  # which leaves no shared memory behind
        p.signal(signal.SIGINT)
        p.wait()
    scene.closers.append(end)
    p.wait_line("ready to accept connections")
    return f"unix:{home}/.s.PGSQL.5432"


class Bank:
    """PostgreSQL, and the way to it through a server and a client; between them is an address that stays."""

    def __init__(self, scene):
        self.scene = scene
        self.database = postgres(scene)
        scene.hosts()
        self.server, wire = scene.server(self.database, field=REKEY)
        self.middle = Middle(scene, wire, lambda number: (Rule(), Rule()))
        self.client, url = scene.client(self.middle.url, field=REKEY)
        _, host, port = url.split(":")
        self.options = ["-h", host, "-p", port, "-U", "bank"]
        self.run("pgbench", "-i", "-q")

    def start(self, name, *arguments):
        process = subprocess.Popen([tool(name), *self.options, *arguments, "postgres"], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.scene.folder,
                                   env={**os.environ, "LC_ALL": "C"})
        self.scene.closers.append(process.kill)
        return process

    def run(self, name, *arguments, seconds=100):
        process = self.start(name, *arguments)
        out, error = process.communicate(timeout=seconds)
        check(process.returncode == 0, f"{name} {arguments} ended with {process.returncode}:\n{out}\n{error}")
        check(not re.search("error|fatal", error, re.I), error)
        return out

    def ask(self, query):
        return self.run("psql", "-X", "-At", "-F", " ", "-c", query)

    def books(self):
        """How many entries the history has; all tables tell of the same sum."""
        out = self.ask(BOOKS)
        entries, *sums = map(int, out.split())
        check(len(set(sums)) == 1, f"the books do not balance: {out}")
        return entries


@case("pgbench: 8 connections with 200 transactions each, keys changing all the while: no error, and the books balance")
def transactions():
    with Scene() as scene:
        bank = Bank(scene)
        seen = len(bank.client.lines)
        out = bank.run("pgbench", "-n", "-c", "8", "-j", "2", "-t", "200")
        contains(out, "transactions actually processed: 1600/1600", "failed transactions: 0")
        check(bank.books() == 1600, "not every transaction is in the history")
        lines = [fields(line) for line in bank.client.lines[seen:] if "event=renewed" in line]
        changes = collections.Counter(line["connection"] for line in lines)
        say(re.search(r"tps = .*", out).group() + f"; changes of keys by connection: {dict(changes)}")
        check(len(changes) == 8 and min(changes.values()) >= 5, "the keys did not change on every connection all the while")
        check(bank.server.count("event=alert") == bank.client.count("event=alert") == 0, "a word about an attack")


@case("the seccomm server is killed amid transactions: pgbench says so and ends; the next one works, the books balance")
def killed():
    with Scene() as scene:
        bank = Bank(scene)
        pgbench = bank.start("pgbench", "-n", "-c", "8", "-j", "2", "-t", "1000000")
        while bank.books() < 100:
            check(pgbench.poll() is None, "pgbench has ended")
        bank.server.kill()
        out, error = pgbench.communicate(timeout=PATIENCE)
        check(pgbench.returncode != 0, f"pgbench noticed nothing: {out}")
        contains(error, "client 0 aborted", "client 7 aborted")
        say(error.strip().splitlines()[0])
        bank.server, bank.middle.target = scene.server(bank.database, field=REKEY)
        until(lambda: bank.ask("select count(*) from pg_stat_activity where backend_type = 'client backend'") == "1\n")
        before = bank.books()
        bank.run("pgbench", "-n", "-c", "8", "-j", "2", "-t", "50")
        say(f"{before} transactions before, {bank.books()} after")
        check(bank.books() == before + 400, "not every transaction is in the history")


main()
