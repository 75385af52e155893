"""Tries a bundle as a person would: its programs start, paint, answer and end.

Standard library only, on any of the three systems.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

T = TypeVar("T")

_PATIENCE_S = 120.0
_LOOK_EVERY_S = 0.2
_PAGES = ("/", "/docs")
_ORDER = {
    "prompt": "a red boat on a lake",
    "base_model": "sketch",
    "width": 256,
    "height": 256,
    "inf_steps": 4,
    "guidance_scale": 7.5,
    "seed": 1,
}
_PNG = b"\x89PNG\r\n\x1a\n"
_RUNTIME = ("*openvino_*cpu_plugin.*", "*openvino_ir_frontend.*", "lib/*openvino_tokenizers.*")


class SmokeError(Exception):
    """Something in the bundle does not do what it is there for."""


def smoke(folder: Path) -> None:
    """Try the two programs in ``folder``; raises SmokeError if one does not do.

    ``--check`` starts the server too, and asks it. The window has opened its library when the
    library's file is there.
    """
    desktop, server = (_program(folder, name) for name in ("algovera-desktop", "algovera-server"))
    _require_runtime(folder)
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    # On Windows who was ended holds its files for a moment still.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        data, server_data = Path(name) / "data", Path(name) / "server"
        _run([server, "--version"], environment)
        _run([desktop, "--data-dir", data, "--check"], environment)
        painted_s = _timed(lambda: _paint(server, server_data))
        opened_s = _timed(lambda: _open_window(desktop, data, environment))
    print(f"A picture was painted in {painted_s:.1f} s, the library open after {opened_s:.1f} s.")


def _program(folder: Path, name: str) -> Path:
    suffix = ".exe" if os.name == "nt" else ""
    return folder.resolve() / f"{name}{suffix}"


def _require_runtime(folder: Path) -> None:
    """On Linux it is a package of its own. That the files are there is all that can be seen
    without a model of a gigabyte."""
    if sys.platform == "linux":
        return
    inside = folder.parent if sys.platform == "darwin" else folder
    for pattern in _RUNTIME:
        if next(inside.rglob(pattern), None) is None:
            raise SmokeError(f"Neural models could not paint: {pattern} is not in {inside}.")


def _run(
    command: list[str | Path],
    environment: dict[str, str] | None = None,
    output: int | None = None,
) -> "subprocess.CompletedProcess[bytes]":
    done = subprocess.run(command, env=environment, timeout=_PATIENCE_S, stdout=output)
    if done.returncode:
        raise SmokeError(f"{Path(command[0]).name} ended with {done.returncode}.")
    return done


def _timed(work: Callable[[], None]) -> float:
    started_s = time.monotonic()
    work()
    return time.monotonic() - started_s


def _paint(server: Path, data: Path) -> None:
    make_key: list[str | Path] = [server, "--data-dir", data, "keys", "create", "smoke"]
    key = _run(make_key, output=subprocess.PIPE).stdout.decode().strip()
    with _serving(server, data) as address:
        for page in _PAGES:
            _ask(address + page)
        order = json.dumps({**_ORDER, "api_key": key}).encode()
        job = json.loads(_ask(f"{address}/api/txt2img", order))["job_uuid"]
        asked = f"api_key={key}&job_uuid={job}"

        def is_done() -> bool:
            told = json.loads(_ask(f"{address}/api/status?{asked}&wait=5"))
            if told["job_status"] == "failed":
                raise SmokeError(f"The server could not paint: {told['error']}")
            return told["job_status"] == "done"

        _await(is_done, "picture")
        if not _ask(f"{address}/api/getAsset?{asked}").startswith(_PNG):
            raise SmokeError("What the server painted is no PNG.")


@contextmanager
def _serving(server: Path, data: Path) -> Iterator[str]:
    log = data.with_suffix(".log")
    with log.open("wb") as output:
        command = [server, "--data-dir", data, "--port", "0"]
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:

        def address() -> str | None:
            words = log.read_text("utf-8", errors="replace")
            _require_running(process, words)
            found = re.search(r"Serving at (http://\S+) ", words)
            return found[1] if found else None

        yield _await(address, "server's address")
    finally:
        process.terminate()
        process.wait(_PATIENCE_S)


def _ask(address: str, body: bytes | None = None) -> bytes:
    request = Request(address, body, {"Content-Type": "application/json"})
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=_PATIENCE_S) as answer:
            return bytes(answer.read())
    except OSError as error:
        page = urlsplit(address).path  # without the key
        raise SmokeError(f"The server did not answer {page} well: {error}") from error


def _open_window(desktop: Path, data: Path, environment: dict[str, str]) -> None:
    window = subprocess.Popen([desktop, "--data-dir", data], env=environment)

    def is_open() -> bool:
        _require_running(window)
        return (data / "library.sqlite3").exists()

    try:
        _await(is_open, "library")
    finally:
        window.terminate()
        code = window.wait(_PATIENCE_S)
    # Windows knows no polite end from outside.
    if os.name == "posix" and code:
        raise SmokeError(f"{desktop.name} ended with {code} when it was asked to end.")


def _require_running(process: "subprocess.Popen[bytes]", words: str = "") -> None:
    if process.poll() is not None:
        raise SmokeError(f"A program ended by itself with {process.returncode}. {words}")


def _await(look: Callable[[], T | None], what: str) -> T:
    """What ``look`` gives once it gives something true."""
    deadline = time.monotonic() + _PATIENCE_S
    while not (found := look()):
        if time.monotonic() > deadline:
            raise SmokeError(f"There was no {what} after {_PATIENCE_S:g} s.")
        time.sleep(_LOOK_EVERY_S)
    return found
