"""Debian's nginx with the site file that we ship, whose ports and paths are those of a test."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.certificates import Certificate

SHIPPED = Path(__file__).parents[2] / "packaging" / "server"


@contextmanager
def running_nginx(folder: Path, upstream: str, certificate: Certificate) -> Iterator[str]:
    """Its address, for the length of a block; what it writes lies in ``folder``."""
    port = _free_port()
    site = (SHIPPED / "nginx.conf").read_text()
    for ours, here in (
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        ("listen [::]:443 ssl;", ""),
        ("/etc/ssl/certs/studio.example.pem", str(certificate.file)),
        ("/etc/ssl/private/studio.example.key", str(certificate.key)),
        ("/var/log/nginx", str(folder)),
        ("http://127.0.0.1:8965", upstream),
    ):
        assert ours in site
        site = site.replace(ours, here)
    (folder / "site.conf").write_text(site)
    spools = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "\n".join(f"{spool}_temp_path {folder}/{spool};" for spool in spools)
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/main.log;\n"
        f"events {{}}\nhttp {{ {paths}\n access_log off; include {folder}/site.conf; }}\n"
    )
    command = ["/usr/sbin/nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    command += ["-g", f"user {os.environ.get('USER', 'root')};"] if os.geteuid() == 0 else []
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        try:
            _wait_for_port(port, process)
            yield f"https://127.0.0.1:{port}"
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def _wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            assert process.poll() is None, process.stderr and process.stderr.read()
            time.sleep(0.02)
        else:
            return
