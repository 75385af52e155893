"""The model manager is made when somebody asks for it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.types import Receive, Scope, Send

from algovera_desktop.server.later_manager import LaterManager
from algovera_desktop.server.models.places import ModelsFolder


class Manager:
    """One that begins only where its folder is there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.is_running = False

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        list(self._folder.iterdir())
        self.is_running = True
        yield
        self.is_running = False


def test_one_that_could_not_begin_is_made_anew_for_the_next_call(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    made: list[Manager] = []
    answered: list[bool] = []

    async def answer(_scope: Scope, _receive: Receive, _send: Send) -> None:
        answered.append(made[-1].is_running)

    def make() -> Any:
        made.append(Manager(folder))
        return made[-1], answer

    async def call_twice() -> None:
        later = LaterManager(ModelsFolder(folder), make)
        nothing = cast("Any", None)
        async with later.running():
            with pytest.raises(FileNotFoundError):
                await later({}, nothing, nothing)
            folder.mkdir()
            await later({}, nothing, nothing)

    asyncio.run(call_twice())
    assert answered == [True]
    assert [each.is_running for each in made] == [False, False]
