"""The page where the person at the machine makes and revokes keys, and its guard.

Only this machine may ask (the peer is loopback), only under its own name (``Host``; else a
foreign name that was rebound to loopback could), and only this page (``Origin`` and
``Sec-Fetch-Site``; else any page in the same browser could).
"""

import ipaddress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel
from starlette.responses import FileResponse, Response

from algovera_desktop.server.keys import KeyNameError, KeyStore

_STATIC = Path(__file__).parent / "static"
_PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_FORWARDING_HEADERS = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


class NewKeyBody(BaseModel):
    name: str


class KeyPage:
    """The keys' page and the calls that only it may make."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys

    def router(self) -> APIRouter:
        """The routes; none is part of the published protocol."""
        guarded = [Depends(require_person_at_machine)]
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/", self.page, dependencies=guarded)
        router.add_api_route("/keys", self.list_keys, dependencies=guarded)
        router.add_api_route(
            "/keys", self.create_key, methods=["POST"], status_code=201, dependencies=guarded
        )
        router.add_api_route(
            "/keys/{key_id}", self.revoke_key, methods=["DELETE"], dependencies=guarded
        )
        return router

    async def page(self) -> Response:
        return shipped_file("keys.html")

    async def list_keys(self) -> dict[str, Any]:
        return {"keys": await run_in_threadpool(self._keys.list)}

    async def create_key(self, body: NewKeyBody) -> dict[str, str]:
        try:
            return {"key": await run_in_threadpool(self._keys.create, body.name)}
        except KeyNameError as error:
            raise HTTPException(422, str(error)) from None

    async def revoke_key(self, key_id: str) -> dict[str, str]:
        if not await run_in_threadpool(self._keys.revoke, key_id):
            raise HTTPException(404, "There is no such key.")
        return {"revoked": key_id}


def require_person_at_machine(request: Request) -> None:
    """Raise 403 unless the request comes from this page in a browser on this machine, or from
    a program here that is no browser."""
    headers = request.headers
    if not _has_loopback_peer(request):
        raise HTTPException(403, "Keys can only be managed on the computer that serves them.")
    if _is_forwarded(request):
        raise HTTPException(403, "Keys cannot be managed through a proxy.")
    host = headers.get("host", "")
    if not _is_loopback(_name_in(host)):
        raise HTTPException(403, "Keys can only be managed at a loopback address.")
    origin = headers.get("origin")
    if origin is not None and origin != f"{request.scope.get('scheme', 'http')}://{host}":
        raise HTTPException(403, "Another page may not manage keys.")
    if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        raise HTTPException(403, "Another page may not manage keys.")


def comes_from_here(request: Request) -> bool:
    """Whether a program on this computer asks, and no proxy for another one."""
    return _has_loopback_peer(request) and not _is_forwarded(request)


def _has_loopback_peer(request: Request) -> bool:
    return request.client is not None and _is_loopback(request.client.host)


def _is_forwarded(request: Request) -> bool:
    return any(name in request.headers for name in _FORWARDING_HEADERS)


def _name_in(host: str) -> str:
    """The name or address in a ``Host`` header, empty where there is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def shipped_file(name: str) -> Response:
    """A file that ships beside this module; the names are known, so none can lead elsewhere."""
    if name not in {each.name for each in _STATIC.iterdir()}:
        raise HTTPException(404, "Not found")
    return FileResponse(_STATIC / name, headers=_PAGE_HEADERS)
