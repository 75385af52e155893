import pytest
from hypothesis import given
from hypothesis import strategies as st

from algovera_desktop.domain.errors import InvalidRequestError
from algovera_desktop.engines.endpoint import Endpoint, checked_address


@pytest.mark.parametrize(
    ("entered", "used"),
    [
        ("https://api.algovera.ai", "https://api.algovera.ai"),
        ("  https://API.Algovera.ai/ ", "https://api.algovera.ai"),
        ("HTTPS://studio.example:8443//", "https://studio.example:8443"),
        ("https://studio/algovera/", "https://studio/algovera"),
        ("http://127.0.0.1:8965", "http://127.0.0.1:8965"),
        ("http://[::1]:8965/", "http://[::1]:8965"),
        ("https://bücher.example", "https://bücher.example"),
    ],
)
def test_an_address_is_brought_into_one_form(entered: str, used: str) -> None:
    assert checked_address(entered) == used
    assert checked_address(used) == used


@pytest.mark.parametrize(
    "entered",
    [
        "",
        "api.algovera.ai",
        "//api.algovera.ai",
        "ftp://api.algovera.ai",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://user@studio.example",
        "https://user:hunter2@studio.example",
        "https://@studio.example",
        "https://studio.example/?api_key=hunter2",
        "https://studio.example/#hunter2",
        "https://studio.example:port",
        "https://studio.example:99999",
        "https://[::1",
        "https://studio .example",
        "https://studio\n.example",
        "https://studio.example/\x00",
    ],
)
def test_what_is_no_plain_web_address_is_refused(entered: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        checked_address(entered)
    assert caught.value.field == "address"
    assert "hunter2" not in str(caught.value)


@given(st.text())
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for entered in (text, f"https://{text}", f"https://studio.example/{text}"):
        try:
            address = checked_address(entered)
        except InvalidRequestError:
            continue
        assert checked_address(address) == address
        assert address.startswith(("http://", "https://"))


def test_an_endpoint_does_not_show_its_key() -> None:
    assert "hunter2" not in repr(Endpoint("https://studio.example", "hunter2"))
