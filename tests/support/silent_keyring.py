"""A keyring that waits for a person who never comes; for PYTHON_KEYRING_BACKEND."""

import os
import threading
from pathlib import Path

from keyring.backend import KeyringBackend


class SilentKeyring(KeyringBackend):
    """Every call blocks for ever; the file that ALGOVERA_TEST_ASKED names says that one came."""

    priority = 5  # pyright: ignore[reportAssignmentType]

    def get_password(self, service: str, username: str) -> str | None:
        _wait_for_ever()

    def set_password(self, service: str, username: str, password: str) -> None:
        _wait_for_ever()

    def delete_password(self, service: str, username: str) -> None:
        _wait_for_ever()


def _wait_for_ever() -> None:
    Path(os.environ["ALGOVERA_TEST_ASKED"]).touch()
    threading.Event().wait()
