"""Renders the program's icon in the forms that desktops want.

    python3 packaging/icons.py FOLDER

writes, below FOLDER, ``hicolor/`` with its folders as the Icon Theme Specification names them,
``algovera-desktop.ico`` for Windows and ``algovera-desktop.icns`` for macOS. The same drawing gives
the same bytes.
"""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

NAME = "org.algovera.Desktop"
HICOLOR_SIDES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
ICO_SIDES = (16, 20, 24, 32, 40, 48, 64, 96, 128, 256)
ICNS_SIDES = (32, 64, 128, 256, 512, 1024)

_DRAWINGS = Path(__file__).resolve().parent.parent / "resources" / "icons"
_COLOURED = _DRAWINGS / "app.svg"
_SYMBOLIC = _DRAWINGS / "app-symbolic.svg"


def write_icons(folder: Path) -> None:
    """Write every form of the icon below ``folder``, in the place of what is there.

    Raises OSError, and ValueError for a drawing that Qt cannot read.
    """
    _write_hicolor(folder / "hicolor")
    _write_together(folder / "algovera-desktop.ico", ICO_SIDES)
    _write_together(folder / "algovera-desktop.icns", ICNS_SIDES)


def paint(side: int) -> Image.Image:
    """The icon as RGBA, ``side`` pixels wide and high."""
    renderer = QSvgRenderer(str(_COLOURED))
    if not renderer.isValid():
        raise ValueError(f"{_COLOURED.name} is no drawing that Qt can read")
    image = QImage(side, side, QImage.Format.Format_RGBA8888_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    pixels = image.convertToFormat(QImage.Format.Format_RGBA8888)
    return Image.frombytes("RGBA", (side, side), bytes(pixels.constBits()))


def _write_hicolor(theme: Path) -> None:
    for side in HICOLOR_SIDES:
        path = _place(theme / f"{side}x{side}" / "apps" / f"{NAME}.png")
        paint(side).save(path, optimize=True)
    shutil.copyfile(_COLOURED, _place(theme / "scalable" / "apps" / f"{NAME}.svg"))
    shutil.copyfile(_SYMBOLIC, _place(theme / "symbolic" / "apps" / f"{NAME}-symbolic.svg"))


def _write_together(path: Path, sides: Sequence[int]) -> None:
    """One file with every size, each drawn for itself: none is a smaller copy of another."""
    *smaller, largest = (paint(side) for side in sides)
    largest.save(_place(path), sizes=[(side, side) for side in sides], append_images=smaller)


def _place(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def main(arguments: list[str]) -> int:
    """Write the icons into the folder that is named."""
    if len(arguments) != 1:
        print("usage: icons.py FOLDER", file=sys.stderr)
        return 2
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    # Held to the end: Qt's painting needs one.
    qt = QGuiApplication([NAME])
    write_icons(Path(arguments[0]))
    del qt
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
