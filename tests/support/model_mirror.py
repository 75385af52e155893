"""A mirror of the Hub on loopback: revision, tree, and HEAD and GET of files, with ETag and Range.

Files are given by way of a second server, as the Hub does by its CDN. Each fault is used once,
unless it says otherwise; ``requests`` holds all that arrived at either of the two.
"""

import hashlib
import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
HUB_ID = "tests/tiny"
NAME = "tiny"
_BLOCK = 4096


@dataclass(frozen=True)
class Asked:
    """One request. Header names are in lower case; ``to_cdn`` where it came by redirection."""

    method: str
    path: str
    headers: dict[str, str]
    to_cdn: bool

    @property
    def range(self) -> str | None:
        return self.headers.get("range")


@dataclass
class ModelMirror:
    """``files`` by path. Faults: ``cut_after`` so many bytes of a path the connection breaks off;
    at ``hold_at`` bytes of a path its answer waits until ``release`` is set; ``statuses`` are
    answered instead; ``said`` is sent in place of a file's true content; ``listed`` changes the
    listing."""

    files: dict[str, bytes]
    requests: list[Asked] = field(default_factory=list)
    cut_after: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    hold_at: dict[str, int] = field(default_factory=dict)
    held: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)
    statuses: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    said: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    listed: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] = field(
        default=lambda items: items
    )
    ignores_range: bool = False
    address: str = ""
    cdn: str = ""
    _servers: list[ThreadingHTTPServer] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    def gets(self, path: str) -> list[Asked]:
        """The requests for one file's bytes, in order."""
        return [it for it in self.requests if it.to_cdn and it.path == path and it.method == "GET"]

    def start(self) -> None:
        """Be there, after ``stop`` at the same address as before."""
        handlers = (_handler(self, to_cdn=False), _handler(self, to_cdn=True))
        known = [urlsplit(each).port or 0 for each in (self.address, self.cdn)]
        self._servers = [
            _Server(("127.0.0.1", port), handler)
            for port, handler in zip(known, handlers, strict=True)
        ]
        self.address, self.cdn = (
            f"http://127.0.0.1:{server.server_address[1]}" for server in self._servers
        )
        self._threads = [
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            for server in self._servers
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Be gone; a connection that waits is let go."""
        self.release.set()
        for server in self._servers:
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join()
        self._servers, self._threads = [], []

    def tree(self) -> list[dict[str, Any]]:
        """The listing as the Hub gives it: a SHA-256 for large files, git's name for small."""
        folders = {str(Path(path).parent) for path in self.files} - {"."}
        items: list[dict[str, Any]] = [{"type": "directory", "path": each} for each in folders]
        for path, content in self.files.items():
            item = {"type": "file", "path": path, "size": len(content), "oid": blob_id(content)}
            if len(content) > _BLOCK:
                digest = hashlib.sha256(content).hexdigest()
                item["lfs"] = {"oid": digest, "size": len(content), "pointerSize": 130}
            items.append(item)
        return self.listed(items)


def blob_id(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def tiny_files(size_bytes: int = 300_000) -> dict[str, bytes]:
    """A model in OpenVINO's layout, of bytes that differ everywhere."""
    weights = b"".join(hashlib.sha256(b"%d" % n).digest() for n in range(size_bytes // 32 + 1))
    return {
        "model_index.json": json.dumps({"_class_name": "StableDiffusionPipeline"}).encode(),
        "README.md": b"# not wanted",
        "unet/config.json": b'{"sample_size": 64}',
        "unet/openvino_model.xml": b"<net/>" * 100,
        "unet/openvino_model.bin": weights[:size_bytes],
        "vae_decoder/openvino_model.xml": b"<net/>",
        "vae_decoder/openvino_model.bin": weights[: size_bytes // 3],
    }


def catalogue_of(*names: str) -> str:
    """A catalogue's text with these models, all of them the mirror's tiny one."""
    entries = [
        {
            "model": {"name": name, "title": name.title(), "native_size": _side(128)},
            "runtime": "openvino",
            "licence": {"name": "Test licence", "address": "https://licences.example/test"},
            "hub_id": HUB_ID,
            "include": ["*.json", "*.xml", "*.bin", "*.safetensors"],
        }
        for name in names
    ]
    return json.dumps({"format": 1, "models": entries})


def _side(pixels: int) -> dict[str, int]:
    return {"width": pixels, "height": pixels}


@contextmanager
def model_mirror(files: dict[str, bytes] | None = None) -> Iterator[ModelMirror]:
    """A mirror for the length of a block."""
    mirror = ModelMirror(files or tiny_files())
    mirror.start()
    try:
        yield mirror
    finally:
        mirror.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that the end waits for each of them
    allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that is gone is no trouble."""


class _Handler(BaseHTTPRequestHandler):
    mirror: ModelMirror
    to_cdn: bool
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        self.close_connection = True
        path = unquote(urlsplit(self.path).path)
        file = path.removeprefix(f"/{HUB_ID}/resolve/{COMMIT}/").removeprefix("/cdn/")
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.mirror.requests.append(Asked(self.command, file, headers, self.to_cdn))
        if self.mirror.statuses[file]:
            self._send(self.mirror.statuses[file].pop(0), b"", {"Retry-After": "0"})
        elif path == f"/api/models/{HUB_ID}/revision/main":
            self._send_json({"sha": COMMIT})
        elif path == f"/api/models/{HUB_ID}/tree/{COMMIT}":
            self._send_json(self.mirror.tree())
        elif file not in self.mirror.files:
            self._send(404, b"Not Found", {})
        elif self.to_cdn:
            self._send_file(file)
        else:
            self._redirect(file)

    def _redirect(self, file: str) -> None:
        content = self.mirror.files[file]
        headers = {
            "Location": f"{self.mirror.cdn}/cdn/{file}",
            "X-Repo-Commit": COMMIT,
            "X-Linked-Size": str(len(content)),
        }
        self._send(302, b"Found", headers)

    def _send_file(self, file: str) -> None:
        said = self.mirror.said[file]
        content = said.pop(0) if said else self.mirror.files[file]
        etag = f'"{hashlib.sha256(content).hexdigest()}"'
        start = self._asked_start(etag)
        headers = {"ETag": etag, "Accept-Ranges": "bytes"}
        if start >= len(content) > 0:
            self._send(416, b"", headers)
            return
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self._send(206 if start else 200, content[start:], headers, file)

    def _asked_start(self, etag: str) -> int:
        asked = self.headers.get("Range", "")
        if not asked or self.mirror.ignores_range:
            return 0
        if self.headers.get("If-Range", etag) != etag:
            return 0
        return int(asked.removeprefix("bytes=").split("-")[0])

    def _send_json(self, value: object) -> None:
        self._send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, body: bytes, headers: dict[str, str], file: str = "") -> None:
        self.send_response(status)
        for name, value in {
            **headers,
            "Content-Length": str(len(body)),
            "Connection": "close",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        cuts = self.mirror.cut_after[file] if file else []
        body = body[: cuts.pop(0)] if cuts else body
        hold_at = self.mirror.hold_at.get(file, -1)
        with suppress(OSError):
            for begin in range(0, len(body), _BLOCK):
                if 0 <= hold_at <= begin and not self.mirror.release.is_set():
                    self.wfile.flush()
                    self.mirror.held.set()
                    self.mirror.release.wait(30)
                self.wfile.write(body[begin : begin + _BLOCK])


def _handler(mirror: ModelMirror, *, to_cdn: bool) -> type[_Handler]:
    return type("Handler", (_Handler,), {"mirror": mirror, "to_cdn": to_cdn})
