"""Where an engine is, and what address may be used at all. Imports nothing heavy."""

from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit, urlunsplit

from algovera_desktop.domain.errors import InvalidRequestError


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server's base address and the key for it, as they are at this moment.

    ``key`` is None where none was entered. ``allow_plain_http`` is the user's explicit yes to
    sending the key unencrypted beyond this computer.
    """

    address: str
    key: str | None = field(default=None, repr=False)
    allow_plain_http: bool = False


def checked_address(address: str) -> str:
    """A base URL in the form that calls are appended to: no slash at the end, host in lower case.

    A path is kept, for servers behind one (``https://studio/algovera``). Raises
    InvalidRequestError, with field ``address``, for anything that is not a plain http or https
    address; user info, query and fragment are refused because they would hold secrets.
    """
    text = address.strip()
    if not text.isprintable() or any(character.isspace() for character in text):
        raise InvalidRequestError("address", "must not hold spaces", "")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = SplitResult("", "", "", "", ""), None, None
    if parts.scheme not in ("http", "https") or not host:
        raise InvalidRequestError("address", "must look like https://host", host or "")
    if "@" in parts.netloc or parts.query or parts.fragment:
        limit = "must be without a user name, password, question mark or hash"
        raise InvalidRequestError("address", limit, host)
    return urlunsplit((parts.scheme, _netloc(host, port), parts.path.rstrip("/"), "", ""))


def _netloc(host: str, port: int | None) -> str:
    bracketed = f"[{host}]" if ":" in host else host
    return bracketed if port is None else f"{bracketed}:{port}"
