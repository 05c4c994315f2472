# SPDX-License-Identifier: Apache-2.0
"""support.py - what the end-to-end tests share: processes that end with the test, lines waited for with a deadline,
keys for two hosts, plain programs at both ends, an attacker on the wire, and TAP.

Nothing here sleeps to let something happen: it waits for a line, an event, a readable socket or a process, with a deadline."""
import atexit
import functools
import hashlib
import itertools
import os
import random
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback

PATIENCE = 30.0  # seconds; for things that happen at once on an idle machine


class Skip(Exception):
    """A peer program is not here; the reason is told."""


# ---- TAP ---------------------------------------------------------------------------------------------------------------

_cases = []


def case(name):
    def register(function):
        _cases.append((name, function))
        return function
    return register


def program():
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} PROGRAM [PART OF A CASE'S NAME]")
    return os.path.abspath(sys.argv[1])


def needs(*programs):
    for name in programs:
        if not find(name):
            raise Skip(f"{name} is not installed on this machine")


def find(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/local/sbin")


_print_lock = threading.Lock()


def say(text):
    """A diagnostic line of TAP."""
    with _print_lock:
        for line in str(text).splitlines() or [""]:
            print("# " + line, flush=True)


def _run_one(name, function):
    began = time.monotonic()
    try:
        function()
        return f"ok {{}} - {name}", "", time.monotonic() - began
    except Skip as reason:
        return f"ok {{}} - {name} # SKIP {reason}", "", 0
    except BaseException:
        return f"not ok {{}} - {name}", traceback.format_exc(), time.monotonic() - began


def main(parallel=1):
    """Runs the registered cases, PARALLEL at a time, and answers by the process's status."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 16384), hard))
    if not os.access(program(), os.X_OK):
        print(f"Bail out! {program()} is no program")
        sys.exit(1)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    chosen = [c for c in _cases if len(sys.argv) < 3 or sys.argv[2] in c[0]]
    results = {}
    slots = threading.Semaphore(parallel)

    def work(index, name, function):
        with slots:
            results[index] = _run_one(name, function)

    if parallel == 1:
        for i, (name, function) in enumerate(chosen):
            work(i, name, function)
            _tell(i, results[i])
    else:
        threads = [threading.Thread(target=work, args=(i, *c), daemon=True) for i, c in enumerate(chosen)]
        for t in threads:
            t.start()
        for i, t in enumerate(threads):
            t.join()
            _tell(i, results[i])
    print(f"1..{len(chosen)}", flush=True)
    sys.exit(any(line.startswith("not") for line, _, _ in results.values()))


def _tell(index, result):
    line, trouble, seconds = result
    with _print_lock:
        print(line.format(index + 1), flush=True)
    if "# SKIP" in line:
        print("SKIPPED: " + line, file=sys.stderr, flush=True)
    if trouble:
        say(trouble)
    say(f"{seconds:.1f} s")


def check(condition, text):
    if not condition:
        raise AssertionError(text() if callable(text) else text)


def contains(text, *parts):
    """Every part (a regular expression, case ignored) is in TEXT."""
    for part in parts:
        check(re.search(part, text, re.I | re.S), f"/{part}/ is not in:\n{text}")


# ---- Processes ---------------------------------------------------------------------------------------------------------

_alive = set()
_runs = itertools.count(1)


@functools.cache
def _runtime():
    return tempfile.mkdtemp(prefix="sc-run-")


@atexit.register
def _kill_all():
    for process in list(_alive):
        process.kill()
    if _runtime.cache_info().currsize:
        shutil.rmtree(_runtime(), ignore_errors=True)


def environment():
    """Each program has a runtime directory of its own, and so its control socket's usual place."""
    env = dict(os.environ)
    env["RUNTIME_DIRECTORY"] = f"{_runtime()}/{next(_runs)}"
    # Freed memory that the sanitizer keeps would hide the bounds on memory that are tested here.
    env["ASAN_OPTIONS"] = ":".join(filter(None, [env.get("ASAN_OPTIONS"), "quarantine_size_mb=8", "thread_local_quarantine_size_kb=64"]))
    env["UBSAN_OPTIONS"] = ":".join(filter(None, [env.get("UBSAN_OPTIONS"), "print_stacktrace=1", "halt_on_error=1"]))
    env["LC_ALL"] = "C"
    return env


def fields(line):
    """The pairs of a logfmt line."""
    out = {}
    for key, quoted, bare in re.findall(r'([\w.-]+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))', line):
        out[key] = re.sub(r"\\(.)", r"\1", quoted) if quoted else bare
    return out


class Process:
    """A program whose standard error is kept, line by line, and can be waited for."""

    def __init__(self, arguments, stdout=subprocess.DEVNULL, stderr=None, cwd=None, env=None):
        self.arguments = arguments
        self.lines = []
        self.changed = threading.Condition()
        self.done = False
        self.popen = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=stdout,
                                      stderr=subprocess.PIPE if stderr is None else stderr, env=env or environment(), cwd=cwd)
        _alive.add(self.popen)
        self.reader = None
        if stderr is None:
            self.reader = threading.Thread(target=self._read, daemon=True)
            self.reader.start()

    def _read(self):
        for raw in self.popen.stderr:
            with self.changed:
                self.lines.append(raw.decode("utf-8", "replace").rstrip("\n"))
                self.changed.notify_all()
        with self.changed:
            self.done = True
            self.changed.notify_all()

    @property
    def pid(self):
        return self.popen.pid

    def text(self):
        with self.changed:
            return "\n".join(self.lines)

    def wait_line(self, *parts, seconds=PATIENCE, after=0):
        """The first line, from line number AFTER on, that has every one of PARTS (regular expressions)."""
        deadline = time.monotonic() + seconds
        seen = after
        with self.changed:
            while True:
                for line in self.lines[seen:]:
                    if all(re.search(p, line, re.I) for p in parts):
                        return line
                seen = len(self.lines)
                left = deadline - time.monotonic()
                if self.done or left <= 0:
                    why = "it ended" if self.done else "none came in time"
                    raise AssertionError(f"no line with {parts} ({why}) from {self.arguments}:\n" + "\n".join(self.lines[-60:]))
                self.changed.wait(left)

    def count(self, *parts):
        with self.changed:
            return sum(all(re.search(p, line, re.I) for p in parts) for line in self.lines)

    def wait(self, seconds=PATIENCE):
        try:
            status = self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.arguments} did not end within {seconds} s:\n{self.text()}") from None
        _alive.discard(self.popen)
        if self.reader:
            self.reader.join(seconds)
        return status

    def signal(self, number):
        self.popen.send_signal(number)

    def kill(self):
        self.popen.kill()
        self.wait()

    def stop(self):
        """SIGTERM, and it must go: status 0, no word of a sanitizer."""
        if self.popen.poll() is None:
            self.signal(signal.SIGTERM)
        status = self.wait()
        self.check_sane()
        check(status == 0, f"{self.arguments} ended with status {status}:\n{self.text()[-6000:]}")

    def check_sane(self):
        text = self.text()
        check(not re.search("Sanitizer|runtime error:", text), lambda: f"{self.arguments}:\n{text[-8000:]}")

    def memory(self):
        """Resident bytes."""
        with open(f"/proc/{self.pid}/status") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) * 1024
        raise AssertionError("no VmRSS")


def run(*arguments, status=None, stdout=None, seconds=60, cwd=None, env=None, given=None):
    """Runs seccomm to its end, with the text GIVEN as standard input: (status, standard output, standard error)."""
    source = {"stdin": subprocess.DEVNULL} if given is None else {"input": given.encode()}
    done = subprocess.run([program(), *arguments], **source, env=env or environment(), timeout=seconds, cwd=cwd,
                          stdout=subprocess.PIPE if stdout is None else stdout, stderr=subprocess.PIPE)
    out = (done.stdout or b"").decode("utf-8", "replace")
    error = done.stderr.decode("utf-8", "replace")
    check(not re.search("Sanitizer|runtime error:", error), f"{arguments}:\n{error}")
    check(done.returncode >= 0, f"{arguments} was killed by signal {-done.returncode}:\n{error}")
    if status is not None:
        check(done.returncode == status, f"{arguments} ended with {done.returncode}, not {status}:\n{out}\n{error}")
    return done.returncode, out, error


# ---- A scene: a temporary folder and all that runs in it ------------------------------------------------------------------

_making = threading.Lock()


def _made(client, server):
    """Two hosts that know each other, for scenes to copy: (folder, the client's public key, the server's)."""
    with _making:  # a cache alone would let two cases make them at once
        return _make(client, server)


@functools.cache
def _make(client, server):
    scene = Scene()
    scene.folder = os.path.join(_runtime(), f"{client}-{server}")
    os.mkdir(scene.folder)
    (client_home, client_key), (server_home, server_key) = scene.home(client), scene.home(server)
    run("peer", "add", server, server_key, "--home", client_home, status=0)
    run("peer", "add", client, client_key, "--home", server_home, status=0)
    return scene.folder, client_key, server_key


class Scene:
    """Ends every program it started: those not killed on purpose must end with 0 and without a sanitizer's word."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="sc-e2e-")
        self.processes = []
        self.closers = []
        return self

    def __exit__(self, kind, value, trace):
        trouble = None
        for close in reversed(self.closers):
            close()
        for process in reversed(self.processes):
            try:
                if process.popen.poll() is None and kind is None:
                    process.stop()
                elif process.popen.poll() is None:
                    process.kill()
                else:
                    process.wait()
                    process.check_sane()
            except AssertionError as error:
                process.popen.kill()
                trouble = trouble or error
        if kind is not None:
            for process in self.processes:
                say(f"---- {' '.join(process.arguments[1:6])} ...\n" + process.text()[-3000:])
        shutil.rmtree(self.folder, ignore_errors=True)
        if trouble and kind is None:
            raise trouble

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, text, mode=0o644):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def start(self, *arguments, **named):
        process = Process([program(), *arguments], **named)
        self.processes.append(process)
        return process

    def other(self, *arguments, **named):
        """A program that is not ours; it is killed at the end."""
        process = Process(list(arguments), **named)
        self.closers.append(process.kill)
        return process

    def home(self, name):
        """A host with its identity NAME: (folder, its public key)."""
        folder = self.path("home-" + name)
        _, out, _ = run("key", "gen", name, "--home", folder, status=0)
        key = re.search(r"\bsck1[a-z0-9]+", out)
        check(key, f"key gen printed no public key:\n{out}")
        return folder, key.group()

    def hosts(self, client="web1", server="db1"):
        """Two hosts that know each other."""
        self.client_name, self.server_name = client, server
        self.client_home, self.server_home = self.path("home-" + client), self.path("home-" + server)
        folder, self.client_key, self.server_key = _made(client, server)
        for home in (self.client_home, self.server_home):
            shutil.copytree(os.path.join(folder, os.path.basename(home)), home)

    def server(self, connect, *more, listen="tcp:127.0.0.1:0", **named):
        """A server in front of CONNECT: (process, its URL)."""
        return self._end(self.server_home, ["server", "--listen", listen, "--connect", connect, "--home", self.server_home,
                                            "--identity", self.server_name, "--peer", self.client_name, *more], **named)

    def client(self, connect, *more, listen="tcp:127.0.0.1:0", **named):
        return self._end(self.client_home, ["client", "--listen", listen, "--connect", connect, "--home", self.client_home,
                                            "--identity", self.client_name, "--peer", self.server_name, *more], **named)

    def _end(self, home, arguments, field=None, **named):
        """FIELD is one of the configuration file, for which there is no flag."""
        if field:
            _, text, _ = run(*arguments, "--print-config", status=0)
            file = self.write(os.path.join(home, "seccomm.yaml"), f"{text}    {field}\n")
            arguments = ["run", "-c", file, "--home", home]
        p = self.start(*arguments, **named)
        return p, bound(p) if p.reader else None

    def tunnel(self, backend, *more, listen="tcp:127.0.0.1:0"):
        """Both, and the URL to connect to."""
        if not hasattr(self, "client_home"):
            self.hosts()
        server, wire = self.server(backend, *more, listen=listen)
        client, url = self.client(wire, *more)
        return server, client, url


def bound(process):
    line = process.wait_line("event=listening")
    values = fields(line)
    for key in ("addr", "url", "listen"):
        if re.match("(tcp|unix|udp|unixgram):", values.get(key, "")):
            return values[key]
    raise AssertionError("no URL in: " + line)


def control(process):
    """Where the control socket of PROCESS is."""
    return fields(process.wait_line("event=control"))["path"]


# ---- Plain programs ----------------------------------------------------------------------------------------------------------


def connect(url, seconds=PATIENCE):
    kind, _, rest = url.partition(":")
    if kind == "unix":
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(seconds)
        s.connect(rest)
        return s
    host, _, port = rest.rpartition(":")
    return socket.create_connection((host.strip("[]") or "127.0.0.1", int(port)), seconds)


def receive(s, length):
    """Exactly LENGTH bytes."""
    out = bytearray()
    while len(out) < length:
        piece = s.recv(min(length - len(out), 1 << 18))
        if not piece:
            raise AssertionError(f"end of stream after {len(out)} of {length} bytes")
        out += piece
    return bytes(out)


def receive_end(s):
    """What comes until the end: (bytes, "end" or "reset")."""
    out = bytearray()
    try:
        while True:
            piece = s.recv(1 << 18)
            if not piece:
                return bytes(out), "end"
            out += piece
    except (ConnectionResetError, BrokenPipeError):
        return bytes(out), "reset"


def expect_reset(url, data):
    """A program that connects to URL and sends DATA gets a reset, however early, and not one byte."""
    try:
        with connect(url) as s:
            s.sendall(data)
            check(receive_end(s) == (b"", "reset"), "the program got something else than a reset")
    except (ConnectionResetError, BrokenPipeError):
        pass  # the reset came before the program had connected, or sent everything


def reset(s):
    """Closes with a reset."""
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


class Service:
    """Listens on loopback (or a UNIX socket) and calls HANDLE(socket) in a thread for each connection."""

    def __init__(self, scene, handle, path=None, backlog=1024):
        self.handle = handle
        self.listener = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
        self.listener.bind(path or ("127.0.0.1", 0))
        self.listener.listen(backlog)
        self.url = f"unix:{path}" if path else "tcp:127.0.0.1:%d" % self.listener.getsockname()[1]
        self.accepted = 0
        self.sockets = []
        self.closed = False
        scene.closers.append(self.close)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while not self.closed:
            try:
                s, _ = self.listener.accept()
            except OSError:
                return
            self.accepted += 1
            self.sockets.append(s)
            s.settimeout(PATIENCE)
            threading.Thread(target=self._serve, args=(s,), daemon=True).start()

    def _serve(self, s):
        try:
            self.handle(s)
        except OSError:
            pass

    def close(self):
        self.closed = True
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        for s in self.sockets:
            s.close()


def echo(s):
    with s:
        while True:
            piece = s.recv(1 << 16)
            if not piece:
                s.shutdown(socket.SHUT_WR)
                return
            s.sendall(piece)


class Box:
    """Values handed from a thread to the test."""

    def __init__(self):
        self.values = []
        self.changed = threading.Condition()

    def put(self, value):
        with self.changed:
            self.values.append(value)
            self.changed.notify_all()

    def wait(self, count=1, seconds=PATIENCE):
        with self.changed:
            check(self.changed.wait_for(lambda: len(self.values) >= count, seconds),
                  lambda: f"{len(self.values)} of {count} values came within {seconds} s")
            return self.values[count - 1]


def noise(seed, length):
    """The same bytes for the same seed."""
    return random.Random(seed).randbytes(length)


def digest(data):
    return hashlib.sha256(data).hexdigest()


def refused_port():
    """A URL where nobody listens.  The socket stays bound, so nobody else can come to listen there: keep it."""
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    return s, "tcp:127.0.0.1:%d" % s.getsockname()[1]


# ---- An attacker on the wire -----------------------------------------------------------------------------------------------

ALERT = r"event=(alert|refused)\b"  # before the peer is known, and after

HEADER = 6  # of a frame on a stream: type, epoch, length (4)


class Frames:
    """Cuts a stream into frames (doc/wire.md)."""

    def __init__(self):
        self.rest = bytearray()

    def feed(self, data):
        self.rest += data
        out = []
        while len(self.rest) >= HEADER:
            length = HEADER + int.from_bytes(self.rest[2:6], "big")
            if len(self.rest) < length:
                break
            out.append(bytes(self.rest[:length]))
            del self.rest[:length]
        return out


CUT = object()  # both connections end, with all that was forwarded before


class Rule:
    """What happens to one direction of a connection.  Forwards everything; subclasses change it."""

    def feed(self, data):
        """The pieces to send on for what arrived; CUT may be one."""
        return [data]

    idle_cut = None  # seconds without traffic, after `touched`, until the attacker ends the connection
    touched = False

    def end(self):
        """The connection is over, in this or the other direction."""


class Record(Rule):
    def __init__(self):
        self.bytes = bytearray()

    def feed(self, data):
        self.bytes += data
        return [data]


class Flip(Rule):
    """Flips a bit of the byte at POSITION.  A length that grew makes the receiver wait, so the attacker ends an idle stream."""
    idle_cut = 0.3

    def __init__(self, position, bit):
        self.position, self.bit, self.seen = position, bit, 0

    def feed(self, data):
        at = self.position - self.seen
        self.seen += len(data)
        if 0 <= at < len(data):
            data = bytearray(data)
            data[at] ^= 1 << self.bit
            self.touched = True
            data = bytes(data)
        return [data]


class OnFrames(Rule):
    """ACT(number, frame) answers the pieces to send in place of the frame with this number, counted from 0."""

    def __init__(self, act=None):
        self.frames, self.act = Frames(), act or (lambda number, frame: [frame])
        self.count, self.over = 0, False
        self.changed = threading.Condition()

    def feed(self, data):
        out = []
        for frame in self.frames.feed(data):
            out += self.act(self.count, frame)
            with self.changed:
                self.count += 1
                self.changed.notify_all()
        return out

    def end(self):
        with self.changed:
            self.over = True
            self.changed.notify_all()

    def wait(self, count, seconds=PATIENCE):
        """Until COUNT frames came (True) or the connection is over."""
        with self.changed:
            check(self.changed.wait_for(lambda: self.over or self.count >= count, seconds),
                  lambda: f"{self.count} of {count} frames came")
            return self.count >= count


class Middle(Service):
    """Sits between client and server; RULES(number) answers the pair of rules (c2s, s2c) for each connection."""

    def __init__(self, scene, target, rules):
        self.target, self.rules, self.number, self.lock = target, rules, 0, threading.Lock()
        super().__init__(scene, self._between)

    def _between(self, near):
        with self.lock:
            number = self.number
            self.number += 1
        try:
            far = connect(self.target)
        except OSError:
            near.close()
            return
        self.sockets.append(far)
        for s in (near, far):
            if s.family == socket.AF_INET:
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        c2s, s2c = self.rules(number)
        ends = threading.Thread(target=self._pump, args=(far, near, s2c, c2s), daemon=True)
        ends.start()
        self._pump(near, far, c2s, s2c)
        ends.join()
        near.close()
        far.close()

    @staticmethod
    def _cut(source, sink, rule, other):
        rule.end()
        other.end()
        for s in (source, sink):
            s.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _pump(source, sink, rule, other):
        try:
            while True:
                idle = rule.idle_cut if rule.touched else other.idle_cut if other.touched else None
                source.settimeout(idle or 0.5)
                try:
                    data = source.recv(1 << 16)
                except TimeoutError:
                    if idle:
                        break
                    continue
                if not data:
                    sink.shutdown(socket.SHUT_WR)
                    return
                for piece in rule.feed(data):
                    if piece is CUT:
                        Middle._cut(source, sink, rule, other)
                        return
                    sink.sendall(piece)
            Middle._cut(source, sink, rule, other)
        except OSError:
            rule.end()
            other.end()
            for s in (source, sink):
                try:
                    reset_now(s)
                except OSError:
                    pass


def reset_now(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.shutdown(socket.SHUT_RDWR)
