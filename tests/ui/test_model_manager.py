"""The models' window over this computer's own server, which downloads from a mirror."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QToolButton

from algovera_desktop.domain.managed_models import ModelState
from algovera_desktop.domain.settings import MODEL_OFFER_CLOSED
from algovera_desktop.server.models.places import ModelsFolder
from algovera_desktop.ui.local_server_link import LocalServerLink
from support.model_desk_stage import ModelDeskStage, model_desk_stage
from support.model_mirror import ModelMirror, model_mirror, tiny_files
from support.model_room import prepare
from support.processes import marked_processes

pytestmark = pytest.mark.left_to_module

MARK = "ALGOVERA_MODELS_TEST"
BIN = "unet/openvino_model.bin"
HALF = 1_000_000
NAMES = tuple(f"model-{letter}" for letter in "abcdefgh")


@pytest.fixture(scope="module")
def one_mirror() -> Iterator[ModelMirror]:
    with model_mirror(tiny_files(3_000_000)) as mirror:
        yield mirror


@pytest.fixture
def mirror(one_mirror) -> Iterator[ModelMirror]:
    """Without what another test has left."""
    for left in (one_mirror.hold_at, one_mirror.statuses, one_mirror.requests):
        left.clear()
    one_mirror.held.clear()
    one_mirror.release.clear()
    yield one_mirror
    one_mirror.release.set()


@contextmanager
def running_link(folder: Path, mirror: ModelMirror) -> Iterator[LocalServerLink]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(MARK, str(folder))
        prepare(folder / "data", mirror, *NAMES)
        link = LocalServerLink(folder / "data")
        try:
            link.start()
            yield link
        finally:
            link.server.stop()


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def link(qapp, folder, one_mirror) -> Iterator[LocalServerLink]:
    """One server, from which each test downloads a model of its own."""
    with running_link(folder, one_mirror) as link:
        yield link


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    return count()


@pytest.fixture
def desk(qtbot, mirror, link, themes, tmp_path, numbers) -> Iterator[ModelDeskStage]:
    """With its window open at a model that is not here yet."""
    with model_desk_stage(link, tmp_path, themes, NAMES[next(numbers)]) as stage:
        stage.controller.open()
        wait_until(qtbot, lambda: stage.controller.known)
        stage.dialog.select(stage.name)
        yield stage


def wait_until(qtbot, holds) -> None:
    qtbot.waitUntil(lambda: bool(holds()), timeout=30_000)


def click(qtbot, button) -> None:
    assert button.isVisible()
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def pull(qtbot, desk) -> None:
    details = desk.dialog.details
    assert not details.pull.isEnabled()
    details.licence.setChecked(True)
    click(qtbot, details.pull)


def pull_half(qtbot, desk, mirror) -> None:
    mirror.hold_at[BIN] = HALF
    pull(qtbot, desk)
    wait_until(qtbot, lambda: mirror.held.is_set() and desk.is_in(ModelState.DOWNLOADING))


def install(qtbot, desk) -> None:
    pull(qtbot, desk)
    wait_until(qtbot, lambda: desk.is_in(ModelState.INSTALLED))


def kill_server(folder: Path) -> None:
    processes = marked_processes(MARK, str(folder))
    os.kill(next(pid for pid, command in processes.items() if "--child" in command), signal.SIGKILL)


def test_a_model_comes_after_its_licence_was_accepted_and_can_be_used(qtbot, desk, mirror):
    assert desk.row.endswith("Can be downloaded")
    pull_half(qtbot, desk, mirror)
    wait_until(qtbot, lambda: "of 4.0 MB" in desk.words)
    assert ", Downloading · " in desk.row
    mirror.release.set()
    wait_until(qtbot, lambda: desk.is_in(ModelState.INSTALLED))
    assert desk.row.endswith("Installed · 4.0 MB")
    assert desk.messages.current.text == f"{desk.model.title} is installed."
    assert desk.changes == 1
    desk.button("Use it").click()
    assert desk.used == [desk.name]


def test_a_download_is_paused_resumed_and_discarded(qtbot, desk, mirror):
    pull_half(qtbot, desk, mirror)
    details = desk.dialog.details
    click(qtbot, details.pause)
    wait_until(qtbot, lambda: desk.is_in(ModelState.PAUSED))
    assert not details.pause.isVisible()
    click(qtbot, details.resume)
    wait_until(qtbot, lambda: desk.is_in(ModelState.DOWNLOADING))
    click(qtbot, details.pause)
    wait_until(qtbot, lambda: desk.is_in(ModelState.PAUSED))
    click(qtbot, details.discard)
    wait_until(qtbot, lambda: desk.is_in(ModelState.AVAILABLE))
    assert details.pull.isVisible()
    assert desk.changes == 0


def test_a_download_under_way_is_cancelled(qtbot, desk, mirror):
    pull_half(qtbot, desk, mirror)
    click(qtbot, desk.dialog.details.cancel)
    wait_until(qtbot, lambda: desk.is_in(ModelState.AVAILABLE))


def test_a_download_that_fails_says_why_and_can_be_resumed(qtbot, desk, mirror):
    mirror.statuses[BIN] = [404]
    pull(qtbot, desk)
    wait_until(qtbot, lambda: desk.is_in(ModelState.FAILED))
    assert desk.model.reason
    assert desk.model.reason in desk.words
    click(qtbot, desk.dialog.details.resume)
    wait_until(qtbot, lambda: desk.is_in(ModelState.INSTALLED))


def test_files_are_checked_and_a_removal_is_asked_about(qtbot, desk, folder):
    install(qtbot, desk)
    file = ModelsFolder(folder / "data" / "models").place_of(desk.name).files / BIN
    whole = file.read_bytes()
    file.write_bytes(b"?" + whole[1:])
    click(qtbot, desk.dialog.details.verify)
    wait_until(qtbot, lambda: "Every file of" in desk.messages.current.text)
    assert file.read_bytes() == whole
    assert desk.changes == 3  # installed, damaged, installed

    click(qtbot, desk.dialog.details.remove)
    (question,) = desk.window.findChildren(QMessageBox)
    assert "4.0 MB" in question.informativeText()
    question.defaultButton().click()
    assert desk.is_in(ModelState.INSTALLED)
    click(qtbot, desk.dialog.details.remove)
    question = desk.window.findChildren(QMessageBox)[-1]
    next(b for b in question.buttons() if b.text() == "Remove").click()
    wait_until(qtbot, lambda: desk.is_in(ModelState.AVAILABLE))
    assert (desk.changes, file.exists()) == (4, False)


def test_a_server_that_starts_anew_goes_on_with_the_download(qtbot, link, desk, mirror, folder):
    pull_half(qtbot, desk, mirror)
    with qtbot.waitSignal(link.status_changed, timeout=30_000):
        kill_server(folder)
    assert "The server on this computer is starting…" in desk.words
    assert not desk.dialog.details.isEnabled()
    mirror.release.set()
    wait_until(qtbot, lambda: desk.is_in(ModelState.INSTALLED))
    assert desk.dialog.details.isEnabled()
    assert "starting" not in desk.words
    assert "is installed." in desk.messages.current.text


def test_a_download_goes_on_when_the_window_is_closed(qtbot, desk, mirror):
    pull_half(qtbot, desk, mirror)
    qtbot.keyClick(desk.dialog, Qt.Key.Key_Escape)
    assert not desk.dialog.isVisible()
    mirror.release.set()
    wait_until(qtbot, lambda: desk.messages.current)
    assert "is installed." in desk.messages.current.text


def test_a_refusal_is_told_in_words(qtbot, desk, tmp_path):
    desk.dialog.add_requested.emit("mine", tmp_path)
    wait_until(qtbot, lambda: "it has no model_index.json" in desk.words)
    desk.dialog.mirror_requested.emit("ftp://nowhere.test")
    wait_until(qtbot, lambda: "must begin with https://" in desk.words)
    desk.dialog.mirror_requested.emit("https://mirror.test")
    wait_until(qtbot, lambda: "must begin with https://" not in desk.words)


def test_a_model_is_offered_in_one_line_until_there_is_one_or_it_was_declined(
    qapp, qtbot, mirror, themes, tmp_path
):
    with running_link(tmp_path, mirror) as link:
        with model_desk_stage(link, tmp_path, themes, "model-a") as first:
            wait_until(qtbot, lambda: first.messages.current)
            said = first.messages.current.text
            assert ": 1.1 GB to download, about " in said
            assert said.endswith(" a picture here.")
            first.messages.findChild(QToolButton).click()
            assert first.messages.current is None
            assert first.settings.get(MODEL_OFFER_CLOSED)
        with model_desk_stage(link, tmp_path, themes, "model-a") as second:
            wait_until(qtbot, lambda: second.controller.known)
            assert second.messages.current is None
            second.settings.set(MODEL_OFFER_CLOSED, False)
            second.controller.open()
            second.dialog.select("model-a")
            install(qtbot, second)
        with model_desk_stage(link, tmp_path, themes, "model-a") as third:
            wait_until(qtbot, lambda: third.controller.known)
            assert third.messages.current is None
