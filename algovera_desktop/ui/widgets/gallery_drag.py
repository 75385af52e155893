"""Takes pictures out of the gallery: into folders, paint programs, albums, or to another place."""

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, QPoint, QSize, Qt, QUrl
from PySide6.QtGui import QDrag, QGuiApplication, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.ui.models.side_drag import IMAGES_MIME_TYPE

MAX_FILES = 1000
"""Of so many pictures other programs get the files; within this one there is no limit."""

_PICTURE_SIZE = QSize(64, 64)
_BELOW_POINTER = 20
_OPACITY = 0.7


def drag_data(ids: Sequence[int], records: Sequence[ImageRecord], files: PictureFiles) -> QMimeData:
    """All pictures for this program's own albums, and the files of some for all others."""
    data = QMimeData()
    data.setData(IMAGES_MIME_TYPE, "\n".join(map(str, ids)).encode())
    data.setUrls([QUrl.fromLocalFile(files.absolute(one.path)) for one in records])
    return data


def start_drag(view: QWidget, data: QMimeData, picture: QPixmap | None) -> None:
    """Drag until it is let go; a copy, never a move, of the files. Where the button was released
    while the paths were read, there is nothing to drag any more."""
    if not QGuiApplication.mouseButtons() & Qt.MouseButton.LeftButton:
        return
    make_drag(view, data, picture).exec(Qt.DropAction.CopyAction)


def make_drag(view: QWidget, data: QMimeData, picture: QPixmap | None) -> QDrag:
    """What hangs below the pointer is small and can be seen through: what lies beneath, such as
    the line where it would land, is to stay in sight."""
    drag = QDrag(view)
    drag.setMimeData(data)
    if picture is not None:
        scale = view.devicePixelRatioF()
        shown = picture.scaled(_PICTURE_SIZE * scale, Qt.AspectRatioMode.KeepAspectRatio)
        shown.setDevicePixelRatio(scale)
        drag.setPixmap(_faded(shown))
        drag.setHotSpot(QPoint(round(shown.width() / scale / 2), -_BELOW_POINTER))
    return drag


def _faded(picture: QPixmap) -> QPixmap:
    faded = QPixmap(picture.size())
    faded.setDevicePixelRatio(picture.devicePixelRatio())
    faded.fill(Qt.GlobalColor.transparent)
    painter = QPainter(faded)
    painter.setOpacity(_OPACITY)
    painter.drawPixmap(0, 0, picture)
    painter.end()
    return faded
