# SPDX-License-Identifier: Apache-2.0
"""blocks.py - the blocks of a document that stand for themselves: commands, configurations, answers."""
import os
import re
import shlex

from destination import SOURCE

PROMPT = r"(?:[a-z]+\d*)?[$#] "  # $, the superuser's #, or a host's name and $


class Block:
    def __init__(self, document, line, lines):
        self.document, self.line, self.lines = document, line, lines

    @property
    def first(self):
        return self.lines[0]

    @property
    def text(self):
        return "\n".join(self.lines) + "\n"

    def __str__(self):
        return f"{self.document}:{self.line}: {' '.join(re.sub('[^a-z0-9 :.,/-]', '', self.first, flags=re.I).split())[:60]}"

    def commands(self):
        """(host, command) for each; the host of those without a prompt is ""."""
        out = []
        # Two hosts may stand side by side.
        for line in re.sub(r"(?<=\S) {2,}(?=[a-z]+\d*\$ )", "\n", "\n".join(self.lines)).split("\n"):
            found = re.match(rf"({PROMPT})\s*(.*)", line)
            if found:
                out.append([found.group(1)[:-2], found.group(2)])
            elif out and unfinished(out[-1][1]):
                out[-1][1] = out[-1][1].removesuffix("\\") + " " + line.strip()
            elif line.strip():
                out.append(["", line])
        return out


def unfinished(command):
    """Whether the next line belongs to it."""
    try:
        shlex.split(command, comments=True)
    except ValueError:
        return True
    return command.endswith("\\")


def blocks(name):
    """Of a manual page and in Markdown what stands between fences; in Markdown what is indented, too."""
    with open(os.path.join(SOURCE, name)) as file:
        lines = file.read().split("\n")
    out, at = [], 0
    while at < len(lines):
        start = at
        if lines[at].startswith("```"):
            at = lines.index("```", at + 1)
            out.append(Block(name, start + 2, lines[start + 1:at]))
        elif name.endswith(".md") and lines[at].startswith("    ") and not lines[at - 1].strip():
            while at < len(lines) and (lines[at].startswith("    ") or (not lines[at].strip() and lines[at + 1:at + 2] and
                                                                        lines[at + 1].startswith("    "))):
                at += 1
            out.append(Block(name, start + 1, [line[4:] for line in lines[start:at] if line.strip()]))
        at += 1
    return out
