# SPDX-License-Identifier: Apache-2.0
"""web_support.py - nginx and curl, for the tests that put them at the two ends."""
import hashlib
import os
import socket
import subprocess
import time

from support import check, find, noise

SMALL = noise("a small page", 3000)


def nginx(scene):
    """nginx on a UNIX socket, so that no port can be taken by another program."""
    web = scene.path("www")
    os.makedirs(web)
    os.chmod(scene.folder, 0o755)
    with open(os.path.join(web, "small"), "wb") as file:
        file.write(SMALL)
    folders = "".join(f"{kind}_temp_path {scene.path(kind)};\n" for kind in
                      ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;" if os.geteuid() == 0 else ""
    config = scene.write("nginx.conf", f"""daemon off; master_process off; worker_processes 1; {user}
pid {scene.path('nginx.pid')}; error_log stderr warn;
events {{ worker_connections 1024; }}
http {{ access_log off; keepalive_requests 100000; sendfile on; {folders}
  server {{ listen unix:{scene.path('nginx.sock')}; root {web}; }} }}
""")
    scene.other(find("nginx"), "-e", "stderr", "-p", scene.folder, "-c", config)
    wait_socket(scene.path("nginx.sock"))
    return web, "unix:" + scene.path("nginx.sock")


def put_large(web, mebibytes):
    """A page called large: its SHA-256."""
    whole = hashlib.sha256()
    with open(os.path.join(web, "large"), "wb") as file:
        for i in range(mebibytes):
            piece = noise(i, 1 << 20)
            whole.update(piece)
            file.write(piece)
    return whole.digest()


def wait_socket(path):
    """Until a program accepts there; nginx, redis and the like say it nowhere."""
    deadline = time.monotonic() + 30
    while True:
        s = socket.socket(socket.AF_UNIX)
        try:
            s.connect(path)
            return
        except OSError:
            check(time.monotonic() < deadline, f"nobody listens at {path}")
            time.sleep(0.01)  # between two looks, with a deadline: there is nothing to wait on
        finally:
            s.close()


def curl(*arguments, seconds=100):
    done = subprocess.run(["curl", "-sS", "--max-time", str(seconds), *arguments], capture_output=True, text=True,
                          timeout=seconds + 5)
    check(done.returncode == 0, f"curl ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def get_large(url, path):
    """Its SHA-256 as it comes by URL."""
    curl("-o", path, http(url) + "/large")
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def http(url):
    return url.replace("tcp:", "http://")
