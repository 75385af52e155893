"""The server that comes with the program, as a studio starts it."""

import re
from collections.abc import Iterator
from urllib.request import ProxyHandler, build_opener

import pytest

from support.chroot import Chroot
from support.desktop import DesktopSession
from support.installed import HOME


@pytest.fixture
def address(desktop: DesktopSession, installed: Chroot) -> Iterator[str]:
    """Where an installed server answers."""
    command = installed.command("algovera-server", "--port", "0")
    server = desktop.start_app(command, installed.environment(HOME))
    server.wait_for(lambda: "Serving at" in server.output, "its address")
    (found,) = re.findall(r"Serving at (http://\S+) ", server.output)
    yield found
    server.process.terminate()
    assert server.wait_for_exit() == 0, server.output


@pytest.mark.parametrize("page", ["/", "/docs"])
def test_a_page_and_all_that_it_is_made_of_are_there(address: str, page: str) -> None:
    html = read(address + page).decode()
    parts = re.findall(r'"(/static/[^"]+)"', html)
    assert any(part.endswith(".js") for part in parts)
    assert all(read(address + part) for part in parts)


def read(address: str) -> bytes:
    """What is there; raises HTTPError where the answer is an error."""
    with build_opener(ProxyHandler({})).open(address, timeout=30) as answer:
        return answer.read()
