import logging
import re

import pytest

from algovera_desktop.services.logs import LogFile, redact
from support.full_disk import fill, make_room, small_disk_at
from support.waiting import wait_until


@pytest.mark.allows_log("failed with")
def test_a_key_never_reaches_the_file_even_in_a_traceback(tmp_path, capsys):
    key = "0123456789abcdef" * 4
    log = LogFile(tmp_path)
    try:
        raise ValueError(f"GET /api/status?job_uuid=1&api_key={key}")
    except ValueError:
        logging.getLogger("x").exception("failed with %s", key)
    log.close()
    text = (tmp_path / "algovera-desktop.log").read_text(encoding="utf-8")
    assert "ValueError" in text
    assert key not in text
    assert key not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("api_key=abc&x=1", "api_key=[secret]&x=1"),
        ("Authorization: Bearer sk-123", "Authorization: Bearer [secret]"),
        ("a" * 63, "a" * 63),
        ("job 0f" + "1" * 30, "job 0f" + "1" * 30),
        (
            "/p/2026-11/2026-11-22 143005 a fox 3f2a9c1d5e70.png.xmp: no room",
            "/p/2026-11/[picture 3f2a9c1d5e70].png.xmp: no room",
        ),
        (r"C:\\p\\my secret idea.JPG is passed over", r"C:\\p\\[picture].JPG is passed over"),
        ("/p/library.sqlite3: disk I/O error", "/p/library.sqlite3: disk I/O error"),
    ],
)
def test_redaction_masks_keys_and_leaves_the_rest(text, masked):
    assert redact(text) == masked


def test_the_values_of_a_message_are_marked_and_only_records_begin_lines(tmp_path):
    log = LogFile(tmp_path)
    logging.getLogger("x").info("%d of %s are called %s now", 3, "a\nb⟩", "a fox.png.xmp.broken")
    log.close()
    (first, second) = (tmp_path / "algovera-desktop.log").read_text("utf-8").splitlines()
    assert first.endswith("x [MainThread] 3 of ⟨a")
    assert second == "  b>⟩ are called ⟨[picture].png.xmp.broken⟩ now"


def test_the_log_is_bounded(tmp_path, capsys):
    log = LogFile(tmp_path)
    for _ in range(8000):
        logging.getLogger("x").info("y" * 1000)
    log.close()
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 4_600_000


def test_a_record_of_any_size_takes_little_room(tmp_path, capsys):
    log = LogFile(tmp_path)
    logger = logging.getLogger("algovera_desktop.x")
    answer = "no picture " * 50_000
    logger.info("answered %s to %s", answer, answer)
    logger.info(answer)
    logger.info("failed", exc_info=ValueError(answer))
    log.close()
    text = (tmp_path / "algovera-desktop.log").read_text("utf-8")
    assert len(text) < 40_000
    assert re.search(r"answered ⟨[^⟨⟩]+ …⟩ to ⟨[^⟨⟩]+ …⟩\n", text)
    assert "ValueError: no picture no picture" in text


@pytest.mark.allows_log("still heard")
def test_a_folder_that_cannot_be_made_is_said_and_survived(tmp_path, capsys):
    (tmp_path / "file").write_text("", encoding="utf-8")
    log = LogFile(tmp_path / "file" / "logs")
    logging.getLogger("x").warning("still heard")
    log.close()
    heard = capsys.readouterr().err
    assert "no log file" in heard
    assert "still heard" in heard


@pytest.mark.allows_log("at")
def test_a_full_disk_puts_no_secret_on_the_console_and_the_log_goes_on_afterwards(tmp_path, capsys):
    key = "0123456789abcdef" * 4
    said: list[str] = []

    def heard() -> str:
        said.append(capsys.readouterr().err)
        return "".join(said)

    with small_disk_at(tmp_path / "disk") as folder:
        log = LogFile(folder)
        fill(folder)
        for number in range(300):
            logging.getLogger("x").warning("%d at %s %s", number, key, "y" * 100)
        wait_until(lambda: "299 at" in heard(), lambda: "the last warning", 10)
        assert key not in heard()
        assert "Logging error" not in heard()
        make_room(folder)
        logging.getLogger("x").warning("at last")
        log.close()
        assert "at last" in (folder / "algovera-desktop.log").read_text("utf-8")


@pytest.mark.allows_log("line")
def test_the_program_ends_well_though_the_last_lines_have_no_room(tmp_path, capsys):
    with small_disk_at(tmp_path / "disk") as folder:
        log = LogFile(folder)
        fill(folder)
        for number in range(1000):
            logging.getLogger("full").warning("line %s", number)
        log.close()
    assert "line 999" in capsys.readouterr().err
