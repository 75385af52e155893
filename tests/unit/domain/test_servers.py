"""Which addresses are this computer, which would show a key, and how many pictures at once."""

import pytest

from algovera_desktop.domain.servers import (
    LOCAL_SERVER_ID,
    ServerConfig,
    is_loopback,
    needs_plain_http_consent,
)


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


def test_by_itself_this_computer_makes_one_picture_at_once_and_others_three() -> None:
    assert ServerConfig(LOCAL_SERVER_ID, "This computer").effective_at_once == 1
    assert ServerConfig("a1", "Studio").effective_at_once == 3


@pytest.mark.parametrize("server_id", [LOCAL_SERVER_ID, "a1"])
def test_the_users_number_at_once_holds(server_id: str) -> None:
    assert ServerConfig(server_id, "x", at_once=1).effective_at_once == 1
    assert ServerConfig(server_id, "x", at_once=1000).effective_at_once == 1000
