"""``GET /metrics`` for Prometheus: on the server's own port for this computer only, and without
that guard on a port of its own."""

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response

from algovera_desktop.server.key_page import comes_from_here
from algovera_desktop.server.metrics import MEDIA_TYPE
from algovera_desktop.server.studio import Studio


class MetricsPage:
    """Tells the studio's numbers to whoever may ask."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def router(self) -> APIRouter:
        """The route for this computer; it is no part of the published protocol."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/metrics", self.metrics, dependencies=[Depends(_require_local)])
        return router

    def app(self) -> FastAPI:
        """An application that answers anybody, and nothing but this."""
        app = FastAPI(
            docs_url=None,
            redoc_url=None,
            openapi_url=None,
            telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
        )
        app.add_api_route("/metrics", self.metrics)
        return app

    async def metrics(self) -> Response:
        return Response(await self._studio.metrics_text(), media_type=MEDIA_TYPE)


def _require_local(request: Request) -> None:
    if not comes_from_here(request):
        raise HTTPException(403, "Metrics can only be read on the computer that serves them.")
