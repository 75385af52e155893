"""Where the artist was in the gallery when the program ended: the next start goes on there."""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QAbstractItemView

from algovera_desktop.domain.images import SortOrder
from algovera_desktop.domain.settings import GALLERY_PLACE
from algovera_desktop.library.query.problems import QuerySyntaxError
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.models.gallery_model import GalleryModel
from algovera_desktop.ui.models.places import Place, PlaceKind
from algovera_desktop.ui.search_controller import SearchController
from algovera_desktop.ui.widgets.gallery_view import GalleryView

Plain = str | int | float | bool

_NOT_KEPT = (PlaceKind.LIKE, PlaceKind.MORE_TAGS)
"""A place of the moment, and a row that is none."""

_EVERYTHING = Place()


@dataclass(frozen=True, slots=True)
class GallerySpot:
    """``text`` is what was typed; ``current_id`` the selected picture; ``top_id`` the first one in
    sight, None where the gallery was not scrolled."""

    place: Place = _EVERYTHING
    text: str = ""
    current_id: int | None = None
    top_id: int | None = None

    @classmethod
    def from_values(cls, values: Mapping[str, object]) -> "GallerySpot":
        """Read what ``to_values`` wrote; raises ValueError for what makes no sense."""
        place = Place(
            PlaceKind(values.get("kind")),
            str(values.get("name", "")),
            _number(values, "row_id"),
            str(values.get("place_text", "")),
            SortOrder(values.get("sort")),
        )
        current_id, top_id = _number(values, "current_id"), _number(values, "top_id")
        return cls(place, str(values.get("text", "")), current_id, top_id)

    def to_values(self) -> dict[str, Plain]:
        """Flat and JSON-able; what there is none of is missing."""
        place = self.place
        values = {
            "kind": place.kind.value,
            "name": place.name,
            "row_id": place.row_id,
            "place_text": place.text,
            "sort": place.sort.value,
            "text": self.text,
            "current_id": self.current_id,
            "top_id": self.top_id,
        }
        return {name: value for name, value in values.items() if value is not None}


class GalleryPlace(QObject):
    """Brings the gallery back to the remembered spot: what it asks for at once, the rest as soon
    as the pictures are there, if nobody has moved in it by then."""

    def __init__(
        self, search: SearchController, settings: SettingsStore, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._search = search
        self._settings = settings
        self._spot = GallerySpot()
        self._model: GalleryModel | None = None
        self._view: GalleryView | None = None

    def restore(self) -> None:
        """Before the library is asked for the first time."""
        try:
            spot = GallerySpot.from_values(self._settings.get(GALLERY_PLACE))
            self._search.begin_at(spot.place, spot.text)
        except (ValueError, QuerySyntaxError):
            # Nothing is kept yet, or it is from another version: all pictures from their top.
            return
        self._spot = spot

    def follow(self, view: GalleryView, model: GalleryModel) -> None:
        """Take the view there once it knows all its pictures."""
        self._view, self._model = view, model
        if model.count is None:
            model.count_known.connect(self._on_model_count_known)
        else:
            self._go_there()

    def remember(self) -> None:
        """Keep where the view is now."""
        view, model, place = self._view, self._model, self._search.place
        if view is None or model is None or model.is_loading:
            return
        if place.kind in _NOT_KEPT:
            spot = GallerySpot()
        else:
            rows, current = view.visible_rows(), view.currentIndex()
            is_scrolled = view.verticalScrollBar().value() > 0 and bool(rows)
            has_current = current.isValid() and view.selectionModel().isSelected(current)
            spot = GallerySpot(
                place,
                self._search.text,
                model.id_of(current.row()) if has_current else None,
                model.id_of(rows.start) if is_scrolled else None,
            )
        self._settings.set(GALLERY_PLACE, spot.to_values())

    def _on_model_count_known(self, _count: int) -> None:
        assert self._model is not None
        self._model.count_known.disconnect(self._on_model_count_known)
        self._go_there()

    def _go_there(self) -> None:
        view, model, spot = self._view, self._model, self._spot
        assert view is not None
        assert model is not None
        is_moved = view.verticalScrollBar().value() > 0 or view.selectionModel().hasSelection()
        if is_moved or self._search.place != spot.place:
            return
        current, top = (
            None if image_id is None else model.row_of_image(image_id)
            for image_id in (spot.current_id, spot.top_id)
        )
        if current is not None:
            view.select_row(current)
        if top is not None:
            view.scrollTo(model.index(top), QAbstractItemView.ScrollHint.PositionAtTop)


def _number(values: Mapping[str, object], name: str) -> int | None:
    value = values.get(name)
    if value is not None and not isinstance(value, int):
        raise ValueError(f"{name}: not a whole number")
    return value
