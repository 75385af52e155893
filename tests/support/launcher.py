"""A launcher on a message bus, which hears of progress as docks do. Linux only."""

from typing import Any, Self

from jeepney import HeaderFields, MatchRule
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

_INTERFACE = "com.canonical.Unity.LauncherEntry"
_PATIENCE_S = 20.0


class Launcher:
    """Hears from its construction on."""

    def __init__(self, address: str) -> None:
        self._connection = open_dbus_connection(address)
        rule = MatchRule(type="signal", interface=_INTERFACE, member="Update")
        self._connection.send_and_get_reply(message_bus.AddMatch(rule))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def next_update(self, timeout_s: float = _PATIENCE_S) -> tuple[str, dict[str, tuple[str, Any]]]:
        """Wait for the next signal: whose entry it is about, and its properties. Raises
        TimeoutError."""
        while True:
            message = self._connection.receive(timeout=timeout_s)
            if message.header.fields.get(HeaderFields.interface) == _INTERFACE:
                return message.body
