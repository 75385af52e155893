"""Puts the studio and its HTTP side together. Imports what takes long to import."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import FastAPI

from algovera_desktop.server.app import app_of_router, create_app
from algovera_desktop.server.cluster.workers_models import WorkersModels
from algovera_desktop.server.guesses import GuessBrake
from algovera_desktop.server.keys import Doorkeeper
from algovera_desktop.server.later_manager import LaterManager
from algovera_desktop.server.metrics_page import MetricsPage
from algovera_desktop.server.models.catalogue import usable_catalogue
from algovera_desktop.server.models.places import ModelsFolder
from algovera_desktop.server.models.shelf import ModelShelf
from algovera_desktop.server.painting import Painter
from algovera_desktop.server.pipelines.base import RemoteAccess
from algovera_desktop.server.remote import RemoteModels
from algovera_desktop.server.remote_api import RemoteApi
from algovera_desktop.server.store import ServerStore
from algovera_desktop.server.studio import Studio, StudioRules
from algovera_desktop.server.studio_metrics import StudioMetrics

if TYPE_CHECKING:
    from algovera_desktop.server.models_api import ModelsApi


@dataclass(frozen=True, slots=True)
class Assembly:
    """A server but for its socket; ``manager`` is there for the application alone."""

    app: FastAPI
    studio: Studio
    manager: LaterManager | None

    def metrics_app(self) -> FastAPI:
        """The metrics alone, for a port of their own."""
        return MetricsPage(self.studio).app()

    def release_waiters(self) -> None:
        """Answer everybody who waits for a change, from now on at once."""
        self.studio.release_waiters()
        if self.manager is not None:
            self.manager.release_waiters()


def assemble(
    store: ServerStore,
    painter: Painter,
    rules: StudioRules,
    metrics: StudioMetrics,
    *,
    local_key: str | None,
    access: RemoteAccess | None,
    buyer: Painter | None,
    workers_have_models: bool,
) -> Assembly:
    """Join the parts; with the application's ``local_key`` the server is for it alone.

    ``buyer``: who asks other companies for pictures, None for the ``painter``.
    """
    catalogue = usable_catalogue(store.models)
    shelf = WorkersModels() if workers_have_models else ModelShelf(store.models, catalogue)
    models = RemoteModels(shelf, access)
    studio = Studio(store.jobs, store.pictures, painter, models, rules, metrics, buyer)
    if local_key is None:
        doorkeeper = Doorkeeper(store.keys, None, GuessBrake())
        return Assembly(create_app(studio, doorkeeper, store.keys), studio, None)
    # The application's own server has the one key that it was handed: another account on this
    # computer could reach the page, too.
    doorkeeper = Doorkeeper(store.keys, local_key)

    def make_manager() -> "tuple[ModelsApi, FastAPI]":
        from algovera_desktop.server.models.store import ModelStore
        from algovera_desktop.server.models_api import ModelsApi

        is_painting = studio.is_painting_with
        shop = ModelStore(store.models, catalogue, is_painting=is_painting, cache=store.cache)
        made = ModelsApi(shop, doorkeeper, models)
        return made, app_of_router(made.router())

    manager = LaterManager(ModelsFolder(store.models), make_manager)
    remote = RemoteApi(models, doorkeeper)
    app = create_app(studio, doorkeeper, None, manager=manager, remote=remote)
    return Assembly(app, studio, manager)
