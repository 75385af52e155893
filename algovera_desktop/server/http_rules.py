"""How clients reach the server, and how it leaves them."""

from dataclasses import dataclass

from algovera_desktop.server.tls import TlsFiles


@dataclass(frozen=True, slots=True)
class HttpRules:
    """``proxies`` are the addresses and networks whose word on who asks is taken; ``drain_s``:
    for how long the first signal to end lets go on what is being painted."""

    tls: TlsFiles | None = None
    proxies: tuple[str, ...] = ()
    drain_s: float = 0.0
