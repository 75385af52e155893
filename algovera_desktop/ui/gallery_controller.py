"""The gallery with its search line: what stands in the window first, and shows what there is."""

from collections.abc import Iterator

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QVBoxLayout, QWidget

from algovera_desktop.domain.errors import AlgoveraError
from algovera_desktop.domain.settings import SIDE_LIST, THUMBNAIL_MEMORY_MB, THUMBNAIL_SIZE
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.query.problems import QuerySyntaxError
from algovera_desktop.library.search import LibrarySearch
from algovera_desktop.library.thumbnails import ThumbnailCache
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.models.gallery_model import GalleryModel
from algovera_desktop.ui.picture_commands import PictureCommands
from algovera_desktop.ui.search_controller import SearchController
from algovera_desktop.ui.tasks import Tasks
from algovera_desktop.ui.theme import ThemeController
from algovera_desktop.ui.thumbnail_loader import ThumbnailLoader
from algovera_desktop.ui.widgets.gallery_pane import GalleryPane
from algovera_desktop.ui.widgets.gallery_view import GalleryView
from algovera_desktop.ui.widgets.message_bar import Message, MessageBar, Severity
from algovera_desktop.ui.widgets.side_drawer import SideDrawer


class GalleryController(QObject):
    """Shows the library's pictures. ``pictures`` is for the window; in it is the ``gallery`` in
    its ``pane``, and that in ``drawer``, with room for a list beside it. ``search`` says what is
    shown and chooses it; ``finder`` reads pictures by their ids. ``thumbnails`` is for whoever
    else shows some. ``commands`` tells what is asked of pictures: nothing of it is done here.
    """

    def __init__(
        self,
        database: Database,
        files: PictureFiles,
        thumbnail_cache: ThumbnailCache,
        tasks: Tasks,
        themes: ThemeController,
        messages: MessageBar,
        settings: SettingsStore,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._files, self._themes = files, themes
        self._messages, self._settings = messages, settings
        self.finder = LibrarySearch(database)
        self.model = GalleryModel(self.finder, tasks, self)
        self.commands = PictureCommands(themes, self)
        budget_bytes = settings.get(THUMBNAIL_MEMORY_MB) << 20
        self.thumbnails = ThumbnailLoader(
            files, thumbnail_cache, tasks, budget_bytes=budget_bytes, parent=self
        )
        self.search = SearchController(self.model, self.finder, tasks, settings, themes, self)
        self.model.load_failed.connect(self.say_failed)

    def build(self) -> Iterator[None]:
        """Make what it shows pictures with, a part a turn: the window answers between two.
        ``search`` can be asked before."""
        files, commands, themes = self._files, self.commands, self._themes
        self.gallery = GalleryView(self.model, self.thumbnails, files, commands, themes)
        yield
        self.gallery.set_tile_size(self._settings.get(THUMBNAIL_SIZE))
        self.search.bar.sizes.show_tile_size(self.gallery.tile_px)
        self.pane = GalleryPane(self.gallery)
        self.drawer = SideDrawer(self.pane)
        self._connect()
        self.drawer.set_wish(self._settings.get(SIDE_LIST))
        self.pictures = self._assemble()

    def _assemble(self) -> QWidget:
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.search.bar)
        column.addWidget(self.drawer, 1)
        return whole

    def _connect(self) -> None:
        bar = self.search.bar
        bar.sizes.tile_size_chosen.connect(self.gallery.set_tile_size)
        bar.search.left.connect(self.pane.show_gallery)
        self.drawer.shown_changed.connect(bar.show_side_list)
        self.pane.currentChanged.connect(self._on_pane_current_changed)
        self.gallery.tile_size_changed.connect(self._on_gallery_tile_size_changed)

    def _on_gallery_tile_size_changed(self, tile_px: int) -> None:
        self._settings.set(THUMBNAIL_SIZE, tile_px)
        self.search.bar.sizes.show_tile_size(tile_px)

    def _on_pane_current_changed(self) -> None:
        self.search.bar.setVisible(self.pane.currentWidget() is self.gallery)

    def say_failed(self, error: Exception) -> None:
        """Say what something about pictures ended with."""
        # What is typed is told of below its field, and what is none of these is a bug of ours,
        # which Tasks tells.
        if not isinstance(error, AlgoveraError) or isinstance(error, QuerySyntaxError):
            return
        # Here and not above: it is not needed on most days.
        from algovera_desktop.ui.wording import describe_error, message_key

        words = describe_error(error)
        text, key = f"{words.title} {words.advice}", message_key(error, "library")
        self._messages.show_message(Message(text, Severity.ERROR, key, details=str(error)))
