"""A message bus of its own, and a service on it that shows notifications to a test.

Linux only: elsewhere there is no such bus, and jeepney is not installed.
"""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from jeepney import DBusAddress, HeaderFields, MessageType, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.threading import ReceiveStopped, open_dbus_connection

NAME = "org.freedesktop.Notifications"
_HERE = DBusAddress("/org/freedesktop/Notifications", interface=NAME)


_WITHOUT_SERVICES = """<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


@contextmanager
def private_bus(folder: Path) -> Iterator[str]:
    """A bus with nobody on it, which starts nobody either: its address. It ends with the block.

    ``folder`` holds its configuration.
    """
    configuration = folder / "bus.conf"
    configuration.write_text(_WITHOUT_SERVICES, "utf-8")
    command = ["dbus-daemon", f"--config-file={configuration}", "--nofork", "--print-address=1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        try:
            yield daemon.stdout.readline().strip()
        finally:
            daemon.terminate()


class NotificationDesk:
    """Takes the place of a desktop's notification service: notes what it is asked, and clicks.

    ``asked`` are the calls so far, each the method's name and its arguments. Numbers are given
    to notifications from 1 on.
    """

    def __init__(self, address: str) -> None:
        self.asked: list[tuple[str, tuple[Any, ...]]] = []
        self._connection = open_dbus_connection(address)
        self._newest = 0
        self._connection.send(message_bus.RequestName(NAME))
        self._thread = threading.Thread(target=self._serve, name="notification desk")
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.interrupt()
        self._thread.join()
        self._connection.close()

    def click(self, number: int) -> None:
        """The user clicks on a notification."""
        self._connection.send(new_signal(_HERE, "ActionInvoked", "us", (number, "default")))

    def _serve(self) -> None:
        try:
            while True:
                message = self._connection.receive()
                if message.header.message_type is MessageType.method_call:
                    self._answer(message)
        except ReceiveStopped:
            return

    def _answer(self, call: Any) -> None:
        method = call.header.fields[HeaderFields.member]
        if method == "Notify":
            replaces = call.body[1]
            self._newest = replaces or self._newest + 1
            self._connection.send(new_method_return(call, "u", (self._newest,)))
        else:
            self._connection.send(new_method_return(call))
        self.asked.append((method, call.body))
