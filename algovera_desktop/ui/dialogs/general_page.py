"""Settings → General: the appearance, notifications, and where pictures are kept."""

from pathlib import Path
from tempfile import TemporaryFile

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from algovera_desktop.domain.errors import LibraryError
from algovera_desktop.domain.settings import NOTIFY_GROUP_END, PICTURES_FOLDER, THEME
from algovera_desktop.domain.settings import Theme as ThemePreference
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.dialogs.folder_dialog import FolderDialog
from algovera_desktop.ui.dialogs.server_fields import note
from algovera_desktop.ui.dialogs.setting_rows import add_setting, setting_form
from algovera_desktop.ui.tasks import Pool, TaskContext, Tasks
from algovera_desktop.ui.theme import SPACE_2, ThemeController
from algovera_desktop.ui.wording import describe_error


def ensure_writable(folder: Path) -> Path:
    """Make a folder if need be and try to write in it. Raises LibraryError if that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder) as probe:
            probe.write(b"x")
    except OSError as error:
        raise LibraryError(f"{folder}: {error.strerror or error}") from error
    return folder


class GeneralPage(QWidget):
    """Each choice holds at once.

    Signals:
        pictures_folder_changed: the folder for new pictures (Path).
    """

    pictures_folder_changed = Signal(object)

    def __init__(
        self,
        themes: ThemeController,
        settings: SettingsStore,
        tasks: Tasks,
        default_pictures: Path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self._settings = settings
        self._tasks = tasks
        self._default_pictures = default_pictures
        self._theme = QComboBox(self)
        for preference, words in (
            (ThemePreference.SYSTEM, self.tr("As the system")),
            (ThemePreference.LIGHT, self.tr("Light")),
            (ThemePreference.DARK, self.tr("Dark")),
        ):
            self._theme.addItem(words, preference)
        self._theme.setCurrentIndex(self._theme.findData(themes.preference))
        self._theme.activated.connect(self._on_theme_activated)
        self._notify = QCheckBox(self.tr("&Tell when pictures are finished"), self)
        # As wide as its row: the style sheet's padding is missing from the width it asks for.
        self._notify.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._notify.setChecked(settings.get(NOTIFY_GROUP_END))
        self._notify.clicked.connect(self._on_notify_clicked)
        self._folder = QLineEdit(str(self._pictures()), self)
        self._folder.setReadOnly(True)
        self._change = QPushButton(self.tr("C&hange…"), self)
        self._change.clicked.connect(self._on_change_clicked)
        self._reset = QPushButton(self.tr("&Default"), self)
        self._reset.clicked.connect(self._on_reset_clicked)
        self._result = note("", self)
        self._lay_out()

    def _pictures(self) -> Path:
        chosen = self._settings.get(PICTURES_FOLDER)
        return Path(chosen) if chosen else self._default_pictures

    def _lay_out(self) -> None:
        folder_line = QHBoxLayout()
        folder_line.setSpacing(SPACE_2)
        folder_line.addWidget(self._folder, 1)
        for button in (self._change, self._reset):
            button.setAutoDefault(False)
            folder_line.addWidget(button)
        form = setting_form(self)
        theme_line = QHBoxLayout()
        theme_line.addWidget(self._theme)
        theme_line.addStretch(1)
        add_setting(form, THEME, theme_line, self._theme)
        notify_line = QHBoxLayout()
        notify_line.addWidget(self._notify)
        add_setting(form, NOTIFY_GROUP_END, notify_line, self._notify)
        add_setting(form, PICTURES_FOLDER, folder_line, self._folder)
        applies = self.tr("Another folder is for new pictures. Those already made stay in theirs.")
        form.addRow("", note(applies, self))
        form.addRow("", self._result)

    def _take(self, folder: Path) -> None:
        def work(context: TaskContext) -> Path:
            return ensure_writable(folder)

        self._result.setText(self.tr("Looking at the folder…"))
        task = self._tasks.start(Pool.STORAGE, work)
        task.succeeded.connect(self._on_folder_succeeded)
        task.failed.connect(self._on_folder_failed)

    def _on_theme_activated(self, row: int) -> None:
        preference = self._theme.itemData(row)
        self._settings.set(THEME, preference)
        self._themes.set_preference(preference)

    def _on_notify_clicked(self, is_wanted: bool) -> None:
        self._settings.set(NOTIFY_GROUP_END, is_wanted)

    def _on_change_clicked(self) -> None:
        title, shown = self.tr("Folder for new pictures"), Path(self._folder.text())
        dialog = FolderDialog(title, shown, self)
        dialog.folder_chosen.connect(self._take)
        dialog.open()

    def _on_reset_clicked(self) -> None:
        self._take(self._default_pictures)

    def _on_folder_succeeded(self, folder: Path) -> None:
        is_default = folder == self._default_pictures
        self._settings.set(PICTURES_FOLDER, "" if is_default else str(folder))
        self._folder.setText(str(folder))
        self._result.setText(self.tr("New pictures are kept there from now on."))
        self.pictures_folder_changed.emit(folder)

    def _on_folder_failed(self, error: Exception) -> None:
        described = describe_error(error)
        self._result.setText(f"{described.title} {described.advice}")
