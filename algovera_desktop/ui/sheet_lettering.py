"""Letters for contact sheets, in any script that the system has a font for."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QImage, QPainter

from algovera_desktop.library.contact_sheet import Letters


def system_letters(text: str, size_px: int, width_px: int) -> Letters:
    """Lettering with Qt, which takes each character from a font that has it, joins Arabic and
    writes from right to left where the text does. Any thread may call it."""
    font = QFont()
    font.setPixelSize(size_px)
    metrics = QFontMetricsF(font)
    words = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width_px)
    width = min(width_px, max(1, round(metrics.horizontalAdvance(words)) + 1))
    image = QImage(width, max(1, round(metrics.height())), QImage.Format.Format_Grayscale8)
    image.fill(Qt.GlobalColor.black)
    painter = QPainter(image)
    painter.setFont(font)
    painter.setPen(Qt.GlobalColor.white)
    painter.drawText(QPointF(0, metrics.ascent()), words)
    painter.end()
    rows = bytes(image.constBits())
    stride = image.bytesPerLine()
    starts = range(0, image.height() * stride, stride)
    coverage = b"".join(rows[at : at + image.width()] for at in starts)
    return Letters(image.width(), image.height(), coverage)
