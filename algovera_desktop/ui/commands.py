"""One thing that can be done with what is selected: how keys, menus and buttons share it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu

from algovera_desktop.ui.icons import icon
from algovera_desktop.ui.theme import Theme


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that can be done with what is selected. ``shortcut`` works where the keyboard is;
    buttons and menus show it, and ``tip`` where a word is not enough."""

    text: str
    icon_name: str
    shortcut: str
    run: Callable[[], None]
    tip: str = ""


def fill_menu(menu: QMenu, commands: Sequence[Command], theme: Theme) -> None:
    """Add commands to a menu, which shows their keys but does not listen to them."""
    for command in commands:
        action = QAction(icon(command.icon_name, theme), command.text, menu)
        action.setShortcut(QKeySequence(command.shortcut))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(command.run)
        menu.addAction(action)


def meant_by(event: QKeyEvent, commands: Sequence[Command]) -> list[Command]:
    """The commands that a pressed key stands for, for there may be several: Del on a failed job
    and a waiting one dismisses the one and cancels the other."""
    pressed = QKeySequence(event.keyCombination())
    return [one for one in commands if one.shortcut and pressed == QKeySequence(one.shortcut)]
