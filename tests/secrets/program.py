# SPDX-License-Identifier: Apache-2.0
"""Goal: a running program has its secret key once in its memory, where OpenSSL signs with it, and the text of its file nowhere; also with
connections, behind renewals, and when it has read the files again and again."""
import os

from support import Scene, Service, Skip, case, check, connect, echo, main, noise, receive, run

LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
CHECKSUM = 6
DATA = noise("program", 3000)


def decode(word):
    """The 32 bytes of a key's word (BIP 350), whose first byte is its type."""
    symbols = [LETTERS.index(c) for c in word[word.index("1") + 1:-CHECKSUM]]
    number = 0
    for symbol in symbols:
        number = number << 5 | symbol
    return (number >> (5 * len(symbols) - 8 * 33)).to_bytes(33, "big")[1:]


def memory(pid):
    """All that it may write."""
    out = []
    try:
        with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb") as file:
            for line in maps:
                place, flags = line.split()[:2]
                if flags.startswith("rw"):
                    start, end = (int(part, 16) for part in place.split("-"))
                    file.seek(start)
                    out.append(file.read(end - start))
    except PermissionError:
        raise Skip("the memory of a program that protects itself can be read by root only") from None
    return out


def count(pieces, what):
    return sum(piece.count(what) for piece in pieces)


def look(process, word, times, when):
    """WORD's key is there TIMES times, its text not."""
    pieces, key = memory(process.pid), decode(word)
    for part in (key[:16], key[16:]):
        check(count(pieces, part) == times, f"{when}: the key is there {count(pieces, part)} times, not {times}")
    check(count(pieces, word[5:25].encode()) == 0, f"{when}: the text of the key is there")


@case("the key of a running server is in its memory where it is used, and its text is not")
def once():
    with Scene() as scene:
        scene.hosts()
        control = scene.path("control")
        server, wire = scene.server(Service(scene, echo).url, "--control", control)
        _, url = scene.client(wire)
        with open(os.path.join(scene.server_home, "keys", "db1")) as file:
            word = file.read().strip()
        look(server, word, 1, "at the start")
        with connect(url) as s:
            # Behind any number of reloads: what its service began with, and what was read last.
            for command, times in ((None, 1), ("rekey", 1), ("reload", 2), ("rekey", 2), ("reload", 2), ("reload", 2)):
                if command:
                    run(command, "--control", control, status=0)
                s.sendall(DATA)
                check(receive(s, len(DATA)) == DATA, "no echo")
                look(server, word, times, command or "with a connection")


main()
