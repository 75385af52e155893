"""The models' window by itself: what it shows of each state, and of what a server may say."""

from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

from algovera_desktop.domain.managed_models import ManagedModel, ManagedModels, ModelState
from algovera_desktop.ui.dialogs.models_dialog import ModelsDialog

OFFERED = {"licence_name": "MIT & more", "licence_address": "https://licence.test/"}
PAGE = "<b>bold</b><img src='file:///etc/passwd'>"


@pytest.fixture
def dialog(themes, qtbot) -> Iterator[ModelsDialog]:
    dialog = ModelsDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def model(state: ModelState, name: str = "a", **facts: object) -> ManagedModel:
    return ManagedModel(name, name.title(), state, **facts)


def show(dialog: ModelsDialog, *models: ManagedModel) -> None:
    dialog.show_models(ManagedModels(1, models, free_bytes=10**9))


def words(dialog: ModelsDialog) -> list[str]:
    return [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]


def buttons(dialog: ModelsDialog) -> set[str]:
    """What can be done with the model."""
    found = dialog.details.findChildren(QAbstractButton)
    return {button.text().replace("&", "") for button in found if button.isVisible()}


@pytest.mark.parametrize(
    ("shown", "offered"),
    [
        (model(ModelState.AVAILABLE), {"Download"}),
        (model(ModelState.WAITING), {"Pause", "Cancel"}),
        (model(ModelState.DOWNLOADING), {"Pause", "Cancel"}),
        (model(ModelState.CHECKING), {"Cancel"}),
        (model(ModelState.PAUSED), {"Resume", "Discard"}),
        (model(ModelState.FAILED, reason="No room."), {"Resume", "Discard"}),
        (model(ModelState.INSTALLED), {"Check files", "Remove"}),
        (model(ModelState.INSTALLED, folder="/m"), {"Remove"}),
        (model(ModelState.MISSING, folder="/m"), {"Remove"}),
        (model(ModelState.UNAVAILABLE), set()),
        (model(ModelState.UNAVAILABLE, runtime="openai"), {"OpenAI key…"}),
    ],
)
def test_each_state_offers_what_can_be_done(dialog, shown, offered):
    show(dialog, shown)
    assert buttons(dialog) == offered


def test_a_licence_is_accepted_for_one_model_at_a_time(dialog):
    show(dialog, *(model(ModelState.AVAILABLE, name, **OFFERED) for name in "ab"))
    details = dialog.details
    assert details.licence.text() == "I &accept the licence (MIT && more)"
    assert not details.pull.isEnabled()
    details.licence.setChecked(True)
    assert details.pull.isEnabled()
    dialog.select("b")
    assert not details.licence.isChecked()
    assert not details.pull.isEnabled()


def test_a_servers_words_are_never_a_page(dialog):
    says = dict.fromkeys(("description", "note", "reason"), PAGE)
    show(dialog, ManagedModel("a", PAGE, ModelState.FAILED, **says, licence_address="javascript:1"))
    dialog.say_problem(PAGE)
    shown = [label for label in dialog.findChildren(QLabel) if PAGE in label.text()]
    assert len(shown) == 5
    assert {label.textFormat() for label in shown} == {Qt.TextFormat.PlainText}


def test_only_an_https_address_becomes_a_link(dialog):
    facts = {"licence_name": PAGE, "licence_address": "javascript:1", "folder": PAGE}
    show(dialog, model(ModelState.INSTALLED, **facts))
    told = [label.text() for label in dialog.details.findChildren(QLabel)]
    assert told.count(escape(PAGE)) == 2
    assert not any("<b>" in text or "javascript" in text for text in told)
    show(dialog, model(ModelState.INSTALLED, licence_name="MIT", licence_address="https://l.test"))
    told = [label.text() for label in dialog.details.findChildren(QLabel)]
    assert '<a href="https://l.test">MIT</a>' in told


def test_the_selection_stays_when_others_come_and_go(dialog):
    show(dialog, *(model(ModelState.INSTALLED, name) for name in "abc"))
    dialog.select("b")
    show(dialog, *(model(ModelState.INSTALLED, name) for name in "bcd"))
    assert dialog.list.currentIndex().data(Qt.ItemDataRole.AccessibleTextRole) == "B, Installed"
    show(dialog, model(ModelState.INSTALLED, "d"))
    assert "D" in words(dialog)


def test_what_was_added_is_shown_as_soon_as_it_is_there(dialog):
    show(dialog, model(ModelState.INSTALLED, "a"))
    QTimer.singleShot(0, lambda: QApplication.activeModalWidget().accept())
    dialog.add_requested.connect(
        lambda name, _path: show(
            dialog, *(model(ModelState.INSTALLED, each) for each in ("a", "b", name))
        )
    )
    dialog._on_folder_dialog_folder_chosen(Path("mine"))
    assert "Mine" in words(dialog)
    dialog.select("b")
    show(dialog, *(model(ModelState.INSTALLED, each) for each in ("a", "b", "mine")))
    assert "B" in words(dialog)


def test_a_list_that_became_empty_is_said(dialog):
    show(dialog, model(ModelState.INSTALLED))
    show(dialog)
    assert not dialog.details.isVisible()
    assert "This server knows no models. Add one of your own." in words(dialog)


def test_while_the_server_is_away_nothing_can_be_asked_of_it(dialog):
    dialog.say_away("It is starting…")
    assert words(dialog)[0] == "It is starting…"
    show(dialog, model(ModelState.INSTALLED))
    dialog.say_problem("Refused.")
    dialog.say_away("It is starting again…")
    assert not dialog.details.remove.isEnabled()
    assert "It is starting again…" in words(dialog)
    dialog.say_away("")
    assert dialog.details.remove.isEnabled()
    assert "Refused." in words(dialog)


def test_no_two_keys_are_the_same_in_any_state(dialog):
    for state in ModelState:
        show(dialog, model(state, **OFFERED))
        texts = [b.text() for b in dialog.findChildren(QAbstractButton) if b.isVisible()]
        keys = [text.replace("&&", "").partition("&")[2][:1].lower() for text in texts]
        given = [key for key in keys if key]
        assert len(given) == len(set(given)), texts
