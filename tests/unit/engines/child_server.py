"""A child that speaks the local server's handshake and then behaves as its first argument says.

Its second argument is a folder, where it leaves what a test wants to look at. It ends when its
standard input does.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path


def answers(folder: Path, key: str) -> None:
    print(json.dumps({"port": 1024 + os.getpid() % 60_000}), flush=True)


def refuses(folder: Path, key: str) -> None:
    print(f"cannot work with {key}", file=sys.stderr, flush=True)
    sys.exit(3)


def babbles(folder: Path, key: str) -> None:
    print("Hello! Where am I?", flush=True)


def is_silent(folder: Path, key: str) -> None:
    """Never says its port."""


def chatters(folder: Path, key: str) -> None:
    answers(folder, key)
    for number in range(5000):
        print(f"line {number} to stdout")
        print(f"line {number} to stderr", file=sys.stderr)
    print(f"my key is {key}", file=sys.stderr, flush=True)


def has_a_worker(folder: Path, key: str) -> None:
    """Starts a process that would outlive it and holds its pipes."""
    worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
    (folder / "worker").write_text(str(worker.pid))
    answers(folder, key)


def dies_at_first(folder: Path, key: str) -> None:
    """Answers and ends by itself, twice; lives from the third start on."""
    answers(folder, key)
    if len(list(folder.glob("key-*"))) < 3:
        print("out of paint", file=sys.stderr, flush=True)
        sys.exit(7)


def is_stubborn(folder: Path, key: str) -> None:
    """Ends neither with its standard input nor by SIGTERM."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    answers(folder, key)
    time.sleep(3600)


BEHAVIOURS: dict[str, Callable[[Path, str], None]] = {
    behave.__name__: behave
    for behave in (
        answers,
        refuses,
        babbles,
        is_silent,
        chatters,
        has_a_worker,
        dies_at_first,
        is_stubborn,
    )
}


def main() -> None:
    behave, folder = BEHAVIOURS[sys.argv[1]], Path(sys.argv[2])
    key = json.loads(sys.stdin.readline())["key"]
    (folder / f"key-{os.getpid()}").write_text(key)
    behave(folder, key)
    sys.stdin.read()


if __name__ == "__main__":
    main()
