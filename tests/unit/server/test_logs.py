"""No key gets into the server's log, however it came into a message; nor a prompt into JSON."""

import json
import logging
import sys

import pytest

from algovera_desktop.server.logs import JsonFormatter, RedactingFormatter

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


def as_json(message: str, *arguments: object, **more: object) -> dict[str, object]:
    record = logging.LogRecord("x", logging.ERROR, "", 0, message, arguments, None)
    for name, value in more.items():
        setattr(record, name, value)
    line = JsonFormatter().format(record)
    assert "\n" not in line
    return json.loads(line)


def test_a_json_line_holds_time_level_logger_message_and_fields() -> None:
    line = as_json("job %s", "1", fields={"status": 201, "owner": None}, created=1.5)
    assert line == {
        "time": "1970-01-01T00:00:01.500+00:00",
        "level": "ERROR",
        "logger": "x",
        "message": "job 1",
        "status": 201,
        "owner": None,
    }


def test_a_json_line_holds_no_key_and_no_further_lines() -> None:
    line = as_json(f"refused api_key={KEY}\nfuture: ValueError('a cat in a hat')")
    text = str(line["message"])
    assert text.startswith("refused api_key=[")
    assert KEY not in text
    assert "cat" not in text


def test_of_an_exception_json_tells_the_kind_and_the_place_only() -> None:
    def paint() -> None:
        raise ValueError("a cat in a hat")

    try:
        paint()
    except ValueError:
        line = as_json("oops", exc_info=sys.exc_info())
    assert line["error"] == "ValueError"
    *_, (file, _, function) = (str(each).replace(":", " ").split() for each in line["where"])  # type: ignore[attr-defined]
    assert (file, function) == ("test_logs.py", "paint")
    assert "cat" not in json.dumps(line)
