"""Puts the server's HTTP side together."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from fastapi import APIRouter, FastAPI, Response

from algovera_desktop import __version__
from algovera_desktop.server.api import ProtocolApi
from algovera_desktop.server.errors import install_error_answers
from algovera_desktop.server.key_page import KeyPage, shipped_file
from algovera_desktop.server.keys import Doorkeeper, KeyStore
from algovera_desktop.server.later_manager import LaterManager
from algovera_desktop.server.metrics_page import MetricsPage
from algovera_desktop.server.middleware import AnswerHeaders, BodyLimit
from algovera_desktop.server.remote_api import RemoteApi
from algovera_desktop.server.request_watch import RequestWatch
from algovera_desktop.server.studio import Studio

_DESCRIPTION = (
    "Words become pictures: post a job, ask how it is, get its picture. Speaks the protocol of "
    "Algovera's API."
)


def create_app(
    studio: Studio,
    doorkeeper: Doorkeeper,
    keys: KeyStore | None,
    *,
    manager: LaterManager | None = None,
    remote: RemoteApi | None = None,
) -> FastAPI:
    """The ASGI application; its lifespan opens and closes the studio.

    Without ``keys`` there is no page to make any; ``manager`` and ``remote`` are calls for the
    application alone.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None, None]:
        async with manager.running() if manager is not None else nullcontext():
            await studio.open()
            try:
                yield
            finally:
                await studio.close()

    app = _bare_app(lifespan)
    app.include_router(ProtocolApi(studio, doorkeeper).router())
    if keys is not None:
        app.include_router(KeyPage(keys).router())
        app.include_router(MetricsPage(studio).router())
    if remote is not None:
        app.include_router(remote.router())
    if manager is not None:
        app.mount("/api/manage", manager)
    app.add_api_route("/docs", _docs, include_in_schema=False)
    app.add_api_route("/static/{name}", _static_file, include_in_schema=False)
    install_error_answers(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(AnswerHeaders)
    app.add_middleware(RequestWatch, answers=studio.metrics.answers)
    return app


def app_of_router(router: APIRouter) -> FastAPI:
    """An application of these calls alone, to be mounted in another."""
    app = _bare_app(None)
    app.include_router(router)
    install_error_answers(app)
    return app


def _bare_app(
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None,
) -> FastAPI:
    return FastAPI(
        title="Algovera-compatible server",
        description=_DESCRIPTION,
        version=__version__,
        lifespan=lifespan,
        docs_url=None,  # FastAPI's own pages load their scripts from a CDN
        redoc_url=None,
        # A span, where OpenTelemetry is set up, carries the URL: the key of a status call.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )


async def _docs() -> Response:
    return shipped_file("docs.html")


async def _static_file(name: str) -> Response:
    return shipped_file(name)
