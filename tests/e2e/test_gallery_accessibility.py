"""The gallery as someone meets it who hears the window: over the bus that screen readers use."""

from collections.abc import Iterator

import pytest
from jeepney import DBusAddress, HeaderFields, MatchRule, message_bus, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from jeepney.wrappers import unwrap_msg

from support.accessibility import Element
from support.app import App
from support.desktop import DesktopSession

PROMPT = "a red boat on the sea at night"
PICTURE = f"Picture, 256 × 256: {PROMPT}"
_QUIET_S = 0.5


class Listener:
    """Hears what a program tells of its window without being asked, as a screen reader does."""

    def __init__(self, session_bus: str) -> None:
        with open_dbus_connection(session_bus) as session:
            bus = DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus")
            (address,) = _call(session, bus, "GetAddress")
        self._connection = open_dbus_connection(address)
        name = "org.a11y.atspi.Registry"
        registry = DBusAddress("/org/a11y/atspi/registry", name, name)
        _call(self._connection, registry, "RegisterEvent", "sass", ("object:", [], ""))
        events = MatchRule(type="signal", interface="org.a11y.atspi.Event.Object")
        self._connection.send_and_get_reply(message_bus.AddMatch(events))

    def close(self) -> None:
        self._connection.close()

    def told(self, gallery: Element) -> list[tuple[int, str, object]]:
        """What was told of the gallery's items since the last call: row, what, and its value."""
        rows = {item.path: row for row, item in enumerate(gallery.children())}
        return [(rows[path], *told) for path, *told in self._heard() if path in rows]

    def _heard(self) -> Iterator[tuple[str, str, object]]:
        while True:
            try:
                message = self._connection.receive(timeout=_QUIET_S)
            except TimeoutError:
                return
            fields = message.header.fields
            path, kind = fields[HeaderFields.path], fields[HeaderFields.member]
            what, value, _, (_signature, text), *_ = message.body
            if kind == "PropertyChange":
                yield path, what, text
            elif kind == "StateChanged":
                yield path, what, bool(value)


def _call(
    connection: DBusConnection,
    address: DBusAddress,
    method: str,
    signature: str | None = None,
    body: tuple[object, ...] = (),
) -> tuple[object, ...]:
    message = new_method_call(address, method, signature, body)
    return unwrap_msg(connection.send_and_get_reply(message))


@pytest.fixture
def listener(desktop: DesktopSession) -> Iterator[Listener]:
    listener = Listener(desktop.environment["DBUS_SESSION_BUS_ADDRESS"])
    yield listener
    listener.close()


@pytest.fixture
def app(desktop: DesktopSession, tmp_path) -> App:
    """The program, asked for three small pictures."""
    app = desktop.start_app(["algovera-desktop", "--data-dir", str(tmp_path / "data")])
    app.find("push button", "This computer · ready")
    app.wait_for(
        lambda: "enabled" in app.find("push button", "Generate").states, "Generate to be offered"
    )
    app.activate()
    app.find("text", "Prompt").set_text(PROMPT)
    small = {"Width in pixels": 256, "Height in pixels": 256, "Steps": 8, "Pictures": 3}
    for name, value in small.items():
        app.find("spin box", name).set_value(value)
    app.press("ctrl+Return")
    return app


def gallery_of(app: App) -> Element:
    """The gallery, when it shows the three pictures."""
    gallery = app.find("list", "Gallery")
    app.wait_for(
        lambda: [item.name for item in gallery.children()] == [PICTURE] * 3, "three pictures"
    )
    return gallery


def in_state(gallery: Element, state: str) -> list[int]:
    return [row for row, item in enumerate(gallery.children()) if state in item.states]


def test_a_job_is_heard_until_it_is_a_picture(listener, app):
    gallery = gallery_of(app)
    assert {item.role for item in gallery.children()} == {"list item"}
    assert in_state(gallery, "showing") == [0, 1, 2]
    told = listener.told(gallery)
    for row in range(3):
        names = [str(text) for at, what, text in told if (at, what) == (row, "accessible-name")]
        assert any(name.startswith("Painting") for name in names)
        assert names[-1] == PICTURE


def test_cursor_and_selection_are_heard_and_items_are_where_they_say(listener, app):
    gallery = gallery_of(app)
    gallery.focus()
    app.press("Home")
    app.wait_for(lambda: in_state(gallery, "focused") == [0], "the cursor on the first picture")
    app.press("Right")
    app.wait_for(lambda: in_state(gallery, "focused") == [1], "the cursor on the second picture")
    assert in_state(gallery, "selected") == [1]
    listener.told(gallery)

    app.press("Right")
    app.wait_for(lambda: in_state(gallery, "selected") == [2], "the third picture selected")
    told = listener.told(gallery)
    assert told.index((1, "focused", False)) < told.index((2, "focused", True))
    assert (2, "selected", True) in told
    assert (1, "selected", False) in told

    app.click(gallery.children()[0])
    app.wait_for(lambda: in_state(gallery, "selected") == [0], "the clicked picture selected")
    app.press("shift+Right")
    app.wait_for(lambda: in_state(gallery, "selected") == [0, 1], "two pictures selected")
