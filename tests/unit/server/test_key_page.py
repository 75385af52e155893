"""Only the person at the machine, in this page, manages keys."""

import pytest
from fastapi import HTTPException, Request

from algovera_desktop.server.key_page import require_person_at_machine


def asking(peer: str | None = "127.0.0.1", **headers: str) -> None:
    """Ask for the page from this peer with these headers; raises what the guard raises."""
    sent = {"host": "localhost:8965"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    scope = {
        "type": "http",
        "client": None if peer is None else (peer, 50000),
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
    }
    require_person_at_machine(Request(scope))


@pytest.mark.parametrize("host", ["localhost:8965", "127.0.0.1:1", "127.0.0.1", "[::1]:8965"])
@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "127.8.8.8"])
def test_the_page_itself_may_ask(peer: str, host: str) -> None:
    asking(peer, host=host)
    asking(peer, host=host, origin=f"http://{host}", sec_fetch_site="same-origin")
    asking(peer, host=host, sec_fetch_site="none")


@pytest.mark.parametrize("peer", [None, "192.0.2.7", "2001:db8::1", "::ffff:192.0.2.7", ""])
def test_another_computer_may_not(peer: str | None) -> None:
    with pytest.raises(HTTPException, match="computer that serves"):
        asking(peer)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:8965",
        "localhost.evil.example",
        "192.0.2.7:8965",
        "",
        "localhost:x@evil",
        "[::1",
    ],
)
def test_a_foreign_name_for_this_machine_may_not(host: str) -> None:
    with pytest.raises(HTTPException, match="loopback address"):
        asking(host=host, origin=f"http://{host}")


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://localhost:3000",
        "http://localhost",
        "null",
        "",
        "https://localhost:8965",
        "http://127.0.0.1:8965",
    ],
)
def test_a_page_from_elsewhere_may_not(origin: str) -> None:
    with pytest.raises(HTTPException, match="Another page"):
        asking(origin=origin)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "unheard-of"])
def test_a_request_that_another_page_started_may_not(site: str) -> None:
    with pytest.raises(HTTPException, match="Another page"):
        asking(sec_fetch_site=site)


@pytest.mark.parametrize("header", ["x_forwarded_for", "forwarded", "via", "x_real_ip"])
def test_a_proxy_may_not_though_it_runs_here(header: str) -> None:
    with pytest.raises(HTTPException, match="proxy"):
        asking(**{header: "127.0.0.1"})
