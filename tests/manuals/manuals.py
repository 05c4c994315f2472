# SPDX-License-Identifier: Apache-2.0
"""Goal: the manual pages cannot go stale: every command and option that the program knows is in seccomm(1), every field that the
checker reads in seccomm.yaml(5), every table in seccomm-microprotocols(7), every rule and law in seccomm-rules(7); and groff has nothing to say against them."""
import functools
import glob
import json
import os
import re
import subprocess

from destination import SOURCE, build, destination
from support import Scene, Skip, case, check, environment, main, needs, run

PAGES = {"seccomm": "1", "seccomm.yaml": "5", "seccomm-microprotocols": "7", "seccomm-rules": "7"}


def page(name):
    """Where the page is installed; it is not if it could not be made."""
    path = destination().path("mandir", "man" + PAGES[name], f"{name}.{PAGES[name]}")
    if not os.path.exists(path):
        raise Skip("the manual pages were not made: scdoc is not installed, or -Dmanuals=disabled")
    return path


@functools.cache
def source(name):
    with open(os.path.join(SOURCE, "doc", f"{name}.{PAGES[name]}.scd")) as file:
        return file.read()


def sections(text):
    """Each heading with what stands below it but for examples, headings of the second order for themselves."""
    parts = re.split(r"^##? (.*)$", re.sub(r"^```$.*?^```$", "", text, flags=re.M | re.S), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def render(command, path):
    done = subprocess.run([*command, path], env=environment() | {"MANWIDTH": "80", "MAN_KEEP_FORMATTING": ""}, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    error = done.stderr.decode("utf-8", "replace")
    check(done.returncode == 0 and not error, f"{command} {path}: status {done.returncode}\n{error}")
    return re.sub(r"\x1b\[[0-9;]*m|.\x08", "", done.stdout.decode("utf-8"))


@case("man shows every page without a warning, in 80 columns")
def man():
    needs("man")
    for name in PAGES:
        text = render(("man", "-Tutf8", "--warnings", "-l"), page(name))
        check("NAME" in text and f"{name} - " in " ".join(text.split()), f"{name}: no name in\n{text[:400]}")
        wide = [line for line in text.splitlines() if len(line) > 80]
        check(not wide, f"{name}: wider than 80 columns:\n" + "\n".join(wide))


@case("groff has no warning for any page")
def groff():
    needs("groff")
    for name in PAGES:
        render(("groff", "-ww", "-man", "-Tutf8", "-k"), page(name))


# ---- seccomm(1) --------------------------------------------------------------------------------------------------------


def commands():
    """The names in the program's own help."""
    names = re.findall(r"^  ([a-z]+(?: [a-z]+)?)  +\S", run("--help", status=0)[1], re.M)
    check(len(names) > 10 and "key gen" in names, f"the help has only {names}")
    return names


def options(command):
    """Of each option in its help: every way to write it."""
    _, out, _ = run(*command.split(), "--help", status=0)
    found = re.findall(r"^  (?:(-\w), |    )(--[\w-]+)", out, re.M)
    check(("-h", "--help") in found, f"{command}: the help has only {found}")
    return [name for both in found for name in both if name]


@case("every command of the program, and every option of each, is in seccomm(1)")
def program_manual():
    parts = sections(source("seccomm"))
    common = re.findall(r"\*(--?[\w-]+)\*", parts["COMMANDS"])
    for command in commands():
        mine = [text for heading, text in parts.items() if re.search(rf"\bseccomm {command}(?![\w-])", heading)]
        check(len(mine) == 1, f"'seccomm {command}' has {len(mine)} sections")
        described = re.findall(r"\*(--?[\w-]+)\*", mine[0]) + common
        missing = [option for option in options(command) if option not in described]
        check(not missing, f"'seccomm {command}': {missing} are not described")


@case("every transport is in seccomm(1)")
def transports():
    part = sections(source("seccomm"))["ADDRESSES"]
    for transport in json.loads(run("list", "transports", "--json", status=0)[1]):
        check(f"*{transport['name']}:" in part, f"{transport['name']} is not described")


# ---- seccomm.yaml(5) ---------------------------------------------------------------------------------------------------

FRAME = """seccomm: 1
sessions:
  s:
    role: client
    listen: tcp:127.0.0.1:1
    connect: tcp:127.0.0.1:2
    identity: a
    peers: [b]
    profile: default@1
"""


def told(scene, text, pattern):
    """The names that the checker lists when it is asked for one that there is not."""
    path = scene.write("asked.yaml", text)
    _, out, error = run("check", path, status=2)
    found = re.search(pattern + r": ([^\n]+)", out + error)
    check(found, f"/{pattern}/ is not in\n{out}{error}")
    return found.group(1).split(", ")


def fields():
    """What the checker says that it knows, and what the reader of keys and layers compares names with."""
    layers = FRAME.replace("profile: default@1", "stack: [{encrypt: {algorithm: aes-256-gcm, nothing: 1}}]")
    with Scene() as scene:
        names = set(told(scene, FRAME + "nothing: 1\n", "the keys known here"))
        names |= set(told(scene, FRAME + "    nothing: 1\n", "the keys known here"))
        names |= set(told(scene, FRAME + "    require: {nothing: modern}\n", "what can be required"))
        names |= set(told(scene, layers, "it has"))
    for path in glob.glob(os.path.join(SOURCE, "src", "config", "*.c")):
        with open(path) as file:
            names |= set(re.findall(r'strcmp\([^"]*\bname(?:->text)?, "([a-z-]+)"\)', file.read()))
    return names


@case("every field of a configuration is in seccomm.yaml(5)")
def configuration():
    names = fields()
    known = {"seccomm", "sessions", "role", "stack", "confidentiality", "direction", "establish", "rekey", "method"}
    check(known <= names, f"not found in the program: {known - names}")
    described = set(re.findall(r"\*([a-z-]+)\*", source("seccomm.yaml")))
    check(names <= described, f"not described: {sorted(names - described)}")


@case("every profile, level and finding's kind is in seccomm.yaml(5)")
def words():
    text = source("seccomm.yaml")
    for profile in json.loads(run("list", "profiles", "--json", status=0)[1]):
        check(f"*{profile['name']}*" in sections(text)["PROFILES"], f"{profile['name']} is not described")
    with Scene() as scene:
        levels = told(scene, FRAME + "    require: {freshness: nothing}\n", "the levels are")
    for level in levels:
        check(f"*{level}*" in text, f"level {level} is not described")


# ---- seccomm-microprotocols(7) -----------------------------------------------------------------------------------------


@case("every micro-protocol, with all that its table says, is in seccomm-microprotocols(7)")
def tables():
    page("seccomm-microprotocols")
    with open(os.path.join(build(), "doc", "seccomm-microprotocols.7.scd")) as file:
        parts = sections(file.read().replace("\\", ""))
    for row in json.loads(run("list", "micro-protocols", "--json", status=0)[1]):
        table = json.loads(run("explain", row["name"], "--json", status=0)[1])
        heading = row["name"] + (f" ({table['paper']})" if table["paper"] else "")
        check(heading in parts, f"no section '{heading}' among {list(parts)}")
        said = [table["summary"][1:], table["standing"], *table["gives"], table["wire"] or ""]
        said += [tie["capability"] for tie in table["needs"] + table["provides"]]
        for parameter in table["parameters"]:
            said += [f"*{parameter['name']}*", parameter["kind"], parameter["doc"][1:], parameter["range"] or "", parameter["default"] or ""]
        missing = [text for text in said if text not in parts[heading]]
        check(not missing, f"{heading}: not there: {missing}")


# ---- seccomm-rules(7) --------------------------------------------------------------------------------------------------


@case("every rule and every law, with all that is said of it, is in seccomm-rules(7)")
def rules():
    page("seccomm-rules")
    with open(os.path.join(build(), "doc", "seccomm-rules.7.scd")) as file:
        text = file.read().replace("\\", "")
    for law in json.loads(run("list", "laws", "--json", status=0)[1]):
        check(law["name"] in text and law["sentence"] in text, f"law {law['number']} is not there")
    for row in json.loads(run("list", "rules", "--json", status=0)[1]):
        said = [f"## {row['id']}: {row['title']}", row["attack"], row["decision"], row["repair"], *row["literature"]]
        missing = [part for part in said if part not in text]
        check(not missing, f"{row['id']}: not there: {missing}")


main()
