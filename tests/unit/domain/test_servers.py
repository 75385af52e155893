"""Which addresses are this computer, and which would show a key to the network."""

import pytest

from algovera_desktop.domain.servers import is_loopback, needs_plain_http_consent


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:8965",
        "http://127.8.8.8",
        "http://localhost:80/x",
        "http://LOCALHOST",
        "http://[::1]:8965",
        "http://studio.localhost",
    ],
)
def test_a_loopback_address_needs_no_consent(address: str) -> None:
    assert is_loopback(address)
    assert not needs_plain_http_consent(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://10.0.0.2",
        "http://studio",
        "http://127.0.0.1.example",
        "http://localhost.example",
        "HTTP://0.0.0.0",
        "http://[::2]",
    ],
)
def test_any_other_plain_address_needs_consent(address: str) -> None:
    assert not is_loopback(address)
    assert needs_plain_http_consent(address)


def test_an_encrypted_address_needs_no_consent() -> None:
    assert not needs_plain_http_consent("https://api.algovera.ai")
