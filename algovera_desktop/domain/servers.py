"""The places that pictures are asked of."""

import ipaddress
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

LOCAL_SERVER_ID = "local"
HOSTED_ADDRESS = "https://api.algovera.ai"

MOST_AT_ONCE = 1000
_AT_ONCE_LOCAL = 1
_AT_ONCE_ELSEWHERE = 3


class ServerState(Enum):
    """How a server is, as far as the program knows. ``STOPPED`` is this computer's own server
    that would not stay up."""

    STARTING = "starting"
    READY = "ready"
    UNREACHABLE = "unreachable"
    KEY_REFUSED = "key_refused"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """One server as the user entered it. Its key lives in the keyring under ``id``.

    ``address`` is a base URL without a path to an endpoint; ``""`` for this computer, whose
    port changes at each start. ``allow_plain_http`` is the user's explicit yes to sending the
    key unencrypted beyond this computer. ``at_once`` is how many pictures the user wants made
    there at the same time, 1 to ``MOST_AT_ONCE``; None leaves it to the program.
    """

    id: str
    name: str
    address: str = ""
    allow_plain_http: bool = False
    at_once: int | None = None

    @property
    def is_local(self) -> bool:
        return self.id == LOCAL_SERVER_ID

    @property
    def effective_at_once(self) -> int:
        """How many pictures are made there at once: the user's number, or the program's own. This
        computer paints one after the other; elsewhere a few keep the way there busy."""
        if self.at_once is not None:
            return self.at_once
        return _AT_ONCE_LOCAL if self.is_local else _AT_ONCE_ELSEWHERE


def is_loopback(address: str) -> bool:
    """Whether a URL names this computer by a loopback address or as ``localhost``."""
    host = (urlsplit(address).hostname or "").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_same_host(address: str, other: str) -> bool:
    """Whether two URLs lead to the same host and port, however they are encrypted."""
    one, two = urlsplit(address), urlsplit(other)
    return (one.hostname, one.port) == (two.hostname, two.port)


def needs_plain_http_consent(address: str) -> bool:
    """Whether using this address would send the key unencrypted over a network."""
    return urlsplit(address).scheme.lower() == "http" and not is_loopback(address)
