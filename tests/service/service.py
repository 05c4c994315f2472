# SPDX-License-Identifier: Apache-2.0
"""Goal: systemd takes the installed unit without a word, rates its sandbox as good, and takes the files for its user and folder."""
import os
import re

from destination import call, destination, options
from support import Scene, Skip, case, check, contains, main, needs, say

EXPOSURE = 16  # tenths; systemd calls up to 4.9 "OK", and a service without any sandbox has 9.6


def installed(*parts):
    return os.path.join(destination().prefix, "lib", *parts)


def unit(scene):
    """The installed unit, with the program where it lies below DESTDIR."""
    with open(installed("systemd", "system", "seccomm@.service")) as file:
        text = file.read()
    started = os.path.join(options()["prefix"], options()["bindir"], "seccomm")
    check(text.count(started) == 2, f"ExecStart and ExecReload are not {started}:\n{text}")
    return scene.write("seccomm@.service", text.replace(started, destination().path("bindir", "seccomm")))


@case("systemd-analyze verify")
def verify():
    needs("systemd-analyze", "man")
    with Scene() as scene:
        pages = os.path.exists(destination().path("mandir"))
        out = call("systemd-analyze", "verify", f"--man={'yes' if pages else 'no'}", unit(scene),
                   env={"MANPATH": destination().path("mandir")}, told=True)
        check(not out.strip(), f"it says:\n{out}")


@case("systemd-analyze security: little is left that a program taken over could do")
def security():
    needs("systemd-analyze")
    with Scene() as scene:
        out = call("systemd-analyze", "security", "--offline=yes", f"--threshold={EXPOSURE}", "--no-pager", unit(scene),
                   env={"LC_ALL": "C.UTF-8"})
        say(re.search(r"Overall exposure.*", out).group())
        # What the service is for: connections, also from low ports.
        left = set(re.findall(r"^✗ (\S+?)=", out, re.M))
        check("PrivateNetwork" in left, f"not understood: {out}")
        unexpected = left - {"RootDirectory", "AmbientCapabilities", "RestrictAddressFamilies", "CapabilityBoundingSet", "PrivateNetwork",
                             "PrivateUsers", "DeviceAllow", "IPAddressDeny", "UMask", "SystemCallFilter"}
        check(not unexpected, f"open without need: {unexpected}")


@case("its user")
def user():
    needs("systemd-sysusers")
    with Scene() as scene:
        out = call("systemd-sysusers", "--dry-run", "--root=" + scene.folder, installed("sysusers.d", "seccomm.conf"), told=True)
        contains(out, "creat(e|ing) user 'seccomm'")


@case("its folder")
def folder():
    needs("systemd-tmpfiles")
    if os.geteuid() != 0:
        raise Skip("only root may give a folder to somebody")
    with open(installed("tmpfiles.d", "seccomm.conf")) as file:
        text = file.read()
    with Scene() as scene:
        # The user is not one of this machine.
        check("seccomm seccomm" in text, f"the folder is not the service's user's:\n{text}")
        mine = scene.write("mine.conf", text.replace("seccomm seccomm", "- -"))
        os.makedirs(scene.path("etc"))
        call("systemd-tmpfiles", "--create", "--root=" + scene.folder, mine)
        check(os.stat(scene.path("etc", "seccomm")).st_mode & 0o777 == 0o750, "the folder has another mode")


main()
