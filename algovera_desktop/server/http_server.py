"""Runs the ASGI application on a socket until somebody asks for the end."""

import asyncio
import contextlib
import os
import signal
import socket
import threading
from collections.abc import Callable, Generator
from types import FrameType

import uvicorn
from fastapi import FastAPI

_LAST_ANSWERS_S = 1
_ORDERLY_END_S = 5.0


def run_http_server(
    app: FastAPI,
    listener: socket.socket,
    *,
    on_started: Callable[[], None],
    on_ending: Callable[[], None],
    ends_with_parent: bool,
) -> None:
    """Serve until SIGINT or SIGTERM, or, if asked for, until standard input ends.

    ``on_ending`` is called before open connections are waited for, a second at most.
    """
    config = uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,  # its lines would hold the keys that status calls carry
        proxy_headers=False,  # the keys' page must see who really asks
        server_header=False,
        timeout_graceful_shutdown=_LAST_ANSWERS_S,
    )
    server = HttpServer(config, on_started, on_ending)
    if ends_with_parent:
        _end_with_standard_input(server)
    asyncio.run(server.serve([listener]))


class HttpServer(uvicorn.Server):
    """Says when it is up and when it ends, and ends on a signal with status 0, not by it."""

    def __init__(
        self,
        config: uvicorn.Config,
        on_started: Callable[[], None],
        on_ending: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._on_started = on_started
        self._on_ending = on_ending

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_ending()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        def end(_number: int, _frame: FrameType | None) -> None:
            self.should_exit = True

        if threading.current_thread() is not threading.main_thread():
            yield
            return
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, end) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _end_with_standard_input(server: uvicorn.Server) -> None:
    """The parent holds the other end: it is gone when ours ends, also when it was killed."""

    def wait() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        server.should_exit = True
        last_resort = threading.Timer(_ORDERLY_END_S, os._exit, (1,))
        last_resort.daemon = True
        last_resort.start()

    threading.Thread(target=wait, name="server-parent-watch", daemon=True).start()
