"""From what is typed, the place and the order to what the gallery shows."""

from collections.abc import Sequence
from textwrap import shorten

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from algovera_desktop.domain.errors import AlgoveraError
from algovera_desktop.domain.images import LibraryQuery, SortOrder
from algovera_desktop.domain.settings import SORT_ORDER
from algovera_desktop.library.query.completion import Completion, complete
from algovera_desktop.library.query.parser import parse
from algovera_desktop.library.query.problems import QuerySyntaxError
from algovera_desktop.library.query.vocabulary import Vocabulary
from algovera_desktop.library.search import LibrarySearch
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.models.gallery_model import GalleryModel
from algovera_desktop.ui.models.places import Place, PlaceKind
from algovera_desktop.ui.query_words import problem_words
from algovera_desktop.ui.tasks import Pool, TaskContext, Tasks
from algovera_desktop.ui.theme import ThemeController
from algovera_desktop.ui.widgets.gallery_bar import GalleryBar
from algovera_desktop.ui.widgets.search_field import SearchField

_PRIORITY = 10
_MAX_PROMPT_CHARS = 40
_OWN_SORT = {PlaceKind.ALBUM: SortOrder.ALBUM, PlaceKind.LIKE: SortOrder.RELEVANCE}
"""The order that a place is shown in, whatever was chosen elsewhere."""


class SearchController(QObject):
    """Asks the gallery for another query at each keystroke; what cannot be understood is told
    below the field, and what was shown stays. Nothing here waits.

    Signals:
        place_shown: the Place that is shown now.
    """

    place_shown = Signal(object)

    def __init__(
        self,
        model: GalleryModel,
        search: LibrarySearch,
        tasks: Tasks,
        settings: SettingsStore,
        themes: ThemeController,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._search = search
        self._tasks = tasks
        self._settings = settings
        self._place = Place()
        self._sort: SortOrder = settings.get(SORT_ORDER)
        self._asked: LibraryQuery | None = None
        self._readable = ""
        self._vocabulary = Vocabulary()
        self.field = SearchField(self._suggest, themes)
        self.bar = GalleryBar(self.field, themes)
        # Several changes of one moment, such as an album with its own order, are one query.
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._connect()
        self._show()

    def _connect(self) -> None:
        self._timer.timeout.connect(self.ask)
        self.field.text_edited.connect(self._on_field_text_edited)
        self.bar.place_chosen.connect(self.show_place)
        self.bar.sort_chosen.connect(self._on_bar_sort_chosen)
        self._model.count_known.connect(self._on_model_count_known)
        self._model.load_failed.connect(self._on_model_load_failed)

    @property
    def place(self) -> Place:
        """The place that is shown."""
        return self._place

    @property
    def text(self) -> str:
        """What was typed last that can be understood."""
        return self._readable

    def show_place(self, place: Place) -> None:
        """Show a place as it is, without what was typed before; Ctrl+Z in the field brings that
        back."""
        self._stand_at(place, place.text)
        self.field.clear_problem()
        self._timer.start()
        self.place_shown.emit(place)

    def begin_at(self, place: Place, text: str) -> None:
        """Have ``ask`` show what is typed in a place. Raises QuerySyntaxError, and changes
        nothing, where the text makes no sense."""
        parse(text)
        self._stand_at(place, text)

    def _stand_at(self, place: Place, text: str) -> None:
        is_search = place.kind is PlaceKind.SEARCH
        self._sort = place.sort if is_search else self._own_sort(place)
        self._place = place
        self._readable = text
        self.field.set_text(text)
        self._show()

    def follow(self, place: Place) -> None:
        """Take over another name of the place that is shown."""
        self._place = place
        self._show()
        self._timer.start()

    def ask(self) -> None:
        """Show what is asked for; nothing if that is shown already."""
        self._timer.stop()
        query = self._place.query(self._readable, self._sort)
        if query != self._asked:
            self._asked = query
            self.bar.show_count(None)
            self._model.set_query(query)

    def saved_search(self) -> Place:
        """What is shown as a search that can be saved, named by its words."""
        text = self._place.search_text(self.field.text())
        name = self.field.text().strip() or self._place.name or text
        return Place(PlaceKind.SEARCH, name, text=text, sort=self._sort)

    def read_vocabulary(self) -> None:
        """Learn the names that can be completed, off the UI thread."""
        task = self._tasks.start(Pool.STORAGE, self._read_vocabulary, priority=_PRIORITY)
        task.succeeded.connect(self._on_vocabulary_read)

    def _read_vocabulary(self, _context: TaskContext) -> Vocabulary:
        return self._search.vocabulary()

    def _suggest(self, text: str, cursor: int) -> Sequence[Completion]:
        return complete(text, cursor, self._vocabulary)

    def _own_sort(self, place: Place) -> SortOrder:
        return _OWN_SORT.get(place.kind) or self._settings.get(SORT_ORDER)

    def _show(self) -> None:
        place, text = self._place, self.field.text().strip()
        self.bar.show_place(place, _shown_name(place))
        self.bar.sort.set_has_words(bool(text) or place.kind is PlaceKind.LIKE)
        self.bar.sort.show_sort(self._sort)
        is_plain = not text and place.kind in (PlaceKind.ALL, PlaceKind.TRASH)
        self.bar.set_can_save(not is_plain and place.kind is not PlaceKind.LIKE)

    def _on_field_text_edited(self, text: str) -> None:
        if self._place.kind is PlaceKind.SEARCH and text != self._place.text:
            self._place = Place()
            self.place_shown.emit(self._place)
        self._show()
        try:
            parse(text)
        except QuerySyntaxError as error:
            self.field.show_problem(problem_words(error), error.start, error.end)
        else:
            self._readable = text
            self.field.clear_problem()
            self._timer.start()

    def _on_bar_sort_chosen(self, sort: SortOrder) -> None:
        self._sort = sort
        if self._place.kind not in _OWN_SORT:
            self._settings.set(SORT_ORDER, sort)
        self._timer.start()

    def _on_model_count_known(self, count: int) -> None:
        self.bar.show_count(count)
        self.bar.set_can_empty(count > 0)

    def _on_model_load_failed(self, _error: AlgoveraError) -> None:
        # The same may be asked for again.
        self._asked = None

    def _on_vocabulary_read(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary


def _shown_name(place: Place) -> str:
    """What a place is called where one can search in it; "" for all pictures."""
    if place.kind is PlaceKind.LIKE:
        prompt = shorten(place.name, _MAX_PROMPT_CHARS, placeholder="…")
        words = QCoreApplication.translate("SearchController", "pictures like “{prompt}”")
        return words.format(prompt=prompt)
    return place.name if place.kind is not PlaceKind.SEARCH else ""
