# SPDX-License-Identifier: Apache-2.0
"""building.py - modules and applications, built against what `meson install` installed, as anybody would do it."""
import atexit
import functools
import os
import re
import shutil
import tempfile

from destination import SOURCE, call, compiler, destination, meson, options, sanitizers

HERE = os.path.dirname(os.path.abspath(__file__))


@functools.cache
def folder():
    """For what all cases share; nobody else can write to it."""
    path = tempfile.mkdtemp(prefix="sc-outside-")
    os.chmod(path, 0o755)
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def package():
    """The environment in which pkg-config finds what was installed."""
    return {"PKG_CONFIG_PATH": destination().path("libdir", "pkgconfig"), "PKG_CONFIG_SYSROOT_DIR": destination().root,
            "LD_LIBRARY_PATH": ""}


def flags(*arguments):
    return call("pkg-config", *arguments, "seccomm", env=package()).split()


@functools.cache
def example(version="1.0"):
    """examples/module, copied to a place of its own and built there by its own meson.build: the shared object."""
    source, out = (os.path.join(folder(), f"{kind}-{version}") for kind in ("source", "build"))
    shutil.copytree(os.path.join(SOURCE, "examples", "module"), source)
    file = os.path.join(source, "meson.build")
    with open(file) as old:
        text, count = re.subn(r"version: '1\.0'", f"version: '{version}'", old.read())
    assert count == 1, "examples/module/meson.build states no version 1.0"
    with open(file, "w") as new:
        new.write(text)
    call(*meson("setup", out, source, "-Dwerror=true", "-Db_sanitize=" + options()["b_sanitize"]), env=package() | {"CC": compiler()})
    call(*meson("compile", "-C", out), env=package())
    return os.path.join(out, "padding.so")


@functools.cache
def odd(*defines, name="odd"):
    """odd.c with DEFINES, or options of the compiler, that say what is wrong with it."""
    out = tempfile.mkdtemp(dir=folder())
    os.chmod(out, 0o755)
    path = os.path.join(out, name + ".so")
    call(compiler(), "-w", "-shared", "-fPIC", *(d if d.startswith("-") else f"-D{d}" for d in defines), os.path.join(HERE, "odd.c"), "-o", path, *flags("--cflags"))
    os.chmod(path, 0o755)
    return path


@functools.cache
def makers(version="1.0"):
    """makers.c, which brings a creation and an establishment of keys."""
    path = os.path.join(folder(), f"makers-{version}.so")
    call(compiler(), "-Wall", "-Wextra", "-Werror", *sanitizers(), f'-DMODULE_VERSION="{version}"', "-shared", "-fPIC",
         os.path.join(HERE, "makers.c"), "-o", path, *flags("--cflags"))
    os.chmod(path, 0o755)
    return path


def loader(out, *link):
    call(compiler(), "-Wall", "-Werror", *sanitizers(), os.path.join(HERE, "loader.c"), "-o", out, *flags("--cflags"), *link)
    return out


def run_loader(out, *arguments, status=0):
    return call(out, *arguments, status=status, told=True, env={"LD_LIBRARY_PATH": destination().path("libdir")})
