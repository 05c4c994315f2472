# SPDX-License-Identifier: Apache-2.0
"""The inputs that fuzzing of texts starts from: the cases of the checker, published vectors, keys; and a dictionary."""
import base64
import collections
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
KEYS = {"scs": "scs1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszdv7jxv",
        "sck": "sck1qxqnjacw4p73wh6k5d2xds6v0mxvhrv2jx6wudazthmq7ku0exeegtcp52n",
        "scp": "scp1qgzqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgnnwf05"}


def pem():
    """The first RSA key of the published vectors."""
    spki = re.search(r"^spki = (\w+)$", (ROOT / "tests/vectors/sign/rsa-pss.txt").read_text(), re.M).group(1)
    return "-----BEGIN PUBLIC KEY-----\n" + base64.encodebytes(bytes.fromhex(spki)).decode() + "-----END PUBLIC KEY-----\n"


def labelled():
    """A key to seal to, of the published vectors: private, under its label."""
    pkcs8 = re.search(r"^pkcs8 = (\w+)$", (ROOT / "tests/vectors/pke/rsa-oaep.txt").read_text(), re.M).group(1)
    name = "RSA-OAEP PRIVATE KEY-----\n"
    return f"-----BEGIN {name}" + base64.encodebytes(bytes.fromhex(pkcs8)).decode() + f"-----END {name}"


def configurations():
    return sorted((ROOT / "tests/check/cases").glob("*.yaml")) + sorted(ROOT.glob("conf/**/*.yaml"))


def configuration():
    for path in configurations():
        if path.stat().st_size < 4096:
            yield path.read_bytes()


def notation():
    lines = {line.strip() for path in configurations() for line in path.read_text(errors="replace").splitlines()}
    stacks = {re.sub(r"^[\w-]+: *|['\"]", "", line) for line in lines if "|" in line or ",protect=" in line}
    for kind in (0, 1):
        for text in sorted(stacks) + ["default@1", "dh,protect=sign:ed25519", "psk,secret=shared"]:
            yield bytes([kind + 5 * 4]) + text.encode()
    for text in sorted({word for line in lines for word in re.findall(r"(?:tcp|unix|memory[a-z-]*):\S*", line)}):
        yield b"\2" + text.encode()
    for length in (253, 254):
        yield b"\2tcp:" + b"a" * length + b":65535"
    for length in (107, 108):
        yield b"\2unix:/" + b"a" * (length - 1)
    for text in ("250us", "250ms", "5s", "2m", "1h", "1d", "4096", "64KiB", "1MiB", "64GiB", "18446744073709551615"):
        yield b"\3" + text.encode()
    for text in ("word", "true", "- a: 'b'", "a # b", " é\t", "*x", "0x1f", "\\n\"", "~"):
        yield b"\4" + text.encode()


def keytext():
    for kind, prefix in enumerate(("scs", "sck", "scp", "scs", "sck")):
        yield bytes([kind]) + b"name\0" + KEYS[prefix].encode()
        yield bytes([kind]) + b"name\0" + KEYS[prefix].encode() + b"\n" + pem().encode()
    yield b"\3name\0" + pem().encode()
    yield b"\0name\0" + KEYS["scs"].encode() + b"\n" + labelled().encode()
    yield b"\3name\0" + labelled().encode()


def wav(bits):
    return (b"RIFF" + (1016).to_bytes(4, "little") + b"WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x40\x1f\0\0\1\0" +
            bits.to_bytes(2, "little") + b"data" + (980).to_bytes(4, "little"))


def home():
    peers = f"# known\nfriend {KEYS['sck']} of the office\n\n"
    yield b"\xff".join(text.encode() for text in (peers, KEYS["scs"], "", KEYS["scp"]))
    yield b"\xff".join(text.encode() for text in (peers, KEYS["scs"], pem(), KEYS["scp"], pem()))
    yield b"\xff".join(text.encode() for text in (peers, KEYS["scs"], "", KEYS["scp"], "", "", "", labelled()))
    for head, samples in ((b"P5\n32 31\n255\n", 992), (b"P6 # a comment\n32\t10\n255\n", 960), (wav(8), 980), (wav(16), 980)):
        yield b"\xff".join((peers.encode(), KEYS["scs"].encode(), b"", KEYS["scp"].encode(), b"", b"",
                            (head + bytes(samples)).ljust(1024, b"\0"), b"", b""))


def bech32m():
    for text in KEYS.values():
        yield bytes([33, 0, 32]) + text.encode()
    for text in re.findall(r"^text = (\S+)", (ROOT / "tests/vectors/text/bech32m.txt").read_text(), re.M):
        yield bytes([20, 3, 7]) + text.encode()


def control():
    requests = [b'{"id":1,"command":"status"}', b'{"id":2,"command":"status","target":"db/7"}', b'{"id":3,"command":"rekey","key":"data"}',
                b'{"id":4,"command":"alerts","follow":true,"count":2}\n!text\n!\xff\n!"', b'{"id":5,"command":"reload"}',
                b'{"id":6,"command":"trace","target":"web"}', b'{"id":7,"command":"drain","milliseconds":5,"now":false}']
    for taken in (b"\0", b"\1"):
        for request in requests:
            yield taken + request
        yield taken + b"\n".join(requests)


def packing():
    yield bytes(11) + b"\0\0\0\2ab" + b"\0\0\0\5label" + b"body"
    yield bytes(11) + bytes(8)


def words():
    """The words of several of the checker's cases: what a mutation cannot be expected to guess."""
    found = collections.Counter()
    for path in configurations():
        found.update(set(re.findall(r"[a-z][a-z0-9@-]{2,20}:?", path.read_text(errors="replace"))))
    return sorted(word for word, cases in found.items() if cases > 2)


def write(target, folder, dictionary):
    """FOLDER/NUMBER for a target that reads texts; and the words."""
    texts = {"configuration": configuration, "notation": notation, "keytext": keytext, "home": home, "bech32m": bech32m,
             "packing": packing, "control": control}
    for number, seed in enumerate(texts[target]() if target in texts else ()):
        (folder / f"{number:04}").write_bytes(seed)
    dictionary.write_text("".join(f'"{word}"\n' for word in words()))
