"""The form's drop-down of models, where some can be had and are not installed."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from algovera_desktop.domain.generation import DOCUMENTED_MODELS, GenerationRequest, ModelInfo
from algovera_desktop.domain.servers import LOCAL_SERVER_ID, ServerConfig
from algovera_desktop.ui.widgets.model_combo import ModelCombo
from algovera_desktop.ui.widgets.prompt_form import PromptForm

SKETCH, STABLE = ModelInfo("sketch", "Sketch"), DOCUMENTED_MODELS["stable"]
ABSENT = ModelInfo("huge", "Huge", installed=False)
SERVERS = [ServerConfig(LOCAL_SERVER_ID, "This computer")]


def combo_of(form: PromptForm) -> ModelCombo:
    return form.findChild(ModelCombo)


@pytest.fixture
def local(themes, qtbot) -> PromptForm:
    form = PromptForm(themes)
    qtbot.addWidget(form)
    form.resize(300, 700)
    form.show()
    form.set_servers(SERVERS, LOCAL_SERVER_ID)
    form.set_models([ABSENT, SKETCH, replace(ABSENT, name="large"), STABLE])
    return form


def test_on_this_computer_one_row_leads_to_what_is_not_installed(local, qtbot):
    combo = combo_of(local)
    rows = [combo.itemText(row).split(" · ")[0] for row in range(combo.count())]
    assert rows == ["Sketch", STABLE.title, "More models…"]
    combo.showPopup()
    with qtbot.waitSignal(local.more_models_requested):
        QTest.keyClick(combo.view(), Qt.Key.Key_End)
        QTest.keyClick(combo.view(), Qt.Key.Key_Return)
    assert combo.currentText().startswith("Sketch")
    assert local.draft()["model"] == ""


def test_keys_and_wheel_go_through_the_models_and_open_no_window(local, qtbot):
    combo = combo_of(local)
    combo.setFocus()
    with qtbot.assertNotEmitted(local.more_models_requested):
        for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_End, Qt.Key.Key_M):
            QTest.keyClick(combo, key)
    assert combo.currentText().startswith("Stable")


def test_where_all_are_installed_nothing_leads_on(local):
    local.set_models([SKETCH, STABLE])
    assert combo_of(local).count() == 2


def test_a_model_that_is_wished_for_and_not_installed_is_named(local):
    local.load_request(GenerationRequest("a fox", "huge"), keep_seed=True)
    assert combo_of(local).currentText().startswith("Sketch")
    words = " ".join(label.text() for label in local.findChildren(QLabel) if label.isVisible())
    assert "is not offered here; “Sketch” is used instead." in words
