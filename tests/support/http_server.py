"""A real HTTP server on a free port of loopback whose every answer a test scripts.

    server.on("/api/status", silent, reply_json({"job_status": "done"}))

The behaviours of a path are used one after the other, the last one for ever. One is a function
that gets the :class:`Conversation` and does what it likes with the connection.
"""

import json
import socket
import ssl
import struct
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

_BLOCK = bytes(64 * 1024)


@dataclass(frozen=True)
class Request:
    """What arrived. Header names are in lower case; ``at`` is ``time.monotonic()``."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    connection: int
    at: float

    def json(self) -> Any:
        return json.loads(self.body)


class Conversation:
    """One request on one connection, and the means to answer it well or badly."""

    def __init__(self, server: "ScriptedServer", sock: socket.socket, request: Request) -> None:
        self.server = server
        self.sock = sock
        self.request = request

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)
        self.server.sent_bytes += len(data)

    def send_head(self, status: int, headers: Mapping[str, str]) -> None:
        lines = [f"HTTP/1.1 {status} Scripted", *(f"{k}: {v}" for k, v in headers.items())]
        self.send("\r\n".join([*lines, "", ""]).encode())

    def wait(self, seconds: float) -> None:
        """Pass the time; raises ConnectionAbortedError when the server is closed meanwhile."""
        if self.server.closing.wait(seconds):
            raise ConnectionAbortedError

    def hang_up(self) -> None:
        raise ConnectionAbortedError

    def reset(self) -> None:
        """End the connection by a RST instead of a FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise ConnectionAbortedError


Behaviour = Callable[[Conversation], None]


@dataclass
class ScriptedServer:
    """``address`` is its base URL; ``requests`` all that arrived, in order.

    With ``drops_get_bodies`` it is a proxy that takes the body of a GET away. ``reset_unread``
    connections to come are reset when a request has arrived, without reading it.
    """

    address: str = ""
    requests: list[Request] = field(default_factory=list)
    sent_bytes: int = 0
    drops_get_bodies: bool = False
    reset_unread: int = 0
    closing: threading.Event = field(default_factory=threading.Event)
    _scripts: dict[str, list[Behaviour]] = field(default_factory=lambda: defaultdict(list))
    _connections: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def on(self, path: str, *behaviours: Behaviour) -> None:
        """Script a path anew."""
        with self._lock:
            self._scripts[path] = list(behaviours)

    def to(self, path: str) -> list[Request]:
        """The requests to one path."""
        return [request for request in self.requests if request.path == path]

    def wait_for_request(self, count: int = 1, timeout_s: float = 10.0) -> None:
        deadline = time.monotonic() + timeout_s
        while len(self.requests) < count:
            assert time.monotonic() < deadline, "no request came"
            time.sleep(0.005)

    def behaviour(self, request: Request) -> Behaviour:
        with self._lock:
            self.requests.append(request)
            script = self._scripts[request.path]
            if not script:
                return reply_json({"detail": "Not Found"}, 404)
            return script.pop(0) if len(script) > 1 else script[0]

    def converse(self, sock: socket.socket) -> None:
        """All requests of one connection."""
        with self._lock:
            self._connections += 1
            number = self._connections
            reset, self.reset_unread = self.reset_unread > 0, max(self.reset_unread - 1, 0)
        # ValueError: what arrived is no HTTP; there is nobody to answer.
        with suppress(OSError, ValueError):
            if reset:
                sock.recv(1, socket.MSG_PEEK)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            stream = sock.makefile("rb")
            with stream:
                while request := _read_request(stream, number, self.drops_get_bodies):
                    self.behaviour(request)(Conversation(self, sock, request))


def _read_request(stream: Any, number: int, drops_get_bodies: bool) -> Request | None:
    line = stream.readline().decode()
    if not line.strip():
        return None
    method, target, _ = line.split(" ", 2)
    headers: dict[str, str] = {}
    while (header := stream.readline().decode().strip()) != "":
        name, _, value = header.partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", "0")))
    if drops_get_bodies and method == "GET":
        body = b""
    # To a proxy a client sends the whole URL, or for CONNECT host and port.
    parts = urlsplit(target)
    path = target if method == "CONNECT" else parts.path
    query = dict(parse_qsl(parts.query))
    return Request(method, path, query, headers, body, number, time.monotonic())


@contextmanager
def scripted_server(tls: ssl.SSLContext | None = None) -> Iterator[ScriptedServer]:
    """A server for the length of a block; afterwards none of its threads or sockets is left."""
    server = ScriptedServer()
    listener = socket.create_server(("127.0.0.1", 0))
    scheme = "https" if tls else "http"
    server.address = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"
    threads: list[threading.Thread] = []
    sockets: list[socket.socket] = []

    def serve(sock: socket.socket) -> None:
        with suppress(OSError), sock:
            if tls is None:
                server.converse(sock)
                return
            with tls.wrap_socket(sock, server_side=True) as secure:
                sockets.append(secure)
                server.converse(secure)

    def accept() -> None:
        with suppress(OSError):
            while True:
                sock, _ = listener.accept()
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sockets.append(sock)
                threads.append(threading.Thread(target=serve, args=(sock,)))
                threads[-1].start()

    acceptor = threading.Thread(target=accept)
    acceptor.start()
    try:
        yield server
    finally:
        server.closing.set()
        _wake(listener)
        acceptor.join()
        for sock in sockets:
            _wake(sock)
        for thread in threads:
            thread.join()
        listener.close()


def _wake(sock: socket.socket) -> None:
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def reply(
    body: bytes = b"", status: int = 200, media_type: str = "text/plain", **headers: str
) -> Behaviour:
    """A whole answer. ``headers`` are written with _ for -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named = {"Content-Type": media_type, "Content-Length": str(len(body))} | named

    def behave(talk: Conversation) -> None:
        talk.send_head(status, named)
        talk.send(body)

    return behave


def reply_json(value: object, status: int = 200, **headers: str) -> Behaviour:
    return reply(json.dumps(value).encode(), status, "application/json", **headers)


def captive_portal(status: int = 200) -> Behaviour:
    """The sign-in page of a hotel's network."""
    return reply(b"<!doctype html><title>Welcome</title>", status, "text/html; charset=utf-8")


def redirect(to: str, status: int = 302) -> Behaviour:
    return reply(b"", status, Location=to)


def late(seconds: float, then: Behaviour) -> Behaviour:
    def behave(talk: Conversation) -> None:
        talk.wait(seconds)
        then(talk)

    return behave


def silent(talk: Conversation) -> None:
    """Reads the request and never says a word."""
    talk.wait(3600)


def hangs_up(talk: Conversation) -> None:
    """Reads the request and closes the connection."""
    talk.hang_up()


def resets(talk: Conversation) -> None:
    """Reads the request and resets the connection."""
    talk.reset()


def cut_off(body: bytes, declared: int, media_type: str = "application/json") -> Behaviour:
    """Declares a length and hangs up before it is reached."""

    def behave(talk: Conversation) -> None:
        talk.send_head(200, {"Content-Type": media_type, "Content-Length": str(declared)})
        talk.send(body)
        talk.hang_up()

    return behave


def chunked(*chunks: bytes, media_type: str = "image/jpeg", cut: bool = False) -> Behaviour:
    """An answer in chunks, as the original service sends pictures; ``cut`` leaves out the end."""

    def behave(talk: Conversation) -> None:
        talk.send_head(200, {"Content-Type": media_type, "Transfer-Encoding": "chunked"})
        for chunk in chunks:
            talk.send(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        if cut:
            talk.hang_up()
        talk.send(b"0\r\n\r\n")

    return behave


def zeros(
    size: int, *, declared: bool, status: int = 200, media_type: str = "image/png", **headers: str
) -> Behaviour:
    """A body of nothing but zeros, as long as the client wants to hear it."""

    def behave(talk: Conversation) -> None:
        head = {"Content-Type": media_type, "Connection": "close"} | headers
        talk.send_head(status, head | ({"Content-Length": str(size)} if declared else {}))
        for _ in range(size // len(_BLOCK)):
            talk.send(_BLOCK)
        talk.hang_up()

    return behave


def drips(data: bytes, every_s: float) -> Behaviour:
    """Sends raw bytes, head and all, one at a time."""

    def behave(talk: Conversation) -> None:
        for byte in data:
            talk.wait(every_s)
            talk.send(bytes([byte]))
        talk.hang_up()

    return behave


def raw(data: bytes) -> Behaviour:
    """Sends bytes that need not be HTTP, and hangs up."""

    def behave(talk: Conversation) -> None:
        talk.send(data)
        talk.hang_up()

    return behave
