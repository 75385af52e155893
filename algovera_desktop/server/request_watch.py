"""Counts and logs each request, without its query, its body or anything else that is secret."""

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from algovera_desktop.server.metrics import Counter

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_CLIENT_GONE = 499
"""What proxies note for a client that did not wait for its answer."""

_log = logging.getLogger(__name__)


class RequestWatch:
    """The outermost middleware. Endpoints leave the id of a request's key in ``state.owner``."""

    def __init__(self, app: ASGIApp, answers: Counter) -> None:
        self._app = app
        self._answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began_s = time.perf_counter()
        status = _CLIENT_GONE

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except Exception:
            status = 500
            raise
        finally:
            self._record(scope, status, time.perf_counter() - began_s)

    def _record(self, scope: Scope, status: int, took_s: float) -> None:
        # Names that a client could make up would fill the memory of whoever keeps the numbers.
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = getattr(scope.get("route"), "path", "none")
        self._answers.add(method, route, str(status))
        fields = {
            "method": method,
            "route": route,
            "status": status,
            "milliseconds": round(took_s * 1000, 1),
            "owner": scope.get("state", {}).get("owner"),
        }
        _log.info("%s %s %d", method, route, status, extra={"fields": fields})
