"""Our own server, which counts the requests that reach it: ``GET /count`` tells how many came,
by path. Its arguments are those of ``algovera-server``."""

import json
import sys
from collections import Counter
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from algovera_desktop.server import app
from algovera_desktop.server.__main__ import main

_create_app = app.create_app


class Counted:
    """Stands before the application and looks at each path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._came: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/count":
            if scope["type"] == "http":
                self._came[scope["path"]] += 1
            await self._app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(self._came).encode()})


def _create_counted_app(*arguments: Any) -> ASGIApp:
    made = _create_app(*arguments)
    made.add_middleware(Counted)
    return made


if __name__ == "__main__":
    app.create_app = _create_counted_app
    sys.exit(main())
