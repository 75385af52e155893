"""Loads what the window is made of a module a turn, while nobody waits for it.

All of it at once had the window stand still for 180 ms. Not on a worker: one start of some sixty
ended with SIGSEGV while one loaded classes of Qt.
"""

from collections.abc import Iterator
from importlib import import_module

_FRAME = (
    "ui.tasks",
    "ui.widgets.message_bar",
    "ui.widgets.status_line",
    "opening",
)
_GALLERY = (
    "library.query.nodes",
    "library.query.parser",
    "library.search",
    "ui.models.gallery_rows_model",
    "ui.models.gallery_model",
    "ui.picture_commands",
    "ui.widgets.grid_view",
    "ui.widgets.gallery_delegate",
    "ui.widgets.gallery_view",
    "ui.widgets.gallery_bar",
    "ui.search_controller",
    "gallery_desk",
)
_FORM = (
    "ui.widgets.prompt_edit",
    "ui.widgets.model_combo",
    "ui.widgets.prompt_fields",
    "ui.widgets.prompt_form",
)
_LIBRARY = (
    "ui.history",
    "ui.picture_actions",
    "ui.widgets.large_view",
    "ui.widgets.tag_editor",
    "ui.widgets.curation_panel",
    "ui.widgets.facts",
    "ui.widgets.inspector",
    "ui.models.side_list_model",
    "ui.widgets.side_list_delegate",
    "ui.widgets.side_list",
    "ui.side_list_controller",
    "ui.curation_controller",
    "ui.library_controller",
)
_WORKSPACE = (
    "services.schedule",
    "ui.job_controller",
    "ui.models.queue_model",
    "ui.widgets.queue_delegate",
    "ui.widgets.queue_panel",
    "ui.queue_controller",
    "ui.generation_controller",
    "library.contact_sheet",
    "services.export",
    "ui.dialogs.export_dialog",
    "services.export_share",
    "ui.dialogs.share_dialog",
    "ui.export_controller",
    "ui.import_controller",
    "ui.widgets.picture_canvas",
    "ui.widgets.compare_view",
    "ui.looking_controller",
    "ui.library_keeper",
    "ui.upkeep_controller",
    "picture_desk",
    "ui.dialogs.setting_rows",
    "ui.dialogs.servers_page",
    "ui.dialogs.settings",
    "ui.dialog_controller",
    "ui.dialogs.models_dialog",
    "ui.model_manager_controller",
    "ui.job_editing",
    "ui.notifier",
    "workspace",
)
"""Each comes after most of what it needs itself."""


def load_frame() -> Iterator[None]:
    """What tells that the window lives."""
    return _load(_FRAME)


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
