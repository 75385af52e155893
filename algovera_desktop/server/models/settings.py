"""Where models are downloaded from, kept in the models' folder for every program that uses it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from algovera_desktop.server.models.durable import in_words, write_whole
from algovera_desktop.server.models.errors import AddressRefusedError
from algovera_desktop.server.models.places import ModelsFolder

HUB_ADDRESS = "https://huggingface.co"


@dataclass(frozen=True, slots=True)
class _Settings:
    mirror: str = ""


_SETTINGS = TypeAdapter(_Settings)


def hub_address(folder: ModelsFolder) -> str:
    """The mirror's address that was set, else the Hub's."""
    try:
        return _SETTINGS.validate_json(folder.settings.read_bytes()).mirror or HUB_ADDRESS
    except (OSError, ValidationError):
        return HUB_ADDRESS


def set_mirror(folder: ModelsFolder, address: str) -> None:
    """Download from this mirror from the next download on; "" goes back to the Hub.

    Raises AddressRefusedError or DownloadError.
    """
    mirror = _checked_address(address) if address.strip() else ""
    try:
        folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(folder.settings, _SETTINGS.dump_json(_Settings(mirror)))
    except OSError as error:
        raise in_words(error, folder.settings) from error


def _checked_address(address: str) -> str:
    """A mirror's base address without a slash at its end; raises AddressRefusedError."""
    try:
        parts = urlsplit(address.strip())
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError as error:
        raise AddressRefusedError("The address makes no sense.") from error
    if not sound:
        raise AddressRefusedError("The address must begin with https:// or http:// and a host.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise AddressRefusedError("The address must hold no name, password, ? or #.")
    return address.strip().rstrip("/")
