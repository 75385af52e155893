"""Where a studio's database and broker are, told so that no password is seen.

An address comes from an option, from a file that the option names (``@FILE``), or from the
environment. With a password in it only the last two will do: everybody on a computer can read a
program's arguments.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

DATABASE_VARIABLE = "ALGOVERA_DATABASE"
BROKER_VARIABLE = "ALGOVERA_BROKER"


class AddressError(Exception):
    """An address cannot be used; the text is one sentence for the person who gave it."""


def database_address(given: str | None) -> str | None:
    """PostgreSQL's address; None for a file in the data folder. Raises AddressError."""
    address = _address(given, DATABASE_VARIABLE, "--database")
    if address is not None and not address.startswith(("postgresql://", "postgres://")):
        raise AddressError("The database's address must be like postgresql://USER@HOST/DATABASE.")
    return address


def broker_address(given: str | None) -> str | None:
    """Redis's address; None where this server paints alone. Raises AddressError."""
    address = _address(given, BROKER_VARIABLE, "--broker")
    if address is not None and not address.startswith(("redis://", "rediss://")):
        raise AddressError("The broker's address must be like redis://HOST:6379/0.")
    return address


def _address(given: str | None, variable: str, option: str) -> str | None:
    # Taken out: the processes that paint have no use for it.
    from_environment = os.environ.pop(variable, None)
    if given is None:
        return from_environment or None
    if given.startswith("@"):
        try:
            return Path(given[1:]).read_text("utf-8").strip()
        except (OSError, ValueError) as error:
            raise AddressError(f"The file of {option} cannot be read.") from error
    if _holds_password(given):
        raise AddressError(
            f"A password in an argument can be read by everybody on this computer: give the "
            f"address in the variable {variable}, or in a file with {option} @FILE."
        )
    return given


def _holds_password(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return True  # as far as anyone can tell
    return bool(parts.password) or "password=" in parts.query
