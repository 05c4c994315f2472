# SPDX-License-Identifier: Apache-2.0
"""Goal: programs that know nothing of SecComm work through it unchanged: curl with nginx, redis-benchmark with redis-server,
and 200 connections at once whose every byte is checked."""
import asyncio
import os
import random
import subprocess

from support import Scene, case, check, contains, digest, find, main, needs, noise, say
from web_support import SMALL, curl, get_large, http, nginx, put_large, wait_socket

CALLS = 1000


def many_requests(*options, connections):
    needs("curl", "nginx")
    with Scene() as scene:
        _, backend = nginx(scene)
        server, client, url = scene.tunnel(backend)
        out = scene.path("out")
        os.makedirs(out)
        said = curl(*options, "-w", "%{http_code} %{num_connects}\\n", "-o", os.path.join(out, "#1"),
                    f"{http(url)}/small?[1-{CALLS}]").split("\n")[:-1]
        check(len(said) == CALLS and all(line.startswith("200 ") for line in said), f"not {CALLS} times 200: {said[:5]}")
        made = sum(int(line.split()[1]) for line in said)
        check(connections(made), f"{made} connections")
        for i in range(1, CALLS + 1):
            with open(os.path.join(out, str(i)), "rb") as file:
                check(file.read() == SMALL, f"answer {i} differs")


@case("curl and nginx: 1,000 requests on one connection")
def keep_alive():
    many_requests(connections=lambda n: n == 1)


@case("curl and nginx: 1,000 requests, each on its own connection")
def one_by_one():
    # 'Connection: close' makes nginx end each connection, so every request opens a session of its own.
    many_requests("-H", "Connection: close", "-Z", "--parallel-max", "16", connections=lambda n: n >= CALLS)


@case("curl and nginx: 100 MiB arrive with the same SHA-256")
def large():
    needs("curl", "nginx")
    with Scene() as scene:
        web, backend = nginx(scene)
        server, client, url = scene.tunnel(backend)
        check(put_large(web, 100) == get_large(url, scene.path("got")), "the SHA-256 differs")


@case("redis-benchmark against redis-server")
def redis():
    needs("redis-benchmark", "redis-server")
    with Scene() as scene:
        path = scene.path("redis.sock")
        scene.other(find("redis-server"), "--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no", "--dir",
                    scene.folder)
        wait_socket(path)
        server, client, url = scene.tunnel("unix:" + path)
        host, port = url.split(":")[1:]
        done = subprocess.run(["redis-benchmark", "-h", host, "-p", port, "-n", "3000", "-c", "20", "-d", "512", "-P", "4", "-t",
                               "set,get,lpush,lrange_100", "--csv"], capture_output=True, text=True, timeout=90)
        check(done.returncode == 0, done.stderr + done.stdout)
        contains(done.stdout, '"SET"', '"GET"', '"LPUSH"', "LRANGE_100")
        check("rror" not in done.stdout, done.stdout)
        counted = subprocess.run(["redis-cli", "-h", host, "-p", port, "dbsize"], capture_output=True, text=True, timeout=30)
        check(int(counted.stdout.split()[-1]) >= 2, f"redis-cli through the tunnel: {counted.stdout}{counted.stderr}")


async def serve_echo(reader, writer):
    try:
        while True:
            piece = await reader.read(1 << 16)
            if not piece:
                break
            writer.write(piece)
            await writer.drain()
        writer.write_eof()
    except ConnectionError:
        pass
    writer.close()


async def one_echo(host, port, seed, ready, total, opened):
    """Sends random bytes in random pieces, ends, and hashes what comes back."""
    rng = random.Random(seed)
    data = rng.randbytes(rng.choice((1, rng.randrange(2, 2000), rng.randrange(2000, 300000))))
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(data[:1])
    first = await reader.readexactly(1)
    opened.append(seed)
    if len(opened) == total:
        ready.set()
    await ready.wait()  # so that all are open at once

    async def send():
        at = 1
        while at < len(data):
            step = rng.randrange(1, 40000)
            writer.write(data[at:at + step])
            await writer.drain()
            at += step
        writer.write_eof()

    _, rest = await asyncio.gather(send(), reader.read())
    writer.close()
    return digest(first + rest) == digest(data), len(data)


@case("200 connections at once: every one gets back exactly what it sent")
def many():
    async def all_of_them(scene):
        backend = await asyncio.start_server(serve_echo, "127.0.0.1", 0, backlog=512)
        port = backend.sockets[0].getsockname()[1]
        loop = asyncio.get_running_loop()
        server, client, url = await loop.run_in_executor(None, lambda: scene.tunnel(f"tcp:127.0.0.1:{port}"))
        host, near = url.split(":")[1:]
        ready, opened = asyncio.Event(), []
        results = await asyncio.gather(*(one_echo(host, int(near), seed, ready, 200, opened) for seed in range(200)))
        check(all(equal for equal, _ in results), f"{sum(not equal for equal, _ in results)} connections got other bytes")
        say(f"{sum(n for _, n in results)} bytes each way")
        backend.close()

    with Scene() as scene:
        asyncio.run(asyncio.wait_for(all_of_them(scene), 100))


main()
