"""A keyring that holds one key, the same for every server; for PYTHON_KEYRING_BACKEND.

ALGOVERA_TEST_KEY names the file that holds it.
"""

import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError, PasswordSetError


class GivenKeyring(KeyringBackend):
    """Answers at once, and takes no other key."""

    priority = 5  # pyright: ignore[reportAssignmentType]

    def get_password(self, service: str, username: str) -> str | None:
        return Path(os.environ["ALGOVERA_TEST_KEY"]).read_text("ascii").strip()

    def set_password(self, service: str, username: str, password: str) -> None:
        raise PasswordSetError

    def delete_password(self, service: str, username: str) -> None:
        raise PasswordDeleteError
