"""What the painting process says is kept, but never more than 5 MB of it."""

import subprocess
import sys
from pathlib import Path

import pytest

from algovera_desktop.server.worker_log import WorkerLogError, worker_log

MOST_BYTES = 5_000_000
TALKS = "import sys\nfor n in range({lines}):\n    print(f'{{n:07}} ' + 'x' * 91, file=sys.stderr)"


def let_talk(data_dir: Path, lines: int) -> None:
    with worker_log(data_dir, is_private=True) as chatter:
        command = [sys.executable, "-c", TALKS.format(lines=lines)]
        subprocess.run(command, stderr=chatter, check=True, timeout=60)


def said(file: Path) -> list[int]:
    return [int(line.split()[0]) for line in file.read_text().splitlines()]


def test_all_that_a_process_says_is_in_a_file_of_its_owner(tmp_path: Path) -> None:
    let_talk(tmp_path, 50)
    log = tmp_path / "worker.log"
    assert said(log) == list(range(50))
    assert log.stat().st_mode & 0o077 == 0


def test_it_never_takes_more_than_five_megabytes_and_keeps_what_was_said_last(
    tmp_path: Path,
) -> None:
    lines = 80_000  # 8 MB
    let_talk(tmp_path, lines)
    files = [tmp_path / "worker.old.log", tmp_path / "worker.log"]
    assert sorted(tmp_path.iterdir()) == sorted(files)
    assert sum(file.stat().st_size for file in files) <= MOST_BYTES
    kept = "".join(file.read_text() for file in files).splitlines()
    numbers = [int(line[:7]) for line in kept[1:]]  # the first may have been cut
    assert numbers == list(range(numbers[0], lines))
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)


def test_what_was_said_before_lies_beside_it(tmp_path: Path) -> None:
    let_talk(tmp_path, 3)
    let_talk(tmp_path, 2)
    assert said(tmp_path / "worker.old.log") == [0, 1, 2]
    assert said(tmp_path / "worker.log") == [0, 1]


def test_who_talks_goes_on_where_nothing_can_be_written(tmp_path: Path) -> None:
    with worker_log(tmp_path, is_private=True) as chatter:
        (tmp_path / "worker.old.log").mkdir()
        command = [sys.executable, "-c", TALKS.format(lines=40_000)]
        subprocess.run(command, stderr=chatter, check=True, timeout=60)
    assert (tmp_path / "worker.log").stat().st_size <= MOST_BYTES


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(WorkerLogError, match=r"worker\.log cannot be written"),
        worker_log(tmp_path / "file", is_private=True),
    ):
        pytest.fail("it can be used")
