# SPDX-License-Identifier: Apache-2.0
"""Goal: two programs hide what they carry in an image of their homes, so that what is on the wire is that image; and a cover that is
missing, is none or has another size is refused at the start, with its path and the reason."""
import os

from support import HEADER, Middle, OnFrames, Scene, Service, case, check, connect, contains, echo, main, noise, receive, run

HEAD = b"P5\n128 96\n255\n"
COVER = HEAD + noise("cat", 128 * 96)
DATA = 0x20


def stack(size=len(COVER), outside=" | encrypt:aes-256-gcm", inside=""):
    return ("--stack", f"anti-replay:sequence | {inside}encrypt:steganography,cover=cat.pgm,size={size}{outside}")


def place(home, cover):
    with open(os.path.join(home, "covers", "cat.pgm"), "wb") as file:
        file.write(cover)


@case("what is carried is hidden in the image, and comes back")
def hidden():
    with Scene() as scene:
        seen = []

        def look(_, frame):
            if frame[0] == DATA:
                seen.append(frame[HEADER:])
            return [frame]

        scene.hosts()
        for home in (scene.client_home, scene.server_home):
            place(home, COVER)
        service = Service(scene, echo)
        signed = stack(outside=" | sign:ed25519", inside="encrypt:chacha20-poly1305 | ")
        _, wire = scene.server(service.url, *signed)
        middle = Middle(scene, wire, lambda _: (OnFrames(look), OnFrames(look)))
        _, url = scene.client(middle.url, *signed)
        with connect(url) as s:
            data = noise("hidden", 20000)
            s.sendall(data)
            check(receive(s, len(data)) == data, "no echo")
        check(len(seen) >= 2 * 20000 // (len(COVER) // 8), f"{len(seen)} messages were seen")
        for message in seen:
            image = message[:len(COVER)]
            check(image[:len(HEAD)] == HEAD and len(message) == len(COVER) + 64, "it is no image with a signature")
            check(all((a ^ b) < 2 for a, b in zip(image, COVER)), "it looks otherwise than the cover")
            check(image != COVER, "nothing is hidden in it")


@case("another cover of the same size is a change for a reload, and the new one is used; the same one is none")
def exchanged():
    with Scene() as scene:
        scene.hosts()
        other = HEAD + noise("dog", 128 * 96)
        places = [scene.path("ctl", name) for name in ("s.sock", "c.sock")]
        for home in (scene.server_home, scene.client_home):
            place(home, COVER)
        _, wire = scene.server(Service(scene, echo).url, *stack(), "--control", places[0])
        _, url = scene.client(wire, *stack(), "--control", places[1])
        for cover, change in ((COVER, "none"), (other, "changed"), (other, "none")):
            for home, control in zip((scene.server_home, scene.client_home), places):
                place(home, cover)
                contains(run("reload", "--control", control, status=0)[1], rf"(server|client) +{change}\b")
            with connect(url) as s:
                s.sendall(b"hidden")
                check(receive(s, 6) == b"hidden", "no echo")


@case("a cover that cannot be used is refused at the start")
def refused():
    with Scene() as scene:
        scene.hosts()

        def starts_not(*parts):
            process = scene.start("server", "--listen", "tcp:127.0.0.1:0", "--connect", "tcp:127.0.0.1:1", "--home", scene.server_home,
                                  "--identity", "db1", "--peer", "web1", *stack())
            check(process.wait() == 2, "it started")
            contains(process.text(), r"covers/cat\.pgm: ", *parts)

        starts_not("there is no such cover", "at both ends the same")
        place(scene.server_home, b"GIF89a" + bytes(1000))
        starts_not("no binary PGM or PPM image and no WAV sound", "binary PGM or PPM")
        place(scene.server_home, COVER + b" ")
        starts_not(f"this cover has {len(COVER) + 1} bytes, and session 'server' says {len(COVER)}", f"size: {len(COVER) + 1}")


main()
