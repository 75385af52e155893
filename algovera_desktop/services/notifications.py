"""Notifications of a Linux desktop, over D-Bus.

Source: Desktop Notifications Specification 1.2, the interface org.freedesktop.Notifications.
"""

# jeepney has no types to be strict about.
# pyright: standard

import logging
from collections.abc import Callable
from queue import Empty, SimpleQueue

from jeepney import (
    DBusAddress,
    DBusErrorResponse,
    HeaderFields,
    MatchRule,
    Message,
    MessageType,
    message_bus,
    new_method_call,
)
from jeepney.io.threading import DBusConnection, ReceiveStopped, open_dbus_connection

from algovera_desktop.domain.cancellation import CancelToken

_log = logging.getLogger(__name__)

_SERVICE = DBusAddress(
    "/org/freedesktop/Notifications",
    bus_name="org.freedesktop.Notifications",
    interface="org.freedesktop.Notifications",
)
_NO_BUS = (OSError, KeyError, ValueError, RuntimeError, DBusErrorResponse)
"""What jeepney raises without a session bus, with one that it cannot use, and as one ends."""

_WHEN_THE_DESKTOP_LIKES = -1
_DEFAULT_ACTION = "default"


class NotificationLink:
    """One connection to the desktop's notification service, and one notification on it.

    ``app_id`` is the name of our desktop entry. ``action`` says, where the desktop shows it,
    what a click on the notification does. Without a service nothing is shown, and the log says
    so once.
    """

    def __init__(self, app_name: str, app_id: str, action: str) -> None:
        self._app_name = app_name
        self._app_id = app_id
        self._action = action
        self._texts: SimpleQueue[str] = SimpleQueue()
        self._connection: DBusConnection | None = None
        self._asked = 0
        self._shown = 0
        self._is_missing_told = False

    def post(self, text: str) -> None:
        """Show a text in place of the last one; ``""`` takes that away. From any thread; it
        waits for nobody."""
        self._texts.put(text)
        if self._connection is not None:
            self._connection.interrupt()

    def attend(self, token: CancelToken, on_click: Callable[[], None]) -> None:
        """Show what is posted and tell of each click, until the token is cancelled or there is
        no session bus. ``on_click`` is called on this thread."""
        try:
            with open_dbus_connection("SESSION") as connection:
                self._connection = connection
                with token.interrupting(connection.interrupt):
                    self._serve(connection, token, on_click)
        except _NO_BUS as error:
            self._tell_missing(f"{type(error).__name__}: {error}")
        finally:
            self._connection = None

    def _serve(
        self, connection: DBusConnection, token: CancelToken, on_click: Callable[[], None]
    ) -> None:
        clicks = MatchRule(type="signal", interface=_SERVICE.interface, sender=_SERVICE.bus_name)
        connection.send(message_bus.AddMatch(clicks))
        while not token.cancelled:
            self._show_posted(connection)
            try:
                self._hear(connection.receive(), on_click)
            except ReceiveStopped:
                # Whoever posts from here on interrupts the next receive.
                connection.reset_interrupt()

    def _show_posted(self, connection: DBusConnection) -> None:
        """Show what was posted, but nothing before the last one's number is known: only then can
        it be replaced."""
        while not self._asked:
            try:
                text = self._texts.get_nowait()
            except Empty:
                return
            if text:
                self._asked = next(connection.outgoing_serial)
                connection.send(self._notify(text), serial=self._asked)
            elif self._shown:
                connection.send(self._close())
                self._shown = 0

    def _notify(self, text: str) -> Message:
        body = (
            self._app_name,
            self._shown,
            self._app_id,
            text,
            "",
            [_DEFAULT_ACTION, self._action],
            {"desktop-entry": ("s", self._app_id)},
            _WHEN_THE_DESKTOP_LIKES,
        )
        return new_method_call(_SERVICE, "Notify", "susssasa{sv}i", body)

    def _close(self) -> Message:
        return new_method_call(_SERVICE, "CloseNotification", "u", (self._shown,))

    def _hear(self, message: Message, on_click: Callable[[], None]) -> None:
        fields = message.header.fields
        kind = message.header.message_type
        if kind is MessageType.signal:
            if fields.get(HeaderFields.member) == "ActionInvoked" and self._is_shown(message.body):
                on_click()
        elif fields.get(HeaderFields.reply_serial) == self._asked:
            self._asked = 0
            if kind is MessageType.error:
                self._tell_missing(fields.get(HeaderFields.error_name))
            else:
                (self._shown,) = message.body

    def _is_shown(self, body: tuple[object, ...]) -> bool:
        return bool(self._shown) and body[:1] == (self._shown,)

    def _tell_missing(self, reason: object) -> None:
        if not self._is_missing_told:
            self._is_missing_told = True
            _log.info("This desktop shows no notifications: %s", reason)
