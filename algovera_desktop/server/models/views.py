"""A model as people are told of it: what it is, and what is going on with it."""

from dataclasses import dataclass, field, replace

from algovera_desktop.domain.generation import Size
from algovera_desktop.domain.managed_models import ModelState
from algovera_desktop.server.models.catalogue import CatalogueEntry, Licence
from algovera_desktop.server.models.progress import Pace
from algovera_desktop.server.models.shelf import Shelved
from algovera_desktop.server.pipelines.runtimes import missing_runtime, never_here


@dataclass(frozen=True, slots=True)
class ModelView:
    """One model's line in the model manager.

    ``folder`` is the user's own one, else "". ``reason`` says why it failed, or why nothing comes
    at the moment. ``download_bytes`` is the catalogue's round figure, 0 where nobody knows;
    ``reference_s`` as in CatalogueEntry. ``pace`` counts the true bytes while there is something
    to count.
    """

    name: str
    title: str
    state: ModelState
    runtime: str
    description: str = ""
    note: str = ""
    native_size: Size = field(default=Size(512, 512))
    default_steps: int = 25
    recommended: bool = False
    downloadable: bool = False
    licence: Licence | None = None
    licence_accepted: bool = False
    download_bytes: int = 0
    disk_bytes: int = 0
    memory_bytes: int = 0
    reference_s: float = 0.0
    folder: str = ""
    reason: str = ""
    pace: Pace = field(default=Pace())


def view_of_entry(entry: CatalogueEntry) -> ModelView:
    """One of the catalogue's that is not here. What could never be painted with is no download."""
    model = entry.model
    downloadable = entry.is_downloadable and not never_here(entry.runtime)
    return ModelView(
        name=model.name,
        title=model.title,
        state=ModelState.AVAILABLE if downloadable else ModelState.UNAVAILABLE,
        runtime=entry.runtime,
        description=model.description,
        note=entry.note,
        native_size=model.native_size,
        default_steps=model.default_steps,
        recommended=entry.recommended,
        downloadable=downloadable,
        licence=entry.licence,
        download_bytes=entry.download_bytes,
        memory_bytes=entry.memory_bytes,
        reference_s=entry.reference_s,
        reason=missing_runtime(entry.runtime),
    )


def view_of_shelved(shelved: Shelved, known: ModelView | None) -> ModelView:
    """One that was installed, in the words of the catalogue where it has any."""
    checkpoint = shelved.checkpoint
    model = checkpoint.model
    view = known or ModelView(
        name=model.name,
        title=model.title,
        state=ModelState.INSTALLED,
        runtime=checkpoint.runtime,
        description=model.description,
        native_size=model.native_size,
        default_steps=model.default_steps,
    )
    return replace(
        view,
        state=ModelState.INSTALLED if shelved.is_present else ModelState.MISSING,
        runtime=checkpoint.runtime,
        disk_bytes=model.size_bytes,
        memory_bytes=checkpoint.memory_bytes or view.memory_bytes,
        folder=checkpoint.folder if shelved.is_own else "",
        reason=missing_runtime(checkpoint.runtime)
        if shelved.is_present
        else f"{checkpoint.folder} is gone.",
    )
