# SPDX-License-Identifier: Apache-2.0
"""Goal: what the documents show is true: every block of commands in README.md, CONTRIBUTING.md and the manual pages is run as it
stands; every configuration shown, and every file of conf/, is one that the checker takes.  What is not run is listed here, with the
reason."""
import glob
import json
import os
import re
import shlex

from blocks import PROMPT, blocks
from destination import SOURCE
from stage import Stage
from support import Scene, case, check, main, run, say

DOCUMENTS = ("README.md", "CONTRIBUTING.md", "doc/seccomm.1.scd", "doc/seccomm.yaml.5.scd")

# By the first line of the block.
NOT_RUN = {
    "./run        # installs": "they install and build: ./test is what runs this, and tests/e2e/demo.py tries what ./run shows",
    "/* SPDX-License-Identifier: Apache-2.0 */": "a source file, which tests/laws takes out of the page and compiles",
    "['privacy/roll.c', 'mp_roll'],": "a line of src/mp/meson.build, which tests/laws has in a list of its own",
    "$ seccomm status": "asks a running service; those of tests/e2e are asked there",
    "# systemd-sysusers": "changes this machine; tests/service looks at unit, user and folder",
}

# What the checker notes of the files of conf/, which is no fault: of each of the two sessions.
NOTES = {
    "conf/cascade.yaml": ["SC214"],
    "conf/profiles/cascade.yaml": ["SC214"],
    "conf/paper/digests.yaml": ["SC304"],
    "conf/paper/figures.yaml": ["SC407"],
}

# A session for those blocks that are a part of one.
SESSION = """seccomm: 1
sessions:
  part:
    role: server
    listen: tcp::7443
    connect: tcp:127.0.0.1:5432
    identity: db1
    peers: [web1]
"""
STACK = "    stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n"


def accepted(path, notes=()):
    """`check` has nothing to say against it but these NOTES, and `explain` explains it; with lab, warnings are meant."""
    status, out, error = run("check", "--json", path)
    found = [(finding["severity"], finding["id"]) for finding in json.loads(out)]
    with open(path) as file:
        check(status == 0 and (found == [("note", note) for note in notes] or "profile: lab" in file.read()),
            f"check {path} ended with {status}:\n{out}{error}")
    run("explain", path, status=0)


def whole(block):
    """The file that the block is, or is a part of."""
    if block.first.startswith("seccomm:"):
        return block.text
    names = re.findall(r"^([a-z]+):", block.text, re.M)
    return SESSION + ("" if "stack" in names else STACK) + "".join("    " + line + "\n" for line in block.lines)


def answer(block):
    """What the checker says of the page's first configuration with the mistake that the block is about."""
    shown = re.search(r"^ +\d+ \| (.*)$", block.text, re.M).group(1)
    name, line = block.first.split(":")[:2]
    lines = next(b for b in blocks(block.document) if b.first.startswith("seccomm:")).lines
    lines[int(line) - 1] = shown
    with Scene() as scene:
        scene.write(name, "\n".join(lines) + "\n")
        _, _, error = run("check", name, status=2, cwd=scene.folder)
    check(error == block.text, f"the program says\n{error}\nthe page\n{block.text}")


def map_of_folders(block):
    """What a map names is there."""
    for name in re.findall(r"(?<!\S)(\S+/)(?= )", block.text):
        check(os.path.isdir(os.path.join(SOURCE, name)), f"there is no {name}")


def configuration(block):
    with Scene() as scene:
        accepted(scene.write("shown.yaml", whole(block)))


KINDS = (
    (r"\S+/ +\S", lambda stage, block: map_of_folders(block)),
    (r"\S+\.yaml:\d+:\d+: ", lambda stage, block: answer(block)),
    (r"[a-z]+:( |$)", lambda stage, block: configuration(block)),
    (r"--\w", lambda stage, block: stage.again(shlex.split(block.text))),
    (PROMPT + r"|meson ", lambda stage, block: [stage.run(*command) for command in block.commands()]),
)


def reason(block):
    """Why it is not run; None: it is."""
    return next((why for first, why in NOT_RUN.items() if block.first.startswith(first)), None)


def register(document):
    held = []  # the stage, once there is one: a block goes on where the one before it has stopped

    def try_block(block):
        act = next((act for pattern, act in KINDS if re.match(pattern, block.first)), None)
        check(act, f"neither run nor among those that are not: {block}")
        if not held:
            held.append(Stage())
        act(held[0], block)

    for block in filter(lambda block: not reason(block), blocks(document)):
        case(str(block))(lambda block=block: try_block(block))
    case(f"{document}: all that it started ends well")(lambda: [stage.close() for stage in held])


for name in DOCUMENTS:
    register(name)
for path in sorted(glob.glob("conf/**/*.yaml", root_dir=SOURCE, recursive=True)):
    case(path)(lambda path=path: accepted(os.path.join(SOURCE, path), 2 * NOTES.get(path, [])))


@case("conf/directions.yaml is refused without its 'require', as it says")
def required():
    with open(os.path.join(SOURCE, "conf", "directions.yaml")) as file, Scene() as scene:
        text = re.sub(r"^    require:.*\n", "", file.read(), flags=re.M)
        run("check", scene.write("directions.yaml", text), status=2)


@case("each exception is one for a block that is there")
def exceptions():
    left = [block for name in DOCUMENTS for block in blocks(name) if reason(block)]
    for block in left:
        say(f"not run: {block}: {reason(block)}")
    check(len({reason(block) for block in left}) == len(NOT_RUN), "there are exceptions for what is not there any more")


main()
