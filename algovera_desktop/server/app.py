"""Puts the server's HTTP side together."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from algovera_desktop import __version__
from algovera_desktop.server.api import ProtocolApi
from algovera_desktop.server.errors import install_error_answers
from algovera_desktop.server.key_page import KeyPage
from algovera_desktop.server.keys import Doorkeeper, KeyStore
from algovera_desktop.server.middleware import AnswerHeaders, BodyLimit
from algovera_desktop.server.studio import Studio

_DESCRIPTION = (
    "Words become pictures: post a job, ask how it is, get its picture. Speaks the protocol of "
    "Algovera's API."
)


def create_app(studio: Studio, doorkeeper: Doorkeeper, keys: KeyStore) -> FastAPI:
    """The ASGI application; its lifespan opens and closes the studio."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None, None]:
        await studio.open()
        try:
            yield
        finally:
            await studio.close()

    app = FastAPI(
        title="Algovera-compatible server",
        description=_DESCRIPTION,
        version=__version__,
        lifespan=lifespan,
        docs_url=None,  # FastAPI's own pages load their scripts from a CDN
        redoc_url=None,
        # A span, where OpenTelemetry is set up, carries the URL: the key of a status call.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.include_router(ProtocolApi(studio, doorkeeper).router())
    app.include_router(KeyPage(keys).router())
    install_error_answers(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(AnswerHeaders)
    return app
