import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from algovera_desktop.ui.widgets.status_line import ServerState, StatusLine


@pytest.fixture
def line(themes, qtbot):
    widget = StatusLine(themes)
    qtbot.addWidget(widget)
    widget.show()
    return widget


def server(line: StatusLine) -> QPushButton:
    return line.findChildren(QPushButton)[0]


@pytest.mark.parametrize("state", ServerState)
def test_every_state_of_the_server_is_told_in_words(line, state):
    line.set_server("This computer", state, "Version 0.1")
    assert server(line).text().strip().startswith("This computer · ")
    assert server(line).accessibleName() == server(line).text().strip()
    assert server(line).toolTip() == "Version 0.1"


def test_no_two_states_read_the_same(line):
    texts = set()
    for state in ServerState:
        line.set_server("x", state)
        texts.add(server(line).text())
    assert len(texts) == len(ServerState)


def test_a_servers_name_is_not_read_as_a_mnemonic(line):
    line.set_server("Rock & Roll", ServerState.READY)
    assert server(line).text().strip() == "Rock && Roll · ready"
    assert server(line).accessibleName() == "Rock & Roll · ready"


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ({"running": 0, "waiting": 0, "failed": 0}, ""),
        (
            {"running": 1, "waiting": 3, "failed": 0, "progress": 0.625},
            "1 running 62 % · 3 waiting",
        ),
        ({"running": 2, "waiting": 0, "failed": 1}, "2 running · 1 failed"),
        ({"running": 0, "waiting": 4, "failed": 0, "progress": 0.5}, "4 waiting"),
    ],
)
def test_jobs_are_summed_up_without_empty_words(line, counts, text):
    line.set_jobs(**counts)
    assert line.findChild(QLabel).text() == text


def test_its_buttons_ask_for_settings_and_for_the_server(line, qtbot):
    details, settings = line.findChildren(QPushButton)
    with qtbot.waitSignal(line.server_details_requested):
        qtbot.mouseClick(details, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(line.settings_requested):
        qtbot.keyClick(settings, Qt.Key.Key_Space)
