#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the C block of MARKDOWN that begins with a licence line to OUT: extract.py MARKDOWN OUT"""
import re
import sys

markdown, out = sys.argv[1:]
with open(markdown, encoding="utf-8") as text:
    blocks = re.findall(r"^```c\n(.*?)^```$", text.read(), re.MULTILINE | re.DOTALL)
programs = [block for block in blocks if block.startswith("/* SPDX-License-Identifier:")]
if len(programs) != 1:
    sys.exit(f"{markdown}: {len(programs)} C blocks begin with a licence line, not 1")
with open(out, "w", encoding="utf-8") as program:
    program.write(programs[0])
