"""What a desktop's notification service is asked, over a real bus."""

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("other systems have no such bus", allow_module_level=True)

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.services.notifications import NotificationLink
from support.notification_desk import NotificationDesk, private_bus
from support.waiting import wait_until

BUS = "DBUS_SESSION_BUS_ADDRESS"
PATIENCE_S = 10.0


class Attended:
    """A link whose worker runs; ``clicks`` counts what it told."""

    def __init__(self) -> None:
        self.link = NotificationLink("Program", "program", "Show")
        self.token = CancelToken()
        self.clicks = 0
        self.thread = threading.Thread(target=self._attend)

    def _attend(self) -> None:
        self.link.attend(self.token, self._click)

    def _click(self) -> None:
        self.clicks += 1


@contextmanager
def attended() -> Iterator[Attended]:
    attended = Attended()
    attended.thread.start()
    try:
        yield attended
    finally:
        attended.token.cancel()
        attended.thread.join()


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with private_bus(tmp_path) as address:
        monkeypatch.setenv(BUS, address)
        yield address


@pytest.fixture
def desk(bus: str) -> Iterator[NotificationDesk]:
    with NotificationDesk(bus) as desk:
        yield desk


def asked(desk: NotificationDesk, count: int) -> list[tuple[object, ...]]:
    """The method, number and text of each of the first ``count`` calls."""

    def has_them() -> bool:
        return len(desk.asked) >= count

    wait_until(has_them, lambda: f"{count} calls, not only {desk.asked}", PATIENCE_S)
    return [
        (method, body[1], body[3]) if method == "Notify" else (method, *body)
        for method, body in desk.asked
    ]


def test_a_text_is_shown_as_the_specification_asks(desk: NotificationDesk) -> None:
    with attended() as it:
        it.link.post("4 pictures are finished")
        asked(desk, 1)
    hints = {"desktop-entry": ("s", "program")}
    actions = ["default", "Show"]
    text = "4 pictures are finished"
    assert desk.asked == [("Notify", ("Program", 0, "program", text, "", actions, hints, -1))]


def test_the_next_text_takes_the_place_of_the_last_one(desk: NotificationDesk) -> None:
    with attended() as it:
        it.link.post("one")
        it.link.post("two")
        assert asked(desk, 2) == [("Notify", 0, "one"), ("Notify", 1, "two")]


def test_an_empty_text_takes_it_away_and_the_next_one_is_new(desk: NotificationDesk) -> None:
    with attended() as it:
        for text in ("", "one", "", "", "two"):
            it.link.post(text)
        assert asked(desk, 3) == [
            ("Notify", 0, "one"),
            ("CloseNotification", 1),
            ("Notify", 0, "two"),
        ]


def test_a_click_is_told(desk: NotificationDesk) -> None:
    with attended() as it:
        it.link.post("one")
        asked(desk, 1)
        desk.click(7)
        desk.click(1)
        wait_until(lambda: it.clicks == 1, lambda: "the click", PATIENCE_S)
    assert it.clicks == 1


@pytest.mark.parametrize(
    "address", ["", "unix:path=/nowhere/at/all", "tcp:host=localhost", "nonsense"]
)
def test_without_a_bus_nothing_happens_and_the_log_says_so(
    address: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setenv(BUS, address)
    if not address:
        monkeypatch.delenv(BUS)
    it = Attended()
    it.link.post("one")
    it.link.attend(it.token, pytest.fail)
    it.link.post("two")
    (record,) = caplog.records
    assert "shows no notifications" in record.message


def test_a_service_that_is_missing_is_logged_once_and_found_when_it_comes(
    bus: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with attended() as it:
        it.link.post("one")
        wait_until(lambda: caplog.records, lambda: "the log", PATIENCE_S)
        it.link.post("two")
        with NotificationDesk(bus) as desk:
            it.link.post("three")
            assert asked(desk, 1)[-1] == ("Notify", 0, "three")
    (record,) = caplog.records
    assert "ServiceUnknown" in record.message


def test_the_end_of_the_bus_ends_the_attendance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = Attended()
    with private_bus(tmp_path) as address, NotificationDesk(address) as desk:
        monkeypatch.setenv(BUS, address)
        it.thread.start()
        it.link.post("one")
        asked(desk, 1)
    it.thread.join()
    it.link.post("nobody is there")


def test_a_token_that_is_cancelled_already_ends_it_too(desk: NotificationDesk) -> None:
    with attended() as it:
        it.token.cancel()
    assert desk.asked == []
