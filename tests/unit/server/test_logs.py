"""No key gets into the server's log, however it came into a message."""

import logging
import sys

import pytest

from algovera_desktop.server.logs import RedactingFormatter

KEY = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    "message",
    [
        f"GET /api/status?job_uuid=1&api_key={KEY} HTTP/1.1",
        f"GET /api/status?api_key={KEY.upper()}&wait=1",
        "api_key=not-even-a-key&job_uuid=1",
        f"{{'api_key': '{KEY}', 'prompt': 'a cat'}}",
        f"key {KEY} refused",
    ],
)
def test_a_key_is_taken_out_of_a_message(message: str) -> None:
    record = logging.LogRecord("x", logging.ERROR, "", 0, "%s", (message,), None)
    text = RedactingFormatter("%(message)s").format(record)
    assert "[key]" in text
    for secret in (KEY, KEY.upper(), "not-even-a-key"):
        assert secret not in text


def test_a_key_is_taken_out_of_a_traceback() -> None:
    try:
        raise ValueError(f"api_key='{KEY}'")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "oops", (), sys.exc_info())
    text = RedactingFormatter().format(record)
    assert "ValueError" in text
    assert KEY not in text


def test_a_jobs_id_stays_readable() -> None:
    record = logging.LogRecord("x", logging.ERROR, "", 0, f"job {KEY[:32]}", (), None)
    assert RedactingFormatter("%(message)s").format(record) == f"job {KEY[:32]}"
