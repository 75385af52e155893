"""The tags of what is selected: chips, and a field to add to them."""

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from algovera_desktop.ui.theme import SPACE_1, SPACE_2, ThemeController
from algovera_desktop.ui.widgets.flow_layout import FlowLayout
from algovera_desktop.ui.widgets.tag_chip import TagChip

_SEPARATORS = ",;\uff0c\u3001"
"""What ends a tag while one types; the last two are the commas of Chinese and Japanese."""

MAX_OF_SOME = 12
"""So many tags that only some of the pictures have are shown; of ten thousand pictures, hundreds
of tags would say nothing and fill the column."""


class TagField(QLineEdit):
    """A line that adds what is typed when Enter or a comma is pressed.

    Signals:
        names_entered: the names that were typed, a list.
        backspaced: Backspace was pressed where nothing is typed.
    """

    names_entered = Signal(object)
    backspaced = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._known = QStringListModel(self)
        completer = QCompleter(self._known, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.activated.connect(
            self._on_completer_activated, Qt.ConnectionType.QueuedConnection
        )
        self.setCompleter(completer)
        self.textEdited.connect(self._on_text_edited)

    def set_known(self, names: Sequence[str]) -> None:
        """Offer these as one types."""
        if list(names) != self._known.stringList():
            self._known.setStringList(list(names))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.take()
        elif event.key() == Qt.Key.Key_Backspace and not self.text():
            self.backspaced.emit()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)

    def take(self) -> None:
        """Add what is typed."""
        names = _names_in(self.text())
        self.clear()
        if names:
            self.names_entered.emit(names)

    def _on_text_edited(self, text: str) -> None:
        if any(separator in text for separator in _SEPARATORS):
            self.take()

    def _on_completer_activated(self, _name: str) -> None:
        # Queued: the completer writes the name into the field after it has told of it.
        self.take()


class TagEditor(QWidget):
    """Shows the tags that all of the selected pictures have, and those of some.

    Signals:
        add_requested: the names of tags to give to all of the pictures, a list.
        remove_requested: the names of tags to take from them, a list.
        tag_activated: the name of the tag whose pictures are to be shown.
    """

    add_requested = Signal(object)
    remove_requested = Signal(object)
    tag_activated = Signal(str)

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._chips: list[TagChip] = []
        self._flow = FlowLayout(spacing=SPACE_1)
        self.field = TagField(self)
        self.field.setPlaceholderText(self.tr("Add a tag"))
        self.field.setAccessibleName(self.tr("Add a tag"))
        self.field.setAccessibleDescription(
            self.tr("Enter or a comma adds it. Backspace takes the last one away.")
        )
        self.more = QLabel()
        self.more.setProperty("tone", "muted")
        self._flow.addWidget(self.more)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_2)
        column.addLayout(self._flow)
        column.addWidget(self.field)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.field.names_entered.connect(self._on_field_names_entered)
        self.field.backspaced.connect(self._on_field_backspaced)

    def set_tags(self, of_all: Sequence[str], of_some: Sequence[str] = ()) -> None:
        """Show these, of ``of_some`` the first MAX_OF_SOME; a chip whose tag stays keeps the
        keyboard."""
        some = of_some[:MAX_OF_SOME]
        self._show_more(len(of_some) - len(some))
        wanted = [*((name, False) for name in of_all), *((name, True) for name in some)]
        if wanted == [(chip.name, chip.is_partial) for chip in self._chips]:
            return
        self._show_chips(wanted)

    def _show_more(self, count: int) -> None:
        self.more.setText(self.tr("and %n more on some", "", count))
        self.more.setVisible(count > 0)

    def _show_chips(self, wanted: Sequence[tuple[str, bool]]) -> None:
        had_focus = any(chip.label.hasFocus() for chip in self._chips)
        kept = {(chip.name, chip.is_partial): chip for chip in self._chips}
        self._chips = [kept.pop(one, None) or self._make(*one) for one in wanted]
        for chip in kept.values():
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        for position, chip in enumerate(self._chips):
            self._flow.removeWidget(chip)
            self._flow.insert_widget(position, chip)
            chip.show()
        self._order_keyboard()
        if had_focus and not any(chip.label.hasFocus() for chip in self._chips):
            self.field.setFocus()
        self.updateGeometry()

    def tags(self) -> list[str]:
        """The tags that all of the pictures have."""
        return [chip.name for chip in self._chips if not chip.is_partial]

    @property
    def chips(self) -> Sequence[TagChip]:
        return self._chips

    def _make(self, name: str, is_partial: bool) -> TagChip:
        chip = TagChip(name, is_partial, self._themes, self)
        chip.activated.connect(self._on_chip_activated)
        chip.remove_requested.connect(self._on_chip_remove_requested)
        return chip

    def _order_keyboard(self) -> None:
        """Tab goes through the chips as they stand, then into the field."""
        stops = [*(chip.label for chip in self._chips), self.field]
        for one, other in pairwise(stops):
            QWidget.setTabOrder(one, other)

    def _on_field_names_entered(self, names: list[str]) -> None:
        have = {name.casefold() for name in self.tags()}
        new = [name for name in names if name.casefold() not in have]
        if new:
            self.add_requested.emit(new)

    def _on_field_backspaced(self) -> None:
        if self._chips:
            self.remove_requested.emit([self._chips[-1].name])

    def _on_chip_activated(self, name: str) -> None:
        if any(chip.name == name and chip.is_partial for chip in self._chips):
            self.add_requested.emit([name])
        else:
            self.tag_activated.emit(name)

    def _on_chip_remove_requested(self, name: str) -> None:
        self.remove_requested.emit([name])


def _names_in(text: str) -> list[str]:
    """The tags of a typed text, without those written twice."""
    for separator in _SEPARATORS:
        text = text.replace(separator, ",")
    names = (" ".join(name.split()) for name in text.split(","))
    return list({name.casefold(): name for name in names if name}.values())
