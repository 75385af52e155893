"""What a running job has painted so far, from a real server into the gallery's tile."""

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QColor, QImage

from algovera_desktop.ui.job_previews import JobPreviews
from algovera_desktop.ui.models.gallery_model import GalleryModel
from algovera_desktop.ui.models.gallery_rows import JobTile
from support.algovera_server import TRIAL, ServerProcess, running_server
from support.job_stage import JobStage, job_stage
from support.plain_search import PlainSearch


@pytest.fixture
def server(tmp_path) -> Iterator[ServerProcess]:
    with running_server(tmp_path / "server", *TRIAL) as server:
        yield server


@pytest.fixture
def stage(qapp, tmp_path) -> Iterator[JobStage]:
    with job_stage(tmp_path) as stage:
        yield stage


@pytest.fixture
def gallery(stage) -> GalleryModel:
    """Joined to the jobs as the program joins it."""
    model = GalleryModel(PlainSearch(0), stage.tasks)
    previews = JobPreviews(stage.jobs, stage.engines, stage.tasks, stage.jobs)
    previews.arrived.connect(model.update_preview)
    stage.jobs.jobs_added.connect(model.add_jobs)
    stage.jobs.jobs_changed.connect(model.update_jobs)
    stage.jobs.jobs_removed.connect(model.remove_jobs)
    return model


def preview(gallery: GalleryModel) -> QImage | None:
    """What the first tile shows."""
    tile = gallery.tile(0) if gallery.rowCount() else None
    return tile.preview if isinstance(tile, JobTile) else None


def wait_until(qtbot, holds) -> None:
    qtbot.waitUntil(lambda: bool(holds()), timeout=20_000)


def test_a_tile_shows_what_its_job_has_painted_so_far(qtbot, stage, server, gallery):
    stage.serve_at(server.address)
    stage.submit("hold")  # with seed 0: red 0, green 99, blue 33
    wait_until(qtbot, lambda: preview(gallery))
    shown = preview(gallery)
    assert max(shown.width(), shown.height()) == 256
    colour = QColor(shown.pixel(128, 128))
    told = (colour.red(), colour.green(), colour.blue())
    assert all(abs(a - b) <= 3 for a, b in zip(told, (0, 99, 33), strict=True))
    wait_until(qtbot, lambda: preview(gallery) is not shown)  # and the next one

    server.gate.touch()
    wait_until(qtbot, lambda: len(stage.completed) == 1)


def test_a_cancelled_job_takes_its_preview_with_it(qtbot, stage, server, gallery):
    stage.serve_at(server.address)
    stage.submit("hold")
    wait_until(qtbot, lambda: preview(gallery))
    (job,) = stage.jobs.jobs.values()
    stage.cancel(job.id)
    wait_until(qtbot, lambda: gallery.rowCount() == 0)
    assert stage.removed == [job.id]
