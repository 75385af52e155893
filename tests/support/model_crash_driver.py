"""Kills programs that work on models before each step that changes the disk, one after the other.

``python -m support.model_crash_driver FOLDER MIRROR SCENARIO`` works in a fresh data folder each
time: a process does what the scenario says and is killed before its first step, the next one
before its second … until one comes to its end. After each death a program that goes on must
find nothing half done, and bring it to the same end. Prints how many died; fails in words.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.server.models.catalogue import OWN_CATALOGUE, read_catalogue
from algovera_desktop.server.models.file_fetch import matches
from algovera_desktop.server.models.manifest import read_manifest
from algovera_desktop.server.models.places import ModelsFolder
from algovera_desktop.server.models.store import ModelStore
from algovera_desktop.server.models.views import ModelState
from support.model_mirror import NAME, catalogue_of
from support.model_room import IMPATIENT

WEIGHTS = "unet/weights.safetensors"


def main(folder: Path, mirror: str, scenario: str) -> None:
    deaths = 0
    while _dies(folder / str(deaths), mirror, scenario, deaths + 1):
        deaths += 1
    print(deaths)


def _dies(data_dir: Path, mirror: str, scenario: str, at: int) -> bool:
    """One life up to that step, and what comes after; whether there was such a step."""
    in_process(lambda: _prepare(data_dir, mirror, scenario))
    died = in_process(lambda: _act(data_dir, scenario, die_at=at)) == -signal.SIGKILL
    _require_honest(data_dir)
    in_process(lambda: _act(data_dir, scenario))
    _require_honest(data_dir)
    _require_end(data_dir, scenario)
    return died


def in_process(action: Callable[[], None]) -> int:
    """Do it in a process of its own, and return how that ended."""
    child = os.fork()
    if child == 0:
        try:
            action()
            os._exit(0)
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
            os._exit(1)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status not in (0, -signal.SIGKILL):
        raise SystemExit(f"a process ended with {status}")
    return status


def _store(data_dir: Path) -> ModelStore:
    folder = data_dir / "models"
    return ModelStore(folder, read_catalogue(folder / OWN_CATALOGUE), IMPATIENT)


def _prepare(data_dir: Path, mirror: str, scenario: str) -> None:
    folder = data_dir / "models"
    folder.mkdir(parents=True)
    (folder / OWN_CATALOGUE).write_text(catalogue_of(NAME))
    store = _store(data_dir)
    store.set_mirror(mirror)
    if scenario != "pull":
        store.pull(NAME, licence_accepted=True)
        store.wait(NAME)
    if scenario == "verify":
        damaged = ModelsFolder(folder).place_of(NAME).files / WEIGHTS
        damaged.write_bytes(b"\0" + damaged.read_bytes()[1:])


def _act(data_dir: Path, scenario: str, die_at: int | None = None) -> None:
    store = _store(data_dir)
    if die_at is not None:
        _die_before_step(die_at)
    store.go_on()
    store.wait(NAME)
    is_installed = store.view(NAME).state is ModelState.INSTALLED
    if scenario == "pull" and not is_installed:
        store.pull(NAME, licence_accepted=True)
    elif scenario == "verify":
        store.verify(NAME)
    elif scenario == "remove" and is_installed:
        store.remove(NAME)
    store.wait(NAME)


def _die_before_step(number: int) -> None:
    """Have this process killed before the step of that number that changes the disk."""
    steps = 0

    def counted(step: Callable[..., Any]) -> Callable[..., Any]:
        def act(*arguments: Any, **named: Any) -> Any:
            nonlocal steps
            steps += 1
            if steps == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return step(*arguments, **named)

        return act

    for owner, name in (
        (os, "fsync"),
        (Path, "replace"),
        (Path, "rename"),
        (Path, "unlink"),
        (Path, "mkdir"),
        (shutil, "rmtree"),
    ):
        setattr(owner, name, counted(getattr(owner, name)))


def _require_honest(data_dir: Path) -> None:
    """What counts as installed is whole."""
    folder = ModelsFolder(data_dir / "models")
    place = folder.place_of(NAME)
    manifest = read_manifest(place)
    if not place.note.exists() or _was_damaged_before(data_dir):
        return
    if manifest is None:
        raise SystemExit("installed, and nothing known of where from")
    for file in manifest.files:
        if not matches(place.files / file.path, file, CancelToken()):
            raise SystemExit(f"installed without {file.path}")


def _was_damaged_before(data_dir: Path) -> bool:
    """The scenario's own damage, which is not found before it is looked for."""
    damaged = ModelsFolder(data_dir / "models").place_of(NAME).files / WEIGHTS
    return damaged.exists() and damaged.read_bytes()[:1] == b"\0"


def _require_end(data_dir: Path, scenario: str) -> None:
    place = ModelsFolder(data_dir / "models").place_of(NAME)
    if place.note.exists() is (scenario == "remove") or _was_damaged_before(data_dir):
        raise SystemExit(f"{scenario} did not come to its end")
    left = [
        p for p in (data_dir / "models").rglob("*") if ".leaving" in p.name or p.suffix == ".part"
    ]
    if left:
        raise SystemExit(f"left behind: {left}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
