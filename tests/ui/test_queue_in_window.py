"""The queue panel in the window: opened, closed, dragged to another height."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.shell import Shell
from algovera_desktop.ui.main_window import MainWindow
from algovera_desktop.ui.widgets.prompt_form import PromptForm
from support.panel_stage import PanelStage, panel_stage
from support.queue_world import line_of


@pytest.fixture
def stage(qtbot, tmp_path, themes) -> Iterator[PanelStage]:
    with panel_stage(tmp_path, themes, qtbot) as stage:
        yield stage


@pytest.fixture
def window(stage, tmp_path, themes, qtbot) -> Iterator[MainWindow]:
    with closing(SettingsStore(tmp_path / "window.json")) as settings:
        window = MainWindow()
        qtbot.addWidget(window)
        shell = Shell(window, themes, settings)
        shell.furnish()
        shell.put_form(PromptForm(themes))
        window.show_queue(stage.panel, 220)
        window.resize(960, 640)
        window.show()
        qtbot.waitExposed(window)
        window.activateWindow()
        yield window
        window.close()
        assert shell.tasks.shut_down(5)


def test_the_queue_opens_with_its_height_and_closes_again(stage, window):
    assert not stage.panel.isVisible()
    window.queue_action.trigger()
    assert stage.panel.isVisible()
    assert stage.panel.height() == 220
    window.queue_action.trigger()
    assert not stage.panel.isVisible()
    assert window.queue_height == 220


def test_escape_closes_the_queue_and_gives_the_keyboard_back(stage, window, qtbot):
    before = QApplication.focusWidget()
    window.queue_action.trigger()
    qtbot.waitUntil(stage.view.hasFocus)
    stage.press(Qt.Key.Key_Escape)
    assert not stage.panel.isVisible()
    assert not window.queue_action.isChecked()
    assert QApplication.focusWidget() is before


def test_the_panel_s_button_closes_it(stage, window):
    window.queue_action.trigger()
    QTest.mouseClick(stage.button("Close the queue"), Qt.MouseButton.LeftButton)
    assert not window.queue_action.isChecked()


def test_a_height_that_was_dragged_is_remembered(stage, window, qtbot):
    window.queue_action.trigger()
    stage.panel.parentWidget().setSizes([300, 300])
    qtbot.waitUntil(lambda: stage.panel.height() > 220)
    height = stage.panel.height()
    assert window.queue_height == height
    window.queue_action.trigger()
    window.queue_action.trigger()
    qtbot.waitUntil(lambda: stage.panel.height() == height)


def test_a_closed_queue_is_not_reckoned(stage, window):
    stage.jobs.add(*line_of(1))
    window.queue_action.trigger()
    window.queue_action.trigger()
    told: list[object] = []
    stage.model.dataChanged.connect(lambda *what: told.append(what))
    stage.jobs.go_on(line_of(1)[0], 0.5)
    QTest.qWait(150)
    assert told == []


def test_in_a_low_window_the_queue_leaves_room_for_the_form(stage, window):
    window.queue_action.trigger()
    room = stage.panel.parentWidget().height()
    stage.panel.parentWidget().setSizes([0, room])
    window.queue_action.trigger()
    window.queue_action.trigger()
    assert stage.panel.height() <= room * 0.6 + 1
