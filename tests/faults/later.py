# SPDX-License-Identifier: Apache-2.0
"""Goal: a connection whose two ends are done, and that the network keeps open, is waited for, whatever still comes, and not for ever."""
import json
import os
import socket
import threading

from datagram_support import until
from support import Scene, Service, case, check, connect, control, echo, environment, main, noise, receive, receive_end, run

SHIM = os.path.abspath(os.environ["LATER_SHIM"])


class Open(Service):
    """Sits between both ends and passes on all but the ends."""

    def __init__(self, scene, target):
        self.target, self.ends, self.pair, self.over = target, threading.Semaphore(0), [], threading.Event()
        super().__init__(scene, self._between)

    def _between(self, near):
        far = connect(self.target)
        self.pair = [near, far]
        threading.Thread(target=self._pass_on, args=(far, near), daemon=True).start()
        self._pass_on(near, far)
        self.over.wait()
        far.close()

    def _pass_on(self, source, sink):
        while data := source.recv(1 << 16):
            sink.sendall(data)
        self.ends.release()

    def close(self):
        self.over.set()
        super().close()


def connections(process):
    return json.loads(run("status", "--control", control(process), "--json", status=0)[1])["connections"]


@case("ten minutes later who is done leaves a peer that does not close; until then all that comes is passed over")
def ten_minutes():
    with Scene() as scene:
        scene.hosts()
        later = scene.path("later")
        server, wire = scene.server(Service(scene, echo).url, env={**environment(), "LD_PRELOAD": SHIM, "LATER_FILE": later})
        between = Open(scene, wire)
        client, url = scene.client(between.url)
        with connect(url) as s:
            s.sendall(b"hello")
            check(receive(s, 5) == b"hello", "no echo")
            s.shutdown(socket.SHUT_WR)
            check(receive_end(s) == (b"", "end"), "no end")
        for _ in range(2):
            check(between.ends.acquire(timeout=20), "an end waits for the other one")
        for end in between.pair:
            end.sendall(noise("behind the end", 1 << 22))
        check(len(connections(server)) == len(connections(client)) == 1, "it is over already")
        with open(later, "w"):
            until(lambda: not connections(server))  # which wakes it up, too: it sleeps by the clock that there is
        server.wait_line("event=closed", "peer=web1 ")
        check(len(connections(client)) == 1 and client.count("event=closed") == 0, "it is not later there")
        for p in (server, client):
            check(p.count("event=alert") == p.count("level=error") == 0, p.text())


main()
