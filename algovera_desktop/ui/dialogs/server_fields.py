"""What is entered of a server: name, address, key, how many pictures at once, and a yes to plain
http where it is needed."""

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from algovera_desktop.domain.errors import InvalidRequestError
from algovera_desktop.domain.servers import (
    HOSTED_ADDRESS,
    ServerConfig,
    needs_plain_http_consent,
)
from algovera_desktop.engines.endpoint import checked_address
from algovera_desktop.ui.dialogs.at_once_field import AtOnceField, at_once_tip
from algovera_desktop.ui.theme import SPACE_2, SPACE_3, ThemeController
from algovera_desktop.ui.widgets.key_field import KeyField


class ServerFields(QWidget):
    """The fields alone; knows what can be entered, asks nobody.

    Signals:
        edited: the user changed something.
        submitted: Return was pressed in a field.
        key_removal_requested: the button beside a stored key was pressed.
    """

    edited = Signal()
    submitted = Signal()
    key_removal_requested = Signal()

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._config = ServerConfig("", "")
        self.name = QLineEdit(self)
        self.name.setAccessibleName(self.tr("Name"))
        self.address = QLineEdit(self)
        self.address.setAccessibleName(self.tr("Address"))
        self.address.setPlaceholderText(self.tr("https://"))
        self.consent = QCheckBox(self.tr("Send the key &unencrypted"), self)
        self._consent_reason = note(
            self.tr(
                "This address is plain http: whoever is on the way can read the key and the "
                "pictures. Agree only for a network that you trust."
            ),
            self,
        )
        self.key = KeyField(themes, self)
        self._key_line = QWidget(self)
        self._key_status = note("", self)
        self._remove_key = QPushButton(self.tr("&Remove key"), self)
        self._remove_key.setAutoDefault(False)
        self._hint = note(
            self.tr(
                "Your key is in your Algovera account: Account → API Keys. It is shown only once, "
                "so copy it when you create it."
            ),
            self,
        )
        self.at_once = AtOnceField(self)
        self._lay_out()
        self._connect()

    def show_config(self, config: ServerConfig) -> None:
        self._config = config
        self.name.setText(config.name)
        self.address.setText(config.address)
        self.consent.setChecked(config.allow_plain_http)
        self.at_once.show_config(config)
        self.key.clear()
        self._dress()

    def config(self) -> ServerConfig:
        """What stands in the fields.

        Raises InvalidRequestError with the field ``name``, ``address`` or
        ``allow_plain_http``, which is where the keyboard should go.
        """
        address = checked_address(self.address.text())
        is_agreed = needs_plain_http_consent(address) and self.consent.isChecked()
        if needs_plain_http_consent(address) and not is_agreed:
            raise InvalidRequestError("allow_plain_http", "must be agreed to", False)
        name = self.name.text().strip()
        if not name:
            raise InvalidRequestError("name", "must not be empty", name)
        entered = replace(self._config, name=name, address=address, allow_plain_http=is_agreed)
        return self.at_once.applied_to(entered)

    def point_out(self, error: InvalidRequestError) -> str:
        """Lead the keyboard to what cannot be used, and say why."""
        target, words = {
            "name": (self.name, self.tr("Give the server a name.")),
            "allow_plain_http": (
                self.consent,
                self.tr("Use an https address, or agree to plain http first."),
            ),
        }.get(
            error.field,
            (
                self.address,
                self.tr(
                    "This address cannot be used. It looks like https://host, without a user, "
                    "a password, ? or #."
                ),
            ),
        )
        target.setFocus()
        return words

    def focus_first(self) -> None:
        """Where the work begins: the key of a ready preset, else the name."""
        (self.key.edit if self.address.text() else self.name).setFocus()

    def show_key_status(self, text: str, *, can_remove: bool) -> None:
        """Say whether a key is stored, and offer to forget it."""
        self._key_status.setText(text)
        self._key_line.setVisible(bool(text))
        self._remove_key.setVisible(can_remove)
        self.key.set_hint(
            self.tr("Type another key to replace it")
            if can_remove
            else self.tr("Paste the key here")
        )

    def _lay_out(self) -> None:
        key_line = QHBoxLayout(self._key_line)
        key_line.setContentsMargins(0, 0, 0, 0)
        key_line.addWidget(self._key_status, 1)
        key_line.addWidget(self._remove_key)
        # Not a form layout: it gives a wrapped text the height of a narrow column.
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE_3)
        grid.setVerticalSpacing(SPACE_2)
        grid.setColumnStretch(1, 1)
        rows: tuple[tuple[str, QWidget], ...] = (
            (self.tr("&Name"), self.name),
            (self.tr("A&ddress"), self.address),
            ("", self.consent),
            ("", self._consent_reason),
            (self.tr("&Key"), self.key),
            ("", self._key_line),
            ("", self._hint),
            (self.tr("Pictures at &once"), self.at_once),
            ("", note(at_once_tip(), self)),
        )
        for row, (text, field) in enumerate(rows):
            grid.addWidget(field, row, 1)
            if text:
                label = QLabel(text, self)
                label.setBuddy(self.key.edit if field is self.key else field)
                grid.addWidget(label, row, 0)

    def _connect(self) -> None:
        self.name.textEdited.connect(self.edited)
        self.address.textEdited.connect(self._on_address_text_edited)
        self.address.editingFinished.connect(self._on_address_editing_finished)
        self.consent.clicked.connect(self.edited)
        self.key.key_edited.connect(self.edited)
        self._remove_key.clicked.connect(self.key_removal_requested)
        self.at_once.valueChanged.connect(self.edited)
        for field in (self.name, self.address, self.key.edit, self.at_once.lineEdit()):
            field.returnPressed.connect(self.submitted)

    def _dress(self) -> None:
        try:
            address = checked_address(self.address.text())
        except InvalidRequestError:
            address = ""
        needs_consent = needs_plain_http_consent(address)
        self.consent.setVisible(needs_consent)
        self._consent_reason.setVisible(needs_consent)
        self._hint.setVisible(address == HOSTED_ADDRESS)

    def _on_address_text_edited(self) -> None:
        # The yes was given to another address.
        self.consent.setChecked(False)
        self._dress()
        self.edited.emit()

    def _on_address_editing_finished(self) -> None:
        try:
            self.address.setText(checked_address(self.address.text()))
        except InvalidRequestError:
            return


def note(text: str, parent: QWidget) -> QLabel:
    """A quiet explanation that wraps."""
    label = QLabel(text, parent)
    label.setProperty("tone", "muted")
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    # As wide as the fields, else a form makes a narrow block of it; and as high as its lines are
    # at that width, which a new policy does not heed by itself.
    policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    policy.setHeightForWidth(True)
    label.setSizePolicy(policy)
    return label
