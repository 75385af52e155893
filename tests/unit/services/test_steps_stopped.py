"""A step that is stopped: by the user who cancels its job, or by the program's end."""

from collections.abc import Callable, Iterator

import pytest

from algovera_desktop.domain.errors import (
    JobCancelledError,
)
from algovera_desktop.domain.images import LibraryQuery
from algovera_desktop.domain.jobs import Job, JobState
from algovera_desktop.engines.algovera import AlgoveraEngine
from algovera_desktop.engines.endpoint import Endpoint
from algovera_desktop.engines.http import Patience as HttpPatience
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.store import Library
from algovera_desktop.services.outcomes import (
    Ended,
    Interrupted,
)
from algovera_desktop.services.queue import JobQueue
from support.http_server import (
    Behaviour,
    Conversation,
    captive_portal,
    hangs_up,
    silent,
)
from support.step_studio import (
    ACCEPTED,
    KEY,
    PICTURE,
    REMOTE_ID,
    Studio,
    open_studio,
    png,
    status,
)


@pytest.fixture
def studio(queue: JobQueue, library: Library, files: PictureFiles) -> Iterator[Studio]:
    with open_studio(queue, library, files) as studio:
        yield studio


def at_request(studio: Studio, path: str, act: Callable[[], object], answer: Behaviour) -> None:
    """Script ``path`` so that ``act`` is done when the request has arrived."""

    def behave(talk: Conversation) -> None:
        act()
        answer(talk)

    studio.server.on(path, behave)


def cancel(studio: Studio, job: Job) -> None:
    """As the user does: in the queue first, then what is under way."""
    studio.queue.cancel([job.id])
    studio.driver.token.cancel()


@pytest.mark.parametrize("path", ["/api/txt2img", "/api/status", "/api/getAsset"])
def test_a_job_that_the_user_cancels_ends_here_and_at_its_server(studio: Studio, path: str) -> None:
    answers = {"/api/txt2img": ACCEPTED, "/api/status": silent, "/api/getAsset": silent}
    job = studio.add()
    at_request(studio, path, lambda: cancel(studio, job), answers[path])
    studio.driver.pass_time()
    assert studio.job(job).state is JobState.CANCELLED
    (ended,) = studio.outcomes(Ended)
    assert isinstance(ended, Ended)
    assert isinstance(ended.error, JobCancelledError)
    (asked,) = studio.server.to("/api/cancel")
    assert asked.json()["job_uuid"] == REMOTE_ID
    assert studio.pictures == []


def test_a_job_that_is_cancelled_between_two_steps_ends_at_its_server(studio: Studio) -> None:
    studio.server.on("/api/status", status("created"))
    job = studio.add()
    studio.driver.pass_time(2.0)
    studio.driver.schedule.put(studio.queue.cancel([job.id]))
    studio.driver.pass_time()
    (asked,) = studio.server.to("/api/cancel")
    assert asked.json()["job_uuid"] == REMOTE_ID


def test_a_failed_job_that_is_dismissed_is_let_alone_at_its_server(studio: Studio) -> None:
    studio.server.on("/api/status", captive_portal())
    job = studio.add()
    studio.driver.pass_time(until=JobState.FAILED)
    studio.driver.schedule.put(studio.queue.cancel([job.id]))
    studio.driver.pass_time()
    assert studio.server.to("/api/cancel") == []


def test_a_picture_that_arrives_after_the_user_cancelled_is_not_kept(studio: Studio) -> None:
    job = studio.add()
    at_request(studio, "/api/getAsset", lambda: studio.queue.cancel([job.id]), PICTURE)
    studio.driver.pass_time()
    assert studio.job(job).state is JobState.CANCELLED
    assert studio.pictures == []
    assert studio.library.count(LibraryQuery()) == 0


def test_the_stored_picture_of_a_job_that_is_cancelled_before_its_record_goes(
    studio: Studio,
) -> None:
    job = studio.fetching()
    studio.files.save(png(), "image/png", job)
    studio.start_again()
    studio.driver.schedule.put(studio.queue.cancel([job.id]))
    studio.driver.pass_time()
    assert studio.pictures == []


def test_cancelling_ends_here_even_where_the_server_offers_no_such_thing(studio: Studio) -> None:
    studio.server.on("/api/cancel", hangs_up)
    job = studio.add()
    at_request(studio, "/api/status", lambda: cancel(studio, job), silent)
    studio.driver.pass_time()
    assert studio.job(job).state is JobState.CANCELLED
    assert len(studio.server.to("/api/cancel")) == 1


def test_a_server_that_is_silent_about_a_cancel_holds_nobody_up(studio: Studio) -> None:
    slow = HttpPatience(read_s=3600, json_s=3600)
    studio.engine = AlgoveraEngine(lambda: Endpoint(studio.server.address, KEY), patience=slow)
    studio.start_again()
    studio.server.on("/api/cancel", silent)
    job = studio.add()
    at_request(studio, "/api/status", lambda: cancel(studio, job), silent)
    studio.driver.pass_time()
    assert len(studio.server.to("/api/cancel")) == 1
    studio.engine.close()


@pytest.mark.parametrize(
    ("path", "answer", "left"),
    [
        ("/api/txt2img", ACCEPTED, JobState.RUNNING),
        ("/api/txt2img", silent, JobState.UNKNOWN),
        ("/api/status", silent, JobState.RUNNING),
        ("/api/getAsset", silent, JobState.FETCHING),
    ],
)
def test_a_program_that_ends_leaves_its_job_to_be_taken_up_again(
    studio: Studio, path: str, answer: Behaviour, left: JobState
) -> None:
    job = studio.add()
    at_request(studio, path, studio.driver.token.cancel, answer)
    while not studio.driver.token.cancelled and studio.driver.take_steps():
        studio.driver.now_s += 2.0
    assert studio.job(job).state is left
    assert studio.server.to("/api/cancel") == []
    assert studio.posts == 1
    if left is not JobState.UNKNOWN:
        studio.server.on(path, {"/api/status": status("done")}.get(path, PICTURE))
        studio.start_again().pass_time()
        assert studio.job(job).state is JobState.DONE


def test_a_program_that_ends_before_the_post_puts_the_job_back(studio: Studio) -> None:
    job = studio.add()
    studio.driver.token.cancel()
    studio.driver.take_steps()
    assert studio.job(job).state is JobState.WAITING
    assert [type(outcome) for _, outcome in studio.driver.outcomes] == [Interrupted]
    assert studio.posts == 0
