"""Loads what the window is made of a module a turn, while nobody waits for it.

All of it at once had the window stand still for 180 ms. Not on a worker: one start of some sixty
ended with SIGSEGV while one loaded classes of Qt.
"""

from collections.abc import Iterator
from importlib import import_module

_GALLERY = (
    "ui.tasks",
    "ui.models.gallery_model",
    "ui.thumbnail_loader",
    "ui.widgets.gallery_view",
    "ui.search_controller",
    "gallery_desk",
)
_FORM = (
    "ui.widgets.prompt_fields",
    "ui.widgets.prompt_form",
)
_LIBRARY = (
    "ui.history",
    "ui.picture_actions",
    "ui.widgets.large_view",
    "ui.widgets.inspector",
    "ui.side_list_controller",
    "ui.curation_controller",
    "ui.library_controller",
)
_WORKSPACE = (
    "ui.job_controller",
    "ui.queue_controller",
    "ui.generation_controller",
    "library.contact_sheet",
    "services.export",
    "ui.export_controller",
    "ui.import_controller",
    "ui.looking_controller",
    "ui.upkeep_controller",
    "picture_desk",
    "ui.dialogs.settings",
    "ui.dialog_controller",
    "workspace",
)
"""Each comes after most of what it needs itself."""


def load_gallery() -> Iterator[None]:
    """What shows the library's pictures."""
    return _load(_GALLERY)


def load_form() -> Iterator[None]:
    """What pictures are asked for with."""
    return _load(_FORM)


def load_library() -> Iterator[None]:
    """What stands beside the gallery, and does what is asked of pictures."""
    return _load(_LIBRARY)


def load_workspace() -> Iterator[None]:
    """All the rest of the window."""
    return _load(_WORKSPACE)


def load_network() -> None:
    """What speaks to servers, which has nothing of Qt: for a worker, before the workspace."""
    import_module(f"{__package__}.engines.algovera")
    import_module(f"{__package__}.engines.model_manager")


def _load(modules: tuple[str, ...]) -> Iterator[None]:
    for module in modules:
        import_module(f"{__package__}.{module}")
        yield
