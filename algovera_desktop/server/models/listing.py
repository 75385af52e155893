"""Puts together what is told of every model: from the catalogue, the disk and what is going on."""

from collections.abc import Callable
from dataclasses import replace

from algovera_desktop.domain.managed_models import ModelState
from algovera_desktop.server.models.catalogue import Catalogue
from algovera_desktop.server.models.download import bytes_here
from algovera_desktop.server.models.errors import UnknownModelError
from algovera_desktop.server.models.manifest import Aim, Manifest, read_manifest
from algovera_desktop.server.models.places import ModelPlace, ModelsFolder
from algovera_desktop.server.models.progress import Pace
from algovera_desktop.server.models.shelf import ModelShelf
from algovera_desktop.server.models.views import (
    ModelView,
    view_of_entry,
    view_of_shelved,
)
from algovera_desktop.server.models.work import ModelWork, is_locked


class ModelListing:
    """Looks anew each time. By a model's name, ``work_of`` tells what is done with it here now,
    and ``reason_of`` why it failed last where that could not be noted on disk."""

    def __init__(
        self,
        folder: ModelsFolder,
        catalogue: Catalogue,
        shelf: ModelShelf,
        work_of: Callable[[str], ModelWork | None],
        reason_of: Callable[[str], str],
    ) -> None:
        self._folder, self._catalogue, self._shelf = folder, catalogue, shelf
        self._work_of, self._reason_of = work_of, reason_of

    def views(self) -> list[ModelView]:
        """Every model, in the catalogue's order, then the user's own."""
        views = {entry.name: view_of_entry(entry) for entry in self._catalogue}
        for place in self._folder.places():
            manifest = read_manifest(place)
            if manifest and not place.note.exists():
                name = manifest.entry.name
                known = views.get(name) or view_of_entry(manifest.entry)
                views[name] = self._with_download(known, place, manifest)
        for shelved in self._shelf.shelved():
            name = shelved.checkpoint.model.name
            view = view_of_shelved(shelved, views.get(name))
            accepted = shelved.place.manifest.exists()
            views[name] = self._with_work(replace(view, licence_accepted=accepted))
        return list(views.values())

    def view(self, name: str) -> ModelView:
        """One of them; raises UnknownModelError."""
        for view in self.views():
            if view.name == name:
                return view
        raise UnknownModelError(f"There is no model {name}.")

    def _with_download(self, view: ModelView, place: ModelPlace, manifest: Manifest) -> ModelView:
        """One that is on its way, by this program, by another, or by none at the moment."""
        here = Pace(bytes_here(place, manifest), manifest.total_bytes)
        view = replace(view, licence_accepted=True, pace=here)
        if (work := self._work_of(view.name)) is not None:
            return self._told_by(work, view)
        if manifest.aim is not Aim.RUN:
            state = ModelState.PAUSED if manifest.aim is Aim.PAUSED else ModelState.FAILED
            return replace(view, state=state, reason=manifest.reason)
        if is_locked(self._folder, place):
            return replace(view, state=ModelState.DOWNLOADING)
        reason = self._reason_of(view.name)
        return replace(
            view, state=ModelState.FAILED if reason else ModelState.PAUSED, reason=reason
        )

    def _with_work(self, view: ModelView) -> ModelView:
        """An installed one, which may just be checked."""
        work = self._work_of(view.name)
        return view if work is None else self._told_by(work, view)

    def _told_by(self, work: ModelWork, view: ModelView) -> ModelView:
        state = work.state
        if state is ModelState.AVAILABLE:
            known = self._catalogue.get(view.name)
            return view_of_entry(known) if known else replace(view, state=state)
        pace = work.pace if work.pace.total_bytes else view.pace
        return replace(view, state=state, reason=work.trouble, pace=pace)
