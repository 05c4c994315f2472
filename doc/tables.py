# SPDX-License-Identifier: Apache-2.0
"""tables.py - what the manual pages that are made from the program's tables have in common."""
import json
import re
import subprocess
import sys


def ask(*arguments):
    return json.loads(subprocess.run([sys.argv[1], *arguments, "--json"], check=True, stdout=subprocess.PIPE).stdout)


def plain(text):
    """TEXT so that scdoc shows it as it is."""
    return re.sub(r"([\\*_`])", r"\\\1", text)


def sentence(text):
    text = text[0].upper() + text[1:]
    return plain(text if text.endswith(".") else text + ".")
