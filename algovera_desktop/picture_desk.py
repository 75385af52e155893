"""The last part of the composition: what is done with many pictures at a time."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from algovera_desktop.backend import Backend
from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.domain.settings import SLIDESHOW_SECONDS
from algovera_desktop.shell import Shell
from algovera_desktop.ui.export_controller import ExportController
from algovera_desktop.ui.history import History
from algovera_desktop.ui.import_controller import ImportController
from algovera_desktop.ui.library_controller import LibraryController
from algovera_desktop.ui.library_keeper import LibraryKeeper
from algovera_desktop.ui.locating import Locating
from algovera_desktop.ui.looking_controller import LookingController
from algovera_desktop.ui.opened_pictures import OpenedPictures
from algovera_desktop.ui.trash_emptying import TrashEmptying
from algovera_desktop.ui.upkeep_controller import UpkeepController
from algovera_desktop.ui.widgets.message_bar import Message, Severity


class PictureDesk(QObject):
    """Import, export, comparison, slideshow, the trash's end and the library's upkeep, joined to
    the gallery.

    Signals:
        settings_requested: the GenerationRequest of a dropped picture, for the form.
    """

    settings_requested = Signal(object)

    def __init__(
        self,
        shell: Shell,
        backend: Backend,
        pictures: LibraryController,
        history: History,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._shell = shell
        self._pictures = pictures
        finder, tasks, window = pictures.finder, shell.tasks, shell.window
        collection = backend.collection
        files, themes, thumbnails = collection.files, shell.themes, pictures.thumbnails
        self.looking = LookingController(finder, files, thumbnails, tasks, themes, window)
        self.exports = ExportController(
            files, finder.records, tasks, shell.messages, themes, window
        )
        self.imports = ImportController(
            backend.importer, collection.library, history, tasks, window
        )
        self.opened = OpenedPictures(collection.library, tasks, window)
        self.locating = Locating(backend.keepers.reconciler, tasks, shell.messages, window)
        self.keeper = LibraryKeeper(backend.keepers, shell.settings, tasks, self)
        self._upkeep = UpkeepController(
            self.keeper, pictures, shell.messages, shell.status_line, self
        )
        self._emptying = TrashEmptying(backend.keepers.trash, tasks, shell.messages, window)
        pictures.serve_trash(self._emptying)
        self._connect_looking()
        self._connect_exchange()
        self._fill_menus()

    def start(self) -> None:
        """Begin the upkeep, some time after the first screenful."""
        self.keeper.start()

    def take_files(self, files: Sequence[Path]) -> None:
        """Show what the program was started with, or what a second start was given."""
        self.opened.take(files)

    def _connect_looking(self) -> None:
        pictures, looking = self._pictures, self.looking
        looking.join(pictures.pane)
        looking.serve(pictures.curation_actions)
        looking.failed.connect(pictures.say_failed)
        looking.slideshow_ended.connect(pictures.select_picture)
        looking.slideshow_action.triggered.connect(self._on_slideshow_action_triggered)
        pictures.commands.compare_requested.connect(looking.compare)
        self.locating.serve(pictures.commands)
        self.locating.located.connect(pictures.images_changed)
        self.locating.failed.connect(pictures.say_failed)

    def _connect_exchange(self) -> None:
        pictures, imports = self._pictures, self.imports
        pictures.commands.export_requested.connect(self._on_commands_export_requested)
        pictures.commands.share_requested.connect(self._on_commands_share_requested)
        imports.imported.connect(self._on_imports_imported)
        imports.trashed.connect(pictures.show_trashed)
        imports.restored.connect(self._on_imports_imported)
        opened = self.opened
        opened.settings_requested.connect(self.settings_requested)
        opened.import_requested.connect(imports.ask)
        opened.show_requested.connect(pictures.show_picture)
        opened.refused.connect(self._on_opened_refused)
        opened.watch(self._shell.window)

    def _fill_menus(self) -> None:
        window = self._shell.window
        window.file_menu.insertAction(window.settings_action, self.imports.action)
        window.file_menu.insertSeparator(window.settings_action)
        window.view_menu.addAction(self.looking.slideshow_action)
        window.addActions([self.imports.action, self.looking.slideshow_action])

    def _on_slideshow_action_triggered(self) -> None:
        self.looking.seconds = float(self._shell.settings.get(SLIDESHOW_SECONDS))
        self.looking.begin_slideshow(self._pictures.model.query, self._pictures.current_id())

    def _on_commands_export_requested(self, ids: Sequence[int]) -> None:
        self.exports.export(ids, self._example())

    def _on_commands_share_requested(self, ids: Sequence[int]) -> None:
        self.exports.share(ids, self._example())

    def _on_opened_refused(self, words: str) -> None:
        self._shell.messages.show_message(Message(words, Severity.WARNING, words))

    def _example(self) -> ImageRecord | None:
        only = self._pictures.gallery.selected().only
        return only if isinstance(only, ImageRecord) else None

    def _on_imports_imported(self, _ids: Sequence[int]) -> None:
        self._pictures.pictures_came()
