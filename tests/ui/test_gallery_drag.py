"""What hangs at the pointer while pictures are dragged."""

from PySide6.QtCore import QMimeData, QPoint, QRect
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import QWidget

from algovera_desktop.ui.widgets.gallery_drag import make_drag


def test_the_dragged_picture_hangs_below_the_pointer_and_can_be_seen_through(qtbot):
    view = QWidget()
    qtbot.addWidget(view)
    picture = QPixmap(400, 300)
    picture.fill(QColor("red"))
    drag = make_drag(view, QMimeData(), picture)
    shown = drag.pixmap()
    hanging = QRect(QPoint(0, 0) - drag.hotSpot(), shown.size())
    assert hanging.top() > 0
    assert hanging.height() <= 64
    assert hanging.left() < 0 < hanging.right()
    assert 0 < shown.toImage().pixelColor(30, 20).alpha() < 255
