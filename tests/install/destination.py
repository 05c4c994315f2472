# SPDX-License-Identifier: Apache-2.0
"""destination.py - `meson install` of the build that the tested program is of, into a folder of its own (DESTDIR)."""
import atexit
import functools
import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile

from support import check, environment, program

HEADERS = ("cactus.h", "seccomm.h", "seccomm_module.h")
SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def build():
    """The build directory: the program lies at its top."""
    return os.path.dirname(program())


def meson(*arguments):
    command = shlex.split(os.environ.get("MESONINTROSPECT", "meson introspect"))[:-1]
    return command + list(arguments)


def call(*arguments, status=0, told=False, **named):
    """Runs a program that is not ours: its standard output and, if TOLD, its standard error."""
    env = environment() | named.pop("env", {"LD_LIBRARY_PATH": ""})  # meson's would hide what was not installed
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=240, env=env,
                          **named)
    out, error = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    check(status is None or done.returncode == status, f"{shlex.join(arguments)} ended with {done.returncode}:\n{out}\n{error}")
    return out + error if told else out


@functools.cache
def options():
    """What the build was set up with, by the names of its options."""
    listed = json.loads(call(*meson("introspect", build(), "--buildoptions")))
    return {option["name"]: option["value"] for option in listed}


def compiler():
    """The build's own: with sanitizers its libraries go with no other one."""
    with open(os.path.join(build(), "compile_commands.json")) as file:
        command = shlex.split(json.load(file)[0]["command"])
    return command[1] if os.path.basename(command[0]) == "ccache" else command[0]


def sanitizers():
    chosen = options()["b_sanitize"]
    return [] if chosen == "none" else ["-fsanitize=" + chosen]


class Destination:
    def __init__(self):
        self.root = tempfile.mkdtemp(prefix="sc-install-")
        atexit.register(shutil.rmtree, self.root, ignore_errors=True)
        call(*meson("install", "-C", build(), "--no-rebuild", "--destdir", self.root))

    @property
    def prefix(self):
        return self.root + options()["prefix"]

    def path(self, option, *parts):
        """Where files of a kind ("bindir", "libdir", …) are."""
        return os.path.join(self.prefix, options()[option], *parts)

    def files(self):
        """Everything, as paths below DESTDIR."""
        return sorted(os.path.relpath(os.path.join(folder, name), self.root) for folder, _, names in os.walk(self.root) for name in names)


@functools.cache
def destination():
    return Destination()


def declared():
    """The functions that the headers declare, but for those that are defined there."""
    names = set()
    for header in HEADERS:
        text = call(compiler(), "-E", "-P", destination().path("includedir", header))
        while "{" in text:
            text = re.sub(r"\{[^{}]*\}", ";", text)
        for statement in text.split(";"):
            found = re.search(r"\b((?:cactus|seccomm)_\w+)\s*\(", statement)
            if found and not re.match(r"\s*(typedef|static)\b", statement):
                names.add(found.group(1))
    return names
