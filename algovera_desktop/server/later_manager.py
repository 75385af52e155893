"""The model manager's calls, made when the first of them comes.

What they import and describe took an eighth of a server's start, and most starts need none.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from starlette.types import Receive, Scope, Send

from algovera_desktop.server.models.places import ModelsFolder

if TYPE_CHECKING:
    from fastapi import FastAPI

    from algovera_desktop.server.models_api import ModelsApi


class LaterManager:
    """An ASGI application that ``make`` makes, on a thread, when it is first called, or at once
    where a download is to go on. Belongs to one event loop."""

    def __init__(
        self, folder: ModelsFolder, make: Callable[[], "tuple[ModelsApi, FastAPI]"]
    ) -> None:
        self._folder, self._make = folder, make
        self._making = asyncio.Lock()
        self._stack = AsyncExitStack()
        self._manager: ModelsApi | None = None
        self._app: FastAPI | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = await self._made()
        await app(scope, receive, send)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Inside, downloads of a predecessor go on, and calls are answered."""
        async with self._stack:
            if await asyncio.to_thread(self._folder.has_unfinished):
                await self._made()
            yield

    def release_waiters(self) -> None:
        """Answer everybody who waits for a change, from now on at once."""
        if self._manager is not None:
            self._manager.release_waiters()

    async def _made(self) -> "FastAPI":
        async with self._making:
            if self._app is None:
                manager, app = await asyncio.to_thread(self._make)
                await self._stack.enter_async_context(manager.running())
                # Last: one that could not begin is made anew for the next call.
                self._manager, self._app = manager, app
            return self._app
