# SPDX-License-Identifier: Apache-2.0
"""Goal: whatever an attacker between client and server does, no byte reaches a program that its peer did not send, in order,
once; and what was tampered with never ends like a connection that ended well.

Every program's bytes are a function of a seed in their first bytes, so both ends can be checked against what the other sent."""
import random
import threading
from concurrent.futures import ThreadPoolExecutor

from support import (ALERT, CUT, HEADER, Box, Flip, Middle, OnFrames, Record, Rule, Scene, Service, case, check,
                     connect, contains, expect_reset, main, noise, receive, receive_end, say)

NAMED = HEADER + 1 + 1 + 4 + 32 + 32  # an opening up to the client's principal
ROUNDS, SIZE = 3, 24  # a small conversation: so many messages each way, of so many bytes


def message(seed, sender, number):
    """What SENDER ("client" or "server") says in round NUMBER of conversation SEED; the first one carries the seed."""
    text = noise(f"{seed} {sender} {number}", SIZE)
    return seed.to_bytes(4, "big") + text[4:] if number == 0 else text


def all_of(seed, sender):
    return b"".join(message(seed, sender, n) for n in range(ROUNDS))


class Ledger:
    """The service's side of many conversations: what arrived in each, and how it ended."""

    def __init__(self):
        self.lock = threading.Lock()
        self.seen = []

    def serve(self, s):
        got, how = bytearray(), "end"
        try:
            for number in range(ROUNDS):
                while len(got) < SIZE * (number + 1):
                    piece = s.recv(4096)
                    if not piece:
                        raise EOFError
                    got += piece
                s.sendall(message(int.from_bytes(got[:4], "big"), "server", number))
            rest, how = receive_end(s)
            got += rest
        except EOFError:
            how = "early end"
        except OSError:
            how = "reset"
        with self.lock:
            self.seen.append((bytes(got), how))
        s.close()

    def check(self, seeds):
        """Nothing but prefixes of what clients sent, each conversation at most once; an early clean end is a lie."""
        whole = {all_of(seed, "client") for seed in seeds}
        starts = {w[:n] for w in whole for n in range(len(w) + 1)}
        with self.lock:
            for got, how in self.seen:
                check(got in starts, f"the service got bytes that no client sent: {got.hex()}")
                check(how != "early end", f"the service saw a clean end after {len(got)} bytes")
            firsts = [got[:4] for got, _ in self.seen if len(got) >= 4]
            check(len(firsts) == len(set(firsts)), "a conversation reached the service twice")


def converse(url, seed):
    """The client's side: (bytes that came, how it ended)."""
    got = bytearray()
    try:
        s = connect(url)
    except OSError:
        return b"", "reset"
    try:
        for number in range(ROUNDS):
            s.sendall(message(seed, "client", number))
            while len(got) < SIZE * (number + 1):
                piece = s.recv(4096)
                if not piece:
                    return bytes(got), "end"
                got += piece
        s.shutdown(1)
        rest, how = receive_end(s)
        return bytes(got) + rest, how
    except (ConnectionResetError, BrokenPipeError):
        return bytes(got), "reset"
    finally:
        s.close()


def check_client(seed, result, what):
    got, how = result
    check(all_of(seed, "server").startswith(got), f"{what}: the client's program got bytes that the service did not send")
    check(how == "reset", f"{what}: the client's program saw {how} after {len(got)} bytes, not a reset")


class Field:
    """Client, attacker, server and service, with the attacker's rules."""

    def __init__(self, scene, rules, *more):
        self.ledger = Ledger()
        self.service = Service(scene, self.ledger.serve)
        if not hasattr(scene, "client_home"):
            scene.hosts()
        self.server, target = scene.server(self.service.url, *more)
        self.middle = Middle(scene, target, rules)
        self.client, self.url = scene.client(self.middle.url, *more)


def recorded(scene, *more):
    """The bytes of one undisturbed conversation in both directions."""
    records = Record(), Record()
    field = Field(scene, lambda number: records, *more)
    check(converse(field.url, 1) == (all_of(1, "server"), "end"), "the undisturbed conversation failed")
    field.ledger.check([1])
    for p in (field.client, field.server):
        p.wait_line("event=closed")
    return bytes(records[0].bytes), bytes(records[1].bytes)


def flip_everywhere(*more, every=1):
    with Scene() as scene:
        lengths = [len(r) for r in recorded(scene, *more)]
        # The last frame of a direction is its CLOSE: all of them are flipped, too.
        kinds = [(way, at) for way in (0, 1) for at in range(0, lengths[way], every)]
        say(f"{lengths[0]} bytes c2s, {lengths[1]} bytes s2c: {len(kinds)} connections")
        rules = {}
        lock = threading.Lock()

        def pick(number):
            way, at = kinds[number % len(kinds)]
            flip = Flip(at, (at * 5 + way) % 8)
            with lock:
                rules[number] = flip
            return (flip, Rule()) if way == 0 else (Rule(), flip)

        field = Field(scene, pick, *more)
        untouched = Box()

        def one(seed):
            result = converse(field.url, seed)
            check(all_of(seed, "server").startswith(result[0]), "the client's program got bytes that the service did not send")
            if result[1] != "reset":
                untouched.put((seed, result))

        with ThreadPoolExecutor(24) as pool:
            list(pool.map(one, range(1, len(kinds) + 1)))
        field.ledger.check(range(1, len(kinds) + 1))
        check(field.middle.number == len(kinds), f"{field.middle.number} connections, not {len(kinds)}")
        missed = [n for n, rule in rules.items() if not rule.touched]
        check(not missed, f"{len(missed)} flips did not happen: {[kinds[n] for n in missed][:20]}")
        # Only the peer's last frame may be flipped without the program knowing: it has everything by then.
        check_ends(field, untouched, kinds, lengths)
        for p in (field.client, field.server):  # equal alerts are counted, not written, from the tenth of a second on
            check(p.count(ALERT) > 0, "no alert was logged")


def check_ends(field, untouched, kinds, lengths):
    """A conversation whose client saw everything and a clean end: only a flip in the client's own CLOSE can do that, and
    then the service saw the reset."""
    for seed, (got, how) in untouched.values:
        check(got == all_of(seed, "server"), f"conversation {seed}: a clean end after {len(got)} bytes")
    lies = [end for end in field.ledger.seen if end[1] == "end" and len(end[0]) < SIZE * ROUNDS]
    check(not lies, f"{len(lies)} clean ends before everything was there")
    say(f"{len(untouched.values)} clients had everything and saw a clean end")


@case("one bit flipped at every byte of opening, data and close: default stack")
def flips_default():
    flip_everywhere()


@case("one bit flipped at every third byte: chacha20-poly1305 over mac and digest")
def flips_many_layers():
    flip_everywhere("--stack", "anti-replay:sequence | digest:sha-256 | mac:hmac-sha-256 | encrypt:chacha20-poly1305", every=3)


# ---- Whole frames: replayed, dropped, exchanged, cut -----------------------------------------------------------------------

MESSAGES = 5


def frames_attack(what, forward, act, expect_log):
    """Sends messages one by one, each after the frame of the one before has reached the attacker; ACT changes frames of the
    direction; the receiver must get a prefix of whole messages and then a reset."""
    name = f"{what}, {'c2s' if forward else 's2c'}"
    with Scene() as scene:
        scene.hosts()
        far = Box()
        backend = Service(scene, far.put)
        server, target = scene.server(backend.url)
        state = {}

        def acting():
            # Two frames of the opening: OPEN and M3, or M2 and DONE.
            return OnFrames(lambda number, frame: [frame] if number < 2 else act(number - 2, frame, state))

        seen = (acting(), OnFrames()) if forward else (OnFrames(), acting())
        middle = Middle(scene, target, lambda number: seen)
        client, url = scene.client(middle.url)
        near = connect(url)
        other = far.wait()
        sender, receiver = (near, other) if forward else (other, near)
        mine = seen[0 if forward else 1]
        sent = b""
        try:
            for number in range(MESSAGES):
                piece = noise(f"{name} {number}", 100 + number)
                sent += piece
                sender.sendall(piece)
                if not mine.wait(2 + number + 1):
                    break
            sender.shutdown(1)
        except OSError:
            pass  # the tunnel is already down: what the receiver sees is what counts
        got, how = receive_end(receiver)
        check(sent.startswith(got), f"{name}: the receiver got bytes that were not sent, or not in order: {len(got)}")
        check(how == "reset", f"{name}: the receiver saw {how} after {len(got)} bytes, not a reset")
        victim = server if forward else client
        contains(victim.wait_line(ALERT), expect_log)
        return len(got)


def at(number, pieces):
    return lambda n, frame, state: pieces(frame) if n == number else [frame]


def both_ways(what, act, expect_log, delivered=None):
    for forward in (True, False):
        got = frames_attack(what, forward, act, expect_log)
        if delivered is not None:
            check(got == delivered, f"{what}: {got} bytes were delivered, not {delivered}")


def upto(n):
    return sum(100 + i for i in range(n))


@case("a frame sent twice is refused, and nothing after it is delivered")
def replayed():
    both_ways("replayed frame", at(1, lambda frame: [frame, frame]), "SA-0(02|11)", upto(2))


@case("an early frame sent again later is refused")
def replayed_later():
    def act(number, frame, state):
        if number == 0:
            state["first"] = frame
        return [state["first"], frame] if number == 3 else [frame]
    both_ways("replayed later", act, "SA-0(02|11)", upto(3))


@case("a frame left out is noticed at the next one")
def dropped():
    both_ways("dropped frame", at(2, lambda frame: []), "SA-0(02|11)", upto(2))


@case("two frames exchanged are noticed at the first of them")
def exchanged():
    def act(number, frame, state):
        if number == 1:
            state["kept"] = frame
            return []
        return [frame, state["kept"]] if number == 2 else [frame]
    both_ways("exchanged frames", act, "SA-0(02|11)", upto(1))


class Keep(OnFrames):
    """Keeps the data frames that pass."""

    def __init__(self, kept):
        super().__init__(lambda number, frame: (kept.append(frame) if number >= 2 else None, [frame])[1])


@case("a frame of the other direction is refused")
def reflected():
    with Scene() as scene:
        scene.hosts()
        far, kept = Box(), []
        server, target = scene.server(Service(scene, far.put).url)
        # In place of the server's first data the client gets its own back.
        mirror = OnFrames(lambda number, frame: [frame] if number < 2 else [kept[0]])
        middle = Middle(scene, target, lambda number: (Keep(kept), mirror))
        client, url = scene.client(middle.url)
        near = connect(url)
        near.sendall(b"mine")
        other = far.wait()
        check(receive(other, 4) == b"mine", "the first message did not arrive")
        other.sendall(b"yours")
        check(receive_end(near) == (b"", "reset"), "the client's program got something")
        contains(client.wait_line(ALERT), "SA-0(02|08|11)")


@case("a stream cut at every frame and inside frames: a reset and SA-031, never a clean end")
def cut():
    def after(number):
        return at(number, lambda frame: [frame, CUT])

    def inside(number, part):
        return at(number, lambda frame: [frame[:part], CUT])
    for number in range(MESSAGES):
        # With all messages there but no CLOSE it is a truncation all the same.
        both_ways(f"cut after frame {number}", after(number), "SA-031", upto(number + 1))
    for part in (1, HEADER, HEADER + 1, 60):
        both_ways(f"cut {part} bytes into a frame", inside(2, part), "SA-031", upto(2))
    both_ways("cut in place of CLOSE", at(MESSAGES, lambda frame: [CUT]), "SA-031", upto(MESSAGES))
    both_ways("cut inside CLOSE", at(MESSAGES, lambda frame: [frame[:-1], CUT]), "SA-031", upto(MESSAGES))


@case("the opening cut after every frame: the program sees a reset, the client's log says why")
def cut_opening():
    for way, number in ((0, 0), (0, 1), (1, 0), (1, 1)):
        with Scene() as scene:
            acting = OnFrames(lambda n, frame: [frame, CUT] if n == number else [frame])
            if (way, number) == (1, 1):
                acting = OnFrames(lambda n, frame: [CUT] if n == number else [frame])
            field = Field(scene, lambda _: (acting, Rule()) if way == 0 else (Rule(), acting))
            check_client(7, converse(field.url, 7), f"opening cut after frame {number} of direction {way}")
            contains(field.client.wait_line(ALERT), "SA-031")
            field.ledger.check([7])


# ---- Strangers ------------------------------------------------------------------------------------------------------------------


def garbage(rng, opening):
    """Things that are no opening."""
    kind = rng.randrange(10)
    if kind == 0:
        return rng.randbytes(rng.randrange(1, 5000))
    if kind == 1:
        return b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    if kind == 2:
        return b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + rng.randbytes(500)
    if kind == 3:
        return b"SSH-2.0-OpenSSH_9.2p1\r\n"
    if kind == 4:
        return bytes(rng.randrange(1, 3000))
    if kind == 5:  # an opening with a wild length
        return opening[:2] + rng.choice((0x7fffffff, 0xffffffff, 70000, 5000, 0)).to_bytes(4, "big") + opening[6:]
    if kind == 6:  # the right head, then noise
        return opening[:HEADER] + rng.randbytes(len(opening) - HEADER)
    if kind == 7:  # a piece replaced
        at = rng.randrange(len(opening))
        return opening[:at] + rng.randbytes(len(opening) - at)
    if kind == 8:  # another lane or version
        return bytes([rng.choice([x for x in range(256) if x != opening[0]])]) + opening[1:]
    return opening[:1] + bytes([rng.randrange(256)]) + rng.randbytes(4) + opening[6:]  # epoch and length of its own


@case("garbage instead of an opening: refused, and an honest client is served meanwhile")
def strangers():
    with Scene() as scene:
        records = Record(), Record()
        field = Field(scene, lambda number: records)
        check(converse(field.url, 1)[1] == "end", "the undisturbed conversation failed")
        opening = bytes(records[0].bytes)
        opening = opening[:HEADER + int.from_bytes(opening[2:6], "big")]
        before = len(field.ledger.seen)

        def one(seed):
            rng = random.Random(seed)
            s = connect(field.middle.target)
            try:
                data = garbage(rng, opening)
                s.sendall(data)
                s.shutdown(1)
                back, _ = receive_end(s)
                # What names a known peer is answered (by M2, which shows the server's principal); all else meets silence.
                check(back == b"" or data[:NAMED] == opening[:NAMED], f"seed {seed}: {len(back)} bytes of answer to garbage {data[:40].hex()}")
            except (ConnectionResetError, BrokenPipeError):
                pass
            finally:
                s.close()

        with ThreadPoolExecutor(16) as pool:
            jobs = [pool.submit(one, seed) for seed in range(600)]
            direct, direct_url = scene.client(field.middle.target)
            for seed in range(2, 12):
                check(converse(direct_url, seed) == (all_of(seed, "server"), "end"), "an honest client was not served")
            for job in jobs:
                job.result()
        check(len(field.ledger.seen) == before + 10, "a stranger reached the service")


@case("an opening sent again by a stranger reaches nobody")
def opening_again():
    with Scene() as scene:
        records = Record(), Record()
        field = Field(scene, lambda number: records)
        check(converse(field.url, 1)[1] == "end", "the undisturbed conversation failed")
        s = connect(field.middle.target)
        s.sendall(bytes(records[0].bytes))  # OPEN, M3, data, CLOSE of another session
        s.shutdown(1)
        receive_end(s)
        contains(field.server.wait_line(ALERT), "SA-0")
        check(field.service.accepted == 1 and len(field.ledger.seen) == 1, "the service was reached again")


@case("a length larger than any message is refused before it is buffered")
def oversize():
    def huge(frame):
        return [frame[:2] + b"\x7f\xff\xff\xff" + frame[6:]]
    both_ways("oversize length", at(1, huge), "SA-007", upto(1))


@case("a server of the attacker's own: the client says nothing to it and its program sees a reset")
def false_server():
    with Scene() as scene:
        scene.hosts()
        got = Box()

        def serve(s):
            rng = random.Random(len(got.values))
            head = receive(s, HEADER)
            opening = head + receive(s, int.from_bytes(head[2:6], "big"))
            answers = (b"", rng.randbytes(1000), opening, opening[:2] + b"\xff" * 4, bytes(500),
                       opening[:HEADER] + rng.randbytes(len(opening) - HEADER))
            try:
                s.sendall(answers[len(got.values) % len(answers)])
                s.shutdown(1)
            except OSError:
                pass  # the client had gone at the first bytes of it
            got.put(receive_end(s)[0])
            s.close()
        client, url = scene.client(Service(scene, serve).url)
        for number in range(12):
            expect_reset(url, b"secret of the program")
            check(b"secret" not in got.wait(number + 1), "the program's bytes went out in clear")
        client.wait_line(ALERT)


main(parallel=2)
