import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from algovera_desktop.ui.job_mirror import QueueSummary
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


def test_a_server_elsewhere_is_not_said_to_be_started_from_here(line):
    line.set_server("Studio", ServerState.STARTING, is_local=False)
    assert server(line).text().strip() == "Studio · connecting"
    line.set_server("Studio", ServerState.READY, is_local=False)
    assert server(line).text().strip() == "Studio · ready"


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
    ("numbers", "reason", "text"),
    [
        (QueueSummary(), "", ""),
        (
            QueueSummary(running=1, waiting=3, progress=0.625, seconds_left=41.0),
            "",
            "1 running 62 % · 3 waiting · about 40 s",
        ),
        (QueueSummary(running=2, failed=1), "", "2 running · 1 failed"),
        (QueueSummary(waiting=4, progress=0.5), "", "4 waiting"),
        (QueueSummary(running=1, paused=1200), "", "1 running · 1200 paused"),
        (QueueSummary(held=12), "No connection", "12 on hold: No connection"),
        (QueueSummary(waiting=2, edited=1), "", "2 waiting · 1 in the form"),
        (QueueSummary(held=1, unknown=2, seconds_left=9.0), "", "1 on hold · 2 unclear"),
    ],
)
def test_jobs_are_summed_up_without_empty_words(line, numbers, reason, text):
    line.set_jobs(numbers, reason)
    assert line.findChild(QLabel).text() == text


def buttons(line: StatusLine) -> list[QPushButton]:
    return line.findChildren(QPushButton)


def test_its_buttons_ask_for_settings_and_for_the_server(line, qtbot):
    details, _, _, settings = buttons(line)
    with qtbot.waitSignal(line.server_details_requested):
        qtbot.mouseClick(details, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(line.settings_requested):
        qtbot.keyClick(settings, Qt.Key.Key_Space)


def test_before_there_is_a_queue_it_can_be_neither_paused_nor_opened(line):
    _, pause, queue, _ = buttons(line)
    assert not pause.isEnabled()
    assert not queue.isEnabled()


def test_the_queue_is_paused_and_resumed_by_one_button(line, qtbot):
    _, pause, _, _ = buttons(line)
    asked: list[bool] = []
    line.pause_requested.connect(asked.append)
    for is_paused, name in ((False, "Pause"), (True, "Resume")):
        line.set_paused(is_paused)
        assert pause.accessibleName() == pause.text().strip() == name
        qtbot.mouseClick(pause, Qt.MouseButton.LeftButton)
    assert asked == [True, False]


def test_the_queue_is_opened_and_closed_by_one_button(line, qtbot):
    _, _, queue, _ = buttons(line)
    for is_open, name in ((False, "Open the queue"), (True, "Close the queue")):
        line.set_queue_open(is_open)
        assert queue.accessibleName() == name
        with qtbot.waitSignal(line.queue_requested):
            qtbot.keyClick(queue, Qt.Key.Key_Space)


def test_a_narrow_window_cuts_the_sum_short_and_no_button(line):
    line.set_server("A server with quite a long name", ServerState.UNREACHABLE)
    line.set_jobs(QueueSummary(running=3, held=12000, failed=7), "No connection to the server")
    line.resize(720, line.height())
    assert line.minimumSizeHint().width() <= 720
    last = buttons(line)[-1]
    assert last.geometry().right() < 720
