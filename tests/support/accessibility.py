"""Reads and works a window over AT-SPI, the bus that screen readers use on Linux.

Interfaces: https://gitlab.gnome.org/GNOME/at-spi2-core/-/tree/main/xml
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from jeepney import (
    DBusAddress,
    DBusErrorResponse,
    HeaderFields,
    Message,
    Properties,
    new_method_call,
)
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from jeepney.wrappers import unwrap_msg

_ANSWER_TIMEOUT_S = 10.0
_ASKED_AT_ONCE = 50
_REGISTRY = "org.a11y.atspi.Registry"
_ROOT_PATH = "/org/a11y/atspi/accessible/root"
_SHOWING = 25
_STATES = {1: "active", 4: "checked", 8: "enabled", 11: "focusable", 12: "focused"}
_STATES |= {23: "selected", _SHOWING: "showing", 30: "visible"}
"""The numbers of AtspiStateType that tests ask for."""
_ROLES = {"check box": 7, "combo box": 11, "dialog": 16, "frame": 23, "label": 29, "list": 31}
_ROLES |= {"list item": 32, "push button": 43, "slider": 51, "spin box": 52, "text": 61}
_ROLES |= {"tree item": 56}
"""The numbers of AtspiRole that tests look for; Qt gives tree items that of a table's cells."""
_ALL, _ANY = 1, 2
"""AtspiCollectionMatchType."""
_IN_THE_ORDER_OF_THE_TREE, _WITHOUT_LIMIT = 1, 0


class GoneError(Exception):
    """The element that was asked has gone from the window, or the program has ended."""


class AccessibilityBus:
    """A connection to the accessibility bus of a session."""

    def __init__(self, session_bus: str) -> None:
        """Start the bus and its registry if need be; ``session_bus`` is a D-Bus address."""
        with open_dbus_connection(session_bus) as session:
            bus = DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus")
            (address,) = _call(session, bus, "GetAddress")
        self._connection = open_dbus_connection(address)
        driver = DBusAddress(
            "/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus"
        )
        self._driver = driver
        _call(self._connection, driver, "StartServiceByName", "su", (_REGISTRY, 0))

    def close(self) -> None:
        """Leave the bus; it ends with the session."""
        self._connection.close()

    def application(self, process: int) -> "Element | None":
        """The root of the program with this process number, once it has joined the bus."""
        for element in Element(self._connection, _REGISTRY, _ROOT_PATH).children():
            asked = (element.bus_name,)
            try:
                (owner,) = _call(
                    self._connection, self._driver, "GetConnectionUnixProcessID", "s", asked
                )
            except DBusErrorResponse:
                continue
            if owner == process:
                return element
        return None


@dataclass(frozen=True)
class Element:
    """One accessible thing in a window; every question is asked anew over the bus.

    All methods raise GoneError when the thing is no longer there.
    """

    connection: DBusConnection
    bus_name: str
    path: str

    @property
    def role(self) -> str:
        """What it is, as AT-SPI names it: ``push button``, ``text``, ``list item`` ..."""
        return self._ask("Accessible", "GetRoleName")[0]

    @property
    def name(self) -> str:
        """What a screen reader calls it."""
        return self._get("Accessible", "Name")

    @property
    def description(self) -> str:
        """What a screen reader adds to the name."""
        return self._get("Accessible", "Description")

    @property
    def states(self) -> set[str]:
        """Those of ``enabled``, ``showing``, ``focused``, ``checked`` ... that hold."""
        return _words(self._ask("Accessible", "GetState")[0])

    @property
    def text(self) -> str:
        """The text of an editor or a label."""
        return self._ask("Text", "GetText", "ii", (0, -1))[0]

    @property
    def value(self) -> float:
        """The number of a slider, a spin box or a progress bar."""
        return self._get("Value", "CurrentValue")

    @property
    def centre(self) -> tuple[int, int]:
        """The middle of it in pixels of the screen."""
        x, y, width, height = self._ask("Component", "GetExtents", "u", (0,))[0]
        return x + width // 2, y + height // 2

    def set_text(self, text: str) -> None:
        """Replace the text of an editor at once, without keys."""
        self._ask("EditableText", "SetTextContents", "s", (text,))

    def set_value(self, value: float) -> None:
        """Move a slider or a spin box."""
        properties = Properties(self._at("Value"))
        self._send(properties.set("CurrentValue", "d", value))

    def focus(self) -> None:
        """Give it the keyboard."""
        self._ask("Component", "GrabFocus")

    def actions(self) -> list[str]:
        """The names of what can be done with it: ``Press``, ``Toggle``, ``SetFocus`` ..."""
        return [name for name, _description, _keys in self._ask("Action", "GetActions")[0]]

    def act(self, name: str = "Press") -> None:
        """Do one of its actions; it is refused when the thing is disabled."""
        if "enabled" not in self.states:
            raise AssertionError(f"{self.role} {self.name!r} is disabled")
        self._ask("Action", "DoAction", "i", (self.actions().index(name),))

    def children(self) -> list["Element"]:
        """What stands directly in it."""
        found = self._ask("Accessible", "GetChildren")[0]
        return [Element(self.connection, bus_name, path) for bus_name, path in found]

    def find_all(self, role: str, name: str | None = None) -> list["Element"]:
        """Every such element below it that is to be seen, in the order of the tree.

        The program itself looks for them: asked element by element over the bus, a window kept
        four processes busy for a twentieth of a second.
        """
        alike = self._shown_below(_ROLES[role])
        if name is not None:
            names = _ask_all(alike, lambda each: Properties(each._at("Accessible")).get("Name"))
            alike = [each for each in alike if each in names and names[each][1] == name]
        return self._in_shown(alike)

    def _shown_below(self, role: int) -> list["Element"]:
        try:
            if "showing" not in self.states:
                return []
            rule = (_bits(_SHOWING, 2), _ALL, {}, _ALL, _bits(role, 5), _ANY, [], _ALL, False)
            body = (rule, _IN_THE_ORDER_OF_THE_TREE, _WITHOUT_LIMIT, True)
            found = self._ask("Collection", "GetMatches", "(aiia{ss}iaiiasib)uib", body)[0]
        except GoneError:
            return []
        return [Element(self.connection, *place) for place in found]

    def _in_shown(self, elements: list["Element"]) -> list["Element"]:
        """Those around which all is to be seen: the items of a closed list say that they are."""
        parents: dict[Element, Element] = {}
        level = elements
        while level:
            found = _ask_all(level, lambda each: Properties(each._at("Accessible")).get("Parent"))
            above = {each: Element(self.connection, *place) for each, (_, place) in found.items()}
            parents |= above
            level = list(set(above.values()) - parents.keys() - {self})
        states = _ask_all(
            list({*parents.values()}),
            lambda each: new_method_call(each._at("Accessible"), "GetState"),
        )
        shown = {each for each, state in states.items() if "showing" in _words(state)}

        def is_in_shown(element: Element) -> bool:
            return element == self or (
                (parent := parents.get(element)) in shown and is_in_shown(parent)
            )

        return [each for each in elements if is_in_shown(each)]

    def describe(self, depth: int = 0) -> str:
        """The whole tree below it as text, for a person who looks for what went wrong."""
        try:
            states = " ".join(sorted(self.states & {"showing", "focused", "checked", "selected"}))
            lines = [f"{'  ' * depth}{self.role} {self.name!r} {states}"]
            children = self.children()
        except GoneError:
            return f"{'  ' * depth}(gone)"
        return "\n".join([*lines, *(child.describe(depth + 1) for child in children)])

    def _at(self, interface: str) -> DBusAddress:
        return DBusAddress(self.path, self.bus_name, f"org.a11y.atspi.{interface}")

    def _get(self, interface: str, name: str) -> Any:
        ((_signature, value),) = self._send(Properties(self._at(interface)).get(name))
        return value

    def _ask(
        self, interface: str, method: str, signature: str = "", body: tuple[Any, ...] = ()
    ) -> Any:
        return self._send(new_method_call(self._at(interface), method, signature or None, body))

    def _send(self, message: Any) -> Any:
        try:
            return unwrap_msg(
                self.connection.send_and_get_reply(message, timeout=_ANSWER_TIMEOUT_S)
            )
        except DBusErrorResponse as error:
            raise GoneError(f"{self.bus_name}{self.path}: {error}") from error


def _call(
    connection: DBusConnection,
    address: DBusAddress,
    method: str,
    signature: str = "",
    body: tuple[Any, ...] = (),
) -> Any:
    message = new_method_call(address, method, signature or None, body)
    return unwrap_msg(connection.send_and_get_reply(message, timeout=_ANSWER_TIMEOUT_S))


def _words(state: Sequence[int]) -> set[str]:
    low, high = state
    bits = low | high << 32
    return {word for number, word in _STATES.items() if bits >> number & 1}


def _bits(number: int, words: int) -> list[int]:
    """The set of this one number, in as many words of 32 bits with a sign."""
    bits = 1 << number
    return [(bits >> 32 * word & 0xFFFFFFFF ^ 1 << 31) - (1 << 31) for word in range(words)]


def _ask_all(
    elements: Sequence[Element], question: Callable[[Element], Message]
) -> dict[Element, Any]:
    """What those that are still there answer, all asked in one go."""
    answers: dict[Element, Any] = {}
    for start in range(0, len(elements), _ASKED_AT_ONCE):
        some = elements[start : start + _ASKED_AT_ONCE]
        questions = [question(element) for element in some]
        for element, reply in zip(some, _send_all(some[0].connection, questions), strict=True):
            try:
                (answers[element],) = unwrap_msg(reply)
            except DBusErrorResponse:
                continue
    return answers


def _send_all(connection: DBusConnection, messages: Sequence[Message]) -> list[Message]:
    """Send them all, then wait for the reply to each."""
    serials = [next(connection.outgoing_serial) for _ in messages]
    for message, serial in zip(messages, serials, strict=True):
        connection.send(message, serial=serial)
    awaited, replies = set(serials), dict[int, Message]()
    while awaited:
        message = connection.receive(timeout=_ANSWER_TIMEOUT_S)
        serial = message.header.fields.get(HeaderFields.reply_serial, -1)
        if serial in awaited:
            awaited.remove(serial)
            replies[serial] = message
    return [replies[serial] for serial in serials]
