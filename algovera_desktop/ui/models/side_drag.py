"""What is dragged to and within the side list: pictures, tags, albums and saved searches."""

from PySide6.QtCore import QByteArray, QMimeData

from algovera_desktop.ui.models.places import Place, PlaceKind

IMAGES_MIME_TYPE = "application/x-algovera-images"
"""The ids of dragged pictures, one a line."""

TAG_MIME_TYPE = "application/x-algovera-tag"
"""The name of a dragged tag."""

ROW_MIME_TYPE = "application/x-algovera-row"
"""The kind of a dragged album or saved search, and its id."""


def place_data(place: Place) -> QMimeData:
    """What a place carries when it is dragged."""
    data = QMimeData()
    if place.kind is PlaceKind.TAG:
        data.setData(TAG_MIME_TYPE, QByteArray(place.name.encode()))
    elif place.row_id is not None:
        data.setData(ROW_MIME_TYPE, QByteArray(f"{place.kind.name} {place.row_id}".encode()))
    return data


def dragged_ids(data: QMimeData) -> list[int]:
    """The ids of the pictures of a gallery; none where the data is something else."""
    text = _text(data, IMAGES_MIME_TYPE)
    return [int(one) for one in text.split() if one.isdecimal()]


def dragged_tag(data: QMimeData) -> str:
    """A tag's name; empty where the data is something else."""
    return _text(data, TAG_MIME_TYPE)


def is_dragged(data: QMimeData, place: Place) -> bool:
    """Whether that album or saved search is what the data carries."""
    return _text(data, ROW_MIME_TYPE) == f"{place.kind.name} {place.row_id}"


def _text(data: QMimeData, mime_type: str) -> str:
    return bytes(data.data(mime_type).data()).decode(errors="replace")
